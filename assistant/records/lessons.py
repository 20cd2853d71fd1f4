"""How stories become lessons: mentors read, mask and publish them, or say why not; authors can withdraw them always."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update

from assistant.knowledge.cleaning import clean
from assistant.knowledge.published import ToldStory
from assistant.records import masking
from assistant.records import story_listing as listing
from assistant.records.anonymity import Place
from assistant.records.audit import note as audit_note
from assistant.records.database import Database
from assistant.records.items import Decision, ItemState, Refusal, ReviewReason, Verdict
from assistant.records.mentors import Mentor, Role
from assistant.records.publishing import grow
from assistant.records.queue import Queue
from assistant.records.schema import item, lesson, rejection
from assistant.records.stories import (
    LONGEST_REASON,
    Against,
    Objection,
    Story,
    StoryReason,
    StoryRow,
    StoryState,
    Wish,
)
from assistant.records.submissions import STORY, Experience
from assistant.records.telling import content_of, told_story
from assistant.records.withdrawing import take_back

_REVIEWED_AS: Mapping[StoryReason, ReviewReason] = {
    StoryReason.IDENTIFIES: ReviewReason.OUT_OF_SCOPE,
    StoryReason.TOO_LITTLE: ReviewReason.INCOMPLETE,
    StoryReason.NO_STAY: ReviewReason.OUT_OF_SCOPE,
    StoryReason.MISTAKEN: ReviewReason.INACCURATE,
    StoryReason.UNFIT: ReviewReason.OUT_OF_SCOPE,
    StoryReason.SENT_TWICE: ReviewReason.OUT_OF_SCOPE,
}
"""What the queue calls a reason for which a story is not published."""

Objections = tuple[Objection, ...]
_GONE: Objections = (Objection(Against.GONE),)


def _now() -> datetime:
    return datetime.now(UTC)


class Lessons:
    """The stories in a database and the lessons made of them.

    Every deed is one transaction with its row in the audit trail; what a lesson changes for the index is counted
    there, too. Deeds return what speaks against them: nothing if they were done. Publishing and rejecting close the
    story's item in the queue, which the mentor then holds; so no two decide at once.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        """Keep those of ``database``; ``clock`` tells the time, with its zone."""
        self._database, self._clock, self._queue = database, clock, Queue(database, clock)

    def stories(self, state: StoryState | None = None) -> tuple[StoryRow, ...]:
        """Return the stories in a state, oldest first; all for None."""
        with self._database.reading() as connection:
            found = listing.rows(connection)
        return tuple(row for row in found if state in {None, row.state})

    def waiting(self) -> tuple[StoryRow, ...]:
        """Return the stories that nobody has decided about, oldest first."""
        return self.stories(StoryState.WAITING)

    def read(self, story: str) -> Story | None:
        """Return a story by the digest of its code; None if there is none, or it is damaged."""
        with self._database.reading() as connection:
            return listing.read(connection, story, self._clock())

    def mask_more(self, told: Experience, texts: Mapping[str, str], place: Place) -> dict[str, str]:
        """Return texts with a mask in place of all that may tell whose they are when the place is told so."""
        secret = masking.hidden(told, place)
        return {name: masking.mask_more(text, secret) for name, text in texts.items()}

    def draft(self, story: Story, wish: Wish) -> ToldStory:
        """Return the lesson that a story would be, exactly as the index would hold it."""
        content = content_of(story.told, _cleaned(wish.texts), wish.place, story.shared)
        known, today = story.lesson.id if story.lesson else "0" * 12, self._clock().astimezone(UTC).date()
        return told_story(known, story.told.language, wish.place, content, today)

    def approve(self, story: str, by: Mentor, wish: Wish) -> Objections:
        """Publish a story as a lesson, or change the lesson that it is.

        A place that fewer than ``anonymity.FEWEST`` people share needs a coordinator with a reason. The author's text
        stays as it is.
        """
        wish = replace(wish, texts=_cleaned(wish.texts), coordinator=by.role is Role.COORDINATOR)
        if against := self._against_wish(self.read(story), wish) or self._held(story, by):
            return against
        with self._database.writing() as connection:
            found = listing.read(connection, story, self._clock())
            if (against := self._against_wish(found, wish)) or found is None:
                return against
            self._publish(connection, found, by, wish)
            is_same = all(wish.texts.get(name, "") == text for name, text in found.texts.items())
            verdict = Verdict(decision=Decision.APPROVED if is_same else Decision.EDITED)
            self._close(connection, found, by, ItemState.RESOLVED, verdict)
        return ()

    def reject(self, story: str, by: Mentor, reasons: Sequence[StoryReason], note: str = "") -> Objections:
        """Decide not to publish a story; it is kept for ``retention.DAYS`` days, for the author to read why."""
        reasons, note = tuple(dict.fromkeys(reasons)), clean(note).strip()
        if not reasons or len(note) > LONGEST_REASON:
            why = Objection(Against.TOO_LONG, "note") if reasons else Objection(Against.NO_REASON, "reasons")
            return (why,)
        if against := self._against_rejection(self.read(story)) or self._held(story, by):
            return against
        with self._database.writing() as connection:
            found = listing.read(connection, story, self._clock())
            if (against := self._against_rejection(found)) or found is None:
                return against
            connection.execute(delete(rejection).where(rejection.c.submission == story))
            row = {"submission": story, "mentor": by.id, "at": self._clock(), "reasons": list(reasons), "note": note}
            connection.execute(insert(rejection).values(**row))
            audit_note(connection, by.id, "reject", f"submission {story}", {"reasons": ", ".join(reasons)})
            as_reviewed = tuple(dict.fromkeys(_REVIEWED_AS[reason] for reason in reasons))
            verdict = Verdict(decision=Decision.DECLINED, reasons=as_reviewed)
            self._close(connection, found, by, ItemState.DECLINED, verdict)
        return ()

    def unpublish(self, id: str, by: Mentor, reason: str) -> Objections:
        """Take a lesson back, by its id; the story waits again, for a mentor to mask more or to say why not.

        The reason stands in the audit trail, so it must name nobody.
        """
        reason = clean(reason).strip()
        if not 0 < len(reason) <= LONGEST_REASON:
            return (Objection(Against.TOO_LONG if reason else Against.NO_REASON, "why"),)
        with self._database.writing() as connection:
            is_done = take_back(connection, id, by.id, reason, self._clock())
        return () if is_done else (Objection(Against.NOT_PUBLISHED),)

    def published(self) -> tuple[ToldStory, ...]:
        """Return all lessons, oldest first; nothing in them is told more exactly than their place says."""
        with self._database.reading() as connection:
            found = connection.execute(select(lesson).order_by(lesson.c.published, lesson.c.id)).mappings().all()
        return tuple(listing.told(listing.read_lesson(row)) for row in found)

    @staticmethod
    def _against_wish(found: Story | None, wish: Wish) -> Objections:
        return wish.against(found.told, found.shared) if found else _GONE

    @staticmethod
    def _against_rejection(found: Story | None) -> Objections:
        if found is None:
            return _GONE
        return (Objection(Against.PUBLISHED),) if found.lesson else ()

    def _held(self, story: str, by: Mentor) -> Objections:
        """Hold the story's item, opened again if it was closed, and return what speaks against it.

        Nothing else must speak against the deed then: what is refused leaves the item as it was.
        """
        with self._database.reading() as connection:
            number = connection.scalar(select(item.c.id).where(item.c.submission == story))
        if number is None:
            return ()
        held = self._queue.claim(number, by.id)
        if held is Refusal.CLOSED:
            self._queue.reopen(number, by.id)
            held = self._queue.claim(number, by.id)
        return (Objection(Against.HELD),) if isinstance(held, Refusal) and held is not Refusal.GONE else ()

    def _close(self, connection: Connection, story: Story, by: Mentor, state: ItemState, verdict: Verdict) -> None:
        if story.item is not None:
            self._queue.close(connection, story.item, by.id, state, verdict)

    def _publish(self, connection: Connection, story: Story, by: Mentor, wish: Wish) -> None:
        known = story.lesson
        row = {
            "content": content_of(story.told, wish.texts, wish.place, story.shared),
            "place": wish.place.value,
            "alike": story.shared.people[wish.place],
            "mentor": by.id,
            "published": self._clock(),
        }
        made = known.id if known else secrets.token_hex(6)
        if known:
            connection.execute(update(lesson).where(lesson.c.id == made).values(**row))
        else:
            own = {"id": made, "submission": story.id, "language": story.told.language}
            connection.execute(insert(lesson).values(**own, **row))
        connection.execute(delete(rejection).where(rejection.c.submission == story.id))
        people = story.shared.people[wish.place]
        details = {"submission": story.id, "place": wish.place.value, "alike": people, "publication": grow(connection)}
        if not story.shared.is_safe(wish.place):
            details["reason"] = clean(wish.reason).strip()
        audit_note(connection, by.id, "change" if known else "publish", f"lesson {made}", details)


def _cleaned(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of a story's fields, clean; whatever else a form holds is left out."""
    return {name: clean(texts[name]).strip() for name in STORY if name in texts}
