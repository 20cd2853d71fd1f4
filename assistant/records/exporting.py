"""What mentors have reviewed, as questions for the evaluation: personal data masked, mentors under names of no person.

A reviewed question is told once its item is closed. Where an answer came of it, the quotes of that answer are what
should be found, as long as it is served; where a mentor said that it is out of scope, or that the knowledge base lacks
it, nothing is. Questions near the same section always stand in the same part, development or test, whatever their
language and whenever they are exported.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from assistant.errors import RecordError
from assistant.knowledge.published import ANSWERS, TOLD
from assistant.records.audit import note
from assistant.records.columns import json_text
from assistant.records.database import Database
from assistant.records.identifying import find, masked
from assistant.records.items import Decision, ItemState, ReviewReason
from assistant.records.publishing import AnswerState
from assistant.records.schema import item, review, turn, verified, verified_citation
from assistant.types import LANGUAGES, Language

TEST_SHARE = 0.3
"""Share of the groups of questions on which nothing is ever tuned."""

Split = Literal["development", "test"]

_ANSWERED = frozenset({Decision.APPROVED, Decision.EDITED, Decision.REPLACED})
_PUBLISHED = (f"{ANSWERS}/", f"{TOLD}/")  # no texts of the knowledge base


@dataclass(frozen=True, slots=True)
class Gold:
    """Words that answer, as they stand in a document of the knowledge base."""

    document: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedQuestion:
    """A question that a mentor has reviewed; ``python -m eval import`` reads these fields.

    Attributes:
        id: The same for the same turn, always; it leads back to no conversation.
        question: As asked, with what may identify a person masked.
        lang: Language of the question.
        history: The earlier questions of the conversation, oldest first, masked.
        quotes: What answers it; none if nothing does.
        unanswerable: Whether the assistant should abstain.
        mentor: Stands for who reviewed it, the same for the same mentor.
        checked_on: Day of the review, in UTC.
        tags: Topic, country and decision.
        cluster: The same for questions near the same section.
        split: The part in which its cluster stands.
    """

    id: str
    question: str
    lang: Language
    history: tuple[str, ...]
    quotes: tuple[Gold, ...]
    unanswerable: bool
    mentor: str
    checked_on: date
    tags: tuple[str, ...]
    cluster: str
    split: Split

    @property
    def line(self) -> str:
        """It as a line of JSON."""
        return json_text(asdict(self) | {"checked_on": self.checked_on.isoformat()})


def export(database: Database, actor: str) -> tuple[ReviewedQuestion, ...]:
    """Return all reviewed questions, oldest first, and write into the audit trail that they were taken out.

    Args:
        database: Holds the records.
        actor: Id of the mentor who takes them, or ``program``.
    """
    with database.reading() as connection:  # masking takes its time, so nobody who writes waits for it
        made = tuple(_reviewed(connection))
    with database.writing() as connection:
        parts = {f"{split} questions": sum(each.split == split for each in made) for split in ("development", "test")}
        note(connection, actor, "export", "reviewed questions", {"questions": len(made), **parts})
    return made


def lines(questions: Sequence[ReviewedQuestion]) -> str:
    """Return reviewed questions as JSON lines."""
    return "".join(f"{each.line}\n" for each in questions)


def write(questions: Sequence[ReviewedQuestion], path: Path) -> None:
    """Write reviewed questions to a file, whole or not at all; others on the machine cannot read it.

    Raises:
        RecordError: If it cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600, exist_ok=False)
        partial.write_text(lines(questions), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise RecordError(f"cannot write the questions to {str(path)!r}: {error}; give another file") from error


def split_of(cluster: str) -> Split:
    """Return the part in which a cluster stands, always the same."""
    return "test" if int(_digest(f"split {cluster}")[:16], 16) < TEST_SHARE * 16**16 else "development"


def pseudonym(mentor: str) -> str:
    """Return what stands for a mentor; their id is random, so nobody can guess it from this."""
    return f"mentor-{_digest(f'mentor {mentor}')[:8]}"


def _reviewed(connection: Connection) -> Iterator[ReviewedQuestion]:
    quotes, history = _quotes(connection), _histories(connection)
    for row in connection.execute(_newest_reviews()):
        gold = quotes.get(row.answer, {}) if row.decision in _ANSWERED else {}
        found = gold.get(row.language) or next((gold[each] for each in LANGUAGES if gold.get(each)), ())
        question = _hidden(row.question, row.language)
        if question and (found or _is_unanswerable(row)):
            before = history[row.conversation]
            yield _question(row, question, found, tuple(text for number, text in before if number < row.number))


def _newest_reviews() -> Any:
    """Return the query for the newest review of each closed item about a turn, oldest first."""
    newest = select(func.max(review.c.id)).group_by(review.c.item)
    is_it = (turn.c.conversation == item.c.conversation) & (turn.c.number == item.c.turn)
    columns = (
        *(review.c.mentor, review.c.at, review.c.decision, review.c.reasons, review.c.answer),
        *(item.c.language, item.c.topic, item.c.country, item.c.alike),
        *(turn.c.conversation, turn.c.number, turn.c.question),
    )
    query = select(*columns).join_from(review, item, item.c.id == review.c.item).join(turn, is_it)
    return query.where(review.c.id.in_(newest), item.c.state != ItemState.OPEN.value).order_by(review.c.id)


def _is_unanswerable(row: Row[Any]) -> bool:
    """Return whether a mentor said that no section answers the question."""
    out_of_scope = row.decision == Decision.DECLINED and ReviewReason.OUT_OF_SCOPE in row.reasons
    return bool(out_of_scope or row.decision == Decision.MISSING)


def _question(row: Row[Any], question: str, quotes: tuple[Gold, ...], history: tuple[str, ...]) -> ReviewedQuestion:
    cluster = f"asked-{_digest(_group(row))[:12]}"
    return ReviewedQuestion(
        id=f"desk-{_digest(f'turn {row.conversation} {row.number}')[:12]}",
        question=question,
        lang=row.language,
        history=history,
        quotes=quotes,
        unanswerable=not quotes,
        mentor=pseudonym(row.mentor),
        checked_on=row.at.date(),
        tags=tuple(filter(None, (row.topic, row.country, row.decision))),
        cluster=cluster,
        split=split_of(cluster),
    )


def _group(row: Row[Any]) -> str:
    """Return what questions near the same section share, whatever the country; without a section their own words."""
    return str(row.alike.removesuffix(f" {row.country}") if row.topic and row.country else row.alike)


def _quotes(connection: Connection) -> Mapping[str, Mapping[str, tuple[Gold, ...]]]:
    """Return the quotes of all answers that are served, by answer and language."""
    cited = verified_citation
    query = select(cited.c.answer, cited.c.language, cited.c.section, cited.c.quote)
    query = query.join(verified, verified.c.id == cited.c.answer).where(verified.c.state == AnswerState.ACTIVE.value)
    found: dict[str, dict[str, tuple[Gold, ...]]] = defaultdict(dict)
    for row in connection.execute(query.order_by(cited.c.answer, cited.c.language, cited.c.mark)):
        if not row.section.startswith(_PUBLISHED):
            gold = Gold(row.section.partition("#")[0], row.quote)
            found[row.answer][row.language] = (*found[row.answer].get(row.language, ()), gold)
    return found


def _histories(connection: Connection) -> Mapping[str, list[tuple[int, str]]]:
    """Return number and question of each turn before the last reviewed one, by conversation, in order, masked."""
    asked = select(item.c.conversation, func.max(item.c.turn).label("last")).join(review, review.c.item == item.c.id)
    asked = asked.where(item.c.state != ItemState.OPEN.value).group_by(item.c.conversation)
    reviewed = asked.subquery()
    query = select(turn.c.conversation, turn.c.number, turn.c.question, turn.c.language)
    query = query.join(reviewed, reviewed.c.conversation == turn.c.conversation)
    query = query.where(turn.c.number < reviewed.c.last).order_by(turn.c.conversation, turn.c.number)
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in connection.execute(query):
        if text := _hidden(row.question, row.language or LANGUAGES[0]):
            found[row.conversation].append((row.number, text))
    return found


def _hidden(text: str, language: Language) -> str:
    return masked(text, find(text, language)).strip()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
