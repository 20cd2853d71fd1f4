"""How prepared a student feels for the four challenges: statements to answer, a plot, and what helps most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from assistant.preparation.readiness import FULLY, Challenge, ChallengeStanding, Help, Readiness, read_answers, standing
from assistant.web.plan.controls import Choice, entries, radios
from assistant.web.plan.words import PlanTexts
from assistant.web.rendering import section_link

Namer = Callable[[Help], str]
"""Returns the title of a section or a step; empty if there is none such."""


def statements(readiness: Readiness, given: Mapping[str, str], words: PlanTexts) -> str:
    """Return the statements as HTML, by challenge, with the answers given."""
    language = words.language
    scale: list[Choice] = [(str(place), each[language]) for place, each in enumerate(readiness.scale)]
    groups = []
    for challenge in Challenge:
        asked = [item for item in readiness.items if item.challenge is challenge]
        body = "".join(radios(item.id, item.statement[language], scale, given.get(item.id)) for item in asked)
        name = escape(readiness.challenges[challenge][language])
        groups.append(f'<section class="group"><h2>{name}</h2><div class="scales">{body}</div></section>')
    return entries("readiness", "".join(groups))


def standings(readiness: Readiness, given: Mapping[str, str], words: PlanTexts, name: Namer) -> str:
    """Return where the student stands in each challenge, as a plot and in words, and what helps most."""
    answers, _ = read_answers(readiness.items, given)
    found = standing(readiness.items, answers)
    plot = "".join(_bar(readiness, each, words) for each in found)
    scale = [readiness.scale[0][words.language], readiness.scale[-1][words.language]]
    axis = f'<div class="axis"><span>{escape(scale[0])}</span><span>{escape(scale[1])}</span></div>'
    helps = "".join(_helps(readiness, each, words, name) for each in found)
    title = f"<h2>{escape(words.helps_title)}</h2>" if helps else ""
    return (
        f'<p class="hint">{escape(readiness.note[words.language])}</p>'
        f'<div class="plot">{plot}{axis}</div>{title}{helps}'
    )


def _bar(readiness: Readiness, each: ChallengeStanding, words: PlanTexts) -> str:
    """Return one challenge of the plot; a challenge without an answer has no bar and says so."""
    name = escape(readiness.challenges[each.challenge][words.language])
    if each.mean is None or each.band is None:
        return f'<div class="bar none"><span>{name}</span><i></i><span>{escape(words.not_answered)}</span></div>'
    said = escape(readiness.bands[each.band][words.language])
    answered = f"{each.answered}/{each.asked}"
    width = round(each.mean * 100 / FULLY)
    return (
        f'<div class="bar"><span>{name}</span><i><b style="width:{width}%"></b></i>'
        f"<span>{said} <small>({answered})</small></span></div>"
    )


def _helps(readiness: Readiness, each: ChallengeStanding, words: PlanTexts, name: Namer) -> str:
    lines = "".join(f"<li>{_help(help_, words, title)}</li>" for help_ in each.helps if (title := name(help_)))
    challenge = escape(readiness.challenges[each.challenge][words.language])
    return f"<h3>{challenge}</h3><ul>{lines}</ul>" if lines else ""


def _help(each: Help, words: PlanTexts, title: str) -> str:
    if each.form == "section":
        return section_link(each.id, words.language, title)
    return f"{escape(words.step)} {escape(title)}"
