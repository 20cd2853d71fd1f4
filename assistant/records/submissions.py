"""What students send to the mentors: the story of a stay, a verdict on a reply, a question that stayed open.

A value that breaks a rule cannot exist. The functions ``read_…`` take what a form gives and return either the value
or every field that was refused, so that a page can say in its language what to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

from assistant.knowledge.cleaning import clean
from assistant.knowledge.data_file import Strict
from assistant.records.fields import Refused, Rule, choice, refused, several, text, whole, wrong, yes, yes_or_no
from assistant.types import LANGUAGES, Language

LONGEST_TEXT = 2_000
"""Characters of one answer in a story, and of a question: about one printed page."""

LONGEST_STORY = 12_000
"""Characters of all answers of a story together."""

LONGEST_COMMENT = 1_000
LONGEST_CONTACT = 200
LONGEST_REPLY = 20_000
"""Characters of a reply as the page showed it; composed replies are far shorter."""

MOST_SECTIONS = 50
FIRST_YEAR = 1992
"""Earliest year of a stay."""

LEVELS = ("bachelor", "master", "doctoral")
FUNDINGS = ("scholarship", "home", "own")
"""Who paid for most of the stay: a scholarship or programme, the home university, or the student."""

_NOTHING: tuple[object, ...] = (None, "", [], ())


class SubmissionKind(StrEnum):
    """What somebody sends."""

    EXPERIENCE = "experience"
    FEEDBACK = "feedback"
    QUESTION = "question"


class Problem(StrEnum):
    """What is not good about a reply."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    OFF_TOPIC = "off_topic"
    UNCLEAR = "unclear"
    INCOMPLETE = "incomplete"


Text = Annotated[str, BeforeValidator(text(LONGEST_TEXT))]
Asked = Annotated[str, BeforeValidator(text(LONGEST_TEXT, least=1))]
Reply = Annotated[str, BeforeValidator(text(LONGEST_REPLY))]
Comment = Annotated[str, BeforeValidator(text(LONGEST_COMMENT))]
Contact = Annotated[str, BeforeValidator(text(LONGEST_CONTACT, lines=False))]
Line = Annotated[str, BeforeValidator(text(80, lines=False))]
Named = Annotated[str, BeforeValidator(text(80, least=1, lines=False))]
Institution = Annotated[str, BeforeValidator(text(200, lines=False))]
Host = Annotated[str, BeforeValidator(text(200, least=1, lines=False))]
PageLanguage = Annotated[Language, BeforeValidator(choice(LANGUAGES))]
Sections = Annotated[tuple[str, ...], BeforeValidator(several(text(200, least=1, lines=False), MOST_SECTIONS))]
Problems = Annotated[tuple[Problem, ...], BeforeValidator(several(choice(tuple(Problem)), len(Problem)))]


class Experience(Strict):
    """The story of a returned participant, in the four areas in which stays are known to be hard.

    Attributes:
        country: Host country, as its ISO 3166-1 code or in words.
        host_institution: Where the stay was.
        home_university: Where the participant studies; empty if not said.
        programme: Exchange programme, in words or by name; empty if not said.
        year: Year in which the stay began.
        months: Its length, 1 to 24.
        level: One of ``LEVELS``.
        funding: One of ``FUNDINGS``; None if not said.
        stay_language: Language of the stay, in words; empty if not said.
        language_level_then: Level at the beginning, CEFR or in words.
        language_level_now: Level today, CEFR or in words.
        reasons: Why the participant went.
        language_hard: What was hard about the language; ``language_helped`` is what helped.
        adjustment_hard: What was hard about teaching, study and culture.
        money_hard: What was hard about money.
        research_hard: What was hard about research skills.
        best: The best of the stay.
        research_done: Research that was done.
        advice: For those who go next.
        language: Language in which the story is written.
        consent: Always True.
        consent_version: Which text was consented to.
    """

    kind: ClassVar[SubmissionKind] = SubmissionKind.EXPERIENCE

    country: Named
    host_institution: Host
    home_university: Institution = ""
    programme: Line = ""
    year: int
    months: Annotated[int, BeforeValidator(whole(1, 24))]
    level: Annotated[str, BeforeValidator(choice(LEVELS))]
    funding: Annotated[str, BeforeValidator(choice(FUNDINGS))] | None = None
    stay_language: Line = ""
    language_level_then: Line = ""
    language_level_now: Line = ""
    reasons: Text = ""
    language_hard: Text = ""
    language_helped: Text = ""
    adjustment_hard: Text = ""
    adjustment_helped: Text = ""
    money_hard: Text = ""
    money_helped: Text = ""
    research_hard: Text = ""
    research_helped: Text = ""
    best: Text = ""
    research_done: Text = ""
    advice: Text = ""
    language: PageLanguage
    consent: Annotated[bool, BeforeValidator(yes)]
    consent_version: Named

    @field_validator("year", mode="before")
    @classmethod
    def _is_past(cls, value: Any, info: ValidationInfo) -> int:
        today: date = (info.context or {}).get("today", date.max)
        return whole(FIRST_YEAR, today.year)(value)

    @model_validator(mode="after")
    def _tells_something(self) -> Experience:
        length = sum(len(getattr(self, name)) for name in STORY)
        if not length:
            raise wrong(Rule.NO_STORY)
        if length > LONGEST_STORY:
            raise wrong(Rule.STORY_TOO_LONG, LONGEST_STORY)
        return self


STORY = (
    "reasons", "language_hard", "language_helped", "adjustment_hard", "adjustment_helped", "money_hard", "money_helped",
    "research_hard", "research_helped", "best", "research_done", "advice",
)  # fmt: skip
"""The fields of an ``Experience`` that tell the story; at least one must be filled."""


class Feedback(Strict):
    """A verdict on a reply.

    Attributes:
        question: What was asked.
        reply: The reply as it was shown.
        sections: Sections it cited, in order.
        language: Language of the page.
        rating: ``good`` or ``bad``.
        reasons: What is not good about it, each once.
        comment: In the student's words.
    """

    kind: ClassVar[SubmissionKind] = SubmissionKind.FEEDBACK

    question: Asked
    reply: Reply = ""
    sections: Sections = ()
    language: PageLanguage
    rating: Annotated[str, BeforeValidator(choice(("good", "bad")))]
    reasons: Problems = ()
    comment: Comment = ""


class MentorQuestion(Strict):
    """A question for the mentors, with the reply that was not enough.

    Attributes:
        question: What was asked.
        reply: The reply as it was shown; empty if there was none.
        status: ``answered`` or ``abstained``; None if there was no reply.
        sections: Sections it cited, in order.
        language: Language of the page.
        comment: In the student's words.
        contact: How to reach the student; dropped unless ``consent`` is True.
        consent: Whether the contact may be kept.
        consent_version: Which text was consented to; empty without consent.
    """

    kind: ClassVar[SubmissionKind] = SubmissionKind.QUESTION

    question: Asked
    reply: Reply = ""
    status: Annotated[str, BeforeValidator(choice(("answered", "abstained")))] | None = None
    sections: Sections = ()
    language: PageLanguage
    comment: Comment = ""
    contact: Contact = ""
    consent: Annotated[bool, BeforeValidator(yes_or_no)] = Field(default=False)
    consent_version: Line = ""

    @model_validator(mode="before")
    @classmethod
    def _forget_contact(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and given.get("consent") is not True:
            return {name: value for name, value in given.items() if name not in {"contact", "consent_version"}}
        return given


Submission = Experience | Feedback | MentorQuestion
SUBMISSION_TYPES: Mapping[SubmissionKind, type[Submission]] = {
    each.kind: each for each in (Experience, Feedback, MentorQuestion)
}
_Model = TypeVar("_Model", Experience, Feedback, MentorQuestion)


def read_experience(given: Mapping[str, Any], *, today: date) -> tuple[Experience | None, tuple[Refused, ...]]:
    """Return the story that a form gives, or None and what was refused.

    A field that is absent, None or empty says nothing. The rules on the story as a whole (``Rule.NO_STORY`` and
    ``Rule.STORY_TOO_LONG``) are judged once every field by itself is right.

    Args:
        given: Values by field, as JSON has them.
        today: Day after whose year no stay can have begun.
    """
    return _read(Experience, given, {"today": today})


def read_feedback(given: Mapping[str, Any]) -> tuple[Feedback | None, tuple[Refused, ...]]:
    """Return the verdict that a form gives, or None and what was refused."""
    return _read(Feedback, given)


def read_question(given: Mapping[str, Any]) -> tuple[MentorQuestion | None, tuple[Refused, ...]]:
    """Return the question that a form gives, or None and what was refused."""
    return _read(MentorQuestion, given)


def _read(
    model: type[_Model], given: Mapping[str, Any], context: dict[str, Any] | None = None
) -> tuple[_Model | None, tuple[Refused, ...]]:
    said = {clean(str(name)): value for name, value in given.items() if value not in _NOTHING}
    try:
        return model.model_validate(said, context=context), ()
    except ValidationError as error:
        return None, tuple(map(refused, error.errors(include_url=False)))
