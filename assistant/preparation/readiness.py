"""How prepared students feel for the four challenges of an exchange (``readiness.yaml``): their own view, no test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from assistant.knowledge.data_file import Id, InLanguages, Read, SectionId, Strict, read_data
from assistant.preparation.entries import shown
from assistant.preparation.profile import Refused, Rule
from assistant.types import Fault, Language

PATH = PurePosixPath("readiness.yaml")
FULLY = 4
"""The last of the five steps of an answer; the first is 0."""

ITEMS_A_CHALLENGE = 3
MOST_HELPS = 4

_PLOT_CELLS = 8


class Challenge(StrEnum):
    """The obstacles that returned student teachers met, in the order in which they are asked."""

    LANGUAGE = "language"
    ADJUSTMENT = "adjustment"
    MONEY = "money"
    RESEARCH = "research"


class Band(StrEnum):
    """Where a student stands, in words; each takes a third of the way from 0 to ``FULLY``."""

    NEEDS_TIME = "needs_time"
    ON_THE_WAY = "on_the_way"
    WELL_UNDER_WAY = "well_under_way"


class Item(Strict):
    """One statement.

    Attributes:
        id: Its name, unique in the file.
        challenge: What it is about.
        statement: What a student agrees with or not, in the first person.
        sections: The sections that help most, best first.
        steps: Steps of ``preparation.yaml`` that lead there.
    """

    id: Id
    challenge: Challenge
    statement: InLanguages
    sections: Annotated[tuple[SectionId, ...], Field(min_length=1, max_length=3)]
    steps: Annotated[tuple[Id, ...], Field(max_length=3)] = ()


class Readiness(Strict):
    """The whole file.

    Attributes:
        scale: The words of the five answers, least first.
        bands: The words of the bands.
        note: What the answers are and are not.
        challenges: The names of the challenges.
        items: The statements.
    """

    scale: Annotated[tuple[InLanguages, ...], Field(min_length=FULLY + 1, max_length=FULLY + 1)]
    bands: dict[Band, InLanguages]
    note: InLanguages
    challenges: dict[Challenge, InLanguages]
    items: tuple[Item, ...]

    @model_validator(mode="after")
    def _is_complete(self) -> Readiness:
        if missing := [each.value for each in Band if each not in self.bands]:
            raise ValueError(f"has no words for {', '.join(missing)}; add them to 'bands'")
        if missing := [each.value for each in Challenge if each not in self.challenges]:
            raise ValueError(f"has no names for {', '.join(missing)}; add them to 'challenges'")
        counts = Counter(item.challenge for item in self.items)
        if wrong := [f"{each} {counts[each]}" for each in Challenge if counts[each] != ITEMS_A_CHALLENGE]:
            raise ValueError(f"wants {ITEMS_A_CHALLENGE} items a challenge and has {', '.join(wrong)}; correct 'items'")
        return self


@dataclass(frozen=True, slots=True)
class Help:
    """A section to read or a step to do.

    Attributes:
        form: Which of the two.
        id: ``document#anchor``, or the step's id.
    """

    form: Literal["section", "step"]
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeStanding:
    """Where a student stands in one challenge.

    Attributes:
        challenge: Which.
        answered: How many of its statements were answered.
        asked: How many it has.
        mean: Mean of the answers, 0 to 4; None if there is none.
        helps: What helps with the lowest answers, lowest first; nothing for an answer that is full already.
    """

    challenge: Challenge
    answered: int
    asked: int
    mean: float | None
    helps: tuple[Help, ...]

    @property
    def band(self) -> Band | None:
        """Where that is in words; None if nothing was answered."""
        if self.mean is None:
            return None
        return tuple(Band)[min(int(self.mean * len(Band) / FULLY), len(Band) - 1)]


def read_readiness(folder: Path) -> Read:
    """Return the statements of a base: ``value`` is ``Readiness``, or None if there are none or the file is wrong."""
    return read_data(folder, PATH, Readiness)


def check_readiness(folder: Path, sections: frozenset[str], steps: frozenset[str]) -> tuple[Fault, ...]:
    """Return what is wrong with the statements: form, names given twice, sections and steps that do not exist."""
    read = read_readiness(folder)
    return (*read.faults, *(_unbound(read, sections, steps) if read.value else ()))


def read_answers(items: Iterable[Item], given: Mapping[str, object]) -> tuple[dict[str, int], tuple[Refused, ...]]:
    """Return the answers by item, and what was not taken; None and an empty text say nothing.

    Args:
        items: The statements.
        given: Whole numbers from 0 to 4, or their digits, by the id of an item.
    """
    known = {item.id for item in items}
    answers: dict[str, int] = {}
    refused: list[Refused] = []
    for name, value in given.items():
        if value in (None, ""):
            continue
        if name not in known:
            refused.append(Refused(shown(name), shown(value), Rule.UNKNOWN_FIELD, ", ".join(sorted(known))))
        elif isinstance(step := _step(value), Rule):
            refused.append(Refused(name, shown(value), step, f"0–{FULLY}"))
        else:
            answers[name] = step
    return answers, tuple(refused)


def standing(items: Sequence[Item], answers: Mapping[str, int]) -> tuple[ChallengeStanding, ...]:
    """Return where a student stands in each challenge, in their order; there is no sum over the challenges.

    Args:
        items: The statements.
        answers: 0 to 4 by item, as ``read_answers`` returns them; others are not looked at.
    """
    return tuple(_stand(each, [item for item in items if item.challenge is each], answers) for each in Challenge)


def text_plot(readiness: Readiness, standings: Iterable[ChallengeStanding], language: Language) -> str:
    """Return one line a challenge: a bar from 0 to 4, its name and the band in words."""
    lines = []
    for each in standings:
        filled = round((each.mean or 0) * _PLOT_CELLS / FULLY)
        words = f" — {readiness.bands[each.band][language]}" if each.band else ""
        lines.append(
            f"{'■' * filled}{'□' * (_PLOT_CELLS - filled)} {readiness.challenges[each.challenge][language]}{words}"
        )
    return "\n".join(lines)


def readiness_data(readiness: Readiness, standings: Sequence[ChallengeStanding], language: Language) -> dict[str, Any]:
    """Return the standings as plain data in one language, with the note on what they are."""
    return {
        "note": readiness.note[language],
        "plot": text_plot(readiness, standings, language),
        "challenges": [
            {
                "challenge": each.challenge.value,
                "name": readiness.challenges[each.challenge][language],
                "answered": each.answered,
                "asked": each.asked,
                "mean": each.mean,
                "band": readiness.bands[each.band][language] if each.band else None,
                "helps": [{"form": help_.form, "id": help_.id} for help_ in each.helps],
            }
            for each in standings
        ],
    }


def _step(value: object) -> int | Rule:
    """Return an answer, or the rule that it breaks."""
    written = value.strip() if isinstance(value, str) else value
    if isinstance(written, str) and len(written) == 1 and written in "0123456789":
        written = int(written)
    if not isinstance(written, int) or isinstance(written, bool):
        return Rule.NO_WHOLE_NUMBER
    return written if 0 <= written <= FULLY else Rule.OUT_OF_RANGE


def _stand(challenge: Challenge, items: Sequence[Item], answers: Mapping[str, int]) -> ChallengeStanding:
    answered = sorted((item for item in items if item.id in answers), key=lambda item: answers[item.id])
    helps = dict.fromkeys(each for item in answered if answers[item.id] < FULLY for each in _helps(item))
    return ChallengeStanding(
        challenge=challenge,
        answered=len(answered),
        asked=len(items),
        mean=sum(answers[item.id] for item in answered) / len(answered) if answered else None,
        helps=tuple(helps)[:MOST_HELPS],
    )


def _helps(item: Item) -> Iterator[Help]:
    yield from (Help("section", section) for section in item.sections)
    yield from (Help("step", step) for step in item.steps)


def _unbound(read: Read, sections: frozenset[str], steps: frozenset[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, item in enumerate(read.value.items):
        at = ("items", place)
        if item.id in seen:
            yield read.fault(f"item {item.id!r} stands here twice; a name is given once; rename one", *at, "id")
        seen.add(item.id)
        for number, section in enumerate(item.sections):
            if section not in sections:
                message = f"item {item.id!r}: there is no section {section!r}; correct the path or the anchor"
                yield read.fault(message, *at, "sections", number)
        for number, step in enumerate(item.steps):
            if step not in steps:
                message = f"item {item.id!r}: there is no step {step!r} in preparation.yaml; correct the name"
                yield read.fault(message, *at, "steps", number)
