"""What mentors and the author of a story write to each other; the author is known by the story's code alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection, RowMapping, func, insert, select

from assistant.knowledge.cleaning import clean
from assistant.records.audit import note
from assistant.records.database import Database
from assistant.records.filing import file_submission
from assistant.records.mentors import Mentor
from assistant.records.schema import lesson, mentor, message, rejection, submission
from assistant.records.store import code_digest
from assistant.records.stories import Against, Message, Objection, Rejection, StoryReason, StoryState
from assistant.records.submissions import LONGEST_TEXT, SubmissionKind

MOST_MESSAGES = 40
"""Messages about one story, those of both sides together."""

MOST_ANSWERS = 5
"""Messages of an author in a row; after that a mentor has to read them first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStory:
    """What somebody who has the code sees of what they sent.

    Attributes:
        kind: What was sent; only a story has more than its date.
        received: When, in UTC.
        state: What became of a story; ``since`` is since when, in UTC.
        rejection: Why it is not published; None unless it was rejected.
        messages: Oldest first.
    """

    kind: SubmissionKind
    received: datetime
    state: StoryState
    since: datetime
    rejection: Rejection | None = None
    messages: tuple[Message, ...] = ()

    @property
    def may_answer(self) -> bool:
        """Whether the author may write: somebody has asked, and waits for an answer or for more of it."""
        return not _against_answer(self.messages)


class OwnStories(Protocol):
    """What tells authors what became of their story. Every method may raise ``RecordError``."""

    def own(self, code: str) -> OwnStory | None:
        """Return what was sent with this code; None if there is nothing."""

    def answer(self, code: str, text: str) -> tuple[Objection, ...]:
        """Write to the mentors; return what speaks against it, nothing if it was done."""


def _now() -> datetime:
    return datetime.now(UTC)


class Messages:
    """The messages about stories in a database; they are erased with their story."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        """Keep them in ``database``; ``clock`` tells the time, with its zone."""
        self._database, self._clock = database, clock

    def ask(self, story: str, asker: Mentor, text: str) -> tuple[Objection, ...]:
        """Write to the author of a story, who reads it when they enter their code.

        Args:
            story: Digest of the story's code.
            asker: Who asks.
            text: At most ``LONGEST_TEXT`` characters.

        Returns:
            What speaks against it; nothing if it was done.
        """
        with self._database.writing() as connection:
            if kind_of(connection, story) is not SubmissionKind.EXPERIENCE:
                return (Objection(Against.GONE),)
            known = messages_of(connection, story)
            if against := _against_text(text) or _against_more(known):
                return against
            self._add(connection, story, text, asker.id)
            note(connection, asker.id, "ask", f"submission {story}", {"messages": len(known) + 1})
        return ()

    def answer(self, code: str, text: str) -> tuple[Objection, ...]:
        """Write to the mentors; the story's item comes back into their queue."""
        digest = code_digest(code)
        with self._database.writing() as connection:
            if digest is None or kind_of(connection, digest) is not SubmissionKind.EXPERIENCE:
                return (Objection(Against.GONE),)
            if against := _against_text(text) or _against_answer(messages_of(connection, digest)):
                return against
            self._add(connection, digest, text, None)
            file_submission(connection, digest, self._clock())
        return ()

    def own(self, code: str) -> OwnStory | None:
        """Return what was sent with a code, typed as carelessly as for withdrawing."""
        digest = code_digest(code)
        if digest is None:
            return None
        with self._database.reading() as connection:
            columns = (submission.c.kind, submission.c.received, lesson.c.published)
            query = select(*columns).outerjoin(lesson, lesson.c.submission == submission.c.code)
            row = connection.execute(query.where(submission.c.code == digest)).mappings().first()
            if row is None:
                return None
            return _own(row, rejection_of(connection, digest), messages_of(connection, digest))

    def _add(self, connection: Connection, story: str, text: str, asker: str | None) -> None:
        row = {"submission": story, "at": self._clock(), "mentor": asker, "text": clean(text).strip()}
        connection.execute(insert(message).values(**row))


def messages_of(connection: Connection, story: str) -> tuple[Message, ...]:
    """Return the messages about a story, oldest first."""
    columns = (message.c.at, func.coalesce(mentor.c.name, "").label("name"), message.c.text)
    query = select(*columns).outerjoin(mentor, mentor.c.id == message.c.mentor).where(message.c.submission == story)
    return tuple(Message(*row) for row in connection.execute(query.order_by(message.c.id)))


def rejection_of(connection: Connection, story: str) -> Rejection | None:
    """Return why a story is not published; None if nobody has decided so."""
    row = connection.execute(select(rejection).where(rejection.c.submission == story)).first()
    return Rejection(row.mentor, row.at, tuple(map(StoryReason, row.reasons)), row.note) if row else None


def kind_of(connection: Connection, digest: str) -> SubmissionKind | None:
    """Return what was sent; None if there is nothing."""
    kind = connection.scalar(select(submission.c.kind).where(submission.c.code == digest))
    return SubmissionKind(kind) if kind else None


def _own(row: RowMapping, rejected: Rejection | None, messages: tuple[Message, ...]) -> OwnStory:
    state, since = StoryState.WAITING, row["received"]
    if row["published"]:
        state, since = StoryState.PUBLISHED, row["published"]
    elif rejected:
        state, since = StoryState.REJECTED, rejected.at
    return OwnStory(
        kind=SubmissionKind(row["kind"]),
        received=row["received"],
        state=state,
        since=since,
        rejection=rejected if state is StoryState.REJECTED else None,
        messages=messages,
    )


def _against_text(text: str) -> tuple[Objection, ...]:
    cleaned = clean(text).strip()
    if not cleaned:
        return (Objection(Against.EMPTY, "text"),)
    return (Objection(Against.TOO_LONG, "text"),) if len(cleaned) > LONGEST_TEXT else ()


def _against_more(known: tuple[Message, ...]) -> tuple[Objection, ...]:
    return (Objection(Against.TOO_MANY, "text"),) if len(known) >= MOST_MESSAGES else ()


def _against_answer(known: tuple[Message, ...]) -> tuple[Objection, ...]:
    newest = known[-MOST_ANSWERS:]
    is_heard = any(each.mentor for each in newest)  # asked at all, and not only answered since
    return _against_more(known) if is_heard else (Objection(Against.TOO_MANY, "text"),)
