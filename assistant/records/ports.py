"""What keeps conversations and the audit trail: the protocols and their values. ``store.Submissions`` is the third.

Every method may raise ``RecordError``. All are safe for threads and processes at once, and what a method has returned
from is on the disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from assistant.types import Language

Details = Mapping[str, str | int]
"""What an audit row says about a deed: counts and names, never what somebody wrote."""


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """What a student's page needs to go on with a conversation.

    Attributes:
        id: 128 random bits in hexadecimal; whoever knows it can add turns.
        code: The code with which the student erases it; only its hash is stored, so it is told once.
    """

    id: str
    code: str


@dataclass(frozen=True, slots=True)
class TurnKey:
    """Which turn something is about: its conversation's id, and its number from 1."""

    conversation: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One question with what was replied, and with what.

    Attributes:
        question: As it was asked.
        reply: As ``contract.reply_json`` writes it; None if there was none.
        generation: Digest of the index that was searched.
        settings: Digest of the settings.
        version: Version of the program.
        language: Language of question and reply; None for that of the reply.
        country: ISO 3166-1 alpha-2 code of the country that the question is about; empty if it is about none.
    """

    question: str
    reply: Mapping[str, Any] | None
    generation: str
    settings: str
    version: str
    language: Language | None = None
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTurn(Said):
    """A turn to be recorded.

    Attributes:
        doubtful: Whether it was answered on so little support that a mentor should look at it.
    """

    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTurn(Said):
    """A turn as it was recorded.

    Attributes:
        number: Its place in the conversation, from 1.
        created: When it was recorded, in UTC.
    """

    number: int
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationHead:
    """A conversation without its turns.

    Attributes:
        id: As in its key.
        language: Language of the page.
        page: Where it was held: ``chat``, ``api``.
        begun: When it began, in UTC.
        latest: When its last turn was recorded, in UTC; ``begun`` without turns.
        turns: How many turns it has.
    """

    id: str
    language: Language
    page: str
    begun: datetime
    latest: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A conversation with its turns, oldest first."""

    head: ConversationHead
    turns: tuple[RecordedTurn, ...]


class Conversations(Protocol):
    """What keeps what was asked and replied."""

    def begin(self, language: Language, page: str) -> ConversationKey:
        """Begin a conversation."""

    def record(self, id: str, said: NewTurn) -> int | None:
        """Add a turn and return its number; None if there is no such conversation, or it has been erased."""

    def read(self, id: str) -> ConversationRecord | None:
        """Return a conversation; None if there is none."""

    def erase(self, code: str) -> bool:
        """Erase the conversation with this code for good, with its turns and all that was sent about them.

        The code may be typed as carelessly as that of a submission. Returns whether there was one.
        """

    def recent(self, limit: int, before: ConversationHead | None = None) -> tuple[ConversationHead, ...]:
        """Return at most ``limit`` conversations, newest first; those that began before ``before``, if given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A row of the audit trail.

    Attributes:
        number: 1, 2, 3 …
        at: When, in UTC.
        actor: Who did it: ``student``, ``program``, ``operator``, or a mentor's id.
        action: What was done: ``erase``, ``withdraw``, ``expire`` …
        subject: To which record; its id, or a kind of record.
        details: Counts and names.
        previous: Hash of the row before.
        hash: Hash of this one.
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Details
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How far an audit trail can be trusted.

    Attributes:
        rows: How many rows hang together from the first.
        newest: Hash of the last of them.
        broken: Number of the first row that does not; None if all do.
    """

    rows: int
    newest: str
    broken: int | None = None


class Audit(Protocol):
    """What keeps who did what, in rows that nobody can change unnoticed."""

    def note(self, actor: str, action: str, subject: str, details: Details | None = None) -> AuditEntry:
        """Add a row and return it."""

    def verify(self) -> Verified:
        """Follow the chain from the first row to the last."""

    def entries(self, *, after: int = 0, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return at most ``limit`` rows whose numbers are greater than ``after``, in order."""
