"""What lies in the mentors' queue: items with the reasons why they are there, and what mentors do with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from assistant.records.ports import Details, RecordedTurn, TurnKey
from assistant.records.store import Stored
from assistant.types import Language


class Why(StrEnum):
    """Why an item is in the queue."""

    ABSTAINED = "abstained"
    LOW_SUPPORT = "low_support"
    THUMBS_DOWN = "thumbs_down"
    ASKED = "asked"
    STALE_SOURCE = "stale_source"
    CHANGED_SOURCE = "changed_source"
    SAMPLE = "sample"
    EXPERIENCE = "experience"


class ItemState(StrEnum):
    """How far an item is, as it is stored."""

    OPEN = "open"
    RESOLVED = "resolved"
    DECLINED = "declined"


class Stage(StrEnum):
    """How far an item is, as mentors ask for it: open ones that somebody holds are in review."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    RESOLVED = "resolved"
    DECLINED = "declined"


class Decision(StrEnum):
    """What a mentor decided; ``missing`` says what the knowledge base lacks."""

    APPROVED = "approved"
    EDITED = "edited"
    REPLACED = "replaced"
    DECLINED = "declined"
    MISSING = "missing"


class ReviewReason(StrEnum):
    """What was wrong with a reply, or with a question."""

    INACCURATE = "inaccurate"
    INCOMPLETE = "incomplete"
    SOURCE_MISSING = "source_missing"
    SOURCE_OUTDATED = "source_outdated"
    MISUNDERSTOOD = "misunderstood"
    OUT_OF_SCOPE = "out_of_scope"


class Refusal(StrEnum):
    """Why a deed was not done; nothing has changed then."""

    GONE = "gone"
    CLOSED = "closed"
    HELD = "held"
    NOT_HELD = "not_held"
    STILL_OPEN = "still_open"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the queue a row stands; the next page follows it, whatever happened to the row."""

    opened: datetime
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which items a mentor wants to see; what is empty or None wishes nothing.

    Attributes:
        stage: How far they are; open ones include those in review.
        why: One of the reasons why they are there.
        language: Language of the question.
        topic: Kind of the document that came nearest (a value of ``Kind``).
        country: ISO 3166-1 alpha-2 code.
        alike: Id of an item; those about the same.
        mine: Id of a mentor; those that this mentor holds.
        words: Words of the question, in any case and alphabet; they must follow one another.
        newest: Whether the newest come first, not the oldest.
        folded: Whether of the open items about the same only the first is wanted; ignored beside any other wish,
            because the first of a group need not fulfil it.
    """

    stage: Stage | None = Stage.OPEN
    why: Why | None = None
    language: str = ""
    topic: str = ""
    country: str = ""
    alike: int | None = None
    mine: str = ""
    words: str = ""
    newest: bool = False
    folded: bool = False

    @property
    def is_folded(self) -> bool:
        """Whether only the first of each group is given."""
        return self.folded and replace(self, newest=False, folded=False) == Wanted()


@dataclass(frozen=True, slots=True)
class Holder:
    """The mentor who holds an item, and until when if it is not renewed."""

    mentor: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item as the list shows it.

    Attributes:
        id: 1, 2, 3 …; never given twice.
        state: How far it is.
        whys: Why it is there, in the order of ``Why``.
        opened: Since when it has been open, in UTC; opening it again begins anew.
        closed: Since when it has been closed; None while it is open.
        language: Language of the question.
        country: ISO 3166-1 alpha-2 code; empty if none is known.
        topic: Kind of the document that came nearest; empty if none did.
        question: What was asked; for a story, where the stay was; empty if neither is known.
        alike: How many open items are about the same, itself included.
        holder: Who holds it now; None if it is free.
        turn: The turn that it is about; None if it is about none.
        submission: Digest of the submission that it is about by itself; empty if it is about none.
        answer: Id of the verified answer that it is about; empty if it is about none.
    """

    id: int
    state: ItemState
    whys: tuple[Why, ...]
    opened: datetime
    closed: datetime | None
    language: Language
    country: str
    topic: str
    question: str
    alike: int
    holder: Holder | None
    turn: TurnKey | None
    submission: str
    answer: str

    @property
    def stage(self) -> Stage:
        """How far it is, as mentors ask for it."""
        return Stage.IN_REVIEW if self.state is ItemState.OPEN and self.holder else Stage(self.state.value)

    @property
    def place(self) -> Place:
        """Where it stands in the queue."""
        return Place(self.opened, self.id)


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Some rows, and the place after which the next page begins; None if these are the last."""

    rows: tuple[ItemRow, ...]
    next: Place | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items there are.

    Attributes:
        stages: By stage; open ones include those in review.
        whys: Open ones by reason; an item with two reasons counts for both.
        countries: Open ones by country, where one is known.
    """

    stages: Mapping[Stage, int]
    whys: Mapping[Why, int]
    countries: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an item.

    Attributes:
        number: 1, 2, 3 … within the item.
        at: When, in UTC.
        actor: ``program``, ``student``, or a mentor's id.
        name: The mentor's name; empty for the others.
        action: ``opened``, ``joined`` (a further reason), ``reopened``, ``claimed``, ``released``, ``reviewed``,
            ``resolved`` or ``declined``.
        details: Reasons, decision, ids; never what somebody wrote.
    """

    number: int
    at: datetime
    actor: str
    name: str
    action: str
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a mentor decided about an item.

    Attributes:
        id: 1, 2, 3 …; never given twice.
        mentor: Id of who decided; ``name`` is their name.
        at: When, in UTC.
        note: In the mentor's words.
        answer: Id of the verified answer that came of it; empty if none did, or if it was erased.
    """

    id: int
    mentor: str
    name: str
    at: datetime
    decision: Decision
    reasons: tuple[ReviewReason, ...]
    note: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Everything that a mentor sees about an item.

    Attributes:
        row: As in the list.
        turn: The question and its reply; None if the item is about none.
        around: The turns before and after it, at most ``AROUND`` on either side, oldest first, itself included.
        turns: How many turns the conversation has.
        sent: What students sent about it, oldest first.
        history: What happened to it, oldest first.
        reviews: What mentors decided about it, oldest first.
        others: Other items about the same, open, resolved, then declined ones, each newest first; at most ``OTHERS``.
    """

    row: ItemRow
    turn: RecordedTurn | None = None
    around: tuple[RecordedTurn, ...] = ()
    turns: int = 0
    sent: tuple[Stored, ...] = ()
    history: tuple[Event, ...] = ()
    reviews: tuple[Review, ...] = ()
    others: tuple[ItemRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """The items with which something was done, and until when they are held, if they are."""

    items: tuple[int, ...]
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision.

    Attributes:
        decision: What the mentor decided.
        reasons: Why; declining needs at least one.
        note: In the mentor's words.
        answer: Id of the verified answer that came of it; None if none did.

    Raises:
        ValueError: If an item is declined without a reason.
    """

    decision: Decision
    reasons: tuple[ReviewReason, ...] = ()
    note: str = ""
    answer: str | None = None

    def __post_init__(self) -> None:
        """Refuse to decline without a reason."""
        if self.decision is Decision.DECLINED and not self.reasons:
            raise ValueError("an item is declined for at least one reason: " + ", ".join(ReviewReason))


AROUND = 5
OTHERS = 20
