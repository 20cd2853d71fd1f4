"""The mentors' queue keeps its contract on both databases."""

from __future__ import annotations

import pytest
from queue_contract import QueueContract
from queue_made import DANA, recorded, turn
from sqlalchemy import URL, event
from submissions_contract import children

from assistant.records.database import Database
from assistant.records.items import Stage, Wanted, Why
from assistant.records.queue import Queue

__all__ = ["children"]  # a fixture of the contract


class TestQueueOnSqlite(QueueContract):
    """The queue in SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        """Give the address of a file."""
        return sqlite_file_url

    def test_no_page_reads_every_turn(self, queue: Queue, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever is asked of the queue, conversations, turns and submissions are looked up by their keys."""
        recorded(database, *[turn(str(number), country="PL") for number in range(60)])
        told: list[tuple[str, object]] = []
        event.listen(database.engine, "before_cursor_execute", lambda *given: told.append((given[2], given[3])))
        queue.counts()
        queue.item(7)
        first = queue.page(Wanted())
        queue.page(Wanted(), first.next)
        queue.page(Wanted(folded=True), first.next)
        for stage in (*Stage, None):
            for why in (None, Why.ABSTAINED):
                queue.page(Wanted(stage=stage, why=why, country="PL", words="1", newest=True, alike=3, mine=DANA))
        asked = [each for each in told if each[0].startswith("SELECT")]
        assert len(asked) > 20
        with database.reading() as connection:
            plans = [
                row[3] for words, given in asked
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given).all()
            ]  # fmt: skip
        scanned = {plan for plan in plans if plan.startswith("SCAN")}
        assert scanned
        assert [plan for plan in plans if "earlier" in plan]
        assert not [plan for plan in plans if plan.startswith("SCAN earlier")]
        assert not {
            plan for plan in scanned if plan.split()[1] in {"turn", "submission", "conversation", "turn_section"}
        }


class TestQueueOnPostgresql(QueueContract):
    """The queue in PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        """Give the address of a schema."""
        return postgresql_url
