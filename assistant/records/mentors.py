"""The mentors: who may work at the desk, and with what password; there is none until an operator adds one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from assistant.errors import RecordError
from assistant.records import attempts
from assistant.records.audit import note
from assistant.records.database import Database
from assistant.records.passwords import Passwords, weakness
from assistant.records.schema import device, mentor, session

OPERATOR = "operator"
"""Who does what is done on the command line, in the audit trail."""

LONGEST_NAME = 200
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._+@-]{1,99}")


class Role(StrEnum):
    """What a mentor may do: a coordinator also looks after the other mentors."""

    MENTOR = "mentor"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Mentor:
    """Somebody who may work at the desk.

    Attributes:
        id: 128 random bits in hexadecimal; stands in the records for the person.
        login: What they sign in with, in small letters.
        name: As students see it.
        office: In whose name they answer.
        role: What they may do.
        disabled: Since when they may not sign in, in UTC; None if they may.
    """

    id: str
    login: str
    name: str
    office: str
    role: Role
    disabled: datetime | None


class Mentors:
    """The mentors in a database; every change stands in the audit trail."""

    def __init__(self, database: Database, passwords: Passwords | None = None) -> None:
        """Keep them in ``database``."""
        self._database = database
        self._passwords = passwords or Passwords()

    def add(
        self, login: str, name: str, office: str, role: Role, password: str | None, *, actor: str = OPERATOR
    ) -> Mentor:
        """Add a mentor; without a password they sign in through the provider of identities alone.

        Raises:
            RecordError: If the login is taken or none, a name is empty, or the password is weak.
        """
        login = _login(login)
        made = Mentor(secrets.token_hex(16), login, _name(name, "name"), _name(office, "office"), role, None)
        hashed = None if password is None else self._hashed(password, login)
        with self._database.writing() as connection:
            if find(connection, login) is not None:
                raise RecordError(f"{login!r} is taken; give another login, or `assistant mentor reset {login}`")
            row = {name: getattr(made, name) for name in made.__dataclass_fields__}
            connection.execute(insert(mentor).values(**row, password=hashed, created=datetime.now(UTC)))
            note(connection, actor, "add", f"mentor {made.id}", {"login": login, "role": role.value})
        return made

    def reset(self, login: str, password: str, *, actor: str = OPERATOR) -> Mentor:
        """Give a mentor a new password; their sessions end, and no browser is known to be theirs any more.

        Raises:
            RecordError: If there is no such mentor, or the password is weak.
        """
        hashed = self._hashed(password, login)

        def change(connection: Connection, found: Mentor) -> None:
            connection.execute(update(mentor).where(mentor.c.id == found.id).values(password=hashed))
            attempts.forgive(connection, (attempts.account(found.login),))
            _put_out(connection, found)

        return self._changed(login, "reset", actor, change)

    def disable(self, login: str, *, actor: str = OPERATOR) -> Mentor:
        """Let a mentor sign in no more; their sessions end, what they did stays.

        Raises:
            RecordError: If there is no such mentor.
        """

        def change(connection: Connection, found: Mentor) -> None:
            since = found.disabled or datetime.now(UTC)
            connection.execute(update(mentor).where(mentor.c.id == found.id).values(disabled=since))
            _put_out(connection, found)

        return self._changed(login, "disable", actor, change)

    def enable(self, login: str, *, actor: str = OPERATOR) -> Mentor:
        """Let a mentor sign in again.

        Raises:
            RecordError: If there is no such mentor.
        """

        def change(connection: Connection, found: Mentor) -> None:
            connection.execute(update(mentor).where(mentor.c.id == found.id).values(disabled=None))

        return self._changed(login, "enable", actor, change)

    def all(self) -> tuple[Mentor, ...]:
        """Return every mentor, by login."""
        with self._database.reading() as connection:
            rows = connection.execute(select(mentor).order_by(mentor.c.login)).mappings()
            return tuple(map(read, rows))

    def known(self, login: str) -> Mentor:
        """Return the mentor with a login.

        Raises:
            RecordError: If there is no such mentor.
        """
        with self._database.reading() as connection:
            row = find(connection, login)
        if row is None:
            raise _no_mentor(login)
        return read(row)

    def get(self, id: str) -> Mentor | None:
        """Return the mentor with an id; None if there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(mentor).where(mentor.c.id == id)).mappings().first()
        return read(row) if row else None

    def _hashed(self, password: str, login: str) -> str:
        if fault := weakness(password, login):
            raise RecordError(f"the password is {fault.value}; give another one")
        return self._passwords.hashed(password)

    def _changed(self, login: str, action: str, actor: str, change: Callable[[Connection, Mentor], None]) -> Mentor:
        """Change one mentor in one transaction with its row in the audit trail, and return them as they are then."""
        with self._database.writing() as connection:
            row = find(connection, login)
            if row is None:
                raise _no_mentor(login)
            change(connection, read(row))
            note(connection, actor, action, f"mentor {row['id']}", {"login": row["login"]})
            changed = find(connection, login)
        return read(changed or row)


def find(connection: Connection, login: str) -> RowMapping | None:
    """Return the row of the mentor with a login, however its letters are written."""
    query = select(mentor).where(mentor.c.login == login.strip().casefold())
    return connection.execute(query).mappings().first()


def read(row: RowMapping) -> Mentor:
    """Return a mentor from a row."""
    return Mentor(row["id"], row["login"], row["name"], row["office"], Role(row["role"]), row["disabled"])


def end_sessions(connection: Connection, id: str) -> int:
    """End all sessions of a mentor and return how many there were."""
    return connection.execute(delete(session).where(session.c.mentor == id)).rowcount


def _no_mentor(login: str) -> RecordError:
    return RecordError(f"{login[:100]!r} is no mentor's login; see `assistant mentor list`")


def _put_out(connection: Connection, of: Mentor) -> None:
    end_sessions(connection, of.id)
    connection.execute(delete(device).where(device.c.mentor == of.id))


def _login(login: str) -> str:
    cleaned = login.strip().casefold()
    if not _LOGIN.fullmatch(cleaned):
        raise RecordError(
            f"{login[:100]!r} is no login; write an e-mail address, or 2 to 100 letters a to z, digits and . _ + -"
        )
    return cleaned


def _name(text: str, field: str) -> str:
    cleaned = " ".join(text.split())
    if not 1 <= len(cleaned) <= LONGEST_NAME or not cleaned.isprintable():
        raise RecordError(f"{cleaned[:50]!r} is no {field}; write 1 to {LONGEST_NAME} characters")
    return cleaned
