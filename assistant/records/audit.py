"""The audit trail: who did what to which record, in rows that are only added, each sealed with the hash before it.

A row that is changed, left out or put in breaks the chain from there on. Rows cut off at the end leave no trace in the
chain itself; who must rule that out notes the newest hash elsewhere, as every backup does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, desc, insert, select

from assistant.records.columns import storable
from assistant.records.database import Database
from assistant.records.ports import AuditEntry, Details, Verified
from assistant.records.schema import audit

FIRST = "0" * 64
"""What the first row has for the hash of the one before."""

ROWS_AT_ONCE = 1_000


def note(connection: Connection, actor: str, action: str, subject: str, details: Details) -> AuditEntry:
    """Add a row in the caller's writing transaction, so that it stands exactly if the deed does."""
    newest = connection.execute(select(audit.c.number, audit.c.hash).order_by(desc(audit.c.number)).limit(1)).first()
    number, previous = (newest.number + 1, newest.hash) if newest else (1, FIRST)
    content = {"number": number, "at": datetime.now(UTC), "actor": storable(actor), "action": storable(action),
               "subject": storable(subject), "details": storable(details)}  # fmt: skip
    seal = sealed(previous, content)
    connection.execute(insert(audit).values(**content, previous=previous, hash=seal))
    return AuditEntry(**content, previous=previous, hash=seal)


def sealed(previous: str, content: Mapping[str, Any]) -> str:
    """Return the hash of a row: SHA-256 of the hash before it and of its content, in hexadecimal."""
    told = {**content, "at": content["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    written = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous.encode() + written.encode()).hexdigest()


class DatabaseAudit:
    """The audit trail in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the trail of ``database``."""
        self._database = database

    def note(self, actor: str, action: str, subject: str, details: Details | None = None) -> AuditEntry:
        """Add a row and return it, sealed."""
        with self._database.writing() as connection:
            return note(connection, actor, action, subject, details or {})

    def entries(self, *, after: int = 0, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return at most ``limit`` rows whose numbers are greater than ``after``, in order."""
        query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
        with self._database.reading() as connection:
            return tuple(map(_entry, connection.execute(query).mappings()))

    def verify(self) -> Verified:
        """Return how many rows hang together from the first, their newest hash, and which one breaks the chain."""
        with self._database.reading() as connection:
            return verify(connection)


def verify(connection: Connection) -> Verified:
    """Return what ``DatabaseAudit.verify`` does, within the caller's transaction."""
    query = select(audit).order_by(audit.c.number).execution_options(yield_per=ROWS_AT_ONCE)
    count, newest = 0, FIRST
    for row in connection.execute(query).mappings():
        if row["number"] != count + 1 or row["previous"] != newest or row["hash"] != sealed(newest, _content(row)):
            return Verified(count, newest, broken=row["number"])
        count, newest = row["number"], row["hash"]
    return Verified(count, newest)


def _content(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in ("number", "at", "actor", "action", "subject", "details")}


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(**_content(row), previous=row["previous"], hash=row["hash"])
