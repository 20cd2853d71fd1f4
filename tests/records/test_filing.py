"""What opens items of the queue, on both databases; the sample; replies of any form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from filing_contract import FilingContract
from hypothesis import given, settings
from hypothesis import strategies as st
from queue_made import SECTION, turn
from sqlalchemy import URL, text

from assistant.errors import RecordError
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.filing import is_sampled, nearest, quoted
from assistant.records.ports import TurnKey

JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.sampled_from(["answered", "abstained", SECTION]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["section", "stale"]), inner),
    max_leaves=6,
)


class TestFilingOnSqlite(FilingContract):
    """What opens items, in SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        """Give the address of a file."""
        return sqlite_file_url


class TestFilingOnPostgresql(FilingContract):
    """What opens items, in PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        """Give the address of a schema."""
        return postgresql_url


@pytest.fixture
def sqlite_database(sqlite_file_url: URL, opening: Callable[[URL], Database]) -> Database:
    """Give an open file of SQLite."""
    return opening(sqlite_file_url)


def test_a_database_that_gives_up_acknowledges_nothing(sqlite_database: Database) -> None:
    """When the database undoes the whole transaction because of the filing, recording fails and tells so."""
    kept = DatabaseConversations(sqlite_database)
    key = kept.begin("en", "chat")
    with sqlite_database.writing() as connection:
        connection.execute(text(
            "CREATE TRIGGER full BEFORE INSERT ON item BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END"
        ))  # fmt: skip
    with pytest.raises(RecordError):
        kept.record(key.id, turn())
    found = kept.read(key.id)
    assert found is not None
    assert found.turns == ()


def test_the_sample_is_a_small_share_and_repeatable() -> None:
    """Of 20,000 turns about one in fifty is read by chance, and always the same ones."""
    keys = [TurnKey(f"{number:032x}", 1 + number % 5) for number in range(20_000)]
    drawn = [key for key in keys if is_sampled(key)]
    assert 0.016 < len(drawn) / len(keys) < 0.024
    assert drawn == [key for key in keys if is_sampled(key)]


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(["citations", "nearest", "status", "reason", "language"]), JSON))
def test_any_reply_can_be_read(reply: dict[str, Any]) -> None:
    """Whatever a reply holds, its sections are texts that can be stored, and the nearest comes from it."""
    assert all(0 < len(section) <= 200 for section in quoted(reply))
    found = nearest(reply)
    parts = [part for name in ("citations", "nearest") if isinstance(reply.get(name), list) for part in reply[name]]
    assert found is None or found in [part.get("section") for part in parts if isinstance(part, dict)]
