"""Sending a story to the mentors, and erasing it again."""

from __future__ import annotations

import asyncio
import logging

from assistant.errors import RecordError
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
