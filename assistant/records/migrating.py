"""From the schema that a database has to the one this program needs, and back, without losing a row unasked."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, func, inspect, select, table

from assistant.errors import RecordError

STEPS = Path(__file__).parent / "migrations"
_one_at_a_time = threading.Lock()
"""Alembic keeps the step that runs in a module; threads must not run two."""


def current(connection: Connection) -> str | None:
    """Return the revision of a database; None if it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def head(steps: Path = STEPS) -> str | None:
    """Return the newest revision that these steps know."""
    return ScriptDirectory.from_config(_config(steps)).get_current_head()


def upgrade(connection: Connection, steps: Path = STEPS) -> None:
    """Bring a database to the newest revision, in the caller's transaction.

    Raises:
        RecordError: If it is of a later program, or holds tables of another one.
    """
    found = current(connection)
    others = set(inspect(connection).get_table_names()) - {"alembic_version"}  # which stays behind after going back
    if found is None and others:
        raise RecordError(
            f"the database holds other tables ({', '.join(sorted(others)[:5])}); records need a database of their own"
        )
    if found is not None and found not in known(steps):
        raise RecordError(
            f"the records have schema {found!r}, this program knows up to {head(steps)!r}; update the program"
        )
    if found != head(steps):
        with _one_at_a_time:
            command.upgrade(_config(steps, connection), "head")


def downgrade(connection: Connection, revision: str, *, force: bool = False, steps: Path = STEPS) -> None:
    """Bring a database back to an earlier revision, in the caller's transaction.

    Args:
        connection: In a writing transaction.
        revision: The revision to go back to; ``base`` for the empty database.
        force: Whether rows may be lost on the way.
        steps: Folder of the steps.

    Raises:
        RecordError: If rows would be lost and ``force`` is not given.
    """
    config = _config(steps, connection)
    config.attributes["force"] = force
    with _one_at_a_time:
        command.downgrade(config, revision)


def refuse_to_lose(context: MigrationContext, tables: tuple[str, ...]) -> None:
    """Stop a step down that would drop filled tables.

    Raises:
        RecordError: If one of the tables holds rows and the downgrade was not forced; it names the counts.
    """
    if context.config is not None and context.config.attributes.get("force"):
        return
    connection = context.connection
    assert connection is not None  # noqa: S101  steps run on a connection, never as a script
    counts = {name: connection.scalar(select(func.count()).select_from(table(name, column("*")))) for name in tables}
    if filled := {name: count for name, count in counts.items() if count}:
        shown = ", ".join(f"{count} in {name}" for name, count in filled.items())
        raise RecordError(f"going back would lose rows: {shown}; make a backup, then force it")


def known(steps: Path = STEPS) -> set[str]:
    """Return all revisions that these steps know."""
    return {each.revision for each in ScriptDirectory.from_config(_config(steps)).walk_revisions()}


def _config(steps: Path, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(steps).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
