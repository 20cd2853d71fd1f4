"""The mentors' queue: who looks at what, so that no two answer the same, and how each item ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, update

from assistant.errors import ClaimError
from assistant.records import listing
from assistant.records.audit import note as audit_note
from assistant.records.database import Database
from assistant.records.filing import add_event, reopen
from assistant.records.items import (
    Counts,
    Decision,
    Done,
    Item,
    ItemPage,
    ItemState,
    Place,
    Refusal,
    ReviewReason,
    Verdict,
    Wanted,
)
from assistant.records.ports import Details
from assistant.records.schema import item, item_why, review, submission
from assistant.records.submissions import SubmissionKind

CLAIM = timedelta(minutes=30)
"""How long an item is held after it was claimed or its form was opened; then it is free again."""

MOST_AT_ONCE = 500
"""Items about the same that are claimed or closed together."""


def _now() -> datetime:
    return datetime.now(UTC)


class Queue:
    """The queue in a database. Who holds an item may close it, and nobody else.

    Every deed is one transaction with its line in the item's history and its row in the audit trail.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        """Keep the queue of ``database``; ``clock`` tells the time, with its zone."""
        self._database, self._clock = database, clock

    def page(self, wanted: Wanted, after: Place | None = None, limit: int = 50) -> ItemPage:
        """Return at most ``limit`` (1 to 200) items that are wanted, those behind ``after`` if given."""
        with self._database.reading() as connection:
            return listing.page(connection, wanted, self._clock(), after, limit)

    def counts(self) -> Counts:
        """Return how many items there are."""
        with self._database.reading() as connection:
            return listing.counts(connection, self._clock())

    def item(self, id: int) -> Item | None:
        """Return everything about an item; None if there is none, or it was erased with what it was about."""
        with self._database.reading() as connection:
            return listing.read(connection, id, self._clock())

    def claim(self, id: int, mentor: str, *, alike: bool = False) -> Done | Refusal:
        """Hold an item for ``CLAIM``, or hold it for as long again.

        Args:
            id: The item.
            mentor: Id of the mentor.
            alike: Whether the open items about the same are held, too, as far as nobody else holds them.
        """
        now = self._clock()
        with self._database.writing() as connection:
            if refusal := _refusal(connection, id, mentor, now):
                return refusal
            ids = _group(connection, id, mentor, now) if alike else (id,)
            fresh = tuple(each for each in ids if not _is_held(connection, each, mentor, now))
            held = {"claimed_by": mentor, "claimed_until": now + CLAIM}
            connection.execute(update(item).where(item.c.id.in_(ids)).values(**held))
            _tell(connection, fresh, mentor, "claimed", {}, now)
        return Done(ids, now + CLAIM)

    def release(self, id: int, mentor: str, *, alike: bool = False) -> Done | Refusal:
        """Give an item back, and with ``alike`` whatever else the mentor holds that is about the same."""
        now = self._clock()
        with self._database.writing() as connection:
            if not _is_held(connection, id, mentor, now):
                return _refusal(connection, id, mentor, now) or Refusal.NOT_HELD
            ids = _held_alike(connection, id, mentor, now) if alike else (id,)
            free = {"claimed_by": None, "claimed_until": None}
            connection.execute(update(item).where(item.c.id.in_(ids)).values(**free))
            _tell(connection, ids, mentor, "released", {}, now)
        return Done(ids)

    def close(
        self, connection: Connection, id: int, mentor: str, state: ItemState, verdict: Verdict, *, alike: bool = False
    ) -> Done:
        """Write the review of an item and close it, in the caller's transaction.

        Args:
            connection: In a writing transaction.
            id: The item.
            mentor: Id of the mentor, who holds it.
            state: ``resolved`` or ``declined``; with ``open`` the review is written, and the item stays as it is.
            verdict: What the mentor decided.
            alike: Whether it holds for whatever else the mentor holds that is about the same.

        Raises:
            ClaimError: If the mentor does not hold the item, or it is closed.
        """
        now = self._clock()
        if not _is_held(connection, id, mentor, now):
            raise ClaimError(f"item {id!r} is not held by this mentor; claim it, then close it")
        ids = _held_alike(connection, id, mentor, now) if alike else (id,)
        _write_reviews(connection, ids, mentor, verdict, now)
        if state is not ItemState.OPEN:
            closed = {"state": state.value, "closed": now, "claimed_by": None, "claimed_until": None}
            connection.execute(update(item).where(item.c.id.in_(ids)).values(**closed))
            connection.execute(update(item_why).where(item_why.c.item.in_(ids)).values(open=False))
            _forget_contacts(connection, ids)
        _tell(connection, ids, mentor, _ACTIONS[state], _told(verdict), now)
        return Done(ids)

    def decline(
        self, id: int, mentor: str, reasons: Sequence[ReviewReason], note: str = "", *, alike: bool = False
    ) -> Done:
        """Close an item that will not be answered.

        Raises:
            ClaimError: If the mentor does not hold the item, or it is decided on another page.
            ValueError: If there is no reason.
        """
        verdict = Verdict(decision=Decision.DECLINED, reasons=tuple(reasons), note=note)
        with self._database.writing() as connection:
            refuse_elsewhere(connection, id)
            return self.close(connection, id, mentor, ItemState.DECLINED, verdict, alike=alike)

    def reopen(self, id: int, mentor: str) -> Done | Refusal:
        """Open a closed item again; nobody holds it then."""
        now = self._clock()
        with self._database.writing() as connection:
            row = _find(connection, id)
            if row is None:
                return Refusal.GONE
            if row["state"] == ItemState.OPEN:
                return Refusal.STILL_OPEN
            reopen(connection, id, now)
            _tell(connection, (id,), mentor, "reopened", {}, now)
        return Done((id,))


_DEEDS = {"claimed": "claim", "released": "release", "reviewed": "review", "resolved": "resolve",
          "declined": "decline", "reopened": "reopen"}  # fmt: skip
"""What the audit trail calls what the history of an item calls so."""

_ACTIONS = {ItemState.OPEN: "reviewed", ItemState.RESOLVED: "resolved", ItemState.DECLINED: "declined"}


def refuse_elsewhere(connection: Connection, id: int) -> None:
    """Refuse to close the item of a story or a verified answer by itself: what it is about would wait unseen for ever.

    Raises:
        ClaimError: If it is such an item.
    """
    is_story = (submission.c.code == item.c.submission) & (submission.c.kind == SubmissionKind.EXPERIENCE.value)
    elsewhere = or_(item.c.answer.is_not(None), select(submission.c.code).where(is_story).exists())
    if connection.scalar(select(item.c.id).where(item.c.id == id, elsewhere)) is not None:
        raise ClaimError(f"item {id!r} is about a story or a verified answer; decide on the page of that")


def _find(connection: Connection, id: int) -> RowMapping | None:
    query = select(item.c.state, item.c.claimed_by, item.c.claimed_until).where(item.c.id == id)
    return connection.execute(query).mappings().first()


def _refusal(connection: Connection, id: int, mentor: str, now: datetime) -> Refusal | None:
    """Return why a mentor cannot hold an item; None if they can, or do."""
    row = _find(connection, id)
    if row is None:
        return Refusal.GONE
    if row["state"] != ItemState.OPEN:
        return Refusal.CLOSED
    is_others = (
        row["claimed_by"] not in {None, mentor} and row["claimed_until"] is not None and row["claimed_until"] > now
    )
    return Refusal.HELD if is_others else None


def _is_held(connection: Connection, id: int, mentor: str, now: datetime) -> bool:
    row = _find(connection, id)
    if row is None or row["state"] != ItemState.OPEN or row["claimed_until"] is None:
        return False
    return bool(row["claimed_by"] == mentor and row["claimed_until"] > now)


def _group(connection: Connection, id: int, mentor: str, now: datetime) -> tuple[int, ...]:
    """Return the item and the open ones about the same that the mentor can hold."""
    is_free = or_(item.c.claimed_by.is_(None), item.c.claimed_by == mentor, item.c.claimed_until <= now)
    return _alike(connection, id, is_free)


def _held_alike(connection: Connection, id: int, mentor: str, now: datetime) -> tuple[int, ...]:
    """Return the item and the open ones about the same that the mentor holds."""
    return _alike(connection, id, item.c.claimed_by == mentor, item.c.claimed_until > now)


def _alike(connection: Connection, id: int, *conditions: ColumnElement[bool]) -> tuple[int, ...]:
    is_alike = item.c.alike == listing.alike_of(id)
    query = select(item.c.id).where(is_alike, item.c.state == ItemState.OPEN.value, item.c.id != id, *conditions)
    return (id, *connection.scalars(query.order_by(item.c.opened, item.c.id).limit(MOST_AT_ONCE - 1)))


def _write_reviews(connection: Connection, ids: Sequence[int], mentor: str, verdict: Verdict, now: datetime) -> None:
    row = {"mentor": mentor, "at": now, "decision": verdict.decision.value, "note": verdict.note,
           "answer": verdict.answer, "reasons": [reason.value for reason in verdict.reasons]}  # fmt: skip
    connection.execute(insert(review), [{"item": each, **row} for each in ids])


def _forget_contacts(connection: Connection, ids: Sequence[int]) -> None:
    """Erase how the students of these items can be reached: it is kept until their question is answered."""
    of_turn = (submission.c.conversation == item.c.conversation) & (submission.c.turn == item.c.turn)
    asked = select(submission.c.code, submission.c.content).join(
        item, of_turn | (submission.c.code == item.c.submission)
    )
    questions = asked.where(item.c.id.in_(ids), submission.c.kind == SubmissionKind.QUESTION.value)
    for row in connection.execute(questions).all():
        bare = {**row.content, "contact": "", "consent": False, "consent_version": ""}
        if bare != row.content:
            own = update(submission).where(submission.c.code == row.code)
            connection.execute(own.values(content=bare, consent_version=""))


def _told(verdict: Verdict) -> Details:
    """Return what the history tells of a decision: no word that somebody wrote."""
    reasons = ", ".join(verdict.reasons)
    told = {"decision": verdict.decision.value, "reasons": reasons, "answer": verdict.answer or ""}
    return {name: value for name, value in told.items() if value}


def _tell(connection: Connection, ids: Sequence[int], mentor: str, action: str, details: Details, at: datetime) -> None:
    """Write a deed into the history of each item, and into the audit trail if there was any."""
    for each in ids:
        add_event(connection, each, mentor, action, details, at)
    if ids:
        subject = f"item {ids[0]}" if len(ids) == 1 else f"items {', '.join(map(str, ids))}"
        audit_note(connection, mentor, _DEEDS[action], subject, details)
