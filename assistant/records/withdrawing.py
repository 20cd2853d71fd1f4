"""What goes with what was sent: lessons leave the index and the replies that quote them, items leave the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, select, update

from assistant.knowledge.published import TOLD
from assistant.records.audit import note
from assistant.records.filing import add_event, reopen, why_of
from assistant.records.items import ItemState, Why
from assistant.records.ports import TurnKey
from assistant.records.publishing import grow
from assistant.records.schema import item, item_why, lesson, submission, turn


def withdraw(connection: Connection, digest: str) -> str | None:
    """Erase what was sent, in a writing transaction; return its kind, None if there is nothing with that digest.

    The item of the turn that it was about is closed if nothing else asks for a mentor there.
    """
    before_withdrawal(connection, digest)
    own = delete(submission).where(submission.c.code == digest)
    gone = connection.execute(own.returning(*submission.c)).first()
    if gone is None:
        return None
    if gone.conversation is not None and (why := why_of(gone)):
        _leave_queue(connection, TurnKey(gone.conversation, gone.turn), why, datetime.now(UTC))
    return str(gone.kind)


def _leave_queue(connection: Connection, about: TurnKey, why: Why, now: datetime) -> None:
    """Take a reason from the open item of a turn if nothing that was sent gives it any more; close it without one."""
    of_turn = submission.c.conversation == about.conversation, submission.c.turn == about.number
    is_it = item.c.conversation == about.conversation, item.c.turn == about.number
    number = connection.scalar(select(item.c.id).where(*is_it, item.c.state == ItemState.OPEN.value))
    if number is None or why in map(why_of, connection.execute(select(submission).where(*of_turn))):
        return
    whys = connection.scalars(select(item_why.c.why).where(item_why.c.item == number)).all()
    if set(whys) - {why}:
        connection.execute(delete(item_why).where(item_why.c.item == number, item_why.c.why == why.value))
        return
    closed = {"state": ItemState.DECLINED.value, "closed": now, "claimed_by": None, "claimed_until": None}
    connection.execute(update(item).where(item.c.id == number).values(**closed))
    connection.execute(update(item_why).where(item_why.c.item == number).values(open=False))
    add_event(connection, number, "student", "declined", {}, now)


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
