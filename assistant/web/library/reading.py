"""One whole document, as the templates print it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from assistant.types import Document, Passage
from assistant.web import rendering
from assistant.web.library.facts import Facts, facts
from assistant.web.library.shelf import Reader, Shelf, address, preferred
from assistant.web.rendering import Allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section.

    Attributes:
        anchor: Its id on the page.
        href: Link to it on this page.
        heading: Empty for text above any heading.
        text: What stands below the heading, as safe HTML.
    """

    anchor: str
    href: str
    heading: str
    text: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A document with all its sections.

    Attributes:
        notice: Says that there is no version in the language of the page; empty if there is.
        source: Title of the source with a link to it, as safe HTML.
        confidence: How well its facts are founded, in words.
        group: Kind of the document, and where all of that kind stand.
        ask: Where one can ask about it.
    """

    facts: Facts
    notice: str
    source: Markup
    confidence: str
    group: tuple[str, str]
    ask: str
    sections: tuple[Section, ...]


def read(shelf: Shelf, id: str, reader: Reader) -> Reading | None:
    """Return a document in the language of the page, else in another one; ``None`` if there is no such document."""
    versions = tuple(entry.language for entry in shelf.catalogue() if entry.id == id)
    language = preferred(reader.language, versions)
    document = shelf.document(id, language) if language else None
    if document is None:
        return None
    source, words = document.source, reader.words
    return Reading(
        facts=facts(document, versions, reader),
        notice="" if document.language == reader.language else words.fallback,
        source=Markup(rendering.link(source.url, source.title or source.url or document.path)),  # noqa: S704
        confidence=words.founded[source.confidence],
        group=(words.groups[document.kind], address(reader.language, query={"kind": document.kind.value})),
        ask=f"/{reader.language}/",
        sections=tuple(_section(passage, document) for passage in document.passages),
    )


def _section(passage: Passage, document: Document) -> Section:
    """Return a section whose text may link to the document's own source and to nothing else."""
    allowed = Allowed(addresses=frozenset({document.source.url}), library=document.language)
    return Section(
        anchor=passage.anchor,
        href=f"#{quote(passage.anchor)}",
        heading=passage.heading,
        text=Markup(rendering.html(passage.text, allowed)),  # noqa: S704  made by the strict renderer
    )
