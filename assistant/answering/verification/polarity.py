"""What a sentence denies, demands, recommends and allows, by words in three languages, and what contradicts that.

The words stand in ``polarity.toml``. Kazakh denies in the verb itself ("бармайды"), which a pattern of endings finds.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from assistant.answering.verification.phrases import Phrases, Token, tokens
from assistant.types import LANGUAGES, Language

_STEM: dict[Language, int] = {"en": 4, "ru": 5, "kk": 5}
_LONG: dict[Language, int] = {"en": 3, "ru": 4, "kk": 4}
_REACH = 4
_ENDS = frozenset(',;:.()!?|«»"—')
_LETTERS = 40
_BEFORE = frozenset(("тұрып", "бұрын", "жатып"))
_NOT = re.compile(r"n['’]t\b")
_MONTH = re.compile(r"\bMay\b(?! (?:I|you|we)\b)")  # the month, not what is allowed
_KAZAKH_VERB = re.compile(
    r"(?!алмас|байла)\w{2,30}(?:ма|ме|ба|бе|па|пе)"
    r"(?:й|й[тд]\w{0,8}|йм[ыі][нз]|йсыз|йсіз|йінше|йынша|й-ақ|ған\w{0,8}|ген\w{0,8}|д[ыі]\w{0,6}|с[ае]\w{0,6}|с|стан|стен|у\w{0,8}|ңыз|ңіз)"
)
_KAZAKH_WITHOUT = re.compile(r"\w{3,30}(?:сыз|сіз)(?:д[ыі]\w{0,8})?")
_YOU = re.compile(r"\w+(?:[ае]с[ыі]з|йс[ыі]з|[ғгқк][ае]нс[ыі]з|пс[ыі]з|мессіз|ң[ыі]з\w*)")
"""Kazakh verbs and nouns that end in "you", which looks like "without", but for denied verbs."""

_BARS = frozenset(("waived", "forbidden"))
_GIVES_WAY = {"must": ("should", "may", "waived"), "may": ("must", "forbidden"), "should": ("must",)}


@dataclass(frozen=True, slots=True)
class Stance:
    """How a text says what it says.

    Attributes:
        denied: For each negation, beginnings of the words that it concerns.
        modality: Which of ``must``, ``should``, ``may``, ``waived``, ``forbidden`` it says.
        only: Whether it restricts: "only".
        absolute: Whether it leaves no exception: "always", "every".
        sides: Sides of opposites that it names: ``seasons.one``.
    """

    denied: tuple[frozenset[str], ...]
    modality: frozenset[str]
    only: bool
    absolute: bool
    sides: frozenset[str]


@lru_cache(maxsize=8192)
def stance(text: str, language: Language) -> Stance:
    """Return the stance of a text."""
    words = tokens(_MONTH.sub("month", _NOT.sub(" not", text)) if language == "en" else text)
    lexicon = _lexicon(language)
    return Stance(
        denied=tuple(_denied(words, language)),
        modality=frozenset(each.key for each in lexicon.modality.find(words)),
        only=any(True for _ in lexicon.only.find(words)),
        absolute=any(True for _ in lexicon.absolute.find(words)),
        sides=frozenset(each.key for each in lexicon.opposites.find(words)),
    )


def stems(text: str, language: Language) -> tuple[str, ...]:
    """Return the beginnings of the longer words of a text, in order."""
    return _stems(tokens(text), language)


def denied_otherwise(one: Stance, other: Stance, spoken_of: frozenset[str]) -> int:
    """Return how many negations of ``one`` concern what ``other`` speaks of, without a negation of that in ``other``.

    Args:
        one: Whose negations are looked for.
        other: Where they are looked for.
        spoken_of: Beginnings of the words of ``other``.
    """
    meant = (words for words in one.denied if words and len(words & spoken_of) * 2 > len(words))
    return sum(all(words.isdisjoint(same) for same in other.denied) for words in meant)


def denies_newly(said: Stance, held: Stance) -> bool:
    """Return whether a sentence denies where its source denies nothing."""
    return bool(said.denied) and not held.denied


def joined(stances: Sequence[Stance]) -> Stance:
    """Return what several texts together say."""
    return Stance(
        denied=tuple(words for each in stances for words in each.denied),
        modality=frozenset().union(*(each.modality for each in stances)),
        only=any(each.only for each in stances),
        absolute=any(each.absolute for each in stances),
        sides=frozenset().union(*(each.sides for each in stances)),
    )


def other_modality(said: Stance, held: Stance) -> bool:
    """Return whether a sentence demands what its source only recommends or allows, and the like."""
    return any(
        name in said.modality and name not in held.modality and not held.modality.isdisjoint(weaker)
        for name, weaker in _GIVES_WAY.items()
    )


def waives_newly(said: Stance, held: Stance) -> bool:
    """Return whether a sentence waives or forbids what its source neither waives nor forbids, nor denies."""
    return bool(said.modality & _BARS) and not held.denied and not held.modality & _BARS


def opposite(said: Stance, held: Stance) -> int:
    """Return how many sides a sentence names of which its source names only the other."""
    return sum(side not in held.sides and _other(side) in held.sides for side in said.sides)


def _other(side: str) -> str:
    pair, _, place = side.rpartition(".")
    return f"{pair}.{'other' if place == 'one' else 'one'}"


def _denied(words: Sequence[Token], language: Language) -> Iterator[frozenset[str]]:
    """Yield what each negation concerns: the words behind it, in Kazakh the word itself and those before it."""
    lexicon = _lexicon(language)
    neutral = {at for each in lexicon.neutral.find(words) for at in range(each.start, each.end)}
    found = {each.start for each in lexicon.negation.find(words)} - neutral
    if language == "kk":
        found |= {at for at in range(len(words)) if at not in neutral and _is_kazakh_denial(words, at)}
    for at in sorted(found):
        around = (
            [*_clause(words[max(0, at - _REACH) : at][::-1])[::-1], words[at]]
            if language == "kk"
            else _clause(words[at + 1 : at + 1 + _REACH])
        )
        yield frozenset(_stems(around, language))


def _clause(words: Sequence[Token]) -> list[Token]:
    """Return the next words up to a sign that ends a clause."""
    ended = next((at for at, word in enumerate(words) if word.text in _ENDS), len(words))
    return list(words[:ended])


def _stems(words: Sequence[Token], language: Language) -> tuple[str, ...]:
    return tuple(word.text[: _STEM[language]] for word in words if len(word.text) >= _LONG[language])


def _is_kazakh_denial(words: Sequence[Token], at: int) -> bool:
    """Return whether a word denies by its ending; "кетпей тұрып" and "төлемес бұрын" only say "before"."""
    word = words[at].text
    if len(word) > _LETTERS or (at + 1 < len(words) and words[at + 1].text in _BEFORE):
        return False
    without = _KAZAKH_WITHOUT.fullmatch(word) and not _YOU.fullmatch(word)
    return bool(_KAZAKH_VERB.fullmatch(word) or without)


@dataclass(frozen=True, slots=True)
class _Lexicon:
    negation: Phrases
    neutral: Phrases
    modality: Phrases
    only: Phrases
    absolute: Phrases
    opposites: Phrases


@lru_cache(maxsize=len(LANGUAGES))
def _lexicon(language: Language) -> _Lexicon:
    path = resources.files("assistant.answering.verification") / "polarity.toml"
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    pairs = {
        f"{name}.{side}": ways[language] for name, pair in data["opposites"].items() for side, ways in pair.items()
    }
    return _Lexicon(
        negation=Phrases({"negation": data["negation"][language]}),
        neutral=Phrases({"neutral": data["neutral"][language]}),
        modality=Phrases({name: ways[language] for name, ways in data["modality"].items()}),
        only=Phrases({"only": data["only"][language]}),
        absolute=Phrases({"absolute": data["absolute"][language]}),
        opposites=Phrases(pairs),
    )
