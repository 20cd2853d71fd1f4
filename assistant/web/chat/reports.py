"""What a student tells the mentors about a reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.records.submissions import Feedback, MentorQuestion, read_feedback, read_question
from assistant.types import Abstention, Answer, Conversation, Turn
from assistant.web.chat.actions import Deed
from assistant.web.wording import Texts

CONSENT_VERSION = "2026-11"
"""Which wording of the consent to being contacted the pages show."""


@dataclass(frozen=True, slots=True)
class Slip:
    """The form that stands open: what it is about.

    Attributes:
        deed: ``BAD`` for what is wrong with a reply, ``MENTOR`` for a question to the mentors.
        turn: Which turn, counted from 1.
        question: What was asked there when the form was opened.
    """

    deed: Deed
    turn: int
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was written into the form."""

    problems: Sequence[str] = ()
    comment: str = ""
    contact: str = ""
    consent: bool = False


def turn_of(conversation: Conversation, number: int) -> Turn | None:
    """Return the turn with this number, counted from 1 over the whole conversation, if it is still kept."""
    place = number - 1 - conversation.dropped
    return conversation.turns[place] if 0 <= place < len(conversation.turns) else None


def praise(turn: Turn, texts: Texts) -> Feedback | None:
    """Return that a reply helped; ``None`` if the reply cannot be told."""
    return read_feedback({**_told(turn, texts), "rating": "good"})[0]


def report(slip: Slip, turn: Turn, filled: Filled, texts: Texts) -> Feedback | MentorQuestion | None:
    """Return what the form says, or ``None`` if something in it is longer than its input allows."""
    told = _told(turn, texts) | {"comment": filled.comment}
    if slip.deed is Deed.BAD:
        return read_feedback({**told, "rating": "bad", "reasons": list(filled.problems)})[0]
    told |= {"status": _status(turn), "contact": filled.contact, "consent": filled.consent}
    return read_question({**told, "consent_version": CONSENT_VERSION if filled.consent else ""})[0]


def _told(turn: Turn, texts: Texts) -> dict[str, Any]:
    """Return the question and its reply, as every report tells them."""
    cited = turn.reply.citations if isinstance(turn.reply, Answer) else ()
    return {
        "question": turn.question,
        "reply": turn.reply.text if turn.reply else "",
        "sections": tuple(dict.fromkeys(each.passage.section for each in cited)),
        "language": texts.language,
    }


def _status(turn: Turn) -> str | None:
    """Return how the question was replied to, if it was."""
    if turn.reply is None:
        return None
    return "abstained" if isinstance(turn.reply, Abstention) else "answered"
