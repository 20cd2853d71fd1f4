"""What a follow-up continues ("And for English?", "А в Германии?", "Ал Түркияда ше?"), and what may follow a reply."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.names import names_in, replaced
from assistant.types import Answer, Document, Passage

_OPENINGS = re.compile(
    r"^\s*(?:and|but|so|what about|how about|also|then|а|и|но|а если|ну а|тогда|ал|және|онда|сонда|бірақ)\b"
)
_POINTING = re.compile(
    r"\b(?:it|that|this|they|them|there|those|these|he|she|его|ее|её|их|это|этот|эта|эти|там|туда|тогда|такой|"
    r"он|она|они|бұл|сол|ол|оны|онда|оның|олар|ше)\b"
)
_SHORT_WORDS = 3
_LONGEST_EARLIER = 400
FOLLOW_UPS = 3
"""Sections offered after an answer, at most."""


def leans(question: str) -> bool:
    """Return whether a question reads as if it continued another: its opening, a pronoun, or very few words."""
    text = question.casefold()
    return bool(_OPENINGS.search(text) or _POINTING.search(text)) or len(text.split()) <= _SHORT_WORDS


def earlier_question(question: str, history: Sequence[str]) -> str:
    """Return the earlier question that ``question`` may continue, or empty.

    An earlier question that leaned itself brings the one before it along. What ``question`` names anew (another
    country, institution, programme, year) is taken out of the earlier words.

    Args:
        question: The student's question.
        history: The questions before it, oldest first.
    """
    parts: list[str] = []
    for earlier in reversed(history):
        parts.insert(0, earlier)
        if not leans(earlier):
            break
        if len(parts) == 3:
            break
    text = " ".join(parts)[-_LONGEST_EARLIER:]
    return replaced(text, question) if names_in(question) else text


def neighbours(answer: Answer, document: Document | None) -> tuple[Passage, ...]:
    """Return up to ``FOLLOW_UPS`` sections to read after an answer, none of which it quotes.

    The two sections that follow the one quoted first, then what was found nearest, then the section before it.

    Args:
        answer: The answer.
        document: The document of its first citation, in the language of that citation; None if it has gone.
    """
    first = answer.citations[0].passage
    sections = document.passages if document else ()
    place = next((i for i, each in enumerate(sections) if each.anchor == first.anchor), None)
    quoted = {citation.passage.section for citation in answer.citations}
    after = [] if place is None else [each for each in sections[place + 1 :] if each.section not in quoted]
    before = [] if not place else [sections[place - 1]]
    offered = {
        each.section: each
        for each in (*after[:2], *(hit.passage for hit in answer.nearest), *before)
        if each.section not in quoted and each.heading
    }
    return tuple(offered.values())[:FOLLOW_UPS]
