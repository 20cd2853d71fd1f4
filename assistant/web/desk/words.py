"""The words of the desk, read from ``texts/<language>.toml``: one table for each part of it, in each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from assistant.errors import SettingError
from assistant.types import Language
from assistant.web.wording import words_of

FOLDER = Path(__file__).with_name("texts")

Words = TypeVar("Words")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameWords:
    """The words around every page: table ``frame``.

    Attributes:
        places: Name of each page in the navigation, by ``routes.PLACES``.
        roles: Name of a role, by ``Role`` value.
        problems: Heading and text of a page that refuses, by what is wrong.
        speeches: Name of each language in that of the page.
    """

    name: str
    skip: str
    navigation: str
    languages: str
    pages: str
    signed_in: str
    sign_out: str
    again: str
    sign_in: str
    typed: str
    back: str
    required: str
    places: Mapping[str, str]
    roles: Mapping[str, str]
    problems: Mapping[str, Mapping[str, str]]
    speeches: Mapping[str, str]


def frame(language: Language) -> FrameWords:
    """Return the words around every page."""
    return table(language, "frame", FrameWords)


def table(language: Language, name: str, kind: type[Words]) -> Words:
    """Return one table of the words in a language, as a dataclass whose fields are its keys.

    Raises:
        SettingError: If there is no such table, it lacks a text, or it holds one that no page uses.
    """
    found: Words = _table(language, name, kind)  # type: ignore[arg-type]
    return found


@cache
def _table(language: Language, name: str, kind: Any) -> Any:
    tables = _tables(language)
    if name not in tables:
        raise SettingError(f"{language}.toml: there must be a table {name!r}")
    return words_of(tables[name], kind, f"{language}.toml, {name}")


@cache
def _tables(language: Language) -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
