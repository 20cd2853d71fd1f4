"""Sending something to the mentors, and what the student is told about it."""

from __future__ import annotations

import asyncio
import logging

from assistant.errors import RecordError
from assistant.records.ports import TurnKey
from assistant.records.store import Submissions
from assistant.records.submissions import Submission, SubmissionKind
from assistant.web.wording import Texts

_log = logging.getLogger(__name__)


async def send(mail: Submissions, told: Submission | None, texts: Texts, about: TurnKey | None = None) -> str:
    """Store what is told and return the words for the student: thanks, the code to withdraw it, or what failed.

    Args:
        mail: Keeps it.
        told: What is told; None if it is too long.
        texts: The words of the page.
        about: The recorded turn that it is about, if that was recorded.
    """
    if told is None:
        return texts.too_long
    try:
        code = await asyncio.to_thread(mail.add, told, masked=False, about=about)
    except RecordError as error:
        _log.error("a %s was not stored", told.kind.value, exc_info=error)
        return texts.not_sent
    words = texts.thanks if told.kind is SubmissionKind.FEEDBACK else texts.sent
    return words.format(code=code)
