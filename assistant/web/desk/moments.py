"""How moments and ages are written at the desk."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from babel import Locale
from babel.dates import format_datetime, get_timezone

from assistant.types import Language

ZONE = "Asia/Almaty"
"""The one time of Kazakhstan, since March 2024."""


def moment(at: datetime, language: Language) -> str:
    """Return a moment as day and time of Kazakhstan."""
    return format_datetime(at, "d MMM y, HH:mm", tzinfo=get_timezone(ZONE), locale=_locale(language))


def clock(at: datetime) -> str:
    """Return the time of the day in Kazakhstan, for what is over within the hour."""
    return format_datetime(at, "HH:mm", tzinfo=get_timezone(ZONE), locale=_locale("en"))


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(language)
