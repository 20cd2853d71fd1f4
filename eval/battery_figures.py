"""The figures of a question set: each is one number per question first, then a mean with an interval.

Intervals are 95 % percentile intervals of a cluster bootstrap (2,000 resamples, fixed seed): whole clusters of
questions (one article, one conversation) are drawn, because questions about one text rise and fall together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from numpy.typing import NDArray

from eval.battery_files import SEED

RESAMPLES = 2000
CUT = 10

Ranking = Mapping[str, Sequence[str]]
"""Corpus ids by case id, best first, each once."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number.

    Attributes:
        value: The number.
        low: Lower end of its 95 % interval.
        high: Upper end.
        n: Questions behind it.
        clusters: Clusters of questions behind it.
    """

    value: float
    low: float
    high: float
    n: int
    clusters: int

    def as_dict(self) -> dict[str, float]:
        """Return the figure as plain data."""
        return {name: getattr(self, name) for name in ("value", "low", "high", "n", "clusters")}

    def __str__(self) -> str:
        """Return the number with its interval and n."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.n}/{self.clusters}"


def ranked(measure: str, qrels: Mapping[str, Mapping[str, int]], ranking: Ranking) -> dict[str, float]:
    """Return a measure of ``ir_measures``, such as ``nDCG@10``, for each case of ``qrels``.

    A case for which nothing was found has 0.
    """
    judged = [
        ir_measures.Qrel(query, document, score)
        for query, scores in qrels.items()
        for document, score in scores.items()
    ]
    run = [
        ir_measures.ScoredDoc(query, document, float(-place))
        for query in qrels
        for place, document in enumerate(ranking.get(query, ()))
    ]
    found = {m.query_id: m.value for m in ir_measures.iter_calc([ir_measures.parse_measure(measure)], judged, run)}
    return {query: float(found.get(query, 0.0)) for query in qrels}


def drawn(clusters: Sequence[str]) -> NDArray[np.int64]:
    """Return how often each question is drawn in each resample, shape ``(RESAMPLES, questions)``."""
    names, owner = np.unique(np.array(clusters, dtype=str), return_inverse=True)
    generator = np.random.default_rng(SEED)
    times = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    return times[:, owner]


def mean(values: Sequence[float], clusters: Sequence[str]) -> Figure | None:
    """Return the mean of one number per question, or None without questions."""
    if not values:
        return None
    numbers, times = np.asarray(values, dtype=float), drawn(clusters)
    return _figure(float(numbers.mean()), times @ numbers / times.sum(axis=1), clusters)


def auroc(positive: Sequence[bool], scores: Sequence[float], clusters: Sequence[str]) -> Figure | None:
    """Return the chance that a positive question scores above a negative one (ties count half).

    None where one of the two classes is empty.
    """
    if len(set(positive)) < 2:
        return None
    labels, values = np.asarray(positive, dtype=bool), np.asarray(scores, dtype=float)
    _, level = np.unique(values, return_inverse=True)
    with np.errstate(invalid="ignore"):
        samples = np.array([_weighted_auroc(labels, level, weights) for weights in drawn(clusters)])
    whole = _weighted_auroc(labels, level, np.ones(len(labels)))
    return _figure(whole, samples[~np.isnan(samples)], clusters)


def _weighted_auroc(labels: NDArray[np.bool_], level: NDArray[np.int64], weights: NDArray[np.float64]) -> float:
    """Return the AUROC with each question counted ``weights`` times; NaN if a class is empty."""
    size = int(level.max()) + 1
    above = np.bincount(level, weights * labels, size)
    below = np.bincount(level, weights * ~labels, size)
    wins = above @ (np.cumsum(below) - below + below / 2)
    return float(wins / (above.sum() * below.sum()))


def _figure(value: float, samples: NDArray[np.float64], clusters: Sequence[str]) -> Figure:
    low, high = np.quantile(samples, [0.025, 0.975])
    return Figure(value, float(low), float(high), len(clusters), len(set(clusters)))


def holds_an_answer(quotes: Sequence[str], answers: Sequence[str]) -> bool:
    """Return whether a gold answer stands in one of the quotes, capital letters aside."""
    return any(answer.casefold() in quote.casefold() for quote in quotes for answer in answers if answer.strip())
