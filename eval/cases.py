"""Datasets on disk: a folder with ``cases.jsonl``, and ``corpus.jsonl`` unless the knowledge base is asked about.

The form of a case is described in ``eval/README.md``. Nothing here is tied to our own questions: a foreign folder works
by its path.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.types import Language
from eval.errors import EvalError

Answerability = Literal["answerable", "partial", "unanswerable", "underspecified", "out_of_scope"]
ANSWERED: frozenset[Answerability] = frozenset({"answerable", "partial"})
"""Kinds of case that should be answered."""
SILENT: frozenset[Answerability] = frozenset({"unanswerable", "out_of_scope"})
"""Kinds of case on which the assistant should abstain."""
Split = Literal["development", "test"]


class Strict(BaseModel):
    """A value that refuses unknown fields and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Turn(Strict):
    """Something said before the question."""

    role: Literal["user", "assistant"]
    content: str


class Nugget(Strict):
    """A fact that an answer should hold.

    Attributes:
        text: The fact in words.
        vital: Whether an answer without it is not right.
        any_of: Strings of which one, in a quote, says it.
    """

    text: str
    vital: bool = True
    any_of: tuple[str, ...] = Field(min_length=1)


class Case(Strict):
    """A question with what is known about its answer.

    Attributes:
        id: Unique in its dataset.
        lang: Language of the question.
        question: As typed.
        scenario: What the asker tells of themselves before the question.
        history: What was said before, oldest first.
        profile: What the asker filled in.
        answerability: Whether the corpus answers it.
        gold_doc_ids: Documents that answer it.
        gold_doc_ids_other_language: Documents of another language that do.
        gold_quotes: Literal substrings of these documents that answer it.
        gold_answers: Answers in other words.
        nuggets: Facts that the answer should hold.
        must_not_contain: Strings that make a reply wrong.
        expected_lang: Language of the reply, if it is not ``lang``.
        asked_on: The day on which the labels are true, and on which the assistant is asked; the day of the run if none.
        cluster: Questions of one cluster rise and fall together.
        tags: Sorts of question, for slices.
        split: Questions of ``test`` are never tuned on.
        source: Where the question comes from.
        licence: Under which licence it may be used.
        author: Who wrote it.
        reviewer: Who checked its labels.
        url: Address of its source.
    """

    id: str = Field(min_length=1)
    lang: Language
    question: str = Field(min_length=1)
    scenario: str = ""
    history: tuple[Turn, ...] = ()
    profile: dict[str, Any] = {}
    answerability: Answerability
    gold_doc_ids: tuple[str, ...] = ()
    gold_doc_ids_other_language: tuple[str, ...] = ()
    gold_quotes: tuple[str, ...] = ()
    gold_answers: tuple[str, ...] = ()
    nuggets: tuple[Nugget, ...] = ()
    must_not_contain: tuple[str, ...] = ()
    expected_lang: Language | None = None
    asked_on: date | None = None
    cluster: str = ""
    tags: tuple[str, ...] = ()
    split: Split = "development"
    source: str = ""
    licence: str = ""
    author: str = ""
    reviewer: str = ""
    url: str = ""

    @property
    def reply_language(self) -> Language:
        """Language in which the reply is expected."""
        return self.expected_lang or self.lang

    @property
    def asked(self) -> str:
        """What is typed: a scenario stands before its question."""
        return f"{self.scenario} {self.question}" if self.scenario else self.question

    @property
    def earlier(self) -> tuple[str, ...]:
        """The asker's questions before this one; in a scenario's dialogue the asker only answers, so there are none."""
        return () if self.scenario else tuple(turn.content for turn in self.history if turn.role == "user")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is retrieved: a text of a dataset's corpus, or a section of the knowledge base in one language.

    Attributes:
        id: Its id; language versions of one section share it.
        document: Id of its document.
        language: Its language.
        title: Titles above the text.
        text: The text, as it may be quoted.
    """

    id: str
    document: str
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset folder.

    Attributes:
        folder: Where it lies.
        cases: Its questions, in the order of the file.
        corpus: Its own texts, or None if the knowledge base is asked about.
        qrels: Relevance of unit ids by case id, if the folder says so itself.
    """

    folder: Path
    cases: tuple[Case, ...]
    corpus: tuple[Unit, ...] | None
    qrels: dict[str, dict[str, int]] | None

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.resolve().name


def read_dataset(folder: Path) -> Dataset:
    """Return the dataset in ``folder``.

    Raises:
        EvalError: If a file cannot be read or a line is wrong; the message names file, line and field.
    """
    cases = tuple(Case.model_validate(each) for each in _valid_cases(folder / "cases.jsonl"))
    corpus_file, qrels_file = folder / "corpus.jsonl", folder / "qrels.tsv"
    corpus = tuple(_units(corpus_file)) if corpus_file.is_file() else None
    if corpus is None and qrels_file.is_file():
        raise EvalError(f"{str(folder)!r} has qrels.tsv but no corpus.jsonl; add the texts that it judges")
    qrels = _qrels(qrels_file, {case.id for case in cases}) if qrels_file.is_file() else None
    return Dataset(folder, cases, corpus, qrels)


def read_cases(path: Path) -> tuple[Case, ...]:
    """Return the cases of a file of JSON lines.

    Raises:
        EvalError: If a line is no case or an id comes twice; the message names the line.
    """
    return tuple(Case.model_validate(each) for each in _valid_cases(path))


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and object of each line of a file that is not empty.

    Raises:
        EvalError: If the file cannot be read, or a line is no JSON object.
    """
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _object(path, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise EvalError(f"cannot read {str(path)!r}: {error}") from error


def digest(values: Sequence[Any]) -> str:
    """Return the SHA-256 of values as canonical JSON lines."""
    whole = hashlib.sha256()
    for each in values:
        whole.update(json.dumps(each, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return whole.hexdigest()


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise EvalError(f"{path}:{number}: not JSON: {error}; write one object a line") from error
    if not isinstance(data, dict):
        raise EvalError(f"{path}:{number}: {type(data).__name__}, not an object; write one object a line")
    return data


def _valid_cases(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the cases of a file as plain data, each checked; ids must be unique."""
    seen: dict[str, int] = {}
    for number, data in json_lines(path):
        try:
            case = Case.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            known = f"; known fields: {', '.join(Case.model_fields)}" if first["type"] == "extra_forbidden" else ""
            message = f"{path}:{number}: {where}: {first['msg']} (given {first['input']!r:.80}){known}"
            raise EvalError(message) from error
        if case.id in seen:
            raise EvalError(f"{path}:{number}: the id {case.id!r} stands in line {seen[case.id]}, too; make it unique")
        seen[case.id] = number
        yield data
    if not seen:
        raise EvalError(f"{str(path)!r} holds no case; write one object a line")


def _units(path: Path) -> Iterator[Unit]:
    seen: set[str] = set()
    for number, data in json_lines(path):
        try:
            unit = str(data["_id"])
            text, title = str(data["text"]), str(data.get("title") or "")
        except KeyError as error:
            raise EvalError(f"{path}:{number}: no field {error}; a text has _id, title, text and lang") from error
        if unit in seen:
            raise EvalError(f"{path}:{number}: the id {unit!r} comes twice; make it unique")
        seen.add(unit)
        yield Unit(unit, unit, str(data.get("lang") or ""), title, text)


def _qrels(path: Path, known: set[str]) -> dict[str, dict[str, int]]:
    """Return the judgements of a file ``query-id corpus-id score`` with a header line."""
    found: dict[str, dict[str, int]] = {}
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    except (OSError, UnicodeDecodeError) as error:
        raise EvalError(f"cannot read {str(path)!r}: {error}") from error
    for number, row in enumerate(rows[1:], start=2):
        try:
            query, unit, score = row[0], row[1], int(row[2])
        except (IndexError, ValueError) as error:
            raise EvalError(f"{path}:{number}: {row!r} is not query-id, corpus-id, score parted by tabs") from error
        if query in known:
            found.setdefault(query, {})[unit] = score
    return found
