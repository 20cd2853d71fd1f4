"""What the records give to the index of what mentors vouch for, and how often that has changed.

A value that breaks a rule cannot exist: every mark has its quote and every quote its mark, a quote stands letter for
letter in the passage it was taken from, and where nothing is quoted an office says since when.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from assistant.records.columns import storable
from assistant.records.filing import LONGEST_SECTION
from assistant.records.flaws import LONGEST_QUOTE, MOST_CITATIONS, flaws
from assistant.records.schema import publication, verified_wording
from assistant.types import LANGUAGES, Language

_DIGEST = re.compile("[0-9a-f]{64}")


class AnswerState(StrEnum):
    """Whether an answer is served."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class SuspendedBecause(StrEnum):
    """Why an answer waits for a mentor."""

    SECTION_CHANGED = "section_changed"
    SECTION_GONE = "section_gone"
    REVIEW_DUE = "review_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCitation:
    """A quote of an answer, bound to its section as it read when the answer was checked.

    Attributes:
        mark: Its number in the text, from 1.
        section: Id of the section, ``document#anchor``.
        language: Version of the section in which the quote stands.
        quote: The quoted words.
        digest: ``section_digest`` of the section when it was cited.
        passage: The section's text in ``language`` then.

    Raises:
        ValueError: If the quote is empty or does not stand in the passage, or a field cannot be.
    """

    mark: int
    section: str
    language: Language
    quote: str
    digest: str
    passage: str

    def __post_init__(self) -> None:
        """Refuse a quote that its passage does not contain."""
        if not self.quote.strip() or self.quote not in self.passage or len(self.quote) > LONGEST_QUOTE:
            raise ValueError(f"quote {self.mark} does not stand in {self.section!r}; pick one of its sentences")
        fits = 0 < len(self.section) <= LONGEST_SECTION and "#" in self.section and _DIGEST.fullmatch(self.digest)
        if not fits or self.language not in LANGUAGES or not 1 <= self.mark <= MOST_CITATIONS:
            raise ValueError(f"mark {self.mark!r} cites {self.section[:80]!r}; cite a section by its id")
        if storable([self.section, self.passage]) != [self.section, self.passage]:
            raise ValueError(f"the passage of mark {self.mark} holds signs that are no text; mend {self.section!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenVersion:
    """An answer in one language as a mentor wrote it.

    Attributes:
        language: Of question, text and wordings.
        question: What it answers, in the mentor's words; one line.
        text: Markdown, paragraphs and lists, with marks ``[1]`` that point to citations.
        citations: What the marks point to, by mark from 1.
        office: On whose authority, where nothing is cited; else empty.
        office_date: Since when, or when they said so.
        wordings: In which words else students ask this.

    Raises:
        ValueError: If it has a flaw.
    """

    language: Language
    question: str
    text: str
    citations: tuple[CheckedCitation, ...] = ()
    office: str = ""
    office_date: date | None = None
    wordings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what breaks a rule."""
        if self.language not in LANGUAGES:
            raise ValueError(f"{self.language!r} is no language of ours; write in {', '.join(LANGUAGES)}")
        marks = tuple(each.mark for each in self.citations)
        found = flaws(self.question, self.text, marks, self.office, self.office_date, self.wordings)
        if found:
            raise ValueError(f"an answer in {self.language} breaks rules: {', '.join(found)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedVersion(WrittenVersion):
    """An answer in one language with who vouches for it.

    Attributes:
        mentor: Id of the mentor who last vouched for it.
        checked_on: On which day, in UTC.
        wordings: Those of mentors and of students, oldest first.
    """

    mentor: str
    checked_on: date


@dataclass(frozen=True, slots=True)
class Checked:
    """A verified answer.

    Attributes:
        id: 12 hexadecimal digits; names it in all its languages.
        state: Whether it is served.
        versions: At most one for each language, in the order of ``LANGUAGES``.

    Raises:
        ValueError: If there is no version, or a language stands twice or in the wrong place.
    """

    id: str
    state: AnswerState
    versions: tuple[CheckedVersion, ...]

    def __post_init__(self) -> None:
        """Refuse an answer in no language."""
        spoken = [each.language for each in self.versions]
        if not spoken or spoken != [each for each in LANGUAGES if each in spoken]:
            raise ValueError(f"answer {self.id!r} has versions {spoken!r}; give each language once, in order")

    def version(self, language: Language) -> CheckedVersion | None:
        """Return the version in a language; None if there is none."""
        return next((each for each in self.versions if each.language == language), None)


def grow(connection: Connection) -> int:
    """Count a change of what the index must hold, in the transaction that makes it, and return the new number."""
    grown = update(publication).values(number=publication.c.number + 1).returning(publication.c.number)
    found = connection.execute(grown).scalar_one_or_none()
    if found is None:
        connection.execute(insert(publication).values(only=1, number=1))
    return int(found or 1)


def number(connection: Connection) -> int:
    """Return how often what the index must hold has changed."""
    return connection.scalar(select(publication.c.number)) or 0


def grow_if_worded(connection: Connection, conversations: Sequence[str]) -> None:
    """Count the change if words of these conversations, about to be erased, are wordings of an answer."""
    worded = select(verified_wording.c.id).where(verified_wording.c.conversation.in_(conversations)).limit(1)
    if connection.scalar(worded) is not None:
        grow(connection)
