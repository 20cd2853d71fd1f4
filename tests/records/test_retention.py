"""What the program erases by itself, on both databases, with a clock of the tests' own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from conversations_contract import age, close_items, said
from queue_made import ABSTAINED, DANA, Clock, add_mentors, count, everything, recorded, turn
from sqlalchemy import URL, insert, select
from submissions_contract import experience, feedback, question

from assistant.errors import RecordError
from assistant.records import retention, schema
from assistant.records.anonymity import Place
from assistant.records.audit import DatabaseAudit
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.filing import file_waiting
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentor, Role
from assistant.records.messages import Messages
from assistant.records.ports import TurnKey
from assistant.records.publishing import number
from assistant.records.queue import Queue
from assistant.records.retention import DAY_SECONDS, DAYS, UNDECIDED_DAYS, Expired, expire, keep_house
from assistant.records.store import code_digest
from assistant.records.stories import StoryReason, Wish
from assistant.records.submissions import Feedback, SubmissionKind, read_feedback
from assistant.records.submitted import DatabaseSubmissions
from assistant.types import LANGUAGES, Language
from assistant.web.share.words import words

LATER = timedelta(days=DAYS + 1)
MENTOR = Mentor(DANA, "Дана", "Дана", "", Role.MENTOR, None)


@pytest.fixture(params=["sqlite_file_url", "postgresql_url"])
def url(request: pytest.FixtureRequest) -> URL:
    """Give the address of an empty database, of each sort."""
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def unsampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn is read by chance: an open item would keep its conversation."""
    monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)


@pytest.fixture
def mail(database: Database) -> DatabaseSubmissions:
    """Give the keeper of what students send."""
    return DatabaseSubmissions(database)


def praise() -> Feedback:
    """Return that a reply helped."""
    verdict, refused = read_feedback({"question": "Which GPA?", "language": "en", "rating": "good"})
    assert verdict, refused
    return verdict


def test_a_conversation_goes_whose_items_are_closed(database: Database) -> None:
    """An abstention that no mentor has looked at is kept for as long as it takes, a closed one no longer."""
    (key,) = recorded(database, turn(reply=ABSTAINED))
    age(database, key.conversation, DAYS + 1)
    assert expire(database, datetime.now(UTC)) == Expired()
    close_items(database, datetime.now(UTC))
    assert expire(database, datetime.now(UTC)) == Expired(conversations=1, turns=1)
    assert count(database, "item") == 0


def test_one_open_item_keeps_the_whole_conversation(database: Database) -> None:
    """Mentors read a question with what was said around it, so other turns are not erased one by one."""
    key, _ = recorded(database, turn(reply=ABSTAINED), said())
    age(database, key.conversation, DAYS + 1)
    assert expire(database, datetime.now(UTC)) == Expired()
    assert count(database, "turn") == 2


def test_what_was_sent_goes_after_its_item_was_closed(database: Database, mail: DatabaseSubmissions) -> None:
    """What waits stays however old it is; what is done with goes when it has been so for long, and its item too."""
    for each in (feedback(), question()):
        mail.add(each, masked=False)
    now = datetime.now(UTC)
    assert expire(database, now + 10 * LATER) == Expired()
    close_items(database, now + LATER)
    assert expire(database, now + LATER + timedelta(days=DAYS - 1)) == Expired()
    assert expire(database, now + LATER + timedelta(days=DAYS + 1)) == Expired(submissions=2)
    assert count(database, "submission") == count(database, "item") == 0
    (entry,) = DatabaseAudit(database).entries()
    assert (entry.actor, entry.action, entry.subject, entry.details["submissions"]) == (
        "program", "expire", "submissions", 2,
    )  # fmt: skip


def test_what_was_sent_about_a_turn_goes_before_its_living_conversation(
    database: Database, mail: DatabaseSubmissions
) -> None:
    """A conversation that goes on keeps its turns, but not for ever what was sent about them and is answered."""
    (key,) = recorded(database, said())
    mail.add(question(), masked=False, about=key)
    close_items(database, datetime.now(UTC))
    age(database, key.conversation, -200)
    assert expire(database, datetime.now(UTC) + LATER) == Expired(submissions=1)
    assert (count(database, "turn"), count(database, "item")) == (1, 1)


def worded(database: Database, key: TurnKey) -> None:
    """Make the words of a turn a wording of a verified answer."""
    now = datetime.now(UTC)
    answer = {"id": "b" * 12, "state": "active", "created": now, "changed": now}
    words = {"answer": "b" * 12, "language": "ru", "wording": "Виза?", "conversation": key.conversation, "turn": 1}
    with database.writing() as connection:
        connection.execute(insert(schema.verified).values(**answer))
        connection.execute(insert(schema.verified_wording).values(**words))


@pytest.mark.parametrize("way", ["by code", "by time"])
def test_words_that_find_an_answer_leave_the_index_with_their_conversation(database: Database, way: str) -> None:
    """However a conversation is erased, the index is told if a student's words were among those that find an answer."""
    kept = DatabaseConversations(database)
    plain, key = kept.begin("ru", "chat"), kept.begin("ru", "chat")
    for each in (plain, key):
        kept.record(each.id, said())
        age(database, each.id, DAYS + 1)
    worded(database, TurnKey(key.id, 1))
    if way == "by code":
        kept.erase(plain.code)
        with database.reading() as connection:
            assert number(connection) == 0  # nothing that the index holds has changed
        kept.erase(key.code)
    else:
        expire(database, datetime.now(UTC))
    with database.reading() as connection:
        assert number(connection) == 1
    assert count(database, "verified_wording") == 0


def test_praise_needs_nobody_and_goes_by_its_age(database: Database, mail: DatabaseSubmissions) -> None:
    """Praise has no item; it is kept as long as a conversation."""
    mail.add(praise(), masked=False)
    assert expire(database, datetime.now(UTC) + timedelta(days=DAYS - 1)) == Expired()
    assert expire(database, datetime.now(UTC) + LATER) == Expired(submissions=1)


def test_a_story_that_became_a_lesson_stays(database: Database, mail: DatabaseSubmissions) -> None:
    """The lesson hangs on the story, so only its author takes it back."""
    add_mentors(database)
    code = mail.add(experience(), masked=True)
    with database.writing() as connection:
        digest = connection.scalar(select(schema.submission.c.code))
        row = {"id": "a" * 12, "submission": digest, "language": "kk", "content": {}, "place": "full", "alike": 5}
        connection.execute(insert(schema.lesson).values(**row, mentor=DANA, published=datetime.now(UTC)))
    close_items(database, datetime.now(UTC))
    assert expire(database, datetime.now(UTC) + 10 * LATER) == Expired()
    assert mail.withdraw(code)
    assert count(database, "lesson") == 0


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands."""
    return Clock()


@pytest.fixture
def lessons(database: Database, clock: Clock) -> Lessons:
    """Give the lessons, with two mentors."""
    add_mentors(database)
    return Lessons(database, clock)


def test_a_story_on_which_nobody_decides_goes_in_time(
    database: Database, mail: DatabaseSubmissions, clock: Clock
) -> None:
    """It is kept for 360 days after it was sent, also while it is open and held; then its code says that it is gone."""
    add_mentors(database)
    code = mail.add(experience(), masked=True)
    messages = Messages(database, clock)
    (waiting,) = everything(Queue(database, clock))
    clock.turn(days=359)
    Queue(database, clock).claim(waiting.id, DANA)
    messages.ask(code_digest(code) or "", MENTOR, "Which month?")
    assert messages.answer(code, "In September.") == ()
    assert expire(database, clock()) == Expired()
    clock.turn(days=2)
    assert expire(database, clock()) == Expired(submissions=1)
    assert messages.own(code) is None
    assert [count(database, name) for name in ("submission", "item", "item_event", "message")] == [0] * 4


def test_a_rejected_story_goes_in_time(
    database: Database, mail: DatabaseSubmissions, lessons: Lessons, clock: Clock
) -> None:
    """It is kept for 180 days after the decision; what its author writes then opens its item and prolongs nothing."""
    code = mail.add(experience(), masked=True)
    story, messages = code_digest(code) or "", Messages(database, clock)
    clock.turn(days=300)
    messages.ask(story, MENTOR, "Which month?")
    assert lessons.reject(story, MENTOR, [StoryReason.TOO_LITTLE]) == ()
    clock.turn(days=179)
    assert messages.answer(code, "In September.") == ()
    assert expire(database, clock()) == Expired()
    clock.turn(days=2)
    assert expire(database, clock()) == Expired(submissions=1)
    assert messages.own(code) is None
    assert count(database, "item") == 0


def test_a_story_whose_lesson_was_taken_back_goes_in_time(
    database: Database, mail: DatabaseSubmissions, lessons: Lessons, clock: Clock
) -> None:
    """That is a decision, too: mentors have 180 days to publish it anew, however long ago it was sent."""
    mail.add(experience(), masked=True)
    (row,) = lessons.stories()
    found = lessons.read(row.id)
    assert found is not None
    wish = Wish(texts=found.texts, place=Place.NONE, seen=True)
    assert lessons.approve(row.id, MENTOR, wish) == ()
    clock.turn(days=1000)
    assert expire(database, clock()) == Expired()
    assert lessons.unpublish(lessons.published()[0].id, MENTOR, "A neighbour was told.") == ()
    clock.turn(days=179)
    assert expire(database, clock()) == Expired()
    clock.turn(days=2)
    assert expire(database, clock()) == Expired(submissions=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_promised_is_what_is_done(language: Language) -> None:
    """The page on which participants agree names both times, in every language."""
    (said,) = (each for each in words(language).consent_points if str(UNDECIDED_DAYS) in each)
    assert re.findall("[0-9]+", said) == [str(DAYS), str(UNDECIDED_DAYS)]


def test_what_was_never_filed_is_not_erased(
    database: Database, mail: DatabaseSubmissions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where filing failed no mentor has seen it yet, so it stays until it is filed."""

    def fails(*_: object) -> None:
        raise ValueError("filing is broken")

    with monkeypatch.context() as broken:
        broken.setattr("assistant.records.filing.file", fails)
        mail.add(question(), masked=False)
    assert expire(database, datetime.now(UTC) + 10 * LATER) == Expired()
    assert file_waiting(database) == 1


def test_many_submissions_take_more_than_one_transaction(
    database: Database, mail: DatabaseSubmissions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for all of them, and all are gone in the end."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _ in range(5):
        mail.add(praise(), masked=False)
    assert expire(database, datetime.now(UTC) + LATER) == Expired(submissions=5)
    assert [entry.details["submissions"] for entry in DatabaseAudit(database).entries()] == [2, 2, 1]


class Days:
    """A clock that goes on by a day whenever somebody waits, until so many have passed."""

    def __init__(self, days: int) -> None:
        self.left, self.today, self.waited = days, datetime.now(UTC), list[float]()

    def now(self) -> datetime:
        return self.today

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.today += timedelta(seconds=seconds)
        self.left -= 1
        return self.left < 0


def test_the_house_is_kept_at_once_and_every_day(database: Database, mail: DatabaseSubmissions) -> None:
    """What is old at the start goes at once, what grows old while the program runs on the day it does."""
    kept, clock = DatabaseConversations(database), Days(DAYS + 1)
    old, young = kept.begin("en", "chat"), kept.begin("ru", "chat")
    age(database, old.id, DAYS + 1)
    seen = []

    def wait(seconds: float) -> bool:
        seen.append(tuple(head.id for head in kept.recent(9)))
        return clock.wait(seconds)

    keep_house(database, wait, clock.now)
    assert set(clock.waited) == {DAY_SECONDS}
    assert seen[0] == seen[DAYS] == (young.id,)
    assert seen[DAYS + 1] == ()
    assert mail.waiting(SubmissionKind.FEEDBACK) == ()


@pytest.mark.parametrize("error", [RecordError("records: the disk is full; free space"), ValueError("Айгуль")])
def test_what_fails_is_tried_again_the_next_day(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """A day on which nothing can be erased ends no program, is told without content, and is made up for."""
    kept, clock = DatabaseConversations(database), Days(1)
    age(database, kept.begin("en", "chat").id, DAYS + 1)
    real, tried = retention.expire, []

    def fails_once(*given: object) -> Expired:
        tried.append(given)
        if len(tried) == 1:
            raise error
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(retention, "expire", fails_once)
    keep_house(database, clock.wait, clock.now)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert ("disk is full" in caplog.text, "Айгуль" in caplog.text) == (isinstance(error, RecordError), False)
    assert kept.recent(9) == ()
