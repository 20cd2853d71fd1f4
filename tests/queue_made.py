"""Mentors, turns and what students send, for tests of the queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from assistant.records import schema
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.items import ItemRow, Wanted
from assistant.records.ports import NewTurn, TurnKey
from assistant.records.queue import Queue

DANA, AIDA = "d" * 32, "a" * 32
SECTION = "regulations/smu#gpa"
QUOTE = "GPA — 2,67"
CITATION = {
    "mark": 1, "document": "regulations/smu", "section": SECTION, "language": "kk", "kind": "regulation", "quote": QUOTE,
    "source_url": None, "reviewed_on": None, "stale": False,
}  # fmt: skip
ANSWERED = {
    "status": "answered", "composer": "extractive", "reason": None, "support": 0.734912, "language": "kk",
    "text": f"{QUOTE} [1]", "citations": [CITATION], "nearest": [], "timings_ms": {"total": 12.3},
}  # fmt: skip
STALE = ANSWERED | {"citations": [CITATION | {"stale": True}]}
ABSTAINED = {
    "status": "abstained", "composer": None, "reason": "no_source", "support": 0.1, "language": "ru", "text": "Нет.",
    "citations": [], "nearest": [{"section": "host_guides/poland#visa", "language": "ru", "score": 0.4, "text": "Виза"}],
}  # fmt: skip


class Clock:
    """A clock that a test turns on."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: int) -> None:
        """Turn it on by days, hours, minutes or seconds."""
        self.now += timedelta(**by)


def add_mentors(database: Database) -> None:
    """Add two mentors, as whom nobody can sign in."""
    rows = [
        {"id": mentor, "login": name, "name": name, "office": "", "role": "mentor", "created": datetime.now(UTC)}
        for mentor, name in ((DANA, "Дана"), (AIDA, "Aida"))
    ]
    with database.writing() as connection:
        connection.execute(insert(schema.mentor), rows)


def turn(question: str = "Виза?", reply: dict[str, Any] | None = ABSTAINED, **more: Any) -> NewTurn:
    """Return a turn that a mentor should look at, unless a reply says otherwise."""
    return NewTurn(question=question, reply=reply, generation="g", settings="s", version="0.1.0", **more)


def recorded(database: Database, *said: NewTurn) -> tuple[TurnKey, ...]:
    """Record turns in a conversation of their own."""
    kept = DatabaseConversations(database)
    key = kept.begin("kk", "chat")
    numbers = [kept.record(key.id, each) for each in said or (turn(),)]
    return tuple(TurnKey(key.id, number) for number in numbers if number)


def everything(queue: Queue, **wanted: Any) -> tuple[ItemRow, ...]:
    """Return all items, oldest first, at most 200."""
    return queue.page(Wanted(**{"stage": None, **wanted}), limit=200).rows


def count(database: Database, table: str) -> int:
    """Return how many rows a table has."""
    with database.reading() as connection:
        return len(connection.execute(select(schema.metadata.tables[table])).all())
