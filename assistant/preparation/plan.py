"""The personal plan: the steps that concern a student, each with its day, in the order of time."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from assistant.preparation.profile import ASSUMED_MONTHS, Profile
from assistant.preparation.steps import DESTINATION, GUIDES, Condition, Due, Phase, Step, Steps
from assistant.types import Language

NEXT = 3
"""How many steps are shown as what to do next."""

_ANY_DEPARTURE = date(2000, 1, 1)
"""Stands in for a departure that is not known: only the order of the days counted from it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step of one student.

    Attributes:
        step: What to do.
        section: The section that explains it (``host_guides/poland#visa``); None while it depends on a destination
            that is unknown or has no guide.
        due: The last day for it; None while the departure is unknown.
        done: Whether the student has done it.
        overdue: Whether it is not done and its day has passed.
    """

    step: Step
    section: str | None
    due: date | None
    done: bool
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps of one student.

    Attributes:
        departure: First day of the month of departure; None if unknown.
        months: Length of the stay in months.
        assumed_months: Whether nobody has named that length.
        steps: The steps in the order of their days; those of one day in the order of the file.
        hidden: Number of steps left out because the profile does not say whom they concern, by the field that is
            missing; a step that waits for two fields counts for both.
    """

    departure: date | None
    months: int
    assumed_months: bool
    steps: tuple[PlannedStep, ...]
    hidden: Mapping[str, int]

    @property
    def phases(self) -> tuple[tuple[Phase, tuple[PlannedStep, ...]], ...]:
        """The steps by phase, in the order of the phases; phases without a step are left out."""
        grouped = ((phase, tuple(each for each in self.steps if each.step.phase is phase)) for phase in Phase)
        return tuple((phase, steps) for phase, steps in grouped if steps)

    @property
    def overdue(self) -> tuple[PlannedStep, ...]:
        """The steps whose day has passed, oldest first."""
        return tuple(each for each in self.steps if each.overdue)

    @property
    def next(self) -> tuple[PlannedStep, ...]:
        """The first three open steps that are not overdue."""
        return tuple(each for each in self.steps if not each.done and not each.overdue)[:NEXT]

    @property
    def done(self) -> int:
        """Number of steps that are done."""
        return sum(each.done for each in self.steps)

    @property
    def total(self) -> int:
        """Number of all steps of the plan."""
        return len(self.steps)


def make_plan(steps: Steps, profile: Profile, *, today: date, done: frozenset[str], guides: Mapping[str, str]) -> Plan:
    """Return the plan of a student.

    Args:
        steps: What the knowledge base advises.
        profile: What the student has told.
        today: Day from which a step is judged to be overdue.
        done: Ids of the steps that are done; ids that no step has are ignored.
        guides: Document of the guide by country code (``{"PL": "host_guides/poland"}``).
    """
    asked = [(step, _unsaid(step.when, profile)) for step in steps.steps]
    waiting = Counter(name for _, unsaid in asked for name in unsaid or ())
    months = profile.months or ASSUMED_MONTHS
    guide = guides.get(profile.destination or "")
    start = profile.departure or _ANY_DEPARTURE
    dated = [(due_day(step.due, start, months), step) for step, unsaid in asked if unsaid == ()]
    return Plan(
        departure=profile.departure,
        months=months,
        assumed_months=profile.months is None,
        steps=tuple(
            _planned(step, guide, day if profile.departure else None, today=today, done=step.id in done)
            for day, step in sorted(dated, key=lambda each: each[0])
        ),
        hidden=MappingProxyType({name: waiting[name] for name in Condition.model_fields if name in waiting}),
    )


def due_day(due: Due, departure: date, months: int) -> date:
    """Return the last day for a step.

    Arrival is the day of departure, and the return is the end of the stay. A step of the stay is never due outside
    it, however short the stay is.

    Args:
        due: How the day is counted.
        departure: Day of departure.
        months: Length of the stay.
    """
    end = _months_later(departure, months)
    if due.months_before is not None:
        return _months_earlier(departure, due.months_before)
    if due.days_after_arrival is not None:
        return min(departure + timedelta(days=due.days_after_arrival), end)
    if due.days_before_end is not None:
        return max(end - timedelta(days=due.days_before_end), departure)
    return end + timedelta(days=due.days_after_return or 0)


def plan_data(plan: Plan, language: Language) -> dict[str, Any]:
    """Return a plan as plain data for JSON: days as ``YYYY-MM-DD``, texts in ``language``."""
    return {
        "departure": plan.departure.isoformat() if plan.departure else None,
        "months": plan.months,
        "assumed_months": plan.assumed_months,
        "hidden": dict(plan.hidden),
        "steps": [_step_data(each, language) for each in plan.steps],
    }


def _step_data(planned: PlannedStep, language: Language) -> dict[str, Any]:
    return {
        "id": planned.step.id,
        "phase": planned.step.phase.value,
        "due": planned.due.isoformat() if planned.due else None,
        "done": planned.done,
        "overdue": planned.overdue,
        "title": planned.step.title[language],
        "why": planned.step.why[language],
        "section": planned.section,
    }


def _planned(step: Step, guide: str | None, due: date | None, *, today: date, done: bool) -> PlannedStep:
    overdue = not done and due is not None and due < today
    return PlannedStep(step=step, section=_section(step.section, guide), due=due, done=done, overdue=overdue)


def _section(section: str, guide: str | None) -> str | None:
    """Return the section that is meant, in the guide of the destination if it speaks of that."""
    if DESTINATION not in section:
        return section
    return section.replace(f"{GUIDES}/{DESTINATION}", guide) if guide else None


def _unsaid(when: Condition, profile: Profile) -> tuple[str, ...] | None:
    """Return the fields that must be known to say whether a step concerns the student; None if it does not."""
    practice = () if when.school_practice is None else (when.school_practice,)
    wanted: dict[str, tuple[object, ...]] = {
        "destination": when.destination,
        "programme": when.programme,
        "level": when.level,
        "school_practice": practice,
    }
    said = {name: getattr(profile, name) for name, choices in wanted.items() if choices}
    if any(value is not None and value not in wanted[name] for name, value in said.items()):
        return None
    return tuple(name for name, value in said.items() if value is None)


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later or (below zero) earlier month, or the last day of a shorter one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _months_earlier(day: date, months: float) -> date:
    """Return the day a number of calendar months earlier; a part of a month is that part of its days."""
    whole = int(months)
    near, far = _months_later(day, -whole), _months_later(day, -whole - 1)
    return near - timedelta(days=round((months - whole) * (near - far).days))
