"""One question from the moment it is sent until its reply is whole."""

from __future__ import annotations

import asyncio
import time

import pytest
from web_fakes import FakeAssistant

from assistant.types import Abstention, Answer, Conversation
from assistant.web.chat import dialogue
from assistant.web.chat.dialogue import LONGEST_QUESTION, converse, fault
from assistant.web.chat.present import Screen
from assistant.web.wording import texts

WORDS = texts("en")


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
    assert "private" not in caplog.messages[0]


def test_a_lone_surrogate_is_cleaned_away() -> None:
    """Broken Unicode in a question does no harm."""
    last = ask("How do I \ud800get a permit?")[-1]
    assert last.conversation.questions == ("How do I get a permit?",)
