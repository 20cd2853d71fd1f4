"""The words of reviewing and of the verified answers: tables ``review`` and ``answers``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.types import Language
from assistant.web.desk.words import table


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWords:
    """The words of the forms in which mentors answer.

    Attributes:
        ways: By what a mentor can do with an item (``approve``, ``edit``, ``replace``, ``missing``): ``name`` of the
            link, ``help`` below it, ``title`` of its form with ``{id}``, ``save`` on its button.
        drop: With ``{mark}``.
        judged: By ``Judged`` value.
        faults: By ``Flaw`` value, and some more; with ``{mark}`` where a quote is meant.
        hints: Around what is told of sentences beside their quotes; ``supported`` with ``{count}``.
        absent: By kind of mismatch that is about ``{words}``; ``differing`` by kind, where it is about none.
    """

    decide: str
    claim_first: str
    second: str
    back: str
    summary: str
    warning_kept: str
    shown_question: str
    languages: str
    languages_hint: str
    in_language: Mapping[str, str]
    optional: str
    question: str
    question_hint: str
    text: str
    text_hint: str
    fixed: str
    quotes: str
    no_quotes: str
    drop: str
    cite_title: str
    cite_hint: str
    section: str
    no_section: str
    section_id: str
    section_id_hint: str
    look: str
    find: str
    find_do: str
    sentences: str
    sentences_none: str
    cite: str
    office_title: str
    office_hint: str
    office: str
    office_date: str
    wordings: str
    wordings_hint: str
    forget: str
    students: str
    assess: str
    judged_label: str
    judged_usual: str
    reasons: str
    note: str
    note_hint: str
    missing_note: str
    missing_hint: str
    closes: str
    alike: str
    preview: str
    preview_title: str
    preview_hint: str
    cancel: str
    ways: Mapping[str, Mapping[str, str]]
    judged: Mapping[str, str]
    faults: Mapping[str, str]
    hints: Mapping[str, str]
    absent: Mapping[str, str]
    differing: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersWords:
    """The words of the verified answers' pages.

    Attributes:
        states: By ``AnswerState`` value; ``because`` by ``SuspendedBecause`` value.
        checked: With ``{name}`` and ``{date}``.
        said: What was done, by what the address says.
        refusals: Why nothing was done, by ``Unchanged`` value, and ``moved``.
    """

    title: str
    intro: str
    filters: str
    state: str
    all: str
    search: str
    show: str
    caption: str
    question: str
    languages: str
    changed: str
    country: str
    nothing: str
    nothing_help: str
    no_fit: str
    next: str
    back: str
    one_title: str
    created: str
    checked: str
    in_language: Mapping[str, str]
    wordings: str
    no_wordings: str
    students: str
    lost: str
    waits: str
    differences: str
    differences_help: str
    difference_of: str
    same: str
    gone: str
    removed: str
    added: str
    still: str
    still_help: str
    still_not: str
    change: str
    change_title: str
    change_help: str
    save: str
    retire: str
    retire_help: str
    retire_do: str
    missing: str
    states: Mapping[str, str]
    because: Mapping[str, str]
    said: Mapping[str, str]
    refusals: Mapping[str, str]


def review_words(language: Language) -> ReviewWords:
    """Return the words of the forms."""
    return table(language, "review", ReviewWords)


def answers_words(language: Language) -> AnswersWords:
    """Return the words of the verified answers' pages."""
    return table(language, "answers", AnswersWords)
