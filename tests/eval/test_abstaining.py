"""How well a score tells when to stay silent: by scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from eval.abstaining import aurc, auroc, brier, calibration_error, coverage_at, reliability, risk_coverage

ONCE = np.ones(4, dtype=np.int64)
RIGHT = np.array([True, False, True, False])
SCORES = np.array([0.9, 0.8, 0.7, 0.1])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("places", [1, 6])
def test_auroc_is_scikit_learns(seed: int, places: int) -> None:
    """With and without ties, and with each case as often as a draw counts it."""
    chance = np.random.default_rng(seed)
    positive = np.concatenate([[True, False], chance.random(48) < 0.3])
    scores = np.round(chance.random(50) + 0.3 * positive, places)
    times = chance.multinomial(100, np.full(50, 0.02))
    times[:2] += 1
    assert auroc(positive, scores, np.ones(50, dtype=np.int64)) == pytest.approx(roc_auc_score(positive, scores))
    assert auroc(positive, scores, times) == pytest.approx(roc_auc_score(positive, scores, sample_weight=times))


def test_auroc_needs_both_kinds() -> None:
    """Without positive or without negative cases, or with none drawn, there is nothing to tell apart."""
    assert np.isnan(auroc(np.ones(4, dtype=bool), SCORES, ONCE))
    assert np.isnan(auroc(np.zeros(4, dtype=bool), SCORES, ONCE))
    assert np.isnan(auroc(RIGHT, SCORES, np.array([1, 0, 1, 0])))
    assert auroc(RIGHT, np.full(4, 0.5), ONCE) == 0.5


def test_risk_and_coverage_by_hand() -> None:
    """Surest first: right, wrong, right, wrong."""
    coverage, risk = risk_coverage(RIGHT, SCORES)
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert aurc(RIGHT, SCORES, ONCE) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_cases_of_equal_score_fall_together() -> None:
    """No bar parts them: two of three are right at the first bar, half of all at the second."""
    tied = np.array([0.9, 0.9, 0.9, 0.1])
    coverage, risk = risk_coverage(RIGHT, tied)
    assert coverage.tolist() == [0.75, 1.0]
    assert risk.tolist() == pytest.approx([1 / 3, 1 / 2])
    assert aurc(RIGHT, tied, ONCE) == pytest.approx((3 * 1 / 3 + 1 / 2) / 4)


def test_cases_count_as_often_as_they_are_drawn() -> None:
    """Counts are the same as copies, and a case drawn never is not there."""
    times = np.array([0, 2, 3, 1])
    right, scores = np.repeat(RIGHT, times), np.repeat(SCORES, times)
    assert aurc(RIGHT, SCORES, times) == pytest.approx(aurc(right, scores, np.ones(6, dtype=np.int64)))
    assert aurc(RIGHT, SCORES, times) == pytest.approx((2 * 1 + 3 * 2 / 5 + 3 / 6) / 6)
    coverage, risk = risk_coverage(RIGHT, SCORES, times)
    assert coverage.tolist() == pytest.approx([2 / 6, 5 / 6, 1])
    assert risk.tolist() == pytest.approx([1, 2 / 5, 3 / 6])


@pytest.mark.parametrize(("most", "coverage"), [(0.0, 0.25), (0.3, 0.25), (1 / 3, 0.75), (0.49, 0.75), (0.5, 1.0)])
def test_coverage_at_a_risk_is_the_largest(most: float, coverage: float) -> None:
    """A bar further down counts, even if the risk above it was higher."""
    assert coverage_at(RIGHT, SCORES, ONCE, most) == coverage


def test_nothing_is_covered_where_the_surest_is_wrong() -> None:
    """No bar keeps the risk."""
    assert coverage_at(~RIGHT, SCORES, ONCE, 0.4) == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_brier_is_scikit_learns(seed: int) -> None:
    """The mean squared gap between promise and outcome."""
    chance = np.random.default_rng(seed)
    scores, right = chance.random(40), chance.random(40) < 0.5
    assert brier(right, scores) == pytest.approx(brier_score_loss(right, scores))
    assert brier(RIGHT, SCORES) == pytest.approx((0.1**2 + 0.8**2 + 0.3**2 + 0.1**2) / 4)


def test_calibration_error_by_hand() -> None:
    """Ten bins of two: five promise .85 and keep half, five promise .15 and keep nothing."""
    scores = np.concatenate([base + np.array([0.01, 0.03, 0.04, 0.046, 0.049, 0.051, 0.054, 0.06, 0.07, 0.09])
                             for base in (0.1, 0.8)])  # fmt: skip
    right = (np.arange(20) >= 10) & (np.arange(20) % 2 == 0)
    assert calibration_error(right, scores) == pytest.approx((5 * 0.15 + 5 * 0.35) / 10)
    assert [count for _, _, count in reliability(right, scores)] == [2] * 10


def test_few_cases_have_a_bin_each() -> None:
    """The gaps of four cases are averaged; what was promised rightly has none."""
    assert calibration_error(RIGHT, SCORES) == pytest.approx((0.1 + 0.8 + 0.3 + 0.1) / 4)
    assert calibration_error(RIGHT, RIGHT.astype(float)) == 0.0


def test_calibration_error_does_not_hang_on_the_order_of_cases() -> None:
    """Twenty cases that all promise .5, half of them right, are calibrated, in whatever order they stand."""
    scores = np.full(20, 0.5)
    assert calibration_error(np.arange(20) % 2 == 0, scores) == pytest.approx(0.0)
    assert calibration_error(np.arange(20) < 10, scores) == pytest.approx(0.0)
