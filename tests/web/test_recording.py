"""What is recorded of a conversation, and what is said about it."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fakes import FakeAssistant, abstention, answer, recorder

from assistant.contract import reply_json
from assistant.errors import RecordError
from assistant.records.ports import (
    ConversationHead,
    ConversationKey,
    ConversationRecord,
    NewTurn,
    RecordedTurn,
    TurnKey,
)
from assistant.records.retention import DAYS
from assistant.types import LANGUAGES, Circumstances, Conversation, Language, Reply, Turn
from assistant.web.chat import recording
from assistant.web.chat.keeping import told
from assistant.web.chat.recording import (
    DOUBTFUL_SUPPORT,
    Record,
    Recorder,
    country,
    is_doubtful,
    new_turn,
    number_of,
)
from assistant.web.chat.words import keeping_words
from assistant.web.wording import texts

POLAND, NOWHERE = Circumstances(country="PL"), Circumstances()
KEY = ConversationKey("0" * 32, "ABCDE-FGHJK-MNPQR-STUVW")


def talk(*questions: str, reply: Reply | None = None, dropped: int = 0) -> Conversation:
    """Return a conversation in which every question has a reply."""
    return Conversation(tuple(Turn(each, reply or answer()) for each in questions), dropped)


def recorded(
    by: Recorder,
    said: Conversation,
    record: Record | None = None,
    about: Circumstances = NOWHERE,
    page: Language = "en",
) -> Record:
    """Record the last turn of a conversation."""
    engine = FakeAssistant()
    return asyncio.run(
        by.record(said, record or Record(), about=about, language=page, generation=engine.generation)
    )  # fmt: skip


def turns(by: Recorder, record: Record) -> tuple[RecordedTurn, ...]:
    """Return what lies in the database."""
    assert record.key is not None
    found: ConversationRecord | None = by.conversations.read(record.key.id)
    return found.turns if found else ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_turn_is_recorded_with_all_that_made_it(tmp_path: Path, language: Language) -> None:
    """Question, whole reply, index, settings, version, language and country are there to make the reply again."""
    by, reply = recorder(tmp_path), answer(language)
    record = recorded(by, talk("permit?", reply=reply), about=POLAND, page=language)
    (turn,) = turns(by, record)
    assert (turn.question, turn.reply) == ("permit?", json.loads(json.dumps(reply_json(reply))))
    assert (turn.generation, turn.settings, turn.version) == ("fake-1", "settings-1", "0.1.0")
    assert (turn.language, turn.country) == (language, "PL")
    assert record.key is not None
    head = by.conversations.recent(1)[0]
    assert (head.id, head.language, head.page) == (record.key.id, language, "chat")


def test_further_turns_go_where_the_first_one_is(tmp_path: Path) -> None:
    """A conversation has one record, and each turn of the page finds its own in it."""
    by = recorder(tmp_path)
    first = recorded(by, talk("one"))
    second = recorded(by, talk("one", "two"), first)
    assert second.key == first.key
    assert [turn.question for turn in turns(by, second)] == ["one", "two"]
    assert first.key is not None
    assert [second.about(number) for number in (0, 1, 2, 3)] == [
        None, TurnKey(first.key.id, 1), TurnKey(first.key.id, 2), None,
    ]  # fmt: skip


def test_asking_again_records_a_further_turn(tmp_path: Path) -> None:
    """Both replies are kept, and what is told from then on is about the second."""
    by = recorder(tmp_path)
    first = recorded(by, talk("one"))
    again = recorded(by, talk("one", reply=abstention()), first)
    assert [turn.reply and turn.reply["status"] for turn in turns(by, again)] == ["answered", "abstained"]
    assert again.key is not None
    assert again.about(1) == TurnKey(again.key.id, 2)


def test_restored_questions_are_not_recorded_again(tmp_path: Path) -> None:
    """After a reload the record begins with the next new question; those before it are its context only."""
    by = recorder(tmp_path)
    record = recorded(by, talk("restored 1", "restored 2", "And in Poland?"))
    assert [(turn.number, turn.question, turn.country) for turn in turns(by, record)] == [(1, "And in Poland?", "PL")]
    assert record.about(2) is None
    assert record.key is not None
    assert record.about(3) == TurnKey(record.key.id, 1)


def test_what_was_erased_elsewhere_begins_anew(tmp_path: Path) -> None:
    """Who erased the conversation by its code goes on talking; nothing old comes back."""
    by = recorder(tmp_path)
    first = recorded(by, talk("one"))
    assert first.key is not None
    assert by.conversations.erase(first.key.code)
    second = recorded(by, talk("one", "two"), first)
    assert second.key not in {None, first.key}
    assert [turn.question for turn in turns(by, second)] == ["two"]
    assert second.about(1) is None


def test_a_record_is_erased_for_good(tmp_path: Path) -> None:
    """Erasing takes all turns, can be repeated, and does nothing where nothing was recorded."""
    by = recorder(tmp_path)
    record = recorded(by, talk("one"))
    assert asyncio.run(by.erase(record))
    assert turns(by, record) == ()
    assert by.conversations.recent(9) == ()
    assert asyncio.run(by.erase(record))
    assert asyncio.run(by.erase(Record()))


class Broken:
    """A database that fails, in its own way or in one that nobody foresaw."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def begin(self, language: Language, page: str) -> ConversationKey:
        raise self.error

    def record(self, id: str, said: NewTurn) -> int | None:
        raise self.error

    def read(self, id: str) -> None:
        raise self.error

    def erase(self, code: str) -> bool:
        raise self.error

    def recent(self, limit: int, before: object = None) -> tuple[()]:
        raise self.error


@pytest.mark.parametrize("error", [RecordError("records: the disk is full; free space"), ValueError("private words")])
@pytest.mark.parametrize("record", [Record(), Record(KEY, {1: 1})])
def test_what_cannot_be_recorded_is_logged_without_content(
    error: Exception, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    """Recording never fails for the student: the record stays as it was, without the turn, and the log has no word."""
    by = Recorder(Broken(error), "s", "v")
    assert recorded(by, talk("one", "my private words"), record) == record
    assert [entry.levelno for entry in caplog.records] == [logging.ERROR]
    assert "not recorded" in caplog.text
    assert not [secret for secret in ("private", KEY.code, KEY.id) if secret in caplog.text]


class Slow:
    """A database that answers only when it is told to, and notes what was done."""

    def __init__(self, by: Recorder, until: threading.Event) -> None:
        self._kept, self._until = by.conversations, until
        self.waiting, self.key = threading.Event(), KEY

    def begin(self, language: Language, page: str) -> ConversationKey:
        self.key = self._kept.begin(language, page)
        return self.key

    def record(self, id: str, said: NewTurn) -> int | None:
        self.waiting.set()
        self._until.wait(30)
        return self._kept.record(id, said)

    def erase(self, code: str) -> bool:
        return self._kept.erase(code)

    def read(self, id: str) -> ConversationRecord | None:
        return self._kept.read(id)

    def recent(self, limit: int, before: ConversationHead | None = None) -> tuple[ConversationHead, ...]:
        return self._kept.recent(limit, before)


def test_a_database_that_hangs_does_not_keep_the_reply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After some seconds the reply is shown all the same; what is written late can still be erased from the page."""
    monkeypatch.setattr(recording, "PATIENCE_SECONDS", 0.2)
    until = threading.Event()
    slow = Slow(recorder(tmp_path), until)
    by = Recorder(slow, "s", "v")
    record = recorded(by, talk("late"))
    assert caplog.messages == ["a turn was not recorded: TimeoutError"]
    assert (record.key, record.about(1)) == (slow.key, None)
    until.set()
    assert asyncio.run(by.erase(record))
    assert slow.recent(9) == ()


def test_a_reply_that_is_stopped_while_it_is_recorded_is_not_kept(tmp_path: Path) -> None:
    """Nobody would know its code, so what was begun for it is erased, after whatever was still being written."""
    until = threading.Event()
    slow = Slow(recorder(tmp_path), until)
    by = Recorder(slow, "s", "v")

    async def stopped() -> None:
        engine = FakeAssistant()
        task = asyncio.create_task(
            by.record(talk("stopped"), Record(), about=NOWHERE, language="en", generation=engine.generation)
        )
        await asyncio.to_thread(slow.waiting.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        until.set()
        await by.erase(Record(KEY))  # in its turn, after what was under way

    asyncio.run(stopped())
    assert slow.recent(9) == ()


def test_what_cannot_be_erased_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """A database that fails does not say that something is gone; the log does not tell the code."""
    by = Recorder(Broken(RecordError("records: the disk is full; free space")), "s", "v")
    assert not asyncio.run(by.erase(Record(KEY)))
    assert "not erased" in caplog.text
    assert KEY.code not in caplog.text


def test_the_code_is_in_no_printed_record() -> None:
    """Whatever logs what a session holds does not tell who may erase what."""
    assert KEY.code not in repr(Record(KEY, {1: 1}))
    assert KEY.id not in repr(Record(KEY, {1: 1}))


@given(st.dictionaries(st.integers(1, 30), st.integers(1, 99)), st.integers(1, 30))
def test_a_turn_that_is_taken_back_leaves_no_number(numbers: dict[int, int], turn: int) -> None:
    """What is told about a new turn never hangs on an older one that had the same number on the page."""
    record = Record(KEY, numbers).before(turn)
    assert all(record.about(each) is None for each in range(turn, 40))
    assert {each: record.about(each) for each in numbers if each < turn} == {
        each: TurnKey(KEY.id, number) for each, number in numbers.items() if each < turn
    }


def test_turns_keep_their_numbers_when_old_ones_are_dropped(tmp_path: Path) -> None:
    """The page counts over the whole conversation, also when it no longer holds its beginning."""
    by = recorder(tmp_path)
    said = talk("one", "two", dropped=40)
    assert number_of(said) == 42
    record = recorded(by, said)
    assert record.key is not None
    assert record.about(42) == TurnKey(record.key.id, 1)


@pytest.mark.parametrize(
    ("questions", "about", "code"),
    [
        (("What does the visa for Turkey cost?",), POLAND, "TR"),
        (("Сколько стоит виза в Турцию?",), POLAND, "TR"),
        (("Түркияға виза қанша тұрады?",), POLAND, "TR"),
        (("What does the visa cost?",), POLAND, "PL"),
        (("What does the visa cost?",), NOWHERE, ""),
        (("I am from Kazakhstan. What does the visa for Germany cost?",), NOWHERE, "DE"),
        (("Which rules hold in Kazakhstan for my transcript of records?",), NOWHERE, ""),
        (("How do I find a room in Germany?", "And how much is it?"), POLAND, "DE"),
        (("How do I find a room in Germany?", "And in Turkey?"), POLAND, "TR"),
        (("How do I find a room in Germany?", "Which research skills do professors expect from me?"), NOWHERE, ""),
    ],
)
def test_the_country_is_what_is_asked_about_or_where_one_goes(
    questions: tuple[str, ...], about: Circumstances, code: str
) -> None:
    """The question decides, then the one that it continues, then the profile; home is no country to go to."""
    assert country(talk(*questions), about) == code


def test_answers_on_little_support_are_doubtful() -> None:
    """The bar counts for what the program answered; abstentions and what a mentor has checked are not doubted."""
    weak = replace(answer(), support=DOUBTFUL_SUPPORT - 0.001)
    assert is_doubtful(weak)
    assert not is_doubtful(replace(weak, support=DOUBTFUL_SUPPORT))
    assert not is_doubtful(replace(weak, composer="verified"))
    assert not is_doubtful(abstention())
    assert new_turn(talk("x", reply=weak), NOWHERE, generation="g", settings="s", version="v").doubtful


def test_a_turn_without_a_reply_is_none() -> None:
    """A stopped reply is not recorded as if nothing had been replied."""
    with pytest.raises(ValueError, match="whole"):
        new_turn(Conversation((Turn("x"),)), NOWHERE, generation="g", settings="s", version="v")


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_first_question_it_is_said_what_is_kept(language: Language) -> None:
    """That it is kept, for how long, why, who reads it and how it is deleted stand there before anything is asked."""
    shown, words = told(Record(), language, refused=False), keeping_words(language)
    assert words.privacy.format(days=DAYS) in shown
    assert shown.count("<li>") == len(words.points) == 6
    assert f'href="/{language}/share/">{texts(language).pages["share"]}</a>' in shown
    assert "{" not in shown
    assert "\n" not in shown
    assert str(DAYS) in words.privacy.format(days=DAYS)
    assert words.refused not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_refuses_is_told_so(language: Language) -> None:
    """What is said fits what is done, also for who refuses in the middle of a conversation."""
    words = keeping_words(language)
    assert words.refused in told(Record(), language, refused=True)
    assert words.privacy.format(days=DAYS) not in told(Record(), language, refused=True)
    both = told(Record(KEY, {1: 1}), language, refused=True)
    assert f"{words.kept.format(days=DAYS)} {words.no_longer}" in both
    assert words.no_longer not in told(Record(KEY, {1: 1}), language, refused=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_is_shown_with_what_it_is_for(language: Language) -> None:
    """A recorded conversation shows its code, and nothing before does."""
    words, shown = keeping_words(language), told(Record(KEY, {1: 1}), language, refused=False)
    assert f"<summary>{words.code}</summary><p><code>{KEY.code}</code></p>" in shown
    assert "{" not in shown
    assert KEY.code not in told(Record(), language, refused=False)
