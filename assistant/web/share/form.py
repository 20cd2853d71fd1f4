"""The fields of the form: their order, what each may hold, and what a browser kept of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from babel import Locale

from assistant.records.submissions import FUNDINGS, LEVELS, STORY, Experience
from assistant.types import Language

PARTS: Mapping[str, tuple[str, ...]] = {
    "stay": ("country", "host_institution", "home_university", "programme", "year", "months", "level", "funding"),
    "reasons": ("reasons",),
    "language": (
        "stay_language", "language_level_then", "language_level_now", "language_hard", "language_helped",
    ),
    "adjustment": ("adjustment_hard", "adjustment_helped"),
    "money": ("money_hard", "money_helped"),
    "research": ("research_done", "research_hard", "research_helped"),
    "looking_back": ("best", "advice"),
}  # fmt: skip
"""The sections of the form with their fields, in the order of display."""

FIELDS = tuple(field for fields in PARTS.values() for field in fields)
"""Every field, in the order in which the page hands their values over."""

REQUIRED = frozenset(field for field in FIELDS if Experience.model_fields[field].is_required())

UNSAID = "unsaid"
"""What stands for "I would rather not say" where one choice must be pressed; it is stored as nothing."""

FLUENCY = ("none", "A1", "A2", "B1", "B2", "C1", "C2")
"""Levels of a language: none at all, then those of the Common European Framework."""

NUMBERS = frozenset({"year", "months"})
"""Fields that hold a number, written as text until it is read."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "level": LEVELS,
    "funding": (*FUNDINGS, UNSAID),
    "language_level_then": FLUENCY,
    "language_level_now": FLUENCY,
}
"""Fields with few choices; ``country`` has its own list."""

LINES = frozenset(FIELDS) - frozenset(STORY) - NUMBERS - CHOICES.keys() - {"country"}
"""Fields that hold one line of text."""

TEXTS = (*sorted(LINES), *STORY)
"""Fields in which somebody may be named."""

LONGEST_DRAFT = 8_000
"""Characters of one field that the form takes and a draft keeps: more than is stored, so that one can shorten it here.

All texts of this length together still fit into one request.
"""

_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Codes of babel that are unions, islands of a country, or tests."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyzаәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
"""The letters of the three languages in their order; code points put the Kazakh ones last."""


def given(values: Sequence[Any], *, language: Language, consent_version: str) -> dict[str, Any]:
    """Return the values of the form, in the order of ``FIELDS``, as ``read_experience`` takes them.

    Consent is asked after the check, on the same page: it counts as given here, and nothing is sent without it.
    """
    said = {field: value for field, value in zip(FIELDS, values, strict=True) if value != UNSAID}
    return {**said, "language": language, "consent": True, "consent_version": consent_version}


def drafted(values: Sequence[Any]) -> dict[str, Any]:
    """Return what a browser keeps of the values of the form: those that say something."""
    return {field: value for field, value in zip(FIELDS, values, strict=True) if _fits(field, value)}


def restored(kept: object) -> dict[str, Any]:
    """Return the fields of a draft that a browser kept; whatever the form could not hold is left out."""
    draft = kept if isinstance(kept, Mapping) else {}
    return {field: draft[field] for field in FIELDS if field in draft and _fits(field, draft[field])}


def empty(field: str) -> str | None:
    """Return the value of a field in which nothing was said."""
    return None if field in CHOICES or field == "country" else ""


@cache
def countries(language: Language) -> tuple[tuple[str, str], ...]:
    """Return (name, ISO 3166-1 code) of every country, in alphabetical order of the language."""
    names: Mapping[str, str] = Locale(language).territories
    codes = {code for code in names if len(code) == 2 and code.isalpha()} - _NO_COUNTRIES
    return tuple(sorted(((names[code], code) for code in codes), key=lambda pair: _place(pair[0])))


def _fits(field: str, value: object) -> bool:
    """Return whether a value says something that its field can show."""
    if field == "country":
        return value in {code for _, code in countries("en")}
    if field in CHOICES:
        return value in CHOICES[field]
    return isinstance(value, str) and 0 < len(value) <= LONGEST_DRAFT


def _place(name: str) -> tuple[int, ...]:
    """Return what a name is sorted by: the places of its letters, accents aside."""
    letters = (sign if sign in _ALPHABET else unicodedata.normalize("NFD", sign)[0] for sign in name.lower())
    return tuple(_ALPHABET.find(letter) for letter in letters)
