"""What a form may send, what is refused, and how it is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from submissions_contract import STORY as GOOD

from assistant.preparation import profile, steps
from assistant.records.fields import Refused, Rule
from assistant.records.submissions import (
    FUNDINGS,
    LEVELS,
    STORY,
    Experience,
    Problem,
    read_experience,
    read_feedback,
    read_question,
)

TODAY = date(2026, 11, 22)
VERDICT: dict[str, Any] = {"question": "Which GPA?", "language": "en", "rating": "bad"}
QUESTION: dict[str, Any] = {"question": "Which GPA?", "language": "en"}


def read(**changed: Any) -> tuple[Experience | None, tuple[Refused, ...]]:
    """Read a good story with some fields changed."""
    return read_experience(GOOD | changed, today=TODAY)


def test_a_story_keeps_what_was_told() -> None:
    """Fields come back typed, texts with their lines, and what is empty or absent is nothing."""
    story, refused = read(months="5", year=2025.0, funding="own", home_university=None, best="")
    assert refused == ()
    assert story is not None
    assert (story.months, story.year, story.funding, story.home_university, story.best) == (5, 2025, "own", "", "")
    assert story.language_hard == GOOD["language_hard"]


def test_text_is_cleaned_at_the_door() -> None:
    """Controls, bidirectional signs and lone surrogates go, letters are composed, names stand in one line."""
    story, _ = read(advice=" a\u202eb\ud800c\x00 и\u0306 ", host_institution="Uni\n of\tŁódź")
    assert story is not None
    assert (story.advice, story.host_institution) == ("abc й", "Uni of Łódź")


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"country": "  "}, Refused("country", "", Rule.MISSING)),
        ({"country": None}, Refused("country", "", Rule.MISSING)),
        ({"country": "x" * 81}, Refused("country", "x" * 60, Rule.TOO_LONG, "80")),
        ({"country": 7}, Refused("country", "7", Rule.NO_TEXT)),
        ({"year": 2027}, Refused("year", "2027", Rule.OUT_OF_RANGE, "1992–2026")),
        ({"year": "last"}, Refused("year", "last", Rule.NO_WHOLE_NUMBER, "1992–2026")),
        ({"months": 25}, Refused("months", "25", Rule.OUT_OF_RANGE, "1–24")),
        ({"months": 1.5}, Refused("months", "1.5", Rule.NO_WHOLE_NUMBER, "1–24")),
        ({"months": True}, Refused("months", "True", Rule.NO_WHOLE_NUMBER, "1–24")),
        ({"months": float("nan")}, Refused("months", "nan", Rule.NO_WHOLE_NUMBER, "1–24")),
        ({"months": float("inf")}, Refused("months", "inf", Rule.NO_WHOLE_NUMBER, "1–24")),
        ({"level": "kindergarten"}, Refused("level", "kindergarten", Rule.NO_CHOICE, "bachelor, master, doctoral")),
        ({"funding": ["own"]}, Refused("funding", "['own']", Rule.NO_CHOICE, "scholarship, home, own")),
        ({"language": "de"}, Refused("language", "de", Rule.NO_CHOICE, "en, ru, kk")),
        ({"consent": False}, Refused("consent", "False", Rule.NO_CONSENT)),
        ({"consent": 1}, Refused("consent", "1", Rule.NO_CONSENT)),
        ({"consent": None}, Refused("consent", "", Rule.NO_CONSENT)),
        ({"consent_version": ""}, Refused("consent_version", "", Rule.MISSING)),
        ({"advice": "ж" * 2001}, Refused("advice", "ж" * 60, Rule.TOO_LONG, "2000")),
        ({"colour": "red"}, Refused("colour", "red", Rule.UNKNOWN_FIELD)),
        ({"advice": " \n", "language_hard": ""}, Refused("story", "", Rule.NO_STORY)),
        (dict.fromkeys(STORY, "x" * 1001), Refused("story", "", Rule.STORY_TOO_LONG, "12000")),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_value_and_rule(changed: dict[str, Any], refused: Refused) -> None:
    """Each sort of mistake is refused as itself, shortened, with what would be taken."""
    assert read(**changed) == (None, (refused,))


def test_all_wrong_fields_are_named_at_once() -> None:
    """Nobody has to send a form as often as it has mistakes."""
    story, refused = read(country="", months=0, consent=False)
    assert story is None
    assert {each.field for each in refused} == {"country", "months", "consent"}


def test_limits_count_the_longest_allowed_text_as_allowed() -> None:
    """Twelve answers of 1,000 characters and one answer of 2,000 are just taken."""
    assert read(**dict.fromkeys(STORY, "x" * 1000))[1] == ()
    assert read(advice="x" * 2000)[1] == ()


def test_a_story_cannot_be_built_against_the_rules() -> None:
    """Building it without the form obeys the same rules, and a built one does not change."""
    with pytest.raises(ValidationError):
        Experience(**(GOOD | {"consent": False}))
    with pytest.raises(ValidationError):
        Experience(**GOOD).country = "TR"  # type: ignore[misc]


def test_a_verdict_lists_each_problem_once() -> None:
    """Reasons come from a fixed list, without repeats."""
    verdict, refused = read_feedback(VERDICT | {"reasons": ["wrong", "unclear", "wrong"], "sections": ["a/b#c"]})
    assert refused == ()
    assert verdict is not None
    assert (verdict.reasons, verdict.sections) == ((Problem.WRONG, Problem.UNCLEAR), ("a/b#c",))


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"rating": "fine"}, "rating", Rule.NO_CHOICE),
        ({"reasons": ["rude"]}, "reasons", Rule.NO_CHOICE),
        ({"reasons": "wrong"}, "reasons", Rule.NO_CHOICE),
        ({"reasons": ["wrong"] * 6}, "reasons", Rule.TOO_MANY),
        ({"comment": "x" * 1001}, "comment", Rule.TOO_LONG),
        ({"sections": [1]}, "sections", Rule.NO_TEXT),
        ({"question": ""}, "question", Rule.MISSING),
    ],
)
def test_a_wrong_verdict_is_refused(changed: dict[str, Any], field: str, rule: Rule) -> None:
    """Each field of a verdict has its rule."""
    verdict, refused = read_feedback(VERDICT | changed)
    assert verdict is None
    assert [(each.field, each.rule) for each in refused] == [(field, rule)]


@pytest.mark.parametrize("consent", [None, False, True])
def test_a_contact_is_kept_only_with_consent(consent: bool | None) -> None:
    """Without a plain yes the contact is forgotten before it is a value."""
    given_contact = {"contact": "aigul@example.kz", "consent": consent, "consent_version": "1"}
    question, refused = read_question(QUESTION | given_contact)
    assert refused == ()
    assert question is not None
    assert question.contact == ("aigul@example.kz" if consent else "")


def test_a_contact_with_a_doubtful_consent_is_refused_without_being_repeated() -> None:
    """A consent that is neither yes nor no is asked again, and the contact stands nowhere."""
    question, refused = read_question(QUESTION | {"contact": "aigul@example.kz", "consent": "yes"})
    assert question is None
    assert refused == (Refused("consent", "yes", Rule.NO_CHOICE, "true, false"),)


def test_levels_and_fundings_are_those_of_a_profile() -> None:
    """Stories and profiles use the same words, so that a story can be matched to a reader."""
    assert tuple(steps.LEVELS) == LEVELS
    assert tuple(profile.Funding) == FUNDINGS


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from([read_feedback, read_question, lambda given: read_experience(given, today=TODAY)]),
    st.dictionaries(st.sampled_from([*GOOD, *VERDICT, "contact", "sections"]) | st.text(st.characters()), VALUES),
)
def test_whatever_is_sent_gives_a_value_or_refusals(reader, given_data: dict[str, Any]) -> None:
    """No data makes a reader fail, and it is either taken or refused in short clean words."""
    value, refused = reader(given_data)
    assert (value is None) == bool(refused)
    for each in refused:
        assert len(each.field) <= 60
        assert len(each.value) <= 60
        (each.field + each.value).encode()


@given(st.text(max_size=300), st.integers(1992, 2026))
def test_a_story_survives_json(advice: str, year: int) -> None:
    """What is stored as JSON comes back equal."""
    story, _ = read(advice=advice, year=year)
    assert story is not None
    assert Experience.model_validate_json(story.model_dump_json()) == story
