"""Quotes in the reader's language, by a language model, where a section has no version in it."""

from __future__ import annotations

import time
from dataclasses import replace

from assistant.answering.generative.drafted import forbidden, parroted, prompt_runs
from assistant.answering.generative.prompting import LANGUAGE_NAMES, Prompts, estimated_tokens, fence
from assistant.answering.generative.unreviewed import orders
from assistant.answering.generative.writing import Leave, Writer, written
from assistant.answering.language import detect
from assistant.answering.names import names_in
from assistant.answering.verification.claims import facts
from assistant.types import Answer, Citation, Kind, Language

SECONDS = 8.0
"""For all quotes of a reply together."""
LONGEST = 1500
"""Characters of a quote that is translated."""
_GROWTH = 2.5
"""A translation is not longer or shorter than its quote by more than this factor."""


class Translator:
    """Translates quotes with a language model; safe to use from several threads."""

    def __init__(self, writer: Writer, prompts: Prompts) -> None:
        """Write with ``writer``."""
        self._writer = writer
        self._prompts = prompts
        self._own_words = prompt_runs(prompts.files[name] for name in ("translate.system", "translate.user"))

    def translated(self, answer: Answer, leave: Leave) -> Answer:
        """Return an answer whose quotes in other languages have a translation beside them, as far as time allows."""
        end = time.monotonic() + SECONDS
        citations = tuple(
            replace(each, translation=self._translation(each, answer.language, end, leave) or "")
            for each in answer.citations
        )
        return replace(answer, citations=citations)

    def _translation(self, citation: Citation, language: Language, end: float, leave: Leave) -> str | None:
        quote, left = citation.quote, end - time.monotonic()
        if citation.passage.language == language or len(quote) > LONGEST or left <= 0 or leave.gone:
            return None
        if citation.kind is Kind.OTHER and orders(quote):
            return None  # a model might do what it says instead
        prompt = self._prompts.make("translate", language=LANGUAGE_NAMES[language], fence=fence(quote), quote=quote)
        most = int(_GROWTH * estimated_tokens(quote)) + 50
        text = written(self._writer, prompt, most_tokens=most, seconds=left, leave=leave)
        if text is None or parroted(text, self._own_words):
            return None
        return text if is_faithful(text, language, quote, citation.passage.language) else None


def is_faithful(text: str, language: Language, quote: str, original: Language) -> bool:
    """Return whether a translation may be shown: its language, its length, and every number, date, unit and name.

    Args:
        text: The translation.
        language: What it should be in.
        quote: What was translated.
        original: Language of the quote.
    """
    if not 1 / _GROWTH <= len(text) / len(quote) <= _GROWTH or detect(text, fallback=language) != language:
        return False
    if any(forbidden(line, quote) for line in text.splitlines()):
        return False
    return _told(text, language) == _told(quote, original)


def _told(text: str, language: Language) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return the figures with their units, and the names, of a text."""
    figures = frozenset((fact.value, fact.unit) for fact in facts(text, language) if not fact.implied)
    return figures, frozenset(name.key for name in names_in(text))
