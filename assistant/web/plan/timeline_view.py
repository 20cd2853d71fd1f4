"""What a student must do by when, as a list to tick off."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from assistant.preparation.plan import Plan, PlannedStep
from assistant.preparation.plan_text import (
    departure_words,
    due_words,
    hidden_words,
    length_words,
    phase_name,
    plan_note,
    progress_words,
    wording,
)
from assistant.preparation.profile import Profile
from assistant.web.plan.controls import entries, tick
from assistant.web.plan.words import PlanTexts
from assistant.web.rendering import section_link


def timeline(plan: Plan, profile: Profile, words: PlanTexts) -> str:
    """Return the whole plan as HTML: overdue steps first, then phase by phase, then what is still hidden."""
    language = words.language
    facts = [departure_words(plan, language), length_words(plan, language)]
    late = wording(language)["plan"]["overdue"]
    parts = [_group(late, plan.overdue, words, unfolded=True, kind="overdue")] if plan.overdue else []
    first = next((each.step.phase for each in plan.next), None)
    for phase, steps in plan.phases:
        rest = [each for each in steps if not each.overdue]
        if rest:
            parts.append(_group(phase_name(phase, language), rest, words, unfolded=phase is first))
    return (
        f'<ul class="facts">{"".join(f"<li>{escape(fact)}</li>" for fact in facts)}</ul>'
        f'<p class="hint">{escape(plan_note(language)) if plan.departure else ""}</p>'
        f"{_files(plan, profile, words)}{entries('done', ''.join(parts))}{_hidden(plan, words)}"
    )


def progress(plan: Plan, words: PlanTexts) -> str:
    """Return how much is done, in words and as a bar."""
    said = escape(progress_words(plan, words.language))
    share = f'<progress value="{plan.done}" max="{max(plan.total, 1)}" title="{said}"></progress>'
    return f'<div class="progress"><span>{said}</span>{share}</div>'


def _group(title: str, steps: Sequence[PlannedStep], words: PlanTexts, *, unfolded: bool, kind: str = "") -> str:
    rows = "".join(f"<li>{_step(each, words)}</li>" for each in steps)
    done = sum(each.done for each in steps)
    count = f"{done}/{len(steps)}"
    state = "open" if unfolded else ""
    return (
        f'<details class="phase {kind}" {state}><summary><h2>{escape(title)}</h2><small>{count}</small></summary>'
        f'<ul class="steps">{rows}</ul></details>'
    )


def _step(planned: PlannedStep, words: PlanTexts) -> str:
    step, language = planned.step, words.language
    due = f'<span class="due">{escape(due_words(planned.due, language))}</span>' if planned.due else ""
    link = section_link(planned.section, language, words.read_section) if planned.section else ""
    label = f"<b>{escape(step.title[language])}</b>"
    return f'{tick(step.id, label, ticked=planned.done)}{due}<p class="why">{escape(step.why[language])} {link}</p>'


def _files(plan: Plan, profile: Profile, words: PlanTexts) -> str:
    """Return the links to the files of the plan and the button that prints it."""
    query = urlencode(_asked(plan, profile) | {"language": words.language})
    calendar = _file(f"/api/v1/plan.ics?{query}", words.calendar) if plan.departure and plan.done < plan.total else ""
    return (
        f'<p class="files">{calendar}{_file(f"/api/v1/plan.md?{query}", words.plan_file)}'
        f'<button type="button" class="act" id="print">{escape(words.print)}</button></p>'
    )


def _file(address: str, said: str) -> str:
    return f'<a class="act here" href="{escape(address)}" download>{escape(said)}</a>'


def _asked(plan: Plan, profile: Profile) -> dict[str, str]:
    """Return the query that makes this plan again; nothing of the student beyond what it needs."""
    told = {
        "departure": f"{profile.departure:%Y-%m}" if profile.departure else "",
        "months": str(profile.months or ""),
        "destination": profile.destination or "",
        "programme": profile.programme or "",
        "level": profile.level or "",
        "school_practice": "" if profile.school_practice is None else str(profile.school_practice).lower(),
        "done": ",".join(each.step.id for each in plan.steps if each.done),
    }
    return {name: value for name, value in told.items() if value}


def _hidden(plan: Plan, words: PlanTexts) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in hidden_words(plan, words.language))
    return f'<ul class="hidden-steps">{lines}</ul>' if lines else ""
