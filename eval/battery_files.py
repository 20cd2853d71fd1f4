"""Public question sets on disk, and the same texts as documents that the assistant reads.

A folder holds ``corpus.jsonl`` (``_id``, ``title``, ``text``, ``lang``), ``cases.jsonl`` and ``qrels.tsv``. A work
folder holds, per set, ``docs`` (one Markdown file per text, ``p00000.md`` on), ``ids.json`` (the corpus id of each
file, in order) and ``data`` (the index).
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where the documents and the index of one question set lie."""

    folder: Path

    @property
    def docs(self) -> Path:
        """Folder of the Markdown files."""
        return self.folder / "docs"

    @property
    def data(self) -> Path:
        """Folder of the index."""
        return self.folder / "data"


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


def write_documents(battery: Battery, place: Workplace, keep: Sequence[bool] | None = None) -> dict[str, str]:
    """Write the corpus as plain Markdown files and return the corpus id of each document id.

    Args:
        battery: The question set.
        place: Where to write; files of another set are removed from it.
        keep: For each text, whether it is written; all if None.
    """
    place.docs.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    for number, text in enumerate(battery.corpus):
        if keep is None or keep[number]:
            title = f"# {text['title']}\n\n" if text.get("title") else ""
            name = f"p{number:05d}"
            written[name] = str(text["_id"])
            _write_if_changed(place.docs / f"{name}.md", title + text["text"])
    for path in place.docs.iterdir():
        if path.stem not in written:
            path.unlink()
    _write_if_changed(place.folder / "ids.json", json.dumps(battery.ids))
    return written


def _write_if_changed(path: Path, text: str) -> None:
    """Leave a file alone that holds ``text`` already, so that nothing looks new."""
    if not path.is_file() or path.read_bytes() != text.encode():
        path.write_bytes(text.encode())


def _json_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]
