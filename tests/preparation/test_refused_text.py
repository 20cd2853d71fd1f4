"""Why a value was not taken, in the three languages."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.preparation.eligibility import YES_OR_NO
from assistant.preparation.plan_text import wording
from assistant.preparation.profile import Refused, Rule, read_profile
from assistant.preparation.refused_text import field_words, refused_data, refused_words
from assistant.types import LANGUAGES, Language

TODAY = date(2026, 11, 22)
FIELDS = (
    "home_university", "programme", "destination", "departure", "months", "level", "gpa", "year_of_study", "semester",
    "credits_completed", "certificates", "funding", "school_practice", *(fact.value for fact in YES_OR_NO),
)  # fmt: skip


def told(given: dict[str, Any], language: Language = "en") -> str:
    """Return the words about the one value of a profile that is not taken."""
    [refused] = read_profile(given, today=TODAY)[1]
    return refused_words(refused, language)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"gpa": 6}, "GPA: 6 is not between 0 and 4. Kazakhstan's scale ends at 4; if yours is in per cent, ask "),
        ({"gpa": "high"}, "GPA: “high” is not a number. Write a number from 0 to 4."),
        ({"months": 2.5}, "Length of stay in months: “2.5” is not a whole number. Write a whole number from 1 to 24."),
        ({"departure": "2024-01"}, "Month of departure: 2024-01 is in the past. Write 2026-11 or a later month."),
        ({"departure": "2036-01"}, "Month of departure: 2036-01 is more than 36 months away. Check the year."),
        ({"departure": "soon"}, "Month of departure: “soon” is not a month. Write the year and the month, for example"),
        ({"certificates": [{"test": "ielts", "score": "five"}]}, "Language certificate: “five” is not a number. Write"),
        ({"certificates": [{"test": "tomer", "score": "X"}]}, "Language certificate: “X” is not a level of language."),
        (
            {"certificates": [{"test": "ielts", "score": 6.5}, {"test": "hsk", "score": 12}]},
            "Language certificate: 12 is not between 1 and 9.",
        ),
        ({"certificates": [{"test": "toeic"}]}, "Language certificate: “toeic” is not a test that is known here."),
        ({"destination": "Poland"}, "Host country: “Poland” is not the code of a country. Write two capital letters"),
        ({"home_university": "KazNPU!"}, "Home university: “KazNPU!” is not the short name of a university."),
        ({"level": "phd"}, "Level of study: “phd” is not in the list. Choose one of these: bachelor, master, doctoral"),
        ({"final_year": "maybe"}, "Final year of study: “maybe” is neither yes nor no. Write one of these: true, fal"),
        ({"shoe_size": 41}, "There is no field “shoe_size” here, so it was left out."),
        ({"gpaa": 3}, "There is no field “gpaa” here, so it was left out. Perhaps you mean “gpa”."),
    ],
)
def test_value_rule_and_way_out_are_told(given: dict[str, Any], expected: str) -> None:
    """Whoever wrote a wrong value reads what it was, which rule it breaks, and what to write."""
    assert told(given).startswith(expected)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ru", "GPA: нужно число от 0 до 4, а не 6. Шкала в Казахстане заканчивается на 4;"),
        ("kk", "GPA: 6 мына аралыққа кірмейді: 0–4. Қазақстандағы шкаланың ең жоғары балы — 4;"),
    ],
)
def test_the_words_are_in_the_language_of_the_reader(language: Language, expected: str) -> None:
    """A Russian and a Kazakh student read the same in their language."""
    assert told({"gpa": 6}, language).startswith(expected)


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        (
            Refused("rates.EUR", "-1", Rule.OUT_OF_RANGE, "0.0001–10000"),
            "Exchange rate (EUR): -1 is not between 0.0001 ",
        ),
        (Refused("free.30", "…", Rule.OUT_OF_RANGE, "30"), "Line of your own (31): at most 30 lines are taken"),
        (Refused("chosen", "x", Rule.UNKNOWN_FIELD, "a, b"), "Chosen line: “x” is not known here and was left out."),
        (
            Refused("reserve_percent", "0.001", Rule.NO_NUMBER, "0–100, 0.01"),
            "Reserve in per cent: “0.001” is not a number. Write a number from 0 to 100.",
        ),
    ],
)
def test_entries_of_a_budget_have_words_too(refused: Refused, expected: str) -> None:
    """What is refused in a budget is named by its table and its entry."""
    assert refused_words(refused, "en").startswith(expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_and_rule_has_words(language: Language) -> None:
    """A field or rule without words would end in an error before a student."""
    assert all(field_words(field, language) != field for field in FIELDS)
    assert all(
        refused_words(Refused(field, "5", rule, "0–4"), language) for field in (*FIELDS, "other") for rule in Rule
    )


def test_every_text_is_for_a_rule() -> None:
    """A text of its own is for a rule and a field that exist, so none is left unread."""
    plain = {rule.value for rule in Rule} | {"unknown_value", "perhaps", "too_many"}
    own = {f"{rule.value}_{field}" for rule in Rule for field in FIELDS}
    assert wording("en")["refused"].keys() <= plain | own
    assert plain <= wording("en")["refused"].keys()


def test_the_data_of_a_refusal_hold_its_words() -> None:
    """JSON has the plain parts and the sentence."""
    refused = Refused("gpa", "6", Rule.OUT_OF_RANGE, "0–4")
    assert refused_data(refused, "ru") == {
        "field": "gpa", "value": "6", "rule": "out_of_range", "allowed": "0–4", "message": refused_words(refused, "ru")
    }  # fmt: skip


@example("gpa", "x", Rule.OUT_OF_RANGE, "0–1E100")
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(Rule), st.text(max_size=20))
def test_whatever_was_refused_can_be_said(field: str, value: str, rule: Rule, allowed: str) -> None:
    """Braces, points and nothing at all in what was given are shown as they are and fill no place of a text."""
    for language in LANGUAGES:
        words = refused_words(Refused(field, value, rule, allowed), language)
        assert words
        if set(string.punctuation).isdisjoint(field + value + allowed):
            assert "{" not in words
