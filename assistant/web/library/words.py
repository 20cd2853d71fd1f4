"""Every word of the library that is no document, read from ``texts/<language>.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.knowledge.transliteration import fold
from assistant.types import LANGUAGES, Language
from assistant.web.wording import read_words

FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the library in one language; the TOML files say where each one stands.

    Attributes:
        documents: "Documents: …", with ``{count}``; so is ``found`` for sections.
        advice: What to do when nothing is found, one sentence each.
        common: Words of this language that say nothing about the subject of a search, parted by spaces.
        groups: Name of all documents of a kind, by ``Kind`` value.
        founded: How well a document's facts are founded, by ``Confidence`` value.
    """

    search: str
    hint: str
    kind: str
    any_kind: str
    country: str
    any_country: str
    version: str
    any_version: str
    find: str
    clear: str
    documents: str
    found: str
    no_words_met: str
    nothing: str
    advice: tuple[str, ...]
    too_long: str
    no_words: str
    empty: str
    library: str
    here: str
    contents: str
    body: str
    section_link: str
    languages: str
    programme: str
    confidence: str
    ask: str
    own: str
    fallback: str
    missing: str
    missing_why: str
    back: str
    common: str
    groups: Mapping[str, str]
    founded: Mapping[str, str]


@cache
def words(language: Language) -> Words:
    """Return the words of the library in ``language``.

    Raises:
        SettingError: If the file lacks a text or holds one that no page uses.
    """
    return read_words(FOLDER / f"{language}.toml", Words)


@cache
def common_words() -> frozenset[str]:
    """Return the folded words of all languages that say nothing about the subject of a search."""
    return frozenset(fold(word) for language in LANGUAGES for word in words(language).common.split())
