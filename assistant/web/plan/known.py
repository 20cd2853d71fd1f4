"""What a browser keeps of a student's plan, read strictly, and what an entry changes in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.preparation.profile import Profile, Refused, read_profile
from assistant.web import kept
from assistant.web.plan.form import profile_given

LONGEST_MESSAGE = 20_000
"""Characters of a message, at most; the whole of a budget has about 3,000."""

TABLES = ("profile", "done", "readiness", "budget")
"""What is kept, each as a table of its own."""

_MOST_ENTRIES = 300
_LONGEST_ENTRY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a student.

    Attributes:
        today: Day on which it was read.
        entered: Entries of the profile by the name of their control, as given.
        profile: What could be read of the profile.
        refused: What could not.
        done: Steps that are done.
        readiness: Answers by statement, as given.
        budget: Entries by the name of their control, as given.
    """

    today: date
    entered: Mapping[str, str]
    profile: Profile
    refused: tuple[Refused, ...]
    done: frozenset[str]
    readiness: Mapping[str, str]
    budget: Mapping[str, str]


def read_known(stored: object, today: date) -> Known:
    """Return what a browser keeps; whatever has another form is left out."""
    entered = _texts(kept.table(stored, "profile"))
    profile, refused = read_profile(profile_given(entered), today=today)
    return Known(
        today=today,
        entered=entered,
        profile=profile,
        refused=refused,
        done=frozenset(name for name, value in kept.table(stored, "done").items() if value is True),
        readiness=_texts(kept.table(stored, "readiness")),
        budget=_texts(kept.table(stored, "budget")),
    )


def applied(stored: object, message: str) -> dict[str, Any]:
    """Return what the browser keeps after the entries that a message of the page's script describes.

    A message holds all entries of every table that was touched since the page was opened, so it can be applied twice
    and late, and one that is overtaken by the next is not missed.
    """
    now = dict(stored) if isinstance(stored, Mapping) else {}
    try:
        said = json.loads(message[:LONGEST_MESSAGE])["tables"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return now
    found = {name: said[name] for name in TABLES if name in said} if isinstance(said, Mapping) else {}
    return now | {
        name: _entries(kept.table(now, name), items) for name, items in found.items() if isinstance(items, Mapping)
    }


def _entries(before: Mapping[str, Any], items: Mapping[str, Any]) -> dict[str, str | bool]:
    """Return the entries that say something: texts, and boxes that are ticked.

    What is not on the page now (amounts for another country, steps of another programme) stays as it was.
    """
    told = {_short(name): value for name, value in items.items()}
    away = {_short(name): value for name, value in before.items() if isinstance(value, str | bool)}
    short = dict([*told.items(), *((name, value) for name, value in away.items() if name not in told)][:_MOST_ENTRIES])
    said = {name: value if value is True else _short(value) for name, value in short.items() if value is not False}
    return {name: value for name, value in said.items() if value}


def _short(value: object) -> str:
    """Return the beginning of a text; half a character, which no reply could carry, becomes a question mark."""
    return " ".join(str(value)[:_LONGEST_ENTRY].split()).encode("utf-8", "replace").decode()


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a table; a ticked box is "on"."""
    words = {name: "on" if value is True else value for name, value in table.items()}
    return {name: _short(value) for name, value in words.items() if isinstance(value, str)}
