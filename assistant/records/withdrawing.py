"""What becomes of a lesson when its story is erased or it is taken back: the index is told, and replies forget it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, select, update

from assistant.knowledge.published import TOLD
from assistant.records.audit import note
from assistant.records.filing import add_event, reopen
from assistant.records.publishing import grow
from assistant.records.schema import item, lesson, submission, turn


def before_withdrawal(connection: Connection, story: str) -> bool:
    """Tell the index that the lesson made of a story goes, in the transaction that erases both.

    Args:
        connection: In a writing transaction; lesson and messages go with the story, by their foreign keys.
        story: Digest of its code.

    Returns:
        Whether there was a lesson.
    """
    made = connection.scalar(select(lesson.c.id).where(lesson.c.submission == story))
    if made is not None:
        forget_quotes(connection, story, made)
        grow(connection)
    return made is not None


def take_back(connection: Connection, id: str, by: str, reason: str, at: datetime | None = None) -> bool:
    """Take a lesson back, in a writing transaction; its story waits again, and its item is open.

    Args:
        connection: In a writing transaction.
        id: Of the lesson.
        by: Who does it, as the audit trail names them.
        reason: Why; it stands in the audit trail.
        at: When; now if not given.

    Returns:
        Whether there was such a lesson.
    """
    story, now = connection.scalar(select(lesson.c.submission).where(lesson.c.id == id)), at or datetime.now(UTC)
    if story is None:
        return False
    forget_quotes(connection, story, id)
    connection.execute(delete(lesson).where(lesson.c.id == id))
    details = {"submission": story, "reason": reason, "publication": grow(connection)}
    note(connection, by, "unpublish", f"lesson {id}", details)
    for number in connection.scalars(select(item.c.id).where(item.c.submission == story)).all():
        reopen(connection, number, now)
        add_event(connection, number, by, "reopened", {}, now)
    return True


def forget_quotes(connection: Connection, story: str, made: str) -> None:
    """Take out of the replies that others got, and out of what they sent about them, what a lesson told.

    A reply that quotes it loses its text, one that only came near it loses the passage.

    Args:
        connection: In a writing transaction.
        story: Digest of the story's code; no reply before it was sent can quote it.
        made: Id of the lesson.
    """
    document, since = f"{TOLD}/{made}", select(submission.c.received).where(submission.c.code == story)
    replies = select(turn.c.conversation, turn.c.number, turn.c.reply).where(
        turn.c.created >= since.scalar_subquery(), cast(turn.c.reply, Text).contains(document, autoescape=True)
    )
    for row in connection.execute(replies).all():
        own = (turn.c.conversation == row.conversation) & (turn.c.number == row.number)
        connection.execute(update(turn).where(own).values(reply=_without(row.reply, document)))
    sent = select(submission.c.code, submission.c.content).where(
        submission.c.received >= since.scalar_subquery(),
        cast(submission.c.content["sections"], Text).contains(document, autoescape=True),
    )
    for each in connection.execute(sent).all():
        left = [section for section in each.content["sections"] if section.partition("#")[0] != document]
        bare = {**each.content, "reply": "", "sections": left}
        connection.execute(update(submission).where(submission.c.code == each.code).values(content=bare))


def _without(reply: Mapping[str, Any], document: str) -> dict[str, Any]:
    """Return a reply without the passages of a document, and without its text if that quotes it."""
    parts = {name: reply.get(name) or [] for name in ("citations", "nearest")}
    left = {name: [each for each in every if each.get("document") != document] for name, every in parts.items()}
    is_quoted = len(left["citations"]) < len(parts["citations"])
    return {**reply, **left} | ({"text": ""} if is_quoted else {})
