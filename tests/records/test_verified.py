"""Both databases keep the contract of verified answers."""

from __future__ import annotations

import pytest
from sqlalchemy import URL
from verified_contract import VerifiedContract


class TestVerifiedOnSqlite(VerifiedContract):
    """Verified answers in SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        """Give the address of a file."""
        return sqlite_file_url


class TestVerifiedOnPostgresql(VerifiedContract):
    """Verified answers in PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        """Give the address of a schema."""
        return postgresql_url
