"""What the program erases by itself: what is old and done with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select

from assistant.errors import RecordError
from assistant.records.audit import note
from assistant.records.database import Database
from assistant.records.filing import file_waiting
from assistant.records.items import ItemState
from assistant.records.ports import Details
from assistant.records.publishing import grow_if_worded
from assistant.records.schema import conversation, item, lesson, submission, turn
from assistant.records.submissions import SubmissionKind

DAYS = 180
"""Days for which a conversation is kept after its last turn, and what was sent after a mentor is done with it."""

AT_ONCE = 500
"""Conversations or submissions erased in one transaction, so that nobody who writes has to wait for long."""

DAY_SECONDS = 24 * 60 * 60

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Expired:
    """How much was erased.

    Attributes:
        conversations: How many conversations.
        turns: How many turns in them.
        submissions: How many submissions, without those that went with their conversation.
    """

    conversations: int = 0
    turns: int = 0
    submissions: int = 0

    def __add__(self, other: Expired) -> Expired:
        """Return both together."""
        return Expired(
            self.conversations + other.conversations,
            self.turns + other.turns,
            self.submissions + other.submissions,
        )


def expire(database: Database, now: datetime, days: int = DAYS) -> Expired:
    """Erase what is old and what no mentor has open.

    Conversations go ``days`` days after their last turn, unless one of their items is open. Submissions go ``days``
    days after their item was closed; praise, which has no item, as long after it was received. A story from which a
    lesson was made stays until its author withdraws it, and what has not been filed yet stays until it is. Each
    transaction counts what it erased in the audit trail.

    Args:
        database: Where they are.
        now: The moment from which is counted back, with its time zone.
        days: How long they are kept; at least 1.

    Raises:
        ValueError: If ``days`` is less than 1, or ``now`` has no time zone.
        RecordError: If the database cannot be written.
    """
    if days < 1 or now.tzinfo is None:
        raise ValueError(f"days={days!r}, now={now!r}: days are at least 1, and the moment has a time zone")
    before, total = now - timedelta(days=days), Expired()
    for expire_some in (_expire_conversations, _expire_submissions):
        while True:
            with database.writing() as connection:
                gone = expire_some(connection, before)
            total += gone
            if gone.conversations + gone.submissions < AT_ONCE:
                break
    if total != Expired():
        database.scrub()
    return total


def keep_house(
    database: Database,
    wait: Callable[[float], bool],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """File what was left unfiled and erase what is old, at once and then once a day; what fails waits for the next day.

    Args:
        database: Where they are.
        wait: Waits so many seconds and returns whether to stop; ``threading.Event.wait``, for one.
        now: Gives the moment.
    """
    while True:
        try:
            filed, gone = file_waiting(database), expire(database, now())
            _log.info("%d submissions were filed, %s", filed, gone)
        except RecordError as error:
            _log.error("nothing was erased by time: %s", error)
        if wait(DAY_SECONDS):
            return


def _expire_conversations(connection: Connection, before: datetime) -> Expired:
    is_open = exists().where(item.c.conversation == conversation.c.id, item.c.state == ItemState.OPEN.value)
    old = select(conversation.c.id).where(conversation.c.latest < before, ~is_open).limit(AT_ONCE)
    ids = connection.scalars(old).all()
    if not ids:
        return Expired()
    turns = connection.scalar(select(func.count()).select_from(turn).where(turn.c.conversation.in_(ids))) or 0
    grow_if_worded(connection, ids)
    connection.execute(delete(conversation).where(conversation.c.id.in_(ids)))
    counts: Details = {"conversations": len(ids), "turns": turns, "silent_since": before.isoformat()}
    note(connection, "program", "expire", "conversations", counts)
    return Expired(conversations=len(ids), turns=turns)


def _expire_submissions(connection: Connection, before: datetime) -> Expired:
    is_taught = exists().where(lesson.c.submission == submission.c.code)
    done = select(submission.c.code).where(
        submission.c.received < before,
        or_(_is_about(item.c.closed < before), _is_praise()),
        ~_is_about(or_(item.c.closed.is_(None), item.c.closed >= before)),
        ~is_taught,
    )
    codes = connection.scalars(done.limit(AT_ONCE)).all()
    if not codes:
        return Expired()
    connection.execute(delete(submission).where(submission.c.code.in_(codes)))
    counts: Details = {"submissions": len(codes), "done_since": before.isoformat()}
    note(connection, "program", "expire", "submissions", counts)
    return Expired(submissions=len(codes))


def _is_about(state: ColumnElement[bool]) -> Any:
    """Return whether a submission has an item in this state: its own, or the one of the turn that it is about."""
    own = item.c.submission == submission.c.code
    shared = (item.c.conversation == submission.c.conversation) & (item.c.turn == submission.c.turn)
    return exists().where(or_(own, shared), state)


def _is_praise() -> ColumnElement[bool]:
    return and_(
        submission.c.kind == SubmissionKind.FEEDBACK.value,
        submission.c.content["rating"].as_string() == "good",
    )
