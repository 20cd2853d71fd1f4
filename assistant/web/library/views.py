"""The list of documents and the findings of a search, as the templates print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.answering.assistant import Entry
from assistant.errors import QuestionError
from assistant.types import LANGUAGES, Filters, Hit, Kind, Language
from assistant.web.library.excerpts import Pieces, asked_words, excerpt, holds, marked
from assistant.web.library.facts import Facts, country_name, facts
from assistant.web.library.shelf import Reader, Shelf, address, preferred
from assistant.web.shell import NAMES

FINDINGS = 20
NEAREST = 5
"""Findings shown when none of them holds a word of the search."""

LONGEST_SEARCH = 2000
_ALPHABET = {letter: place for place, letter in enumerate("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя", start=0x400)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader asks of the library; an empty text means no wish.

    Attributes:
        q: Words to search for, as typed.
        kind: A value of ``Kind``.
        country: An ISO 3166-1 alpha-2 code.
        version: A language in which the documents must exist.
    """

    q: str = ""
    kind: str = ""
    country: str = ""
    version: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The wishes there are, as parameters of an address; a text too long to be searched is none."""
        words = self.q if len(self.q) <= LONGEST_SEARCH else ""
        wishes = {"q": words, "kind": self.kind, "country": self.country, "version": self.version}
        return {name: wish for name, wish in wishes.items() if wish}


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a field with a fixed choice."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field with a fixed choice; it has no choices where they would part nothing."""

    name: str
    label: str
    any: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The documents of one kind, by title."""

    kind: str
    name: str
    documents: tuple[Facts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A section that a search found.

    Attributes:
        href: Where the section stands, in the language of the page.
        heading: Its heading, or the title of its document.
        speech: Language of heading and sentences.
        sentences: Some of its sentences.
        facts: What is known of its document.
    """

    href: str
    heading: Pieces
    speech: Language
    sentences: tuple[Pieces, ...]
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Browse:
    """The page of the library.

    Attributes:
        wanted: What was asked for, to be shown again in the form.
        fields: The fields beside the words.
        count: How much is shown, in words; empty if nothing is.
        notice: What is odd about the search or its findings; empty if nothing is.
        advice: What to do when nothing was found.
        groups: The documents, unless sections were searched for.
        findings: The sections found, best first.
    """

    wanted: Wanted
    fields: tuple[Field, ...]
    count: str = ""
    notice: str = ""
    advice: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    findings: tuple[Finding, ...] = ()


def browse(shelf: Shelf, asked: Wanted, reader: Reader) -> Browse:
    """Return the documents, or the sections, that a reader asks for; wishes that the form does not offer are none."""
    catalogue = shelf.catalogue()
    entries, wanted = by_document(catalogue), _offered(asked, catalogue)
    view = Browse(wanted=wanted, fields=_fields(entries.values(), wanted, reader))
    if not wanted.q.strip():
        return _listed(view, entries, reader)
    if len(wanted.q) > LONGEST_SEARCH:
        return _listed(replace(view, notice=reader.words.too_long), entries, reader)
    try:
        hits = shelf.search(wanted.q, k=FINDINGS, page_language=reader.language, filters=_filters(wanted))
    except QuestionError:
        return _listed(replace(view, notice=reader.words.no_words), entries, reader)
    return _found(view, hits, entries, reader)


Versions = Mapping[Language, Entry]


def by_document(entries: Sequence[Entry]) -> dict[str, Versions]:
    """Return the versions of each document by its id, in the order in which the documents come."""
    found: dict[str, dict[Language, Entry]] = {}
    for entry in entries:
        found.setdefault(entry.id, {})[entry.language] = entry
    return dict(found)


def _offered(asked: Wanted, entries: Sequence[Entry]) -> Wanted:
    """Return the wishes without those that no choice of the form makes."""
    kinds = {entry.kind.value for entry in entries}
    countries = {entry.source.country for entry in entries}
    return replace(
        asked,
        kind=asked.kind if asked.kind in kinds else "",
        country=asked.country if asked.country in countries else "",
        version=asked.version if asked.version in LANGUAGES else "",
    )


def _filters(wanted: Wanted) -> Filters:
    return Filters(
        kinds=frozenset({Kind(wanted.kind)} if wanted.kind else ()),
        countries=frozenset({wanted.country} if wanted.country else ()),
    )


def _fields(documents: Iterable[Versions], wanted: Wanted, reader: Reader) -> tuple[Field, ...]:
    """Return the fields by which documents can be parted, each with what the base holds."""
    words, every = reader.words, list(documents)
    entries = [entry for versions in every for entry in versions.values()]
    kinds = {entry.kind for entry in entries}
    codes = {entry.source.country for entry in entries} - {""}
    countries = {code: country_name(code, reader.language) for code in codes}
    incomplete = any(len(versions) < len(LANGUAGES) for versions in every)
    languages: dict[str, str] = {language: NAMES[language] for language in LANGUAGES if incomplete}
    return (
        _field("kind", words.kind, words.any_kind, {k: words.groups[k] for k in Kind if k in kinds}, wanted.kind),
        _field("country", words.country, words.any_country, countries, wanted.country),
        _field("version", words.version, words.any_version, languages, wanted.version),
    )


def _field(name: str, label: str, any: str, choices: Mapping[str, str], chosen: str) -> Field:
    """Return a field; countries stand in the order of their names, the other choices as they come."""
    order = sorted(choices, key=lambda value: by_letters(choices[value])) if name == "country" else choices
    return Field(name, label, any, tuple(Choice(value, choices[value], value == chosen) for value in order))


def by_letters(text: str) -> list[int]:
    """Return a key that sorts Latin letters first and Cyrillic ones, the Kazakh included, as in the alphabet.

    Quotation marks and other signs do not count, except for the space between words.
    """
    return [_ALPHABET.get(sign, ord(sign)) for sign in text.casefold() if sign.isalnum() or sign == " "]


def _listed(view: Browse, entries: Mapping[str, Versions], reader: Reader) -> Browse:
    """Return the view with all documents that fit the wishes, grouped by kind."""
    words = reader.words
    fitting = [versions for versions in entries.values() if _fits(versions, view.wanted)]
    if not fitting:
        nothing = words.nothing if entries else words.empty
        return replace(view, notice=view.notice or nothing, advice=words.advice if entries else ())
    return replace(view, groups=_groups(fitting, reader), count=words.documents.format(count=len(fitting)))


def _fits(versions: Versions, wanted: Wanted) -> bool:
    """Return whether a document is of the kind and country, and exists in the language, that a reader wants."""
    one = next(iter(versions.values()))
    fits = wanted.kind in {"", one.kind.value} and wanted.country in {"", one.source.country}
    return fits and (not wanted.version or wanted.version in versions)


def _groups(documents: Sequence[Versions], reader: Reader) -> tuple[Group, ...]:
    """Return the documents by kind, in the order of the kinds, each group by title."""
    shown = [_best(versions, reader) for versions in documents]
    grouped = {kind: [each for each in shown if each[0].kind is kind] for kind in Kind}
    return tuple(
        Group(kind.value, reader.words.groups[kind], tuple(sorted((f for _, f in group), key=_by_title)))
        for kind, group in grouped.items()
        if group
    )


def _best(versions: Versions, reader: Reader) -> tuple[Entry, Facts]:
    """Return the version that the reader gets, and what is known of it."""
    language = preferred(reader.language, versions)
    entry = versions[language] if language else next(iter(versions.values()))
    return entry, facts(entry, versions.keys(), reader)


def _by_title(of: Facts) -> list[int]:
    return by_letters(of.title)


def _found(view: Browse, hits: Sequence[Hit], entries: Mapping[str, Versions], reader: Reader) -> Browse:
    """Return the view with the sections found, or with what to do if there are none."""
    words, asked = reader.words, asked_words(view.wanted.q)
    fitting = [hit for hit in hits if _shows(entries.get(hit.passage.document), hit, view.wanted)]
    if not fitting:
        return replace(view, notice=words.nothing, advice=words.advice)
    met = any(holds(hit.passage, asked) for hit in fitting)
    shown = tuple(_finding(hit, entries, asked, reader) for hit in (fitting if met else fitting[:NEAREST]))
    return replace(
        view,
        findings=shown,
        count=words.found.format(count=len(shown)),
        notice="" if met else words.no_words_met,
        advice=() if met else words.advice,
    )


def _shows(versions: Versions | None, hit: Hit, wanted: Wanted) -> bool:
    """Return whether a hit can be shown: its document is still in the catalogue, and it fits the wishes."""
    return versions is not None and hit.passage.language in versions and _fits(versions, wanted)


def _finding(hit: Hit, entries: Mapping[str, Versions], asked: Sequence[str], reader: Reader) -> Finding:
    """Return one section as it is shown among the findings."""
    passage = hit.passage
    versions = entries[passage.document]
    return Finding(
        href=address(reader.language, passage.document, anchor=passage.anchor),
        heading=marked(passage.heading or versions[passage.language].title, asked),
        speech=passage.language,
        sentences=excerpt(passage, asked),
        facts=facts(versions[passage.language], versions.keys(), reader),
    )
