"""The form of the profile: what it asks, what it makes of the answers, and that nothing is asked in vain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.preparation.budget import sheet
from assistant.preparation.eligibility import YES_OR_NO, Fact, LanguageTest
from assistant.preparation.plan import make_plan
from assistant.preparation.preparing import Preparation, read_preparation
from assistant.preparation.profile import (
    LONGEST_STAY_MONTHS,
    Certificate,
    Funding,
    Profile,
    circumstances,
    read_profile,
)
from assistant.preparation.steps import LEVELS, PROGRAMMES
from assistant.preparation.verdicts import judge_all
from assistant.settings import content
from assistant.types import LANGUAGES, Language
from assistant.web.plan.form import CERTIFICATES, form, further, profile_given
from assistant.web.plan.words import plan_texts

TODAY = date(2026, 11, 22)
FURTHER = ("credits_completed", *(fact.value for fact in Fact if fact in YES_OR_NO))
HELD = {"test-1": "ielts", "score-1": "6", "test-2": "hsk", "score-2": "4"}
BASE = {
    "destination": "PL", "programme": "erasmus_icm_ka171", "departure": "2027-09", "months": "5", "gpa": "3.1",
    "school_practice": "no", "home_university": "al_farabi_kaznu", "level": "bachelor", "semester": "5",
    "funding": "scholarship", **HELD,
}  # fmt: skip
OTHERWISE = {
    "destination": ["TR"], "programme": ["mevlana"], "departure": ["2027-02"], "months": ["10"], "gpa": ["1"],
    "school_practice": ["yes"], "home_university": ["other"], "level": ["master"], "semester": ["1"],
    "funding": ["own"], "test-1": ["", "tomer"], "score-1": ["1"], "test-2": ["internal"], "score-2": ["1"],
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Preparation:
    """Return what the shipped knowledge base advises."""
    return read_preparation(content("knowledge_base"))[0]


def made(items: Mapping[str, Any], language: Language = "en") -> str:
    """Return the form with two countries and one university."""
    universities = [("abai_kaznpu", "Abai University")]
    return form(items, plan_texts(language), today=TODAY, countries=("PL", "DE"), universities=universities)


def names(html: str) -> list[str]:
    """Return the names of the controls, each once, in their order."""
    return list(dict.fromkeys(re.findall(r'\bname="([^"]+)"', html)))


def read(items: Mapping[str, Any]) -> Profile:
    """Return the profile that entries make; none of them may be refused."""
    profile, refused = read_profile(profile_given(items), today=TODAY)
    assert refused == ()
    return profile


def follows(base: Preparation, profile: Profile) -> tuple[object, ...]:
    """Return all that follows from a profile: verdicts, days of the steps, sums, and what questions mean."""
    plan = make_plan(base.steps, profile, today=TODAY, done=frozenset(), guides=base.guides)
    verdicts = [
        (each.id, each.open_to, [(one.rule.id, one.standing) for one in each.requirements])
        for each in judge_all(base.programmes, profile)
    ]
    assert base.budget is not None
    return (
        verdicts,
        [(each.step.id, each.due) for each in plan.steps],
        sheet(base.budget, profile).totals,
        circumstances(profile),
    )


@pytest.mark.parametrize("name", names(made({})))
def test_every_question_of_the_form_changes_something(shipped: Preparation, name: str) -> None:
    """Another answer to any control changes a verdict, a step, a sum, or what questions are taken to mean."""
    bases = [BASE, BASE | {"home_university": "other", "destination": "TR", "programme": "mevlana"}]
    bases += [BASE | {"home_university": each} for each in ("abai_kaznpu", "astana_medical_university")]
    bases += [base | {"test-1": "hsk", "score-1": "4", "test-2": "ielts", "score-2": "6"} for base in bases]
    assert any(
        follows(shipped, read(base)) != follows(shipped, read(base | {name: other}))
        for base in bases
        for other in OTHERWISE[name]
    )


def test_every_further_question_is_asked_by_a_rule(shipped: Preparation) -> None:
    """Each fact that may be asked further is needed by a rule of a documented programme."""
    needed = {rule.needs.value for programme in shipped.programmes.values() for rule in programme.rules}
    assert set(names(further({}, plan_texts("en"), FURTHER))) <= needed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_of_the_form_is_taken(language: Language) -> None:
    """No value of any list or visible choice is refused, in any language."""
    html = made({}, language)
    for field, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', html):
        for value in re.findall(r'<option value="([^"]*)"', body):
            read({field: value})
    for field, value in re.findall(r'type="radio" name="([^"]+)" id="[^"]+" value="([^"]*)"', html):
        read({field: value})


def test_all_that_can_be_chosen_is_offered() -> None:
    """Every programme, level, test, source of money, country and university stands in the form."""
    offered = set(re.findall(r'value="([^"]*)"', made({})))
    wanted = {*PROGRAMMES, *LEVELS, *(each.value for each in LanguageTest), *(each.value for each in Funding)}
    assert wanted | {"PL", "DE", "abai_kaznpu", "other", "none", "2026-11", "2027-09"} <= offered


def test_every_departure_that_a_profile_takes_can_stay_chosen() -> None:
    """Who left long ago and is still away keeps the month; what the list lacks would go with the next entry."""
    offered = re.findall(r'<option value="(\d{4}-\d{2})"', made({}))
    for ago in range(LONGEST_STAY_MONTHS + 1):
        year, month = divmod(TODAY.year * 12 + TODAY.month - 1 - ago, 12)
        written = f"{year}-{month + 1:02d}"
        assert read({"departure": written}).departure
        assert written in offered


def test_the_form_shows_what_was_entered() -> None:
    """A filled form holds every entry again: chosen, marked or written."""
    html = made(BASE | {"home_university": "abai_kaznpu"})
    chosen = re.findall(r'value="([^"]*)" (?:selected|checked)', html)
    assert {"PL", "erasmus_icm_ka171", "2027-09", "5", "no", "abai_kaznpu", "bachelor", "ielts", "hsk"} <= set(chosen)
    assert re.search(r'name="gpa" id="f-gpa" value="3\.1"', html)
    assert re.search(r'name="score-2" id="f-score-2" value="4"', html)


def test_an_empty_form_says_nothing() -> None:
    """Where nothing was entered, "not said" stands, and the profile is empty."""
    html = made({})
    checked = re.findall(r'name="([^"]+)" id="[^"]+" value="([^"]*)" checked', html)
    assert checked == [("school_practice", ""), ("level", ""), ("funding", "")]
    assert " selected" not in html
    assert read(dict.fromkeys(names(html), "")) == Profile()


@pytest.mark.parametrize(("word", "said"), [("yes", True), ("no", False)])
def test_yes_and_no_are_read(word: str, said: bool) -> None:
    """The words of the choices become true and false; anything else is explained and not guessed."""
    assert profile_given({"nominated": word, "school_practice": word}) == {"nominated": said, "school_practice": said}
    assert profile_given({"nominated": "maybe"}) == {"nominated": "maybe"}
    assert len(read_profile(profile_given({"nominated": "maybe"}), today=TODAY)[1]) == 1


def test_certificates_are_read_as_pairs() -> None:
    """Each test goes with its own score; a score without a test says nothing."""
    held = (Certificate(LanguageTest.IELTS, 6.0), Certificate(LanguageTest.HSK, 4.0))
    assert read(HELD).certificates == held
    assert read({"test-2": "tomer", "score-2": "b2", "score-1": "7"}).certificates == (
        Certificate(LanguageTest.TOMER, "B2"),
    )
    assert read({"test-1": "ielts"}).certificates == (Certificate(LanguageTest.IELTS),)
    assert CERTIFICATES == 2


def test_no_certificate_yet_is_an_answer() -> None:
    """Having no certificate yet is an empty list, and not the same as not said."""
    assert read({"test-1": "none"}).certificates == ()
    assert read({"test-1": ""}).certificates is None


def test_another_university_is_not_ours() -> None:
    """Whoever studies elsewhere sees none of the documented universities as open."""
    assert read({"home_university": "other"}).home_university == "other"


@given(st.dictionaries(st.sampled_from([*names(made({})), *FURTHER, "x"]), st.text(max_size=30)))
def test_any_entries_make_a_profile_and_a_form(items: dict[str, str]) -> None:
    """Whatever is typed into the controls, the profile is read and the form is made again without a foreign tag."""
    read_profile(profile_given(items), today=TODAY)
    html = made(items) + further(items, plan_texts("en"), ())
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= {
        "div", "section", "h2", "p", "label", "small", "select", "option", "input", "fieldset", "legend", "span",
    }  # fmt: skip


@given(st.lists(st.sampled_from([*FURTHER, "gpa", "destination", "year_of_study"])), st.sets(st.sampled_from(FURTHER)))
def test_further_questions_are_those_wanted_or_answered(wanted: list[str], answered: set[str]) -> None:
    """They stand in one order whatever is wanted first, so that none moves away from under a finger."""
    html = further(dict.fromkeys(answered, "yes"), plan_texts("en"), wanted)
    fixed = [fact.value for fact in Fact if fact in YES_OR_NO or fact is Fact.CREDITS_COMPLETED]
    assert names(html) == [name for name in fixed if name in wanted or name in answered]


def test_an_answer_to_a_further_question_stays_marked() -> None:
    """What was answered is shown, so that it can be changed."""
    html = further({"nominated": "no", "credits_completed": "120"}, plan_texts("en"), ())
    assert 'value="no" checked' in html
    assert 'value="120"' in html


@pytest.mark.parametrize(
    ("test", "hint"), [("ielts", "0–9"), ("tomer", "A1–C2"), ("internal", plan_texts("en").hints["no_score"])]
)
def test_the_scores_of_a_test_stand_beside_it(test: str, hint: str) -> None:
    """Which scores a chosen test has is said above the input."""
    assert f"<small>{hint}</small>" in made({"test-1": test})
    assert f"<small>{hint}</small>" not in made({})


@pytest.mark.parametrize("language", LANGUAGES)
def test_countries_and_months_are_named_in_the_language(language: Language) -> None:
    """Names of countries and months follow the language of the page, and the months begin near the present one."""
    html = made({}, language)
    poland, september = {
        "en": ("Poland", "September 2027"),
        "ru": ("Польша", "сентябрь 2027"),
        "kk": ("Польша", "қыркүйек"),
    }[language]
    assert poland in html
    assert september in html
    departures = re.findall(r'value="(\d{4}-\d{2})"', html)
    assert departures == sorted(departures)
    assert departures[0] < "2026-11" < departures[-1]
