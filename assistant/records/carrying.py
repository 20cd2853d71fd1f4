"""What a restored backup must not undo: what was erased, which lessons were taken back, who may sign in, and how.

SQLite gets it before the copy takes its place. PostgreSQL is replaced first, so what has to be carried over waits in a
table of its own, which no archive holds: a program that dies in between leaves it to the next start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    cast,
    delete,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import OID

from assistant.records.audit import note
from assistant.records.columns import Data
from assistant.records.database import Database
from assistant.records.publishing import grow
from assistant.records.schema import audit, conversation, device, mentor, session
from assistant.records.withdrawing import take_back, withdraw

_PROGRAM = "program"
_WAITING = Table("restoring", MetaData(), Column("replaced", BigInteger), Column("carried", Data, nullable=False))
WAITING = _WAITING.name


@dataclass(frozen=True, slots=True, order=True)
class Erased:
    """What a student erased: ``erase`` of ``conversation <id>``, or ``withdraw`` of ``submission <digest>``."""

    action: str
    subject: str


@dataclass(frozen=True, slots=True)
class Access:
    """How a mentor may sign in: the hash of the password, if there is one, and since when not any more."""

    password: str | None
    disabled: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What is carried over.

    Attributes:
        erased: What students have erased.
        lessons: The lessons that were taken back: ``lesson <id>``.
        access: How mentors may sign in, by their id.
        kept: Name of what the replaced records are kept under; empty if there were none.
    """

    erased: frozenset[Erased] = frozenset()
    lessons: frozenset[str] = frozenset()
    access: Mapping[str, Access] = field(default_factory=dict)
    kept: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """The same as JSON."""
        access = {
            by: [each.password, each.disabled.isoformat() if each.disabled else None]
            for by, each in self.access.items()
        }
        erased = [[each.action, each.subject] for each in sorted(self.erased)]
        return {"erased": erased, "lessons": sorted(self.lessons), "access": access, "kept": self.kept}


def carried(connection: Connection) -> Carried:
    """Return what the records that are there would carry over, whatever schema they have."""
    waiting = _waiting(connection)
    erased = frozenset(Erased(*row) for row in _deeds(connection, "erase", "withdraw"))
    lessons = frozenset(subject for _, subject in _deeds(connection, "unpublish"))
    access: dict[str, Access] = {}
    if inspect(connection).has_table(mentor.name):
        rows = connection.execute(select(mentor.c.id, mentor.c.password, mentor.c.disabled))
        access = {row.id: Access(row.password, row.disabled) for row in rows}
    if waiting is None:
        return Carried(erased=erased, lessons=lessons, access=access)
    return Carried(  # an earlier restore was cut off: what waits is newer than what it brought back
        erased=erased | waiting.erased, lessons=lessons | waiting.lessons, access=access | dict(waiting.access)
    )


def finish(connection: Connection, what: Carried) -> None:
    """Note in restored records that they were restored, and carry over what was decided since they were copied.

    Sessions end: who has signed out since, or may no longer sign in, must not be signed in again by an old copy.
    """
    ended = connection.execute(delete(session)).rowcount
    note(connection, "operator", "restore", "records", {"kept": what.kept, "sessions": ended})
    for each, access in what.access.items():
        _let_in(connection, each, access)
    for subject in sorted(what.lessons - {subject for _, subject in _deeds(connection, "unpublish")}):
        if not take_back(connection, subject.removeprefix("lesson "), _PROGRAM, "restore"):
            note(connection, _PROGRAM, "unpublish", subject, {"reason": "restore"})  # another copy may hold it
    _erase_again(connection, what.erased)


def put_down(database: Database, what: Carried) -> None:
    """Write down what has to be carried over before PostgreSQL is replaced."""
    with database.writing() as connection:
        _WAITING.drop(connection, checkfirst=True)
        _WAITING.create(connection)
        connection.execute(insert(_WAITING).values(replaced=_generation(connection), carried=what.data))


def finish_waiting(database: Database) -> bool:
    """Finish a restore of PostgreSQL that has put the copy in its place and no more; return whether there was one."""
    if database.path is not None:
        return False
    with database.reading() as connection:
        if not inspect(connection).has_table(WAITING):
            return False
    with database.writing() as connection:
        waiting = _waiting(connection)
        if waiting is not None:
            finish(connection, waiting)
        _WAITING.drop(connection, checkfirst=True)
    return waiting is not None


def _waiting(connection: Connection) -> Carried | None:
    """Return what waits to be carried over; None if nothing does, or the records were never replaced."""
    if connection.dialect.name != "postgresql" or not inspect(connection).has_table(WAITING):
        return None
    row = connection.execute(select(_WAITING)).first()
    return None if row is None or row.replaced == _generation(connection) else _read(row.carried)


def _generation(connection: Connection) -> int:
    """Return PostgreSQL's number of the table of the audit trail: another one after a restore, which makes it anew."""
    return int(connection.scalar(select(cast(cast(func.to_regclass(audit.name), OID), BigInteger))) or 0)


def _read(data: Mapping[str, Any]) -> Carried:
    access = {
        each: Access(password, datetime.fromisoformat(disabled) if disabled else None)
        for each, (password, disabled) in data["access"].items()
    }
    erased = frozenset(Erased(*each) for each in data["erased"])
    return Carried(erased=erased, lessons=frozenset(data["lessons"]), access=access, kept=data["kept"])


def _deeds(connection: Connection, *actions: str) -> list[tuple[str, str]]:
    query = select(audit.c.action, audit.c.subject).where(audit.c.action.in_(actions))
    return [(row.action, row.subject) for row in connection.execute(query)]


def _let_in(connection: Connection, id: str, access: Access) -> None:
    """Let a mentor sign in as before the restore; browsers that the copy knows are forgotten if that is another way."""
    row = connection.execute(select(mentor.c.password, mentor.c.disabled).where(mentor.c.id == id)).first()
    if row is None or access == Access(row.password, row.disabled):
        return
    values = {"password": access.password, "disabled": access.disabled}
    connection.execute(update(mentor).where(mentor.c.id == id).values(**values))
    connection.execute(delete(device).where(device.c.mentor == id))
    note(connection, _PROGRAM, "keep_access", f"mentor {id}", {"reason": "restore"})


def _erase_again(connection: Connection, gone: frozenset[Erased]) -> None:
    """Erase what a backup has brought back, and note it, so that no later restore brings it back either."""
    back = sorted(gone - {Erased(*row) for row in _deeds(connection, "erase", "withdraw")})
    for each in back:
        name = each.subject.rpartition(" ")[2]
        if each.action == "withdraw":
            withdraw(connection, name)
        else:
            connection.execute(delete(conversation).where(conversation.c.id == name))
        note(connection, _PROGRAM, each.action, each.subject, {"reason": "restore"})
    if back:
        grow(connection)
