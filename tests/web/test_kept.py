"""What comes back from a browser's storage is read as strictly as any input."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.preparation.profile import circumstances, read_profile
from assistant.types import Circumstances
from assistant.web import kept

TODAY = date(2026, 11, 22)
FIELDS = ["destination", "home_university", "programme", "gpa", "certificates", "departure", "months", "funding"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def about(stored: object) -> Circumstances:
    """Return what of a browser's entry decides which documents are meant."""
    return circumstances(read_profile(kept.table(stored, "profile"), today=TODAY)[0])


def test_a_kept_profile_says_what_is_meant() -> None:
    """Country, university and programme are read; what else is known decides nothing here."""
    profile = {"destination": "PL", "home_university": "abai_kaznpu", "programme": "mevlana", "gpa": 3.1}
    assert about({"profile": profile, "done": {"x": True}}) == Circumstances(
        country="PL", institution="regulations/abai_kaznpu", programme="regulations/mevlana"
    )


def test_one_wrong_field_spoils_nothing_else() -> None:
    """A country that is none is left out, the programme stays."""
    assert about({"profile": {"destination": "../PL", "programme": "orhun"}}) == Circumstances(
        programme="regulations/orhun"
    )


@pytest.mark.parametrize(
    "stored", [None, "", "PL", 7, 1.5, True, [], [1], ["profile"], [["profile", {"destination": "PL"}]], {}]
)
def test_what_is_no_table_keeps_nothing(stored: object) -> None:
    """Lists, numbers and texts in place of the entry or of its profile are as good as nothing."""
    assert kept.table(stored, "profile") == {}
    assert kept.table({"profile": stored}, "profile") == {}
    assert about(stored) == about({"profile": stored}) == Circumstances()


def test_a_value_is_replaced_and_the_others_stay() -> None:
    """Forgetting the profile leaves what was done of the plan, and changes no value that was handed in."""
    before = {"profile": {"destination": "PL"}, "done": {"passport": True}}
    assert kept.replaced(before, "profile", {}) == {"profile": {}, "done": {"passport": True}}
    assert before["profile"] == {"destination": "PL"}
    assert kept.replaced([1, 2], "profile", {}) == {"profile": {}}


@given(JSON)
def test_no_entry_is_ever_an_error(stored: object) -> None:
    """Whatever a browser hands back can be read and replaced."""
    assert isinstance(about(stored), Circumstances)
    assert kept.table(kept.replaced(stored, "profile", {"gpa": 3}), "profile") == {"gpa": 3}


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_profile_is_ever_an_error(profile: dict[str, object]) -> None:
    """Whatever stands in the fields of a profile, a country is two letters and documents stay in their folder."""
    found = about({"profile": profile})
    assert len(found.country) in {0, 2}
    assert all(each == "" or each.startswith("regulations/") for each in (found.institution, found.programme))
    assert ".." not in found.institution
