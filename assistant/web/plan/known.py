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
        profile: What could be read of the profile.
        refused: What could not.
        done: Steps that are done.
        readiness: Answers by statement, as given.
        budget: Entries by the name of their control, as given.
    """

    profile: Profile
    refused: tuple[Refused, ...]
    done: frozenset[str]
    readiness: Mapping[str, str]
    budget: Mapping[str, str]


def read_known(stored: object, today: date) -> Known:
    """Return what a browser keeps; whatever has another form is left out."""
    profile, refused = read_profile(profile_given(kept.table(stored, "profile")), today=today)
    return Known(
        profile=profile,
        refused=refused,
        done=frozenset(name for name, value in kept.table(stored, "done").items() if value is True),
        readiness=_texts(kept.table(stored, "readiness")),
        budget=_texts(kept.table(stored, "budget")),
    )


def applied(stored: object, message: str) -> dict[str, Any]:
    """Return what the browser keeps after the entries that a message of the page's script describes.

    A message holds all entries of one table, so it can be applied twice, and late, without harm.
    """
    unchanged = dict(stored) if isinstance(stored, Mapping) else {}
    try:
        said = json.loads(message[:LONGEST_MESSAGE])
        table, items = said["do"], said["items"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return unchanged
    if table not in TABLES or not isinstance(items, Mapping):
        return unchanged
    short = {str(name)[:_LONGEST_ENTRY]: _short(value) for name, value in list(items.items())[:_MOST_ENTRIES]}
    return kept.replaced(stored, table, {name: value for name, value in short.items() if value not in ("", False)})


def _short(value: object) -> str | bool:
    return value if isinstance(value, bool) else str(value)[:_LONGEST_ENTRY]


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: "on" if value is True else str(value) for name, value in table.items()}
