"""The queue as the template prints it: what was asked for, the rows, the counts, and the ways on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from babel.dates import format_timedelta

from assistant.records.identifying import find, masked
from assistant.records.items import Counts, ItemPage, ItemRow, Place, Stage, Wanted, Why
from assistant.types import LANGUAGES, Kind, Language
from assistant.web.desk.moments import clock, moment
from assistant.web.desk.queue_words import QueueWords, queue_words
from assistant.web.desk.words import frame
from assistant.web.library.facts import country_name
from assistant.web.library.words import words as library_words

LONGEST_LINE = 160
"""Characters of a question in the list."""

LONGEST_WORDS = 200
ALL = "all"
_LEAST = timedelta(minutes=1)
_BEGUN = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"(\d{1,18})-(\d{1,9})")
_NUMBER = re.compile(r"\d{1,9}")
_COUNTRY = re.compile("[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Shown:
    """A text with what may identify a person masked, and as it was written if that is something else."""

    text: str
    original: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the list.

    Attributes:
        href: Where its page is.
        whys: Why it is there: value and words.
        speech: Language of the question; ``language`` in words.
        age: Since when it has been open, in words; ``opened`` the moment.
        question: At most 160 characters, masked.
        alike: How many are about the same, in words, with a link to them; both empty if it is the only one.
        holder: Who holds it, in words; ``mine`` if the reader does.
        held_until: Until when, in words.
    """

    id: int
    href: str
    stage: Stage
    state: str
    whys: tuple[tuple[str, str], ...]
    speech: str
    language: str
    age: str
    opened: str
    topic: str
    country: str
    question: str
    alike: str
    alike_href: str
    holder: str
    held_until: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a field with a fixed choice."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field with a fixed choice."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """A stage with the number of its items and the way to them."""

    label: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """The page.

    Attributes:
        wanted: What was asked for.
        filtered: Whether anything but a stage was.
        other: Address of the same list with each question by itself, or with those about the same together; empty if
            that is the same.
        next: Address of the next page, empty on the last; ``first`` that of the first, empty on it.
    """

    wanted: Wanted
    filtered: bool
    other: str
    tabs: tuple[Tab, ...]
    fields: tuple[Field, ...]
    lines: tuple[Line, ...]
    caption: str
    next: str
    first: str


def read_wanted(query: Mapping[str, str], mentor: str) -> Wanted:
    """Return what an address asks for; wishes that nothing can fulfil are none.

    Args:
        query: Parameters of the address.
        mentor: Id of who asks.
    """
    given = {name: value.strip() for name, value in query.items()}
    stage, why = given.get("stage", ""), given.get("why", "")
    country, alike = given.get("country", ""), given.get("alike", "")
    return Wanted(
        stage=None if stage == ALL else Stage(stage) if stage in set(Stage) else Stage.OPEN,
        why=Why(why) if why in set(Why) else None,
        language=given.get("language", "") if given.get("language") in LANGUAGES else "",
        topic=given.get("topic", "") if given.get("topic") in set(Kind) else "",
        country=country if _COUNTRY.fullmatch(country) else "",
        alike=int(alike) if _NUMBER.fullmatch(alike) else None,
        mine=mentor if given.get("mine") == "1" else "",
        words=given.get("words", "")[:LONGEST_WORDS],
        newest=given.get("order") == "newest",
        folded=given.get("each") != "1",
    )


def query_of(wanted: Wanted) -> dict[str, str]:
    """Return the wishes there are, as parameters of an address."""
    wishes = {
        "stage": "" if wanted.stage is Stage.OPEN else wanted.stage.value if wanted.stage else ALL,
        "why": wanted.why.value if wanted.why else "",
        "language": wanted.language,
        "topic": wanted.topic,
        "country": wanted.country,
        "alike": str(wanted.alike) if wanted.alike is not None else "",
        "mine": "1" if wanted.mine else "",
        "words": wanted.words,
        "order": "newest" if wanted.newest else "",
        "each": "" if wanted.folded else "1",
    }
    return {name: value for name, value in wishes.items() if value}


def read_place(text: str) -> Place | None:
    """Return the place that an address names; None if it names none."""
    found = _PLACE.fullmatch(text)
    if not found:
        return None
    try:
        return Place(_BEGUN + timedelta(microseconds=int(found[1])), int(found[2]))
    except OverflowError:
        return None


def written_place(place: Place) -> str:
    """Return a place as an address names it."""
    return f"{(place.opened - _BEGUN) // timedelta(microseconds=1)}-{place.id}"


def address(language: Language, wanted: Wanted, after: Place | None = None) -> str:
    """Return where the list with these wishes is, from a place on."""
    query = query_of(wanted) | ({"after": written_place(after)} if after else {})
    return f"/{language}/desk/{'?' if query else ''}{urlencode(query)}"


def item_address(language: Language, id: int) -> str:
    """Return where an item's page is."""
    return f"/{language}/desk/items/{id}"


def view(
    page: ItemPage,
    counts: Counts,
    wanted: Wanted,
    after: Place | None,
    *,
    language: Language,
    mentor: str,
    now: datetime,
) -> QueueView:
    """Return the page in a language, for a mentor."""
    words = queue_words(language)
    order = (words.newest if wanted.newest else words.oldest).lower()
    is_whole = replace(wanted, folded=True).is_folded and any(row.alike > 1 for row in page.rows)
    return QueueView(
        wanted=wanted,
        filtered=bool(query_of(replace(wanted, stage=Stage.OPEN, newest=False, folded=True))),
        other=address(language, replace(wanted, folded=not wanted.folded)) if is_whole else "",
        tabs=tuple(_tabs(counts, wanted, language, words)),
        fields=_fields(counts, wanted, language, words),
        lines=tuple(line(row, language, mentor, now) for row in page.rows),
        caption=words.caption.format(order=order),
        next=address(language, wanted, page.next) if page.next else "",
        first=address(language, wanted) if after else "",
    )


def line(row: ItemRow, language: Language, mentor: str, now: datetime) -> Line:
    """Return one row of the list in a language, for a mentor."""
    words, holder = queue_words(language), row.holder
    is_mine = holder is not None and holder.mentor == mentor
    group = Wanted(stage=None, alike=row.id, folded=True)
    return Line(
        id=row.id,
        href=item_address(language, row.id),
        stage=row.stage,
        state=words.stages[row.stage],
        whys=tuple((why.value, words.whys[why]) for why in row.whys),
        speech=row.language,
        language=frame(language).speeches.get(row.language, row.language),
        age=format_timedelta(max(now - row.opened, _LEAST), locale=language, granularity="minute", threshold=1.2),
        opened=moment(row.opened, language),
        topic=topic_name(row.topic, language),
        country=country_name(row.country, language),
        question=_cut(shown(row.question, language).text) or words.no_question,
        alike=words.alike_link.format(count=row.alike) if row.alike > 1 else "",
        alike_href=address(language, group) if row.alike > 1 else "",
        holder=words.you if is_mine else holder.name if holder else words.free,
        held_until=words.until.format(time=clock(holder.until)) if holder else "",
        mine=is_mine,
    )


def shown(text: str, language: Language) -> Shown:
    """Return a text that somebody wrote, masked."""
    hidden = masked(text, find(text, language))
    return Shown(hidden, text if hidden != text else "")


def topic_name(topic: str, language: Language) -> str:
    """Return the name of all documents of a kind; empty for none."""
    return library_words(language).groups.get(topic, topic)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= LONGEST_LINE:
        return line
    cut = line[:LONGEST_LINE]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut} …"


def _tabs(counts: Counts, wanted: Wanted, language: Language, words: QueueWords) -> list[Tab]:
    ways = {stage: address(language, Wanted(stage=stage, folded=True)) for stage in Stage}
    return [Tab(words.stages[each], counts.stages[each], way, each is wanted.stage) for each, way in ways.items()]


def _fields(counts: Counts, wanted: Wanted, language: Language, words: QueueWords) -> tuple[Field, ...]:
    stages = {stage.value: words.stages[stage] for stage in Stage} | {ALL: words.all}
    whys = {why.value: f"{words.whys[why]} ({counts.whys.get(why, 0)})" for why in Why}
    topics = {kind.value: topic_name(kind.value, language) for kind in Kind}
    named = {code: country_name(code, language) for code in {*counts.countries, wanted.country} - {""}}
    countries = {code: named[code] for code in sorted(named, key=lambda each: named[each])}
    return (
        _field("stage", words.state, stages, wanted.stage.value if wanted.stage else ALL, None),
        _field("why", words.why, whys, wanted.why.value if wanted.why else "", words.any),
        _field("language", words.language, frame(language).speeches, wanted.language, words.any),
        _field("topic", words.topic, topics, wanted.topic, words.any),
        _field("country", words.country, countries, wanted.country, words.any),
        _field(
            "order", words.order, {"": words.oldest, "newest": words.newest}, "newest" if wanted.newest else "", None
        ),
    )


def _field(name: str, label: str, choices: Mapping[str, str], chosen: str, anything: str | None) -> Field:
    every = dict(choices) if anything is None else {"": anything, **choices}
    return Field(name, label, tuple(Choice(value, text, value == chosen) for value, text in every.items()))
