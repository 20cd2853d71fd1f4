"""The words around the quotes, in the three languages; each language has the same keys (tested)."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import lru_cache
from importlib import resources

from babel.dates import format_date

from assistant.types import Language

Wording = dict[str, dict[str, str]]

_FIELD = re.compile(r"\{[a-z]{1,20}\}")
_SHOWN_ITALIC = ("stale", "check", "experience", "drafted")


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


def bare(text: str, language: Language) -> str:
    """Return the text of a reply without the paragraphs that say what must be said whenever it is given.

    These are the date on which a mentor checked it, the office that stands for it, and the notes on rules that change,
    overdue sources, experience and models. What a quote comes from, and in which language it stands, belongs to the
    text. Takes time linear in the length of the text.
    """
    texts = wording(language)
    said = [texts["lead"]["verified_answer"], f"{texts['note']['office']} [1]"]
    said += [f"*{texts['note'][name]}*" for name in _SHOWN_ITALIC]
    kept = (part for part in text.split("\n\n") if not any(_is_of(each, part.strip()) for each in said))
    return "\n\n".join(kept).strip()


def _is_of(template: str, text: str) -> bool:
    """Return whether a text is a template with something in its fields."""
    first, *others = _FIELD.split(template)
    if not others:
        return text == template
    if not text.startswith(first) or not text.endswith(others[-1]):
        return False
    at = len(first)
    for between in others[:-1]:
        at = text.find(between, at)
        if at < 0:
            return False
        at += len(between)
    return at <= len(text) - len(others[-1])
