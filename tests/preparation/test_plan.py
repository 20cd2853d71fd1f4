"""The personal plan: whom a step concerns, its day, and the order of time."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_fakes import DEPARTURE, TODAY, plan, shipped_steps, step

from assistant.preparation.plan import Plan, due_day, plan_data
from assistant.preparation.profile import ASSUMED_MONTHS, Profile
from assistant.preparation.steps import Due, Phase
from assistant.types import LANGUAGES

DUES = st.one_of(
    *(
        st.builds(Due, **{name: st.floats(0, 400, allow_nan=False)})
        for name in ("months_before", "days_after_arrival", "days_before_end", "days_after_return")
    )
)
DEPARTURES = st.dates(date(2026, 11, 1), date(2029, 12, 31))
SHIPPED = {each.id: each for each in shipped_steps()}


def ids(made: Plan) -> list[str]:
    """Return the ids of a plan's steps in their order."""
    return [each.step.id for each in made.steps]


@pytest.mark.parametrize(
    ("due", "departure", "day"),
    [
        (Due(months_before=10), date(2027, 9, 1), date(2026, 11, 1)),
        (Due(months_before=0), date(2027, 9, 1), date(2027, 9, 1)),
        (Due(months_before=0.5), date(2027, 9, 1), date(2027, 8, 16)),
        (Due(months_before=1.5), date(2027, 3, 1), date(2027, 1, 16)),
        (Due(months_before=1), date(2027, 3, 31), date(2027, 2, 28)),
        (Due(months_before=1), date(2028, 3, 31), date(2028, 2, 29)),
        (Due(days_after_arrival=14), date(2027, 9, 1), date(2027, 9, 15)),
        (Due(days_before_end=21), date(2027, 9, 1), date(2028, 1, 11)),
        (Due(days_after_return=3), date(2027, 9, 1), date(2028, 2, 4)),
        (Due(days_after_return=0), date(2027, 9, 30), date(2028, 2, 29)),
    ],
)
def test_days_are_counted_on_the_calendar(due: Due, departure: date, day: date) -> None:
    """Months go back on the calendar, and a day that a month lacks becomes its last one."""
    assert due_day(due, departure, 5) == day


@given(due=DUES, departure=DEPARTURES, months=st.integers(1, 24))
def test_a_day_lies_in_its_part_of_the_exchange(due: Due, departure: date, months: int) -> None:
    """Nothing for before falls after the departure, nothing for the stay outside it, nothing for after before its end."""
    day, end = due_day(due, departure, months), due_day(Due(days_after_return=0), departure, months)
    assert departure < end
    if due.months_before is not None:
        assert day <= departure
    elif due.days_after_return is not None:
        assert day >= end
    else:
        assert departure <= day <= end


@given(departure=DEPARTURES, more=st.floats(0, 400), less=st.floats(0, 400))
def test_more_months_before_are_never_later(departure: date, more: float, less: float) -> None:
    """Parts of a month keep the order, whatever the length of the months."""
    less, more = sorted((less, more))
    assert due_day(Due(months_before=more), departure, 5) <= due_day(Due(months_before=less), departure, 5)


def test_steps_for_others_are_left_out() -> None:
    """A step stays only where destination, programme, level and practice all fit."""
    profile = Profile(destination="PL", programme="mevlana", level="master", school_practice=False)
    made = plan(
        step("all"),
        step("poland", when={"destination": ["PL", "DE"]}),
        step("germany", when={"destination": ["DE"]}),
        step("mevlana-poland", when={"programme": ["mevlana"], "destination": ["PL"]}),
        step("mevlana-turkey", when={"programme": ["mevlana"], "destination": ["TR"]}),
        step("doctoral", when={"level": ["doctoral"]}),
        step("practice", when={"school_practice": True}),
        step("no-practice", when={"school_practice": False}),
        profile=profile,
    )
    assert ids(made) == ["all", "poland", "mevlana-poland", "no-practice"]
    assert not made.hidden


def test_steps_that_wait_for_an_answer_are_counted() -> None:
    """What may concern the student is counted under each missing field; what certainly does not is counted nowhere."""
    made = plan(
        step("all"),
        step("poland", when={"destination": ["PL"]}),
        step("both", when={"programme": ["mevlana"], "destination": ["TR"]}),
        step("never", when={"destination": ["PL"], "level": ["doctoral"]}),
        step("practice", when={"school_practice": True}),
        profile=Profile(level="bachelor"),
    )
    assert ids(made) == ["all"]
    assert list(made.hidden.items()) == [("destination", 2), ("programme", 1), ("school_practice", 1)]


@pytest.mark.parametrize(
    ("destination", "section"),
    [("PL", "host_guides/poland#visa"), ("IT", None), (None, None)],
)
def test_the_guide_is_that_of_the_destination(destination: str | None, section: str | None) -> None:
    """A step that speaks of the destination leads to its guide, or nowhere while there is none."""
    made = plan(
        step("visa", section="host_guides/{destination}#visa"), step("gpa"), profile=Profile(destination=destination)
    )
    assert [each.section for each in made.steps] == [section, "regulations/rules#gpa"]


def test_without_a_departure_the_order_stays_and_no_day_is_given() -> None:
    """Steps stand in the order of time, none has a day, none is overdue."""
    made = plan(
        step("report", "return", due={"days_after_return": 2}),
        step("pack", "travel", due={"months_before": 1}),
        step("think"),
        profile=Profile(),
    )
    assert ids(made) == ["think", "pack", "report"]
    assert all(each.due is None and not each.overdue for each in made.steps)
    assert [each.step.id for each in made.next] == ["think", "pack", "report"]
    assert (made.departure, made.months, made.assumed_months) == (None, ASSUMED_MONTHS, True)


def test_the_length_of_the_stay_moves_its_end() -> None:
    """A named length is taken; without one a semester is assumed, and the plan says so."""
    back = step("report", "return", due={"days_after_return": 0})
    named = plan(back, profile=Profile(departure=DEPARTURE, months=10))
    assumed = plan(back, profile=Profile(departure=DEPARTURE))
    assert (named.steps[0].due, named.assumed_months) == (date(2028, 7, 1), False)
    assert (assumed.steps[0].due, assumed.assumed_months) == (date(2028, 2, 1), True)


def test_overdue_next_and_done() -> None:
    """Open steps of the past are overdue, oldest first; the next three are due today or later; done ones are neither."""
    months = {"b": 9, "a": 10, "done": 11, "late": 4, "soon": 1, "later": 0, "last": 0}
    steps = [step(name, due={"months_before": number}) for name, number in months.items()]
    made = plan(*steps, today=date(2027, 1, 1), done=frozenset({"done", "unheard-of"}))
    assert [each.step.id for each in made.overdue] == ["a", "b"]
    assert [each.step.id for each in made.next] == ["late", "soon", "later"]
    assert (made.done, made.total) == (1, 7)


def test_a_step_due_today_is_not_overdue() -> None:
    """The last day still counts."""
    assert not plan(step("a"), today=date(2026, 11, 1)).overdue
    assert plan(step("a"), today=date(2026, 11, 2)).overdue


@given(
    departure=st.none() | DEPARTURES,
    months=st.none() | st.integers(1, 24),
    destination=st.sampled_from([None, "PL", "TR", "IT"]),
    done=st.frozensets(st.sampled_from(sorted(SHIPPED))),
)
def test_no_step_is_lost_or_doubled(
    departure: date | None, months: int | None, destination: str | None, done: frozenset[str]
) -> None:
    """Phases hold each step of the plan once, in order; a step is at most one of done, overdue and next."""
    profile = Profile(departure=departure, months=months, destination=destination, programme="mevlana", level="master")
    made = plan(*SHIPPED.values(), profile=profile, done=done)
    grouped = [each for _, steps in made.phases for each in steps]
    assert sorted(each.step.id for each in grouped) == sorted(ids(made))
    assert [phase for phase, _ in made.phases] == [
        phase for phase in Phase if any(s.step.phase is phase for s in grouped)
    ]
    assert not {each.step.id for each in made.overdue} & {each.step.id for each in made.next}
    assert all(each.done == (each.step.id in done) and not (each.done and each.overdue) for each in made.steps)
    for _, steps in made.phases:
        assert all(a.due <= b.due for a, b in pairwise(steps) if a.due and b.due)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_is_plain_data(language: str) -> None:
    """JSON holds days as ISO dates, texts in the language, and null for what is unknown."""
    made = plan(
        step("visa", "arrange", section="host_guides/{destination}#visa"), step("b", when={"level": ["master"]})
    )
    data = plan_data(made, language)  # type: ignore[arg-type]
    assert json.loads(json.dumps(data)) == {
        "departure": "2027-09-01",
        "months": 5,
        "assumed_months": False,
        "hidden": {"level": 1},
        "steps": [
            {
                "id": "visa",
                "phase": "arrange",
                "due": "2026-11-01",
                "done": False,
                "overdue": True,
                "title": "Do it",
                "why": "It helps.",
                "section": None,
            }
        ],
    }
    unknown = plan_data(plan(step("a"), profile=Profile()), language)  # type: ignore[arg-type]
    assert (unknown["departure"], unknown["steps"][0]["due"]) == (None, None)


ARRIVED = {Phase.ARRIVE, Phase.STUDY}
"""Registration and study go on side by side."""


@pytest.mark.parametrize("months", [1, 2, 5, 10])
def test_shipped_phases_follow_one_another(months: int) -> None:
    """No phase of the shipped steps begins before the one before it has ended, arrival and study apart."""
    days = {
        phase: [due_day(each.due, DEPARTURE, months) for each in SHIPPED.values() if each.phase is phase]
        for phase in Phase
    }
    before, stay, after = list(Phase)[:4], list(Phase)[4:7], Phase.RETURN
    for earlier, later in pairwise(before):
        assert max(days[earlier]) < min(days[later]), (earlier, later)
    end = due_day(Due(days_after_return=0), DEPARTURE, months)
    for phase in stay:
        assert max(days[before[-1]]) <= min(days[phase])
        assert max(days[phase]) <= end
    assert end < min(days[after])
    if months >= 5:
        assert all(max(days[phase]) < min(days[Phase.LEAVE]) for phase in ARRIVED)


def test_shipped_steps_stand_in_the_order_of_time() -> None:
    """The file is in the order of the days, as its README asks."""
    days = [(due_day(each.due, DEPARTURE, 5), each.id) for each in SHIPPED.values()]
    assert [name for _, name in days] == [name for _, name in sorted(days, key=lambda each: each[0])]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("take-language-test", "apply-home"),
        ("clear-debts", "apply-home"),
        ("collect-documents", "apply-home"),
        ("ask-recommendation", "apply-home"),
        ("apply-home", "confirm-nomination"),
        ("find-practice-host", "confirm-nomination"),
        ("confirm-nomination", "apply-host"),
        ("check-host-deadlines", "apply-host"),
        ("choose-courses", "sign-learning-agreement"),
        ("check-passport", "start-visa"),
        ("apply-host", "start-visa"),
        ("start-visa", "buy-ticket"),
        ("buy-insurance", "buy-ticket"),
        ("ds2019-usa", "buy-ticket"),
        ("start-visa", "keep-china-originals"),
        ("check-exam-dates", "ask-transcript"),
        ("ask-transcript", "check-transcript"),
        ("check-transcript", "return-room"),
        ("get-host-papers", "return-room"),
        ("thank-people", "return-room"),
        ("financial-report", "written-report"),
        ("apply-recognition", "check-home-record"),
        ("chase-transcript", "check-home-record"),
    ],
)
def test_shipped_steps_come_after_what_they_need(first: str, then: str) -> None:
    """A step that needs another is due on a later day."""
    a, b = (due_day(SHIPPED[name].due, DEPARTURE, 5) for name in (first, then))
    assert a < b


def test_papers_of_the_last_days_are_due_in_the_last_days() -> None:
    """The certificate of stay names the real end, and a room is handed over when one leaves."""
    end = due_day(Due(days_after_return=0), DEPARTURE, 5)
    for name in ("get-host-papers", "return-room"):
        assert end - due_day(SHIPPED[name].due, DEPARTURE, 5) <= timedelta(days=3)


def test_a_near_departure_loses_nothing() -> None:
    """Ten weeks before departure most of the preparation is overdue, and every step is still there."""
    profile = Profile(destination="TR", programme="mevlana", level="master", departure=date(2027, 2, 1))
    near = plan(*SHIPPED.values(), profile=profile, today=TODAY)
    far = plan(*SHIPPED.values(), profile=profile, today=date(2025, 1, 1))
    assert ids(near) == ids(far)
    assert len(near.overdue) > 30
    assert not far.overdue
    assert [each.due for each in near.overdue] == sorted(each.due for each in near.overdue if each.due)
