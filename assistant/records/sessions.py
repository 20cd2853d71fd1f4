"""Signing in and staying so: sessions on the server, known by the hash of a random token in the browser's cookie."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from assistant.records import attempts
from assistant.records.audit import note
from assistant.records.database import Database
from assistant.records.mentors import Mentor, end_sessions, find, read
from assistant.records.passwords import Busy, Passwords, Weakness, weakness
from assistant.records.schema import device, mentor, session

IDLE, WHOLE = timedelta(minutes=30), timedelta(hours=12)
"""How long a session lasts without a request, and at all."""

KNOWN = timedelta(days=365)
"""How long a browser counts as known after the last sign-in with it."""

BUSY_SECONDS = 5
_TOUCHED = timedelta(minutes=1)  # a session's last request is noted to the minute, so that reading rarely writes
_SWEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun.

    Attributes:
        mentor: Whose it is.
        token: For the browser's cookie; 256 random bits, of which only the SHA-256 is stored.
        device: By which the browser is known at the next sign-in; for a cookie that lasts.
    """

    mentor: Mentor
    token: str
    device: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A try that failed; it does not tell whether the login exists.

    Attributes:
        wait_seconds: For how long no further try is looked at; 0 if the next one may follow.
    """

    wait_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a mentor.

    Attributes:
        begun: When it began, in UTC.
        latest: When it was last used, to the minute, in UTC.
        own: Whether it is the one that asks.
    """

    begun: datetime
    latest: datetime
    own: bool


class SignIn:
    """Sign-in and sessions of the mentors in a database; safe for threads and processes."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep sessions and counters in ``database``."""
        self._database = database
        self._passwords = passwords or Passwords()
        self._clock = clock
        self._swept = datetime.min.replace(tzinfo=UTC)

    def enter(self, login: str, password: str, *, device: str | None, address: str) -> SignedIn | Refused:
        """Begin a session with a password.

        Args:
            login: As typed.
            password: As typed.
            device: What the browser was given when this mentor last signed in with it; None if it has nothing.
            address: Who asks, as far as the network tells: an IPv4 address or the /64 of an IPv6 one.
        """
        with self._database.reading() as connection:
            row = find(connection, login)
            known = row is not None and _is_known(connection, device, row["id"], self._clock() - KNOWN)
            keys = (attempts.device(device or ""),) if known else (attempts.account(login), attempts.address(address))
            wait = attempts.wait_seconds(connection, keys, self._clock())
        refused = Refused(wait) if wait else self._guessed(row, password, keys)
        if row is None or refused is not None:
            return refused or Refused()
        return self._entered(row, password, keys, device if known else None) or Refused()

    def enter_as(self, subject: str, email: str | None) -> SignedIn | None:
        """Begin a session for whom a provider of identities vouches; None if that is no mentor who may sign in.

        Args:
            subject: Issuer and subject; bound to the mentor at the first time.
            email: Address that the provider has verified; None if it has not.
        """
        with self._database.writing() as connection:
            row = connection.execute(select(mentor).where(mentor.c.subject == subject)).mappings().first()
            if row is None and email:
                row = find(connection, email)
                if row is None or row["subject"] is not None or row["disabled"] is not None:
                    return None
                connection.execute(update(mentor).where(mentor.c.id == row["id"]).values(subject=subject))
                note(connection, row["id"], "bind", f"mentor {row['id']}", {})
            if row is None or row["disabled"] is not None:
                return None
            return self._begun(connection, row, "provider", None)

    def resume(self, token: str) -> Mentor | None:
        """Return whose session a token is of; None if there is none, it has ended, or the mentor is disabled."""
        now = self._clock()
        query = select(mentor, session.c.latest).join(session).where(_is_alive(now), session.c.token == digest(token))
        with self._database.reading() as connection:
            row = connection.execute(query.where(mentor.c.disabled.is_(None))).mappings().first()
        if row is None:
            return None
        if now - row["latest"] >= _TOUCHED:
            with self._database.writing() as connection:
                connection.execute(update(session).where(session.c.token == digest(token)).values(latest=now))
        return read(row)

    def leave(self, token: str) -> None:
        """End a session."""
        with self._database.writing() as connection:
            owner = connection.scalar(select(session.c.mentor).where(session.c.token == digest(token)))
            if owner is not None:
                connection.execute(delete(session).where(session.c.token == digest(token)))
                note(connection, owner, "sign_out", f"mentor {owner}", {"sessions": 1})

    def leave_everywhere(self, id: str, *, actor: str) -> int:
        """End all sessions of a mentor, and return how many there were."""
        with self._database.writing() as connection:
            ended = end_sessions(connection, id)
            note(connection, actor, "sign_out", f"mentor {id}", {"sessions": ended})
        return ended

    def sessions(self, id: str, token: str) -> tuple[Session, ...]:
        """Return the sessions of a mentor, the newest first; ``token`` is of the one that asks."""
        query = select(session).where(session.c.mentor == id, _is_alive(self._clock())).order_by(session.c.begun.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Session(row["begun"], row["latest"], row["token"] == digest(token)) for row in rows)

    def change_password(self, of: Mentor, old: str, new: str) -> Weakness | Refused | SignedIn:
        """Give a signed-in mentor a new password and a new session; all their other sessions end.

        A wrong old password counts like a guess from a known browser: a session left open must not serve to guess.
        """
        if fault := weakness(new, of.login):
            return fault
        keys = (attempts.device(f"change {of.id}"),)
        with self._database.reading() as connection:
            row = find(connection, of.login)
        refused = self._guessed(row, old, keys)
        if row is None or refused is not None:
            return refused or Refused()
        hashed = self._passwords.hashed(new)
        with self._database.writing() as connection:
            if not _is_same(find(connection, of.login), row):
                return Refused()
            attempts.forgive(connection, keys)
            connection.execute(update(mentor).where(mentor.c.id == of.id).values(password=hashed))
            note(connection, of.id, "password", f"mentor {of.id}", {"sessions": end_sessions(connection, of.id)})
            return self._begun(connection, row, "password", None)

    def _guessed(self, row: RowMapping | None, password: str, keys: tuple[str, ...]) -> Refused | None:
        """Look at a password, counted in advance; None if it is right. Without a row it takes as long."""
        try:
            with self._passwords.turn():
                if wait := self._count(keys, row):
                    return Refused(wait)
                is_right = self._passwords.matches(row["password"] if row else None, password)
        except Busy:
            return Refused(BUSY_SECONDS)
        return None if is_right else Refused(self._wait(keys))

    def _wait(self, keys: tuple[str, ...]) -> int:
        with self._database.reading() as connection:
            return attempts.wait_seconds(connection, keys, self._clock())

    def _count(self, keys: tuple[str, ...], row: RowMapping | None) -> int:
        """Count a try in advance and return 0, or the seconds to wait if others were faster."""
        with self._database.writing() as connection:
            now = self._clock()
            if now - self._swept >= _SWEPT:
                self._swept = now
                sweep(connection, now)
            wait = attempts.wait_seconds(connection, keys, now)
            if not wait and attempts.count(connection, keys, now) and row is not None:
                note(connection, "program", "slow_down", f"mentor {row['id']}", {})
            return wait

    def _entered(self, seen: RowMapping, password: str, keys: tuple[str, ...], known: str | None) -> SignedIn | None:
        """Begin a session after a right password, unless the mentor was disabled or reset in the meantime."""
        dated = self._passwords.is_dated(seen["password"])
        hashed = self._passwords.hashed(password) if dated else seen["password"]
        with self._database.writing() as connection:
            row = find(connection, seen["login"])
            if row is None or not _is_same(row, seen):
                return None
            attempts.forgive(connection, keys)
            connection.execute(update(mentor).where(mentor.c.id == row["id"]).values(password=hashed))
            return self._begun(connection, row, "password", known)

    def _begun(self, connection: Connection, row: RowMapping, by: str, known: str | None) -> SignedIn:
        now, token, browser = self._clock(), secrets.token_urlsafe(32), known or secrets.token_urlsafe(32)
        connection.execute(insert(session).values(token=digest(token), mentor=row["id"], begun=now, latest=now))
        if known:
            connection.execute(update(device).where(device.c.token == digest(known)).values(latest=now))
        else:
            connection.execute(insert(device).values(token=digest(browser), mentor=row["id"], latest=now))
        note(connection, row["id"], "sign_in", f"mentor {row['id']}", {"by": by})
        return SignedIn(read(row), token, browser)


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def sweep(connection: Connection, now: datetime) -> None:
    """Remove sessions that have ended, counters that begin anew, and browsers unused for long."""
    connection.execute(delete(session).where(~_is_alive(now)))
    connection.execute(delete(device).where(device.c.latest < now - KNOWN))
    attempts.sweep(connection, now)


def _is_same(row: RowMapping | None, seen: RowMapping) -> bool:
    """Return whether nobody has disabled a mentor or given them another password since their row was seen."""
    return row is not None and row["disabled"] is None and bool(row["password"] == seen["password"])


def _is_alive(now: datetime) -> Any:
    return (session.c.latest > now - IDLE) & (session.c.begun > now - WHOLE)


def _is_known(connection: Connection, token: str | None, id: str, since: datetime) -> bool:
    if not token:
        return False
    query = select(device.c.token).where(
        device.c.token == digest(token), device.c.mentor == id, device.c.latest > since
    )
    return connection.scalar(query) is not None
