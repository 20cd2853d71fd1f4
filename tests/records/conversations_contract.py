"""What every keeper of conversations must do: inherit ``ConversationsContract`` and give the fixture ``url``."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from submissions_contract import feedback, question

from assistant.errors import RecordError
from assistant.records import schema
from assistant.records.audit import DatabaseAudit
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.ports import Conversations, NewTurn, TurnKey
from assistant.records.retention import Expired, expire
from assistant.records.submissions import SubmissionKind
from assistant.records.submitted import DatabaseSubmissions

REPLY = {
    "status": "answered", "composer": "extractive", "reason": None, "support": 0.734912, "language": "kk",
    "text": "GPA — кемінде 2,67 [1]", "citations": [{"mark": 1, "stale": False}], "timings_ms": {"total": 12.345},
}  # fmt: skip
ONE_DATABASE = (HealthCheck.function_scoped_fixture, HealthCheck.differing_executors)
"""All examples may go into one database, and the subclasses share this test on purpose."""

PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


def said(question: str = "Which GPA?", reply: dict[str, Any] | None = REPLY) -> NewTurn:
    """Return a turn."""
    return NewTurn(question=question, reply=reply, generation="a1b2c3", settings="d4e5f6", version="0.1.0")


def age(database: Database, id: str, days: int) -> None:
    """Make a conversation look as if its last turn had been so many days ago."""
    then = datetime.now(UTC) - timedelta(days=days)
    with database.writing() as connection:
        connection.execute(update(schema.conversation).where(schema.conversation.c.id == id).values(latest=then))


def close_items(database: Database, then: datetime) -> None:
    """Close every item, as if mentors had done so at that moment."""
    with database.writing() as connection:
        connection.execute(update(schema.item).values(state="resolved", closed=then))


class ConversationsContract:
    """The contract; a subclass gives the address of an empty database."""

    @pytest.fixture(autouse=True)
    def unsampled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No turn is read by chance: an open item would keep its conversation."""
        monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)

    @pytest.fixture
    def kept(self, database: Database) -> Conversations:
        """Give the keeper."""
        return DatabaseConversations(database)

    def test_what_was_said_comes_back(self, kept: Conversations) -> None:
        """Turns come back equal and numbered, with the time at which they were recorded."""
        before = datetime.now(UTC)
        key = kept.begin("kk", "chat")
        assert [kept.record(key.id, said("Бір?")), kept.record(key.id, said("Екі?", None))] == [1, 2]
        found = kept.read(key.id)
        assert found is not None
        assert (found.head.id, found.head.language, found.head.page, found.head.turns) == (key.id, "kk", "chat", 2)
        assert [(turn.number, turn.question, turn.reply) for turn in found.turns] == [
            (1, "Бір?", REPLY), (2, "Екі?", None),
        ]  # fmt: skip
        assert {(turn.generation, turn.settings, turn.version) for turn in found.turns} == {
            ("a1b2c3", "d4e5f6", "0.1.0")
        }
        times = [before, found.head.begun, found.turns[0].created, found.turns[1].created, datetime.now(UTC)]
        assert times == sorted(times)
        assert found.head.latest == found.turns[1].created
        assert {time.utcoffset() for time in times} == {timedelta(0)}

    def test_keys_are_random(self, kept: Conversations) -> None:
        """No two conversations share an id or a code, and neither is told by the other."""
        keys = [kept.begin("en", "chat") for _ in range(20)]
        assert len({key.id for key in keys}) == len({key.code for key in keys}) == 20
        assert all(len(key.id) == 32 for key in keys)

    @pytest.mark.parametrize("id", ["", "x", "0" * 32, "\x00", "\ud800" * 32, "'; DROP TABLE turn; --", "a" * 100_000])
    def test_an_unknown_conversation_is_answered_with_nothing(self, kept: Conversations, id: str) -> None:
        """Whatever a browser sends as an id, nothing is recorded, nothing is read, and nothing fails."""
        assert kept.record(id, said()) is None
        assert kept.read(id) is None
        assert kept.recent(10) == ()

    def test_erasing_takes_everything_along(self, kept: Conversations, database: Database) -> None:
        """The code erases turns, feedback and mentor requests of its conversation, and nothing of another one."""
        mail, mine, other = DatabaseSubmissions(database), kept.begin("en", "chat"), kept.begin("en", "chat")
        for key in (mine, other):
            kept.record(key.id, said())
            mail.add(feedback(key.id), masked=False, about=TurnKey(key.id, 1))
            mail.add(question(key.id), masked=False, about=TurnKey(key.id, 1))
        mail.add(feedback("alone"), masked=False)
        assert kept.erase(f" {mine.code.lower().replace('-', ' ')}\n") is True
        assert kept.read(mine.id) is None
        assert kept.record(mine.id, said()) is None
        assert kept.erase(mine.code) is False
        assert {each.submission.comment for each in mail.waiting(SubmissionKind.FEEDBACK)} == {other.id, "alone"}
        assert [each.submission.question for each in mail.waiting(SubmissionKind.QUESTION)] == [other.id]
        (entry,) = DatabaseAudit(database).entries()
        assert (entry.actor, entry.action, entry.details) == ("student", "erase", {"turns": 1, "submissions": 2})

    @pytest.mark.parametrize("code", ["", "ABCDE-FGHJK-MNPQR-STUV2", "\x00", "\ud800", "Ж" * 20, "A" * 100_000])
    def test_a_wrong_code_erases_nothing(self, kept: Conversations, code: str) -> None:
        """Anything that is no code of a conversation is answered with no, and its id is no code either."""
        key = kept.begin("en", "chat")
        assert kept.erase(code) is False
        assert kept.erase(key.id) is False
        assert kept.read(key.id) is not None

    def test_the_newest_come_first_page_by_page(self, kept: Conversations) -> None:
        """Pages follow one another without gap or repeat, also when the one they continue from was erased."""
        keys = [kept.begin("ru", "chat") for _ in range(7)]
        first = kept.recent(3)
        kept.erase(keys[4].code)  # the last of the first page
        pages = [first, kept.recent(3, first[-1])]
        pages.append(kept.recent(3, pages[-1][-1]))
        assert [head.id for page in pages for head in page] == [key.id for key in reversed(keys)]
        assert kept.recent(3, pages[-1][-1]) == ()

    def test_threads_number_turns_without_gap(self, kept: Conversations) -> None:
        """Eight threads add to one conversation: every turn is there once, with a number of its own."""
        key = kept.begin("en", "chat")
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(lambda number: kept.record(key.id, said(str(number))), range(40)))
        found = kept.read(key.id)
        assert found is not None
        assert sorted(numbers) == [turn.number for turn in found.turns] == list(range(1, 41))
        assert sorted(int(turn.question) for turn in found.turns) == list(range(40))

    @settings(max_examples=40, suppress_health_check=list(ONE_DATABASE))
    @given(
        PLAIN,
        st.dictionaries(PLAIN, st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
                                            | PLAIN, lambda inner: st.lists(inner, max_size=3), max_leaves=4), max_size=3),
    )  # fmt: skip
    def test_any_text_comes_back(self, kept: Conversations, text: str, reply: dict[str, Any]) -> None:
        """Whatever can be written comes back letter for letter."""
        key = kept.begin("en", "chat")
        kept.record(key.id, said(text, {"data": reply}))
        found = kept.read(key.id)
        assert found is not None
        assert (found.turns[0].question, found.turns[0].reply) == (text, {"data": reply})

    def test_what_no_database_takes_is_left_out(self, kept: Conversations) -> None:
        """NUL and lone surrogates vanish from texts, names and values; the rest stays."""
        key = kept.begin("en", "chat")
        kept.record(key.id, said("a\x00b\ud800c", {"te\x00xt": ["x\x00", {"deep\udfff": "\x00y"}], "support": 1.0}))
        found = kept.read(key.id)
        assert found is not None
        assert found.turns[0].question == "abc"
        assert found.turns[0].reply == {"text": ["x", {"deep": "y"}], "support": 1.0}

    def test_a_number_that_json_does_not_know_is_refused_whole(self, kept: Conversations) -> None:
        """A reply with such a number is an error without content, and the conversation goes on as if it had not been."""
        key = kept.begin("en", "chat")
        with pytest.raises(RecordError) as told:
            kept.record(key.id, said("secret", {"score": math.nan, "text": "secret"}))
        assert "secret" not in str(told.value)
        assert told.value.__suppress_context__
        assert kept.record(key.id, said()) == 1

    def test_the_silent_are_erased_by_time(self, kept: Conversations, database: Database) -> None:
        """Who has been silent for 181 days goes, who for 179 stays, and the audit trail counts without content."""
        old, young = kept.begin("en", "chat"), kept.begin("en", "chat")
        for key, days in ((old, 181), (young, 179)):
            kept.record(key.id, said("secret"))
            age(database, key.id, days)
        assert expire(database, datetime.now(UTC)) == Expired(1, 1)
        assert kept.read(old.id) is None
        assert kept.read(young.id) is not None
        (entry,) = DatabaseAudit(database).entries()
        assert (entry.actor, entry.action, entry.details["conversations"], entry.details["turns"]) == (
            "program", "expire", 1, 1,
        )  # fmt: skip
        assert "secret" not in str(entry)
        assert expire(database, datetime.now(UTC)) == Expired(0, 0)
        assert len(DatabaseAudit(database).entries()) == 1

    def test_a_conversation_that_a_mentor_still_needs_stays(self, kept: Conversations, database: Database) -> None:
        """What was sent about a turn keeps its conversation until a mentor has closed its item, and not longer."""
        mail, key = DatabaseSubmissions(database), kept.begin("en", "chat")
        kept.record(key.id, said())
        mail.add(question(), masked=False, about=TurnKey(key.id, 1))
        age(database, key.id, 500)
        assert expire(database, datetime.now(UTC)) == Expired()
        close_items(database, datetime.now(UTC))
        assert expire(database, datetime.now(UTC)) == Expired(1, 1)
        assert mail.waiting(SubmissionKind.QUESTION) == ()

    def test_expiry_takes_more_than_one_transaction_if_need_be(
        self, kept: Conversations, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With many old conversations nobody waits for all of them, and all are gone in the end."""
        monkeypatch.setattr("assistant.records.retention.AT_ONCE", 3)
        for _ in range(7):
            age(database, kept.begin("en", "chat").id, 400)
        assert expire(database, datetime.now(UTC), days=30) == Expired(7, 0)
        assert [entry.details["conversations"] for entry in DatabaseAudit(database).entries()] == [3, 3, 1]

    @pytest.mark.parametrize(
        ("now", "days"), [(datetime.now(UTC), 0), (datetime.now(UTC), -1), (datetime(2026, 1, 1), 9)]
    )
    def test_a_meaningless_age_erases_nothing(self, database: Database, now: datetime, days: int) -> None:
        """No days, or a moment without zone, is refused before anything is erased."""
        with pytest.raises(ValueError, match="time zone"):
            expire(database, now, days)
