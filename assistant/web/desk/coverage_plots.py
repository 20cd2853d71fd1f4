"""Plots of the coverage page as shapes in a coordinate system that is as wide as a phone; the template draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from babel.dates import format_date

from assistant.records.covered import Field, Snapshot, Tally, Week
from assistant.types import LANGUAGES, Language
from assistant.web.desk.coverage_words import CoverageWords, coverage_words
from assistant.web.desk.queue_view import topic_name
from assistant.web.desk.words import frame
from assistant.web.library.facts import country_name

WIDTH = 340
"""Units across; on a phone one unit is about one pixel, so that letters keep their size."""

MOST_COUNTRIES = 6
"""Countries with a bar of their own in each topic; the others share one."""

_LEFT, _TOP, _FOOT, _BARS = 30, 8, 22, 110  # room for the scale, above it, for the dates; height of the bars
_ROW, _BAR = 36, 12  # height of a row with its label, and of the bar in it


class Part(StrEnum):
    """What became of questions; the parts of a bar, from its beginning."""

    ANSWERED = "answered"
    LOW = "low"
    ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar."""

    x: float
    y: float
    width: float
    height: float
    part: Part
    said: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place; ``anchor`` is ``start``, ``middle`` or ``end``."""

    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot.

    Attributes:
        id: Unique on the page.
        name: What it shows, as its heading.
        said: What it shows, with its figures, for who does not see it.
        height: Units down; ``WIDTH`` units across.
        lines: Heights of the lines of the scale.
    """

    id: str
    name: str
    said: str
    height: int
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    lines: tuple[float, ...] = ()


def week_plots(of: Snapshot, language: Language) -> tuple[Plot, ...]:
    """Return a plot for each language in which something was asked, all with the same weeks and scale."""
    if not of.weeks:
        return ()
    mondays = _mondays(of.weeks[0].monday, max(of.at.date(), of.weeks[-1].monday))
    top = rounded_up(max(_height(week.tally) for week in of.weeks))
    spoken = (each for each in LANGUAGES if any(week.language == each for week in of.weeks))
    return tuple(
        _week_plot(each, [w for w in of.weeks if w.language == each], mondays, top, language) for each in spoken
    )


def field_plots(of: Snapshot, language: Language) -> tuple[Plot, ...]:
    """Return a plot for each topic, the one most asked about first; all have the same scale."""
    topics: dict[str, list[Field]] = {}
    for field in of.fields:
        topics.setdefault(field.topic, []).append(field)
    ordered = sorted(topics.items(), key=lambda pair: -_sum(pair[1]).asked)
    rows = {topic: _by_country(fields, language) for topic, fields in ordered}
    most = max((_height(tally) for each in rows.values() for _, tally in each), default=0) or 1
    return tuple(_field_plot(topic, rows[topic], _sum(fields), most, language) for topic, fields in ordered)


def rounded_up(count: int) -> int:
    """Return the next of 2, 4, 10, 20, 40, 100 … that is not less than a count; its half is a whole number, too."""
    top = 2
    while top < count:
        top = top * 5 // 2 if str(top).startswith("4") else top * 2
    return top


def parts(tally: Tally) -> tuple[tuple[Part, int], ...]:
    """Return how long the parts of a bar are; an answer with low support is in one part only."""
    well = max(0, tally.answered - tally.low)
    return ((Part.ANSWERED, well), (Part.LOW, tally.answered - well), (Part.ABSTAINED, tally.abstained))


def _height(tally: Tally) -> int:
    return sum(count for _, count in parts(tally))


def _sum(fields: Sequence[Field]) -> Tally:
    return sum((field.tally for field in fields), Tally())


def _mondays(first: date, last: date) -> list[date]:
    weeks = max(1, (last - first).days // 7 + 1)
    return [first + timedelta(weeks=number) for number in range(weeks)]


def _week_plot(spoken: Language, weeks: Sequence[Week], mondays: Sequence[date], top: int, language: Language) -> Plot:
    words = coverage_words(language)
    total = sum((week.tally for week in weeks), Tally())
    places = {monday: number for number, monday in enumerate(mondays)}
    step = (WIDTH - _LEFT) / len(mondays)
    bars = [bar for week in weeks for bar in _week_bars(week, _LEFT + places[week.monday] * step, step, top, language)]
    base = _TOP + _BARS
    scale = [Label(_LEFT - 5, _TOP + 4 + _BARS * (2 - half) / 2, str(top * half // 2), "end") for half in range(3)]
    dates = [Label(_LEFT, base + 16, _day(mondays[0], language), "start")]
    if len(mondays) > 1:
        dates.append(Label(WIDTH, base + 16, _day(mondays[-1], language), "end"))
    name = frame(language).speeches[spoken]
    said = words.weeks_plot.format(language=name, asked=total.asked, low=total.low, abstained=total.abstained)
    return Plot(id=f"weeks_{spoken}", name=name, said=said, height=base + _FOOT, bars=tuple(bars),
                labels=(*scale, *dates), lines=(_TOP, _TOP + _BARS / 2, base))  # fmt: skip


def _week_bars(week: Week, x: float, step: float, top: int, language: Language) -> Iterator[Bar]:
    counts = dict(parts(week.tally))
    named = {part.value: count for part, count in counts.items()}
    said = coverage_words(language).week_bar.format(week=_day(week.monday, language), **named)
    y = float(_TOP + _BARS)
    for part, count in counts.items():
        height = _BARS * count / top
        y -= height
        if count:
            yield Bar(round(x + step * 0.1, 2), round(y, 2), round(step * 0.8, 2), round(height, 2), part, said)


def _day(day: date, language: Language) -> str:
    return str(format_date(day, "d MMM", locale=language))


def _by_country(fields: Sequence[Field], language: Language) -> list[tuple[str, Tally]]:
    """Return the countries most asked about with their figures, then all others together."""
    words = coverage_words(language)
    ordered = sorted(fields, key=lambda field: (-field.tally.asked, field.country))
    shown = [(country_name(each.country, language) or words.no_country, each.tally) for each in ordered]
    rest = ordered[MOST_COUNTRIES:]
    return shown if len(rest) < 2 else [*shown[:MOST_COUNTRIES], (words.other_countries, _sum(rest))]


def _field_plot(topic: str, rows: Sequence[tuple[str, Tally]], total: Tally, most: int, language: Language) -> Plot:
    words = coverage_words(language)
    name = topic_name(topic, language) or words.no_topic
    bars: list[Bar] = []
    labels: list[Label] = []
    for number, (country, tally) in enumerate(rows):
        y = number * _ROW
        figures = words.weak_of.format(weak=_weak(tally), asked=tally.asked)
        labels += [Label(0, y + 13, country, "start"), Label(WIDTH, y + 13, figures, "end")]
        bars += _field_bars(tally, y + 18, most, words)
    said = words.fields_plot.format(topic=name, asked=total.asked, weak=_weak(total))
    return Plot(id=f"fields_{topic or 'none'}", name=name, said=said, height=len(rows) * _ROW, bars=tuple(bars),
                labels=tuple(labels))  # fmt: skip


def _field_bars(tally: Tally, y: float, most: int, words: CoverageWords) -> Iterator[Bar]:
    x = 0.0
    for part, count in parts(tally):
        width = WIDTH * count / most
        if count:
            yield Bar(round(x, 2), y, round(width, 2), _BAR, part, f"{words.keys[part]}: {count}")
        x += width


def _weak(tally: Tally) -> int:
    return tally.abstained + tally.low
