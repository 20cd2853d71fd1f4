"""One question, from the moment it is sent until its reply is whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from assistant.answering.writing import Leave
from assistant.errors import QuestionError
from assistant.knowledge.cleaning import clean
from assistant.types import Answer, Circumstances, Conversation, Reply
from assistant.web.chat import present
from assistant.web.chat.present import Screen
from assistant.web.ports import Assistant
from assistant.web.wording import Texts

LONGEST_QUESTION = 2_000
"""Characters of a question, at most; the browser is not trusted to keep to it."""

STEP_SECONDS = 0.09
"""Pause before each further part of a reply."""

PACE_SECONDS = 0.9
"""Time in which a whole reply appears, at most."""

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
    reply: Reply | None = None
    async with aclosing(_replies(assistant, question, conversation, texts, about)) as replies:
        async for reply in replies:
            spoken = present.screen(present.replied(pending, reply), texts, speaking=reply.text, busy=True)
            if isinstance(reply, Answer) and not reply.whole:
                yield replace(spoken, conversation=pending)
    if reply is None:
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
        return [None, *[reply async for reply in replies]][-1]


async def _replies(
    assistant: Assistant, question: str, conversation: Conversation, texts: Texts, about: Circumstances
) -> AsyncGenerator[Reply]:
    """Yield the reply as it grows, the whole last; if it fails, the log says why, without the question."""
    leave = Leave()
    try:
        growing = assistant.converse(
            question, conversation=conversation, page_language=texts.language, about=about, leave=leave
        )
        while (reply := await asyncio.to_thread(next, growing, None)) is not None:
            yield reply
    except QuestionError as error:
        _log.info("question of %d characters refused: %s", len(question), type(error).__name__)
    except Exception as error:
        # not the message, which may repeat the question
        _log.error("no reply to a question of %d characters: %s", len(question), type(error).__name__)
    finally:
        leave.go()  # of a student who has left, or stopped the reply


def _is_quoted(reply: Reply) -> bool:
    """Return whether a reply was there at once; one that a model wrote has appeared sentence by sentence."""
    return not (isinstance(reply, Answer) and reply.composer == "generative")


async def _paced(frames: tuple[str, ...]) -> AsyncIterator[str]:
    """Yield every beginning but the last, the whole, with a short pause after each."""
    pause = min(STEP_SECONDS, PACE_SECONDS / len(frames))
    for frame in frames[:-1]:
        yield frame
        await asyncio.sleep(pause)
