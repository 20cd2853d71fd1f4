"""Moving what lay in a folder into the database: once, with codes that go on working."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL
from submissions_contract import experience, feedback, question

from assistant.records.audit import DatabaseAudit
from assistant.records.database import Database
from assistant.records.store import FolderSubmissions
from assistant.records.submissions import SubmissionKind
from assistant.records.submitted import DatabaseSubmissions, import_folder


@pytest.fixture(params=["sqlite_file_url", "postgresql_url"])
def url(request: pytest.FixtureRequest) -> URL:
    """Give the address of an empty database, of each sort."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder in which submissions lay."""
    return tmp_path / "submissions"


def everything(kept: FolderSubmissions | DatabaseSubmissions) -> list[object]:
    """Return all that waits, kind by kind."""
    return [stored for kind in SubmissionKind for stored in kept.waiting(kind)]


def test_everything_moves_as_it_was(database: Database, folder: Path) -> None:
    """Ids, times, marks and contents are equal, no file stays, codes withdraw, and a second import does nothing."""
    before = FolderSubmissions(folder)
    codes = [before.add(sent, masked=masked) for sent, masked in
             ((experience(), True), (feedback("a"), False), (feedback("b"), False), (question(), False))]  # fmt: skip
    kept, expected = DatabaseSubmissions(database), everything(before)
    assert import_folder(database, folder) == 4
    assert everything(kept) == expected
    assert everything(before) == []
    assert not list(folder.glob("*.json"))
    assert import_folder(database, folder) == 0
    assert all(kept.withdraw(code) for code in codes)
    assert everything(kept) == []


def test_a_file_that_stayed_comes_only_once(database: Database, folder: Path) -> None:
    """After a crash between row and file the row is not doubled; once withdrawn, the file does not bring it back."""
    before, kept = FolderSubmissions(folder), DatabaseSubmissions(database)
    code = before.add(feedback("once"), masked=False)
    (path,) = folder.glob("*.json")
    content = path.read_bytes()
    assert import_folder(database, folder) == 1
    path.write_bytes(content)
    assert import_folder(database, folder) == 0
    assert len(everything(kept)) == 1
    path.write_bytes(content)
    assert kept.withdraw(code)
    assert import_folder(database, folder) == 0
    assert everything(kept) == []
    assert not path.exists()
    assert [entry.action for entry in DatabaseAudit(database).entries()] == ["import", "import", "withdraw", "import"]


def test_damaged_files_stay_for_a_person_to_look_at(database: Database, folder: Path) -> None:
    """What cannot be read is not thrown away, and the rest moves."""
    before = FolderSubmissions(folder)
    before.add(feedback("good"), masked=False)
    (folder / f"feedback-{'0' * 64}.json").write_text("{")
    assert import_folder(database, folder) == 1
    assert [path.name for path in (folder / "damaged").iterdir()] == [f"feedback-{'0' * 64}.json"]


def test_no_folder_is_nothing_to_move(database: Database, folder: Path) -> None:
    """Where nothing lay, nothing is made and nothing noted."""
    assert import_folder(database, folder) == 0
    assert not folder.exists()
    assert DatabaseAudit(database).entries() == ()
