"""What opens items, on any database: inherit ``FilingContract`` and give the fixture ``url``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from queue_made import ABSTAINED, AIDA, ANSWERED, STALE, add_mentors, count, everything, recorded, turn
from sqlalchemy import delete, select, text
from submissions_contract import experience, feedback, question

from assistant.records import schema
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.filing import RIGHTLY_REFUSED, file_waiting
from assistant.records.items import ItemState, ReviewReason, Why
from assistant.records.queue import Queue
from assistant.records.store import FolderSubmissions
from assistant.records.submissions import read_feedback
from assistant.records.submitted import DatabaseSubmissions, import_folder
from assistant.types import Reason

RIGHT = sorted(RIGHTLY_REFUSED)


class FilingContract:
    """The contract; a subclass gives the address of an empty database."""

    @pytest.fixture(autouse=True)
    def unsampled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No turn is read by chance unless a test says so."""
        monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)

    @pytest.fixture
    def queue(self, database: Database) -> Queue:
        """Give the queue."""
        add_mentors(database)
        return Queue(database)

    @pytest.fixture
    def mail(self, database: Database) -> DatabaseSubmissions:
        """Give the keeper of what students send."""
        return DatabaseSubmissions(database)

    @pytest.mark.parametrize("reason", [each.value for each in Reason])
    def test_abstentions_are_filed_unless_they_were_right(self, queue: Queue, database: Database, reason: str) -> None:
        """What no source answers needs a mentor; personal data, instructions and other subjects do not."""
        recorded(database, turn(reply=ABSTAINED | {"reason": reason}))
        assert [row.whys for row in everything(queue)] == ([] if reason in RIGHT else [(Why.ABSTAINED,)])

    def test_one_turn_has_one_item_with_all_reasons(
        self, queue: Queue, database: Database, mail: DatabaseSubmissions
    ) -> None:
        """Doubt, a stale source, a verdict and a question about the same turn meet in one item."""
        (key,) = recorded(database, turn(reply=STALE, doubtful=True))
        mail.add(feedback(), masked=False, about=key)
        mail.add(question(), masked=False, about=key)
        (row,) = everything(queue)
        assert row.whys == (Why.LOW_SUPPORT, Why.THUMBS_DOWN, Why.ASKED, Why.STALE_SOURCE)
        assert (row.turn, row.submission, row.question) == (key, "", "Виза?")

    def test_a_question_that_is_withdrawn_needs_nobody(
        self, queue: Queue, database: Database, mail: DatabaseSubmissions
    ) -> None:
        """Its turn's item is closed, with its history, once no other question, verdict or doubt keeps it open."""
        (key,) = recorded(database, turn(reply=ANSWERED))
        first, second, bad = (
            mail.add(each, masked=False, about=key) for each in (question(), question(), feedback())
        )  # fmt: skip
        assert mail.withdraw(first)
        assert everything(queue)[0].whys == (Why.THUMBS_DOWN, Why.ASKED)
        assert mail.withdraw(second)
        (row,) = everything(queue)
        assert (row.state, row.whys) == (ItemState.OPEN, (Why.THUMBS_DOWN,))
        queue.claim(row.id, AIDA)
        assert mail.withdraw(bad)
        found = queue.item(row.id)
        assert found is not None
        assert (found.row.state, found.row.holder, dict(queue.counts().whys)) == (ItemState.DECLINED, None, {})
        assert [(each.actor, each.action) for each in found.history[-1:]] == [("student", "declined")]
        mail.add(question(), masked=False, about=key)
        assert everything(queue)[0].state is ItemState.OPEN

    def test_an_item_knows_what_it_is_about(self, queue: Queue, database: Database) -> None:
        """Language, country, topic and the nearest section come from the reply, or from who recorded it."""
        recorded(database, turn(country="PL"), turn(reply=ANSWERED, language="en", doubtful=True, country="no code"))
        first, second = everything(queue)
        assert (first.language, first.country, first.topic) == ("ru", "PL", "host_guide")
        assert (second.language, second.country, second.topic) == ("en", "", "regulation")

    def test_a_good_answer_opens_nothing(self, queue: Queue, database: Database, mail: DatabaseSubmissions) -> None:
        """An answer well supported, a turn without reply, and praise need no mentor."""
        (key, _) = recorded(database, turn(reply=ANSWERED), turn(reply=None))
        praise, _ = read_feedback({"question": "?", "language": "kk", "rating": "good"})
        assert praise
        mail.add(praise, masked=False, about=key)
        mail.add(praise, masked=False)
        assert everything(queue) == ()

    def test_a_sampled_answer_is_filed(self, queue: Queue, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """A good answer that chance picks is read; one with another reason is not counted as chosen by chance."""
        monkeypatch.setattr("assistant.records.filing.SAMPLE", 1.0)
        recorded(database, turn(reply=ANSWERED), turn(reply=STALE))
        assert [row.whys for row in everything(queue)] == [(Why.SAMPLE,), (Why.STALE_SOURCE,)]

    def test_sections_that_were_quoted_are_counted(self, database: Database) -> None:
        """Each quoted section stands once beside its turn, stale if any quote from it is."""
        citations = [{"section": "a#1", "stale": False}, {"section": "b#1"}, {"section": "a#1", "stale": True}]
        (key,) = recorded(database, turn(reply=ANSWERED | {"citations": citations}))
        with database.reading() as connection:
            rows = connection.execute(select(schema.turn_section).order_by(schema.turn_section.c.section)).all()
        assert [(row.conversation, row.turn, row.section, row.stale) for row in rows] == [
            (key.conversation, 1, "a#1", True), (key.conversation, 1, "b#1", False),
        ]  # fmt: skip

    def test_what_is_sent_alone_has_an_item_of_its_own(self, queue: Queue, mail: DatabaseSubmissions) -> None:
        """A verdict, a question and a story without a turn are three items; each goes when it is withdrawn."""
        codes = [mail.add(each, masked=False) for each in (feedback(), question(), experience())]
        rows = everything(queue)
        assert [row.whys for row in rows] == [(Why.THUMBS_DOWN,), (Why.ASKED,), (Why.EXPERIENCE,)]
        assert [row.question for row in rows] == ["Which GPA?", "Виза қанша тұрады?", "University of Wrocław"]
        assert [row.country for row in rows] == ["", "", "PL"]
        for code in codes:
            mail.withdraw(code)
        assert everything(queue) == ()

    def test_two_stories_are_never_alike(self, queue: Queue, mail: DatabaseSubmissions) -> None:
        """Stories are read one by one, however much they say the same."""
        for _ in range(2):
            mail.add(experience(), masked=True)
        assert [row.alike for row in everything(queue)] == [1, 1]

    @pytest.mark.parametrize("again", [feedback(), question()])
    def test_what_comes_later_opens_a_closed_item_again(
        self, queue: Queue, database: Database, mail: DatabaseSubmissions, again: Any
    ) -> None:
        """A further reason, or the same one said anew, brings a closed item back, free, with its history."""
        (key,) = recorded(database)
        mail.add(feedback(), masked=False, about=key)
        (row,) = everything(queue)
        queue.claim(row.id, AIDA)
        queue.decline(row.id, AIDA, [ReviewReason.OUT_OF_SCOPE])
        mail.add(again, masked=False, about=key)
        found = queue.item(row.id)
        assert found is not None
        assert (found.row.state, found.row.holder, found.row.closed) == (ItemState.OPEN, None, None)
        assert [event.action for event in found.history] == ["opened", "joined", "claimed", "declined", "reopened"]

    def test_erasing_takes_items_along(self, queue: Queue, database: Database) -> None:
        """With the conversation go its items with reasons and history."""
        kept = DatabaseConversations(database)
        key = kept.begin("en", "chat")
        kept.record(key.id, turn())
        assert len(everything(queue)) == 1
        kept.erase(key.code)
        assert [count(database, name) for name in ("item", "item_why", "item_event", "turn_section")] == [0] * 4

    def test_a_failing_filing_loses_no_turn(
        self, queue: Queue, database: Database, mail: DatabaseSubmissions, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Without its table the queue gets nothing; turn and verdict are recorded, and the log repeats no word."""
        with Hidden(database):
            (key,) = recorded(database, turn("secret", STALE))
            mail.add(feedback("secret"), masked=False, about=key)
        assert (count(database, "turn"), count(database, "submission"), everything(queue)) == (1, 1, ())
        assert count(database, "turn_section") == 0
        assert f"turn 1 of {key.conversation} is recorded but not filed" in caplog.text
        assert "secret" not in caplog.text
        assert file_waiting(database) == 1
        assert [row.whys for row in everything(queue)] == [(Why.THUMBS_DOWN,)]
        assert file_waiting(database) == 0

    def test_what_was_there_before_the_queue_is_filed_once(
        self, queue: Queue, database: Database, mail: DatabaseSubmissions
    ) -> None:
        """Everything that needs a mentor and has no item gets one; what has one, and praise, does not."""
        praise, _ = read_feedback({"question": "?", "language": "kk", "rating": "good"})
        assert praise
        for each in (feedback(), praise, experience()):
            mail.add(each, masked=False)
        with database.writing() as connection:
            connection.execute(delete(schema.item))
        mail.add(question(), masked=False)
        assert file_waiting(database) == 2
        assert {row.whys for row in everything(queue)} == {(Why.THUMBS_DOWN,), (Why.EXPERIENCE,), (Why.ASKED,)}
        assert file_waiting(database) == 0

    def test_what_moves_in_from_a_folder_is_filed_with_its_age(
        self, queue: Queue, database: Database, tmp_path: Path
    ) -> None:
        """An item of something older is as old as that."""
        FolderSubmissions(tmp_path / "sent").add(question(), masked=False)
        moved = datetime.now(UTC)
        import_folder(database, tmp_path / "sent")
        (row,) = everything(queue)
        assert row.whys == (Why.ASKED,)
        assert row.opened < moved


class Hidden:
    """Hide the table of items, as if the schema were damaged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._rename("item", "hidden")

    def __exit__(self, *_: object) -> None:
        self._rename("hidden", "item")

    def _rename(self, old: str, new: str) -> None:
        with self._database.writing() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
