"""The tables of the records, as the newest migration leaves them; a test compares the two.

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

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

_NO_TEXT = re.compile("[\x00\ud800-\udfff]+")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints are called, so that a later migration can name them in both databases."""


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


metadata = MetaData(naming_convention=NAMES)

conversation = Table(
    "conversation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("code", String(64), nullable=False, unique=True),  # SHA-256 of the student's code
    Column("language", String(2), nullable=False),
    Column("page", String(40), nullable=False),
    Column("begun", UtcTime, nullable=False),
    Column("latest", UtcTime, nullable=False),  # when its last turn was recorded; retention counts from here
    Index(None, "begun", "id"),
    Index(None, "latest"),
)

turn = Table(
    "turn",
    metadata,
    Column("conversation", String(32), ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("question", Words, nullable=False),
    Column("reply", Data(none_as_null=True), nullable=True),
    # Three fields of the reply once more, because whoever looks for weak replies asks for them.
    Column("composer", String(40), nullable=True),
    Column("support", Float, nullable=True),
    Column("reason", String(40), nullable=True),
    Column("generation", String(80), nullable=False),
    Column("settings", String(80), nullable=False),
    Column("version", String(40), nullable=False),
    Column("created", UtcTime, nullable=False),
)

submission = Table(
    "submission",
    metadata,
    Column("code", String(64), primary_key=True),  # SHA-256 of the withdrawal code
    Column("kind", String(20), nullable=False),
    Column("received", UtcTime, nullable=False),
    Column("masked", Boolean, nullable=False),
    Column("consent_version", Words, nullable=False),
    Column("content", Data, nullable=False),
    Column("conversation", String(32), nullable=True),
    Column("turn", Integer, nullable=True),
    ForeignKeyConstraint(["conversation", "turn"], ["turn.conversation", "turn.number"], ondelete="CASCADE"),
    CheckConstraint("(conversation IS NULL) = (turn IS NULL)", name="whole_link"),
    Index(None, "kind", "received", "code"),
    Index(None, "conversation", "turn"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("details", Data, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
