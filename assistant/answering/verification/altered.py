"""Quotes in which a word was changed: the nearer a sentence is to its source word for word, the more each word says.

A sentence that repeats most words of a unit in their order is compared with it place by place. Where the two part for a
few words, they must not part in what matters: a negation, a duty, a limit, a unit, a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.answering.verification.claim_words import lexicon
from assistant.answering.verification.claims import periods
from assistant.answering.verification.mentions import mentions
from assistant.answering.verification.mismatches import Mismatch, MismatchKind
from assistant.answering.verification.phrases import Token, tokens
from assistant.answering.verification.polarity import stance
from assistant.types import Language

NEAR = 0.7
"""Share of a sentence's words that stand in a unit in the same order; below it, a sentence is in its own words."""
_ASIDE = re.compile(r"\s?\([^()]{1,160}\)")
_LINK = re.compile(r"\]\([^()\s]{1,300}\)")
_LOOSE_UNITS = frozenset(("page", "word", "point", "times"))
_SHORTENED = frozenset(("negation", "modality", "side"))
"""What a word that is only left out may not change."""
_FEWEST = 5
_LONGEST = 200
_AROUND = 2
_FEW = 4


@lru_cache(maxsize=4096)
def changes(sentence: str, unit: str, language: Language) -> tuple[Mismatch, ...]:
    """Return in what a sentence differs from a unit of which it is nearly a quote; nothing if it is none."""
    said, held = _words(sentence), _words(unit if "(" in sentence else _ASIDE.sub("", unit))
    if not _FEWEST <= len(said) <= _LONGEST or len(held) > _LONGEST:
        return ()
    matcher = SequenceMatcher(None, [word.text for word in held], [word.text for word in said], autojunk=False)
    blocks = matcher.get_matching_blocks()
    if sum(block.size for block in blocks) < NEAR * len(said):
        return ()
    return tuple(dict.fromkeys(_parting(matcher, held, said, language)))


def _words(text: str) -> list[Token]:
    return [
        word for word in tokens(_LINK.sub("]", text)) if word.number or word.text[0].isalnum() or word.text in "%€$₸"
    ]


def _parting(
    matcher: SequenceMatcher[str], held: Sequence[Token], said: Sequence[Token], language: Language
) -> Iterator[Mismatch]:
    """Yield what matters where a sentence and a unit part for a few words; a clause that is left out says nothing."""
    for tag, begin, end, first, last in matcher.get_opcodes():
        at_an_end = first == last and (begin == 0 or end == len(held))
        if tag == "equal" or at_an_end or max(end - begin, last - first) > _FEW:
            continue
        one = _sense(_window(held, begin, end), language)
        other = _sense(_window(said, first, last), language)
        differing = sorted(one ^ other)
        yield from (Mismatch(kind, key) for kind, key in differing if first < last or kind in _SHORTENED)


def _window(words: Sequence[Token], start: int, end: int) -> str:
    """Return words with those around them, without which "no later than" cannot be read."""
    return " ".join(word.text for word in words[max(0, start - _AROUND) : end + _AROUND])


@lru_cache(maxsize=4096)
def _sense(text: str, language: Language) -> frozenset[tuple[MismatchKind, str]]:
    """Return what matters in a few words."""
    own, words, named = stance(text, language), tokens(text), mentions(text, language)
    sides = (*lexicon(language).before.find(words), *lexicon(language).behind.find(words))
    found: dict[MismatchKind, frozenset[str]] = {
        "negation": frozenset({f"not {len(own.denied)}"} if own.denied else ()),
        "modality": own.modality | ({"only"} if own.only else set()) | ({"always"} if own.absolute else set()),
        "opposite": own.sides,
        "side": frozenset(each.key for each in sides if each.key != "either"),
        "unit": periods(text, language) - _LOOSE_UNITS,
        "name": named.keys,
        "thing": named.terms,
    }
    return frozenset((kind, key) for kind, keys in found.items() for key in keys)
