"""The rules of an answer that mentors vouch for, and which of them a version breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from assistant.records.columns import storable

LONGEST_QUESTION = 500
LONGEST_WORDING = 2_000
LONGEST_ANSWER = 6_000
LONGEST_OFFICE = 200
LONGEST_QUOTE = 4_000
MOST_CITATIONS = 12
MOST_WORDINGS = 200

MARK = re.compile(r"\[([0-9]{1,3})\]")
"""A mark in an answer's text; it is the number of its citation."""


class Flaw(StrEnum):
    """A rule that an answer's version breaks."""

    QUESTION_EMPTY = "question_empty"
    QUESTION_LONG = "question_long"
    TEXT_EMPTY = "text_empty"
    TEXT_LONG = "text_long"
    UNQUOTED_MARK = "unquoted_mark"
    UNMARKED_QUOTE = "unmarked_quote"
    MARKS_OUT_OF_ORDER = "marks_out_of_order"
    MANY_CITATIONS = "many_citations"
    NO_AUTHORITY = "no_authority"
    OFFICE_BESIDE_QUOTES = "office_beside_quotes"
    OFFICE_LONG = "office_long"
    OFFICE_UNDATED = "office_undated"
    OFFICE_MISSING = "office_missing"
    WORDING_LONG = "wording_long"
    MANY_WORDINGS = "many_wordings"
    UNSTORABLE = "unstorable"


def flaws(
    question: str,
    text: str,
    marks: tuple[int, ...],
    office: str,
    office_date: date | None,
    wordings: tuple[str, ...] = (),
) -> tuple[Flaw, ...]:
    """Return which rules a version breaks, in the order of ``Flaw``.

    Args:
        question: What is answered.
        text: The answer with its marks.
        marks: The numbers of its citations.
        office: On whose authority.
        office_date: Since when.
        wordings: Other words for the question.
    """
    broken = {
        *_flaws_of_words(question, text, wordings),
        *_flaws_of_marks({int(mark) for mark in MARK.findall(text)}, marks),
        *_flaws_of_authority(marks, office, office_date),
    }
    words = [question, text, office, *wordings]
    if storable(words) != words:
        broken.add(Flaw.UNSTORABLE)
    return tuple(flaw for flaw in Flaw if flaw in broken)


def _flaws_of_words(question: str, text: str, wordings: tuple[str, ...]) -> Iterator[Flaw]:
    if not question.strip():
        yield Flaw.QUESTION_EMPTY
    if len(question) > LONGEST_QUESTION:
        yield Flaw.QUESTION_LONG
    if not MARK.sub("", text).strip():
        yield Flaw.TEXT_EMPTY
    if len(text) > LONGEST_ANSWER:
        yield Flaw.TEXT_LONG
    if any(not each.strip() or len(each) > LONGEST_WORDING for each in wordings):
        yield Flaw.WORDING_LONG
    if len(wordings) > MOST_WORDINGS:
        yield Flaw.MANY_WORDINGS


def _flaws_of_marks(in_text: set[int], cited: tuple[int, ...]) -> Iterator[Flaw]:
    if in_text - set(cited):
        yield Flaw.UNQUOTED_MARK
    if set(cited) - in_text:
        yield Flaw.UNMARKED_QUOTE
    if list(cited) != list(range(1, len(cited) + 1)):
        yield Flaw.MARKS_OUT_OF_ORDER
    if len(cited) > MOST_CITATIONS:
        yield Flaw.MANY_CITATIONS


def _flaws_of_authority(cited: tuple[int, ...], office: str, office_date: date | None) -> Iterator[Flaw]:
    is_named = bool(office.strip())
    if not cited and not is_named and office_date is None:
        yield Flaw.NO_AUTHORITY
    elif cited and (is_named or office_date):
        yield Flaw.OFFICE_BESIDE_QUOTES
    elif is_named and office_date is None:
        yield Flaw.OFFICE_UNDATED
    elif office_date and not is_named:
        yield Flaw.OFFICE_MISSING
    if len(office) > LONGEST_OFFICE:
        yield Flaw.OFFICE_LONG
