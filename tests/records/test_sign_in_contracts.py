"""Both databases keep the contract of signing in."""

from __future__ import annotations

import pytest
from sign_in_contract import SignInContract
from sqlalchemy import URL


class TestSignInOnSqlite(SignInContract):
    """Signing in with SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        return sqlite_file_url


class TestSignInOnPostgresql(SignInContract):
    """Signing in with PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        return postgresql_url
