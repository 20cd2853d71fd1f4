"""Which words of a sentence a mismatch is about, as a reader knows them: "5 May" and not "05-05"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from assistant.answering.names import names_in
from assistant.answering.verification.claim_words import lexicon
from assistant.answering.verification.claims import Fact
from assistant.answering.verification.mentions import things
from assistant.answering.verification.mismatches import Mismatch, stated
from assistant.answering.verification.phrases import Found, Token, tokens
from assistant.knowledge.transliteration import fold
from assistant.types import Language

_WORD = re.compile(r"\w+")
_NEAR = 3
"""Words from a figure to its month or unit."""
_WITHOUT = frozenset(("", "calendar", "code", "month name"))
"""Units of figures that have no word for it behind them."""


def pointed(sentence: str, language: Language, mismatch: Mismatch) -> str:
    """Return the words of a sentence that a mismatch is about; empty if it is about no words in particular.

    A name of the catalogue is given as it is usually written in the language.
    """
    words = tokens(sentence)
    match mismatch.kind:
        case "number" | "unit" | "side":
            found = (each for each in stated(sentence, language) if _is_meant(each, mismatch))
            return next((_whole(sentence, words, each, language) for each in found), "")
        case "rate":
            return _phrase(sentence, words, lexicon(language).rates.find(words), mismatch.said)
        case "thing":
            return _phrase(sentence, words, things(language).find(words), mismatch.said)
        case "name":
            return _name(sentence, language, mismatch.said)
        case _:
            return ""


def _is_meant(fact: Fact, mismatch: Mismatch) -> bool:
    """Return whether a mismatch is about a figure; of a side it names that first."""
    said = f"{fact.value} {fact.unit}".strip()
    return mismatch.said == said or (mismatch.kind == "side" and mismatch.said.endswith(f" {said}"))


def _whole(sentence: str, words: list[Token], fact: Fact, language: Language) -> str:
    """Return a figure as it was written, with its month or the unit that stands behind it."""
    starts = [word.start for word in words]
    first, last = bisect_left(starts, fact.start), bisect_left(starts, fact.end)
    if fact.unit == "date":
        months = (each for each in lexicon(language).months.find(words) if each.key == fact.value[:2])
        nearest = min(months, key=lambda each: abs(each.start - first), default=None)
        if nearest and abs(nearest.start - first) <= _NEAR:
            first, last = min(first, nearest.start), max(last, nearest.end)
    elif fact.unit not in _WITHOUT:
        units = (lexicon(language).units.at(words, at) for at in range(last, min(last + _NEAR, len(words))))
        last = next((each.end for each in units if each), last)
    return sentence[words[first].start : words[last - 1].end]


def _phrase(sentence: str, words: list[Token], found: Iterator[Found], key: str) -> str:
    places = (sentence[words[each.start].start : words[each.end - 1].end] for each in found if each.key == key)
    return next(places, "")


def _name(sentence: str, language: Language, said: str) -> str:
    if known := next((each for each in names_in(sentence) if each.key == said), None):
        return known.label(language)
    own = (found.group() for found in _WORD.finditer(sentence) if said in fold(found.group()).split())
    at = sentence.casefold().find(said)
    return next(own, sentence[at : at + len(said)] if at >= 0 else "")
