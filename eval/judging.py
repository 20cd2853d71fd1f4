"""``judge``: what a language model says of the answers of a run; reported beside the measures, never gating.

``judged.jsonl`` gets a line for each answered case. What could not be judged has no figure, never 0, and the reason
stands beside it. Verdicts are kept by the digest of all that they rest on, so that nothing is asked twice.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.types import LANGUAGES, Language
from eval.cases import Case, digest, json_lines
from eval.errors import EvalError
from eval.measures import Passages
from eval.running import Progress, no_progress
from eval.runs import RunFolder
from eval.statistics import mean
from eval.systems import Reply
from eval.texts import statements

if TYPE_CHECKING:
    from assistant.answering.generative.writing import Mask

FILE = "judged.jsonl"
Row = dict[str, Any]


class Unjudged(EvalError):
    """An answer that the judge could not judge; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a judge is shown of a case.

    Attributes:
        id: The case.
        language: Of the question.
        cluster: Cases that rise and fall together.
        question: The question after the asker's earlier ones, without personal data.
        answer: The marked statements of the reply; those without a mark say only where quotes come from.
        contexts: The texts that it cites, whole, in the order of its marks; none if the run does not hold them all.
    """

    id: str
    language: Language
    cluster: str
    question: str
    answer: str
    contexts: tuple[str, ...]


class Judge(Protocol):
    """A language model that judges answers; safe to use from several threads at once."""

    @property
    def told(self) -> Mapping[str, Any]:
        """Who judges: ``name``, ``version``, ``embedder``, and ``prompts`` (the digest of each metric's prompts)."""
        ...

    @property
    def requests(self) -> Mapping[str, int]:
        """The metrics, and how many requests each makes for an answer."""
        ...

    def verdict(self, metric: str, asked: Answered) -> float:
        """Return the figure of an answer, the higher the better.

        Raises:
            Unjudged: If it cannot be had.
        """
        ...


class Verdicts:
    """Verdicts by the digest of what they rest on, in one file; no text is kept."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Use an open database."""
        self._database = database
        self._database.execute("CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, value REAL NOT NULL)")

    @classmethod
    @contextmanager
    def at(cls, path: Path) -> Iterator[Verdicts]:
        """Open the file, or make it.

        Raises:
            EvalError: If it holds something else.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, isolation_level=None)
        try:
            yield cls(database)
        except sqlite3.Error as error:
            raise EvalError(f"{str(path)!r} keeps no verdicts ({error}); remove it, they are asked again") from error
        finally:
            database.close()

    def get(self, key: str) -> float | None:
        """Return a verdict, or None if it is not known."""
        found = self._database.execute("SELECT value FROM verdicts WHERE key = ?", (key,)).fetchone()
        return None if found is None else float(found[0])

    def put(self, key: str, value: float) -> None:
        """Keep a verdict."""
        self._database.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?)", (key, value))


def answered(folder: RunFolder, mask: Mask) -> tuple[Answered, ...]:
    """Return what a judge is shown of the answered cases of a complete run.

    Raises:
        IncompleteRun: If not all cases were asked.
    """
    folder.require_complete()
    cases, passages = {case.id: case for case in folder.cases()}, folder.passages()
    return tuple(
        _shown(cases[name], reply, passages, mask) for name, reply in folder.replies() if reply.status == "answered"
    )


def _shown(case: Case, reply: Reply, passages: Passages, mask: Mask) -> Answered:
    question = "\n".join(mask(each, case.lang) for each in (*case.earlier, case.asked))
    answer = "\n".join(_whole(said) for said, _ in statements(reply.text))
    cited = dict.fromkeys((c.unit, c.language) for c in reply.citations)
    held = all(each in passages for each in cited)  # a judge who lacks a source would call true statements unfaithful
    contexts = tuple(passages[each].text for each in cited) if held else ()
    return Answered(case.id, case.lang, case.cluster or case.id, question, answer, contexts)


def _whole(said: str) -> str:
    """Return a statement as a sentence: its mark stood before the full stop, which the next statement begins with."""
    said = said.lstrip(" .!?…")
    return said if said.endswith((".", "!", "?", "…", ":", ";")) else f"{said}."


def judge(
    folder: RunFolder, shown: Sequence[Answered], by: Judge, known: Verdicts, *, workers: int = 1,
    progress: Progress = no_progress,
) -> dict[str, Any]:  # fmt: skip
    """Write ``judged.jsonl`` into a run folder and return its summary.

    Args:
        folder: The run.
        shown: Its answered cases.
        by: Who judges.
        known: Verdicts of earlier; new ones are added as they come, so that a judging that was killed goes on.
        workers: Answers that are judged at once.
        progress: Told how many of how many verdicts are there.

    Raises:
        EvalError: If the run answered nothing.
    """
    if not shown:
        raise EvalError(f"{str(folder.folder)!r} answered none of its cases; there is nothing to judge")
    keys = {(each.id, metric): _key(by, metric, each) for each in shown for metric in by.requests}
    found: dict[tuple[str, str], float | str] = {
        place: kept for place, key in keys.items() if (kept := known.get(key)) is not None
    }
    asks = [(each, metric) for each in shown for metric in by.requests if (each.id, metric) not in found]
    progress(len(found), len(keys))
    with ThreadPoolExecutor(workers) as pool:
        for (each, metric), value in zip(asks, pool.map(lambda ask: _verdict(by, *ask), asks), strict=True):
            found[each.id, metric] = value
            if isinstance(value, float):
                known.put(keys[each.id, metric], value)
            progress(len(found), len(keys))
    rows = [_row(each, by, {metric: found[each.id, metric] for metric in by.requests}) for each in shown]
    folder.write_lines(FILE, rows)
    return summarised(folder, rows)


def _key(by: Judge, metric: str, asked: Answered) -> str:
    told = {**by.told, "prompts": by.told["prompts"][metric]}
    return digest([[told, metric, asked.question, asked.answer, asked.contexts]])


def _verdict(by: Judge, asked: Answered, metric: str) -> float | str:
    """Return the figure, or why there is none."""
    if not asked.answer or not asked.contexts:
        return "the reply states nothing with a mark, or cites a text that the run does not hold"
    try:
        return by.verdict(metric, asked)
    except Unjudged as error:
        return str(error)


def _row(asked: Answered, by: Judge, verdicts: Mapping[str, float | str]) -> Row:
    values = {metric: value if isinstance(value, float) else None for metric, value in verdicts.items()}
    reasons = {metric: value for metric, value in verdicts.items() if isinstance(value, str)}
    return {"id": asked.id, "lang": asked.language, "cluster": asked.cluster, "metrics": values, "unjudged": reasons,
            "judge": dict(by.told)}  # fmt: skip


def judged_rows(folder: RunFolder) -> list[Row]:
    """Return the lines of ``judged.jsonl``; none if the run was not judged."""
    path = folder.folder / FILE
    return [data for _, data in json_lines(path)] if path.is_file() else []


def label(rows: Sequence[Row]) -> str:
    """Return who judged, in words that stand at every figure of theirs."""
    told = rows[0]["judge"]
    return f"judged by {told['name']} ({told['version']}), not gating"


def summary(folder: RunFolder) -> dict[str, Any] | None:
    """Return what the judge said of a run; None if it was not judged."""
    rows = judged_rows(folder)
    return summarised(folder, rows) if rows else None


def summarised(folder: RunFolder, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the figures of all rows and of each language, with their intervals, and why others have none."""
    parts = {"all": list(rows)} | {name: own for name in LANGUAGES if (own := [r for r in rows if r["lang"] == name])}
    reasons = Counter((metric, why) for row in rows for metric, why in row["unjudged"].items())
    return {
        "run": folder.name,
        "label": label(rows),
        "judge": rows[0]["judge"],
        "n": len(rows),
        "slices": {name: _figures(own) for name, own in parts.items()},
        "unjudged": [{"metric": m, "reason": why, "n": count} for (m, why), count in sorted(reasons.items())],
    }


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the figure of each metric that has one in these rows."""
    found = {}
    for name in rows[0]["metrics"]:
        own = [row for row in rows if row["metrics"][name] is not None]
        if figure := mean([row["metrics"][name] for row in own], [row["cluster"] for row in own]):
            found[name] = figure.as_dict()
    return found
