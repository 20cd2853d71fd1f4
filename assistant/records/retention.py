"""What the program erases by itself: conversations silent for long, and again what a restored backup brought back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, select

from assistant.records.audit import note
from assistant.records.database import Database
from assistant.records.ports import Details
from assistant.records.schema import audit, conversation, submission, turn

DAYS = 180
"""Days after its last turn for which a conversation is kept."""

AT_ONCE = 500
"""Conversations erased in one transaction, so that nobody who writes has to wait for long."""


@dataclass(frozen=True, slots=True)
class Expired:
    """How many conversations were erased, and how many turns in them."""

    conversations: int
    turns: int

    def __add__(self, other: Expired) -> Expired:
        """Return both together."""
        return Expired(self.conversations + other.conversations, self.turns + other.turns)


@dataclass(frozen=True, slots=True, order=True)
class Erased:
    """What a student erased: ``erase`` of ``conversation <id>``, or ``withdraw`` of ``submission <digest>``."""

    action: str
    subject: str


def expire(database: Database, now: datetime, days: int = DAYS) -> Expired:
    """Erase the conversations without a turn in the last ``days`` days that no open review needs.

    A submission in the database waits for a mentor, so a conversation that one hangs on is kept. Each transaction
    counts what it erased in the audit trail.

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
    before, total = now - timedelta(days=days), Expired(0, 0)
    while True:
        with database.writing() as connection:
            gone = _expire_some(connection, before)
        total += gone
        if gone.conversations < AT_ONCE:
            break
    if total.conversations:
        database.scrub()
    return total


def erased(connection: Connection) -> frozenset[Erased]:
    """Return what students have erased, as the audit trail tells it."""
    query = select(audit.c.action, audit.c.subject).where(audit.c.action.in_(("erase", "withdraw")))
    return frozenset(Erased(row.action, row.subject) for row in connection.execute(query))


def erase_again(database: Database, gone: frozenset[Erased]) -> None:
    """Erase what a restored backup has brought back, and note it, so that no later restore brings it back either."""
    with database.writing() as connection:
        for each in sorted(gone - erased(connection)):
            name = each.subject.rpartition(" ")[2]
            column = conversation.c.id if each.action == "erase" else submission.c.code
            connection.execute(delete(column.table).where(column == name))
            note(connection, "program", each.action, each.subject, {"reason": "restore"})
    database.scrub()


def _expire_some(connection: Connection, before: datetime) -> Expired:
    is_open = exists().where(submission.c.conversation == conversation.c.id)
    old = select(conversation.c.id).where(conversation.c.latest < before, ~is_open).limit(AT_ONCE)
    ids = connection.scalars(old).all()
    if not ids:
        return Expired(0, 0)
    turns = connection.scalar(select(func.count()).select_from(turn).where(turn.c.conversation.in_(ids))) or 0
    connection.execute(delete(conversation).where(conversation.c.id.in_(ids)))
    counts: Details = {"conversations": len(ids), "turns": turns, "silent_since": before.isoformat()}
    note(connection, "program", "expire", "conversations", counts)
    return Expired(len(ids), turns)
