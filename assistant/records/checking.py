"""Whether the records are whole: the file, the links between tables, the schema, the audit trail, the disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import URL, Connection, func, select, text

from assistant.errors import RecordError
from assistant.records.audit import verify
from assistant.records.database import Database, connect
from assistant.records.migrating import current, head
from assistant.records.publishing import AnswerState
from assistant.records.schema import lesson, verified

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: What was looked at.
        ok: Whether it is as it should be.
        words: What was found, and the way out if it is wrong.
    """

    subject: str
    ok: bool
    words: str


def check(url: str | URL) -> tuple[Finding, ...]:
    """Look at the records at an address without changing a row; findings stand in the order of what depends on what.

    Raises:
        RecordError: If the address is none of a database that records can live in.
    """
    database = connect(url)
    if database.path is not None and not database.path.is_file():
        return (Finding("file", False, f"there are no records at {str(database.path)!r}; the first start makes them"),)
    try:
        looks = _SQLITE if database.path is not None else _POSTGRESQL
        return tuple(_looked(subject, look, database) for subject, look in looks)
    finally:
        database.close()


def published(url: str | URL) -> str:
    """Return in words what the records at an address give to students, and how much of it waits for a mentor.

    Raises:
        RecordError: If they cannot be read, or are not of the newest schema.
    """
    database = connect(url)
    try:
        with database.reading() as connection:
            count = func.count()
            found = connection.execute(select(verified.c.state, count).group_by(verified.c.state))
            states: dict[str, int] = dict(found.all())
            stories = connection.scalar(select(count).select_from(lesson)) or 0
    finally:
        database.close()
    active, suspended = (states.get(each.value, 0) for each in (AnswerState.ACTIVE, AnswerState.SUSPENDED))
    return f"published answers: {active}, published stories: {stories}, suspended answers: {suspended}"


def schema(connection: Connection) -> tuple[bool, str]:
    """Return whether the schema is the newest one, and which it is."""
    found, newest = current(connection), head()
    if found == newest:
        return True, f"revision {found}"
    return False, f"revision {found}, this program needs {newest}; start it once, or update it if the records are newer"


def audit_trail(connection: Connection) -> tuple[bool, str]:
    """Return whether the audit trail hangs together, how long it is, and its newest hash."""
    found = verify(connection)
    if found.broken is None:
        return True, f"{found.rows} rows hang together, the newest has hash {found.newest}"
    return False, f"row {found.broken} is not what was written; compare it with a backup"


def _integrity(connection: Connection) -> tuple[bool, str]:
    rows = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    return rows == ["ok"], "whole" if rows == ["ok"] else f"damaged: {_some(rows)}; restore a backup"


def _links(connection: Connection) -> tuple[bool, str]:
    rows = connection.execute(text("PRAGMA foreign_key_check")).all()
    return not rows, "all whole" if not rows else f"{len(rows)} rows point nowhere: {_some(rows)}; restore a backup"


def _durability(connection: Connection) -> tuple[bool, str]:
    names = ("fsync", "synchronous_commit", "full_page_writes")
    off = [name for name in names if connection.execute(text(f"SHOW {name}")).scalar_one() == "off"]
    return not off, f"switched off in PostgreSQL: {', '.join(off)}; switch it on" if off else "writes reach the disk"


def _some(rows: object) -> str:
    return "; ".join(str(row) for row in list(rows)[:_SHOWN])  # type: ignore[call-overload]


Look = Callable[[Connection], tuple[bool, str]]
_COMMON: tuple[tuple[str, Look], ...] = (("schema", schema), ("audit trail", audit_trail))
_SQLITE: tuple[tuple[str, Look], ...] = (("file", _integrity), ("links", _links), *_COMMON)
_POSTGRESQL: tuple[tuple[str, Look], ...] = (("durability", _durability), *_COMMON)


def _looked(subject: str, look: Look, database: Database) -> Finding:
    try:
        with database.reading() as connection:
            return Finding(subject, *look(connection))
    except RecordError as error:
        return Finding(subject, False, str(error))
