"""Submissions in a database beyond the contract: their link to a turn, and rows that somebody damaged."""

from __future__ import annotations

from typing import Any

import pytest
from conversations_contract import said
from sqlalchemy import URL, select, update
from submissions_contract import experience, feedback, question

from assistant.records import schema
from assistant.records.audit import DatabaseAudit
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.ports import TurnKey
from assistant.records.submissions import SubmissionKind
from assistant.records.submitted import DatabaseSubmissions


@pytest.fixture(params=["sqlite_file_url", "postgresql_url"])
def url(request: pytest.FixtureRequest) -> URL:
    """Give the address of an empty database, of each sort."""
    return request.getfixturevalue(request.param)


def links(database: Database) -> list[tuple[str | None, int | None]]:
    """Return to which turns the submissions are linked."""
    table = schema.submission
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(table.c.conversation, table.c.turn))]


def test_a_submission_is_linked_to_its_turn(database: Database) -> None:
    """The turn that it is about is stored with it."""
    kept, mail = DatabaseConversations(database), DatabaseSubmissions(database)
    key = kept.begin("en", "chat")
    for _ in range(2):
        kept.record(key.id, said())
    mail.add(feedback(), masked=False, about=TurnKey(key.id, 2))
    assert links(database) == [(key.id, 2)]


@pytest.mark.parametrize("number", [0, 2, -1])
@pytest.mark.parametrize("name", [None, "", "\x00", "0" * 32])
def test_what_is_about_no_turn_is_stored_all_the_same(database: Database, name: str | None, number: int) -> None:
    """Where a turn is gone or never was, nothing that a student sent is lost."""
    kept, mail = DatabaseConversations(database), DatabaseSubmissions(database)
    key = kept.begin("en", "chat")
    kept.record(key.id, said())
    mail.add(question(), masked=False, about=TurnKey(key.id if name is None else name, number))
    assert links(database) == [(None, None)]
    assert len(mail.waiting(SubmissionKind.QUESTION)) == 1


@pytest.mark.parametrize("content", [{}, {"country": ""}, [], "x", 7, {"more": "secret"}])
def test_a_damaged_row_is_left_out_and_still_withdrawn(
    database: Database, content: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The others still come, the log holds no content, and the code erases it."""
    mail = DatabaseSubmissions(database)
    code = mail.add(experience(), masked=False)
    with database.writing() as connection:
        connection.execute(update(schema.submission).values(content=content))
    mail.add(experience(country="TR"), masked=False)
    assert [stored.submission.country for stored in mail.waiting(SubmissionKind.EXPERIENCE)] == ["TR"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "secret" not in caplog.text
    assert mail.withdraw(code)


def test_consent_and_withdrawal_leave_a_trace_without_content(database: Database) -> None:
    """Which text was consented to stands beside the story; the audit trail tells only the kind of what was withdrawn."""
    mail = DatabaseSubmissions(database)
    code = mail.add(experience(advice="secret"), masked=False)
    with database.reading() as connection:
        assert connection.scalar(select(schema.submission.c.consent_version)) == "2026-11"
    mail.withdraw(code)
    (entry,) = DatabaseAudit(database).entries()
    assert (entry.actor, entry.action, entry.details) == ("student", "withdraw", {"kind": "experience"})
    assert code not in str(entry)
