"""How a field of a form is read: clean text within limits, or a refusal that a page can word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic_core import ErrorDetails, PydanticCustomError

from assistant.knowledge.cleaning import clean

SHOWN_CHARACTERS = 60
"""Characters of a refused value that are repeated to whoever gave it."""


class Rule(StrEnum):
    """Why a value is not taken; the pages have words for each."""

    UNKNOWN_FIELD = "unknown_field"
    MISSING = "missing"
    NO_TEXT = "no_text"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    NO_WHOLE_NUMBER = "no_whole_number"
    OUT_OF_RANGE = "out_of_range"
    NO_CHOICE = "no_choice"
    NO_CONSENT = "no_consent"
    NO_STORY = "no_story"
    STORY_TOO_LONG = "story_too_long"


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that was not taken.

    Attributes:
        field: Which field; ``story`` if the answers of a story together break the rule.
        value: What was given, at most 60 characters.
        rule: The rule it breaks.
        allowed: What would be taken, as it is written: ``1–24``, ``good, bad``, ``2000``; empty if that says nothing.
    """

    field: str
    value: str
    rule: Rule
    allowed: str = ""


def wrong(rule: Rule, allowed: object = "") -> PydanticCustomError:
    """Return the error with which a validator refuses a value."""
    return PydanticCustomError(rule.value, "{rule} {allowed}", {"rule": rule.value, "allowed": str(allowed)})


def text(longest: int, *, least: int = 0, lines: bool = True) -> Callable[[Any], str]:
    """Return a reader of clean text of ``least`` to ``longest`` characters, in one line unless ``lines``."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise wrong(Rule.NO_TEXT)
        cleaned = clean(value).strip() if lines else " ".join(clean(value).split())
        if len(cleaned) < least:
            raise wrong(Rule.MISSING)
        if len(cleaned) > longest:
            raise wrong(Rule.TOO_LONG, longest)
        return cleaned

    return read


def whole(low: int, high: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers, written as a number or as text."""

    def read(value: Any) -> int:
        try:
            number = int(value) if not isinstance(value, str) else int(value.strip()[:SHOWN_CHARACTERS])
        except (TypeError, ValueError, OverflowError):
            raise wrong(Rule.NO_WHOLE_NUMBER, f"{low}–{high}") from None
        if isinstance(value, bool) or (isinstance(value, float) and number != value):
            raise wrong(Rule.NO_WHOLE_NUMBER, f"{low}–{high}")
        if not low <= number <= high:
            raise wrong(Rule.OUT_OF_RANGE, f"{low}–{high}")
        return number

    return read


def choice(choices: Sequence[str]) -> Callable[[Any], str]:
    """Return a reader of one of some words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise wrong(Rule.NO_CHOICE, ", ".join(choices))
        return str(value)

    return read


def several(read_one: Callable[[Any], str], most: int) -> Callable[[Any], tuple[str, ...]]:
    """Return a reader of lists: each value once, in the order given."""

    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise wrong(Rule.NO_CHOICE)
        if len(value) > most:
            raise wrong(Rule.TOO_MANY, most)
        return tuple(dict.fromkeys(map(read_one, value)))

    return read


def yes(value: Any) -> bool:
    """Take nothing for consent but a plain yes."""
    if value is not True:
        raise wrong(Rule.NO_CONSENT)
    return True


def yes_or_no(value: Any) -> bool:
    """Take a plain yes or no."""
    if not isinstance(value, bool):
        raise wrong(Rule.NO_CHOICE, "true, false")
    return value


def refused(detail: ErrorDetails) -> Refused:
    """Return what a validation found, field by field, without the rest of the form."""
    field = str(detail["loc"][0])[:SHOWN_CHARACTERS] if detail["loc"] else "story"
    if detail["type"] == "extra_forbidden":
        return Refused(field, _shown(detail["input"]), Rule.UNKNOWN_FIELD)
    if detail["type"] == "missing":  # the input of this one is the whole form
        return Refused(field, "", Rule.NO_CONSENT if field == "consent" else Rule.MISSING)
    shown = "" if field == "story" else _shown(detail["input"])
    return Refused(field, shown, Rule(detail["type"]), str(detail.get("ctx", {}).get("allowed", "")))


def _shown(value: object) -> str:
    """Return a value as it may be repeated to whoever gave it."""
    return " ".join(clean(str(value)).split())[:SHOWN_CHARACTERS]
