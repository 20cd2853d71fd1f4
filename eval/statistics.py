"""Intervals and comparisons: cluster bootstrap, sign-flip test, Holm, smallest detectable difference.

Whole clusters of cases (one subject, one conversation) are drawn, because cases about one text rise and fall together.
Everything is drawn by a fixed seed, in blocks, so that memory does not grow with the cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from eval import abstaining
from eval.configuring import SEED

RESAMPLES = 10_000
_BLOCK = 500
_KEPT = 600
"""Of up to so many clusters the draws are kept: 12 MB for all resamples."""
SMALL = 30
"""Slices of fewer cases are shown in grey: their intervals say little."""
POWER = 0.8
LEVEL = 0.05
SPREAD = 0.25
"""Standard deviation of a paired difference in nDCG@10 that is usual between two systems: what the smallest detectable
difference of a single run is computed with."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number with its 95 % interval.

    Attributes:
        value: The number.
        low: Lower end.
        high: Upper end.
        n: Cases behind it.
        clusters: Clusters of cases behind it.
    """

    value: float
    low: float
    high: float
    n: int
    clusters: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figure as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        """Return the number with its interval and n."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.n}/{self.clusters}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired difference: second minus first, on the same cases.

    Attributes:
        figure: Its mean with the interval.
        p: Of the sign-flip test over clusters.
        detectable: Smallest difference that such a comparison finds in 80 % of the cases.
    """

    figure: Figure
    p: float
    detectable: float


def draws(
    clusters: Sequence[str], resamples: int = RESAMPLES, seed: int = SEED
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield blocks of resamples and each case's cluster.

    A block tells how often each cluster is drawn, shape ``(block, clusters)``.
    """
    names, owner = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    count = len(names)
    for block in (_kept if count <= _KEPT else _drawn)(count, resamples, seed):
        yield block.astype(np.int64), owner


def _drawn(count: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield how often each of ``count`` clusters is drawn, in blocks of resamples."""
    generator = np.random.default_rng(seed)
    for start in range(0, resamples, _BLOCK):
        size = min(_BLOCK, resamples - start)
        yield generator.multinomial(count, np.full(count, 1 / count), size=size)


@lru_cache(maxsize=32)
def _kept(count: int, resamples: int, seed: int) -> tuple[NDArray[np.int16], ...]:
    """Return the same blocks in two bytes a number; kept, because drawing takes longest and figures share counts."""
    return tuple(block.astype(np.int16) for block in _drawn(count, resamples, seed))


def mean(values: Sequence[float], clusters: Sequence[str], *, seed: int = SEED) -> Figure | None:
    """Return the mean of one number for each case, or None without cases."""
    if not len(values):
        return None
    numbers = np.asarray(values, dtype=float)
    return _figure(float(numbers.mean()), _resampled_means(numbers, clusters, seed), clusters)


def statistic(
    value: Callable[[NDArray[np.int64]], float],
    clusters: Sequence[str],
    *,
    seed: int = SEED,
    resamples: int = 1000,
    basic: bool = False,
) -> Figure | None:
    """Return a figure of any statistic of the whole set.

    Args:
        value: Given how often each case counts, shape ``(cases,)``, the statistic; NaN where it is not defined.
        clusters: Cluster of each case.
        seed: Of the draw.
        resamples: How many draws; each calls ``value``.
        basic: Whether the interval is turned round the value, for a statistic that grows with noise, and cut at 0.
    """
    if not len(clusters):
        return None
    whole = value(np.ones(len(clusters), dtype=np.int64))
    if np.isnan(whole):
        return None
    samples = [value(times[owner]) for block, owner in draws(clusters, resamples, seed) for times in block]
    kept = np.array([each for each in samples if not np.isnan(each)])
    found = _figure(whole, kept if len(kept) else np.array([whole]), clusters)
    if not basic:
        return found
    return replace(found, low=max(0.0, 2 * whole - found.high), high=max(0.0, 2 * whole - found.low))


def auroc(positive: Sequence[bool], scores: Sequence[float], clusters: Sequence[str]) -> Figure | None:
    """Return the chance that a positive case scores above a negative one; None where one of the classes is empty."""
    labels, values = np.asarray(positive, dtype=bool), np.asarray(scores, dtype=float)
    return statistic(lambda times: abstaining.auroc(labels, values, times), clusters)


def difference(
    first: Sequence[float], second: Sequence[float], clusters: Sequence[str], *, seed: int = SEED
) -> Difference:
    """Return the paired difference of two systems on the same cases, second minus first.

    Raises:
        ValueError: If there are no cases.
    """
    change = np.asarray(second, dtype=float) - np.asarray(first, dtype=float)
    figure = mean(change.tolist(), clusters, seed=seed)
    if figure is None:
        raise ValueError("no case to compare")
    return Difference(figure, sign_flip(change, clusters, seed=seed), detectable(_error(change, clusters)))


def sign_flip(change: Floats, clusters: Sequence[str], *, seed: int = SEED, resamples: int = RESAMPLES) -> float:
    """Return the p of the hypothesis that the two systems are alike: then each cluster's sign could be the other one.

    Two-sided; with twelve clusters or fewer that differ, all signs are tried.
    """
    _, owner = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums = np.bincount(owner, change)
    sums = sums[np.abs(sums) > 1e-12]
    if not len(sums):
        return 1.0
    seen = abs(float(sums.sum())) - 1e-9
    if len(sums) <= 12:
        signs = 1 - 2 * ((np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums))) & 1)
        return float(np.mean(np.abs(signs @ sums) >= seen))
    generator, beyond = np.random.default_rng(seed), 0
    for start in range(0, resamples, _BLOCK):
        size = min(_BLOCK, resamples - start)
        flips = generator.integers(0, 2, size=(size, len(sums)), dtype=np.int8) * 2 - 1
        beyond += int(np.sum(np.abs(flips @ sums) >= seen))
    return (beyond + 1) / (resamples + 1)


def holm(ps: Sequence[float]) -> list[float]:
    """Return p values corrected for their number by Holm's step-down rule, in the same order."""
    order = np.argsort(ps, kind="stable")
    corrected, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        corrected[place] = highest
    return corrected


def detectable(error: float) -> float:
    """Return the smallest difference found with a power of 80 % at the level of 5 %, given its standard error."""
    return float((stats.norm.ppf(1 - LEVEL / 2) + stats.norm.ppf(POWER)) * error)


def detectable_at(n: int) -> float:
    """Return the smallest difference in nDCG@10 that ``n`` independent cases can tell."""
    return detectable(SPREAD / np.sqrt(n)) if n else float("inf")


def _error(change: Floats, clusters: Sequence[str]) -> float:
    """Return the standard error of a mean over clusters."""
    _, owner = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums = np.bincount(owner, change - change.mean())
    count = len(sums)
    return float(np.sqrt(np.sum(sums**2) * count / max(1, count - 1)) / len(change))


def _resampled_means(numbers: Floats, clusters: Sequence[str], seed: int) -> Floats:
    means = []
    for times, owner in draws(clusters, seed=seed):
        sums = np.bincount(owner, numbers, times.shape[1])
        sizes = np.bincount(owner, minlength=times.shape[1])
        means.append((times @ sums) / (times @ sizes))
    return np.concatenate(means)


def _figure(value: float, samples: Floats, clusters: Sequence[str]) -> Figure:
    low, high = np.quantile(samples, [LEVEL / 2, 1 - LEVEL / 2])
    return Figure(value, float(low), float(high), len(clusters), len(set(clusters)))
