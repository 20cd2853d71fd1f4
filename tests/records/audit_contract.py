"""What every keeper of an audit trail must do: inherit ``AuditContract`` and give the fixture ``url``."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from assistant.errors import RecordError
from assistant.records.audit import FIRST, DatabaseAudit
from assistant.records.database import Database
from assistant.records.ports import Audit, Verified

CHANGES = {
    "actor": "'somebody'", "action": "'x'", "subject": "'y'", "details": "'{\"turns\": 3}'", "hash": "'0'",
    "previous": "'0'", "at": "'2001-01-01 00:00:00.000000'",
}  # fmt: skip


def without_triggers(database: Database, *statements: str) -> None:
    """Do to the trail what only somebody with the file or the server in their hands can do."""
    on_sqlite = database.path is not None
    with database.writing() as connection:
        if on_sqlite:
            names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type='trigger'")).all()
            guards = [f"DROP TRIGGER {name}" for name in names]
        else:
            guards = ["ALTER TABLE audit DISABLE TRIGGER USER"]
        for statement in (*guards, *statements):
            connection.execute(text(statement))


class AuditContract:
    """The contract; a subclass gives the address of an empty database."""

    @pytest.fixture
    def trail(self, database: Database) -> Audit:
        """Give the trail."""
        return DatabaseAudit(database)

    def test_rows_come_back_in_order_and_hang_together(self, trail: Audit) -> None:
        """Each row holds what was noted and the hash of the one before, and the chain is whole."""
        noted = [trail.note("менторша", "read", f"conversation {n}", {"turns": n, "тіл": "kk"}) for n in range(5)]
        assert trail.entries() == tuple(noted)
        assert [entry.number for entry in noted] == [1, 2, 3, 4, 5]
        assert [entry.previous for entry in noted] == [FIRST, *(entry.hash for entry in noted[:-1])]
        assert trail.entries(after=2, limit=2) == tuple(noted[2:4])
        assert trail.verify() == Verified(5, noted[-1].hash)

    def test_an_empty_trail_is_whole(self, trail: Audit) -> None:
        """Nothing noted is nothing broken."""
        assert trail.verify() == Verified(0, FIRST)

    def test_what_no_database_takes_does_not_break_the_chain(self, trail: Audit) -> None:
        """The hash is that of what is stored, not of what was given."""
        trail.note("a\x00", "b\ud800", "c", {"d\x00": "e\x00"})
        (entry,) = trail.entries()
        assert (entry.actor, entry.action, entry.details) == ("a", "b", {"d": "e"})
        assert trail.verify().broken is None

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE number = 2"],
    )  # fmt: skip
    def test_no_statement_changes_the_trail(self, database: Database, trail: Audit, statement: str) -> None:
        """The database itself refuses to change or drop rows."""
        noted = [trail.note("a", "b", str(number)) for number in range(3)]
        with pytest.raises(RecordError, match="audit trail only grows"), database.writing() as connection:
            connection.execute(text(statement))
        assert trail.entries() == tuple(noted)

    @pytest.mark.parametrize("row", [1, 3, 5])
    @pytest.mark.parametrize("column", CHANGES)
    def test_a_changed_row_is_named(self, database: Database, trail: Audit, column: str, row: int) -> None:
        """Whichever part of a row is changed behind the triggers, verifying names that row."""
        for number in range(5):
            trail.note("a", "b", str(number), {"turns": 2})
        without_triggers(database, f"UPDATE audit SET {column} = {CHANGES[column]} WHERE number = {row}")
        assert trail.verify() == Verified(row - 1, trail.entries()[row - 2].hash if row > 1 else FIRST, broken=row)

    def test_a_row_left_out_or_put_elsewhere_is_named(self, database: Database, trail: Audit) -> None:
        """The first row that does not follow the one before it is named."""
        for number in range(5):
            trail.note("a", "b", str(number))
        without_triggers(database, "UPDATE audit SET number = 9 WHERE number = 2")
        assert trail.verify().broken == 3
        without_triggers(database, "DELETE FROM audit WHERE number = 1")
        assert trail.verify().broken == 3

    def test_threads_make_one_chain(self, trail: Audit) -> None:
        """Eight threads note at once: all rows are there and hang together."""
        with ThreadPoolExecutor(8) as pool:
            noted = list(pool.map(lambda number: trail.note("a", "b", str(number)), range(40)))
        assert {entry.number for entry in noted} == set(range(1, 41))
        assert trail.verify().rows == 40
