"""The plan in words: its phases, days and numbers in the three languages, and the whole of it as Markdown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from importlib import resources

from babel import Locale
from babel.dates import format_date, format_skeleton

from assistant.preparation.plan import Plan, PlannedStep
from assistant.preparation.steps import Phase
from assistant.types import Language

Wording = dict[str, dict[str, str]]

_MARKDOWN = re.compile(r"([\\`*_\[\]<>])")


@lru_cache(maxsize=3)
def wording(language: Language) -> Wording:
    """Return the texts of a language by group and key."""
    path = resources.files("assistant.preparation") / "wording" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def phase_name(phase: Phase, language: Language) -> str:
    """Return a phase in words."""
    return wording(language)["phase"][phase]


def plan_title(language: Language) -> str:
    """Return the heading of a plan."""
    return wording(language)["plan"]["title"]


def plan_note(language: Language) -> str:
    """Return what the dates of a plan are worth."""
    return wording(language)["plan"]["note"]


def due_words(day: date, language: Language) -> str:
    """Return the last day for a step, written out: "due 1 June 2027", "срок: 1 июня 2027 г."."""
    written = format_date(day, format="long", locale=_locale(language))
    return wording(language)["plan"]["due"].format(date=written)


def departure_words(plan: Plan, language: Language) -> str:
    """Return the month of departure in a sentence, or that it is not known."""
    texts = wording(language)["plan"]
    if plan.departure is None:
        return texts["no_departure"]
    return texts["departure"].format(month=format_skeleton("yMMMM", plan.departure, locale=_locale(language)))


def length_words(plan: Plan, language: Language) -> str:
    """Return the length of the stay, and whether it is assumed."""
    text = wording(language)["plan"]["assumed_length" if plan.assumed_months else "length"]
    return text.format(months=_counted("months", plan.months, language))


def progress_words(plan: Plan, language: Language) -> str:
    """Return how many of the steps are done."""
    return wording(language)["plan"]["progress"].format(done=plan.done, total=plan.total)


def hidden_words(plan: Plan, language: Language) -> tuple[str, ...]:
    """Return, for each field that the profile leaves open, how many steps depend on it."""
    texts = wording(language)["hidden"]
    return tuple(texts[name].format(steps=_counted("more", count, language)) for name, count in plan.hidden.items())


def section_address(section: str, language: Language, address: str) -> str:
    """Return the address of a section's page.

    Args:
        section: ``document#anchor``.
        language: Language of the page.
        address: Base address of the pages (``https://host``).
    """
    return f"{address.rstrip('/')}/{language}/library/{section}"


def markdown(plan: Plan, language: Language, *, address: str) -> str:
    """Return the plan as Markdown to keep or to print; every step stands in it once, overdue ones first.

    Args:
        plan: The plan.
        language: Language of the texts.
        address: Base address of the pages (``https://host``), for the links.
    """
    texts = wording(language)["plan"]
    facts = (departure_words(plan, language), length_words(plan, language), progress_words(plan, language))
    parts = [f"# {texts['title']}", _lines(facts), *([texts["note"]] if plan.departure else [])]
    for heading, steps in _chapters(plan, language):
        items = "\n".join(_item(each, language, address) for each in steps)
        parts.append(f"## {heading} ({len(steps)})\n\n{items}")
    if plan.hidden:
        parts.append(f"## {texts['hidden']}\n\n{_lines(hidden_words(plan, language))}")
    return "\n\n".join(parts) + "\n"


def _chapters(plan: Plan, language: Language) -> Iterator[tuple[str, tuple[PlannedStep, ...]]]:
    """Yield headings and their steps: what is overdue, then the rest by phase."""
    if plan.overdue:
        yield wording(language)["plan"]["overdue"], plan.overdue
    for phase, steps in plan.phases:
        if rest := tuple(each for each in steps if not each.overdue):
            yield phase_name(phase, language), rest


def _item(planned: PlannedStep, language: Language, address: str) -> str:
    due = f" ({due_words(planned.due, language)})" if planned.due else ""
    read = wording(language)["plan"]["read"]
    link = f" [{read}]({section_address(planned.section, language, address)})" if planned.section else ""
    title, why = (_MARKDOWN.sub(r"\\\1", text[language]) for text in (planned.step.title, planned.step.why))
    return f"- [{'x' if planned.done else ' '}] **{title}**{due}\n  {why}{link}"


def _lines(texts: tuple[str, ...]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _counted(group: str, count: int, language: Language) -> str:
    """Return a number with its noun in the form that the language wants."""
    form = Locale.parse(language).plural_form(count)
    return wording(language)[group][form].format(count=count)


def _locale(language: Language) -> str:
    return "en_GB" if language == "en" else language
