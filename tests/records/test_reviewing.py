"""Both databases keep the contract of the decisions."""

from __future__ import annotations

import pytest
from reviewing_contract import ReviewingContract, children
from sqlalchemy import URL

__all__ = ["children"]  # a fixture of the contract


class TestReviewingOnSqlite(ReviewingContract):
    """Decisions in SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        """Give the address of a file."""
        return sqlite_file_url


class TestReviewingOnPostgresql(ReviewingContract):
    """Decisions in PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        """Give the address of a schema."""
        return postgresql_url
