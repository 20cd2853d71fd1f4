"""Both databases keep the contract of the export, and the file is the machine's owner's alone."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from exporting_contract import ExportingContract
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL

from assistant.errors import RecordError
from assistant.records.exporting import TEST_SHARE, ReviewedQuestion, split_of, write


class TestExportingOnSqlite(ExportingContract):
    """The export from SQLite."""

    @pytest.fixture
    def url(self, sqlite_file_url: URL) -> URL:
        """Give the address of a file."""
        return sqlite_file_url


class TestExportingOnPostgresql(ExportingContract):
    """The export from PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql_url: URL) -> URL:
        """Give the address of a schema."""
        return postgresql_url


ONE = ReviewedQuestion(
    id="desk-1", question="Виза?", lang="ru", history=(), quotes=(), unanswerable=True, mentor="mentor-1",
    checked_on=date(2026, 11, 22), tags=(), cluster="asked-1", split="test",
)  # fmt: skip


def test_the_file_is_whole_and_private(tmp_path: Path) -> None:
    """It holds a line for each question, replaces an older one, and nobody else on the machine can read it."""
    path = tmp_path / "checked.jsonl"
    path.write_text("old")
    write((ONE, ONE), path)
    assert path.read_text(encoding="utf-8") == f"{ONE.line}\n" * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The error names the file and what to do."""
    with pytest.raises(RecordError, match="give another file"):
        write((ONE,), tmp_path / "gone" / "checked.jsonl")


@given(st.text(max_size=40))
def test_a_cluster_never_changes_its_part(cluster: str) -> None:
    """The part of a cluster hangs on nothing but its name."""
    assert split_of(cluster) == split_of(cluster)
    assert split_of(cluster) in {"development", "test"}


def test_the_test_part_has_about_its_share() -> None:
    """Of many clusters, about ``TEST_SHARE`` stand in the test part."""
    share = sum(split_of(f"asked-{number}") == "test" for number in range(4_000)) / 4_000
    assert abs(share - TEST_SHARE) < 0.03
