"""What a student is told after sending something to the mentors."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from sqlalchemy import select
from web_fakes import answer

from assistant.errors import RecordError
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import open_database, sqlite_url
from assistant.records.ports import NewTurn, TurnKey
from assistant.records.schema import submission
from assistant.records.store import FolderSubmissions, Stored
from assistant.records.submissions import Submission, SubmissionKind
from assistant.records.submitted import DatabaseSubmissions
from assistant.types import LANGUAGES, Language, Turn
from assistant.web.chat.actions import Deed
from assistant.web.chat.reports import Filled, Slip, praise, report
from assistant.web.chat.sending import send
from assistant.web.wording import texts

TURN = Turn("my private secret", answer())
CODE = re.compile(r"[2-9A-Z]{5}(?:-[2-9A-Z]{5}){3}")


class FullDisk:
    """A folder on a disk without space."""

    def add(self, submission: Submission, *, masked: bool, about: TurnKey | None = None) -> str:
        """Store nothing."""
        raise RecordError("submissions folder: no space left; free space on its disk")

    def withdraw(self, code: str) -> bool:
        """Find nothing."""
        return False

    def waiting(self, kind: SubmissionKind) -> tuple[Stored, ...]:
        """Return nothing."""
        return ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_praise_is_stored_and_thanked_for(tmp_path: Path, language: Language) -> None:
    """A verdict is on the disk before the student is thanked, and the code that is shown withdraws it."""
    mail = FolderSubmissions(tmp_path / "sent")
    told = praise(TURN, texts(language))
    shown = asyncio.run(send(mail, told, texts(language)))
    code = CODE.search(shown)
    assert code is not None
    assert shown == texts(language).thanks.format(code=code[0])
    (stored,) = mail.waiting(SubmissionKind.FEEDBACK)
    assert stored.submission == told
    assert not stored.masked
    assert mail.withdraw(code[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_that_is_shown_withdraws_the_question(tmp_path: Path, language: Language) -> None:
    """Who asks a mentor gets a code in the words of the page, and it works."""
    mail = FolderSubmissions(tmp_path / "sent")
    told = report(Slip(Deed.MENTOR, 1), TURN, Filled(comment="help"), texts(language))
    shown = asyncio.run(send(mail, told, texts(language)))
    code = CODE.search(shown)
    assert code is not None
    assert shown == texts(language).sent.format(code=code[0])
    assert len(mail.waiting(SubmissionKind.QUESTION)) == 1
    assert mail.withdraw(code[0])
    assert mail.waiting(SubmissionKind.QUESTION) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_stored_is_said_and_the_log_has_no_text(
    language: Language, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is thanked for what is lost; the log says which sort it was, and no word of the student."""
    filled = Filled(comment="my private comment", contact="me@example.org", consent=True)
    told = report(Slip(Deed.MENTOR, 1), TURN, filled, texts(language))
    assert asyncio.run(send(FullDisk(), told, texts(language))) == texts(language).not_sent
    assert caplog.messages == ["a question was not stored"]
    assert "private" not in caplog.text
    assert "me@example.org" not in caplog.text


def test_what_is_told_hangs_on_the_turn_that_it_is_about(tmp_path: Path) -> None:
    """Mentors find it beside the question, and who erases the conversation erases it, too."""
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    kept, mail = DatabaseConversations(database), DatabaseSubmissions(database)
    key = kept.begin("en", "chat")
    kept.record(key.id, NewTurn(question="GPA?", reply=None, generation="g", settings="s", version="0.1.0"))
    asyncio.run(send(mail, praise(TURN, texts("en")), texts("en"), TurnKey(key.id, 1)))
    with database.reading() as connection:
        assert connection.execute(select(submission.c.conversation, submission.c.turn)).one() == (key.id, 1)
    assert kept.erase(key.code)
    assert mail.waiting(SubmissionKind.FEEDBACK) == ()


def test_what_is_too_long_is_said_and_not_stored(tmp_path: Path) -> None:
    """A report that cannot be told reaches no folder."""
    mail = FolderSubmissions(tmp_path / "sent")
    assert asyncio.run(send(mail, None, texts("en"))) == texts("en").too_long
    assert all(mail.waiting(kind) == () for kind in SubmissionKind)
