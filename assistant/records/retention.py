"""What the program erases by itself: what is old and done with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select

from assistant.errors import RecordError
from assistant.records.audit import note
from assistant.records.database import Database
from assistant.records.filing import file_waiting
from assistant.records.items import ItemState
from assistant.records.ports import Details
from assistant.records.publishing import grow_if_worded
from assistant.records.schema import conversation, item, item_event, lesson, rejection, submission, turn
from assistant.records.submissions import SubmissionKind

DAYS = 180
"""Days for which a conversation is kept after its last turn, and what was sent after a mentor is done with it."""

UNDECIDED_DAYS = 2 * DAYS
"""Days after it was sent for which a story is kept on which no mentor has decided."""

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
    days after their item was closed; praise, which has no item, as long after it was received; what has not been filed
    yet stays until it is. A story from which a lesson was made stays until its author withdraws it; one that was
    rejected, or whose lesson was taken back, goes ``days`` days after that, one on which nobody has decided twice as
    long after it was sent, whatever its author wrote meanwhile and whoever has it open. Each transaction counts what it
    erased in the audit trail.

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
    long_before = before - timedelta(days=days)
    for expire_some in (_expire_conversations, _expire_submissions, partial(_expire_stories, undecided=long_before)):
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
        except Exception as error:  # its words may repeat somebody's; the thread must live on
            _log.error("nothing was erased by time: %s", type(error).__name__)
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
    done = select(submission.c.code).where(
        submission.c.kind != SubmissionKind.EXPERIENCE.value,
        submission.c.received < before,
        or_(_is_about(item.c.closed < before), _is_praise()),
        ~_is_about(or_(item.c.closed.is_(None), item.c.closed >= before)),
    )
    return _expire_sent(connection, done, {"done_since": before.isoformat()})


def _expire_stories(connection: Connection, before: datetime, undecided: datetime) -> Expired:
    """Erase stories, with their items, on which was decided ``before`` then, or nobody has and they are older."""
    is_taught = exists().where(lesson.c.submission == submission.c.code)
    is_taken_back = item_event.c.action == "reopened", item_event.c.actor != "student"
    of_item = (item.c.id == item_event.c.item) & (item.c.submission == submission.c.code)
    rejected = select(rejection.c.at).where(rejection.c.submission == submission.c.code).scalar_subquery()
    taken_back = select(func.max(item_event.c.at)).where(of_item, *is_taken_back).scalar_subquery()
    decided = func.coalesce(rejected, taken_back)
    old = select(submission.c.code).where(
        submission.c.kind == SubmissionKind.EXPERIENCE.value,
        submission.c.received < before,
        or_(decided < before, decided.is_(None) & (submission.c.received < undecided)),
        ~is_taught,
    )
    told = {"decided_before": before.isoformat(), "undecided_since": undecided.isoformat()}
    return _expire_sent(connection, old, told)


def _expire_sent(connection: Connection, chosen: Select[tuple[str]], told: Mapping[str, str]) -> Expired:
    codes = connection.scalars(chosen.limit(AT_ONCE)).all()
    if not codes:
        return Expired()
    connection.execute(delete(submission).where(submission.c.code.in_(codes)))
    note(connection, "program", "expire", "submissions", {"submissions": len(codes), **told})
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
