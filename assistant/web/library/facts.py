"""What a reader is told about a document wherever it is shown: in a list, above a finding, above its text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from babel import Locale

from assistant.answering.assistant import Entry
from assistant.types import LANGUAGES, Confidence, Document, Kind, Language, Source
from assistant.web.chat.sources import written_date
from assistant.web.library.shelf import Reader, address
from assistant.web.shell import NAMES


@dataclass(frozen=True, slots=True)
class Version:
    """A document in one language: that language in its own words, and where it stands."""

    language: Language
    name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one document, in the language of the page.

    Attributes:
        href: Where the page of the document stands.
        speech: Language of the title and of the institution.
        sort: Which badge it gets: a value of ``Kind``.
        badge: The words of the badge.
        original: "Original in …" if the text is not in the language of the page, else empty.
        institution, country, programme: Empty if the document names none.
        dated: Date of the source, in words.
        reviewed: Day of the last check, or that there was none.
        stale: Warning that the check is overdue, or empty.
        own: Warning that this is a user's own text, or empty.
        versions: The document in the other languages.
    """

    href: str
    title: str
    speech: Language
    sort: str
    badge: str
    original: str
    institution: str
    country: str
    programme: str
    dated: str
    reviewed: str
    stale: str
    own: str
    versions: tuple[Version, ...]


def facts(of: Entry | Document, versions: Collection[Language], reader: Reader) -> Facts:
    """Return what a reader is told about a document that exists in these languages."""
    source, texts = of.source, reader.texts
    sort = badge_sort(of.kind, source)
    checked = written_date(source.reviewed_on.isoformat(), texts) if source.reviewed_on else texts.never_reviewed
    return Facts(
        href=address(reader.language, of.id),
        title=of.title,
        speech=of.language,
        sort=sort.value,
        badge=texts.kinds[sort.value],
        original="" if of.language == reader.language else texts.originals[of.language],
        institution=source.institution,
        country=country_name(source.country, reader.language),
        programme=source.programme,
        dated=written_date(source.dated, texts),
        reviewed=checked,
        stale=texts.stale if source.is_stale(reader.today) else "",
        own=reader.words.own if sort is Kind.OTHER else "",
        versions=tuple(
            Version(each, NAMES[each], address(each, of.id))
            for each in LANGUAGES
            if each in versions and each != reader.language
        ),
    )


def badge_sort(kind: Kind, source: Source) -> Kind:
    """Return what decides how far to trust a document: experience and unchecked texts are called so in any folder."""
    if source.confidence is Confidence.NOT_REVIEWED:
        return Kind.OTHER
    return Kind.LESSON if source.confidence is Confidence.EXPERIENCE else kind


def country_name(code: str, language: Language) -> str:
    """Return the name of a country; a code that is none stays as it is."""
    return str(Locale.parse(language).territories.get(code.upper(), code)) if code else ""
