"""Every word of the pages that is not an answer, read from ``texts/<language>.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from assistant.errors import SettingError
from assistant.types import Language

FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject students ask about, with questions to begin with."""

    name: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The words of the pages in one language; the TOML files say where each one stands.

    Attributes:
        deeds: Words of the buttons below a reply, by ``Deed``.
        problems: What can be wrong with a reply, by ``Problem``.
        kinds: Badge by ``Kind`` value.
        originals: "Original in …" by language of the passage.
        topics: Example questions by subject, in the order of display.
        pages: Name of each page in the navigation, by the page.
        about: What each page is for, by the page; below the name of the site.
        skips: Words of the link that skips the head of a page, by the page.
    """

    language: Language
    name: str
    description: str
    language_switch: str
    navigation: str
    noscript: str
    ask: str
    placeholder: str
    send: str
    stop: str
    new: str
    copied: str
    conversation: str
    scroll: str
    examples: str
    sources: str
    sources_hint: str
    no_sources: str
    close: str
    earlier: str
    quoted_from: str
    institution: str
    source: str
    dated: str
    undated: str
    reviewed: str
    never_reviewed: str
    stale: str
    translated: str
    no_answer: str
    nearest: str
    stopped: str
    failed: str
    empty_question: str
    long_question: str
    wait: str
    refused: str
    further: str
    again: str
    edit: str
    save: str
    print: str
    file_name: str
    kept_on: str
    kept_note: str
    whole_document: str
    report_title: str
    mentor_title: str
    mentor_note: str
    comment: str
    contact: str
    contact_note: str
    consent: str
    submit: str
    cancel: str
    thanks: str
    gone: str
    sent: str
    not_sent: str
    too_long: str
    profile_used: str
    profile_change: str
    profile_forget: str
    deeds: Mapping[str, str]
    problems: Mapping[str, str]
    kinds: Mapping[str, str]
    originals: Mapping[str, str]
    topics: tuple[Topic, ...]
    pages: Mapping[str, str]
    about: Mapping[str, str]
    skips: Mapping[str, str]


Words = TypeVar("Words")


@cache
def texts(language: Language) -> Texts:
    """Return the words of the pages in ``language``.

    Raises:
        SettingError: If the file lacks a text or holds one that no page uses.
    """
    words = read_words(FOLDER / f"{language}.toml", Texts)
    return replace(words, topics=tuple(Topic(**topic) for topic in words.topics))  # type: ignore[arg-type]


def read_words(path: Path, kind: type[Words]) -> Words:
    """Return the words of one file as a dataclass whose fields are its keys; tables and lists are frozen.

    Raises:
        SettingError: If the file lacks a text or holds one that no page uses.
    """
    return words_of(tomllib.loads(path.read_text(encoding="utf-8")), kind, path.name)


def words_of(entries: Mapping[str, Any], kind: type[Words], place: str) -> Words:
    """Return the words of one table as a dataclass whose fields are its keys; tables and lists are frozen.

    Raises:
        SettingError: If the table at ``place`` lacks a text or holds one that no page uses.
    """
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    if odd := known ^ entries.keys():
        raise SettingError(f"{place}: {sorted(odd)!r} must stand both in the file and in {kind.__name__}")
    return kind(**{key: _frozen(value) for key, value in entries.items()})


def _frozen(value: Any) -> Any:
    """Return a value of TOML that cannot be changed."""
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
