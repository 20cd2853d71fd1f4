"""What the page "My plan" shows: requirements, steps, preparation and money, of the shipped knowledge base."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.knowledge.loading import load
from assistant.preparation.eligibility import Fact, LanguageTest, Programme
from assistant.preparation.figures import Per
from assistant.preparation.plan import Plan, make_plan
from assistant.preparation.preparing import Preparation, read_preparation
from assistant.preparation.profile import Funding, Profile, read_profile
from assistant.preparation.readiness import Challenge
from assistant.preparation.steps import LEVELS, PROGRAMMES
from assistant.preparation.verdicts import Detail, Requirement, Standing, judge, judge_all
from assistant.settings import content
from assistant.types import LANGUAGES, Document, Language
from assistant.web.plan import budget_view, readiness_view, requirements_view, timeline_view
from assistant.web.plan.form import form, further
from assistant.web.plan.known import read_known
from assistant.web.plan.views import Views
from assistant.web.plan.words import plan_texts

TODAY = date(2026, 11, 22)
BASE = content("knowledge_base")
WORDS = plan_texts("en")
STUDENT = {
    "home_university": "abai_kaznpu", "destination": "PL", "programme": "erasmus_icm_ka171", "departure": "2027-02",
    "months": 5, "level": "bachelor", "gpa": 2.11, "semester": 3, "funding": "scholarship", "school_practice": False,
    "nominated": True, "certificates": [{"test": "ielts", "score": 4.5}],
}  # fmt: skip
FIRST = read_preparation(BASE)[0].steps.steps[0].id
"""A step of everybody's plan."""

every_language = pytest.mark.parametrize("language", LANGUAGES)


@cache
def shipped() -> Preparation:
    """Return what the shipped knowledge base advises."""
    preparation, faults = read_preparation(BASE)
    assert faults == ()
    return preparation


@cache
def documents() -> Mapping[tuple[str, Language], Document]:
    """Return the shipped documents by name and language."""
    return {(each.id, each.language): each for each in load(BASE)[0]}


def views(language: Language = "en", preparation: Preparation | None = None) -> Views:
    """Return what makes the page."""
    found = preparation or shipped()
    return Views(found, lambda name, spoken: documents().get((name, spoken)), plan_texts(language))


def student(**changes: Any) -> Profile:
    """Return a student who goes to Poland, with some answers changed; None takes one away."""
    given = {name: value for name, value in (STUDENT | changes).items() if value is not None}
    profile, refused = read_profile(given, today=TODAY)
    assert refused == ()
    return profile


def planned(profile: Profile, *done: str) -> Plan:
    """Return the plan of a student on the day of the tests."""
    return make_plan(shipped().steps, profile, today=TODAY, done=frozenset(done), guides=shipped().guides)


def every_step(plan: Plan) -> list[str]:
    """Return the ids of the steps of a plan."""
    return [each.step.id for each in plan.steps]


def links(html: str) -> list[str]:
    """Return the addresses of all links."""
    return [unescape(each) for each in re.findall(r'<a [^>]*href="([^"]*)"', html)]


def said(html: str) -> str:
    """Return the words of a text without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def tells(row: str, each: Requirement, language: Language) -> bool:
    """Return whether a row is that of a requirement, and says of it all that must be said and nothing else."""
    words, read = plan_texts(language), said(row)
    return (
        all(part in read for part in bare(each.rule.clause[language]))
        and words.standings[each.standing.value] in read
        and links(row) == [f"/{language}/library/{each.rule.section}"]
        and (each.rule.todo[language] in read) is (each.standing is not Standing.MET)
        and all(words.missing[fact.value] in read for fact in each.missing)
        and (words.missing_note in read) is bool(each.missing)
        and (words.preferred in read) is (each.rule.strength == "preferred")
    )


def bare(clause: str) -> list[str]:
    """Return the parts of a clause that must be read: the cells of a row, without marks."""
    return [" ".join(cell.replace("**", "").split()) for cell in clause.removeprefix("- ").split("|") if cell.strip()]


@every_language
def test_every_value_has_words(language: Language) -> None:
    """No fact, standing, test, programme, level or source of money lacks its words in any language."""
    words = plan_texts(language)
    assert set(words.missing) == {each.value for each in (*Fact, *Detail)}
    assert set(words.standings) == set(words.verdicts) == {each.value for each in Standing}
    assert set(words.funding) == {each.value for each in Funding}
    assert set(words.tests) == {each.value for each in LanguageTest}
    assert (set(words.programmes), set(words.levels)) == (set(PROGRAMMES), set(LEVELS))
    assert set(words.per) == {each.value for each in Per}


@every_language
def test_every_control_has_a_label(language: Language) -> None:
    """Whatever may be asked has a label of its own, and no label is left over."""
    words = plan_texts(language)
    shown = form({}, words, today=TODAY, countries=("PL",), universities=())
    shown += further({}, words, [each.value for each in Fact])
    shown += budget_view.lines(budget(), student(), {}, words) + budget_view.rates(budget(), student(), {}, words)
    labels = {unescape(each) for each in re.findall(r"<(?:label|legend)[^>]*>([^<]+)", shown)}
    assert set(words.fields.values()) <= labels
    assert "" not in labels


@every_language
@pytest.mark.parametrize("changes", [{}, {"home_university": None, "certificates": None}, {"destination": "TR"}])
def test_every_requirement_stands_with_its_clause(language: Language, changes: dict[str, Any]) -> None:
    """Each requirement of each programme is read once: standing, clause, what is missing, link, and what to do."""
    words, verdicts = plan_texts(language), judge_all(shipped().programmes, student(**changes))
    html = requirements_view.requirements(verdicts, words)
    rows = re.findall(r"<li>(.*?)</li>", html)
    wanted = [each for verdict in verdicts for each in verdict.requirements]
    assert len(rows) == len(wanted)
    for each in wanted:
        row = next((row for row in rows if tells(row, each, language)), None)
        assert row is not None, (each.rule.id, each.standing)
        rows.remove(row)


def test_programmes_that_are_not_open_are_folded_away() -> None:
    """What is for others stands in one fold with its number, and only the first of the student's is unfolded."""
    verdicts = judge_all(shipped().programmes, student())
    ours, others = requirements_view.requirements(verdicts, WORDS).split('<details class="others">')
    closed = [each for each in verdicts if each.open_to is Standing.NOT_MET]
    assert 0 < len(closed) < len(verdicts)
    assert f"({len(closed)})" in said(others)
    assert others.count('class="programme"') == len(closed)
    assert ours.count('class="programme"') == len(verdicts) - len(closed)
    assert ours.count('class="programme" open') == 1
    assert " open>" not in others


def test_what_is_in_the_way_stands_first() -> None:
    """Within a programme come requirements that are not met, then those that cannot be told."""
    html = requirements_view.requirements(judge_all(shipped().programmes, student()), WORDS)
    order = ["not_met", "cannot_tell", "met"]
    for programme in html.split('<details class="programme"')[1:]:
        places = [order.index(each) for each in re.findall(r'<li><span class="standing (\w+)"', programme)]
        assert places == sorted(places)


def test_a_programme_says_what_must_be_known_about_it() -> None:
    """Who has not named a university is told that the programme depends on it."""
    verdict = judge("abai", shipped().programmes["abai_kaznpu"], student(home_university=None))
    assert verdict.unknown
    summary = requirements_view.requirements([verdict], WORDS).split("<ul>")[0]
    assert WORDS.missing["home_university"] in said(summary)


def test_hostile_rules_stay_words() -> None:
    """Nothing of a programme's name, clause or advice becomes a tag."""
    attack = dict.fromkeys(LANGUAGES, "<script>alert(1)</script> **x** | <img src=x onerror=alert(2)>")
    programme = Programme.model_validate(
        {
            "programme": attack,
            "document": "regulations/x",
            "rules": [
                {
                    "id": "gpa",
                    "section": "regulations/x#gpa",
                    "clause": attack,
                    "needs": "gpa",
                    "at_least": 3,
                    "todo": attack,
                }
            ],
        }
    )
    html = requirements_view.requirements([judge("x", programme, student())], WORDS)
    assert html.count("&lt;script&gt;alert(1)") == 3
    assert "<script" not in html
    assert "<img" not in html


def test_a_base_without_programmes_says_so() -> None:
    """Where no rules are documented, the page says that instead of showing nothing."""
    shown = views(preparation=Preparation()).requirements(read_known({}, TODAY))
    assert WORDS.none_documented in said(shown)


@every_language
@pytest.mark.parametrize("departure", [None, "2027-02", "2028-09"])
def test_every_step_stands_once(language: Language, departure: str | None) -> None:
    """Each step of the plan has one box, its title, its reason and its day, whatever is overdue or done."""
    profile = student(departure=departure)
    plan = planned(profile, every_step(planned(profile))[3])
    html = timeline_view.timeline(plan, profile, plan_texts(language))
    assert sorted(re.findall(r'type="checkbox" class="tick" name="([^"]+)"', html)) == sorted(every_step(plan))
    assert html.count(" checked>") == plan.done == 1
    for each in plan.steps:
        assert each.step.title[language] in said(html)
        assert each.step.why[language] in said(html)
        assert each.section is None or f"/{language}/library/{each.section}" in links(html)
    assert html.count('class="due"') == (len(plan.steps) if departure else 0)


def test_overdue_steps_come_first() -> None:
    """What should have been done by now stands before every phase, open to be read."""
    plan = planned(student())
    first, *rest = timeline_view.timeline(plan, student(), WORDS).split('<details class="phase')[1:]
    assert first.startswith(' overdue" open')
    assert set(re.findall(r'name="([^"]+)"', first)) == {each.step.id for each in plan.overdue}
    assert not any(each.startswith(" overdue") for each in rest)
    assert sum(" open><summary" in each for each in rest) == 1


def test_a_calendar_needs_a_departure_and_an_open_step() -> None:
    """Without days, or with nothing left to do, there is no calendar to take; the text is there always."""
    done = every_step(planned(student()))
    for profile, ticked, offered in (
        (student(), (), True), (student(departure=None), (), False), (student(), done, False)
    ):  # fmt: skip
        found = links(timeline_view.timeline(planned(profile, *ticked), profile, WORDS))
        assert any("plan.ics?" in each for each in found) is offered
        assert any("plan.md?" in each for each in found)


@every_language
def test_a_file_is_asked_for_with_nothing_that_it_does_not_need(language: Language) -> None:
    """The address holds what decides the steps, and not the marks, the university, the money or the certificates."""
    profile = student()
    found = links(timeline_view.timeline(planned(profile, FIRST), profile, plan_texts(language)))
    files = [urlsplit(each) for each in found if each.startswith("/api/v1/plan.")]
    assert len(files) == 2
    for each in files:
        assert parse_qs(each.query, strict_parsing=True) == {
            "departure": ["2027-02"], "months": ["5"], "destination": ["PL"], "programme": ["erasmus_icm_ka171"],
            "level": ["bachelor"], "school_practice": ["false"], "done": [FIRST], "language": [language],
        }  # fmt: skip
    nobody = Profile()
    (text,) = (each for each in links(timeline_view.timeline(planned(nobody), nobody, WORDS)) if "/api/" in each)
    assert urlsplit(text).query == "language=en"


def test_progress_is_a_number_and_a_bar() -> None:
    """How much is done is said and drawn; a plan without steps has a bar, too."""
    plan = planned(student(), *every_step(planned(student()))[:4])
    assert f'<progress value="4" max="{plan.total}"' in timeline_view.progress(plan, WORDS)
    empty = make_plan(
        shipped().steps.model_copy(update={"steps": ()}), Profile(), today=TODAY, done=frozenset(), guides={}
    )
    assert '<progress value="0" max="1"' in timeline_view.progress(empty, WORDS)


def test_steps_that_wait_for_an_answer_are_announced() -> None:
    """Who has not named a country is told how many steps depend on it."""
    plan = planned(student(destination=None))
    assert plan.hidden["destination"] > 0
    hidden = timeline_view.timeline(plan, student(destination=None), WORDS).split("hidden-steps")[1]
    assert str(plan.hidden["destination"]) in said(hidden)


def answers(value: str, *challenges: Challenge) -> dict[str, str]:
    """Return the same answer to every statement of some challenges."""
    assert shipped().readiness is not None
    return {each.id: value for each in shipped().readiness.items if each.challenge in challenges}


@pytest.mark.parametrize(("value", "width"), [("0", 0), ("1", 25), ("2", 50), ("3", 75), ("4", 100)])
def test_a_bar_is_as_long_as_the_answers(value: str, width: int) -> None:
    """The mean of the answers is drawn from nothing to full; what was not answered has no bar and says so."""
    readiness = shipped().readiness
    assert readiness is not None
    html = readiness_view.standings(readiness, answers(value, Challenge.MONEY), WORDS, lambda help_: help_.id)
    assert re.findall(r"width:(\d+)%", html) == [str(width)]
    assert html.count(WORDS.not_answered) == len(Challenge) - 1
    assert "(3/3)" in html


@pytest.mark.parametrize("value", ["5", "-1", "x", "", "1e3"])
def test_an_answer_that_is_none_is_not_answered(value: str) -> None:
    """Whatever else stands in the storage draws no bar."""
    assert shipped().readiness is not None
    html = readiness_view.standings(shipped().readiness, answers(value, *Challenge), WORDS, lambda help_: help_.id)
    assert html.count(WORDS.not_answered) == len(Challenge)
    assert WORDS.helps_title not in html


@every_language
def test_every_statement_can_be_answered(language: Language) -> None:
    """Twelve statements with five answers each, in the language, and the given answer marked."""
    readiness = shipped().readiness
    assert readiness is not None
    html = readiness_view.statements(readiness, answers("2", *Challenge), plan_texts(language))
    assert html.count("<fieldset") == len(readiness.items) == 12
    assert all(each.statement[language] in said(html) for each in readiness.items)
    assert re.findall(r'value="(\d)" checked', html) == ["2"] * 12
    assert html.count('type="radio"') == 60


@every_language
def test_what_helps_is_named_in_the_language(language: Language) -> None:
    """For low answers the headings of sections with their links, and the titles of steps, stand below the plot."""
    known = read_known({"readiness": answers("0", *Challenge)}, TODAY)
    _, html = views(language).readiness(known)
    found = links(html)
    assert len(found) >= 4
    for link in found:
        name, _, anchor = link.removeprefix(f"/{language}/library/").partition("#")
        heading = next(each.heading for each in documents()[name, language].passages if each.anchor == anchor)
        assert heading in said(html)
    steps = {each.title[language] for each in shipped().steps.steps}
    named = [unescape(each) for each in re.findall(rf"<li>{plan_texts(language).step} ([^<]+)</li>", html)]
    assert named
    assert set(named) <= steps


def test_a_help_that_has_gone_is_left_out() -> None:
    """A section or step that the base no longer holds leaves no empty line."""
    assert shipped().readiness is not None
    html = readiness_view.standings(shipped().readiness, answers("0", *Challenge), WORDS, lambda _: "")
    assert WORDS.helps_title not in html
    assert "<li>" not in html


def budget() -> Any:
    """Return the shipped figures."""
    assert shipped().budget is not None
    return shipped().budget


def sums_refused(given: Mapping[str, str]) -> str:
    """Return the sums with what was refused above them."""
    return views().budget(read_known({"budget": given}, TODAY))[2]


def sums(given: Mapping[str, str], profile: Profile | None = None) -> str:
    """Return the sums that entries make."""
    return budget_view.totals(budget_view.budget_sheet(budget(), profile or student(), given), WORDS)


@every_language
@pytest.mark.parametrize("country", [each.country for each in budget().destinations])
def test_every_documented_line_stands_with_its_source(language: Language, country: str) -> None:
    """Each cost of a country has its title, its clause with link, its date, and room for an own figure."""
    words, profile = plan_texts(language), student(destination=country)
    rows = budget_view.lines(budget(), profile, {}, words).split('<div class="line">')[1:]
    (lines,) = (each.lines for each in budget().destinations if each.country == country)
    for line in lines:
        (row,) = (row for row in rows if f'name="own-{line.id}"' in row)
        assert line.title[language] in said(row)
        assert " ".join(line.clause[language].split()) in said(row)
        assert f"/{language}/library/{line.section}" in links(row)
        assert (words.undated if line.dated == "undated" else line.dated) in said(row)


def test_what_is_not_counted_can_be_counted() -> None:
    """A cost that another one covers has a box; choosing it changes the sums, and the box stays."""
    usual = budget_view.budget_sheet(budget(), student(), {})
    others = [line.figure.id for line in usual.costs if line.figure and not line.counted]
    html = budget_view.lines(budget(), student(), {}, WORDS)
    assert others
    assert re.findall(r'name="pick-([^"]+)"', html) == others
    picked = {f"pick-{others[0]}": "on"}
    assert sums(picked) != sums({})
    again = budget_view.lines(budget(), student(), picked, WORDS)
    assert re.findall(r'name="pick-([^"]+)"', again) == others
    assert re.findall(r'name="pick-([^"]+)" id="[^"]+" checked', again) == others[:1]


def test_an_own_figure_takes_the_place_of_the_documented_one() -> None:
    """What the student enters stands in the input again and in the sums; a comma is a decimal mark."""
    counted = next(
        line
        for line in budget_view.budget_sheet(budget(), student(), {}).costs
        if line.counted and line.per is Per.MONTH
    )
    assert counted.figure is not None
    given = {f"own-{counted.figure.id}": "1234,5"}
    assert 'value="1234,5"' in budget_view.lines(budget(), student(), given, WORDS)
    made = budget_view.budget_sheet(budget(), student(), given)
    whole = made.totals[counted.currency].costs
    assert whole.low == whole.high
    assert f"{whole.low + Decimal('0.1'):,.0f}" in sums(given)  # a half counts as one
    assert sums(given) != sums({})


def test_a_line_that_is_being_entered_is_no_fault() -> None:
    """A name without an amount waits; an amount without a name counts; a wrong amount is shown by itself."""
    assert sums({"free-2-name": "Gym"}) == sums({})
    assert "5,000" in sums({"free-2-amount": "1000"}, Profile(months=5))
    wrong = said(sums_refused({"free-2-name": "Gym", "free-2-amount": "<many>"}))
    assert "(2)" in wrong
    assert "“<many>” is not a number" in wrong
    assert "Gym" not in wrong


def test_entries_for_another_country_wait_for_it() -> None:
    """Who looks at Turkey is not told that the figures entered for Poland are unknown, and finds them again."""
    own = {"own-pl-month": "1234", "pick-pl-month-lodz": "on", "own-daad-month": "500"}
    assert not budget_view.budget_sheet(budget(), Profile(destination="TR"), own).refused
    again = budget_view.budget_sheet(budget(), Profile(destination="PL"), own)
    assert {line.figure.id for line in again.costs if line.own and line.figure} == {"pl-month"}


@every_language
def test_own_lines_are_counted_and_get_a_rate(language: Language) -> None:
    """Without a country, own lines are added up, and their currency can be given its rate at once."""
    given = {"free-1-name": "Rent", "free-1-amount": "100", "free-1-currency": "EUR", "free-1-per": "month"}
    nobody, words = Profile(), plan_texts(language)
    assert words.no_sums in said(budget_view.totals(budget_view.budget_sheet(budget(), nobody, {}), words))
    assert 'name="rate-EUR"' not in budget_view.rates(budget(), nobody, {}, words)
    assert 'name="rate-EUR"' in budget_view.rates(budget(), nobody, given, words)
    made = budget_view.totals(budget_view.budget_sheet(budget(), nobody, given), words)
    assert words.without_rate.format(currencies="EUR") in said(made)
    known = read_known({"budget": given | {"rate-EUR": "500"}}, TODAY)
    assert re.search(r"275\s?[,\s]?\s?000", said(views(language).budget(known)[2]))  # 5 months and a tenth, in tenge


def test_the_sums_of_a_row_agree() -> None:
    """Halves are rounded the same way in every column, so that costs and reserve make what is missing."""
    line = {"free-1-name": "Fee", "free-1-amount": "75", "free-1-currency": "USD", "free-1-per": "once"}
    cells = re.findall(r"<td>([^<]*)</td>", sums(line, Profile()))
    assert cells == ["75", "8", "0", "83"]


def test_money_that_is_left_over_has_a_minus() -> None:
    """Income above the costs makes what is missing negative, and a note says what that means."""
    line = {"free-1-name": "Grant", "free-1-amount": "75", "free-1-currency": "EUR", "free-1-kind": "income"}
    html = sums(line, Profile())
    assert "<td>\N{MINUS SIGN}375</td>" in html
    assert WORDS.gap_note in said(html)


@every_language
def test_what_no_source_gives_is_said(language: Language) -> None:
    """Kinds of cost without a figure are named instead of counted as nothing."""
    words = plan_texts(language)
    made = budget_view.budget_sheet(budget(), student(), {})
    assert made.no_figure
    html = said(budget_view.totals(made, words))
    assert all(name[language] in html for name in made.no_figure.values())


@every_language
@pytest.mark.parametrize(
    "entry", [{"rate-PLN": "many"}, {"own-pl-visa": "-3"}, {"reserve": "900"}, {"pick-gone": "on"}]
)
def test_an_amount_that_cannot_be_used_is_explained(language: Language, entry: dict[str, str]) -> None:
    """A wrong amount is named in the language of the page above the sums, which stand all the same."""
    profile = {"destination": "PL"}
    right = views(language).budget(read_known({"profile": profile}, TODAY))[2]
    wrong = views(language).budget(read_known({"profile": profile, "budget": entry}, TODAY))[2]
    assert wrong.startswith('<ul class="refused">')
    assert wrong.endswith(right)


def test_hostile_entries_stay_words() -> None:
    """Nothing that was typed into the budget becomes a tag, in the inputs or in the sums."""
    attack = '"><script>alert(1)</script>'
    given = {"free-1-name": attack, "free-1-amount": "5", "own-x": attack, "rate-PLN": attack, "reserve": attack}
    shown = "".join(views().budget(read_known({"budget": given, "profile": {"destination": "PL"}}, TODAY)))
    assert "<script" not in shown
    assert "alert(1)" in shown


@every_language
def test_a_wrong_entry_is_explained_beside_the_form(language: Language) -> None:
    """A mark out of range and a score in words are each named with what can be written instead."""
    known = read_known({"profile": {"gpa": "6", "test-1": "ielts", "score-1": "five"}}, TODAY)
    html, _, notes = views(language).profile(known)
    assert notes.count("<li>") == 2
    assert "five" in notes
    assert "0–9" in notes or "9" in said(notes)
    assert 'value="five"' in html
    assert plan_texts(language).refused in said(notes)


@every_language
def test_universities_go_by_their_own_names(language: Language) -> None:
    """Every university whose rules are known can be chosen, by its name in the language and in alphabetical order."""
    html, _, _ = views(language).profile(read_known({}, TODAY))
    (options,) = re.findall(r'<select name="home_university"[^>]*>(.*?)</select>', html)
    found = re.findall(r'<option value="([a-z0-9_]+)">([^<]+)<', options)
    wanted = {name for each in shipped().programmes.values() for name in each.applies_to.home_university}
    assert {name for name, _ in found} == wanted | {"other"}
    assert [words for _, words in found[1:]] == sorted(words for _, words in found[1:])
    abai = documents()["regulations/abai_kaznpu", language].source.institution
    assert (("abai_kaznpu", escape(abai))) in found


def test_the_notices_agree_with_the_parts() -> None:
    """What changes beside an entry is what the parts show when they are opened."""
    known = read_known(
        {
            "profile": {"destination": "PL", "gpa": "6"},
            "done": {FIRST: True},
            "readiness": answers("1", *Challenge),
        },
        TODAY,
    )
    shown = views()
    asked, rates, refused, progress, standings, totals = shown.notices(read_known({}, TODAY), known)
    assert (asked, refused) == shown.profile(known)[1:]
    assert progress == shown.timeline(known)[0]
    assert standings == shown.readiness(known)[1]
    assert (rates, totals) == shown.budget(known)[1:]


def test_what_is_asked_is_made_anew_only_if_something_else_is_asked() -> None:
    """Another answer leaves the controls alone in which somebody may be typing; another country does not."""
    profile = {"destination": "PL", "home_university": "al_farabi_kaznu"}
    before = read_known({"profile": profile, "budget": {"rate-EUR": "5"}}, TODAY)
    rate = read_known({"profile": profile, "budget": {"rate-EUR": "500"}}, TODAY)
    abroad = read_known({"profile": {"destination": "TR", "home_university": "other"}}, TODAY)
    assert views().notices(before, rate)[:2] == (None, None)
    assert None not in views().notices(before, abroad)


def test_an_empty_base_shows_a_page_all_the_same() -> None:
    """Without a budget or statements these parts are empty and the others stand."""
    shown, known = views(preparation=Preparation()), read_known({}, TODAY)
    assert shown.budget(known) == ("", "", "")
    assert shown.readiness(known) == ("", "")
    assert "f-destination" in shown.profile(known)[0]
    assert "plan.md" in shown.timeline(known)[1]
