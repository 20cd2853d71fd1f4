"""Markdown to passages: sections cut at headings, with offsets that spell the document's text.

A curated document says where its sections are (``## Question? {#anchor}``). In a user's own file
every heading begins one, and a short file stays whole, since a few lines torn apart lose their sense.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from assistant.knowledge.blocks import Unit, line_of, read_units
from assistant.types import Block, Language, Passage, Sentence

SMALL_DOCUMENT = 1_500
"""Length in characters below which a user's own document stays one passage."""

TOP = "top"
"""Anchor of the text above the first heading of a user's own document."""

_EARLY_TEXT = "text above the first section; a curated text begins with a '## Question? {#anchor}' line"
_ANCHOR = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 60
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"
_LATIN = "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya a g q ng o u u h i"
_TO_LATIN = {ord(letter): latin.strip("_") for letter, latin in zip(_CYRILLIC, _LATIN.split(" "), strict=True)}
_NOTHING_ASKED: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read from one Markdown text.

    Attributes:
        title: The document's title.
        passages: Its sections in reading order, none without a sentence.
        faults: Line of the text, from 1, and message of everything a curated text does wrong.
    """

    title: str
    passages: tuple[Passage, ...]
    faults: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """What becomes one passage: a heading, what stands above it, and the units below it."""

    heading: str
    anchor: str
    context: tuple[str, ...]
    units: Sequence[Unit]
    start: int


class _Anchors:
    """Gives every section of one document an anchor of its own."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._seen: Counter[str] = Counter()

    def __contains__(self, anchor: str) -> bool:
        return anchor in self._given

    def give(self, anchor: str) -> str:
        """Return ``anchor``, with a number behind it where it is taken."""
        free = anchor
        while free in self._given:
            self._seen[anchor] += 1
            free = f"{anchor}-{self._seen[anchor] + 1}"
        self._given.add(free)
        return free


def read_curated(
    text: str,
    *,
    document: str,
    language: Language,
    title: str,
    asked_as: Mapping[str, tuple[str, ...]] = _NOTHING_ASKED,
) -> Reading:
    """Return the sections of a curated text, one per ``##`` heading with its ``{#anchor}``.

    Args:
        text: The text below the front matter, clean.
        document: Id of the document.
        language: Language of the text.
        title: Title from the front matter.
        asked_as: Ways in which students ask, per anchor.
    """
    units = read_units(text)
    first = next((i for i, unit in enumerate(units) if unit.level == 2), len(units))
    faults = [(line_of(text, unit.start), _EARLY_TEXT) for unit in units[:first][:1]]
    passages: list[Passage] = []
    anchors = _Anchors()
    for heading, below in _by_heading(units[first:]):
        faults += [(line_of(text, heading.start), fault) for fault in _heading_faults(heading, below, anchors)]
        anchor = anchors.give(_anchor(heading))
        section = _Section(
            heading=heading.heading,
            anchor=anchor,
            context=_context(title, (), heading.heading),
            units=below,
            start=heading.end,
        )
        passages += _passages(text, section, document, language, asked_as.get(anchor, ()))
    return Reading(title=title, passages=tuple(passages), faults=tuple(faults))


def read_plain(text: str, *, document: str, language: Language, title: str) -> Reading:
    """Return the sections of a user's own text: one per heading, or one in all if it is short.

    Args:
        text: The whole text, clean.
        document: Id of the document.
        language: Language of the text.
        title: Title to use unless the text begins with a heading of the first level.
    """
    units = read_units(text)
    opening = units[0] if units and units[0].level and not text[: units[0].start].strip() else None
    if opening is not None and opening.level == 1:
        title = opening.heading
    passages: list[Passage] = []
    is_small = len(text.strip()) < SMALL_DOCUMENT
    sections = _one_section(units, opening, title) if is_small else _sections(units, title)
    for section in sections:
        passages += _passages(text, section, document, language, ())
    return Reading(title=title, passages=tuple(passages))


def _heading_faults(heading: Unit, below: Sequence[Unit], anchors: _Anchors) -> Iterator[str]:
    """Yield what is wrong with the heading of a curated section."""
    if not heading.heading:
        yield f"heading without words before {{#{heading.anchor}}}; write the question it answers"
    if heading.anchor is None:
        yield f"{heading.heading!r} has no anchor; add one behind it, such as {{#{_slug(heading.heading)}}}"
    elif not _ANCHOR.fullmatch(heading.anchor):
        yield f"anchor {heading.anchor!r} may hold only a-z, 0-9 and single hyphens; rename it"
    elif heading.anchor in anchors:
        yield f"anchor {heading.anchor!r} stands here twice; it must be unique in the document; rename one"
    if not any(unit.form != "heading" and unit.pieces for unit in below):
        yield f"{heading.heading!r} has no text below it; write the answer or remove the heading"


def _by_heading(units: Sequence[Unit]) -> Iterator[tuple[Unit, Sequence[Unit]]]:
    """Yield every ``##`` heading with the units below it."""
    heads = [i for i, unit in enumerate(units) if unit.level == 2]
    for head, following in pairwise([*heads, len(units)]):
        yield units[head], units[head + 1 : following]


def _one_section(units: Sequence[Unit], opening: Unit | None, title: str) -> Iterator[_Section]:
    """Yield a whole short document as one section."""
    if opening is None:
        yield _Section(heading="", anchor=TOP, context=_context(title, (), ""), units=units, start=0)
        return
    yield _Section(
        heading=opening.heading,
        anchor=_anchor(opening),
        context=_context(title, (), opening.heading),
        units=units[1:],
        start=opening.end,
    )


def _sections(units: Sequence[Unit], title: str) -> Iterator[_Section]:
    """Yield the stretches between the headings of a user's own document."""
    anchors = _Anchors()
    heads = [i for i, unit in enumerate(units) if unit.level]
    until = heads[0] if heads else len(units)
    if until:
        context = _context(title, (), "")
        yield _Section(heading="", anchor=anchors.give(TOP), context=context, units=units[:until], start=0)
    parents: list[Unit] = []
    for head, following in pairwise([*heads, len(units)]):
        heading = units[head]
        parents = [parent for parent in parents if parent.level < heading.level]
        yield _Section(
            heading=heading.heading,
            anchor=anchors.give(_anchor(heading)),
            context=_context(title, [parent.heading for parent in parents], heading.heading),
            units=units[head + 1 : following],
            start=heading.end,
        )
        parents.append(heading)


def _context(title: str, parents: Sequence[str], heading: str) -> tuple[str, ...]:
    """Return the titles above a heading, outermost first, each once and not the heading itself."""
    titles = dict.fromkeys([title, *parents])
    return tuple(above for above in titles if above and above != heading)


def _anchor(heading: Unit) -> str:
    """Return the anchor that a heading gives, if it is a right one, else one made of its words."""
    if heading.anchor is not None and _ANCHOR.fullmatch(heading.anchor):
        return heading.anchor
    return _slug(heading.heading)


def _slug(heading: str) -> str:
    """Return a heading in lower-case Latin letters, digits and hyphens; ``section`` if none is left."""
    latin = heading.lower().translate(_TO_LATIN)
    return _NOT_SLUG.sub("-", latin)[:_LONGEST_SLUG].strip("-") or "section"


def _passages(
    text: str, section: _Section, document: str, language: Language, asked_as: tuple[str, ...]
) -> Iterator[Passage]:
    """Yield the passage of a section, if there is anything to quote in it."""
    if not any(unit.pieces for unit in section.units):
        return
    end = section.units[-1].end
    start = section.start + len(text[section.start : end]) - len(text[section.start : end].lstrip())
    yield Passage(
        document=document,
        anchor=section.anchor,
        language=language,
        heading=section.heading,
        context=section.context,
        start=start,
        text=text[start:end],
        sentences=tuple(
            Sentence(left - start, right - start, form, number)
            for number, unit in enumerate(section.units)
            for left, right, form in unit.pieces
        ),
        blocks=tuple(
            Block(unit.start - start, unit.end - start, "paragraph" if unit.form == "heading" else unit.form)
            for unit in section.units
        ),
        asked_as=asked_as,
    )
