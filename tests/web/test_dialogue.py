"""One question from the moment it is sent until its reply is whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from web_fakes import NO_FILTERS, NO_TURNS, NOBODY, FakeAssistant

from assistant.answering.generative.writing import Leave
from assistant.types import (
    LANGUAGES,
    Abstention,
    Answer,
    Circumstances,
    Conversation,
    Filters,
    Language,
    Reply,
)
from assistant.web.chat import dialogue
from assistant.web.chat.dialogue import LONGEST_QUESTION, converse, fault, restored
from assistant.web.chat.present import Screen
from assistant.web.wording import texts

WORDS = texts("en")
POLAND = Circumstances(country="PL")


def ask(question: str, conversation: Conversation | None = None) -> list[Screen]:
    """Return every screen of one question."""

    async def collect() -> list[Screen]:
        talk = conversation or Conversation()
        return [screen async for screen in converse(FakeAssistant(), question, talk, WORDS)]

    return asyncio.run(collect())


def test_a_reply_appears_in_steps_and_within_a_second() -> None:
    """The page waits, speaks in steps and ends whole, all within about a second."""
    started = time.perf_counter()
    screens = ask("How do I get a permit?")
    assert time.perf_counter() - started < 1.5
    assert len(screens) >= 3
    assert [screen.busy for screen in screens] == [True] * (len(screens) - 1) + [False]
    assert screens[0].draft == ""


def test_the_reply_is_remembered_only_when_whole() -> None:
    """Whoever stops a reply is left with the question and nothing half-said."""
    *before, last = ask("How do I get a permit?")
    assert all(screen.conversation.turns[-1].reply is None for screen in before)
    assert isinstance(last.conversation.turns[-1].reply, Answer)


def test_a_conversation_grows_and_the_old_one_stays() -> None:
    """A conversation is a value: asking makes a new one."""
    first = ask("How do I get a permit?")[-1].conversation
    second = ask("And in Japan?", first)[-1].conversation
    assert len(first.turns) == 1
    assert isinstance(second.turns[-1].reply, Abstention)
    assert second.turns[0] == first.turns[0]


@pytest.mark.parametrize(
    ("question", "notice"),
    [
        ("", WORDS.empty_question),
        (" \n\u200b", WORDS.empty_question),
        ("x" * (LONGEST_QUESTION + 1), WORDS.long_question),
    ],
)
def test_an_impossible_question_is_given_back(question: str, notice: str) -> None:
    """An empty or too long question is not asked, and the student keeps the words."""
    (screen,) = ask(question)
    assert screen.notice == notice
    assert screen.conversation == Conversation()
    assert screen.draft == question.strip(" \n\u200b")


def test_the_longest_question_is_asked() -> None:
    """Exactly 2,000 characters are allowed."""
    assert fault("x" * LONGEST_QUESTION, WORDS) == ""


@pytest.mark.parametrize("word", ["broken", "refuse"])
def test_a_failing_engine_is_told_kindly_and_the_log_has_no_question(
    word: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure gives the question back, shows no traceback and logs no word of the student."""
    caplog.set_level("INFO", logger=dialogue.__name__)
    last = ask(f"my private {word} secret")[-1]
    assert last.notice == WORDS.failed
    assert last.draft == f"my private {word} secret"
    assert last.conversation == Conversation()
    assert "private" not in caplog.text


def test_a_lone_surrogate_is_cleaned_away() -> None:
    """Broken Unicode in a question does no harm."""
    last = ask("How do I \ud800get a permit?")[-1]
    assert last.conversation.questions == ("How do I get a permit?",)


class Listener(FakeAssistant):
    """Notes what it was asked, after which questions and about whom."""

    def __init__(self) -> None:
        """Begin without notes."""
        self.heard: list[tuple[str, tuple[str, ...], Circumstances]] = []

    def ask(
        self,
        question: str,
        *,
        conversation: Conversation = NO_TURNS,
        page_language: Language | None = None,
        filters: Filters = NO_FILTERS,
        about: Circumstances = NOBODY,
    ) -> Reply:
        """Return what the fake assistant replies."""
        self.heard.append((question, conversation.questions, about))
        return super().ask(question, conversation=conversation, page_language=page_language)


def restore(*questions: str, listener: FakeAssistant | None = None, language: Language = "en") -> list[Screen]:
    """Return every screen while these questions are asked again by a student bound for Poland."""

    async def collect() -> list[Screen]:
        asked = restored(listener or Listener(), questions, texts(language), POLAND)
        return [screen async for screen in asked]

    return asyncio.run(collect())


def test_who_asks_reaches_the_engine() -> None:
    """The circumstances of the student go along with the question; without any, nothing is assumed."""
    listener = Listener()

    async def both() -> None:
        for about in (POLAND, dialogue.UNKNOWN):
            async for _ in converse(listener, "permit?", Conversation(), WORDS, about):
                pass

    asyncio.run(both())
    assert [about for _, _, about in listener.heard] == [POLAND, Circumstances()]


def test_what_was_asked_before_a_reload_is_asked_in_its_order() -> None:
    """Each question is asked after those before it, so that a follow-up means again what it meant."""
    listener = Listener()
    restore("permit?", "And in Japan?", "fees?", listener=listener)
    assert listener.heard == [
        ("permit?", (), POLAND),
        ("And in Japan?", ("permit?",), POLAND),
        ("fees?", ("permit?", "And in Japan?"), POLAND),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_screen_of_a_restored_conversation_is_whole(language: Language) -> None:
    """The page is busy while it asks, then shows every reply, and never touches what is being typed."""
    *before, last = restore("permit?", "Japan?", language=language)
    assert all(screen.busy for screen in before)
    assert not last.busy
    assert [type(turn.reply) for turn in last.conversation.turns] == [Answer, Abstention]
    assert [bubble.role for bubble in last.bubbles] == ["user", "assistant"] * 2
    assert {screen.draft for screen in (*before, last)} == {None}


def test_what_cannot_be_asked_again_is_skipped() -> None:
    """Blank and overlong questions from the browser are left out, the others come back."""
    last = restore("  ", "permit?", "x" * (LONGEST_QUESTION + 1), "\u200b")[-1]
    assert last.conversation.questions == ("permit?",)
    assert last.notice == ""


def test_a_failure_while_restoring_leaves_its_question_and_goes_on() -> None:
    """One question without a reply does not keep the next from being asked."""
    last = restore("broken", "permit?")[-1]
    assert [turn.reply is None for turn in last.conversation.turns] == [True, False]
    assert WORDS.stopped in last.bubbles[1].html


def test_nothing_to_restore_is_an_empty_page() -> None:
    """Without a question there is one screen, and it is the beginning."""
    (screen,) = restore()
    assert screen.conversation == Conversation()
    assert screen.bubbles == ()


class Writing(FakeAssistant):
    """Has a model that writes one sentence, keeps still for a while, and then ends or breaks."""

    def __init__(self, *, breaks: bool) -> None:
        """Break, or come to the end."""
        self.breaks = breaks

    def converse(self, question: str, *, leave: Leave | None = None, **about: Any) -> Iterator[Reply]:
        """Yield a beginning, then the whole."""
        own = super().ask(question)
        assert isinstance(own, Answer)
        yield replace(own, composer="generative", text="A first sentence. [1]")
        time.sleep(0.35)
        if self.breaks:
            raise RuntimeError("secret")
        yield own


def written(monkeypatch: pytest.MonkeyPatch, *, breaks: bool) -> list[Screen]:
    """Return every screen of a reply that a model writes."""
    monkeypatch.setattr(dialogue, "PULSE_SECONDS", 0.1)

    async def collect() -> list[Screen]:
        return [screen async for screen in converse(Writing(breaks=breaks), "permit?", Conversation(), WORDS)]

    return asyncio.run(collect())


def test_while_nothing_new_is_written_the_page_is_sent_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so is it noticed that somebody has left; what the student types meanwhile is not touched."""
    *before, last = written(monkeypatch, breaks=False)
    same = [screen for screen in before if "A first sentence" in screen.bubbles[-1].html]
    assert len(same) >= 3
    assert all(screen == same[0] and screen.draft is None for screen in same)
    assert all(screen.conversation.turns[-1].reply is None for screen in before)
    assert last.replied


def test_a_reply_that_breaks_in_the_middle_is_not_taken_for_the_whole(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The question is given back, as after any failure, and nothing of the beginning stays."""
    last = written(monkeypatch, breaks=True)[-1]
    assert (last.notice, last.draft, last.conversation) == (WORDS.failed, "permit?", Conversation())
    assert "secret" not in caplog.text
