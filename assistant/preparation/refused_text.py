"""Why a value was not taken, in words: what was given, the rule it breaks, and what to write instead."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from babel.numbers import format_decimal

from assistant.preparation.plan_text import wording
from assistant.preparation.profile import Refused, Rule
from assistant.types import Language

_SAME_EVERYWHERE = {"gpa": "GPA"}
"""Fields whose name is the same in every language."""

_ALIKE = 0.75
"""Likeness, 0 to 1, from which an unknown field is taken for a slip of the pen."""


def field_words(field: str, language: Language) -> str:
    """Return the name of a field in words; one that has none is returned as it is.

    Entries of a table are named with it: ``rates.EUR`` is "Exchange rate (EUR)", ``free.0`` "Line of your own (1)".
    """
    name, _, entry = field.partition(".")
    words = _named(name, language)
    if words is None or not entry:
        return words or field
    place = str(int(entry) + 1) if entry.isdecimal() else entry
    return f"{words} ({place})"


def refused_words(refused: Refused, language: Language) -> str:
    """Return in one to three sentences what was given, the rule it breaks, and the way out."""
    low, high = _bounds(refused.allowed, language)
    words = wording(language)["refused"][_text(refused, language)].format(
        field=field_words(refused.field, language), value=refused.value, allowed=refused.allowed, low=low, high=high
    )
    meant = _meant(refused, language)
    return f"{words} {wording(language)['refused']['perhaps'].format(name=meant)}" if meant else words


def refused_data(refused: Refused, language: Language) -> dict[str, Any]:
    """Return a refused value as plain data for JSON, with its words in ``language``."""
    return {
        "field": refused.field,
        "value": refused.value,
        "rule": refused.rule.value,
        "allowed": refused.allowed,
        "message": refused_words(refused, language),
    }


def _named(name: str, language: Language) -> str | None:
    return _SAME_EVERYWHERE.get(name) or wording(language)["field"].get(name)


def _text(refused: Refused, language: Language) -> str:
    """Return the key of the text for a rule: the field's own text if it has one."""
    if refused.rule is Rule.UNKNOWN_FIELD:
        return "unknown_field" if _named(refused.field.partition(".")[0], language) is None else "unknown_value"
    if refused.rule is Rule.OUT_OF_RANGE and "–" not in refused.allowed:
        return "too_many"
    own = f"{refused.rule.value}_{refused.field}"
    return own if own in wording(language)["refused"] else refused.rule.value


def _bounds(allowed: str, language: Language) -> tuple[str, str]:
    """Return both ends of a range such as ``0–4``, or ``0–100, 0.01`` with its smallest part, as numbers are written.

    Of a single number both ends are that number; what is no number stays as it is.
    """
    low, _, high = allowed.partition(",")[0].rpartition("–")
    return _number(low or high, language), _number(high, language)


def _number(written: str, language: Language) -> str:
    locale = "en_GB" if language == "en" else language
    try:
        return str(format_decimal(Decimal(written), locale=locale, decimal_quantization=False))
    except InvalidOperation:  # no number, or one of more digits than decimals have
        return written


def _meant(refused: Refused, language: Language) -> str | None:
    """Return the known field that an unknown one resembles, if any."""
    if _text(refused, language) != "unknown_field":
        return None
    known = [*_SAME_EVERYWHERE, *wording(language)["field"]]
    return next(iter(get_close_matches(refused.field, known, n=1, cutoff=_ALIKE)), None)
