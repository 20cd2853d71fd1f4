"""Both databases for the tests of the records: a file of SQLite, and a PostgreSQL of the tests' own, if one can be had."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import URL

from assistant.records.database import Database, open_database, sqlite_url

NO_SERVER = "no PostgreSQL"
_PROGRAMS = os.pathsep.join([os.environ.get("PATH", ""), *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly when a database was left untested."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_SERVER in str(report.longrepr)]
    if skipped:
        reason = skipped[0].longrepr[2]
        terminalreporter.write_line(f"NOT TESTED ON POSTGRESQL: {len(skipped)} tests. {reason}", red=True, bold=True)


def _unprivileged() -> str | None:
    """Return the user as whom a server can run; None for whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _run(user: str | None, *command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    subprocess.run(command, check=True, capture_output=True, user=user, env=environment, cwd="/")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """Start a server in a folder of its own, reached by a socket there, and give the address of an empty database."""
    initdb, pg_ctl = (shutil.which(name, path=_PROGRAMS) for name in ("initdb", "pg_ctl"))
    if not initdb or not pg_ctl:
        pytest.skip(f"{NO_SERVER}: initdb and pg_ctl are not installed (Debian: apt-get install postgresql)")
    user, folder = _unprivileged(), Path(tempfile.mkdtemp(prefix="pg"))
    port = str(20_000 + secrets.randbelow(40_000))
    try:
        if user:
            shutil.chown(folder, user)
        _run(
            user,
            initdb,
            "-D",
            f"{folder}/data",
            "-U",
            "records",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        options = f"-k {folder} -h '' -p {port} -c max_connections=200"
        try:
            _run(user, pg_ctl, "start", "-w", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options)
        except subprocess.CalledProcessError as error:
            log = (folder / "log").read_text() if (folder / "log").exists() else error.stdout.decode()
            pytest.skip(f"{NO_SERVER}: it does not start: {log[-300:]}")
        try:
            query = {"host": str(folder), "port": port}
            yield URL.create("postgresql+psycopg", username="records", database="postgres", query=query)
        finally:
            _run(user, pg_ctl, "stop", "-m", "immediate", "-D", f"{folder}/data")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"{NO_SERVER}: {error.cmd[0]} failed: {error.stderr.decode()[-300:]}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(server: URL, sort: str) -> str:
    """Make a schema or database with a name of its own and return the name."""
    name = f"records_{secrets.token_hex(6)}"
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE {sort} {name}")
    engine.dispose()
    return name


@pytest.fixture
def postgresql_url(postgresql: URL) -> URL:
    """Give the address of an empty schema of the test's own, which is made faster than a whole database."""
    return postgresql.update_query_dict({"options": f"-csearch_path={_made(postgresql, 'SCHEMA')}"})


@pytest.fixture
def whole_postgresql_url(postgresql: URL) -> URL:
    """Give the address of an empty database of the test's own."""
    return postgresql.set(database=_made(postgresql, "DATABASE"))


@pytest.fixture
def sqlite_file_url(tmp_path: Path) -> URL:
    """Give the address of a file that is not there yet."""
    return sqlite_url(tmp_path / "data" / "records.sqlite")


@pytest.fixture
def opening() -> Iterator[Callable[[URL], Database]]:
    """Give what opens databases, which are closed after the test."""
    opened: list[Database] = []

    def open_one(url: URL) -> Database:
        opened.append(open_database(url))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def database(url: URL, opening: Callable[[URL], Database]) -> Database:
    """Give an open database; the test's class says at which ``url``."""
    return opening(url)
