"""How far mentors agree, against tables worked out by hand."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.records.agreement import LEAST, Agreement, Pair, agreement
from assistant.records.reviewing import Judged

RIGHT, INCOMPLETE, WRONG = Judged


def pairs(table: list[list[int]]) -> list[Pair]:
    """Return the judgements of a table: rows the first mentor, columns the second."""
    return [
        (first, second)
        for first, row in zip(Judged, table, strict=True)
        for second, count in zip(Judged, row, strict=True)
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("table", "observed", "kappa"),
    [
        ([[20, 0, 5], [0, 0, 0], [10, 0, 15]], 0.7, 0.4),  # expected .6 × .5 + .4 × .5 = .5
        ([[10, 2, 1], [3, 5, 2], [0, 1, 6]], 0.7, 318 / 588),  # margins 13, 10, 7 and 13, 8, 9: expected 312 / 900
        ([[4, 0, 0], [0, 3, 0], [0, 0, 3]], 1.0, 1.0),
        ([[0, 0, 5], [0, 0, 0], [5, 0, 0]], 0.0, -1.0),  # expected .5: they always disagree
        ([[5, 5, 0], [5, 5, 0], [0, 0, 0]], 0.5, 0.0),  # expected .5: no better than chance
    ],
)
def test_kappa_is_what_the_table_gives(table: list[list[int]], observed: float, kappa: float) -> None:
    """Observed less expected agreement, over what is left of 1 without the expected."""
    found = agreement(pairs(table))
    assert (found.items, found.observed) == (sum(map(sum, table)), pytest.approx(observed))
    assert found.kappa == pytest.approx(kappa)


def test_the_interval_is_about_what_the_formula_gives() -> None:
    """By the large-sample formula of this table, .4 ± 1.96 × .130: the bootstrap's ends lie within .04 of it."""
    found = agreement(pairs([[20, 0, 5], [0, 0, 0], [10, 0, 15]]))
    assert (found.low, found.high) == (pytest.approx(0.146, abs=0.04), pytest.approx(0.654, abs=0.04))


def test_below_ten_replies_nothing_is_told() -> None:
    """Nine replies give their number and no figure; ten give one."""
    assert agreement(pairs([[5, 0, 0], [0, 0, 0], [0, 0, 4]])) == Agreement(LEAST - 1)
    assert agreement(pairs([[5, 0, 0], [0, 0, 0], [0, 0, 5]])).kappa == 1


def test_where_all_judgements_are_the_same_kappa_is_undefined() -> None:
    """Both found every reply right: they agree, and by how much more than chance nobody can say."""
    assert agreement(pairs([[12, 0, 0], [0, 0, 0], [0, 0, 0]])) == Agreement(12, 1.0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Judged), st.sampled_from(Judged)), min_size=LEAST, max_size=40), st.randoms())
def test_the_order_of_replies_changes_nothing(judged: list[Pair], chance: random.Random) -> None:
    """The same judgements in any order give the same figures, and the interval lies between −1 and 1."""
    shuffled = list(judged)
    chance.shuffle(shuffled)
    found = agreement(judged)
    assert agreement(shuffled) == found
    if found.kappa is not None and found.low is not None and found.high is not None:
        assert -1 <= found.low <= found.high <= 1
