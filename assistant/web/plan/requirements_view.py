"""Whether a student may apply: every programme, requirement by requirement, each with the clause that states it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from assistant.preparation.verdicts import Missing, Requirement, Standing, Verdict
from assistant.web.plan.words import PlanTexts
from assistant.web.rendering import section_link

SIGNS = {Standing.MET: "✓", Standing.NOT_MET: "✗", Standing.CANNOT_TELL: "?"}
"""Signs beside the words, for the eye; the words say the same."""


def requirements(verdicts: Sequence[Verdict], words: PlanTexts) -> str:
    """Return all programmes as HTML: those that may concern the student open, the others folded in one line."""
    ours = [each for each in verdicts if each.open_to is not Standing.NOT_MET]
    others = [each for each in verdicts if each.open_to is Standing.NOT_MET]
    parts = [f'<p class="hint">{escape(words.requirements_note)}</p>']
    parts += [_programme(each, words, unfolded=place == 0) for place, each in enumerate(ours)]
    if others:
        listed = "".join(_programme(each, words, unfolded=False) for each in others)
        title = f"{words.not_for_you} ({len(others)})"
        parts.append(f'<details class="others"><summary>{escape(title)}</summary>{listed}</details>')
    return f'<div class="requirements">{"".join(parts)}</div>'


def _programme(verdict: Verdict, words: PlanTexts, *, unfolded: bool) -> str:
    """Return one programme with its requirements, those in the way first."""
    counts = Counter(each.standing for each in verdict.requirements)
    told = " · ".join(f"{words.standings[s.value]}: {counts[s]}" for s in Standing if counts[s])
    ordered = sorted(verdict.requirements, key=lambda each: _ORDER.index(each.standing))
    rows = "".join(_requirement(each, words) for each in ordered)
    missing = _missing(verdict.unknown, words)
    state = "open" if unfolded else ""
    return (
        f'<details class="programme" {state}><summary><h2>{escape(verdict.programme.programme[words.language])}</h2>'
        f"{_badge(verdict.standing, words.verdicts[verdict.standing.value])}<small>{escape(told)}</small></summary>"
        f"{missing}<ul>{rows}</ul></details>"
    )


_ORDER = (Standing.NOT_MET, Standing.CANNOT_TELL, Standing.MET)


def _requirement(requirement: Requirement, words: PlanTexts) -> str:
    """Return one requirement: how the student stands, the clause, where it stands, and what to do."""
    rule, language = requirement.rule, words.language
    preferred = f' <small class="preferred">{escape(words.preferred)}</small>' if rule.strength == "preferred" else ""
    todo = "" if requirement.standing is Standing.MET else f'<p class="todo">{escape(rule.todo[language])}</p>'
    return (
        f"<li>{_badge(requirement.standing, words.standings[requirement.standing.value])}{preferred}"
        f"{_missing(requirement.missing, words)}<blockquote>{escape(_plain(rule.clause[language]))}</blockquote>"
        f"{section_link(rule.section, language, words.read_section)}{todo}</li>"
    )


def _badge(standing: Standing, said: str) -> str:
    return f'<span class="standing {standing.value}"><b>{SIGNS[standing]}</b> {escape(said)}</span>'


def _missing(missing: Sequence[Missing], words: PlanTexts) -> str:
    """Return what must be known to tell, if anything is missing."""
    names = ", ".join(words.missing[each.value] for each in missing)
    return f'<p class="missing">{escape(words.missing_note)} {escape(names)}</p>' if names else ""


def _plain(clause: str) -> str:
    """Return a clause without the marks of Markdown: a list item or a row of a table is quoted by its words."""
    cells = [cell.strip() for cell in clause.strip().strip("|").split("|")]
    return " — ".join(cell for cell in cells if cell).removeprefix("- ").replace("**", "")
