"""What a browser keeps of a plan is read strictly, and an entry changes nothing but its table."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.preparation.eligibility import Fact
from assistant.web.plan.known import LONGEST_MESSAGE, TABLES, applied, read_known

TODAY = date(2026, 11, 22)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["gpa", "test-1", "score-1", "test-2", "nominated", "certificates", "departure", "destination"]
)
STORED = JSON | st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(TABLES, JSON), "profile": st.dictionaries(FIELDS, JSON)}
)
MESSAGES = (
    st.text()
    | JSON.map(json.dumps)
    | st.dictionaries(st.sampled_from([*TABLES, "x"]), JSON).map(lambda tables: json.dumps({"tables": tables}))
)


def message(**tables: Any) -> str:
    """Return what the script of the page tells about some tables."""
    return json.dumps({"do": "enter", "tables": tables})


def test_the_entries_of_a_table_replace_it() -> None:
    """What was entered is kept, what was emptied goes, other tables stay."""
    stored = {"profile": {"gpa": "3", "months": "5"}, "done": {"check-gpa": True}}
    now = applied(stored, message(profile={"gpa": "3.2", "months": "", "level": "master"}))
    assert now == {"profile": {"gpa": "3.2", "level": "master"}, "done": {"check-gpa": True}}
    assert stored["profile"] == {"gpa": "3", "months": "5"}


def test_a_message_carries_every_table_that_was_touched() -> None:
    """If the message before it was never heard, nothing of that one is lost."""
    now = applied({}, message(profile={"gpa": "3"}, done={"check-gpa": True, "passport": False}))
    assert now == {"profile": {"gpa": "3"}, "done": {"check-gpa": True}}


@given(STORED, MESSAGES)
def test_no_message_is_ever_an_error(stored: Any, said: str) -> None:
    """Whatever is kept and told, only known tables change, with short entries, and a second time changes nothing."""
    now = applied(stored, said)
    before = stored if isinstance(stored, dict) else {}
    for name in now:
        assert name in TABLES or now[name] is before[name]
    for table in (now[name] for name in TABLES if name in now and now[name] is not before.get(name)):
        assert len(table) <= 300
        assert all(len(key) <= 200 for key in table)
        assert all(value is True or (isinstance(value, str) and 1 <= len(value) <= 200) for value in table.values())
        assert json.dumps(table, ensure_ascii=False).encode()
    assert repr(applied(now, said)) == repr(now)


@given(STORED)
def test_nothing_that_is_kept_is_ever_an_error(stored: object) -> None:
    """Whatever a browser hands back, what can be read of it is read and the rest is left out."""
    known = read_known(stored, TODAY)
    assert all(isinstance(name, str) for name in known.done)
    for table in (known.entered, known.readiness, known.budget):
        assert all(isinstance(value, str) and len(value) <= 200 for value in table.values())


@pytest.mark.parametrize(
    "hostile",
    [[], {}, [["yes"]], {"yes": 1}, 7, None, 10**5000, float("nan")],
    ids=["list", "table", "lists", "table-of-one", "number", "nothing", "long-number", "no-number"],
)
@pytest.mark.parametrize("field", ["nominated", "school_practice", "test-1", "gpa", "departure", "certificates"])
def test_a_hostile_value_is_left_out_and_the_others_stay(field: str, hostile: object) -> None:
    """A list, a table or a number where the page writes a text is as good as nothing."""
    known = read_known({"profile": {field: hostile, "destination": "PL"}, "readiness": {"x": hostile}}, TODAY)
    assert known.profile.destination == "PL"
    assert known.refused == ()
    assert known.readiness == {}


def test_what_the_page_writes_is_read() -> None:
    """Steps, answers, amounts and the profile come back as they were entered."""
    told = message(
        profile={"gpa": "3,1", "nominated": "yes", "test-1": "ielts", "score-1": "6"},
        done={"check-gpa": True, "passport": False},
        readiness={"lecture-notes": "3"},
        budget={"own-visa": "75", "pick-dormitory": True},
    )
    known = read_known(applied({}, told), TODAY)
    assert known.profile.gpa == 3.1
    assert known.profile.said == {Fact.NOMINATED: True}
    assert known.done == {"check-gpa"}
    assert known.readiness == {"lecture-notes": "3"}
    assert known.budget == {"own-visa": "75", "pick-dormitory": "on"}


@pytest.mark.parametrize("done", [1, "true", "on", [True], {"x": True}])
def test_only_a_ticked_box_is_a_step_that_is_done(done: object) -> None:
    """A step is done if it was ticked, and not if something else stands there."""
    assert read_known({"done": {"passport": done}}, TODAY).done == frozenset()


def test_too_much_is_cut() -> None:
    """Of a table 300 entries are kept, of an entry 200 characters; a longer message than any page sends changes nothing."""
    many = {f"name-{place}": "1" for place in range(1_000)}
    assert len(applied({}, message(budget=many))["budget"]) == 300
    assert applied({}, message(budget={"own-" + "x" * 500: "9" * 500})) == {"budget": {"own-" + "x" * 196: "9" * 200}}
    assert applied({"budget": {"a": "1"}}, message(budget={"a": "2" * LONGEST_MESSAGE})) == {"budget": {"a": "1"}}


@pytest.mark.parametrize("said", ["", "{", "[]", "7", '"x"', '{"tables": 3}', '{"tables": {"done": 3}}', "[" * 15_000])
def test_what_is_no_message_changes_nothing(said: str) -> None:
    """Anything but a message of the page leaves all as it was."""
    assert applied({"done": {"passport": True}}, said) == {"done": {"passport": True}}


def test_half_a_character_does_not_break_the_reply() -> None:
    """A text that was cut inside an emoji can still be sent back."""
    assert applied({}, '{"tables": {"budget": {"free-1-name": "bus \\ud83d"}}}') == {"budget": {"free-1-name": "bus ?"}}


def test_what_is_not_on_the_page_stays() -> None:
    """Amounts for another country outlive an entry for this one; what was emptied on the page goes."""
    before = {"budget": {"own-pl-month": "100", "own-tr-month": "50"}, "done": {"a": True, "b": True}}
    message = json.dumps({"tables": {"budget": {"own-tr-month": "", "reserve": "5"}, "done": {"b": False}}})
    assert applied(before, message) == {"budget": {"own-pl-month": "100", "reserve": "5"}, "done": {"a": True}}
