"""Everything the page "My plan" shows, made from what is known of a student."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from assistant.preparation.plan import Plan, make_plan
from assistant.preparation.preparing import Preparation
from assistant.preparation.readiness import Help
from assistant.preparation.refused_text import refused_words
from assistant.preparation.verdicts import judge_all, questions
from assistant.web.plan import budget_view, readiness_view, requirements_view, timeline_view
from assistant.web.plan.controls import Choice, controls
from assistant.web.plan.form import form, further
from assistant.web.plan.known import Known
from assistant.web.plan.words import PlanTexts
from assistant.web.ports import Reader


@dataclass(frozen=True, slots=True)
class Views:
    """Makes the parts of the page in one language; keeps nothing of a student.

    Attributes:
        preparation: What the knowledge base advises.
        read: Returns a document in a language, or None.
        words: The words of the page.
    """

    preparation: Preparation
    read: Reader
    words: PlanTexts

    def profile(self, known: Known) -> tuple[str, str, str]:
        """Return the form, filled with what a browser keeps, what else may be asked, and what could not be used."""
        made = form(
            known.entered,
            self.words,
            today=known.today,
            countries=tuple(self.preparation.guides),
            universities=self._universities(),
        )
        return made, self._further(known), self._refused(known)

    def notices(self, before: Known, known: Known) -> tuple[str | None, ...]:
        """Return what changes beside an entry.

        These are: further questions and exchange rates, both None if the same are asked as before, because what is
        made anew disturbs whoever types in it; what was refused, progress, standings, sums.
        """
        asked, rates = (
            made(known) if controls(made(known)) != controls(made(before)) else None
            for made in (self._further, self._rates)
        )
        return asked, rates, self._refused(known), self._progress(known), self._standings(known), self._totals(known)

    def requirements(self, known: Known) -> str:
        """Return every programme with its requirements."""
        if not self.preparation.programmes:
            return f'<p class="hint">{escape(self.words.none_documented)}</p>'
        return requirements_view.requirements(judge_all(self.preparation.programmes, known.profile), self.words)

    def timeline(self, known: Known) -> tuple[str, str]:
        """Return the progress and the steps."""
        return self._progress(known), timeline_view.timeline(self._plan(known), known.profile, self.words)

    def readiness(self, known: Known) -> tuple[str, str]:
        """Return the statements and where the student stands."""
        found = self.preparation.readiness
        statements = readiness_view.statements(found, known.readiness, self.words) if found else ""
        return statements, self._standings(known)

    def budget(self, known: Known) -> tuple[str, str, str]:
        """Return the lines of the budget, the exchange rates, and the sums."""
        found = self.preparation.budget
        lines = budget_view.lines(found, known.profile, known.budget, self.words) if found else ""
        return lines, self._rates(known), self._totals(known)

    def _further(self, known: Known) -> str:
        return further(known.entered, self.words, questions(self.preparation.programmes, known.profile))

    def _plan(self, known: Known) -> Plan:
        return make_plan(
            self.preparation.steps,
            known.profile,
            today=known.today,
            done=known.done,
            guides=self.preparation.guides,
        )

    def _progress(self, known: Known) -> str:
        return timeline_view.progress(self._plan(known), self.words)

    def _standings(self, known: Known) -> str:
        found = self.preparation.readiness
        return readiness_view.standings(found, known.readiness, self.words, self._title) if found else ""

    def _rates(self, known: Known) -> str:
        found = self.preparation.budget
        return budget_view.rates(found, known.profile, known.budget, self.words) if found else ""

    def _totals(self, known: Known) -> str:
        found = self.preparation.budget
        if found is None:
            return ""
        made = budget_view.budget_sheet(found, known.profile, known.budget)
        lines = "".join(f"<li>{escape(refused_words(each, self.words.language))}</li>" for each in made.refused)
        return (f'<ul class="refused">{lines}</ul>' if lines else "") + budget_view.totals(made, self.words)

    def _refused(self, known: Known) -> str:
        lines = "".join(f"<li>{escape(refused_words(each, self.words.language))}</li>" for each in known.refused)
        return f'<div class="refused"><p>{escape(self.words.refused)}</p><ul>{lines}</ul></div>' if lines else ""

    def _universities(self) -> list[Choice]:
        """Return the home universities whose rules are known, by name."""
        found: dict[str, str] = {}
        for programme in self.preparation.programmes.values():
            document = self.read(programme.document, self.words.language)
            for name in programme.applies_to.home_university:
                found[name] = document.source.institution if document else programme.programme[self.words.language]
        return sorted(found.items(), key=lambda choice: choice[1])

    def _title(self, help_: Help) -> str:
        """Return the heading of a section, or the title of a step; empty if there is none such."""
        if help_.form == "step":
            step = next((each for each in self.preparation.steps.steps if each.id == help_.id), None)
            return step.title[self.words.language] if step else ""
        name, _, anchor = help_.id.partition("#")
        document = self.read(name, self.words.language)
        sections = document.passages if document else ()
        return next((each.heading for each in sections if each.anchor == anchor), "")
