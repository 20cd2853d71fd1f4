"""The first tables: conversations with their turns, submissions, and the audit trail that nobody can change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant.records.migrating import refuse_to_lose

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END",
    "CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END",
    # INSERT OR REPLACE would delete a row without asking the trigger above.
    "CREATE TRIGGER audit_insert BEFORE INSERT ON audit "
    "WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM audit) "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail only grows at its end'); END",
)
_POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION 'the audit trail only grows'; END$$",
    "CREATE TRIGGER audit_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
)


def upgrade() -> None:
    """Make the tables."""
    _make_conversations()
    _make_submissions()
    _make_audit()


def downgrade() -> None:
    """Drop the tables.

    Raises:
        RecordError: If one holds rows and nobody said that they may be lost.
    """
    refuse_to_lose(op.get_context(), ("conversation", "turn", "submission", "audit"))
    for name in ("submission", "turn", "conversation", "audit"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_grows()")


def _make_conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("code", sa.String(64), nullable=False, unique=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("page", sa.String(40), nullable=False),
        sa.Column("begun", _TIME, nullable=False),
        sa.Column("latest", _TIME, nullable=False),
    )
    op.create_index("ix_conversation_begun_id", "conversation", ["begun", "id"])
    op.create_index("ix_conversation_latest", "conversation", ["latest"])
    op.create_table(
        "turn",
        sa.Column("conversation", sa.String(32), sa.ForeignKey("conversation.id", ondelete="CASCADE")),
        sa.Column("number", sa.Integer, autoincrement=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("reply", sa.JSON),
        sa.Column("composer", sa.String(40)),
        sa.Column("support", sa.Float),
        sa.Column("reason", sa.String(40)),
        sa.Column("generation", sa.String(80), nullable=False),
        sa.Column("settings", sa.String(80), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation", "number"),
    )


def _make_submissions() -> None:
    op.create_table(
        "submission",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("received", _TIME, nullable=False),
        sa.Column("masked", sa.Boolean, nullable=False),
        sa.Column("consent_version", sa.Text, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("conversation", sa.String(32)),
        sa.Column("turn", sa.Integer),
        sa.ForeignKeyConstraint(["conversation", "turn"], ["turn.conversation", "turn.number"], ondelete="CASCADE"),
        sa.CheckConstraint("(conversation IS NULL) = (turn IS NULL)", name="whole_link"),
    )
    op.create_index("ix_submission_kind_received_code", "submission", ["kind", "received", "code"])
    op.create_index("ix_submission_conversation_turn", "submission", ["conversation", "turn"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", _TIME, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("actor", "action", "subject")),
        sa.Column("details", sa.JSON, nullable=False),
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("previous", "hash")),
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if on_sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(statement)
