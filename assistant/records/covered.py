"""What the coverage page tells: what students ask and do not get, and what mentors do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from assistant.records.agreement import Agreement
from assistant.records.items import Decision, ItemState, ReviewReason
from assistant.records.publishing import AnswerState
from assistant.types import Language

MOST_GROUPS = 100
"""Groups of questions that are told, the largest first."""

EXAMPLES = 3
"""Questions that are told of a group, the newest first."""


class Period(StrEnum):
    """How far back the figures go, in days."""

    MONTH = "30"
    QUARTER = "90"
    YEAR = "365"
    ALL = "all"

    def since(self, now: datetime) -> datetime:
        """Return the moment from which on is counted, in UTC."""
        return datetime(1970, 1, 1, tzinfo=UTC) if self is Period.ALL else now - timedelta(days=int(self))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many questions, and what became of them.

    Attributes:
        asked: Recorded questions; more than ``answered`` and ``abstained`` together if a reply failed.
        answered: Those that got an answer, whatever it was worth.
        abstained: Those on which the assistant abstained, rightly or not.
        checked: Answers that mentors had checked; they are among ``answered``, as are ``low``.
        low: Answers whose support was low.
        disliked: Questions whose reply got a thumbs down.
    """

    asked: int = 0
    answered: int = 0
    abstained: int = 0
    checked: int = 0
    low: int = 0
    disliked: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(
            self.asked + other.asked,
            self.answered + other.answered,
            self.abstained + other.abstained,
            self.checked + other.checked,
            self.low + other.low,
            self.disliked + other.disliked,
        )


@dataclass(frozen=True, slots=True)
class Week:
    """The questions of a week in one language.

    Attributes:
        monday: Its first day, in UTC.
        language: Of the questions; empty where it is not known.
    """

    monday: date
    language: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Field:
    """The questions about a topic and a country.

    Attributes:
        topic: Kind of the document that was quoted first or came nearest; empty if none did.
        country: ISO 3166-1 alpha-2 code; empty if none is known.
    """

    topic: str
    country: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Example:
    """A question of a group.

    Attributes:
        item: Id of its item in the queue.
        language: Of the question.
        text: The question, with what may identify a person masked.
    """

    item: int
    language: Language
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions about the same that were not answered, or with low support.

    Attributes:
        item: Id of its newest item.
        section: The section that came nearest; empty for the group of all that came near none.
        topic: Kind of that section's document; empty without one.
        country: ISO 3166-1 alpha-2 code; empty if none is known.
        count: How many questions; ``abstained`` and ``low`` of them were not answered, or with low support.
        open: How many of them wait for a mentor.
        languages: How many in each language in which there are any.
        first: When the first one was asked, in UTC; ``last`` the newest.
        examples: At most ``EXAMPLES``, newest first, each with other words.
    """

    item: int
    section: str
    topic: str
    country: str
    count: int
    abstained: int
    low: int
    open: int
    languages: Mapping[Language, int]
    first: datetime
    last: datetime
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a section must answer that is written for a group.

    Attributes:
        section: The section that came nearest; empty if none did.
        topic: Kind of its document; empty without one.
        country: ISO 3166-1 alpha-2 code; empty if none is known.
        questions: The newest first, each with other words.
    """

    section: str
    topic: str
    country: str
    questions: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class SectionUse:
    """How a section of the knowledge base was used.

    Attributes:
        section: Its id, ``document#anchor``.
        used: Replies that quote it.
        stale: Those of them that quote it after its day of review.
        disputed: Those of them that got a thumbs down.
        latest: When it was last quoted, in UTC.
    """

    section: str
    used: int
    stale: int
    disputed: int
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What mentors did.

    Attributes:
        opened: Items that were opened, or opened again.
        closed: Items that were closed and are so still, by state.
        hours: Median of the hours between the two; None if none was closed.
        decisions: Reviews by decision.
        reasons: Reasons given in reviews; one review may give several.
        mentors: Reviews by name and login of the mentor, most first.
        answers: Verified answers there are now, by state.
    """

    opened: int
    closed: Mapping[ItemState, int]
    hours: float | None
    decisions: Mapping[Decision, int]
    reasons: Mapping[ReviewReason, int]
    mentors: tuple[tuple[str, int], ...]
    answers: Mapping[AnswerState, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All figures of one moment.

    Attributes:
        period: How far back they go.
        at: The moment, in UTC.
        weeks: By week and language, oldest first; weeks and languages without a question are left out.
        fields: By topic and country.
        groups: The largest first; at most ``MOST_GROUPS``.
        groups_in_all: How many groups there are.
        sections: Those that were used, most used first.
        unused: Ids of the sections that were not.
        work: What mentors did.
        agreement: How far two mentors agree.
    """

    period: Period
    at: datetime
    weeks: tuple[Week, ...]
    fields: tuple[Field, ...]
    groups: tuple[Group, ...]
    groups_in_all: int
    sections: tuple[SectionUse, ...]
    unused: tuple[str, ...]
    work: Work
    agreement: Agreement

    @property
    def total(self) -> Tally:
        """All questions of the period."""
        return sum((week.tally for week in self.weeks), Tally())
