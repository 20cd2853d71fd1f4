"""Both databases keep all three contracts."""

from __future__ import annotations

from pathlib import Path

import pytest
from audit_contract import AuditContract
from conversations_contract import ConversationsContract
from records_children import opened_file, opened_server
from sqlalchemy import URL, select
from submissions_contract import SubmissionsContract, children, feedback

from assistant.records import schema
from assistant.records.database import Database

__all__ = ["children"]  # a fixture of the contract


class _OnSqlite:
    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        return sqlite_file_url


class _OnPostgresql:
    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        return postgresql_url


class TestConversationsOnSqlite(_OnSqlite, ConversationsContract):
    """Conversations in SQLite."""


class TestConversationsOnPostgresql(_OnPostgresql, ConversationsContract):
    """Conversations in PostgreSQL."""


class TestAuditOnSqlite(_OnSqlite, AuditContract):
    """The audit trail in SQLite."""


class TestAuditOnPostgresql(_OnPostgresql, AuditContract):
    """The audit trail in PostgreSQL."""


class TestSubmissionsOnSqlite(SubmissionsContract):
    """Submissions in SQLite."""

    opened = staticmethod(opened_file)


class TestSubmissionsOnPostgresql(SubmissionsContract):
    """Submissions in PostgreSQL."""

    opened = staticmethod(opened_server)

    @pytest.fixture(autouse=True)
    def _address(self, tmp_path: Path, postgresql_url: URL) -> None:
        (tmp_path / "url").write_text(postgresql_url.render_as_string(hide_password=False))

    def test_neither_code_nor_erased_text_stays_on_the_disk(self, tmp_path: Path) -> None:
        """No row holds the code, and after withdrawing none holds the text; the disk is the server's own."""
        keeper = self.opened(tmp_path)
        code = keeper.add(feedback("unmistakable"), masked=False)
        assert "unmistakable" in rows(keeper._database)
        assert not any(signs in rows(keeper._database) for signs in (code, code.replace("-", "")))
        keeper.withdraw(code)
        assert "unmistakable" not in rows(keeper._database)


def rows(database: Database) -> str:
    """Return all rows of all tables, written out."""
    with database.reading() as connection:
        return "".join(str(connection.execute(select(table)).all()) for table in schema.metadata.sorted_tables)
