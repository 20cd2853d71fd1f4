"""How well unsupported sentences are told from supported ones: the verifier beside a fuzzy matcher and plain cosine.

A data set holds sentences with the one section that each cites: faithful ones in other words, and altered ones. A
sentence is accepted or rejected; the figures are the share of altered ones that is rejected and the share of faithful
ones that is.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from scipy.stats import binomtest

from assistant.answering.verification.verifying import Acceptance, Verifier
from assistant.knowledge.index import Index
from assistant.types import LANGUAGES, Language, Passage
from eval.errors import EvalError
from eval.verification_peers import PEERS

ALL = "all"
SPLITS = ("development", "test")


class Row(BaseModel):
    """A sentence that cites one section.

    Attributes:
        id: Names it; ``+`` at its end for the faithful sentence of a pair, ``-`` for the altered one.
        language: Its language.
        section: What it cites.
        sentence: It, without marks.
        supported: Whether the section says it.
        kind: How it, or its altered twin, was altered.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    language: Language
    section: str
    sentence: str
    supported: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row.

    Attributes:
        row: It.
        accepted: Who accepted it: ``verifier`` and the names of peers.
        milliseconds: What verifying it took.
    """

    row: Row
    accepted: frozenset[str]
    milliseconds: float


def read_rows(paths: Sequence[Path]) -> tuple[Row, ...]:
    """Return the rows of files.

    Raises:
        EvalError: If a file cannot be read or a line is wrong.
    """
    try:
        lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
        return tuple(Row.model_validate_json(line) for line in lines if line.strip())
    except (OSError, ValidationError) as error:
        raise EvalError(
            f"{str(error).splitlines()[0]}; see eval/datasets/verification/README.md for the form"
        ) from error


def gather(folder: Path, out: Path) -> dict[str, int]:
    """Join what was written into data sets, one file a split, and return how many rows each has.

    Args:
        folder: For each language ``en.jsonl`` with id, split, kind and section, and ``en_out.jsonl`` with id, faithful
            and altered.
        out: Gets ``development.jsonl`` and ``test.jsonl``.

    Raises:
        EvalError: If a file is missing or not of that form.
    """
    found: dict[str, list[Row]] = {split: [] for split in SPLITS}
    try:
        for language in LANGUAGES:
            asked = {each["id"]: each for each in _lines(folder / f"{language}.jsonl")}
            written = {
                each["id"]: each for each in _lines(folder / f"{language}_out.jsonl")
            }  # the last of an id counts
            for name, each in sorted(written.items()):
                about = asked[name]
                for mark, text in (("+", each["faithful"]), ("-", each["altered"])):
                    found[about["split"]].append(
                        Row(
                            id=name + mark, language=language, section=about["section"], sentence=text.strip(),
                            supported=mark == "+", kind=about["kind"],
                        )
                    )  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        raise EvalError(f"cannot join the files in {str(folder)!r}: {type(error).__name__}: {error}") from error
    out.mkdir(parents=True, exist_ok=True)
    for split, rows in found.items():
        text = "".join(row.model_dump_json() + "\n" for row in rows)
        (out / f"{split}.jsonl").write_text(text, encoding="utf-8")
    return {split: len(rows) for split, rows in found.items()}


def versions(index: Index, section: str, language: Language) -> tuple[Passage, ...]:
    """Return the language versions of a section, the reader's first.

    Raises:
        EvalError: If the index does not hold it.
    """
    rows = [index.rows[row] for row in index.versions.get(section, ())]
    if not rows:
        raise EvalError(f"the index has no section {section!r}; run `assistant index`")
    return tuple(index.shelf.read(row)[0] for row in sorted(rows, key=lambda row: row.language != language))


def outcomes(
    rows: Sequence[Row],
    development: Sequence[Row],
    index: Index,
    progress: Callable[[int, int], None],
    model: Acceptance | None = None,
) -> list[Outcome]:
    """Return what the verifier and its peers make of rows.

    The bar of each peer is set on the development rows, where it accepts as large a share of the faithful sentences of
    a language as the verifier does.
    """
    verifier = Verifier(index, model)
    known = [] if set(development) <= set(rows) else development
    todo, judged = [*rows, *known], []
    for done, row in enumerate(todo, start=1):
        judged.append((row, *_judged(verifier, row, index)))
        progress(done, len(todo))
    bars = _bars([each for each in judged if each[0] in set(development)])
    return [
        Outcome(row, frozenset(_accepting(row, accepted, scores, bars)), milliseconds)
        for row, accepted, scores, milliseconds in judged[: len(rows)]
    ]


_Judged = tuple[Row, bool, Mapping[str, float], float]


def _judged(verifier: Verifier, row: Row, index: Index) -> tuple[bool, Mapping[str, float], float]:
    cited = [versions(index, row.section, row.language)]
    begun = time.perf_counter()
    verdict = verifier.verify(row.sentence, row.language, cited)
    milliseconds = (time.perf_counter() - begun) * 1000
    scores = {name: peer(row.sentence, row.language, cited[0], index) for name, peer in PEERS.items()}
    return verdict.supported, scores, milliseconds


def _bars(judged: Sequence[_Judged]) -> dict[tuple[str, Language], float]:
    bars = {}
    for language in LANGUAGES:
        faithful = [each for each in judged if each[0].supported and each[0].language == language]
        rejected = sum(not accepted for _, accepted, _, _ in faithful)
        for peer in PEERS:
            scores = sorted(scores[peer] for _, _, scores, _ in faithful)
            bars[peer, language] = scores[rejected] if rejected < len(scores) else 2.0
    return bars


def _accepting(
    row: Row, accepted: bool, scores: Mapping[str, float], bars: Mapping[tuple[str, Language], float]
) -> Iterator[str]:
    if accepted:
        yield "verifier"
    yield from (peer for peer, score in scores.items() if score >= bars[peer, row.language])


def table(found: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return the shares of altered and of faithful sentences that each rejects, by language and kind, as rows."""
    rows = []
    for language in (*LANGUAGES, ALL):
        own = [each for each in found if language in (each.row.language, ALL)]
        for kind in (ALL, *dict.fromkeys(each.row.kind for each in own)):
            of_kind = [each for each in own if kind in (each.row.kind, ALL)]
            for who in ("verifier", *PEERS):
                shares = {
                    name: _share([who not in each.accepted for each in of_kind if each.row.supported is supported])
                    for name, supported in (("altered_rejected", False), ("faithful_rejected", True))
                }
                rows.append({"language": language, "kind": kind, "by": who, **shares})
    return rows


def _share(rejected: Sequence[bool]) -> dict[str, Any]:
    """Return a share with its 95 % interval (Wilson)."""
    if not rejected:
        return {"value": None, "low": None, "high": None, "n": 0}
    interval = binomtest(sum(rejected), len(rejected)).proportion_ci(method="wilson")
    value = sum(rejected) / len(rejected)
    figures = {"value": value, "low": float(interval.low), "high": float(interval.high)}
    return {name: round(figure, 3) for name, figure in figures.items()} | {"n": len(rejected)}


def times(found: Sequence[Outcome]) -> dict[str, float]:
    """Return what verifying a sentence takes, in milliseconds."""
    p50, p95 = np.percentile([each.milliseconds for each in found], [50, 95])
    return {"p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}


def shown(row: Mapping[str, Any]) -> str:
    """Return a row of the table as a line."""
    shares = (
        f"{name} {share['value']:.3f} [{share['low']:.3f}, {share['high']:.3f}] n={share['n']}"
        for name, share in row.items()
        if isinstance(share, dict) and share["n"]
    )
    return f"{row['language']:<4} {row['kind']:<12} {row['by']:<9} {'  '.join(shares)}"


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
