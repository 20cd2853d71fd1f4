"""How well ``support`` tells when to stay silent: AUROC, risk and coverage, calibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]
BINS = 10


def auroc(positive: Bools, scores: Floats, times: Counts) -> float:
    """Return the chance that a positive case scores above a negative one, ties counting half; NaN without both."""
    _, level = np.unique(scores, return_inverse=True)
    size = int(level.max()) + 1
    above = np.bincount(level, times * positive, size)
    below = np.bincount(level, times * ~positive, size)
    pairs = above.sum() * below.sum()
    return float(above @ (np.cumsum(below) - below / 2) / pairs) if pairs else float("nan")


def risk_coverage(right: Bools, scores: Floats, times: Counts | None = None) -> tuple[Floats, Floats]:
    """Return coverage and risk at each bar, surest first: shape ``(bars,)`` each.

    Cases of equal score fall together. Coverage is the share of cases that would be answered, risk the share of these
    that would be wrong.
    """
    count = np.ones(len(scores), dtype=np.int64) if times is None else times
    values, level = np.unique(-scores, return_inverse=True)
    answered = np.cumsum(np.bincount(level, count, len(values)))
    wrong = np.cumsum(np.bincount(level, count * ~right, len(values)))
    kept = answered > 0
    return answered[kept] / count.sum(), wrong[kept] / answered[kept]


def aurc(right: Bools, scores: Floats, times: Counts) -> float:
    """Return the mean risk over all coverages (lower is better): each case's risk at the bar of its own score."""
    coverage, risk = risk_coverage(right, scores, times)
    return float(np.sum(np.diff(coverage, prepend=0.0) * risk)) if len(coverage) else float("nan")


def coverage_at(right: Bools, scores: Floats, times: Counts, most: float) -> float:
    """Return the largest coverage with a risk of at most ``most``; 0 if there is none."""
    coverage, risk = risk_coverage(right, scores, times)
    within = coverage[risk <= most + 1e-12]
    return float(within.max()) if len(within) else 0.0


def reliability(right: Bools, scores: Floats) -> list[tuple[float, float, int]]:
    """Return for bins of about equal size the mean score, the share that is right, and the number of cases."""
    _, level = np.unique(scores, return_inverse=True)
    kept = (np.bincount(level, right) / np.bincount(level))[level]  # of tied cases each is as right as their mean
    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return [(float(scores[part].mean()), float(kept[part].mean()), len(part)) for part in parts]


def calibration_error(right: Bools, scores: Floats) -> float:
    """Return the mean gap between what was promised and what was right, over bins of equal size (ECE)."""
    bins = reliability(right, scores)
    return sum(count * abs(promised - kept) for promised, kept, count in bins) / max(1, sum(c for _, _, c in bins))


def brier(right: Bools, scores: Floats) -> float:
    """Return the mean squared gap between score and outcome."""
    return float(np.mean((scores - right) ** 2))
