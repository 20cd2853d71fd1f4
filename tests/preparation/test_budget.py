"""The budget of a stay: figures that their sections state, entries that are taken or refused, and sums that add up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.knowledge.loading import load
from assistant.preparation.budget import EXPECTED, Line, Sheet, Totals, sheet, sheet_data
from assistant.preparation.entries import MOST_FREE_LINES
from assistant.preparation.figures import CURRENCIES, Budget, Cost, Kind, Per, Range, check_budget, read_budget, states
from assistant.preparation.profile import ASSUMED_MONTHS, Funding, Profile, Rule
from assistant.preparation.steps import PROGRAMMES
from assistant.types import LANGUAGES

BASE = Path(__file__).parents[2] / "knowledge_base"
COUNTRIES = ("CN", "CZ", "DE", "ES", "FR", "HU", "KR", "LT", "PL", "TR", "US")
FRONT = """---
title: "Guide"
kind: host_guide
source_title: "Guide"
source_url: https://example.org/
source_date: undated
reviewed_on: 2026-11-01
review_by: 2027-08-01
confidence: official
---
"""
SENTENCES = {
    "en": "In 2022 a room in Germany cost EUR 200–1,400 a month.",
    "ru": "В 2022 году комната в Германии стоила 200–1 400 евро в месяц.",
    "kk": "2022 жылы Германияда бөлме айына 200–1 400 еуро тұрды.",
}


@pytest.fixture(scope="module")
def shipped() -> Budget:
    """Return the figures that are shipped."""
    value = read_budget(BASE).value
    assert isinstance(value, Budget)
    return value


def written(folder: Path, other: Sequence[dict[str, Any]] = (), **changes: Any) -> Path:
    """Return a small base with one guide and one figure, the figure changed."""
    (folder / "host_guides").mkdir(exist_ok=True)
    for language, sentence in SENTENCES.items():
        text = f"{FRONT}## Cost? {{#cost}}\n\n{sentence}\n"
        (folder / f"host_guides/germany.{language}.md").write_text(text, encoding="utf-8")
    line = {
        "id": "de-room",
        "title": {"en": "Room", "ru": "Комната", "kk": "Бөлме"},
        "covers": ["housing"],
        "low": "200",
        "high": "1400",
        "currency": "EUR",
        "per": "month",
        "dated": "2022",
        "section": "host_guides/germany#cost",
        "clause": SENTENCES,
    } | changes
    kinds = {kind.value: {"en": kind.value, "ru": kind.value, "kk": kind.value} for kind in Kind}
    destinations = [{"country": "DE", "lines": [line]}, *other]
    data = {"kinds": kinds, "destinations": destinations}
    (folder / "budget.yaml").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder


def faults_of(folder: Path) -> list[str]:
    """Return the messages of a base's budget."""
    return [fault.message for fault in check_budget(folder, load(folder)[0])]


def line_of(found: Sheet, id: str) -> Line:
    """Return the documented line of a sheet with an id."""
    return next(line for line in (*found.costs, *found.income) if line.figure and line.figure.id == id)


# The figures


def test_the_shipped_figures_stand_letter_for_letter_in_their_sections(shipped: Budget) -> None:
    """Every host country has its place, and no figure says what its section does not."""
    assert tuple(each.country for each in shipped.destinations) == COUNTRIES
    assert not check_budget(BASE, load(BASE)[0])


def test_a_country_without_a_stated_figure_has_no_line(shipped: Budget) -> None:
    """The guide of the USA states no price, so nothing is listed and every kind is without a figure."""
    found = sheet(shipped, Profile(destination="US"))
    assert (found.costs, found.totals) == ((), {})
    assert tuple(found.no_figure) == EXPECTED


def test_a_base_without_figures_has_no_fault(tmp_path: Path) -> None:
    """The file may be missing."""
    assert read_budget(tmp_path).value is None
    assert check_budget(tmp_path, ()) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"low": "201"}, "does not hold 201"),
        ({"high": "400"}, "does not hold 400"),
        ({"low": "1400", "high": "200"}, "swap low and high"),
        ({"low": "-5"}, "low"),
        ({"low": "NaN"}, "low"),
        ({"low": "1e400"}, "low"),
        ({"currency": "EUE"}, "currency"),
        ({"per": "week"}, "per"),
        ({"dated": "2021"}, "does not name the year 2021"),
        ({"dated": "last year"}, "dated"),
        ({"covers": []}, "covers"),
        ({"section": "host_guides/germany#rent"}, "no section 'host_guides/germany#rent'"),
        ({"clause": SENTENCES | {"ru": "Комната 200–1400 евро."}}, "copy it letter for letter"),
        ({"clause": {"en": "x", "ru": "x"}}, "clause.kk is missing"),
        ({"colour": "red"}, "not a field"),
    ],
)
def test_what_the_section_does_not_say_is_a_fault(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    """Each sort of mistake is found, and the same figure without it has none."""
    assert faults_of(written(tmp_path)) == []
    found = faults_of(written(tmp_path, **changes))
    assert any(words in message for message in found), found


def test_a_fault_of_a_clause_stands_on_its_line_in_its_language(tmp_path: Path) -> None:
    """The Russian clause alone is wrong, and its line is named."""
    folder = written(tmp_path, clause=SENTENCES | {"ru": "Комната 200–1400 евро."})
    [fault] = check_budget(folder, load(folder)[0])
    assert "Комната 200" in (folder / "budget.yaml").read_text(encoding="utf-8").splitlines()[fault.line - 1]


def test_a_name_or_a_country_given_twice_is_a_fault(tmp_path: Path) -> None:
    """Own amounts are entered by the name of a line, so a name is one line's."""
    line = json.loads((written(tmp_path) / "budget.yaml").read_text(encoding="utf-8"))["destinations"][0]["lines"][0]
    found = faults_of(written(tmp_path, [{"country": "DE", "lines": [line]}]))
    assert any("'de-room' stands here twice" in message for message in found)
    assert any("country DE stands here twice" in message for message in found)


@pytest.mark.parametrize(
    "text", ["1400", "1,400", "1 400", "1\u00a0400", "1\u202f400", "1.400", "200–1400 евро", "1400.00"]
)
def test_thousands_may_be_parted_as_each_language_does(text: str) -> None:
    """A figure stands in a text with or without marks between its thousands."""
    assert states(text, Decimal(1400))


@pytest.mark.parametrize("text", ["14000", "21400", "1400000", "1,400,000", "2 1400", "1400.5", "140", "14 00", ""])
def test_a_part_of_a_longer_figure_is_not_the_figure(text: str) -> None:
    """Digits inside another number do not count."""
    assert not states(text, Decimal(1400))


def test_decimals_are_compared_digit_by_digit() -> None:
    """Point and comma both mark decimals, and a whole number is not one with a fraction."""
    assert states("EUR 537.84", Decimal("537.84"))
    assert states("537,84 евро", Decimal("537.84"))
    assert not states("EUR 537.84", Decimal(537))
    assert not states("3.5 months", Decimal(5))


# The sheet


def test_a_stay_of_unknown_length_is_a_semester_and_says_so(shipped: Budget) -> None:
    """Monthly amounts are multiplied by the assumed months."""
    found = sheet(shipped, Profile(destination="DE"))
    assert (found.months, found.months_assumed) == (ASSUMED_MONTHS, True)
    assert line_of(found, "de-month").total == Range(Decimal(3500), Decimal(6750))
    assert not sheet(shipped, Profile(destination="DE", months=4)).months_assumed


def test_of_lines_that_cover_the_same_one_is_counted(shipped: Budget) -> None:
    """The whole month comes first; a chosen room takes its place and the parts that are known come in."""
    plain = sheet(shipped, Profile(destination="TR"))
    assert [line.figure.id for line in plain.costs if line.counted and line.figure] == ["tr-month", "tr-permit"]
    chosen = sheet(shipped, Profile(destination="TR"), chosen=["tr-room"])
    counted = [line.figure.id for line in chosen.costs if line.counted and line.figure]
    assert counted == ["tr-room", "tr-food", "tr-transport", "tr-books", "tr-permit"]
    assert Kind.PHONE in chosen.no_figure
    assert Kind.PHONE not in plain.no_figure


def test_an_optional_line_is_counted_only_if_chosen(shipped: Budget) -> None:
    """A contribution that is not asked everywhere is shown and not added."""
    assert not line_of(sheet(shipped, Profile(destination="FR")), "fr-cvec").counted
    assert line_of(sheet(shipped, Profile(destination="FR"), chosen=["fr-cvec"]), "fr-cvec").counted


def test_a_free_line_of_a_kind_takes_the_place_of_the_documented_one(shipped: Budget) -> None:
    """The student's own insurance is counted once, beside nothing of the same kind."""
    own = {"name": "Policy", "amount": "45000", "currency": "KZT", "per": "once", "kind": "insurance"}
    found = sheet(shipped, Profile(destination="DE"), free=[own])
    assert not line_of(found, "de-insurance").counted
    assert found.totals["KZT"].costs == Range(Decimal(45000), Decimal(45000))


@pytest.mark.parametrize(("months", "semesters", "years"), [(1, 1, 1), (6, 1, 1), (7, 2, 1), (12, 2, 1), (13, 3, 2)])
def test_semesters_and_years_are_counted_as_begun(shipped: Budget, months: int, semesters: int, years: int) -> None:
    """A fee a semester is paid for each six months begun, one a year for each twelve."""
    germany = sheet(shipped, Profile(destination="DE", months=months))
    france = sheet(shipped, Profile(destination="FR", months=months))
    assert line_of(germany, "de-fee").times == semesters
    assert line_of(france, "fr-cvec").times == years
    assert line_of(germany, "de-deposit").times == 1


def test_only_a_scholarship_proposes_what_the_programme_pays(shipped: Budget) -> None:
    """Funding decides the income lines: those of the programme and the country, for the months they are paid."""
    daad = Profile(destination="DE", programme="daad", funding=Funding.SCHOLARSHIP, months=7)
    found = sheet(shipped, daad)
    assert line_of(found, "daad-month").total == Range(Decimal(934 * 5), Decimal(934 * 5))
    assert line_of(found, "daad-travel").total.low == 750
    assert sheet(shipped, Profile(destination="DE", programme="daad", funding=Funding.OWN)).income == ()
    assert sheet(shipped, Profile(destination="DE", programme="mevlana", funding=Funding.SCHOLARSHIP)).income == ()
    spain = Profile(destination="ES", programme="erasmus_icm_ka171", funding=Funding.SCHOLARSHIP)
    assert [line.figure.id for line in sheet(shipped, spain).income if line.figure] == [
        "ka171-month",
        "ka171-travel-es",
    ]


def test_the_gap_is_least_where_costs_are_low_and_income_is_high(shipped: Budget) -> None:
    """Costs and reserve less income, by currency and in tenge at the student's rate."""
    ka171 = Profile(destination="ES", programme="erasmus_icm_ka171", funding=Funding.SCHOLARSHIP, months=5)
    found = sheet(shipped, ka171, rates={"EUR": "500.5"})
    euro = found.totals["EUR"]
    assert (euro.costs.low, euro.reserve.low, euro.income) == (5900, 590, Range(Decimal(4530), Decimal(6000)))
    assert euro.gap == Range(Decimal(490), Decimal(1960))
    assert found.in_tenge
    assert found.in_tenge.gap == Range(Decimal("245245"), Decimal("980980"))


def test_without_a_rate_sums_stay_by_currency(shipped: Budget) -> None:
    """Poland has figures in three currencies; tenge are told only when every one has a rate."""
    poland = Profile(destination="PL")
    found = sheet(shipped, poland, rates={"EUR": 500})
    assert (list(found.totals), found.in_tenge, found.without_rate) == (["EUR", "USD", "PLN"], None, ("USD", "PLN"))
    assert sheet(shipped, poland, rates={"EUR": 500, "USD": 480, "PLN": 120}).in_tenge


@pytest.mark.parametrize(
    ("entries", "field", "rule"),
    [
        ({"own": {"de-month": -1}}, "own.de-month", Rule.OUT_OF_RANGE),
        ({"own": {"de-month": "many"}}, "own.de-month", Rule.NO_NUMBER),
        ({"own": {"de-month": "1e400"}}, "own.de-month", Rule.OUT_OF_RANGE),
        ({"own": {"de-month": "1e999999999999999999999"}}, "own.de-month", Rule.NO_NUMBER),
        ({"own": {"de-month": float("nan")}}, "own.de-month", Rule.NO_NUMBER),
        ({"own": {"de-month": "Infinity"}}, "own.de-month", Rule.NO_NUMBER),
        ({"own": {"de-month": "1,500"}}, "own.de-month", Rule.NO_NUMBER),
        ({"own": {"de-month": True}}, "own.de-month", Rule.NO_NUMBER),
        ({"own": {"de-month": "9" * 50_000}}, "own.de-month", Rule.NO_NUMBER),
        ({"own": {"pl-visa": 5}}, "own.pl-visa", Rule.UNKNOWN_FIELD),
        ({"rates": {"EUR": 0}}, "rates.EUR", Rule.OUT_OF_RANGE),
        ({"rates": {"EUR": "x"}}, "rates.EUR", Rule.NO_NUMBER),
        ({"rates": {"KZT": 2}}, "rates.KZT", Rule.NO_CHOICE),
        ({"rates": {"XYZ": 2}}, "rates.XYZ", Rule.NO_CHOICE),
        ({"reserve_percent": 101}, "reserve_percent", Rule.OUT_OF_RANGE),
        ({"reserve_percent": "-1"}, "reserve_percent", Rule.OUT_OF_RANGE),
        ({"chosen": ["tr-room"]}, "chosen", Rule.UNKNOWN_FIELD),
        ({"free": ["flight"]}, "free.0", Rule.UNKNOWN_FIELD),
        ({"free": [{"name": "A", "amount": 1, "currency": "EUR", "per": "week"}]}, "free.0", Rule.NO_CHOICE),
        ({"free": [{"name": "A", "amount": 1, "currency": "euro", "per": "once"}]}, "free.0", Rule.NO_CHOICE),
        ({"free": [{"name": "A", "currency": "EUR", "per": "once"}]}, "free.0", Rule.NO_NUMBER),
        ({"free": [{"name": " ", "amount": 1, "currency": "EUR", "per": "once"}]}, "free.0", Rule.OUT_OF_RANGE),
        ({"free": [{"name": "A", "amount": 1, "currency": "EUR", "per": "once", "income": 1}]}, "free.0", Rule.NO_YES_OR_NO),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_left_out_with_field_value_and_rule(
    shipped: Budget, entries: dict[str, Any], field: str, rule: Rule
) -> None:
    """The sheet is the one without the entry, and the entry is named with what would be taken."""
    found = sheet(shipped, Profile(destination="DE"), **entries)
    [refused] = found.refused
    assert (refused.field, refused.rule) == (field, rule)
    assert refused.value
    assert refused.allowed
    assert len(refused.value) <= 60
    plain = sheet(shipped, Profile(destination="DE"))
    assert (found.costs, found.totals, found.reserve_percent) == (plain.costs, plain.totals, Decimal(10))


def test_free_lines_have_an_end(shipped: Budget) -> None:
    """One line more than a sheet holds is refused, the others are taken."""
    line = {"name": "A", "amount": 1, "currency": "EUR", "per": "once"}
    found = sheet(shipped, Profile(), free=[line] * (MOST_FREE_LINES + 1))
    assert (len(found.costs), [each.field for each in found.refused]) == (MOST_FREE_LINES, [f"free.{MOST_FREE_LINES}"])


def test_amounts_are_read_as_people_write_them(shipped: Budget) -> None:
    """Spaces part thousands, a comma marks decimals, and an empty field says nothing."""
    found = sheet(shipped, Profile(destination="DE"), {"de-month": "1 200,50", "de-fee": "", "de-deposit": None})
    assert line_of(found, "de-month").each == Range(Decimal("1200.5"), Decimal("1200.5"))
    assert not line_of(found, "de-fee").own
    assert not found.refused


ANYTHING = st.one_of(
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.booleans(),
    st.none(),
    st.decimals(),
    st.lists(st.none(), max_size=1),
)
AMOUNTS = st.decimals(min_value=0, max_value=100_000_000, places=2)
FREE = st.fixed_dictionaries(
    {"name": st.just("x"), "amount": AMOUNTS, "currency": st.sampled_from(CURRENCIES), "per": st.sampled_from(list(Per))},
    optional={"kind": st.sampled_from(list(Kind)), "income": st.booleans()},
)  # fmt: skip
PROFILES = st.builds(
    Profile,
    destination=st.sampled_from([None, "SE", *COUNTRIES]),
    months=st.none() | st.integers(1, 24),
    programme=st.none() | st.sampled_from(PROGRAMMES),
    funding=st.none() | st.sampled_from(Funding),
)


@st.composite
def entered(draw: st.DrawFn, budget: Budget) -> tuple[Profile, dict[str, Any]]:
    """Return a profile with entries that are all in order."""
    profile = draw(PROFILES)
    plain = sheet(budget, profile)
    ids = [line.figure.id for line in (*plain.costs, *plain.income) if line.figure]
    names: st.SearchStrategy[Any] = st.sampled_from(ids) if ids else st.nothing()
    rates = st.decimals(min_value="0.0001", max_value=10_000, places=4)
    return profile, {
        "own": draw(st.dictionaries(names, AMOUNTS, max_size=4)) if ids else {},
        "chosen": draw(st.lists(names, max_size=3)) if ids else [],
        "rates": draw(st.fixed_dictionaries({currency: rates for currency in CURRENCIES if currency != "KZT"})),
        "reserve_percent": draw(st.decimals(min_value=0, max_value=100, places=2)),
        "free": draw(st.lists(FREE, max_size=4)),
    }


def added(lines: Sequence[Line], currency: str) -> Range:
    """Return the exact sum of the counted lines in a currency."""
    counted = [line.total for line in lines if line.counted and line.currency == currency]
    return sum(counted, Range(Decimal(0), Decimal(0)))  # type: ignore[call-overload,no-any-return]


@given(data=st.data())
def test_sums_are_exact_and_no_cost_is_counted_twice(shipped: Budget, data: st.DataObject) -> None:
    """Totals equal the sum of the lines, low is at most high, the reserve its percentage, tenge the rates."""
    profile, entries = data.draw(entered(shipped))
    found = sheet(shipped, profile, **entries)
    assert not found.refused
    for currency, totals in found.totals.items():
        assert (totals.costs, totals.income) == (added(found.costs, currency), added(found.income, currency))
        assert totals.reserve == totals.costs.times(entries["reserve_percent"] / 100)
        assert totals.reserve.low >= 0
        for each in (totals.costs, totals.reserve, totals.income, totals.gap):
            assert each.low <= each.high
        assert totals.gap.low == totals.costs.low + totals.reserve.low - totals.income.high
    assert found.in_tenge
    rates = {**entries["rates"], "KZT": Decimal(1)}
    assert found.in_tenge.costs.low == sum(each.costs.low * rates[code] for code, each in found.totals.items())
    covered = [kind for line in found.costs if line.counted and line.figure for kind in line.covers]
    assert len(covered) == len(set(covered))
    assert not set(covered) & set(found.no_figure)


@given(data=st.data())
def test_an_own_amount_has_no_width_and_a_documented_one_its_range(shipped: Budget, data: st.DataObject) -> None:
    """What the student enters replaces the range of its line and no other's."""
    profile, entries = data.draw(entered(shipped))
    for line in (*(found := sheet(shipped, profile, **entries)).costs, *found.income):
        if line.figure and line.figure.id not in entries["own"]:
            assert (line.own, line.each) == (False, line.figure.amount)
        else:
            assert line.own
            assert line.each.low == line.each.high


@given(country=st.sampled_from(COUNTRIES), months=st.integers(1, 12), factor=st.integers(1, 2))
def test_monthly_costs_grow_in_step_with_the_months(shipped: Budget, country: str, months: int, factor: int) -> None:
    """Twice the months cost twice as much, and what is paid once stays."""
    short = sheet(shipped, Profile(destination=country, months=months))
    long = sheet(shipped, Profile(destination=country, months=months * factor))
    for one, other in zip(short.costs, long.costs, strict=True):
        if one.per is Per.MONTH:
            assert other.total == one.total.times(factor)
        if one.per is Per.ONCE:
            assert other.total == one.total


@given(data=st.data(), percents=st.lists(st.integers(0, 100), min_size=2, max_size=4))
def test_a_larger_reserve_never_makes_the_gap_smaller(
    shipped: Budget, data: st.DataObject, percents: list[int]
) -> None:
    """Reserve and gap grow with the percentage."""
    profile, entries = data.draw(entered(shipped))
    assume(sheet(shipped, profile, **entries).totals)
    sheets = [sheet(shipped, profile, **{**entries, "reserve_percent": percent}) for percent in sorted(percents)]
    for less, more in pairwise(sheets):
        for currency in less.totals:
            assert less.totals[currency].gap.low <= more.totals[currency].gap.low


@given(
    profile=PROFILES,
    own=st.dictionaries(st.sampled_from(["de-month", "tr-room", "nothing"]) | st.text(max_size=90), ANYTHING, max_size=4),
    rates=st.dictionaries(st.sampled_from(CURRENCIES) | st.text(max_size=90), ANYTHING, max_size=4),
    percent=ANYTHING,
    free=st.lists(ANYTHING | st.dictionaries(st.sampled_from(["name", "amount", "currency", "per"]), ANYTHING), max_size=3),
    chosen=st.lists(ANYTHING, max_size=3),
)  # fmt: skip
def test_no_entry_makes_the_sheet_fail(
    shipped: Budget, profile: Profile, own: Any, rates: Any, percent: Any, free: Any, chosen: Any
) -> None:
    """Whatever is entered, a sheet comes out in every language, and as JSON."""
    found = sheet(shipped, profile, own, rates, percent, free=free, chosen=chosen)
    assert all(len(each.value) <= 60 and len(each.field) <= 60 for each in found.refused)
    for language in LANGUAGES:
        json.dumps(sheet_data(found, language), allow_nan=False)


def test_the_data_carry_source_and_date_of_every_documented_figure(shipped: Budget) -> None:
    """Each language quotes its own clause; amounts are texts, and an own line has no source."""
    line = {"name": "Flight", "amount": "180000", "currency": "KZT", "per": "once", "kind": "travel"}
    found = sheet(shipped, Profile(destination="KR"), {"kr-room": "500000"}, free=[line])
    room, flight = sheet_data(found, "kk")["costs"][2], sheet_data(found, "kk")["costs"][-1]
    assert room["source"]["section"] == "host_guides/south_korea#cost-of-living"
    assert "450000-600000 вон" in room["source"]["clause"]
    assert (room["each"], room["documented"]) == (
        {"low": "500000", "high": "500000"},
        {"low": "450000", "high": "600000"},
    )
    assert (flight["name"], flight["id"], "source" in flight) == ("Flight", None, False)
    names = [{each["name"] for each in sheet_data(found, language)["costs"]} for language in LANGUAGES]
    assert all(len(a & b) <= 1 for a, b in pairwise(names))  # the flight's alone


def test_a_gap_below_zero_is_money_that_is_left() -> None:
    """Income above costs and reserve gives a negative gap, least and greatest in order."""
    costs, reserve, income = (Range(Decimal(low), Decimal(high)) for low, high in ((1, 2), (0, 0), (5, 6)))
    assert Totals(costs=costs, reserve=reserve, income=income).gap == Range(Decimal(-5), Decimal(-3))


def test_every_shipped_cost_says_what_it_covers_in_order_of_width(shipped: Budget) -> None:
    """The first line of a kind covers at least as much as those after it, so the default leaves least out."""
    for destination in shipped.destinations:
        lines: tuple[Cost, ...] = tuple(line for line in destination.lines if Kind.HOUSING in line.covers)
        assert all(len(lines[0].covers) >= len(line.covers) for line in lines)
