"""The words of the coverage page and of the files it gives: table ``coverage``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.types import Language
from assistant.web.desk.words import table


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageWords:
    """The words of the page.

    Attributes:
        periods: By ``Period`` value.
        keys: What the parts of a bar are, by ``Part`` value.
        states: By ``AnswerState`` value.
        file: What stands in the file for a new section: a hint for each field of its head, by the field's name.
    """

    title: str
    intro: str
    as_of: str
    kept: str
    period: str
    periods: Mapping[str, str]
    nothing: str
    glance: str
    glance_help: str
    asked: str
    answered: str
    abstained: str
    low: str
    checked: str
    disliked: str
    key: str
    keys: Mapping[str, str]
    weeks: str
    weeks_caption: str
    weeks_plot: str
    week: str
    week_bar: str
    fields: str
    fields_caption: str
    fields_plot: str
    weak_of: str
    other_countries: str
    no_country: str
    no_topic: str
    language: str
    topic: str
    country: str
    groups: str
    groups_help: str
    groups_some: str
    groups_none: str
    group_said: str
    group_when: str
    section: str
    nearest: str
    examples: str
    in_queue: str
    write: str
    write_help: str
    count: str
    open: str
    first: str
    last: str
    used: str
    used_caption: str
    times: str
    disputed: str
    stale: str
    unused: str
    unused_help: str
    work: str
    what: str
    opened: str
    closed: str
    hours: str
    decision: str
    reason: str
    answers: str
    states: Mapping[str, str]
    mentors: str
    mentor: str
    reviews: str
    coordinators_only: str
    agreement: str
    agreement_help: str
    agreement_few: str
    agreement_said: str
    agreement_same: str
    replies: str
    observed: str
    kappa: str
    low_end: str
    high_end: str
    figures: str
    csv: str
    reviewed: str
    reviewed_help: str
    reviewed_do: str
    file: Mapping[str, str]


def coverage_words(language: Language) -> CoverageWords:
    """Return the words of the page."""
    return table(language, "coverage", CoverageWords)
