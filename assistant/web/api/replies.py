"""The shapes of what the API replies, for its own description; ``assistant.contract`` makes the data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.preparation.eligibility import Fact
from assistant.preparation.profile import Rule
from assistant.preparation.steps import Phase
from assistant.preparation.verdicts import Detail, Standing
from assistant.types import Composer, Kind, Language, Reason

Share = Annotated[float, Field(ge=0, le=1)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HitShape(_Shape):
    """A section that was found."""

    document: str
    section: str
    language: Language
    score: Share
    text: str


class CitationShape(_Shape):
    """A literal quote with its section and source."""

    mark: Annotated[int, Field(ge=1)]
    document: str
    section: str
    language: Language
    kind: Kind
    quote: str
    source_url: str | None
    reviewed_on: Day | None
    stale: bool
    translation: str | None = None


class DraftingShape(_Shape):
    """What a language model did for a reply; there is none without a model."""

    model: str
    prompt: str
    outcome: str
    kept: Annotated[int, Field(ge=0)]
    dropped: list[str]
    tokens_in: int | None
    tokens_out: int | None
    seconds: Annotated[float, Field(ge=0)]


class ReplyShape(_Shape):
    """An answer of quotes, or an honest abstention without any."""

    status: Literal["answered", "abstained"]
    composer: Composer | None
    checked_on: Day | None
    reason: Reason | None
    citations: list[CitationShape]
    language: Language
    text: str
    support: Share
    nearest: list[HitShape]
    timings_ms: dict[str, float]
    drafting: DraftingShape | None = None


class SearchShape(_Shape):
    """The sections found, best first."""

    hits: list[HitShape]


class RefusedShape(_Shape):
    """A value of a profile that was not taken."""

    field: str
    value: str
    rule: Rule
    allowed: str
    message: str


class RequirementShape(_Shape):
    """One rule with how the student stands towards it."""

    rule: str
    standing: Standing
    strength: Literal["required", "preferred"]
    missing: list[Fact | Detail]
    clause: str
    section: str
    todo: str


class VerdictShape(_Shape):
    """How the student stands towards one programme."""

    id: str
    programme: str
    document: str
    open_to: Standing
    unknown: list[Fact | Detail]
    standing: Standing
    requirements: list[RequirementShape]


class EligibilityShape(_Shape):
    """Every programme, and what of the profile was not taken."""

    verdicts: list[VerdictShape]
    refused: list[RefusedShape]


class StepShape(_Shape):
    """One step of the plan."""

    id: str
    phase: Phase
    due: Day | None
    done: bool
    overdue: bool
    title: str
    why: str
    section: str | None


class PlanShape(_Shape):
    """The steps in the order of their days, and what of the profile was not taken."""

    departure: Day | None
    months: Annotated[int, Field(ge=1)]
    assumed_months: bool
    hidden: dict[str, int]
    steps: list[StepShape]
    refused: list[RefusedShape]


class Problem(_Shape):
    """What is wrong: a code for programs, a message for people, and the field if it is one."""

    code: str
    message: str
    field: str | None = None


class ErrorShape(_Shape):
    """Every error."""

    error: Problem
