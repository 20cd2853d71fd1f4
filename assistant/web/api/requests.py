"""What is asked of the API: each field with its limits."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant.answering.assistant import LONGEST_QUESTION
from assistant.contract import given_profile
from assistant.types import Filters, Kind, Language

MOST_TURNS = 20
MOST_HITS = 50
MOST_STEPS = 500

Question = Annotated[str, Field(max_length=LONGEST_QUESTION, description="The question, in any of the languages.")]
Earlier = Annotated[
    list[Annotated[str, Field(max_length=LONGEST_QUESTION)]],
    Field(max_length=MOST_TURNS, description="Earlier questions of the same conversation, oldest first."),
]
Given = Annotated[
    dict[str, Any],
    AfterValidator(given_profile),
    Field(
        description="What is known of the student; every field may be left out.",
        examples=[{"destination": "PL", "programme": "erasmus_icm_ka171", "departure": "2027-09", "gpa": 3.1}],
    ),
]
StepId = Annotated[str, Field(max_length=60)]
Names = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=20)]
Shown = Annotated[Language, Field(description="Language of the texts in the reply.")]


class _Request(BaseModel):
    """A body with known fields only: a slip of the pen is told, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AskRequest(_Request):
    """A question to be answered."""

    question: Question
    history: Earlier = []
    language: Annotated[
        Language | None, Field(description="Decides the language of the reply where the question does not.")
    ] = None
    profile: Given = {}


class SearchRequest(_Request):
    """A question for which sections are wanted."""

    question: Question
    k: Annotated[int, Field(ge=1, le=MOST_HITS, description="How many sections, at most.")] = 10
    history: Earlier = []
    language: Annotated[Language | None, Field(description="Language of the sections where the question has none.")] = (
        None
    )
    kinds: Annotated[list[Kind], Field(max_length=len(Kind), description="Only documents of these kinds.")] = []
    countries: Annotated[Names, Field(description="Only documents about these countries, by ISO 3166-1 code.")] = []
    programmes: Annotated[
        Names, Field(description="Only documents about these programmes, as documents name them.")
    ] = []

    @property
    def filters(self) -> Filters:
        """Which documents may be found."""
        return Filters(
            kinds=frozenset(self.kinds), countries=frozenset(self.countries), programmes=frozenset(self.programmes)
        )


class EligibilityRequest(_Request):
    """A student who wants to know which programmes are open."""

    profile: Given
    language: Shown = "en"


class PlanRequest(_Request):
    """A student who wants to know what to do by when."""

    profile: Given
    done: Annotated[list[StepId], Field(max_length=MOST_STEPS, description="Ids of the steps that are done.")] = []
    language: Shown = "en"


class PlanQuery(_Request):
    """The same in an address, for files: what decides the steps and their days."""

    language: Shown = "en"
    departure: Annotated[str, Field(max_length=20, examples=["2027-09"])] = ""
    months: Annotated[str, Field(max_length=10)] = ""
    destination: Annotated[str, Field(max_length=20, examples=["PL"])] = ""
    programme: Annotated[str, Field(max_length=60)] = ""
    level: Annotated[str, Field(max_length=20)] = ""
    school_practice: Annotated[str, Field(max_length=10, description="true or false")] = ""
    done: Annotated[str, Field(max_length=10_000, description="Ids of the steps that are done, parted by commas.")] = ""

    @property
    def profile(self) -> dict[str, Any]:
        """What is known of the student, as ``read_profile`` takes it."""
        given = self.model_dump(exclude={"language", "done"})
        said = {"true": True, "false": False}.get(self.school_practice, self.school_practice)
        return given | {"school_practice": said}

    @property
    def steps_done(self) -> list[str]:
        """Ids of the steps that are done."""
        return [step.strip() for step in self.done.split(",")]
