"""Intervals and tests: by hand, by NumPy and SciPy, and by trying them on noise."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from eval.configuring import SEED
from eval.statistics import (
    RESAMPLES,
    Figure,
    detectable,
    detectable_at,
    difference,
    draws,
    holm,
    mean,
    sign_flip,
    statistic,
)

VALUES = (0.0, 1.0, 0.5, 1.0, 1.0, 0.0, 0.25, 1.0, 0.5, 0.0, 1.0)
CLUSTERS = tuple("abacdbeafgc")


def interval(samples: list[float]) -> tuple[float, float]:
    """Return the 2.5th and the 97.5th percentile."""
    low, high = np.percentile(samples, [2.5, 97.5])
    return float(low), float(high)


def test_the_interval_of_a_mean_is_the_plain_bootstrap_over_clusters() -> None:
    """Whole clusters are put together as often as they are drawn, and their cases averaged."""
    names = sorted(set(CLUSTERS))
    drawn = np.random.default_rng(SEED).multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    of = {name: [value for value, own in zip(VALUES, CLUSTERS, strict=True) if own == name] for name in names}
    samples = []
    for times in drawn:
        cases = [value for name, count in zip(names, times, strict=True) for value in of[name] * count]
        samples.append(sum(cases) / len(cases))
    low, high = interval(samples)
    assert mean(VALUES, CLUSTERS) == Figure(
        pytest.approx(sum(VALUES) / 11), pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9), 11, 7
    )


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of a hundred samples of forty clusters about ninety-five intervals hold the true mean."""
    chance = np.random.default_rng(1)
    clusters = [str(n // 2) for n in range(80)]
    held = 0
    for _ in range(100):
        values = np.repeat(chance.normal(0.6, 0.2, 40), 2) + chance.normal(0, 0.1, 80)
        figure = mean(values.tolist(), clusters)
        assert figure is not None
        held += figure.low <= 0.6 <= figure.high
    assert 88 <= held <= 99


def test_clusters_widen_the_interval() -> None:
    """Ten copies of each value are worth no more than one."""
    once = mean(VALUES, [str(n) for n in range(11)])
    copied = mean(VALUES * 10, [str(n) for n in range(11)] * 10)
    assert once is not None
    assert copied is not None
    assert (copied.low, copied.high, copied.n, copied.clusters) == (
        pytest.approx(once.low), pytest.approx(once.high), 110, 11,
    )  # fmt: skip


def test_equal_values_leave_no_doubt() -> None:
    """The interval has no width, and without values there is none."""
    assert mean([0.5] * 20, CLUSTERS + CLUSTERS[:9]) == Figure(0.5, 0.5, 0.5, 20, 7)
    assert mean([], []) is None


def test_a_statistic_counts_each_case_as_often_as_it_is_drawn() -> None:
    """The mean as a statistic equals the mean with the same draws, and where it is not defined nothing is drawn."""
    numbers = np.array(VALUES)
    drawn = [times[owner] for block, owner in draws(CLUSTERS, 1000) for times in block]
    figure = statistic(lambda times: float(np.average(numbers, weights=times)), CLUSTERS)
    low, high = interval([float(np.repeat(numbers, times).mean()) for times in drawn])
    assert figure == Figure(
        pytest.approx(numbers.mean()), pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9), 11, 7
    )
    assert statistic(lambda _: float("nan"), CLUSTERS) is None
    assert statistic(lambda _: 1.0, []) is None


def test_a_run_does_not_differ_from_itself() -> None:
    """The difference is 0 without doubt, and p is 1."""
    found = difference(VALUES, VALUES, CLUSTERS)
    assert (found.figure, found.p, found.detectable) == (Figure(0.0, 0.0, 0.0, 11, 7), 1.0, 0.0)


def test_a_difference_is_second_minus_first() -> None:
    """Its sign tells which is better, and its standard error is that of the clusters' sums."""
    found = difference([0.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.0], ["a", "a", "b", "c"])
    assert found.figure.value == 0.5
    assert found.figure.low <= 0.5 <= found.figure.high
    error = np.sqrt(((2 - 1) ** 2 + 0.5**2 + 0.5**2) * 3 / 2) / 4
    assert found.detectable == pytest.approx((1.959964 + 0.841621) * error, rel=1e-5)
    with pytest.raises(ValueError, match="no case"):
        difference([], [], [])


@pytest.mark.parametrize(
    ("change", "clusters", "p"),
    [
        ([1.0], "a", 1.0),
        ([1.0, 1.0], "ab", 2 / 4),
        ([1.0, 1.0, 1.0], "abc", 2 / 8),
        ([3.0, 1.0, -1.0], "abc", 6 / 8),  # as large as 3: 3+1+1, 3+1−1, 3−1+1 and their opposites
        ([1.0, 1.0, 1.0, 0.0], "abcd", 2 / 8),  # a cluster that does not differ says nothing
        ([1.0, 1.0, 1.0, 1.0], "aabb", 2 / 4),  # two clusters of two
        ([1.0, -1.0, 0.0], "aab", 1.0),
        ([1.0] * 5, "abcde", 2 / 32),
        ([1.0] * 12, "abcdefghijkl", 2 / 4096),
    ],
)
def test_few_clusters_are_flipped_in_every_way(change: list[float], clusters: str, p: float) -> None:
    """The share of the sign patterns whose sum is as large, counted by hand."""
    assert sign_flip(np.array(change), tuple(clusters)) == p


def test_many_clusters_agree_with_scipy() -> None:
    """The drawn sign patterns give the p of SciPy's permutation test of paired samples of cluster sums."""
    chance = np.random.default_rng(3)
    for shift in (0.0, 0.05, 0.1):
        first = chance.random(60)
        second = np.clip(first + chance.normal(shift, 0.2, 60), 0, 1)
        owner = np.arange(60) // 2
        sums = [np.bincount(owner, each) for each in (first, second)]
        theirs = stats.permutation_test(
            sums, lambda a, b, axis: np.mean(b - a, axis=axis), permutation_type="samples", vectorized=True,
            n_resamples=20_000, rng=np.random.default_rng(4),
        )  # fmt: skip
        ours = sign_flip(second - first, [str(each) for each in owner])
        assert ours == pytest.approx(theirs.pvalue, abs=0.015)


def test_noise_is_called_a_change_as_rarely_as_it_should() -> None:
    """Two random halves of one system's scores, paired anyhow, differ by chance only: p < .05 in about one of twenty."""
    chance = np.random.default_rng(11)
    scores = np.clip(chance.normal(0.7, 0.3, 80), 0, 1)
    clusters = [str(n) for n in range(40)]
    found = []
    for _ in range(200):
        halves = chance.permutation(scores).reshape(2, 40)
        found.append(sign_flip(halves[1] - halves[0], clusters, resamples=2000))
    assert 0.01 <= np.mean(np.array(found) < 0.05) <= 0.10


def test_holm_corrects_step_by_step() -> None:
    """Four p values by hand: 4 × .005, 3 × .01, 2 × .03, and never less than the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


@pytest.mark.parametrize(("n", "smallest"), [(100, 0.070), (300, 0.040), (1000, 0.022)])
def test_more_cases_tell_smaller_differences(n: int, smallest: float) -> None:
    """The smallest difference that is found in four of five comparisons."""
    assert detectable_at(n) == pytest.approx(smallest, abs=5e-4)


def test_a_detectable_difference_is_detected_in_four_of_five() -> None:
    """A t-test of as many normal differences finds it that often."""
    chance = np.random.default_rng(5)
    samples = chance.normal(detectable(0.25 / 10), 0.25, (2000, 100))
    assert np.mean(stats.ttest_1samp(samples, 0, axis=1).pvalue < 0.05) == pytest.approx(0.8, abs=0.03)


def test_the_seed_decides_every_number() -> None:
    """The same seed gives the same numbers, another seed others."""
    chance = np.random.default_rng(6)
    first, second = chance.random((2, 30))
    clusters = [str(n) for n in range(30)]
    assert difference(first, second, clusters) == difference(first, second, clusters)
    assert difference(first, second, clusters, seed=1).figure.low != difference(first, second, clusters).figure.low


def test_the_order_of_the_cases_does_not_matter() -> None:
    """Cases in another order have the same interval, because clusters are drawn in the order of their names."""
    order = [5, 3, 10, 0, 1, 9, 8, 2, 4, 7, 6]
    shuffled = mean([VALUES[n] for n in order], [CLUSTERS[n] for n in order])
    plain = mean(VALUES, CLUSTERS)
    assert shuffled is not None
    assert plain is not None
    assert (shuffled.low, shuffled.high) == pytest.approx((plain.low, plain.high))


def test_draws_that_are_kept_are_those_that_are_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure is the same by a byte whether its draws are the first, the same again, or not kept for their size."""
    figures = [mean(VALUES, CLUSTERS), mean(VALUES, CLUSTERS)]
    for block, _ in draws(CLUSTERS):
        block[:] = 9  # what is handed out is the asker's own
    figures.append(mean(VALUES, CLUSTERS))
    monkeypatch.setattr("eval.statistics._KEPT", 0)
    figures.append(mean(VALUES, CLUSTERS))
    assert len(set(figures)) == 1


def test_thousands_of_cases_take_little_memory() -> None:
    """5,000 cases are compared in blocks."""
    chance = np.random.default_rng(8)
    first, second = chance.random((2, 5000))
    clusters = [str(n) for n in range(5000)]
    tracemalloc.start()
    try:
        found = difference(first, second, clusters)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.figure.clusters == 5000
    assert peak < 120e6
