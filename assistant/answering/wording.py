"""The words around the quotes, in the three languages; each language has the same keys (tested)."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from importlib import resources

from babel.dates import format_date

from assistant.types import Language

Wording = dict[str, dict[str, str]]


@lru_cache(maxsize=3)
def wording(language: Language) -> Wording:
    """Return the texts of a language by group and key."""
    path = resources.files("assistant.answering") / "wording" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def written_date(day: date, language: Language) -> str:
    """Return a day as it is written out in a language: "22 November 2026", "22 ноября 2026 г."."""
    return format_date(day, format="long", locale="en_GB" if language == "en" else language)


def written_source_date(dated: str, language: Language) -> str:
    """Return the date of a source, which may be a year, a month, a day or ``undated``."""
    if dated == "undated":
        return wording(language)["lead"]["undated"]
    if len(dated) == 10:
        return written_date(date.fromisoformat(dated), language)
    if len(dated) == 7:
        month = date.fromisoformat(f"{dated}-01")
        return format_date(month, format="LLLL y", locale=language)
    return dated
