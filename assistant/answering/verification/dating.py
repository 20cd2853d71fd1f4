"""Days and months of a text, in digits or with the month's name, in any order of the three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.answering.verification.counting import CONNECTORS, Number, is_suffix
from assistant.answering.verification.phrases import Token

ACADEMIC = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[/–-]\s?(?:20)?(\d\d)(?!\d|[.,]\d)")
_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_DOTTED = re.compile(
    r"(?<![\d.])(?P<day>0?[1-9]|[12]\d|3[01])[./](?P<month>0[1-9]|1[0-2])[./](?P<year>(?:19|20)\d\d)(?![\d/]|\.\d)"
)
_BETWEEN = frozenset(("of", "th", "st", "nd", "rd", "-", "е", "го", "число"))
_STEPS = 4
_MOST_DAYS = 4


@dataclass(frozen=True, slots=True)
class Dated:
    """A day, ``04-15``, or a month, ``04``, or a year, from one offset to before another."""

    value: str
    start: int
    end: int


def in_digits(text: str) -> Iterator[Dated]:
    """Yield the day and the year of each date that is written in digits."""
    for pattern in (_ISO, _DOTTED):
        for found in pattern.finditer(text):
            yield Dated(f"{found['month']}-{found['day'].zfill(2)}", found.start(), found.end())
            yield Dated(found["year"], found.start(), found.end())


def with_months(
    words: Sequence[Token], numbers: Sequence[Number], months: Mapping[int, str]
) -> tuple[list[Dated], list[Number]]:
    """Return days and months that are named, and the numbers that are no days.

    Args:
        words: The text.
        numbers: Its numbers.
        months: The month, in two digits, at each token that names one.
    """
    by_end, by_start = {each.last: each for each in numbers}, {each.first: each for each in numbers}
    found: list[Dated] = []
    taken: set[Number] = set()
    for place, month in months.items():
        days = _days_before(words, by_end, place) or _days_after(words, by_start, place)
        taken.update(days)
        found += [
            Dated(f"{month}-{int(day.value):02}", words[day.first].start, words[day.last - 1].end) for day in days
        ]
        if not days:
            found.append(Dated(month, words[place].start, words[place].end))
    return found, [each for each in numbers if each not in taken]


def _days_before(words: Sequence[Token], by_end: Mapping[int, Number], place: int) -> list[Number]:
    """Return the days in front of a month: "15 April", "1–25 сентября", "26-го и 27 мая"."""
    days: list[Number] = []
    at = place
    while at > max(0, place - _STEPS) and (words[at - 1].text in _BETWEEN or is_suffix(words, at - 1)):
        at -= 1
    while (day := by_end.get(at)) is not None and _is_day(day) and len(days) < _MOST_DAYS:
        days.append(day)
        at = day.first
        while at > max(0, day.first - _STEPS) and (words[at - 1].text in CONNECTORS or is_suffix(words, at - 1)):
            at -= 1
    return days


def _days_after(words: Sequence[Token], by_start: Mapping[int, Number], place: int) -> list[Number]:
    """Return the days behind a month: "April 15", "ақпанның 5-і мен 20-сы"."""
    days: list[Number] = []
    at = place + 1
    while (day := by_start.get(at)) is not None and _is_day(day) and len(days) < _MOST_DAYS:
        if not words[day.first].number:
            break
        days.append(day)
        at = day.last
        while at < min(len(words), day.last + _STEPS) and (words[at].text in CONNECTORS or is_suffix(words, at)):
            at += 1
    return days


def _is_day(number: Number) -> bool:
    return 1 <= number.value <= 31 and number.value == int(number.value)
