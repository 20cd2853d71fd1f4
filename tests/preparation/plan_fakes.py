"""Small steps and plans for the tests of the plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from assistant.knowledge.data_file import InLanguages
from assistant.preparation.plan import Plan, make_plan
from assistant.preparation.profile import Profile
from assistant.preparation.steps import Step, Steps, read_steps
from assistant.settings import content

TODAY = date(2026, 11, 22)
DEPARTURE = date(2027, 9, 1)
GUIDES = {"PL": "host_guides/poland", "TR": "host_guides/turkiye", "DE": "host_guides/germany"}


def words(text: str) -> InLanguages:
    """Return the same text for all languages."""
    return InLanguages(en=text, ru=text, kk=text)


def step(id: str, phase: str = "choose", title: str = "Do it", why: str = "It helps.", **rest: Any) -> Step:
    """Return a step, due ten months before departure unless something else is said."""
    fields = {"due": {"months_before": 10}, "section": "regulations/rules#gpa", **rest}
    return Step.model_validate({"id": id, "phase": phase, "title": words(title), "why": words(why), **fields})


def plan(*steps: Step, profile: Profile | None = None, today: date = TODAY, done: frozenset[str] = frozenset()) -> Plan:
    """Return the plan of steps for somebody who departs in September 2027 for five months."""
    profile = profile or Profile(departure=DEPARTURE, months=5)
    return make_plan(Steps(steps=steps), profile, today=today, done=done, guides=GUIDES)


def shipped_steps() -> tuple[Step, ...]:
    """Return the steps of the shipped knowledge base."""
    steps: Steps = read_steps(content("knowledge_base")).value
    return steps.steps
