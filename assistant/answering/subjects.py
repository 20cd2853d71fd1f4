"""What each reviewed document is about: the countries, institutions and programmes that its front matter names.

A question that names Poland is for the guide to Poland, never for the guide to Lithuania, and a section that merely
mentions a name answers only if it also holds what is asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.answering.names import EVERYDAY, HOME, Name, country, names_in
from assistant.answering.selection import Quote
from assistant.knowledge.index import Index
from assistant.knowledge.lexical import query_mass
from assistant.knowledge.transliteration import fold, gram_set
from assistant.types import Circumstances, Kind, Reason

_LEAST_SHARE = 0.5
"""Share of a question's idf mass, its names apart, that a quote must hold if its document is not about the name."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Names by document.

    Attributes:
        of: What each reviewed document is about, by its id; documents about nothing that can be named are left out.
        lessons: Those among them that tell of one person's stay; a stay elsewhere has something to teach, too.
    """

    of: Mapping[str, frozenset[Name]]
    lessons: frozenset[str] = frozenset()

    @classmethod
    def read(cls, index: Index) -> Subjects:
        """Return the subjects of the documents of an index, all their language versions together."""
        found: dict[str, frozenset[Name]] = {}
        lessons: set[str] = set()
        for document, _, kind, title, source in index.shelf.sources():
            if kind in {Kind.OTHER, Kind.VERIFIED_ANSWER}:
                continue
            if kind is Kind.LESSON:
                lessons.add(document)
            said = names_in("\n".join([title, source.institution, *source.aliases, source.programme]))
            where = country(source.country)
            own = frozenset(n for n in (*said, where) if n is not None and n.reason is not Reason.OTHER_YEAR)
            found[document] = found.get(document, frozenset()) | own
        home = {document: frozenset(n for n in names if n.key != HOME) for document, names in found.items()}
        return cls({document: names for document, names in home.items() if names}, frozenset(lessons))

    def of_student(self, about: Circumstances, named: Iterable[Name]) -> frozenset[Name]:
        """Return what a student's circumstances name, without the sorts of which the question names one itself."""
        place = country(about.country) if about.country else None
        own = {place} if place else set()
        for document, sort in (
            (about.institution, Reason.OTHER_INSTITUTION),
            (about.programme, Reason.OTHER_PROGRAMME),
        ):
            own |= {name for name in self.of.get(document, ()) if name.reason is sort}
        sorts = {name.reason for name in named}
        return frozenset(name for name in own if name.reason not in sorts)

    def wanted(self, names: Iterable[Name]) -> frozenset[str]:
        """Return the documents that are about a country or an institution among ``names``.

        Not those about a programme: students say "Erasmus" of any exchange.
        """
        asked = frozenset(name for name in names if name.reason is not Reason.OTHER_PROGRAMME)
        return frozenset(document for document, own in self.of.items() if own & asked)

    def narrower(self, names: Iterable[Name]) -> frozenset[str]:
        """Return the documents that are about something that is not among ``names``, nor is another of its sort.

        A question that names no country is for the general documents first.
        """
        sorts = {name.reason for name in names}
        return frozenset(document for document, own in self.of.items() if not any(n.reason in sorts for n in own))

    def unsaid(self, document: str, texts: Iterable[str]) -> bool:
        """Return whether a document is about something that none of these texts names.

        What holds for Poland must not be read as if it held everywhere.
        """
        own = self.of.get(document, frozenset())
        return bool(own) and not any(own & set(names_in(text)) for text in texts)

    def foreign(self, names: Iterable[Name]) -> frozenset[str]:
        """Return the documents that are about others of the same sort as ``names``, and about none of these."""
        asked = frozenset(names)
        sorts = {name.reason for name in asked}
        return frozenset(
            document
            for document, own in self.of.items()
            if not own & asked and any(name.reason in sorts for name in own)
        )


def asked_names(question: str) -> tuple[Name, ...]:
    """Return the countries, institutions and programmes that a question names, the home country apart."""
    return tuple(n for n in names_in(question) if n.key != HOME and n.reason is not Reason.OTHER_YEAR)


def merely_mentioned(question: str, quotes: Sequence[Quote], subjects: Subjects, index: Index) -> tuple[Name, ...]:
    """Return what ``question`` names and the quotes only mention, without holding what is asked of it."""
    return tuple(
        name
        for name in asked_names(question)
        if name.key != EVERYDAY
        and not any(name in subjects.of.get(quote.found.hit.passage.document, ()) for quote in quotes)
        and not any(
            _share(question, quote, index) >= _LEAST_SHARE for quote in quotes if name in names_in(_said(quote))
        )
    )


def _share(question: str, quote: Quote, index: Index) -> float:
    """Return the share of the question's idf mass, its names apart, that a quote and its heading hold."""
    named = {word for name in asked_names(question) for way in name.ways for word in fold(way).split()}
    rest = " ".join(word for word in fold(question).split() if not any(word.startswith(each[:5]) for each in named))
    mass = query_mass(index.lexical, rest)
    held = gram_set(_said(quote))
    return sum(m for code, m in mass.items() if code in held) / (sum(mass.values()) or 1.0)


def _said(quote: Quote) -> str:
    passage = quote.found.hit.passage
    return "\n".join([*passage.context, passage.heading, quote.text])
