"""Numbers of a text, in digits or written out in three languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from assistant.answering.verification.claim_words import values
from assistant.answering.verification.phrases import Token
from assistant.types import Language

_KAZAKH_ENDING = re.compile(
    r"(?:[іы]?нш[іы])?(?:с[іы]н?|[іы]н?)?(?:[дтн][ае][нң]?н?|[дтн][іы]ң?|[гқкғ][ае]|[мпб]ен)?(?:г[іы]|ғ[ыі]|к[іы])?"
)
_RUSSIAN_ENDING = re.compile(
    r"[ьиыао]?(?:ью)?|(?:ый|ий|ой|ая|ья|ое|ье|ого|ьего|ому|ьему|ым|им|ьим|ом|ьем|ую|ью|ей|ые|ьи|ых|ьих|ыми|ьими|еро|ерых)"
)
_NOT_NUMBERS = frozenset(("үшін", "бірақ", "бірге", "бірнеше", "бесік", "онда", "оны", "пята"))
_SCALES = (100, 1000, 1_000_000)
_LARGEST = Decimal(10) ** 9
CONNECTORS = frozenset(
    ("–", "-", "—", "and", "to", "or", "и", "до", "или", "по", "мен", "пен", "бен", "немесе", "till", "until")
)
"""Words and signs between the two ends of a range."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in digits or words, from token ``first`` to before ``last``."""

    value: Decimal
    first: int
    last: int


def numbers_in(words: Sequence[Token], language: Language) -> list[Number]:
    """Return the numbers of a text in order; "twenty five", "жүз жиырма" and "30 тысяч" are one."""
    found: list[Number] = []
    for place, word in enumerate(words):
        value = _value(word, language)
        if value is None:
            continue
        before = found[-1] if found else None
        spelled = before is not None and not words[before.first].number
        joined = _joined(before, value, language, spelled) if before and _follows(before, words, place) else None
        if before and joined is not None:
            found[-1] = Number(joined, before.first, place + 1)
        else:
            found.append(Number(value, place, place + 1))
    return found


def _follows(before: Number, words: Sequence[Token], place: int) -> bool:
    """Return whether a written-out number stands next to another, or behind a hyphen."""
    return not words[place].number and (
        before.last == place or (before.last == place - 1 and words[place - 1].text == "-")
    )


def _joined(before: Number, value: Decimal, language: Language, spelled: bool) -> Decimal | None:
    """Return what two number words next to one another count together, None if they are two numbers."""
    if value in _SCALES and before.value < _LARGEST:
        return before.value * value
    tens = 10 if language == "kk" else 20  # "он алты" is sixteen, "ten six" is nothing
    if value < 10 and tens <= before.value < 100 and before.value % 10 == 0:
        return before.value + value
    if spelled and value < 100 <= before.value < 1000 and before.value % (10 if value < 10 else 100) == 0:
        return before.value + value
    return None


def _value(word: Token, language: Language) -> Decimal | None:
    """Return what a token counts, None if it is no number."""
    if word.number:
        compact = re.sub(r"[ \u00a0\u202f]", "", word.text)
        compact = re.sub(r",(?=\d{3}(?:,|$))", "", compact).replace(",", ".")
        return Decimal(compact)
    return _word_value(word.text, language)


@lru_cache(maxsize=16384)
def _word_value(word: str, language: Language) -> Decimal | None:
    """Return what a word counts, with any ending."""
    if word in _NOT_NUMBERS:
        return None
    if (value := values("numbers", language).get(word)) is not None:
        return value
    ending = _KAZAKH_ENDING if language == "kk" else _RUSSIAN_ENDING
    return next(
        (
            value
            for stem, value in values("inflected", language).items()
            if word.startswith(stem) and ending.fullmatch(word[len(stem) :]) and not _is_pronoun(stem, word)
        ),
        None,
    )


def _is_pronoun(stem: str, word: str) -> bool:
    """Return whether a word with the beginning of the Kazakh ten is a form of "that": only its ordinal is none."""
    return stem == "он" and not word.startswith("оныншы")


def is_suffix(words: Sequence[Token], place: int) -> bool:
    """Return whether a word is the ending of a number in digits: "5-і", "112-ні", "25th"."""
    return place > 1 and words[place - 1].text == "-" and words[place - 2].number and len(words[place].text) <= 5
