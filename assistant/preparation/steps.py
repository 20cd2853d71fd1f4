"""The steps of a preparation (``preparation.yaml``): each with its phase, its day, its condition and its section."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import Field, model_validator

from assistant.knowledge.data_file import Id, InLanguages, Read, SectionId, Strict, read_data
from assistant.types import Fault

PATH = PurePosixPath("preparation.yaml")
DESTINATION = "{destination}"
GUIDES = "host_guides"


class Phase(StrEnum):
    """The phases of an exchange, in their order."""

    CHOOSE = "choose"
    APPLY = "apply"
    ARRANGE = "arrange"
    TRAVEL = "travel"
    ARRIVE = "arrive"
    STUDY = "study"
    LEAVE = "leave"
    RETURN = "return"


PROGRAMMES = ("erasmus_icm_ka171", "mevlana", "orhun", "global_ugrad", "daad", "ministry_grant", "university_funded")
LEVELS = ("bachelor", "master", "doctoral")
Programme = Annotated[str, Field(pattern=f"^({'|'.join(PROGRAMMES)})$")]
Level = Annotated[str, Field(pattern=f"^({'|'.join(LEVELS)})$")]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Count = Annotated[float, Field(ge=0, le=400)]


class Due(Strict):
    """When a step is due: one of four ways to count.

    Attributes:
        months_before: Months before departure.
        days_after_arrival: Days after arrival.
        days_before_end: Days before the end of the stay.
        days_after_return: Days after the return.
    """

    months_before: Count | None = None
    days_after_arrival: Count | None = None
    days_before_end: Count | None = None
    days_after_return: Count | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Due:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"gives {len(given)} days; give one of {', '.join(type(self).model_fields)}")
        return self


class Condition(Strict):
    """Whom a step concerns; what is left out concerns everybody.

    Attributes:
        destination: Country codes.
        programme: Programmes, by the name of their document.
        level: Levels of study.
        school_practice: Whether the student has practice at a school of the host country.
    """

    destination: tuple[Country, ...] = ()
    programme: tuple[Programme, ...] = ()
    level: tuple[Level, ...] = ()
    school_practice: bool | None = None


class Step(Strict):
    """One thing to do.

    Attributes:
        id: Its name, unique in the file.
        phase: Where in the exchange it stands.
        due: When.
        when: Whom it concerns.
        title: What to do, in the imperative.
        why: Why, in one sentence.
        section: The section that explains it; ``{destination}`` stands for the guide of the host country.
    """

    id: Id
    phase: Phase
    due: Due
    when: Condition = Condition()
    title: InLanguages
    why: InLanguages
    section: SectionId


class Steps(Strict):
    """The whole file."""

    steps: tuple[Step, ...]


def read_steps(folder: Path) -> Read:
    """Return the steps of a knowledge base: ``value`` is ``Steps``, or None if there are none or the file is wrong."""
    return read_data(folder, PATH, Steps)


def check_steps(folder: Path, sections: frozenset[str]) -> tuple[Fault, ...]:
    """Return what is wrong with the steps: their form, names given twice, and sections that do not exist."""
    read = read_steps(folder)
    return (*read.faults, *(_unbound(read, sections) if read.value else ()))


def _unbound(read: Read, sections: frozenset[str]) -> Iterator[Fault]:
    guides = sorted({section.partition("#")[0] for section in sections if section.startswith(f"{GUIDES}/")})
    seen: set[str] = set()
    for place, step in enumerate(read.value.steps):
        at = ("steps", place)
        if step.id in seen:
            yield read.fault(f"step {step.id!r} stands here twice; a name is given once; rename one", *at, "id")
        seen.add(step.id)
        for section in _meant(step.section, guides):
            if section not in sections:
                yield read.fault(
                    f"step {step.id!r}: there is no section {section!r}; correct the path or the anchor", *at, "section"
                )


def _meant(section: str, guides: list[str]) -> list[str]:
    """Return the sections that one may stand for: those of all guides, if it speaks of the destination."""
    if DESTINATION not in section:
        return [section]
    return [section.replace(f"{GUIDES}/{DESTINATION}", guide) for guide in guides]
