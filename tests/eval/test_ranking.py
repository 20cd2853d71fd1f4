"""Retrieval figures: by hand, and by the ``ir_measures`` program run on the files that we write."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.ranking import MEASURES, ranked, with_scores
from eval.runs import RunFolder, trec_id

SHARES = ("nDCG@10", "R@1", "R@3", "R@10", "RR@10", "Success@1")


def dcg(*gains: int) -> float:
    """Return the discounted gain of relevances in order, by the formula."""
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


@pytest.mark.parametrize(
    ("judged", "found", "expected"),
    [
        ({"a": 1}, "a", (1, 1, 1, 1, 1, 1)),
        ({"a": 1}, "xa", (1 / math.log2(3), 0, 1, 1, 1 / 2, 0)),
        ({"a": 1}, "xyza", (1 / math.log2(5), 0, 0, 1, 1 / 4, 0)),
        ({"a": 1}, "0123456789a", (0, 0, 0, 0, 0, 0)),
        ({"a": 1}, "", (0, 0, 0, 0, 0, 0)),
        ({"a": 1, "b": 1}, "bxa", (dcg(1, 0, 1) / dcg(1, 1), 1 / 2, 1, 1, 1, 1)),
        ({"a": 2, "b": 1, "c": 0}, "cba", (dcg(0, 1, 2) / dcg(2, 1), 0, 1, 1, 1 / 2, 0)),
        ({"a": 1, "b": 1, "c": 1, "d": 1}, "ax", (dcg(1) / dcg(1, 1, 1, 1), 1 / 4, 1 / 4, 1 / 4, 1, 1)),
    ],
)
def test_the_figures_are_those_of_the_formulas(judged: dict[str, int], found: str, expected: tuple[float, ...]) -> None:
    """Gain over the logarithm of the place, share found, and one over the place of the first."""
    figures = ranked(SHARES, {"q": judged}, {"q": found})["q"]
    assert tuple(figures[name] for name in SHARES) == pytest.approx(expected, abs=1e-6)


def test_only_judged_cases_have_figures() -> None:
    """A case for which nothing was found has 0; one that was never judged has none."""
    assert ranked(["R@1"], {"a": {"x": 1}, "b": {"x": 1}}, {"a": ["x"], "c": ["x"]}) == {
        "a": {"R@1": 1},
        "b": {"R@1": 0},
    }


def test_nothing_judged_is_no_figure() -> None:
    """A set of which nothing can be answered has no retrieval figures."""
    assert ranked(MEASURES, {}, {}) == {}


def test_scores_only_tell_the_order() -> None:
    """No two units of a run are tied."""
    assert with_scores("cab") == [("c", 1000.0), ("a", 999.0), ("b", 998.0)]


def test_the_program_finds_the_same_in_our_files(tmp_path: Path) -> None:
    """Forty random queries, some without hits, with ids that hold spaces and percent signs: equal to six places."""
    chance = random.Random(7)
    units = [f"unit {n}%" if n % 2 else f"u%20{n}" for n in range(60)]
    qrels = {
        f"case %{n} x": {unit: chance.randint(1, 3) for unit in chance.sample(units, 1 + n % 4)} for n in range(40)
    }
    found = {query: chance.sample(units, chance.choice((0, 3, 12, 40))) for query in qrels}
    empty = [query for query, own in found.items() if not own]
    assert empty
    folder = RunFolder(tmp_path)
    folder.write_trec("qrels.trec", ((q, 0, unit, s) for q, own in qrels.items() for unit, s in own.items()))
    folder.write_trec("run.trec", ((q, "Q0", unit, rank, score, "run") for q, own in found.items()
                                   for rank, (unit, score) in enumerate(with_scores(own), start=1)))  # fmt: skip
    files = ["qrels.trec", "run.trec"]
    command = [sys.executable, "-m", "ir_measures", *files, *MEASURES, "-q", "-n", "-p", "9", "-o", "jsonl"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    theirs = {(row["query_id"], row["measure"]): row["value"] for row in map(json.loads, told.stdout.splitlines())}
    ours = {
        (trec_id(q), name): value for q, own in ranked(MEASURES, qrels, found).items() for name, value in own.items()
    }
    assert len(ours) == 40 * len(MEASURES)
    assert theirs.keys() <= ours.keys()
    answered = {key: value for key, value in ours.items() if key in theirs}
    assert answered == pytest.approx({key: theirs[key] for key in answered}, abs=1e-6)
    assert {query for query, _ in ours.keys() - theirs.keys()} <= {trec_id(query) for query in empty}
    assert all(value == 0 for (query, _), value in ours.items() if query in map(trec_id, empty))


@given(st.lists(st.text("a%205 ", min_size=1), min_size=2, max_size=2))
def test_ids_with_spaces_and_percent_signs_stay_in_their_column(ids: list[str]) -> None:
    """An id holds no space in a file, and two ids are never written alike."""
    first, second = map(trec_id, ids)
    assert " " not in first + second
    assert (first == second) == (ids[0] == ids[1])


@pytest.mark.parametrize("id", ["a b", " a ", "100%", "%20", "%2520 %", "a\u00a0b", "a\tb", "a\u2028b", "ё/қ#1"])
def test_an_id_survives_the_file(tmp_path: Path, id: str) -> None:
    """Judgements are read back as they were written, whatever space an id holds."""
    folder = RunFolder(tmp_path)
    folder.write_trec("qrels.trec", [(id, 0, id, 2), ("b", 0, "c", 0)])
    assert folder.qrels() == {id: {id: 2}, "b": {"c": 0}}
