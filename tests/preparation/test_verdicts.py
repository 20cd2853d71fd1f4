"""Verdicts: sixty profiles judged by hand, and what holds of every profile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.preparation.eligibility import (
    CEFR,
    LEVELLED,
    UNSCORED,
    YES_OR_NO,
    AppliesTo,
    Fact,
    LanguageTest,
    Programme,
    Rule,
    valid_programmes,
)
from assistant.preparation.profile import SCORES, Certificate, Profile, read_profile
from assistant.preparation.steps import LEVELS
from assistant.preparation.verdicts import (
    ASKED_AS,
    Detail,
    Standing,
    judge,
    judge_all,
    questions,
    verdict_data,
)
from assistant.settings import content
from assistant.types import LANGUAGES, Language

TODAY = date(2026, 11, 22)
BASE = content("knowledge_base")
PROGRAMMES = valid_programmes(BASE)
TABLE: list[dict[str, Any]] = [
    entry
    for path in sorted((Path(__file__).parent / "profiles").glob("*.yaml"))
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["profiles"]
]
MET, NOT_MET, CANNOT_TELL = Standing.MET, Standing.NOT_MET, Standing.CANNOT_TELL
TEXT = {"en": "Text.", "ru": "Текст.", "kk": "Мәтін."}


def rule(id: str = "rule", **fields: Any) -> Rule:
    """Return a rule."""
    return Rule.model_validate({"id": id, "section": "regulations/uni#rules", "clause": TEXT, "todo": TEXT} | fields)


def programme(*rules: Rule, **applies_to: tuple[str, ...]) -> Programme:
    """Return a programme of these rules, for everybody unless it is said for whom."""
    return Programme.model_validate(
        {
            "programme": TEXT,
            "document": "regulations/uni",
            "applies_to": AppliesTo(**applies_to),
            "rules": rules or (rule(needs="gpa", at_least=3),),
        }
    )


def standing_of(one: Rule, profile: Profile) -> tuple[Standing, tuple[str, ...]] | None:
    """Return how a profile stands towards one rule, with what is missing; None if the rule is for others."""
    requirements = judge("uni", programme(one), profile).requirements
    return (requirements[0].standing, requirements[0].missing) if requirements else None


def expected(of: dict[str, Any]) -> dict[str, str]:
    """Return the standing by rule that the table gives for one programme."""
    return {each: standing.value for standing in Standing for each in of.get(standing.value, ())}


@pytest.mark.parametrize("entry", TABLE, ids=[entry["name"] for entry in TABLE])
def test_profiles_are_judged_as_by_hand(entry: dict[str, Any]) -> None:
    """Every requirement of every programme that is not closed stands as a reader of the rules found."""
    profile, refused = read_profile(entry["profile"], today=TODAY)
    judged = [each for each in judge_all(PROGRAMMES, profile) if each.open_to is not NOT_MET]
    assert {each.field: each.rule.value for each in refused} == entry.get("refused", {})
    assert {each.id: {one.rule.id: one.standing.value for one in each.requirements} for each in judged} == {
        name: expected(of) for name, of in entry["expect"].items()
    }
    assert {each.id: (each.open_to.value, each.standing.value) for each in judged} == {
        name: (of["open"], of["verdict"]) for name, of in entry["expect"].items()
    }


def test_the_table_covers_every_rule_in_every_standing() -> None:
    """Sixty different profiles meet, miss and leave open each rule of each programme at least once."""
    covered = {
        (name, one, standing)
        for entry in TABLE
        for name, of in entry["expect"].items()
        for one, standing in expected(of).items()
    }
    assert covered == {
        (name, one.id, standing.value)
        for name, each in PROGRAMMES.items()
        for one in each.rules
        for standing in Standing
    }
    assert len({json.dumps(entry["profile"], sort_keys=True) for entry in TABLE}) == len(TABLE) == 60
    homes = {entry["profile"].get("home_university") for entry in TABLE}
    assert homes >= {None, *(home for each in PROGRAMMES.values() for home in each.applies_to.home_university)}
    assert homes - {None, *PROGRAMMES}, "students of a university without rules"


@pytest.mark.parametrize(
    ("known", "standing"),
    [
        ({"semester": 2}, MET),
        ({"semester": 1}, NOT_MET),
        ({"year_of_study": 1}, CANNOT_TELL),
        ({"year_of_study": 2}, MET),
        ({}, CANNOT_TELL),
    ],
)
def test_a_semester_follows_from_the_year_where_it_can(known: dict[str, int], standing: Standing) -> None:
    """Year n is semester 2n-1 or 2n; where both agree the semester need not be known."""
    missing = (Fact.SEMESTER,) if standing is CANNOT_TELL else ()
    assert standing_of(rule(needs="semester", at_least=2), Profile(**known)) == (standing, missing)


@pytest.mark.parametrize(("semester", "year"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (14, 7)])
def test_a_year_follows_from_the_semester(semester: int, year: int) -> None:
    """Two semesters make a year, in rules and in their conditions."""
    for one in (1, 2, 3, 7):
        of_year = rule(needs="year_of_study", one_of=[str(one)])
        assert standing_of(of_year, Profile(semester=semester)) == (MET if one == year else NOT_MET, ())
        for_year = rule(needs="gpa", at_least=3, when={"year_of_study": [one]})
        assert bool(standing_of(for_year, Profile(semester=semester, gpa=3))) == (one == year)


def test_what_is_told_exactly_goes_before_what_follows() -> None:
    """A year that was told is not computed from the semester."""
    assert standing_of(rule(needs="year_of_study", at_least=3), Profile(year_of_study=3, semester=2)) == (MET, ())


def test_a_number_has_a_least_a_greatest_and_a_choice() -> None:
    """Both limits belong to what is accepted, and all that is given must hold."""
    between = rule(needs="credits_completed", at_least=60, at_most=120)
    standings = [standing_of(between, Profile(credits_completed=each)) for each in (59, 60, 120, 121)]
    assert standings == [(NOT_MET, ()), (MET, ()), (MET, ()), (NOT_MET, ())]


def test_above_is_more_than() -> None:
    """A number that must be exceeded is not enough itself, and the least bit more is."""
    beyond = rule(needs="gpa", above=3.5)
    assert [standing_of(beyond, Profile(gpa=each))[0] for each in (3.5, 3.505)] == [NOT_MET, MET]


def test_a_condition_that_depends_on_the_unknown_leaves_the_rule_open() -> None:
    """What the condition needs is missing first, then what the rule needs; a rule for others is left out."""
    one = rule(needs="gpa", at_least=3, when={"level": "master", "destination": ["TR"], "year_of_study": [2]})
    all_missing = (Fact.LEVEL, Detail.DESTINATION, Fact.YEAR_OF_STUDY, Fact.GPA)
    assert standing_of(one, Profile()) == (CANNOT_TELL, all_missing)
    assert standing_of(one, Profile(gpa=4.0)) == (CANNOT_TELL, all_missing[:3])
    assert standing_of(one, Profile(level="bachelor")) is None
    assert standing_of(one, Profile(level="master", destination="TR", semester=3, gpa=2)) == (NOT_MET, ())


@pytest.mark.parametrize(
    ("held", "standing", "missing"),
    [
        (None, CANNOT_TELL, (Fact.LANGUAGE_CERTIFICATE,)),
        ([], NOT_MET, ()),
        ([("ielts", 5.5)], MET, ()),
        ([("ielts", 5)], NOT_MET, ()),
        ([("ielts", None)], CANNOT_TELL, (Detail.SCORE,)),
        ([("cefr_english", "C1")], MET, ()),
        ([("cefr_english", "B1")], NOT_MET, ()),
        ([("cefr_german", "C2")], NOT_MET, ()),
        ([("toefl_ibt", 100)], CANNOT_TELL, (Detail.CEFR_LEVEL,)),
        ([("host_letter", None)], MET, ()),
        ([("internal", None)], NOT_MET, ()),
        ([("ielts", None), ("duolingo", 80), ("ielts", None)], CANNOT_TELL, (Detail.SCORE, Detail.CEFR_LEVEL)),
        ([("ielts", None), ("cefr_english", "B2")], MET, ()),
        ([("hsk", 4), ("ielts", None)], CANNOT_TELL, (Detail.SCORE,)),
    ],
)
def test_one_proof_of_language_is_enough(
    held: list[tuple[str, Any]] | None, standing: Standing, missing: tuple[str, ...]
) -> None:
    """A certain proof wins over a doubtful one, and a doubtful one over none."""
    proofs = [{"test": "ielts", "at_least": 5.5}, {"test": "cefr_english", "at_least": "B2"}, {"test": "host_letter"}]
    one = rule(needs="language_certificate", any_of=proofs)
    certificates = None if held is None else tuple(Certificate(LanguageTest(test), score) for test, score in held)
    assert standing_of(one, Profile(certificates=certificates)) == (standing, missing)


@pytest.mark.parametrize(
    ("held", "level", "standing"),
    [
        ("ielts", "cefr_english", CANNOT_TELL),
        ("toefl_ibt", "cefr_english", CANNOT_TELL),
        ("duolingo", "cefr_english", CANNOT_TELL),
        ("tomer", "cefr_turkish", CANNOT_TELL),
        ("tomer", "cefr_english", NOT_MET),
        ("ielts", "cefr_german", NOT_MET),
        ("hsk", "cefr_english", NOT_MET),
        ("internal", "cefr_english", NOT_MET),
    ],
)
def test_a_test_of_the_language_may_show_the_level(held: str, level: str, standing: Standing) -> None:
    """Which score of another test stands for the level only the office can say; a test of another language shows none."""
    one = rule(needs="language_certificate", any_of=[{"test": level, "at_least": "B2"}])
    missing = (Detail.CEFR_LEVEL,) if standing is CANNOT_TELL else ()
    assert standing_of(one, Profile(certificates=(Certificate(LanguageTest(held)),))) == (standing, missing)


@pytest.mark.parametrize("least", CEFR)
@pytest.mark.parametrize("held", CEFR)
def test_levels_are_ordered(held: str, least: str) -> None:
    """A level is enough for itself and for all below."""
    one = rule(needs="language_certificate", any_of=[{"test": "tomer", "at_least": least}])
    profile = Profile(certificates=(Certificate(LanguageTest.TOMER, held),))
    assert standing_of(one, profile) == (MET if held >= least else NOT_MET, ())


def test_preferred_rules_never_close_a_programme() -> None:
    """They are shown and do not decide, neither missed nor open."""
    preferred = rule("b", needs="credits_completed", at_least=60, strength="preferred")
    uni = programme(rule("a", needs="gpa", at_least=3), preferred)
    for earned, standing in ((59, NOT_MET), (60, MET), (None, CANNOT_TELL)):
        verdict = judge("uni", uni, Profile(gpa=3, credits_completed=earned))
        assert (verdict.standing, verdict.requirements[1].standing) == (MET, standing)


@pytest.mark.parametrize(
    ("known", "open_to", "unknown"),
    [
        ({"home_university": "uni", "destination": "TR"}, MET, ()),
        ({"home_university": "uni"}, CANNOT_TELL, ("destination",)),
        ({}, CANNOT_TELL, ("home_university", "destination")),
        ({"destination": "PL"}, NOT_MET, ()),
        ({"home_university": "college", "destination": "TR"}, NOT_MET, ()),
    ],
)
def test_a_programme_is_open_to_its_university_and_country(
    known: dict[str, str], open_to: Standing, unknown: tuple[str, ...]
) -> None:
    """One wrong answer closes it, one missing answer leaves it open, and the whole verdict follows."""
    uni = programme(home_university=("uni",), destination=("TR",))
    verdict = judge("uni", uni, Profile(gpa=4, **known))
    assert (verdict.open_to, verdict.unknown, verdict.standing) == (open_to, unknown, open_to)


def test_what_the_student_named_stands_first() -> None:
    """Then what is for everybody, what may be open, what is not; within these the given order stays."""
    programmes = {
        "closed": programme(destination=("US",)),
        "maybe": programme(home_university=("uni",)),
        "mevlana": programme(destination=("US",)),
        "for_all": programme(),
        "country": programme(destination=("TR",)),
        "for_all_too": programme(),
    }
    profile = Profile(destination="TR", programme="mevlana")
    names = [verdict.id for verdict in judge_all(programmes, profile)]
    assert names == ["mevlana", "country", "for_all", "for_all_too", "maybe", "closed"]
    named = [verdict.id for verdict in judge_all(programmes, Profile(home_university="uni"))]
    assert named[0] == "maybe"


def test_only_useful_questions_are_asked() -> None:
    """What decides most comes first; a closed programme, a settled fact and a rule for others ask nothing."""
    programmes = {
        "one": programme(rule("a", needs="gpa", at_least=3), rule("b", needs="nominated", **{"is": True})),
        "two": programme(
            rule("a", needs="gpa", at_least=3),
            rule("b", needs="state_grant", strength="preferred", **{"is": True}),
            rule("c", needs="semester", at_least=2, when={"level": "master"}),
        ),
        "closed": programme(rule("a", needs="full_time", **{"is": True}), destination=("US",)),
    }
    profile = Profile(destination="TR", level="bachelor")
    assert questions(programmes, profile) == ("gpa", "nominated", "state_grant")
    assert questions(programmes, replace(profile, gpa=3)) == ("nominated", "state_grant")
    assert questions(programmes, replace(profile, gpa=2)) == ("nominated", "state_grant")
    assert "home_university" in questions({"uni": programme(home_university=("uni",))}, Profile())


def test_the_semester_is_asked_in_place_of_the_year() -> None:
    """It tells the year too; the year alone is asked for where that is enough."""
    semester, year = rule("a", needs="semester", at_least=2), rule("b", needs="year_of_study", at_least=2)
    nominated = (rule("c", needs="nominated", **{"is": True}), rule("d", needs="nominated", **{"is": True}))
    assert questions({"uni": programme(year)}, Profile()) == ("year_of_study",)
    assert questions({"uni": programme(year, *nominated[:1], semester)}, Profile()) == ("semester", "nominated")
    assert questions({"uni": programme(*nominated, semester)}, Profile()) == ("nominated", "semester")


def test_a_question_that_turns_nothing_comes_last() -> None:
    """Where a required rule is missed, what else is unknown there decides nothing."""
    lost = programme(
        rule("a", needs="gpa", at_least=3), *(rule(f"n{i}", needs="nominated", **{"is": True}) for i in range(3))
    )
    live = programme(rule("a", needs="full_time", **{"is": True}))
    assert questions({"lost": lost, "live": live}, Profile(gpa=2)) == ("full_time", "nominated")


def test_the_first_question_to_a_stranger_is_the_university() -> None:
    """With the shipped rules nothing settles more than the home university; everything asked is a field of a profile."""
    asked = questions(PROGRAMMES, Profile())
    assert asked[0] == "home_university"
    given = dict.fromkeys(asked)
    assert read_profile(given, today=TODAY) == (Profile(), ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_becomes_plain_data(language: Language) -> None:
    """Everything that is shown goes through JSON unchanged, in the language asked for."""
    profile = Profile(home_university="semey_medical_university", gpa=2.5)
    data = verdict_data(judge("semey_medical_university", PROGRAMMES["semey_medical_university"], profile), language)
    assert json.loads(json.dumps(data)) == data
    assert (data["id"], data["open_to"], data["standing"]) == ("semey_medical_university", "met", "not_met")
    assert data["unknown"] == []
    shipped = PROGRAMMES["semey_medical_university"]
    assert (data["programme"], data["document"]) == (shipped.programme[language], shipped.document)
    gpa = next(each for each in data["requirements"] if each["rule"] == "gpa")
    clause = next(each for each in shipped.rules if each.id == "gpa").clause[language]
    assert "2.67" in clause
    assert gpa == {
        "rule": "gpa",
        "standing": "not_met",
        "strength": "required",
        "missing": [],
        "clause": clause,
        "section": "regulations/semey_medical_university#gpa",
        "todo": gpa["todo"],
    }
    assert next(each for each in data["requirements"] if each["rule"] == "language")["missing"] == [
        "language_certificate"
    ]


def test_refused_figures_are_unknown() -> None:
    """GPA 6, "IELTS five" and a past departure are refused with reasons, and the verdict says what is missing."""
    given = {"gpa": 6, "certificates": [{"test": "ielts", "score": "five"}], "departure": "2024-10"}
    profile, refused = read_profile(given | {"home_university": "semey_medical_university"}, today=TODAY)
    assert {each.field: each.rule.value for each in refused} == {
        "gpa": "out_of_range",
        "certificates": "no_number",
        "departure": "past",
    }
    verdict = judge("semey_medical_university", PROGRAMMES["semey_medical_university"], profile)
    missing = {each.rule.id: each.missing for each in verdict.requirements}
    assert (missing["gpa"], missing["language"]) == ((Fact.GPA,), (Fact.LANGUAGE_CERTIFICATE,))
    assert verdict.standing is CANNOT_TELL


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from([*sorted(set(ASKED_AS.values())), "programme", "departure", "months", "score", "test"])


@given(st.dictionaries(FIELDS | st.text(max_size=8), JSON, max_size=8))
@settings(max_examples=200)
def test_whatever_is_given_is_judged(given: dict[str, Any]) -> None:
    """Any plain data is read and judged without an error."""
    profile, _ = read_profile(given, today=TODAY)
    verdicts = judge_all(PROGRAMMES, profile)
    assert {each.id for each in verdicts} == set(PROGRAMMES)
    for each in verdicts:
        assert json.dumps(verdict_data(each, "kk"))
        assert all(bool(one.missing) == (one.standing is CANNOT_TELL) for one in each.requirements)
        assert bool(each.unknown) == (each.open_to is CANNOT_TELL)


def certificates() -> st.SearchStrategy[Certificate]:
    """Return proofs of language with a score that the test can have, or none."""

    def scored(test: LanguageTest) -> st.SearchStrategy[Certificate]:
        if test in UNSCORED:
            return st.just(Certificate(test))
        score: st.SearchStrategy[Any] = (
            st.sampled_from(CEFR) if test in LEVELLED else st.floats(*SCORES[test], allow_nan=False)
        )
        return st.builds(Certificate, st.just(test), st.none() | score)

    return st.sampled_from(LanguageTest).flatmap(scored)


HOMES = sorted({home for each in PROGRAMMES.values() for home in each.applies_to.home_university})


@st.composite
def full_profiles(draw: st.DrawFn) -> Profile:
    """Return a profile in which everything is told and fits together."""
    semester = draw(st.integers(1, 14))
    return Profile(
        home_university=draw(st.sampled_from([*HOMES, "elsewhere"])),
        destination=draw(st.sampled_from(["TR", "US", "PL"])),
        level=draw(st.sampled_from(LEVELS)),
        gpa=draw(st.sampled_from([2.49, 2.5, 2.67, 2.8, 3.0, 3.2, 3.5, 3.51]) | st.floats(0, 4)),
        semester=semester,
        year_of_study=(semester + 1) // 2,
        credits_completed=draw(st.integers(0, 400)),
        certificates=tuple(draw(st.lists(certificates(), max_size=3))),
        said=MappingProxyType({fact: draw(st.booleans()) for fact in sorted(YES_OR_NO)}),
    )


STUDIED = {"semester", "year_of_study"}
UNSAYABLE = (
    "home_university",
    "destination",
    "level",
    "gpa",
    "semester",
    "year_of_study",
    "credits_completed",
    "certificates",
)


@given(full_profiles(), st.sets(st.sampled_from(UNSAYABLE)), st.sets(st.sampled_from(sorted(YES_OR_NO))))
@settings(max_examples=200)
def test_saying_more_never_turns_a_verdict(full: Profile, hidden: set[str], unsaid: set[Fact]) -> None:
    """What was met or not met with less known stays so; nothing that was asked for is missing at the end."""
    said = MappingProxyType({fact: answer for fact, answer in full.said.items() if fact not in unsaid})
    partial = replace(full, said=said, **dict.fromkeys(hidden))
    for name, each in PROGRAMMES.items():
        before, after = judge(name, each, partial), judge(name, each, full)
        assert before.standing in (CANNOT_TELL, after.standing)
        assert before.open_to in (CANNOT_TELL, after.open_to)
        now = {one.rule.id: one.standing for one in after.requirements}
        then = {one.rule.id: one.standing for one in before.requirements}
        assert set(now) <= set(then)
        assert all(then[one] in (CANNOT_TELL, standing) for one, standing in now.items())
    assert set(questions(PROGRAMMES, full)) <= {"certificates"}


@given(full_profiles(), st.sets(st.sampled_from(UNSAYABLE)), st.sets(st.sampled_from(sorted(YES_OR_NO))))
@settings(max_examples=200)
def test_what_is_not_asked_changes_nothing(full: Profile, hidden: set[str], unsaid: set[Fact]) -> None:
    """An answer that no question asks for leaves every programme that is not closed as it stands.

    Semester and year tell of one another, so here they are one question.
    """
    said = MappingProxyType({fact: answer for fact, answer in full.said.items() if fact not in unsaid})
    partial = replace(full, said=said, **dict.fromkeys(hidden))
    asked = set(questions(PROGRAMMES, partial))
    if asked & STUDIED:
        asked |= STUDIED
    told = replace(
        partial,
        said=MappingProxyType({f: a for f, a in full.said.items() if f not in unsaid or f.value not in asked}),
        **{name: getattr(full, name) for name in hidden - asked},
    )
    for name, each in PROGRAMMES.items():
        before = judge(name, each, partial)
        if before.open_to is not NOT_MET:
            after = judge(name, each, told)
            assert [(one.rule.id, one.standing) for one in before.requirements] == [
                (one.rule.id, one.standing) for one in after.requirements
            ]
