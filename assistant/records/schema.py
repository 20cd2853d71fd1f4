"""The tables of the records, as the newest migration leaves them; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

from assistant.records.columns import Data, UtcTime, Words

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints are called, so that a later migration can name them in both databases."""

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
    # What the question was about, for the queue and the coverage page.
    Column("language", String(2), nullable=True),
    Column("country", String(2), nullable=True),
    Column("topic", String(20), nullable=True),  # kind of the document that is quoted first, or came nearest
    Column("nearest", String(200), nullable=True),  # that section; the questions of all languages meet here
    # The coverage page counts turns by these, and reads no row for it.
    Index(None, "created", "language", "country", "topic", "composer", "reason"),
    Index(None, "nearest"),
)

turn_section = Table(
    "turn_section",
    metadata,
    Column("conversation", String(32), primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("section", String(200), primary_key=True),
    Column("stale", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
    ForeignKeyConstraint(["conversation", "turn"], ["turn.conversation", "turn.number"], ondelete="CASCADE"),
    Index(None, "section", "at", "stale"),
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

mentor = Table(
    "mentor",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("login", Words, nullable=False, unique=True),  # in small letters
    Column("name", Words, nullable=False),
    Column("office", Words, nullable=False),
    Column("role", String(20), nullable=False),
    Column("password", Words, nullable=True),  # argon2id; None for who signs in elsewhere
    Column("subject", Words, nullable=True, unique=True),  # issuer and subject of the provider of identities
    Column("created", UtcTime, nullable=False),
    Column("disabled", UtcTime, nullable=True),
)

session = Table(
    "session",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of what the cookie holds
    Column("mentor", String(32), ForeignKey("mentor.id", ondelete="CASCADE"), nullable=False),
    Column("begun", UtcTime, nullable=False),
    Column("latest", UtcTime, nullable=False),
    Index(None, "mentor"),
)

device = Table(
    "device",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of the cookie of a browser that signed in before
    Column("mentor", String(32), ForeignKey("mentor.id", ondelete="CASCADE"), nullable=False),
    Column("latest", UtcTime, nullable=False),
)

attempt = Table(
    "attempt",
    metadata,
    Column("key", String(100), primary_key=True),  # account, device or address that guesses
    Column("failures", Integer, nullable=False),
    Column("latest", UtcTime, nullable=False),
    Column("blocked_until", UtcTime, nullable=True),
)

verified = Table(
    "verified",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("changed", UtcTime, nullable=False),
    Column("country", String(2), nullable=True),
    Column("topic", String(20), nullable=True),
    Column("suspended_because", String(40), nullable=True),
    Index(None, "state"),
)

verified_version = Table(
    "verified_version",
    metadata,
    Column("answer", String(12), ForeignKey("verified.id", ondelete="CASCADE"), primary_key=True),
    Column("language", String(2), primary_key=True),
    Column("question", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("mentor", String(32), ForeignKey("mentor.id"), nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("office", Words, nullable=False),  # on whose authority, where no section says it; else empty
    Column("office_date", Date, nullable=True),
)

verified_citation = Table(
    "verified_citation",
    metadata,
    Column("answer", String(12), primary_key=True),
    Column("language", String(2), primary_key=True),
    Column("mark", Integer, primary_key=True, autoincrement=False),
    Column("section", String(200), nullable=False),
    Column("quoted_language", String(2), nullable=False),
    Column("quote", Words, nullable=False),
    Column("digest", String(64), nullable=False),  # of the section in all languages, when it was cited
    Column("passage", Words, nullable=False),  # as it read then, to show what has changed
    ForeignKeyConstraint(
        ["answer", "language"], ["verified_version.answer", "verified_version.language"], ondelete="CASCADE"
    ),
    Index(None, "section"),
)

verified_wording = Table(
    "verified_wording",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("answer", String(12), ForeignKey("verified.id", ondelete="CASCADE"), nullable=False),
    Column("language", String(2), nullable=False),
    Column("wording", Words, nullable=False),
    Column("conversation", String(32), nullable=True),  # whose words they are: they are erased together
    Column("turn", Integer, nullable=True),
    ForeignKeyConstraint(["conversation", "turn"], ["turn.conversation", "turn.number"], ondelete="CASCADE"),
    Index(None, "answer"),
    Index(None, "conversation", "turn"),
)

item = Table(
    "item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("opened", UtcTime, nullable=False),
    Column("language", String(2), nullable=False),
    Column("country", String(2), nullable=True),
    Column("topic", String(20), nullable=True),
    Column("alike", String(240), nullable=False),  # items with the same value are about the same
    Column("asked", Words, nullable=False),  # the question, folded, to be searched
    Column("conversation", String(32), nullable=True),
    Column("turn", Integer, nullable=True),
    Column("submission", String(64), ForeignKey("submission.code", ondelete="CASCADE"), nullable=True),
    Column("answer", String(12), ForeignKey("verified.id", ondelete="CASCADE"), nullable=True),
    Column("claimed_by", String(32), ForeignKey("mentor.id"), nullable=True),
    Column("claimed_until", UtcTime, nullable=True),
    Column("closed", UtcTime, nullable=True),
    ForeignKeyConstraint(["conversation", "turn"], ["turn.conversation", "turn.number"], ondelete="CASCADE"),
    CheckConstraint("(conversation IS NULL) = (turn IS NULL)", name="whole_link"),
    CheckConstraint("conversation IS NOT NULL OR submission IS NOT NULL OR answer IS NOT NULL", name="about_something"),
    Index(None, "state", "opened", "id"),
    Index(None, "opened", "id"),
    Index(None, "state", "country"),
    Index(None, "alike", "state", "opened", "id"),
    Index(None, "claimed_until"),
    Index(None, "conversation", "turn"),
    Index(None, "submission"),
    Index(None, "answer"),
    Index(None, "closed", "opened"),
    sqlite_autoincrement=True,  # a number that was given is never given again
)

item_why = Table(
    "item_why",
    metadata,
    Column("item", Integer, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("why", String(20), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("open", Boolean, nullable=False),  # whether its item is, so that open ones are counted without reading items
    Index(None, "open", "why"),
    Index(None, "why", "at", "item"),
)

item_event = Table(
    "item_event",
    metadata,
    Column("item", Integer, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(32), nullable=False),  # a mentor's id, ``program`` or ``student``
    Column("action", String(20), nullable=False),
    Column("details", Data, nullable=False),
)

review = Table(
    "review",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item", Integer, ForeignKey("item.id", ondelete="CASCADE"), nullable=False),
    Column("mentor", String(32), ForeignKey("mentor.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("decision", String(20), nullable=False),
    Column("reasons", Data, nullable=False),
    Column("note", Words, nullable=False),
    Column("answer", String(12), ForeignKey("verified.id", ondelete="SET NULL"), nullable=True),
    Index(None, "item"),
    Index(None, "at"),
    sqlite_autoincrement=True,  # a number that was given is never given again
)

judgement = Table(
    "judgement",
    metadata,
    Column("item", Integer, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("mentor", String(32), ForeignKey("mentor.id"), primary_key=True),
    Column("verdict", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
)

lesson = Table(
    "lesson",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("submission", String(64), ForeignKey("submission.code", ondelete="CASCADE"), nullable=False, unique=True),
    Column("language", String(2), nullable=False),
    Column("content", Data, nullable=False),  # the story's fields as they are published
    Column("place", String(20), nullable=False),  # how exactly country, university and year are told
    Column("alike", Integer, nullable=False),  # how many people it could be of, when it was published
    Column("mentor", String(32), ForeignKey("mentor.id"), nullable=False),
    Column("published", UtcTime, nullable=False),
)

rejection = Table(
    "rejection",
    metadata,
    Column("submission", String(64), ForeignKey("submission.code", ondelete="CASCADE"), primary_key=True),
    Column("mentor", String(32), ForeignKey("mentor.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reasons", Data, nullable=False),
    Column("note", Words, nullable=False),  # to the author
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission", String(64), ForeignKey("submission.code", ondelete="CASCADE"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("mentor", String(32), ForeignKey("mentor.id"), nullable=True),  # None: the author wrote it
    Column("text", Words, nullable=False),
    Index(None, "submission"),
)

publication = Table(
    "publication",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("number", Integer, nullable=False),  # grows whenever what the index must hold has changed
)
