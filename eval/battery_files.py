"""Public question sets on disk, and the same texts as documents that the assistant reads.

A folder holds ``corpus.jsonl`` (``_id``, ``title``, ``text``, ``lang``), ``cases.jsonl`` and ``qrels.tsv``. A work
folder holds, per set, ``docs`` (one Markdown file per text, ``p00000.md`` on) and ``data`` (the index).
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.documents import Workplace, document_id, write_documents

SEED = 20240607
"""Of every sample that the measuring commands draw."""

Case = dict[str, Any]


class BatteryError(Exception):
    """A folder is no question set, or the assistant did not answer; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Battery:
    """One question set.

    Attributes:
        name: Name of its folder.
        corpus: The texts, in the order of the file.
        cases: The questions, in the order of the file.
        qrels: Relevance of corpus ids by case id; a case without any is not ranked.
    """

    name: str
    corpus: tuple[dict[str, Any], ...]
    cases: tuple[Case, ...]
    qrels: dict[str, dict[str, int]]

    @property
    def ids(self) -> list[str]:
        """Corpus id of each document, in order of the file names."""
        return [str(text["_id"]) for text in self.corpus]


def read_battery(folder: Path, limit: int | None = None) -> Battery:
    """Return the question set in ``folder``; with ``limit``, a seeded sample of its questions.

    Raises:
        BatteryError: If a file is missing or a line of it is no JSON.
    """
    try:
        corpus = _json_lines(folder / "corpus.jsonl")
        cases = _json_lines(folder / "cases.jsonl")
        with (folder / "qrels.tsv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))[1:]
    except (OSError, ValueError) as error:
        raise BatteryError(f"{str(folder)!r} is no question set: {error}") from error
    if limit is not None and limit < len(cases):
        kept = sorted(random.Random(SEED).sample(range(len(cases)), limit))  # noqa: S311  not for secrets
        cases = [cases[place] for place in kept]
    known = {case["id"] for case in cases}
    qrels: dict[str, dict[str, int]] = {}
    for query, document, score in rows:
        if query in known:
            qrels.setdefault(query, {})[document] = int(score)
    return Battery(folder.resolve().name, tuple(corpus), tuple(cases), qrels)


def asked(case: Case) -> tuple[str, list[str]]:
    """Return the question as a student would send it, and the student's questions before it, oldest first.

    A scenario stands before its question, as in the published task; its dialogue answers questions of the
    rules, not of the student, and is left out.
    """
    if case.get("scenario"):
        return f"{case['scenario']} {case['question']}", []
    turns = case.get("history") or []
    return str(case["question"]), [str(turn["content"]) for turn in turns if turn["role"] == "user"]


def write_texts(battery: Battery, place: Workplace, keep: Sequence[bool] | None = None) -> dict[str, str]:
    """Write the corpus as documents and return the corpus id of each document id.

    Args:
        battery: The question set.
        place: Where to write; files of another set are removed from it.
        keep: For each text, whether it is written; all if None.
    """
    kept = [number for number in range(len(battery.corpus)) if keep is None or keep[number]]
    texts = {document_id(number): battery.corpus[number] for number in kept}
    write_documents({name: (text.get("title") or "", text["text"]) for name, text in texts.items()}, place.docs)
    return {name: str(text["_id"]) for name, text in texts.items()}


def _json_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]
