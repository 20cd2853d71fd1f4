"""What opens an item in the mentors' queue, inside the transaction that records the turn or what was sent.

A turn has one item with all reasons why a mentor should look at it. What was sent without a turn has an item of its
own. A further reason opens a closed item again. Filing stands in a savepoint: what fails there is logged, and what
the student said is recorded all the same; ``file_waiting`` then files what was sent.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from assistant.knowledge.transliteration import fold
from assistant.records.columns import storable
from assistant.records.database import Database
from assistant.records.items import ItemState, Why
from assistant.records.ports import Details, NewTurn, TurnKey
from assistant.records.schema import item, item_event, item_why, submission, turn, turn_section
from assistant.records.submissions import LONGEST_TEXT, SubmissionKind
from assistant.types import LANGUAGES, Language, Reason

SAMPLE = 0.02
"""Share of the answers without any other reason that a mentor reads, to know how good answers are."""

LONGEST_SECTION = 200
LONGEST_ALIKE = 240

RIGHTLY_REFUSED = frozenset({Reason.PERSONAL_DATA.value, Reason.OUT_OF_SCOPE.value, Reason.INSTRUCTION.value})
"""Abstentions that need no mentor: no section could have answered."""

_TOPICS = {
    "regulations": "regulation",
    "host_guides": "host_guide",
    "adaptation": "adaptation",
    "research": "research",
    "return": "return",
    "lessons": "lesson",
}
_COUNTRY = re.compile("[A-Z]{2}")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an item is about.

    Attributes:
        language: Language of the question.
        question: What was asked; empty if nothing was.
        country: ISO 3166-1 alpha-2 code; None if none is known.
        nearest: The section that is quoted first, or came nearest; None if there is none.
        alike: What other items about the same have, too; made of the section and country if empty.
    """

    language: str
    question: str = ""
    country: str | None = None
    nearest: str | None = None
    alike: str = ""

    @property
    def columns(self) -> dict[str, str | None]:
        """The columns of an item that say it."""
        return {
            "language": self.language, "country": self.country, "topic": topic(self.nearest),
            "alike": self.alike or _alike(self), "asked": fold(self.question[:LONGEST_TEXT]),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """The one thing that an item is about: a turn, a submission (its digest), or a verified answer (its id)."""

    turn: TurnKey | None = None
    submission: str | None = None
    answer: str | None = None

    @property
    def columns(self) -> dict[str, str | int | None]:
        """The columns of an item that say it."""
        place = (self.turn.conversation, self.turn.number) if self.turn else (None, None)
        return {"conversation": place[0], "turn": place[1], "submission": self.submission, "answer": self.answer}


def topic(section: str | None) -> str | None:
    """Return the kind of the document that a section stands in; None for no section."""
    return _TOPICS.get(section.partition("/")[0], "other") if section else None


def country_code(given: str | None) -> str | None:
    """Return a country's code; None for anything else."""
    return given if given and _COUNTRY.fullmatch(given) else None


def language_of(said: NewTurn, otherwise: str) -> str:
    """Return the language of a turn: as it was told, as its reply says, or the one of the page."""
    told = (said.language, (said.reply or {}).get("language"))
    return next((each for each in told if each in LANGUAGES), otherwise)


def quoted(reply: Mapping[str, Any] | None) -> dict[str, bool]:
    """Return the sections that a reply quotes, in order, each with whether a stale one is quoted from it."""
    found: dict[str, bool] = {}
    for each in _parts(reply, "citations"):
        if section := _section(each):
            found[section] = found.get(section, False) or bool(each.get("stale"))
    return found


def nearest(reply: Mapping[str, Any] | None) -> str | None:
    """Return the section that a reply quotes first, else the one that came nearest."""
    parts = [*_parts(reply, "citations"), *_parts(reply, "nearest")]
    return next(filter(None, map(_section, parts)), None)


def whys(key: TurnKey, said: NewTurn) -> tuple[Why, ...]:
    """Return why a mentor should look at a turn; empty if there is no reason."""
    reply = said.reply or {}
    if reply.get("status") == "abstained":
        return () if reply.get("reason") in RIGHTLY_REFUSED else (Why.ABSTAINED,)
    if reply.get("status") != "answered":
        return ()
    reasons = {Why.LOW_SUPPORT: said.doubtful, Why.STALE_SOURCE: any(quoted(reply).values())}
    found = tuple(why for why, holds in reasons.items() if holds)
    return found or ((Why.SAMPLE,) if is_sampled(key) else ())


def is_sampled(key: TurnKey) -> bool:
    """Return whether a turn is among the ``SAMPLE`` that are read; the same for the same turn, always."""
    digest = hashlib.sha256(f"{key.conversation}:{key.number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < SAMPLE * 2**64


def file_turn(connection: Connection, key: TurnKey, said: NewTurn, language: str, at: datetime) -> None:
    """File a turn that was just recorded, with the sections that it quotes, if it can be."""
    with _apart(connection, f"turn {key.number} of {key.conversation}"):
        used = [
            {"conversation": key.conversation, "turn": key.number, "section": section, "stale": stale, "at": at}
            for section, stale in quoted(said.reply).items()
        ]
        if used:
            connection.execute(insert(turn_section), used)
        subject = Subject(language=language, question=said.question, country=country_code(said.country),
                          nearest=nearest(said.reply))  # fmt: skip
        file(connection, Target(turn=key), whys(key, said), subject, actor="program", at=at)


def file_submission(connection: Connection, digest: str, at: datetime | None = None) -> int | None:
    """File what was sent, if it can be; it must have been inserted in this transaction or before.

    Args:
        connection: In a writing transaction.
        digest: Of its code.
        at: Since when it waits; since it was received if None.

    Returns:
        The item's id; None if it needs no mentor, or could not be filed.
    """
    filed = None
    with _apart(connection, f"submission {digest}"):
        sent = connection.execute(select(submission).where(submission.c.code == digest)).one()
        if why := why_of(sent):
            target, subject = _target(sent), _subject(connection, sent)
            filed = file(connection, target, (why,), subject, actor="student", at=at or sent.received)
    return filed


def file(
    connection: Connection, target: Target, reasons: Iterable[Why], subject: Subject, *, actor: str, at: datetime
) -> int | None:
    """Open the item of ``target``, or give reasons to the one there is, which opens it again if it was closed.

    Returns:
        The item's id; None if there is no reason.
    """
    given = tuple(reasons)
    if not given:
        return None
    known = connection.execute(select(item.c.id, item.c.state).where(_is_about(target))).first()
    if known is None:
        row = {"state": ItemState.OPEN.value, "opened": at, **target.columns, **subject.columns}
        number, action = connection.execute(insert(item).values(**row).returning(item.c.id)).scalar_one(), "opened"
    else:
        number, action = known.id, "joined" if known.state == ItemState.OPEN else "reopened"
    if action == "reopened":
        reopen(connection, number, at)
    _add_whys(connection, number, given, at)
    add_event(connection, number, actor, action, {"why": ", ".join(given)}, at)
    return int(number)


def reopen(connection: Connection, id: int, at: datetime) -> None:
    """Make a closed item open and free."""
    free = {"closed": None, "claimed_by": None, "claimed_until": None}
    connection.execute(update(item).where(item.c.id == id).values(state=ItemState.OPEN.value, opened=at, **free))
    connection.execute(update(item_why).where(item_why.c.item == id).values(open=True))


def add_event(connection: Connection, id: int, actor: str, action: str, details: Details, at: datetime) -> None:
    """Add a line to the history of an item; lines are never changed."""
    newest = connection.scalar(select(func.max(item_event.c.number)).where(item_event.c.item == id)) or 0
    row = {"item": id, "number": newest + 1, "at": at, "actor": actor, "action": action, "details": details}
    connection.execute(insert(item_event).values(**row))


def file_waiting(database: Database) -> int:
    """File what was sent and has no item: from before there was a queue, or because filing failed; return how many."""
    has_item = select(item.c.id).where(
        or_(
            item.c.submission == submission.c.code,
            (item.c.conversation == submission.c.conversation) & (item.c.turn == submission.c.turn),
        )
    )
    is_bad = submission.c.content["rating"].as_string() == "bad"
    needs_one = or_(submission.c.kind != SubmissionKind.FEEDBACK.value, is_bad)
    query = select(submission.c.code).where(needs_one, ~has_item.exists()).order_by(submission.c.received)
    with database.writing() as connection:
        filed = [file_submission(connection, digest) for digest in connection.scalars(query).all()]
    return len(filed) - filed.count(None)


def _add_whys(connection: Connection, id: int, given: tuple[Why, ...], at: datetime) -> None:
    known = set(connection.scalars(select(item_why.c.why).where(item_why.c.item == id)))
    fresh = [{"item": id, "why": why.value, "at": at, "open": True} for why in given if why not in known]
    if fresh:
        connection.execute(insert(item_why), fresh)


def _is_about(target: Target) -> Any:
    if target.turn:
        return (item.c.conversation == target.turn.conversation) & (item.c.turn == target.turn.number)
    return item.c.submission == target.submission if target.submission else item.c.answer == target.answer


def why_of(sent: Row[Any]) -> Why | None:
    """Return why something that was sent needs a mentor; praise needs none."""
    if sent.kind == SubmissionKind.FEEDBACK:
        return Why.THUMBS_DOWN if sent.content.get("rating") == "bad" else None
    return Why.EXPERIENCE if sent.kind == SubmissionKind.EXPERIENCE else Why.ASKED


def _target(sent: Row[Any]) -> Target:
    if sent.conversation is None:
        return Target(submission=sent.code)
    return Target(turn=TurnKey(sent.conversation, sent.turn))


def _subject(connection: Connection, sent: Row[Any]) -> Subject:
    if sent.conversation is not None:
        return _subject_of_turn(connection, TurnKey(sent.conversation, sent.turn), sent.content["language"])
    content = sent.content
    if sent.kind == SubmissionKind.EXPERIENCE:  # no two stories are about the same
        return Subject(language=content["language"], country=country_code(content["country"]),
                       question=content["host_institution"], alike=f"experience {sent.code}")  # fmt: skip
    sections = [{"section": each} for each in content.get("sections", ())]
    return Subject(language=content["language"], question=content["question"], nearest=nearest({"citations": sections}))


def _subject_of_turn(connection: Connection, key: TurnKey, otherwise: Language) -> Subject:
    columns = (turn.c.question, turn.c.language, turn.c.country, turn.c.nearest)
    query = select(*columns).where(turn.c.conversation == key.conversation, turn.c.number == key.number)
    row = connection.execute(query).one()
    return Subject(language=row.language or otherwise, question=row.question, country=row.country, nearest=row.nearest)


def _alike(of: Subject) -> str:
    """Return the nearest section and the country, where the questions of all languages meet; else the question."""
    asked = fold(of.question[:LONGEST_TEXT]) or of.question.casefold()
    said = f"{of.nearest} {of.country or ''}" if of.nearest else f"? {asked}"
    return str(storable(said[:LONGEST_ALIKE].rstrip()))


def _parts(reply: Mapping[str, Any] | None, name: str) -> list[Mapping[str, Any]]:
    found = (reply or {}).get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list | tuple) else []


def _section(part: Mapping[str, Any]) -> str | None:
    """Return the section that a part of a reply names, if it can be stored."""
    section = part.get("section")
    fits = isinstance(section, str) and 0 < len(section) <= LONGEST_SECTION and storable(section) == section
    return str(section) if fits else None


@contextmanager
def _apart(connection: Connection, what: str) -> Iterator[None]:
    """Undo and log what fails inside, without content; what the transaction did before stands.

    A database that gave up the whole transaction (a full disk) refuses the savepoint, and that error is passed on:
    nothing must be acknowledged then.
    """
    savepoint = connection.begin_nested()
    try:
        yield
        savepoint.commit()
    except Exception as error:  # whatever is wrong with filing, what a student said is not lost for it
        savepoint.rollback()
        _log.error("%s is recorded but not filed: %s", what, type(error).__name__)
