"""The coverage figures keep their contract on both databases, and read no table that grows with every question."""

from __future__ import annotations

import pytest
from coverage_contract import CoverageContract, asked
from queue_made import ANSWERED, STALE, turn
from sqlalchemy import URL, event

from assistant.records.coverage import Coverage
from assistant.records.covered import Period
from assistant.records.database import Database


class TestCoverageOnSqlite(CoverageContract):
    """The figures in SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        """Give the address of a file."""
        return sqlite_file_url

    def test_no_figure_reads_the_rows_of_turns(self, figures: Coverage, database: Database) -> None:
        """Turns are counted in an index that covers all, and looked up by their keys for examples alone."""
        for number in range(40):
            asked(database, turn(str(number), STALE if number % 2 else ANSWERED, doubtful=True, country="PL"))
        told: list[tuple[str, object]] = []
        event.listen(database.engine, "before_cursor_execute", lambda *given: told.append((given[2], given[3])))
        figures.count(Period.QUARTER)
        figures.asked(3, 5)
        questions = [each for each in told if each[0].startswith(("SELECT", "WITH"))]
        assert len(questions) > 10
        with database.reading() as connection:
            plans = [
                row[3] for words, given in questions
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given).all()
            ]  # fmt: skip
        reads = {
            plan for plan in plans
            if plan.split()[0] in {"SCAN", "SEARCH"} and plan.split()[1] in {"turn", "turn_section", "conversation"}
        }  # fmt: skip
        assert reads
        assert not {plan for plan in reads if "COVERING INDEX" not in plan and "(conversation=?" not in plan}


class TestCoverageOnPostgresql(CoverageContract):
    """The figures in PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        """Give the address of a schema."""
        return postgresql_url
