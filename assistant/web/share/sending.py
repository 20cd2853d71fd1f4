"""Sending a story to the mentors, seeing what became of it, answering them, and erasing it again."""

from __future__ import annotations

import asyncio
import logging

from assistant.errors import RecordError
from assistant.records.messages import OwnStories, OwnStory
from assistant.records.store import Submissions
from assistant.web.ports import Erase
from assistant.web.share.review import Review
from assistant.web.share.words import Words

_log = logging.getLogger(__name__)


async def send(mail: Submissions, review: Review, *, mask: bool) -> str | None:
    """Store a story and return the code that withdraws it; None if it could not be stored."""
    try:
        return await asyncio.to_thread(mail.add, review.stored(mask=mask), masked=mask)
    except RecordError as error:
        _log.error("a story was not stored", exc_info=error)
        return None


async def withdraw(mail: Submissions, erase: Erase, code: str, words: Words) -> tuple[bool, str]:
    """Erase what was sent, or the conversation, that has this code.

    Returns:
        Whether it is gone, and the words for the student.
    """
    try:
        found = await asyncio.to_thread(lambda: mail.withdraw(code) or erase(code))
    except RecordError as error:
        _log.error("nothing was withdrawn", exc_info=error)
        return False, words.not_withdrawn
    return found, words.withdrawn if found else words.no_such_code


async def look_up(stories: OwnStories, code: str, words: Words) -> tuple[OwnStory | None, str]:
    """Return what was sent with a code and no words, or None and the words for the student."""
    try:
        found = await asyncio.to_thread(stories.own, code)
    except RecordError as error:
        _log.error("nothing could be shown of a story", exc_info=error)
        return None, words.not_shown
    return found, "" if found else words.no_story


async def answer(stories: OwnStories, code: str, text: str, words: Words) -> tuple[bool, str]:
    """Send the mentors an answer about a story; return whether they have it, and the words for the student."""
    try:
        against = await asyncio.to_thread(stories.answer, code, text)
    except RecordError as error:
        _log.error("an answer was not stored", exc_info=error)
        return False, words.not_answered
    return not against, " ".join(words.against[each.against.value] for each in against) or words.answered
