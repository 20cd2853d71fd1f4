"""The field's terms in the three languages (``glossary.yaml``): they teach the search, and keep texts consistent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from assistant.knowledge.data_file import Id, InLanguages, Read, Strict, Text, read_data
from assistant.types import LANGUAGES, Fault, Language

PATH = PurePosixPath("glossary.yaml")


class Wording(Strict):
    """A term in one language.

    Attributes:
        term: The accepted term, used in documents.
        also: Other names: colloquial, abbreviated, borrowed; searched.
        avoid: Forms that documents must not use.
    """

    term: Text
    also: tuple[Text, ...] = ()
    avoid: tuple[Text, ...] = ()


class Term(Strict):
    """One notion in the three languages.

    Attributes:
        id: Its name, unique in the file.
        definition: What it means, in one sentence of each language.
    """

    id: Id
    en: Wording
    ru: Wording
    kk: Wording
    definition: InLanguages

    def __getitem__(self, language: Language) -> Wording:
        """Return the term in a language."""
        wording: Wording = getattr(self, language)
        return wording


class Glossary(Strict):
    """The whole file."""

    terms: tuple[Term, ...] = ()


def read_glossary(folder: Path) -> Read:
    """Return the glossary of a knowledge base: ``value`` is a ``Glossary``, or None if there is none or it is wrong."""
    return read_data(folder, PATH, Glossary)


def check_glossary(read: Read) -> tuple[Fault, ...]:
    """Return what is wrong with a glossary as ``read_glossary`` read it: its form, and names or terms given twice."""
    return (*read.faults, *(_twice(read) if read.value else ()))


def _twice(read: Read) -> Iterator[Fault]:
    ids: set[str] = set()
    terms: set[tuple[str, str]] = set()
    for place, term in enumerate(read.value.terms):
        if term.id in ids:
            yield read.fault(f"{term.id!r} stands here twice; a name is given once; rename one", "terms", place, "id")
        ids.add(term.id)
        for language in LANGUAGES:
            key = (language, term[language].term.casefold())
            if key in terms:
                message = f"the term {term[language].term!r} stands here twice; merge the two entries"
                yield read.fault(message, "terms", place, language, "term")
            terms.add(key)
