"""One question, from the moment it is sent until its reply is whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from assistant.answering.generative.writing import Leave
from assistant.errors import QuestionError
from assistant.knowledge.cleaning import clean
from assistant.types import Answer, Circumstances, Conversation, Reply
from assistant.web.chat import present
from assistant.web.chat.present import Screen
from assistant.web.ports import Assistant
from assistant.web.threads import in_thread
from assistant.web.wording import Texts

LONGEST_QUESTION = 2_000
"""Characters of a question, at most; the browser is not trusted to keep to it."""

STEP_SECONDS = 0.09
"""Pause before each further part of a reply."""

PACE_SECONDS = 0.9
"""Time in which a whole reply appears, at most."""

PULSE_SECONDS = 2.0
"""How often the page is sent what it shows while a model writes nothing new."""

UNKNOWN = Circumstances()
"""Of a student who has said nothing about themselves."""

_log = logging.getLogger(__name__)


async def converse(
    assistant: Assistant,
    question: str,
    conversation: Conversation,
    texts: Texts,
    about: Circumstances = UNKNOWN,
) -> AsyncIterator[Screen]:
    """Yield the page as a question is taken and its reply appears, for a student in these circumstances.

    Until the reply is whole, the conversation yielded holds the question without it; so whoever
    stops a reply is left with a question and nothing half-said.
    """
    question = clean(question).strip()
    if notice := fault(question, texts):
        yield present.screen(conversation, texts, notice=notice, draft=question)
        return
    pending = present.asked(conversation, question)
    yield present.screen(pending, texts, busy=True, draft="")
    shown, reply = present.screen(pending, texts, busy=True), None
    async with aclosing(_replies(assistant, question, conversation, texts, about)) as replies:
        async for news in replies:
            reply = news or reply
            if news and _is_growing(news):
                spoken = present.screen(present.replied(pending, news), texts, speaking=news.text, busy=True)
                shown = replace(spoken, conversation=pending)
            if reply is None or _is_growing(reply):
                yield shown  # the same again if there is no news: only when it sends does Gradio notice who has left
    if reply is None or _is_growing(reply):
        yield present.screen(conversation, texts, notice=texts.failed, draft=question)
        return
    whole = present.replied(pending, reply)
    async for said in _paced(present.frames(reply.text) if _is_quoted(reply) else (reply.text,)):
        spoken = present.screen(whole, texts, speaking=said, busy=True)
        yield replace(spoken, conversation=pending)
    yield replace(present.screen(whole, texts), replied=True)


def fault(question: str, texts: Texts) -> str:
    """Return why a cleaned question cannot be asked, in words for the student; empty if it can."""
    if not question:
        return texts.empty_question
    return texts.long_question if len(question) > LONGEST_QUESTION else ""


async def restored(
    assistant: Assistant, questions: Sequence[str], texts: Texts, about: Circumstances = UNKNOWN
) -> AsyncIterator[Screen]:
    """Yield the page while what was asked before it was loaded again is asked once more, oldest first."""
    conversation = Conversation()
    for question in map(str.strip, map(clean, questions)):
        if fault(question, texts):
            continue
        pending = present.asked(conversation, question)
        yield present.screen(pending, texts, busy=True)
        reply = await _reply(assistant, question, conversation, texts, about)
        conversation = present.replied(pending, reply) if reply else pending
    yield present.screen(conversation, texts)


async def _reply(
    assistant: Assistant, question: str, conversation: Conversation, texts: Texts, about: Circumstances
) -> Reply | None:
    """Return the whole reply, or ``None`` if there is none."""
    async with aclosing(_replies(assistant, question, conversation, texts, about)) as replies:
        found = [None, *[reply async for reply in replies if reply]][-1]
    return None if found is None or _is_growing(found) else found


async def _replies(
    assistant: Assistant, question: str, conversation: Conversation, texts: Texts, about: Circumstances
) -> AsyncGenerator[Reply | None]:
    """Yield the reply as it grows, the whole last, and None from time to time while there is nothing new.

    If it fails, no whole one comes, and the log says why, without the question.
    """
    leave, coming = Leave(), None
    try:
        growing = assistant.converse(
            question, conversation=conversation, page_language=texts.language, about=about, leave=leave
        )
        coming = in_thread(lambda: next(growing, None))
        while True:
            if not (await asyncio.wait({coming}, timeout=PULSE_SECONDS))[0]:
                yield None
            elif (reply := coming.result()) is None:
                return
            else:
                coming = in_thread(lambda: next(growing, None))
                yield reply
    except QuestionError as error:
        _log.info("question of %d characters refused: %s", len(question), type(error).__name__)
    except Exception as error:
        # not the message, which may repeat the question
        _log.error("no reply to a question of %d characters: %s", len(question), type(error).__name__)
    finally:
        leave.go()  # of a student who has left, or stopped the reply
        if coming is not None:
            coming.add_done_callback(lambda late: late.cancelled() or late.exception())  # nobody else looks at it


def _is_growing(reply: Reply) -> bool:
    """Return whether a reply is not whole yet."""
    return isinstance(reply, Answer) and not reply.whole


def _is_quoted(reply: Reply) -> bool:
    """Return whether a reply was there at once; one that a model wrote has appeared sentence by sentence."""
    return not (isinstance(reply, Answer) and reply.composer == "generative")


async def _paced(frames: tuple[str, ...]) -> AsyncIterator[str]:
    """Yield every beginning but the last, the whole, with a short pause after each."""
    pause = min(STEP_SECONDS, PACE_SECONDS / len(frames))
    for frame in frames[:-1]:
        yield frame
        await asyncio.sleep(pause)
