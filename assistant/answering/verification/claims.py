"""Hard facts of a text: numbers, dates, amounts, durations, levels, with their units; what a paraphrase may not change.

Written-out numbers count as digits, and what is the same is written the same way: "half a year", "6 months", "жарты
жыл". The words stand in ``claims.toml``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from assistant.answering.verification.claim_words import lexicon, values
from assistant.answering.verification.counting import CONNECTORS, Number, is_suffix, numbers_in
from assistant.answering.verification.dating import ACADEMIC, in_digits, with_months
from assistant.answering.verification.phrases import Token, tokens
from assistant.knowledge.transliteration import fold
from assistant.types import Language

_MAY = re.compile(r"\bmay\b")  # what is allowed, not the month
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_MONTHS = {"month": 1, "year": 12, "age": 12}
_MONTH_IN_MINUTES = 30 * _MINUTES["day"]
_CODE = re.compile(r"(?<![\w.])(?:[A-ZА-ЯӘҒҚҢӨҰҮҺІ]{1,5}[-–]?\d{1,5}(?:/\w{1,3})?|\d{1,4}/[а-яa-z]{1,2})(?![\d.,]\d)")
_HOMOGLYPHS = str.maketrans("АВЕКМНОРСТХ", "ABEKMHOPCTX")
_STOPS = frozenset((
    "a", "an", "the", "of", "in", "on", "at", "for", "to", "from", "and", "or", "per", "is", "are", "was", "were", "by",
    "with", "в", "на", "за", "из", "и", "или", "с", "по", "о", "до", "к", "у", "для", "от", "не", "және", "мен",
    "немесе", "әр",
))  # fmt: skip
_DASHES = frozenset("–-—+")
_IN_FRONT = frozenset(("week", "semester", "day", "percent"))
_COUNTED = ("сторон", "балльн", "страни", "язычн")
_ENDS = frozenset(',;:.()!?|«»"')
_SKIPPED = 2
_HOPS = 8
_BEFORE = 5
_BEHIND = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its unit.

    Attributes:
        value: Canonical: ``1500``, ``2.67``, ``04-15``, ``2026``, ``2025/26``, ``b2``.
        unit: ``minute`` for all times up to weeks, ``month`` for longer ones, an ISO 4217 code, ``date``,
            ``month name``, ``calendar`` for a year, ``code`` for a level or form, a key of ``claims.toml``, or nothing.
        start: Offset of its first character.
        end: Offset after its last.
        raw: The value as it was written, before it was brought to minutes or months.
        sides: ``below`` or ``above`` if the text says on which side of the value; both if it says both.
        implied: Whether it is another reading of what the text says: it is known, but not claimed.
    """

    value: str
    unit: str
    start: int
    end: int
    raw: str
    sides: frozenset[str] = frozenset()
    implied: bool = False


@lru_cache(maxsize=4096)
def facts(text: str, language: Language) -> tuple[Fact, ...]:
    """Return what ``text`` states in figures, in order; other readings of the same last."""
    text = _MAY.sub("can", text) if language == "en" else text
    found = list(_in_digits(text))
    reading = _Reading.of(_without(text, found), language)
    found += reading.facts()
    found.sort(key=lambda fact: (fact.start, fact.end))
    claimed = reading.with_sides(found)
    return (*claimed, *(other for each in claimed for other in _implied(each)), *reading.single_units())


def rates(text: str, language: Language) -> frozenset[str]:
    """Return for how long something is said to be: ``month`` for "per month"."""
    return frozenset(each.key for each in lexicon(language).rates.find(tokens(text)))


def periods(text: str, language: Language) -> frozenset[str]:
    """Return the units that ``text`` mentions, with or without a number."""
    words = tokens(text)
    return frozenset(each.key for each in lexicon(language).units.find(words)) | rates(text, language)


def _in_digits(text: str) -> Iterator[Fact]:
    """Yield dates in digits, academic years, levels and forms."""
    for date in in_digits(text):
        yield _plain(date.value, "date" if "-" in date.value else "calendar", date.start, date.end)
    for years in ACADEMIC.finditer(text):
        if (int(years.group(1)) + 1) % 100 <= int(years.group(2)):
            yield _plain(f"{years.group(1)}/{years.group(2)}", "calendar", years.start(), years.end())
    for code in _CODE.finditer(text):
        written = fold(code.group().translate(_HOMOGLYPHS)).replace(" ", "")
        yield _plain(written, "code", code.start(), code.end())


def _without(text: str, found: Sequence[Fact]) -> str:
    """Return a text with spaces in place of what was found."""
    letters = list(text)
    for each in found:
        letters[each.start : each.end] = " " * (each.end - each.start)
    return "".join(letters)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The words and numbers of a text."""

    language: Language
    words: list[Token]
    numbers: list[Number]
    starts: dict[int, Number]
    ends: dict[int, Number]

    @classmethod
    def of(cls, text: str, language: Language) -> _Reading:
        words = tokens(text)
        numbers = numbers_in(words, language)
        return cls(
            language, words, numbers, {each.first: each for each in numbers}, {each.last: each for each in numbers}
        )

    def facts(self) -> Iterator[Fact]:
        """Yield what stands in words and numbers."""
        words, lexical = self.words, lexicon(self.language)
        months = {each.start: each.key for each in lexical.months.find(words)}
        dates, numbers = with_months(words, self.numbers, months)
        for date in dates:
            yield _plain(date.value, "date" if "-" in date.value else "month name", date.start, date.end)
        covered: set[int] = set()
        for each in lexical.quantities.find(words):
            value, unit = each.key.split()
            covered.update(range(each.start, each.end))
            yield _fact(Decimal(value), unit, words[each.start].start, words[each.end - 1].end)
        for number in numbers:
            if number.first not in covered:
                yield _fact(number.value, self._unit(number), words[number.first].start, words[number.last - 1].end)
        yield from self._compounds()

    def single_units(self) -> Iterator[Fact]:
        """Yield one of each unit that is mentioned: whoever says "a month" says "one month"."""
        for unit in dict.fromkeys(each.key for each in lexicon(self.language).units.find(self.words)):
            yield replace(_fact(Decimal(1), unit, 0, 0), implied=True)

    def with_sides(self, found: Sequence[Fact]) -> list[Fact]:
        """Return facts with the side of the value that the words around them tell."""
        places = [word.start for word in self.words]
        taken: set[int] = set()
        for each in found:
            taken.update(range(bisect_left(places, each.start), bisect_left(places, each.end)))
        return [replace(each, sides=self._sides(places, taken, each)) for each in found]

    def _sides(self, places: Sequence[int], taken: set[int], fact: Fact) -> frozenset[str]:
        first, last = bisect_left(places, fact.start), bisect_left(places, fact.end)
        begin = next(
            (at + 1 for at in range(first - 1, first - 1 - _BEFORE, -1) if self._stops(at, taken)), first - _BEFORE
        )
        end = next((at for at in range(last, last + _BEHIND) if self._stops(at, taken)), last + _BEHIND)
        found = (
            *lexicon(self.language).before.find(self.words[max(0, begin) : first]),
            *lexicon(self.language).behind.find(self.words[last:end]),
        )
        return frozenset(each.key for each in found if each.key != "either")

    def _stops(self, at: int, taken: set[int]) -> bool:
        """Return whether a place is outside the text, in another value, or ends a clause."""
        return not 0 <= at < len(self.words) or at in taken or self.words[at].text in _ENDS

    def _unit(self, number: Number) -> str:
        return self._unit_behind(number) or self._unit_in_front(number)

    def _unit_behind(self, number: Number) -> str:
        """Return the nearest unit behind a number: at once, behind up to two words, or behind the end of a range."""
        at, skipped = number.last, 0
        for _ in range(_HOPS):
            if at >= len(self.words):
                return ""
            if unit := lexicon(self.language).units.at(self.words, at):
                return unit.key
            text = self.words[at].text
            if at in self.starts and self.words[at - 1].text in CONNECTORS:
                at = self.starts[at].last
            elif text in _DASHES or is_suffix(self.words, at) or (text in CONNECTORS and at + 1 in self.starts):
                at += 1
            elif at not in self.starts and text[0].isalpha() and text not in _STOPS and skipped < _SKIPPED:
                at, skipped = at + 1, skipped + 1
            else:
                return ""
        return ""

    def _unit_in_front(self, number: Number) -> str:
        """Return the unit in front of a number: "EUR 400", "EUR 200–400", "week 5"."""
        at = number.first
        for _ in range(_HOPS):
            units = (lexicon(self.language).units.at(self.words, at - back) for back in (1, 2) if at >= back)
            if unit := next((each for each in units if each and each.end == at), None):
                return unit.key if unit.key.isupper() or unit.key in _IN_FRONT else ""
            if at < 1 or self.words[at - 1].text not in CONNECTORS or at - 1 not in self.ends:
                return ""
            at = self.ends[at - 1].first
        return ""

    def _compounds(self) -> Iterator[Fact]:
        """Yield numbers that are one word with what they count: "двухнедельный", "десятиминутный"."""
        for word in self.words:
            for stem, value in values("compounds", self.language).items():
                rest = word.text[len(stem) :]
                if word.text.startswith(stem) and len(rest) > _SKIPPED:
                    tail = [Token(rest, word.start, word.end, number=False)]
                    unit = lexicon(self.language).units.at(tail, 0)
                    if unit or rest.startswith(_COUNTED):
                        yield _fact(value, unit.key if unit else "", word.start, word.end)


def _implied(fact: Fact) -> Iterator[Fact]:
    """Yield what else a fact says: the years of an academic year, the day and month of a date, days as months."""
    other = replace(fact, implied=True)
    if fact.unit == "calendar" and "/" in fact.value:
        years = (fact.value[:4], fact.value[:2] + fact.value[5:])
        yield from (replace(other, value=year, raw=year) for year in years)
    elif fact.unit == "date":
        month, day = fact.value[:2], str(int(fact.value[3:]))
        yield replace(other, value=month, raw=month, unit="month name")
        yield replace(other, value=day, raw=day, unit="")
    elif fact.unit == "minute" and Decimal(fact.value) > 0 and Decimal(fact.value) % _MONTH_IN_MINUTES == 0:
        yield replace(other, value=_written(Decimal(fact.value) / _MONTH_IN_MINUTES), unit="month")


def _fact(value: Decimal, unit: str, start: int, end: int) -> Fact:
    """Return a fact with times in minutes or months, and years of the calendar told from durations."""
    if unit in ("", "year", "page") and value == int(value) and 1900 <= value <= 2099:
        return _plain(str(int(value)), "calendar", start, end)
    scale = _MINUTES.get(unit) or _MONTHS.get(unit) or 1
    measure = "minute" if unit in _MINUTES else "month" if unit in _MONTHS else unit
    return Fact(_written(value * scale), measure, start, end, _written(value))


def _written(value: Decimal) -> str:
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _plain(value: str, unit: str, start: int, end: int) -> Fact:
    return Fact(value, unit, start, end, value)
