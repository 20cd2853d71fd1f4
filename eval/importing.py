"""``import`` and ``export-trec``: cases from what mentors have checked, and runs for the field's tools."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from assistant.types import Language
from eval.cases import Case, Split, Strict, Turn, json_lines, read_cases
from eval.errors import EvalError
from eval.runs import RunFolder


class Passage(Strict):
    """Words of the knowledge base that answer, and where they stand."""

    document: str
    quote: str = Field(min_length=1)


class Checked(Strict):
    """A question whose answer a mentor has checked.

    Attributes:
        id: Of the reply in the mentors' records.
        question: As the student typed it.
        lang: Language of the question.
        history: The student's earlier questions, oldest first.
        quotes: What answers it; none if nothing does.
        unanswerable: Whether the assistant should abstain.
        mentor: Who checked it: a role or a short name, never an address.
        checked_on: The day on which it was checked.
        tags: Sorts of question.
        cluster: Questions of one cluster rise and fall together; those with the same words if empty.
        split: The part in which it stands; the one that is asked for if None.
    """

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    lang: Language
    history: tuple[str, ...] = ()
    quotes: tuple[Passage, ...] = ()
    unanswerable: bool = False
    mentor: str = ""
    checked_on: date | None = None
    tags: tuple[str, ...] = ()
    cluster: str = ""
    split: Split | None = None

    def case(self, split: str) -> Case:
        """Return it as a case, of ``split`` if it does not say its own.

        Raises:
            ValueError: If it is neither answered nor unanswerable, or both.
        """
        if self.unanswerable == bool(self.quotes):
            raise ValueError('give either quotes that answer, or "unanswerable": true')
        same_words = f"checked-{hashlib.sha256(self.question.casefold().encode()).hexdigest()[:12]}"
        return Case.model_validate(
            {
                "id": self.id,
                "lang": self.lang,
                "question": self.question,
                "history": tuple(Turn(role="user", content=each) for each in self.history),
                "answerability": "unanswerable" if self.unanswerable else "answerable",
                "gold_doc_ids": tuple(dict.fromkeys(each.document for each in self.quotes)),
                "gold_quotes": tuple(each.quote for each in self.quotes),
                "asked_on": self.checked_on,
                "cluster": self.cluster or same_words,
                "tags": (*self.tags, "checked"),
                "split": self.split or split,
                "source": "a mentor's check",
                "reviewer": self.mentor,
            }
        )


def add(answers: Path, folder: Path, split: str) -> tuple[int, int]:
    """Append checked answers to a dataset; return how many were added, and how many were there already.

    Raises:
        EvalError: If a line is wrong; then nothing is written.
    """
    target = folder / "cases.jsonl"
    known = {case.id for case in read_cases(target)} if target.is_file() else set()
    found = [_checked(answers, number, data, split) for number, data in json_lines(answers)]
    if twice := next((name for name, count in Counter(case.id for case in found).items() if count > 1), None):
        raise EvalError(f"{str(answers)!r}: the id {twice!r} comes twice; make it unique")
    new = {case.id: case for case in found if case.id not in known}
    folder.mkdir(parents=True, exist_ok=True)
    before = target.read_text(encoding="utf-8") if target.is_file() else ""
    before += "" if before.endswith("\n") or not before else "\n"
    rows = [json.dumps(c.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False) for c in new.values()]
    partial = target.with_name("cases.jsonl.partial")
    partial.write_text(before + "".join(row + "\n" for row in rows), encoding="utf-8")
    partial.replace(target)
    return len(new), len(found) - len(new)


def _checked(path: Path, number: int, data: dict[str, Any], split: str) -> Case:
    try:
        return Checked.model_validate(data).case(split)
    except ValidationError as error:
        first = error.errors()[0]
        raise EvalError(f"{path}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except ValueError as error:
        raise EvalError(f"{path}:{number}: {error}") from error


def export(run: Path, out: Path) -> None:
    """Copy ``run.trec`` and ``qrels.trec`` of a scored run.

    Raises:
        EvalError: If the run was not scored.
    """
    RunFolder(run).metrics()
    out.mkdir(parents=True, exist_ok=True)
    for name in ("run.trec", "qrels.trec"):
        shutil.copyfile(run / name, out / name)
