"""What the library needs from the engine, who reads it, and where its pages stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from urllib.parse import quote, urlencode

from assistant.answering.assistant import Entry
from assistant.types import Document, Filters, Hit, Language
from assistant.web.library.words import Words, words
from assistant.web.wording import Texts, texts

_NEXT: Mapping[Language, tuple[Language, ...]] = {"en": ("ru", "kk"), "ru": ("en", "kk"), "kk": ("ru", "en")}
"""Which version a reader gets where there is none in the language of the page."""


class Shelf(Protocol):
    """Holds the documents; safe to call from several threads at once."""

    def catalogue(self) -> tuple[Entry, ...]:
        """Return every document in every language, without its text."""
        ...

    def document(self, id: str, language: Language) -> Document | None:
        """Return the document in that language, or ``None`` if there is none."""
        ...

    def search(
        self, question: str, *, k: int = 10, page_language: Language | None = None, filters: Filters | None = None
    ) -> tuple[Hit, ...]:
        """Return up to ``k`` sections for a question, best first.

        Raises:
            QuestionError: If the question has no letter or digit, or is longer than 2,000 characters.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a page is made: the language of the page, and the day on which it is read."""

    language: Language
    today: date

    @property
    def words(self) -> Words:
        """The words of the library."""
        return words(self.language)

    @property
    def texts(self) -> Texts:
        """The words that all pages share."""
        return texts(self.language)


def preferred(language: Language, versions: Collection[Language]) -> Language | None:
    """Return the version that a reader of ``language`` gets, if there is any."""
    return next((each for each in (language, *_NEXT[language]) if each in versions), None)


def address(language: Language, document: str = "", *, anchor: str = "", query: Mapping[str, str] | None = None) -> str:
    """Return where the library, a document in it or a section of that document stands on this site."""
    asked = urlencode(query or {})
    path = f"/{language}/library/{quote(document)}"
    return f"{path}{f'?{asked}' if asked else ''}{f'#{quote(anchor)}' if anchor else ''}"
