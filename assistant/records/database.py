"""The database of the records: one SQLite file, or PostgreSQL by its address; once opened, it is whole and current.

Both serve one writer at a time and many readers: SQLite by ``BEGIN IMMEDIATE``, PostgreSQL by an advisory lock. So a
turn's number and a link of the audit chain can be computed from the row before. What is acknowledged is on the disk.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from assistant.errors import RecordError
from assistant.records.columns import json_text
from assistant.records.migrating import current, head, upgrade

BUSY_MS = 30_000
"""How long a writer waits for the one before it; one write takes milliseconds."""

_WRITER = 0x7265636F
"""Name of PostgreSQL's advisory lock of the one writer."""

_DRIVERS = frozenset({"sqlite+pysqlite", "postgresql+psycopg"})
_PRAGMAS = (
    f"busy_timeout={BUSY_MS}",  # first: switching to WAL may have to wait, too
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Database:
    """An open database; safe for threads. What goes wrong in it is a ``RecordError`` without content.

    Attributes:
        url: Where it is.
    """

    url: URL
    engine: Engine

    @property
    def path(self) -> Path | None:
        """The file of SQLite; None for PostgreSQL."""
        return sqlite_path(self.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection whose queries all see the same moment."""
        with reported(self.url), self.engine.connect() as opened:
            # SQLite always reads so; for writing, PostgreSQL must see what was committed while it waited.
            connection = opened if self.path else opened.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection inside the one write transaction, rolled back when anything goes wrong."""
        with reported(self.url), self.engine.connect() as opened:
            connection = opened.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin():
                if self.path is None:
                    connection.execute(select(func.set_config("lock_timeout", f"{BUSY_MS}ms", True)))  # as SQLite does
                    connection.execute(select(func.pg_advisory_xact_lock(_WRITER)))
                yield connection

    @contextmanager
    def bare(self) -> Iterator[Connection]:
        """Give a connection of SQLite outside any transaction, for what cannot be inside one."""
        with reported(self.url), self.engine.connect() as connection:
            yield connection.execution_options(begin="")

    def scrub(self) -> None:
        """Make what was erased leave the disk: in SQLite, the log in which it still stands is emptied.

        PostgreSQL drops erased rows when it vacuums and recycles its log by itself; that cannot be hastened from here.
        """
        if self.path is None:
            return
        try:
            with self.bare() as connection:
                busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
            problem = "a reader holds it" if busy else ""
        except RecordError as error:  # the rows are gone all the same, and whoever erased them must be told so
            problem = str(error)
        if problem:
            _log.error("erased text stays in the write-ahead log until the next erasure or restart: %s", problem)

    def close(self) -> None:
        """Close all connections; the last one to close an SQLite file empties its log."""
        self.engine.dispose()


def open_database(url: str | URL) -> Database:
    """Open the records, made or brought to the newest schema if need be.

    Args:
        url: ``sqlite:////folder/records.sqlite``, ``sqlite_url(path)``, or
            ``postgresql+psycopg://user:password@host/name``.

    Raises:
        RecordError: If there is no such database, it is damaged, of a later program, or cannot be written.
    """
    database = connect(url)
    try:
        if database.path is not None:
            with reported(database.url):
                _make_private(database.path)
            _verify_quickly(database)
        with database.reading() as connection:
            is_current = current(connection) == head()
        if not is_current:
            with database.writing() as connection:
                upgrade(connection)
    except BaseException:
        database.close()
        raise
    return database


def connect(url: str | URL) -> Database:
    """Return a database as it is, neither verified nor brought to the newest schema; nothing is connected yet.

    Raises:
        RecordError: If the address is none of a database that records can live in.
    """
    place = _place(url)
    path = sqlite_path(place)
    try:
        engine = create_engine(place, hide_parameters=True, json_serializer=json_text, pool_pre_ping=path is None)
    except ModuleNotFoundError as error:
        raise RecordError(
            f"{shown(place)} needs the package {error.name!r}; install predeparture-assistant[postgresql]"
        ) from None
    if path is not None:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return Database(place, engine)


def sqlite_url(path: Path) -> URL:
    """Return the address of a file of SQLite, whatever signs its name has."""
    return URL.create("sqlite", database=str(path.absolute()))


def sqlite_path(url: URL) -> Path | None:
    """Return the file of an address of SQLite; None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def shown(url: URL) -> str:
    """Return an address as it may be shown and logged: without its password."""
    return repr(url.render_as_string(hide_password=True))


@contextmanager
def reported(url: URL) -> Iterator[None]:
    """Turn what a database or its disk refuses into a ``RecordError``.

    The original error is not chained: its text may repeat what a student wrote, and errors are logged.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise RecordError(
            f"records database {shown(url)}: {_first_line(error)}; see that it can be reached and written, that its "
            "disk is not full, and what `assistant check` says"
        ) from None


def _place(url: str | URL) -> URL:
    try:
        place = make_url(url)
        driver = f"{place.get_backend_name()}+{place.get_driver_name()}"
    except (ArgumentError, NoSuchModuleError, ValueError):
        place, driver = None, ""
    if place is None or driver not in _DRIVERS:
        scheme = str(url).partition(":")[0][:40]  # the rest may hold a password
        raise RecordError(
            f"{scheme!r} begins no address of a records database; write sqlite:////folder/records.sqlite or "
            "postgresql+psycopg://user:password@host/name"
        )
    named = (place.database or "").startswith(("file:", ":memory:"))
    if driver.startswith("sqlite") and (named or not place.database):
        raise RecordError(
            f"{shown(place)} names no file, so records would be lost; write sqlite:////folder/records.sqlite"
        )
    return place


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, so that nobody else can ever read it; its log gets the same mode.

    An existing file is not opened: closing it again would release the locks that this process holds on it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    path.chmod(0o600)


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by ``_begin`` and by nobody else
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    if words := connection.get_execution_options().get("begin", "BEGIN"):
        connection.exec_driver_sql(words)


def _verify_quickly(database: Database) -> None:
    if database.path is None:
        return
    with database.bare() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        raise RecordError(
            f"records database {shown(database.url)} is damaged ({found}); restore a backup: `assistant restore FILE`"
        )


def _first_line(error: Exception) -> str:
    """Return what an error says in its first line; details in further lines may repeat a row."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return f"{type(original).__name__}: {original}".splitlines()[0][:300]
