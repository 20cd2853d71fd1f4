"""What mentors decide about items of the queue, and the verified answers that come of it.

A decision is one transaction: the review, the judgement, the verified answer and the end of the item stand together or
not at all. A reply of the random sample is judged by two mentors, and neither sees what the other thought before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from assistant.errors import ClaimError
from assistant.records import verified_rows as rows
from assistant.records.database import Database
from assistant.records.flaws import MARK
from assistant.records.items import Decision, Item, ItemState, ReviewReason, Verdict, Why
from assistant.records.listing import alike_of
from assistant.records.ports import TurnKey
from assistant.records.publishing import AnswerState, WrittenVersion
from assistant.records.queue import MOST_AT_ONCE, Queue, refuse_elsewhere
from assistant.records.schema import item, item_why, judgement, review, turn, verified
from assistant.records.verified import VerifiedAnswers

OPINIONS = 2
"""Mentors who judge a reply of the sample."""


class Judged(StrEnum):
    """What a mentor thinks of a reply."""

    RIGHT = "right"
    INCOMPLETE = "incomplete"
    WRONG = "wrong"


USUAL: Mapping[Decision, Judged] = {
    Decision.APPROVED: Judged.RIGHT,
    Decision.EDITED: Judged.INCOMPLETE,
    Decision.REPLACED: Judged.WRONG,
    Decision.MISSING: Judged.INCOMPLETE,
}
"""What a decision says about the reply, unless the mentor says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What goes with a decision.

    Attributes:
        judged: What the mentor thinks of the reply; None for what the decision usually means.
        reasons: What was wrong.
        note: In the mentor's words.
        alike: Whether it holds for whatever else the mentor holds that is about the same.
    """

    judged: Judged | None = None
    reasons: tuple[ReviewReason, ...] = ()
    note: str = ""
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision.

    Attributes:
        answer: Id of the verified answer; empty if there is none.
        closed: The items that it closed.
        waiting: The items that stay open: for another mentor's opinion, or because the base lacks something.
    """

    answer: str
    closed: tuple[int, ...]
    waiting: tuple[int, ...]


class Reviews:
    """The mentors' decisions in a database."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Keep them in ``database``; ``clock`` tells the time, with its zone."""
        self._database, self._clock = database, clock
        self._queue, self._answers = Queue(database, clock), VerifiedAnswers(database, clock)

    def approve(self, id: int, mentor: str, versions: Sequence[WrittenVersion], ruling: Ruling = Ruling()) -> Decided:
        """Make the reply as it stands a verified answer, with its own quotes.

        Args:
            id: The item.
            mentor: Id of the mentor, who holds it.
            versions: The reply's text and quotes in its language, and versions in other languages, if any. Paragraphs
                without a mark, such as the notes around a reply, may be left out.
            ruling: What goes with it.

        Raises:
            ClaimError: If the mentor does not hold the item.
            ValueError: If no version is the reply as it stands.
        """
        with self._database.writing() as connection:
            said, earlier = _reply(connection, id), _earlier(connection, id)
            if not any(_is_reply(said, version) or _is_of(earlier, version) for version in versions):
                raise ValueError(f"item {id} is approved with other words than its reply's; edit it instead")
            return self._answered(connection, id, mentor, Decision.APPROVED, versions, ruling)

    def edit(self, id: int, mentor: str, versions: Sequence[WrittenVersion], ruling: Ruling = Ruling()) -> Decided:
        """Make the reply, as the mentor mended it, a verified answer.

        Raises:
            ClaimError: If the mentor does not hold the item.
            ValueError: If there is no version, or a language stands twice.
        """
        with self._database.writing() as connection:
            return self._answered(connection, id, mentor, Decision.EDITED, versions, ruling)

    def replace(self, id: int, mentor: str, versions: Sequence[WrittenVersion], ruling: Ruling = Ruling()) -> Decided:
        """Make what the mentor wrote anew a verified answer.

        Raises:
            ClaimError: If the mentor does not hold the item.
            ValueError: If there is no version, or a language stands twice.
        """
        with self._database.writing() as connection:
            return self._answered(connection, id, mentor, Decision.REPLACED, versions, ruling)

    def missing(self, id: int, mentor: str, ruling: Ruling, *, closes: bool) -> Decided:
        """Say what the knowledge base lacks; no answer comes of it yet.

        Args:
            id: The item.
            mentor: Id of the mentor, who holds it.
            ruling: What goes with it; its note says what is missing.
            closes: Whether the items are done with; else they stay open, and the mentor holds them still.

        Raises:
            ClaimError: If the mentor does not hold the item.
            ValueError: If the note is empty.
        """
        if not ruling.note.strip():
            raise ValueError(f"item {id}: the note is empty; say what the knowledge base lacks")
        said = replace(ruling, reasons=ruling.reasons or (ReviewReason.SOURCE_MISSING,))
        with self._database.writing() as connection:
            ids = self._held(connection, id, mentor, alike=ruling.alike)
            return self._close(connection, ids, mentor, Decision.MISSING, said, "", closes=closes)

    def judged(self, id: int, mentor: str) -> Judged | None:
        """Return what a mentor thought of an item's reply; None if they have not said."""
        query = select(judgement.c.verdict).where(judgement.c.item == id, judgement.c.mentor == mentor)
        with self._database.reading() as connection:
            found = connection.scalar(query)
        return Judged(found) if found else None

    def _answered(
        self,
        connection: Connection,
        id: int,
        mentor: str,
        decision: Decision,
        versions: Sequence[WrittenVersion],
        ruling: Ruling,
    ) -> Decided:
        """Make the verified answer of an item, or mend the one that another opinion made, and close the items."""
        ids = self._held(connection, id, mentor, alike=ruling.alike)
        asked = _turns(connection, ids)
        earlier = _earlier(connection, id)
        if earlier is None:
            about = connection.execute(select(item.c.country, item.c.topic).where(item.c.id == id)).one()
            country, topic = about.country or "", about.topic or ""
            answer = self._answers.make_within(connection, versions, mentor, country=country, topic=topic, asked=asked)
        else:
            answer = earlier.answer.id
            stands = decision is Decision.APPROVED and earlier.answer.state is AnswerState.ACTIVE
            changed = () if stands else versions
            self._answers.change_within(connection, earlier, changed, mentor, asked)
        return self._close(connection, ids, mentor, decision, ruling, answer)

    def _close(
        self,
        connection: Connection,
        ids: Collection[int],
        mentor: str,
        decision: Decision,
        ruling: Ruling,
        answer: str,
        *,
        closes: bool = True,
    ) -> Decided:
        """Write review and judgement of each item, and close those that wait for nobody else."""
        verdict = Verdict(decision=decision, reasons=ruling.reasons, note=ruling.note, answer=answer or None)
        waiting = []
        for each in ids:
            self._judge(connection, each, mentor, ruling.judged or USUAL[decision])
            needs_other = _needs_opinion(connection, each)
            is_open = needs_other or not closes
            state = ItemState.OPEN if is_open else ItemState.RESOLVED
            self._queue.close(connection, each, mentor, state, verdict)
            if is_open:
                waiting.append(each)
            if needs_other:
                free = {"claimed_by": None, "claimed_until": None}
                connection.execute(update(item).where(item.c.id == each).values(**free))
        return Decided(answer, tuple(each for each in ids if each not in waiting), tuple(waiting))

    def _judge(self, connection: Connection, id: int, mentor: str, judged: Judged) -> None:
        """Keep what a mentor thinks of an item's reply, instead of what they thought before; no reply, no judgement."""
        if _reply(connection, id) is None:
            return
        connection.execute(delete(judgement).where(judgement.c.item == id, judgement.c.mentor == mentor))
        row = {"item": id, "mentor": mentor, "verdict": judged.value, "at": self._clock()}
        connection.execute(insert(judgement).values(**row))

    def _held(self, connection: Connection, id: int, mentor: str, *, alike: bool) -> tuple[int, ...]:
        """Return the item, first, and those about the same, all held by the mentor.

        Raises:
            ClaimError: If the mentor does not hold the item, or it is decided on another page.
        """
        refuse_elsewhere(connection, id)
        is_held = (item.c.claimed_by == mentor) & (item.c.claimed_until > self._clock())
        chosen = item.c.alike == alike_of(id) if alike else item.c.id == id
        query = select(item.c.id).where(is_held, item.c.state == ItemState.OPEN.value, chosen)
        found = connection.scalars(query.order_by(item.c.id != id, item.c.opened, item.c.id).limit(MOST_AT_ONCE)).all()
        if id not in found:
            raise ClaimError(f"item {id!r} is not held by this mentor; claim it, then decide")
        return tuple(found)


def is_second(found: Item, mentor: str) -> bool:
    """Return whether a mentor is yet to judge a reply of the sample that another has judged."""
    by_others = [each.mentor != mentor for each in found.reviews]
    is_sample = found.row.state is ItemState.OPEN and Why.SAMPLE in found.row.whys
    return is_sample and bool(by_others) and all(by_others)


def shown(found: Item, mentor: str) -> Item:
    """Return an item as a mentor may see it: without what others thought of a reply that they are yet to judge."""
    if not is_second(found, mentor):
        return found
    history = tuple(replace(each, details={}) if each.action == "reviewed" else each for each in found.history)
    return replace(found, reviews=(), history=history)


def _reply(connection: Connection, id: int) -> Mapping[str, Any] | None:
    """Return the reply that an item is about; None if it is about none."""
    is_it = (turn.c.conversation == item.c.conversation) & (turn.c.number == item.c.turn)
    found: Mapping[str, Any] | None = connection.scalar(select(turn.c.reply).join(item, is_it).where(item.c.id == id))
    return found


def _is_reply(reply: Mapping[str, Any] | None, version: WrittenVersion) -> bool:
    """Return whether a version has text and quotes of a reply, letter for letter."""
    if reply is None or reply.get("language") != version.language or not _holds(_text(reply), version.text.strip()):
        return False
    names = ("mark", "section", "language", "quote")
    quotes = [tuple(each.get(name) for name in names) for each in reply.get("citations", ())]
    return quotes == [tuple(getattr(each, name) for name in names) for each in version.citations]


def _is_of(earlier: rows.Entry | None, version: WrittenVersion) -> bool:
    """Return whether a version reads as the answer that students got."""
    known = earlier.answer.version(version.language) if earlier else None
    return known is not None and known.text == version.text.strip()


def _holds(text: str, part: str) -> bool:
    """Return whether a text is another one with further paragraphs, which bear no mark."""
    wanted = part.split("\n\n")
    at = 0
    for paragraph in text.split("\n\n"):
        if at < len(wanted) and paragraph == wanted[at]:
            at += 1
        elif MARK.search(paragraph):
            return False
    return at == len(wanted)


def _text(reply: Mapping[str, Any]) -> str:
    return str(reply.get("text", "")).strip()


def _turns(connection: Connection, ids: Collection[int]) -> list[TurnKey]:
    query = select(item.c.conversation, item.c.turn).where(item.c.id.in_(ids), item.c.conversation.is_not(None))
    return [TurnKey(row.conversation, row.turn) for row in connection.execute(query.order_by(item.c.id))]


def _earlier(connection: Connection, id: int) -> rows.Entry | None:
    """Return the answer that came of an item before, or was the reply that it is about, unless it is retired."""
    made = select(review.c.answer).where(review.c.item == id, review.c.answer.is_not(None))
    given, lives = (_reply(connection, id) or {}).get("verified"), verified.c.state != AnswerState.RETIRED.value
    found = rows.read(connection, or_(verified.c.id.in_(made), verified.c.id == str(given or "")), lives)
    return min(found, key=lambda each: each.answer.id != given, default=None)


def _needs_opinion(connection: Connection, id: int) -> bool:
    """Return whether another mentor has yet to judge an item of the sample."""
    is_sample = select(item_why.c.item).where(item_why.c.item == id, item_why.c.why == Why.SAMPLE.value)
    count = select(func.count()).where(judgement.c.item == id)
    return connection.scalar(is_sample) is not None and (connection.scalar(count) or 0) < OPINIONS
