"""The sorts of columns of the records: text, JSON and moments, the same in both databases.

What only one of the databases knows is kept out of here: times are UTC in both, and texts lose at this door what
PostgreSQL refuses to store (NUL) and what is no text at all (lone surrogates).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

_NO_TEXT = re.compile("[\x00\ud800-\udfff]+")


def storable(value: Any) -> Any:
    """Return text, or JSON data with all texts in it, without NUL and lone surrogates.

    Raises:
        ValueError: If there is a number that JSON does not know.
    """
    if isinstance(value, str):
        return _NO_TEXT.sub("", value)
    if isinstance(value, Mapping):
        return {storable(name): storable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("JSON knows no infinite number and none that is not a number")
    return value


def json_text(value: Any) -> str:
    """Return JSON as it is stored: letters as they are, so that a text can be found and erased as itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Words(TypeDecorator[str]):
    """Text of any length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Strip what cannot be stored."""
        return None if value is None else str(storable(value))


class Data(TypeDecorator[Any]):
    """JSON data."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Strip what cannot be stored."""
        return storable(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment, to the microsecond, in UTC; SQLite knows no zones, so there it is stored without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment of any zone into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that a moment without zone is UTC, and turn others into it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
