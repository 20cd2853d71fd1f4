"""The words of the page "My plan", read from ``texts/<language>.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.types import Language
from assistant.web.wording import read_words


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTexts:
    """The words of the page in one language; the TOML files say where each one stands.

    Attributes:
        tabs: Names of the parts of the page.
        fields: Labels of the controls, by name.
        hints: What stands below some labels and titles.
        groups: Titles of groups of controls.
        missing: What must be known to tell, by the value of ``verdicts.Missing``.
        standings: How one stands towards a requirement, by ``Standing``.
        verdicts: The same towards a whole programme.
        per: How often an amount is paid.
        sums: Heads of the table of sums.
    """

    language: Language
    unknown: str
    yes: str
    no: str
    other_university: str
    no_certificate: str
    forget: str
    kept_here: str
    refused: str
    print: str
    calendar: str
    plan_file: str
    read_section: str
    requirements_note: str
    not_for_you: str
    preferred: str
    missing_note: str
    none_documented: str
    helps_title: str
    not_answered: str
    step: str
    budget_months: str
    budget_assumed: str
    no_destination: str
    own: str
    count_this: str
    clause: str
    undated: str
    other_cost: str
    income: str
    rate: str
    no_sums: str
    no_figure: str
    without_rate: str
    gap_note: str
    counted: str
    tabs: Mapping[str, str]
    fields: Mapping[str, str]
    hints: Mapping[str, str]
    groups: Mapping[str, str]
    programmes: Mapping[str, str]
    levels: Mapping[str, str]
    funding: Mapping[str, str]
    tests: Mapping[str, str]
    missing: Mapping[str, str]
    standings: Mapping[str, str]
    verdicts: Mapping[str, str]
    per: Mapping[str, str]
    sums: Mapping[str, str]


@cache
def plan_texts(language: Language) -> PlanTexts:
    """Return the words of the page in ``language``.

    Raises:
        SettingError: If the file lacks a text or holds one that the page does not use.
    """
    return read_words(Path(__file__).with_name("texts") / f"{language}.toml", PlanTexts)
