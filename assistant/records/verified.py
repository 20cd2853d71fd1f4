"""Answers that mentors vouch for: what the next student gets until a section that they quote changes.

Every change is one transaction with its row in the audit trail, the number of the publication, and, where the answer
waited in the queue, the end of its item.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, select, update

from assistant.records import verified_rows as rows
from assistant.records.audit import note
from assistant.records.binding import Sections, bound
from assistant.records.database import Database
from assistant.records.items import Decision, ItemState, ReviewReason, Verdict
from assistant.records.ports import Details, TurnKey
from assistant.records.publishing import (
    AnswerState,
    Checked,
    CheckedVersion,
    SuspendedBecause,
    WrittenVersion,
    grow,
    number,
)
from assistant.records.queue import CLAIM, Queue
from assistant.records.schema import item, verified
from assistant.records.verified_rows import Entry
from assistant.types import LANGUAGES


class Unchanged(StrEnum):
    """Why an answer was left as it is."""

    GONE = "gone"
    RETIRED = "retired"
    NOT_SUSPENDED = "not_suspended"
    CHANGED = "changed"
    HELD = "held"
    QUOTE_GONE = "quote_gone"


class VerifiedAnswers:
    """Verified answers in a database."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Keep them in ``database``; ``clock`` tells the time, with its zone."""
        self._database, self._clock = database, clock
        self._queue = Queue(database, clock)

    def make(
        self, versions: Sequence[WrittenVersion], mentor: str, *, country: str = "", asked: Collection[TurnKey] = ()
    ) -> str:
        """Make an active answer and return its id.

        Args:
            versions: At least one, each in another language.
            mentor: Id of who vouches for it.
            country: ISO 3166-1 alpha-2 code of the country that it is about; empty if none.
            asked: Turns whose questions, masked, become wordings.

        Raises:
            ValueError: If there is no version, or a language stands twice.
        """
        with self._database.writing() as connection:
            return self.make_within(connection, versions, mentor, country=country, asked=asked)

    def make_within(
        self,
        connection: Connection,
        versions: Sequence[WrittenVersion],
        mentor: str,
        *,
        country: str = "",
        topic: str = "",
        asked: Collection[TurnKey] = (),
    ) -> str:
        """Do what ``make`` does in the caller's writing transaction; ``topic`` counts where nothing is cited."""
        spoken = _in_order(versions)
        made = rows.add(connection, spoken, mentor, self._clock(), country=country, about=topic or None)
        rows.add_asked(connection, made, asked)
        grow(connection)
        note(connection, mentor, "make", f"answer {made}", _told(spoken))
        return made

    def change(
        self,
        id: str,
        versions: Sequence[WrittenVersion],
        mentor: str,
        *,
        seen: datetime | None = None,
        forget: Collection[int] = (),
    ) -> Unchanged | None:
        """Put these versions in the place of all there are; a suspended answer is active again.

        A version that reads as before keeps who vouched for it and when, unless the answer was suspended.

        Args:
            id: The answer.
            versions: At least one, each in another language.
            mentor: Id of who vouches for what is new.
            seen: ``Entry.changed`` of the answer that the mentor saw; None if whatever happened since does not matter.
            forget: Ids of wordings to be removed.

        Returns:
            Why nothing was changed; None if it was.

        Raises:
            ValueError: If there is no version, or a language stands twice.
        """
        spoken = _in_order(versions)
        with self._database.writing() as connection:
            entry = _found(connection, id)
            refused = self._refusal(connection, entry, mentor, seen)
            if entry is None or refused:
                return refused
            rows.drop_versions(connection, id, [each.language for each in spoken])
            rows.remove_wordings(connection, id, forget)
            self.change_within(connection, entry, spoken, mentor, is_whole=True)
        return None

    def change_within(
        self,
        connection: Connection,
        entry: Entry,
        versions: Sequence[WrittenVersion],
        mentor: str,
        asked: Collection[TurnKey] = (),
        *,
        is_whole: bool = False,
    ) -> None:
        """Put versions in the place of those in their languages, in the caller's transaction.

        It is active then, unless it was suspended and a version is left that nobody has looked at again: that one is
        still bound to sections as they were, so the answer waits on, and its item stays open.

        Args:
            connection: In a writing transaction.
            entry: The answer.
            versions: What is put there, bound to the sections as they are.
            mentor: Id of who vouches for what is new.
            asked: Turns whose questions, masked, become wordings.
            is_whole: Whether these are all versions that the answer has now.
        """
        answer, now = entry.answer, self._clock()
        is_active = answer.state is AnswerState.ACTIVE
        fresh = [each for each in versions if not (is_active and _reads_as(answer.version(each.language), each))]
        rows.write_versions(connection, answer.id, fresh, mentor, now.date())
        for each in versions:
            rows.add_wordings(connection, answer.id, each)
        rows.add_asked(connection, answer.id, asked)
        rows.set_topic(connection, answer.id, versions)
        given = {each.language for each in versions}
        waits = not is_active and not is_whole and any(each.language not in given for each in answer.versions)
        state, because = (answer.state, entry.because) if waits else (AnswerState.ACTIVE, None)
        rows.set_state(connection, answer.id, state, now, because)
        grow(connection)
        note(connection, mentor, "change", f"answer {answer.id}", _told(fresh))
        if not waits:
            self._settle(connection, answer.id, mentor, Decision.EDITED)

    def retire(self, id: str, mentor: str, *, seen: datetime | None = None) -> Unchanged | None:
        """Serve an answer no more, for good; return why it was left as it is, None if it was not."""
        with self._database.writing() as connection:
            entry = _found(connection, id)
            refused = self._refusal(connection, entry, mentor, seen)
            if entry is None or refused:
                return refused
            rows.set_state(connection, id, AnswerState.RETIRED, self._clock())
            grow(connection)
            note(connection, mentor, "retire", f"answer {id}", {})
            outdated = (ReviewReason.SOURCE_OUTDATED,)
            self._settle(connection, id, mentor, Decision.DECLINED, outdated, ItemState.DECLINED)
        return None

    def suspend(self, id: str, because: SuspendedBecause | str, *, seen: datetime | None = None) -> None:
        """Serve an answer no more until a mentor has looked at it, and open its item in the queue.

        Nothing happens to one that is not active, so it may be asked for again and again.

        Args:
            id: The answer.
            because: Why.
            seen: ``Entry.changed`` of the answer that was compared with its sections; nothing happens to one that was
                changed since. None if whatever happened since does not matter.
        """
        why = SuspendedBecause(because)
        with self._database.writing() as connection:
            entry = _found(connection, id)
            if entry is None or entry.answer.state is not AnswerState.ACTIVE or seen not in {None, entry.changed}:
                return
            now = self._clock()
            rows.set_state(connection, id, AnswerState.SUSPENDED, now, why)
            filed = rows.file_suspended(connection, entry, why, now)
            grow(connection)
            note(connection, "program", "suspend", f"answer {id}", {"because": why.value, "item": filed or 0})

    def resume(self, id: str, mentor: str, sections: Sections, *, seen: datetime | None = None) -> Unchanged | None:
        """Serve a suspended answer again as it stands, because a mentor found that it is still right.

        Args:
            id: The answer.
            mentor: Id of who vouches for it now.
            sections: The sections that it cites as the mentor saw them; its citations are bound to these.
            seen: ``Entry.changed`` of the answer that the mentor saw.

        Returns:
            Why nothing was changed, ``quote_gone`` if a quote does not stand in its section any more; else None.
        """
        with self._database.writing() as connection:
            entry = _found(connection, id)
            refused = self._refusal(connection, entry, mentor, seen)
            if entry is None or refused:
                return refused
            if entry.answer.state is not AnswerState.SUSPENDED:
                return Unchanged.NOT_SUSPENDED
            found = [bound(version, sections) for version in entry.answer.versions]
            versions = [version for version in found if version]
            if len(versions) < len(found):
                return Unchanged.QUOTE_GONE
            now = self._clock()
            rows.write_versions(connection, id, versions, mentor, now.date())
            rows.set_state(connection, id, AnswerState.ACTIVE, now)
            grow(connection)
            note(connection, mentor, "resume", f"answer {id}", _told(versions))
            self._settle(connection, id, mentor, Decision.APPROVED)
        return None

    def serving(self) -> tuple[Entry, ...]:
        """Return the answers that are served, oldest first, with what mentors see of them."""
        return self._in_state(AnswerState.ACTIVE)

    def active(self) -> tuple[Checked, ...]:
        """Return the answers that are served, oldest first."""
        return tuple(each.answer for each in self.serving())

    def suspended(self) -> tuple[Checked, ...]:
        """Return the answers that wait for a mentor, oldest first."""
        return tuple(each.answer for each in self._in_state(AnswerState.SUSPENDED))

    def entries(self) -> tuple[Entry, ...]:
        """Return all answers, oldest first."""
        with self._database.reading() as connection:
            return rows.read(connection)

    def read(self, id: str) -> Entry | None:
        """Return an answer, whatever its state; None if there is none."""
        with self._database.reading() as connection:
            return _found(connection, id)

    def number(self) -> int:
        """Return how often what the index must hold has changed."""
        with self._database.reading() as connection:
            return number(connection)

    def _in_state(self, state: AnswerState) -> tuple[Entry, ...]:
        with self._database.reading() as connection:
            return rows.read(connection, verified.c.state == state.value)

    def _refusal(
        self, connection: Connection, entry: Entry | None, mentor: str, seen: datetime | None
    ) -> Unchanged | None:
        """Return why a mentor cannot change an answer now."""
        if entry is None:
            return Unchanged.GONE
        if entry.answer.state is AnswerState.RETIRED:
            return Unchanged.RETIRED
        if seen is not None and seen != entry.changed:
            return Unchanged.CHANGED
        is_held = (
            item.c.claimed_by.is_not(None) & (item.c.claimed_by != mentor) & (item.c.claimed_until > self._clock())
        )
        held = select(item.c.id).where(_is_about(entry.answer.id), is_held)
        return Unchanged.HELD if connection.scalar(held) is not None else None

    def _settle(
        self,
        connection: Connection,
        id: str,
        mentor: str,
        decision: Decision,
        reasons: tuple[ReviewReason, ...] = (),
        state: ItemState = ItemState.RESOLVED,
    ) -> None:
        """Close the item in which an answer waited, as the mentor who has just dealt with it."""
        waiting = connection.scalar(select(item.c.id).where(_is_about(id)))
        if waiting is not None:
            held = {"claimed_by": mentor, "claimed_until": self._clock() + CLAIM}
            connection.execute(update(item).where(item.c.id == waiting).values(**held))
            verdict = Verdict(decision=decision, reasons=reasons, answer=id)
            self._queue.close(connection, waiting, mentor, state, verdict)


def _found(connection: Connection, id: str) -> Entry | None:
    return next(iter(rows.read(connection, verified.c.id == id)), None)


def _is_about(id: str) -> ColumnElement[bool]:
    """Select the open item of an answer."""
    return (item.c.answer == id) & (item.c.state == ItemState.OPEN.value)


def _in_order(versions: Sequence[WrittenVersion]) -> list[WrittenVersion]:
    spoken = [each.language for each in versions]
    if not spoken or len(set(spoken)) != len(spoken):
        raise ValueError(f"an answer has versions in {spoken!r}; write at least one, each in another language")
    return sorted(versions, key=lambda each: LANGUAGES.index(each.language))


def _told(versions: Sequence[WrittenVersion]) -> Details:
    return {"languages": ", ".join(each.language for each in versions)}


def _reads_as(before: CheckedVersion | None, now: WrittenVersion) -> bool:
    """Return whether a version says what it said before, on the same ground; wordings may differ."""
    names = ("question", "text", "citations", "office", "office_date")
    return before is not None and all(getattr(before, name) == getattr(now, name) for name in names)
