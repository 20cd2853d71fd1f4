"""The figures of the coverage page as tables, the same for the page and for the files in CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.records.covered import Group, Snapshot, Tally
from assistant.records.items import ItemState
from assistant.types import LANGUAGES, Language
from assistant.web.api.service import Engine
from assistant.web.desk.coverage_words import CoverageWords, coverage_words
from assistant.web.desk.queue_view import topic_name
from assistant.web.desk.queue_words import queue_words
from assistant.web.desk.words import frame
from assistant.web.library.facts import country_name
from assistant.web.library.shelf import address

Cell = str | int | float
Row = tuple[Cell, ...]

BOM = "\ufeff"
"""Tells Excel that a file is UTF-8."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with: a spreadsheet would compute it."""

_TOLD = "told/"  # stories, which their authors may withdraw


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Attributes:
        name: Of its file; ``title`` in words.
        head: Names of the columns.
        hrefs: Where the first cell of each row leads; empty if nowhere.
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    hrefs: tuple[str, ...] = ()

    @property
    def csv(self) -> str:
        """The table as a file that Excel opens."""
        written = io.StringIO()
        csv.writer(written).writerows([escaped(each) for each in row] for row in (self.head, *self.rows))
        return BOM + written.getvalue()


def escaped(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def table(name: str, of: Snapshot, language: Language) -> Table | None:
    """Return a table by its name; None if there is none of that name."""
    made = _TABLES.get(name)
    return made(name, of, language, coverage_words(language)) if made else None


def section_ids(engine: Engine) -> frozenset[str]:
    """Return the ids of all sections of the documents that the engine answers from, stories left out."""
    languages: dict[str, Language] = {}
    for entry in engine.catalogue():
        languages.setdefault(entry.id, entry.language)
    documents = (engine.document(each, spoken) for each, spoken in languages.items() if not each.startswith(_TOLD))
    return frozenset(passage.section for document in documents if document for passage in document.passages)


def section_href(section: str, language: Language) -> str:
    """Return where the library shows a section."""
    document, _, anchor = section.partition("#")
    return address(language, document, anchor=anchor)


def _tally(tally: Tally) -> Row:
    return (tally.asked, tally.answered, tally.low, tally.abstained, tally.checked, tally.disliked)


def _tally_head(words: CoverageWords) -> tuple[str, ...]:
    return (words.asked, words.answered, words.low, words.abstained, words.checked, words.disliked)


def _weeks(name: str, of: Snapshot, language: Language, words: CoverageWords) -> Table:
    rows = ((week.monday.isoformat(), _spoken(week.language, language), *_tally(week.tally)) for week in of.weeks)
    return Table(name=name, title=words.weeks, head=(words.week, words.language, *_tally_head(words)), rows=tuple(rows))


def _fields(name: str, of: Snapshot, language: Language, words: CoverageWords) -> Table:
    ordered = sorted(of.fields, key=lambda field: -field.tally.asked)
    rows = ((*_place(each.topic, each.country, language), *_tally(each.tally)) for each in ordered)
    return Table(
        name=name, title=words.fields, head=(words.topic, words.country, *_tally_head(words)), rows=tuple(rows)
    )


def _groups(name: str, of: Snapshot, language: Language, words: CoverageWords) -> Table:
    head = (words.section, words.topic, words.country, words.count, words.abstained, words.low, words.open,
            *frame(language).speeches.values(), words.first, words.last, words.examples)  # fmt: skip
    rows = tuple(_group(each, language, words) for each in of.groups)
    return Table(name=name, title=words.groups, head=head, rows=rows)


def _group(of: Group, language: Language, words: CoverageWords) -> Row:
    place = _place(of.topic, of.country, language)
    spoken = (of.languages.get(each, 0) for each in LANGUAGES)
    examples = " | ".join(each.text for each in of.examples)
    counts = (of.count, of.abstained, of.low, of.open, *spoken)
    return (of.section or words.no_topic, *place, *counts, _day(of.first), _day(of.last), examples)


def _used(name: str, of: Snapshot, language: Language, words: CoverageWords) -> Table:
    rows = ((each.section, each.used, each.disputed, each.stale, _day(each.latest)) for each in of.sections)
    head = (words.section, words.times, words.disputed, words.stale, words.last)
    hrefs = tuple(section_href(each.section, language) for each in of.sections)
    return Table(name=name, title=words.used, head=head, rows=tuple(rows), hrefs=hrefs)


def _unused(name: str, of: Snapshot, language: Language, words: CoverageWords) -> Table:
    rows = tuple((each,) for each in of.unused)
    hrefs = tuple(section_href(each, language) for each in of.unused)
    return Table(name=name, title=words.unused, head=(words.section,), rows=rows, hrefs=hrefs)


def _work(name: str, of: Snapshot, language: Language, words: CoverageWords) -> Table:
    work, names = of.work, queue_words(language)
    rows: list[Row] = [(words.opened, work.opened)]
    rows += _named(words.closed, "state", names.stages, {each: work.closed.get(each, 0) for each in _CLOSED})
    if work.hours is not None:
        rows.append((words.hours, round(work.hours, 1)))
    rows += _named(words.decision, "name", names.decisions, work.decisions)
    rows += _named(words.reason, "name", names.reasons, work.reasons)
    rows += _named(words.answers, "state", words.states, work.answers)
    return Table(name=name, title=words.work, head=(words.what, words.count), rows=tuple(rows))


def _mentors(name: str, of: Snapshot, language: Language, words: CoverageWords) -> Table:
    return Table(name=name, title=words.mentors, head=(words.mentor, words.reviews), rows=of.work.mentors)


def _agreement(name: str, of: Snapshot, language: Language, words: CoverageWords) -> Table:
    found = of.agreement
    figures = {
        words.observed: None if found.observed is None else 100 * found.observed,
        words.kappa: found.kappa,
        words.low_end: found.low,
        words.high_end: found.high,
    }
    rows = [(label, "–" if value is None else round(value, 3)) for label, value in figures.items()]
    return Table(name=name, title=words.agreement, head=(words.what, words.count),
                 rows=((words.replies, found.items), *rows))  # fmt: skip


_CLOSED = (ItemState.RESOLVED, ItemState.DECLINED)
_TABLES: Mapping[str, Callable[[str, Snapshot, Language, CoverageWords], Table]] = {
    "weeks": _weeks, "fields": _fields, "groups": _groups, "used": _used, "unused": _unused, "work": _work,
    "mentors": _mentors, "agreement": _agreement,
}  # fmt: skip

NAMED = tuple(_TABLES)
"""The tables there are."""


def _named(words: str, part: str, names: Mapping[str, str], counts: Mapping[Any, int]) -> Iterable[Row]:
    return ((words.format(**{part: names[each]}), count) for each, count in counts.items())


def _place(topic: str, country: str, language: Language) -> tuple[str, str]:
    """Return topic and country in words, or that there is none."""
    words = coverage_words(language)
    return topic_name(topic, language) or words.no_topic, country_name(country, language) or words.no_country


def _spoken(spoken: str, language: Language) -> str:
    return frame(language).speeches.get(spoken, "–")


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
