"""The mentor desk: mentors, queue, reviews, verified answers, published lessons; and what turns are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from assistant.records.migrating import refuse_to_lose

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)
_AT_ONCE = 1_000
_LONGEST_SECTION = 200
"""Characters of a section in a column; PostgreSQL refuses what is longer."""

_TABLES = (
    "judgement", "review", "item_event", "item_why", "item", "message", "rejection", "lesson", "verified_wording",
    "verified_citation", "verified_version", "verified", "publication", "session", "device", "attempt", "mentor",
    "turn_section",
)  # fmt: skip
_TOPICS = {
    "regulations": "regulation",
    "host_guides": "host_guide",
    "adaptation": "adaptation",
    "research": "research",
    "return": "return",
    "lessons": "lesson",
}


def upgrade() -> None:
    """Make the tables, and tell of every turn recorded so far what it was about."""
    _make_mentors()
    _make_answers()
    _make_queue()
    _make_lessons()
    _widen_turns()
    _fill_turns()
    op.execute('INSERT INTO publication ("only", number) VALUES (1, 0)')


def downgrade() -> None:
    """Drop the tables; what turns are about can be told again from their replies.

    Raises:
        RecordError: If a table holds rows and nobody said that they may be lost.
    """
    refuse_to_lose(op.get_context(), tuple(name for name in _TABLES if name not in {"publication", "turn_section"}))
    for name in _TABLES:
        op.drop_table(name)
    for name in ("ix_turn_created_language_country_topic_composer_reason", "ix_turn_nearest"):
        op.drop_index(name, "turn")
    for name in ("language", "country", "topic", "nearest"):
        op.drop_column("turn", name)


def _make_mentors() -> None:
    op.create_table(
        "mentor",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("disabled", _TIME),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
        sa.UniqueConstraint("subject"),
    )
    op.create_table(
        "session",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("mentor", sa.String(32), nullable=False),
        sa.Column("begun", _TIME, nullable=False),
        sa.Column("latest", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["mentor"], ["mentor.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("ix_session_mentor", "session", ["mentor"])
    op.create_table(
        "device",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("mentor", sa.String(32), nullable=False),
        sa.Column("latest", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["mentor"], ["mentor.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_table(
        "attempt",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("latest", _TIME, nullable=False),
        sa.Column("blocked_until", _TIME),
        sa.PrimaryKeyConstraint("key"),
    )


def _make_answers() -> None:
    op.create_table(
        "publication",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("only"),
    )
    op.create_table(
        "verified",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("changed", _TIME, nullable=False),
        sa.Column("country", sa.String(2)),
        sa.Column("topic", sa.String(20)),
        sa.Column("suspended_because", sa.String(40)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_verified_state", "verified", ["state"])
    op.create_table(
        "verified_version",
        sa.Column("answer", sa.String(12), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentor", sa.String(32), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("office_date", sa.Date()),
        sa.ForeignKeyConstraint(["answer"], ["verified.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mentor"], ["mentor.id"]),
        sa.PrimaryKeyConstraint("answer", "language"),
    )
    op.create_table(
        "verified_citation",
        sa.Column("answer", sa.String(12), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("mark", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.String(200), nullable=False),
        sa.Column("quoted_language", sa.String(2), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer", "language"],
            ["verified_version.answer", "verified_version.language"],
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer", "language", "mark"),
    )
    op.create_index("ix_verified_citation_section", "verified_citation", ["section"])
    op.create_table(
        "verified_wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(12), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("conversation", sa.String(32)),
        sa.Column("turn", sa.Integer()),
        sa.ForeignKeyConstraint(["answer"], ["verified.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation", "turn"],
            ["turn.conversation", "turn.number"],
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_verified_wording_answer", "verified_wording", ["answer"])
    op.create_index("ix_verified_wording_conversation_turn", "verified_wording", ["conversation", "turn"])


def _make_queue() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("opened", _TIME, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("country", sa.String(2)),
        sa.Column("topic", sa.String(20)),
        sa.Column("alike", sa.String(240), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("conversation", sa.String(32)),
        sa.Column("turn", sa.Integer()),
        sa.Column("submission", sa.String(64)),
        sa.Column("answer", sa.String(12)),
        sa.Column("claimed_by", sa.String(32)),
        sa.Column("claimed_until", _TIME),
        sa.Column("closed", _TIME),
        sa.CheckConstraint("(conversation IS NULL) = (turn IS NULL)", name="whole_link"),
        sa.CheckConstraint(
            "conversation IS NOT NULL OR submission IS NOT NULL OR answer IS NOT NULL", name="about_something"
        ),
        sa.ForeignKeyConstraint(["answer"], ["verified.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["claimed_by"], ["mentor.id"]),
        sa.ForeignKeyConstraint(
            ["conversation", "turn"],
            ["turn.conversation", "turn.number"],
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["submission"], ["submission.code"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_item_alike_state_opened_id", "item", ["alike", "state", "opened", "id"])
    op.create_index("ix_item_answer", "item", ["answer"])
    op.create_index("ix_item_claimed_until", "item", ["claimed_until"])
    op.create_index("ix_item_closed_opened", "item", ["closed", "opened"])
    op.create_index("ix_item_conversation_turn", "item", ["conversation", "turn"])
    op.create_index("ix_item_opened_id", "item", ["opened", "id"])
    op.create_index("ix_item_state_country", "item", ["state", "country"])
    op.create_index("ix_item_state_opened_id", "item", ["state", "opened", "id"])
    op.create_index("ix_item_submission", "item", ["submission"])
    op.create_table(
        "item_why",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", "why"),
    )
    op.create_index("ix_item_why_open_why", "item_why", ["open", "why"])
    op.create_index("ix_item_why_why_at_item", "item_why", ["why", "at", "item"])
    op.create_table(
        "item_event",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", "number"),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("mentor", sa.String(32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(12)),
        sa.ForeignKeyConstraint(["answer"], ["verified.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["item"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mentor"], ["mentor.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_at", "review", ["at"])
    op.create_index("ix_review_item", "review", ["item"])
    op.create_table(
        "judgement",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("mentor", sa.String(32), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mentor"], ["mentor.id"]),
        sa.PrimaryKeyConstraint("item", "mentor"),
    )


def _make_lessons() -> None:
    op.create_table(
        "lesson",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(20), nullable=False),
        sa.Column("alike", sa.Integer(), nullable=False),
        sa.Column("mentor", sa.String(32), nullable=False),
        sa.Column("published", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["mentor"], ["mentor.id"]),
        sa.ForeignKeyConstraint(["submission"], ["submission.code"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("submission"),
    )
    op.create_table(
        "rejection",
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("mentor", sa.String(32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mentor"], ["mentor.id"]),
        sa.ForeignKeyConstraint(["submission"], ["submission.code"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("submission"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("mentor", sa.String(32)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mentor"], ["mentor.id"]),
        sa.ForeignKeyConstraint(["submission"], ["submission.code"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_message_submission", "message", ["submission"])


def _widen_turns() -> None:
    op.add_column("turn", sa.Column("language", sa.String(2)))
    op.add_column("turn", sa.Column("country", sa.String(2)))
    op.add_column("turn", sa.Column("topic", sa.String(20)))
    op.add_column("turn", sa.Column("nearest", sa.String(200)))
    counted = ["created", "language", "country", "topic", "composer", "reason"]
    op.create_index("ix_turn_created_language_country_topic_composer_reason", "turn", counted)
    op.create_index("ix_turn_nearest", "turn", ["nearest"])
    op.create_table(
        "turn_section",
        sa.Column("conversation", sa.String(32), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.String(200), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation", "turn"],
            ["turn.conversation", "turn.number"],
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation", "turn", "section"),
    )
    op.create_index("ix_turn_section_section_at_stale", "turn_section", ["section", "at", "stale"])


def _fill_turns() -> None:
    """Read from the replies what the program now writes down by itself."""
    connection = op.get_bind()
    turn = sa.table(
        "turn",
        *map(sa.column, ("conversation", "number", "language", "topic", "nearest")),
        sa.column("reply", sa.JSON),
        sa.column("created", _TIME),
    )
    uses = sa.table(
        "turn_section", *map(sa.column, ("conversation", "turn", "section", "stale")), sa.column("at", _TIME)
    )
    key = sa.tuple_(turn.c.conversation, turn.c.number)
    query = sa.select(turn).order_by(turn.c.conversation, turn.c.number).limit(_AT_ONCE)
    last: tuple[str, int] | None = None
    while rows := connection.execute(query if last is None else query.where(key > last)).mappings().all():
        for row in rows:
            last, reply = (row["conversation"], row["number"]), row["reply"] or {}
            same = (turn.c.conversation == last[0]) & (turn.c.number == last[1])
            connection.execute(sa.update(turn).where(same).values(**_about(reply)))
            cited = reply.get("citations") or ()
            used = {each["section"][:_LONGEST_SECTION]: bool(each.get("stale")) for each in cited}
            for section, stale in used.items():
                told = {"conversation": last[0], "turn": last[1], "section": section, "stale": stale}
                connection.execute(sa.insert(uses).values(**told, at=row["created"]))


def _about(reply: Mapping[str, Any]) -> dict[str, str | None]:
    """Return language, topic and nearest section of a reply; all None if there was none."""
    first: Mapping[str, Any] = next(iter([*(reply.get("citations") or ()), *(reply.get("nearest") or ())]), {})
    section = (first.get("section") or "")[:_LONGEST_SECTION] or None
    topic = _TOPICS.get(section.partition("/")[0], "other") if section else None
    return {"language": reply.get("language"), "topic": topic, "nearest": section}
