"""Verdicts and plans as lines of plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.preparation.plan import Plan, PlannedStep
from assistant.preparation.plan_text import (
    departure_words,
    hidden_words,
    length_words,
    phase_name,
    progress_words,
    wording,
)
from assistant.preparation.refused_text import field_words
from assistant.preparation.verdicts import ASKED_AS, Missing, Requirement, Standing, Verdict
from assistant.types import Language

_SIGNS = {Standing.MET: "✓", Standing.NOT_MET: "✗", Standing.CANNOT_TELL: "?"}
_NO_DAY = " " * len("2027-09-01")


def verdict_lines(verdict: Verdict, language: Language) -> Iterator[str]:
    """Yield one programme: its name with the verdict, then each requirement with the clause that states it.

    A requirement that is not met is followed by what to do, one that cannot be told by what must be known.
    """
    texts = wording(language)
    name = verdict.programme.programme[language]
    unknown = f" ({_asked(verdict.unknown, language)})" if verdict.unknown else ""
    yield f"{_SIGNS[verdict.standing]} {name}: {texts['standing'][verdict.standing]}{unknown}"
    for each in verdict.requirements:
        preferred = f" ({texts['outline']['preferred']})" if each.rule.strength == "preferred" else ""
        yield f"  {_SIGNS[each.standing]} {each.rule.clause[language]} [{each.rule.section}]{preferred}"
        if way_out := _way_out(each, language):
            yield f"      {way_out}"


def plan_lines(plan: Plan, language: Language) -> Iterator[str]:
    """Yield a plan: its facts, then each step with its day, its id and whether it is done, by phase."""
    yield from (departure_words(plan, language), length_words(plan, language), progress_words(plan, language))
    for phase, steps in plan.phases:
        yield f"\n{phase_name(phase, language)}"
        yield from (_step(each, language) for each in steps)
    if plan.hidden:
        yield f"\n{wording(language)['plan']['hidden']}"
        yield from hidden_words(plan, language)


def _way_out(requirement: Requirement, language: Language) -> str:
    if requirement.standing is Standing.NOT_MET:
        return requirement.rule.todo[language]
    return _asked(requirement.missing, language) if requirement.missing else ""


def _asked(missing: Iterable[Missing], language: Language) -> str:
    """Return which fields of a profile must be known, each once."""
    fields = dict.fromkeys(field_words(ASKED_AS[each], language) for each in missing)
    return wording(language)["outline"]["missing"].format(fields=", ".join(fields))


def _step(planned: PlannedStep, language: Language) -> str:
    mark = "x" if planned.done else "!" if planned.overdue else " "
    day = planned.due.isoformat() if planned.due else _NO_DAY
    return f"[{mark}] {day}  {planned.step.title[language]} ({planned.step.id})"
