"""What becomes of the stories that participants send: values, and what speaks against publishing one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from assistant.records.anonymity import Place, Shared
from assistant.records.items import Holder
from assistant.records.masking import additions, hidden, suspects
from assistant.records.retention import DAYS
from assistant.records.submissions import LONGEST_TEXT, STORY, Experience
from assistant.records.telling import tells
from assistant.types import Language

LONGEST_TOLD = 2 * LONGEST_TEXT
"""Characters of one text as a mentor leaves it; masks may be longer than what they stand for."""

LONGEST_REASON = 1_000
"""Characters of a note to the author, and of the reason for a place that is told too exactly."""


class StoryState(StrEnum):
    """What became of a story."""

    WAITING = "waiting"
    PUBLISHED = "published"
    REJECTED = "rejected"


class StoryReason(StrEnum):
    """Why a story is not published."""

    IDENTIFIES = "identifies"
    TOO_LITTLE = "too_little"
    NO_STAY = "no_stay"
    MISTAKEN = "mistaken"
    UNFIT = "unfit"
    SENT_TWICE = "sent_twice"


class Against(StrEnum):
    """What speaks against a deed; nothing has changed then."""

    GONE = "gone"
    HELD = "held"
    ADDED = "added"
    NOTHING_LEFT = "nothing_left"
    SUSPECTS = "suspects"
    TOO_EXACT = "too_exact"
    COORDINATOR = "coordinator"
    NO_REASON = "no_reason"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    NOT_PUBLISHED = "not_published"
    PUBLISHED = "published"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Objection:
    """Something that speaks against a deed.

    Attributes:
        against: What it is.
        field: The field of the story, or of the form, in which it stands; empty if in none.
        words: The words in question; for ``HELD`` who holds it.
    """

    against: Against
    field: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A story as it is published.

    Attributes:
        id: 12 hexadecimal digits.
        submission: Digest of the story's code.
        language: In which it was told.
        content: What is told, and nothing else: fields of an ``Experience``.
        place: How exactly country, host institution and year are told.
        alike: How many people shared that when it was published.
        mentor: Id of who published it.
        published: When, in UTC.
    """

    id: str
    submission: str
    language: Language
    content: Mapping[str, Any]
    place: Place
    alike: int
    mentor: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a story is not published.

    Attributes:
        mentor: Id of who decided.
        at: When, in UTC.
        note: To the author, in the mentor's words; may be empty.
    """

    mentor: str
    at: datetime
    reasons: tuple[StoryReason, ...]
    note: str

    @property
    def kept_until(self) -> datetime:
        """When the story is erased unless its author withdraws it before."""
        return self.at + timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class Message:
    """What a mentor asked the author of a story, or what the author replied.

    Attributes:
        at: When, in UTC.
        mentor: Name of the mentor; empty if the author wrote it.
        text: Clean text.
    """

    at: datetime
    mentor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story as the list shows it.

    Attributes:
        id: Digest of its code.
        received: When it came, in UTC.
        country: As the author gave it.
        state: What became of it; ``since`` is since when.
        answered: Whether the newest message is the author's.
        asked: Whether the newest message is a mentor's.
        exposed: How many people share what its lesson tells, if that has become too few; else None.
    """

    id: str
    received: datetime
    language: Language
    country: str
    host_institution: str
    year: int
    state: StoryState
    since: datetime
    answered: bool = False
    asked: bool = False
    exposed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that a mentor sees of a story.

    Attributes:
        id: Digest of its code.
        received: When it came, in UTC.
        masked: Whether the author let words be masked before sending.
        told: As the author checked it; never changed.
        shared: How many people share each place with it now.
        lesson: As it is published; None if it is not.
        rejection: Why it is not published; None if nobody has decided so.
        messages: Oldest first.
        item: Number of its item in the queue; None if it has none.
        holder: Who holds that item now.
    """

    id: str
    received: datetime
    masked: bool
    told: Experience
    shared: Shared
    lesson: Lesson | None = None
    rejection: Rejection | None = None
    messages: tuple[Message, ...] = ()
    item: int | None = None
    holder: Holder | None = None

    @property
    def state(self) -> StoryState:
        """What became of it."""
        if self.lesson:
            return StoryState.PUBLISHED
        return StoryState.REJECTED if self.rejection else StoryState.WAITING

    @property
    def texts(self) -> dict[str, str]:
        """The author's answers that say something, by field."""
        return {name: getattr(self.told, name) for name in STORY if getattr(self.told, name)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a mentor wants to publish a story.

    Attributes:
        texts: By field of the story; a field that is missing or too short is left out.
        place: How exactly the place is told.
        reason: Why it is told although only few share it; a coordinator must say it.
        seen: Whether the mentor has looked at everything that is still suspected.
        coordinator: Whether a coordinator wishes it.
    """

    texts: Mapping[str, str]
    place: Place
    reason: str = ""
    seen: bool = False
    coordinator: bool = False

    def against(self, told: Experience, people: Shared) -> tuple[Objection, ...]:
        """Return what speaks against publishing a story so."""
        return (*self._in_texts(told), *self._in_place(people))

    def _in_texts(self, told: Experience) -> Iterator[Objection]:
        for name in STORY:
            text = self.texts.get(name, "")
            if len(text) > LONGEST_TOLD:
                yield Objection(Against.TOO_LONG, name)
                continue
            yield from (Objection(Against.ADDED, name, words) for words in additions(getattr(told, name), text))
        if not any(tells(self.texts.get(name, "")) for name in STORY):
            yield Objection(Against.NOTHING_LEFT)
        secret = hidden(told, self.place)
        if not self.seen and any(suspects(self.texts.get(name, ""), secret) for name in STORY):
            yield Objection(Against.SUSPECTS, "seen")

    def _in_place(self, people: Shared) -> Iterator[Objection]:
        if people.is_safe(self.place):
            return
        if not self.coordinator:
            yield Objection(Against.COORDINATOR if self.reason.strip() else Against.TOO_EXACT, "place")
        elif not self.reason.strip():
            yield Objection(Against.NO_REASON, "reason")
        if len(self.reason) > LONGEST_REASON:
            yield Objection(Against.TOO_LONG, "reason")
