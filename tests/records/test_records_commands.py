"""The commands that look after the records, and the records as the program opens them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from submissions_contract import experience
from typer.testing import CliRunner
from verified_made import written

from assistant.bootstrap import open_records, records_url
from assistant.cli import app
from assistant.diagnosis import _records
from assistant.records.anonymity import Place
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentors, Role
from assistant.records.publishing import SuspendedBecause
from assistant.records.store import FolderSubmissions
from assistant.records.stories import Wish
from assistant.records.submissions import Feedback, SubmissionKind
from assistant.records.submitted import DatabaseSubmissions
from assistant.records.verified import VerifiedAnswers
from assistant.settings import Settings

SENT = Feedback(question="What GPA?", reply="2.5", language="en", rating="good")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings whose data folder is the test's own."""
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    return Settings(data_dir=tmp_path / "data")


def run(*arguments: str) -> tuple[int, str]:
    """Return the exit code of a command and all that it wrote."""
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_what_lay_in_the_folder_is_in_the_records(settings: Settings) -> None:
    """Submissions of an earlier version are moved at the first start, and their codes go on working."""
    code = FolderSubmissions(settings.data_dir / "submissions").add(SENT, masked=False)
    mail = DatabaseSubmissions(open_records(settings))
    assert [stored.submission for stored in mail.waiting(SubmissionKind.FEEDBACK)] == [SENT]
    assert mail.withdraw(code)


def test_a_copy_brings_back_what_was_there(settings: Settings, tmp_path: Path) -> None:
    """What was sent before the copy is there after a restore; the records in between are kept aside."""
    records = open_records(settings)
    mail = DatabaseSubmissions(records)
    mail.add(SENT, masked=False)
    copy = tmp_path / "copy.sqlite"
    assert run("backup", str(copy))[0] == 0
    mail.add(SENT, masked=False)
    records.close()
    code, words = run("restore", str(copy))
    assert code == 1
    assert "--force" in words or "force" in words
    code, words = run("restore", str(copy), "--force")
    assert code == 0
    assert "kept as" in words
    assert len(DatabaseSubmissions(open_records(settings)).waiting(SubmissionKind.FEEDBACK)) == 1


def test_doctor_tells_what_is_published_and_what_waits(settings: Settings) -> None:
    """Answers that are served, stories behind a lesson, and answers that a changed section has suspended are counted."""
    assert [each.words for each in _records(settings)] == ["none yet: the first start of the pages makes them"]
    records = open_records(settings)
    mentor, answers = Mentors(records).add("a@b.kz", "A", "Office", Role.MENTOR, None), VerifiedAnswers(records)
    made = [answers.make([written()], mentor.id) for _ in range(4)]
    answers.suspend(made[0], SuspendedBecause.SECTION_CHANGED)
    answers.retire(made[1], mentor.id)
    for _ in range(2):  # of which one waits
        DatabaseSubmissions(records).add(experience(), masked=True)
    story, lessons = Lessons(records).stories()[0].id, Lessons(records)
    found = lessons.read(story)
    assert found is not None
    assert lessons.approve(story, mentor, Wish(texts=found.texts, place=Place.NONE, seen=True)) == ()
    records.close()
    told, replies = _records(settings)
    assert told.ok
    assert replies.ok
    assert "published answers: 2, published stories: 1, suspended answers: 1" in told.words


def test_ask_says_whom_it_asks() -> None:
    """Who asks on the command line is told that mentors' answers are given on the pages."""
    assert "Only the documents answer here" in " ".join(run("ask", "--help")[1].split())


def test_the_check_tells_damage(settings: Settings) -> None:
    """Whole records pass with exit code 0; damaged ones end with 1 and say so, as words and as JSON."""
    assert run("check")[0] == 1  # there are none yet
    open_records(settings).close()
    assert run("check")[0] == 0
    path = settings.data_dir / "records.sqlite"
    path.write_bytes(b"no database at all" * 100)
    code, words = run("check", "--json")
    assert code == 1
    assert not all(finding["ok"] for finding in json.loads(words)["findings"])


def test_the_address_of_the_records_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password in the address is shown nowhere."""
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", "postgresql+psycopg://me:hunter2@localhost/db")
    found = Settings()
    assert "hunter2" not in str(found.model_dump())
    assert "hunter2" in str(records_url(found))
