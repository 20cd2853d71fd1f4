"""The sections that answers quote, as the library holds them now: their texts, what can be quoted, their digests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from assistant.errors import QuestionError
from assistant.knowledge.published import ANSWERS, TOLD, section_digest
from assistant.records.binding import Sections
from assistant.records.filing import LONGEST_SECTION
from assistant.records.flaws import LONGEST_QUOTE
from assistant.records.publishing import Checked, CheckedCitation
from assistant.types import LANGUAGES, Citation, Document, Language, Passage
from assistant.web.desk.parts import Desk
from assistant.web.library.shelf import preferred

MOST_FOUND = 8
"""Sections that a search offers."""

_NOT_QUOTED = (f"{ANSWERS}/", f"{TOLD}/")
"""Documents on which no answer can stand: other answers, and stories, which their authors may withdraw."""


@dataclass(frozen=True, slots=True, order=True)
class Chosen:
    """A quote that a mentor chose: its section, the version of it, and the quoted words."""

    section: str
    language: Language
    quote: str

    @property
    def value(self) -> str:
        """What a form carries for it."""
        return "\n".join((self.section, self.language, self.quote))


@dataclass(frozen=True, slots=True)
class Section:
    """A section in all its languages.

    Attributes:
        id: ``document#anchor``.
        versions: The documents and passages by language; at least one.
    """

    id: str
    versions: Mapping[Language, tuple[Document, Passage]]

    @property
    def texts(self) -> Mapping[Language, str]:
        """Its text by language."""
        return {language: passage.text for language, (_, passage) in self.versions.items()}

    def heading(self, language: Language) -> str:
        """Return its heading, then the title of its document, in a language if there is a version.

        What tells sections of one document apart comes first: on a phone only the beginning is seen.
        """
        version = preferred(language, tuple(self.versions))
        document, passage = self.versions[version or LANGUAGES[0]]
        return " · ".join(dict.fromkeys(filter(None, (passage.heading, document.title))))

    def quotable(self, language: Language) -> tuple[Chosen, ...]:
        """Return the sentences that an answer in a language can quote, in reading order, each once."""
        version = preferred(language, tuple(self.versions))
        if version is None:
            return ()
        passage = self.versions[version][1]
        quotes = dict.fromkeys(passage.quote(each) for each in passage.sentences if each.form != "heading")
        fitting = (each for each in quotes if each.strip() and len(each) <= LONGEST_QUOTE)
        return tuple(Chosen(self.id, version, each) for each in fitting)


def read_chosen(value: str) -> Chosen | None:
    """Return the quote that a form carries; None if it carries none."""
    parts = value.replace("\r\n", "\n").split("\n", 2)
    if len(parts) != 3 or parts[1] not in LANGUAGES or not parts[2].strip():
        return None
    return Chosen(parts[0], parts[1], parts[2])


def section(desk: Desk, id: str) -> Section | None:
    """Return a section as it reads now; None if there is none that an answer can stand on."""
    document, mark, anchor = id.strip().partition("#")
    if not mark or not anchor or len(id) > LONGEST_SECTION or document.startswith(_NOT_QUOTED):
        return None
    found: dict[Language, tuple[Document, Passage]] = {}
    for language in LANGUAGES:
        version = desk.engine.document(document, language)
        passage = next((each for each in version.passages if each.anchor == anchor), None) if version else None
        if version and passage:
            found[language] = (version, passage)
    return Section(f"{document}#{anchor}", found) if found else None


def found(desk: Desk, question: str, language: Language) -> tuple[str, ...]:
    """Return the ids of the sections nearest to a question, best first."""
    try:
        hits = desk.engine.search(question, k=MOST_FOUND, page_language=language)
    except QuestionError:
        return ()
    return tuple(dict.fromkeys(hit.passage.section for hit in hits))


def bound(desk: Desk, mark: int, chosen: Chosen) -> CheckedCitation | None:
    """Return a quote bound to its section as it reads now; None if it does not stand there."""
    home = section(desk, chosen.section)
    text = home.texts.get(chosen.language, "") if home else ""
    if home is None or chosen.quote not in text:
        return None
    return CheckedCitation(
        mark=mark, section=home.id, language=chosen.language, quote=chosen.quote, passage=text,
        digest=section_digest(home.texts),
    )  # fmt: skip


def cited(desk: Desk, citation: CheckedCitation) -> Citation | None:
    """Return a citation as students see it; None if the quote does not stand in its section any more."""
    home = section(desk, citation.section)
    version = home.versions.get(citation.language) if home else None
    if version is None or citation.quote not in version[1].text:
        return None
    document, passage = version
    return Citation(
        mark=citation.mark, quote=citation.quote, passage=passage, kind=document.kind, source=document.source,
        stale=document.source.is_stale(date.today()),
    )  # fmt: skip


def now(desk: Desk, answer: Checked) -> Sections:
    """Return the sections that an answer cites as they read now; one that is gone has no text."""
    ids = dict.fromkeys(each.section for version in answer.versions for each in version.citations)
    homes = ((each, section(desk, each)) for each in ids)
    return {each: home.texts if home else {} for each, home in homes}


def labels(desk: Desk, ids: Iterable[str], language: Language) -> tuple[tuple[str, str], ...]:
    """Return each section that there is, once, with its heading."""
    homes = (section(desk, each) for each in dict.fromkeys(ids))
    return tuple((home.id, home.heading(language)) for home in homes if home)
