"""Copies of the records: made while they are in use, verified before they count, put back without losing anything.

A copy holds what students may still erase, so whoever keeps copies erases old ones, too. What was erased after a copy
was made is erased again when it is put back; who may no longer sign in, and which lessons were taken back, stays so.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from assistant.errors import RecordError
from assistant.records.carrying import WAITING, Carried, carried, finish, finish_waiting, put_down
from assistant.records.checking import check
from assistant.records.database import Database, connect, open_database, reported, shown, sqlite_url
from assistant.records.migrating import current, known

_LOG_FILES = ("-wal", "-shm")
_RELEASE_SECONDS = 2
_WAITING_MS = 10_000
"""How long PostgreSQL waits for those who use a table that is replaced."""


def backup(database: Database, target: Path) -> Path:
    """Write a copy of the records to a new file that only its owner can read, and return it.

    For SQLite the copy is a database, for PostgreSQL an archive of ``pg_dump``. It appears under its name in one piece,
    once it has been verified.

    Raises:
        RecordError: If the file exists, cannot be written, or the copy is not whole.
    """
    target = target.resolve()
    with reported(database.url):
        if target.exists():
            raise RecordError(f"{str(target)!r} exists, and a backup overwrites nothing; give another file")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _part_of(target) as part:
            if database.path is None:
                _run("pg_dump", ["--format=custom", f"--exclude-table={WAITING}", "--file", str(part)], database.url)
                _verify_archive(part)
            else:
                with database.bare() as connection:  # one moment of the records, without pages that hold nothing
                    connection.exec_driver_sql("VACUUM INTO ?", (str(part),))
                _verify_file(part)
            _put(part, target)
    return target


def restore(url: str | URL, source: Path, *, force: bool = False) -> Path | None:
    """Put a copy in the place of the records, and return where those that were there are kept; None if there were none.

    The copy is verified, and brought to the newest schema, before anything is replaced.

    Args:
        url: Address of the records, of the same sort of database as the copy.
        source: What ``backup`` wrote.
        force: Whether records that are there may be replaced.

    Raises:
        RecordError: If the copy is not whole, the records are in use, or they are there and ``force`` is not given.
    """
    place = connect(url)
    try:
        with reported(place.url):
            if not source.is_file():
                raise RecordError(f"there is no file {str(source)!r}; give one that `assistant backup` wrote")
            is_there = _is_there(place)
            if is_there and not force:
                raise RecordError(f"{shown(place.url)} holds records; --force replaces them and keeps them aside")
            since = _carried(place) if is_there else Carried()
            put_back = _restore_archive if place.path is None else _restore_file
            return put_back(place, source, since, is_there)
    finally:
        place.close()


def _is_there(place: Database) -> bool:
    """Return whether there are records, whole or damaged."""
    if place.path is not None:
        return place.path.exists() and place.path.stat().st_size > 0
    with place.reading() as connection:
        return current(connection) is not None


def _carried(place: Database) -> Carried:
    """Return what the records that are there carry over; nothing if they are too damaged to tell."""
    try:
        with place.reading() as connection:
            return carried(connection)
    except RecordError:
        if place.path is None:
            raise
        return Carried()


def _finish(url: URL, since: Carried) -> None:
    """Open a file that is to take the place of the records, and carry over what was decided since it was copied."""
    database = open_database(url)
    try:
        with database.writing() as connection:
            finish(connection, since)
        database.scrub()
    finally:
        database.close()


def _restore_file(place: Database, source: Path, since: Carried, is_there: bool) -> Path | None:
    """Replace the file of SQLite by one that is finished, and return where the old one is."""
    path = place.path
    assert path is not None  # noqa: S101  the caller has looked
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if source.with_name(f"{source.name}-wal").exists():
        raise RecordError(f"{str(source)!r} is in use, so the file alone is not whole; close what has it open")
    with _part_of(path) as part:
        shutil.copyfile(source, part)
        _verify_file(part)
        aside = path.with_name(f"{path.name}.before-restore-{_stamp()}") if is_there else None
        _finish(sqlite_url(part), replace(since, kept=aside.name if aside else ""))
        place.close()
        if aside is not None:
            _set_aside(path, aside)
        _put(part, path)
    return aside


def _set_aside(path: Path, aside: Path) -> None:
    """Give the file a second name, so that there is never a moment without one; move what is left of its log."""
    _release(path)
    for suffix in _LOG_FILES:  # of a damaged file; they must not be taken for the new one's
        if (log := path.with_name(path.name + suffix)).exists():
            log.rename(aside.with_name(aside.name + suffix))
    try:
        aside.hardlink_to(path)
    except OSError:  # a file system without links
        shutil.copy2(path, aside)


def _restore_archive(place: Database, source: Path, since: Carried, is_there: bool) -> Path | None:
    """Replace what PostgreSQL holds, in one transaction, and return the archive of it."""
    _verify_archive(source)
    aside = backup(place, source.with_name(f"before-restore-{_stamp()}.dump")) if is_there else None
    what = replace(since, kept=aside.name if aside else "")
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    if is_there:
        put_down(place, what)  # before: whoever dies after the next line leaves it to the next start
    _run("pg_restore", [*options, str(source)], place.url)
    if not is_there:
        _finish(place.url, what)
    elif not finish_restored(place.url):
        raise RecordError(f"the records of {str(source)!r} did not take the place of those that are there; try again")
    return aside


def finish_restored(url: URL) -> bool:
    """Finish a restore of PostgreSQL that was cut off before it was; return whether there was one."""
    database = open_database(url)
    try:
        return finish_waiting(database)
    finally:
        database.close()


def _verify_file(copy: Path) -> None:
    """Bring a copy to the newest schema and raise a ``RecordError`` unless it is whole."""
    url = sqlite_url(copy)
    bare = connect(url)
    try:
        with bare.reading() as connection:
            if current(connection) is None:
                raise RecordError(f"{str(copy)!r} holds no records; give a file that `assistant backup` wrote")
    finally:
        bare.close()
    open_database(url).close()
    if wrong := [finding for finding in check(url) if not finding.ok]:
        raise RecordError(f"the copy is not whole: {wrong[0].subject}: {wrong[0].words}")


def _verify_archive(archive: Path) -> None:
    """Raise a ``RecordError`` unless an archive can be read to its end and is of a schema this program knows."""
    _run("pg_restore", ["--file", os.devnull, str(archive)])
    told = _run("pg_restore", ["--data-only", "--table=alembic_version", "--file=-", str(archive)])
    if not known() & set(told.splitlines()):
        raise RecordError(f"{str(archive)!r} holds no records, or those of a later program; give another, or update it")


def _release(path: Path) -> None:
    """Merge the log of an SQLite file into it, which needs the file for itself.

    Raises:
        RecordError: If somebody else has it open.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_RELEASE_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise RecordError(f"the records {str(path)!r} are in use; stop the program that serves them") from None
        # Too damaged to be opened: then it is set aside as it is.


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """Give an empty file beside ``target`` that only its owner can read; what is left of it is removed."""
    part = target.with_name(f"{target.name}.part")
    remains = [part, *(part.with_name(part.name + suffix) for suffix in _LOG_FILES)]
    try:
        for path in remains:  # of a process that died
            path.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
    finally:
        for path in remains:
            path.unlink(missing_ok=True)


def _put(part: Path, target: Path) -> None:
    """Give a finished file its name, durably."""
    _sync(part)
    part.replace(target)
    if os.name != "nt":  # Windows cannot open a folder, and keeps names with the file
        _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def _run(tool: str, arguments: Sequence[str], url: URL | None = None) -> str:
    """Run a tool of PostgreSQL and return what it wrote; a password is handed over where no other user sees it.

    Raises:
        RecordError: If it is not installed, or fails.
    """
    program = shutil.which(tool)
    if program is None:
        raise RecordError(f"{tool!r} is not installed; install the client of PostgreSQL (Debian: postgresql-client)")
    environment = os.environ | {"PGOPTIONS": f"-c lock_timeout={_WAITING_MS}"}
    where: list[str] = []
    if url is not None:
        where = ["--dbname", url.set(drivername="postgresql", password=None).render_as_string()]
        environment |= {"PGPASSWORD": str(url.password)} if url.password else {}
    command = [program, "--no-password", *where, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        first = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[0]
        raise RecordError(f"{tool} failed: {first[:300]}; see that the server can be reached and the file is whole")
    return done.stdout
