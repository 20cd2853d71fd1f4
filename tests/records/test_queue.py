"""The mentors' queue keeps its contract on both databases."""

from __future__ import annotations

import pytest
from queue_contract import QueueContract
from sqlalchemy import URL
from submissions_contract import children

__all__ = ["children"]  # a fixture of the contract


class TestQueueOnSqlite(QueueContract):
    """The queue in SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        """Give the address of a file."""
        return sqlite_file_url


class TestQueueOnPostgresql(QueueContract):
    """The queue in PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        """Give the address of a schema."""
        return postgresql_url
