"""What mentors vouch for: values that break a rule cannot exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verified_made import quoting, vouched, written

from assistant.knowledge.published import section_digest
from assistant.records.binding import bound
from assistant.records.flaws import LONGEST_ANSWER, LONGEST_QUESTION, MARK, MOST_CITATIONS, Flaw, flaws
from assistant.records.publishing import AnswerState, Checked, CheckedCitation, CheckedVersion, WrittenVersion
from assistant.types import LANGUAGES, Language

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00[]", exclude_categories=["Cs"]), max_size=40)
OFFICES = st.sampled_from(["", "Dean's office"])
DAYS = st.sampled_from([None, date(2026, 9, 1)])


@given(marks=st.lists(st.integers(0, 14), max_size=14), cited=st.lists(st.integers(1, 14), max_size=14), words=WORDS,
       office=OFFICES, day=DAYS)  # fmt: skip
def test_marks_and_citations_fit_or_there_is_a_flaw(
    marks: list[int], cited: list[int], words: str, office: str, day: date | None
) -> None:
    """No flaw means: something is said, every mark has its quote, every quote its mark, numbered 1, 2, 3, or an office."""
    text = words + "".join(f" [{mark}]" for mark in marks)
    found = flaws("Which GPA?", text, tuple(cited), office, day)
    fits = set(marks) == set(cited) and cited == list(range(1, len(cited) + 1)) and len(cited) <= MOST_CITATIONS
    stands = bool(office and day) if not cited else not office and day is None
    assert (found == ()) == bool(fits and stands and words.strip())


@given(text=WORDS, start=st.integers(0, 40), length=st.integers(0, 40))
def test_a_citation_quotes_its_passage_letter_for_letter(text: str, start: int, length: int) -> None:
    """What is cut from the passage can be cited, anything else cannot."""
    quote = text[start : start + length]
    made: dict[str, Any] = {"mark": 1, "section": "a/b#c", "language": "en", "passage": text, "digest": "0" * 64}
    if quote.strip():
        assert CheckedCitation(quote=quote, **made).quote in text
    else:
        with pytest.raises(ValueError, match="does not stand"):
            CheckedCitation(quote=quote, **made)
    with pytest.raises(ValueError, match="does not stand"):
        CheckedCitation(quote=f"{text}!", **made)


@pytest.mark.parametrize(
    "change",
    [
        {"mark": 0}, {"mark": MOST_CITATIONS + 1}, {"section": "regulations/smu"}, {"section": "a#" + "b" * 200},
        {"language": "de"}, {"digest": "0" * 63}, {"digest": "G" * 64}, {"passage": "The GPA is 2.67 or more.\x00"},
    ],
)  # fmt: skip
def test_a_citation_names_a_section_in_a_language_of_ours(change: dict[str, Any]) -> None:
    """A mark, section, language, digest or passage that cannot be is refused."""
    with pytest.raises(ValueError, match="mark"):
        replace(quoting(), **change)


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"question": " \n"}, Flaw.QUESTION_EMPTY),
        ({"question": "a" * (LONGEST_QUESTION + 1)}, Flaw.QUESTION_LONG),
        ({"text": "[1]"}, Flaw.TEXT_EMPTY),
        ({"text": "a" * LONGEST_ANSWER + " [1]"}, Flaw.TEXT_LONG),
        ({"text": "See [2] and [1]."}, Flaw.UNQUOTED_MARK),
        ({"text": "See."}, Flaw.UNMARKED_QUOTE),
        ({"citations": (quoting(mark=2),), "text": "See [2]."}, Flaw.MARKS_OUT_OF_ORDER),
        ({"citations": (), "text": "See."}, Flaw.NO_AUTHORITY),
        ({"office": "Dean"}, Flaw.OFFICE_BESIDE_QUOTES),
        ({"citations": (), "text": "See.", "office": "Dean"}, Flaw.OFFICE_UNDATED),
        ({"citations": (), "text": "See.", "office_date": date(2026, 9, 1)}, Flaw.OFFICE_MISSING),
        ({"citations": (), "text": "See.", "office": "D" * 201, "office_date": date(2026, 9, 1)}, Flaw.OFFICE_LONG),
        ({"wordings": ("", "b")}, Flaw.WORDING_LONG),
        ({"wordings": tuple(map(str, range(201)))}, Flaw.MANY_WORDINGS),
        ({"question": "Which\x00 GPA?"}, Flaw.UNSTORABLE),
    ],
)  # fmt: skip
def test_each_rule_has_its_own_flaw(change: dict[str, Any], flaw: Flaw) -> None:
    """A version that breaks one rule says which."""
    with pytest.raises(ValueError, match=f": {flaw.value}$"):
        written(**change)


def test_a_version_is_in_a_language_of_ours() -> None:
    """Any other is refused."""
    with pytest.raises(ValueError, match="no language of ours"):
        replace(vouched(), language="de")  # type: ignore[arg-type]


@given(languages=st.lists(st.sampled_from(LANGUAGES), max_size=4))
def test_an_answer_has_each_language_once_and_in_order(languages: list[Language]) -> None:
    """Anything else is no answer."""
    versions = tuple(_checked(written(each)) for each in languages)
    if languages and languages == [each for each in LANGUAGES if each in languages]:
        assert Checked("0" * 12, AnswerState.ACTIVE, versions).versions == versions
    else:
        with pytest.raises(ValueError, match="versions"):
            Checked("0" * 12, AnswerState.ACTIVE, versions)


@given(before=WORDS, behind=WORDS)
def test_a_version_is_bound_again_where_its_quote_still_stands(before: str, behind: str) -> None:
    """Whatever changes around the quote, the citation then has the new passage and digest; without it there is none."""
    version = _checked(written())
    texts: dict[Language, str] = {"en": before + quoting().quote + behind, "ru": behind}
    found = bound(version, {quoting().section: texts})
    assert found is not None
    assert (found.citations[0].passage, found.citations[0].digest) == (texts["en"], section_digest(texts))
    assert bound(version, {quoting().section: {"ru": texts["en"]}}) is None


def test_marks_are_read_in_linear_time() -> None:
    """50,000 brackets and digits are no trouble."""
    for piece in ("[", "[1", "]", "[12", "1"):
        assert len(MARK.findall(piece * 50_000)) == 0


def _checked(version: WrittenVersion) -> CheckedVersion:
    names = ("language", "question", "text", "citations", "office", "office_date", "wordings")
    given = {name: getattr(version, name) for name in names}
    return CheckedVersion(**given, mentor="d" * 32, checked_on=date(2026, 11, 22))
