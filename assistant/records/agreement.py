"""How far mentors agree: Cohen's kappa of the first two judgements of replies that two of them judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from assistant.records.reviewing import Judged
from assistant.records.schema import judgement

LEAST = 10
"""Replies below which no figure is told: chance decides it."""

RESAMPLES = 10_000
_SEED = 20261122
_VERDICTS = tuple(each.value for each in Judged)

Pair = tuple[Judged, Judged]
"""What the first and the second mentor thought of a reply."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two mentors agree.

    Attributes:
        items: Replies that two mentors judged.
        observed: Share of those on which they agree; None below ``LEAST``.
        kappa: Cohen's kappa, -1 to 1; None below ``LEAST``, and where it is undefined: all judgements are the same.
        low: Lower end of its 95 % interval (percentile bootstrap); ``high`` the upper one. None where kappa is.
    """

    items: int
    observed: float | None = None
    kappa: float | None = None
    low: float | None = None
    high: float | None = None


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """Return how far the two of each pair agree; the same for the same pairs in any order."""
    if len(pairs) < LEAST:
        return Agreement(len(pairs))
    observed = sum(first is second for first, second in pairs) / len(pairs)
    if len({verdict for pair in pairs for verdict in pair}) == 1:
        return Agreement(len(pairs), observed)
    from sklearn.metrics import cohen_kappa_score

    firsts, seconds = ([each.value for each in column] for column in zip(*pairs, strict=True))
    kappa = float(cohen_kappa_score(firsts, seconds, labels=_VERDICTS))
    low, high = np.quantile(_resampled(pairs), (0.025, 0.975))
    return Agreement(len(pairs), observed, kappa, float(low), float(high))


def judged_twice(connection: Connection, since: datetime) -> tuple[Pair, ...]:
    """Return the first two judgements of each item whose second one was given since a moment."""
    order = func.row_number().over(partition_by=judgement.c.item, order_by=(judgement.c.at, judgement.c.mentor))
    ranked = select(judgement.c.item, judgement.c.verdict, judgement.c.at, order.label("place")).subquery()
    first, second = ranked.alias("first"), ranked.alias("second")
    both = first.join(second, (first.c.item == second.c.item) & (first.c.place == 1) & (second.c.place == 2))
    query = select(first.c.verdict, second.c.verdict).select_from(both).where(second.c.at >= since)
    return tuple((Judged(one), Judged(other)) for one, other in connection.execute(query.order_by(first.c.item)))


def _resampled(pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """Return kappa of samples drawn from the pairs with replacement; those where it is undefined are left out.

    A sample of pairs is a table of how often each pair was drawn, which the multinomial distribution gives at once.
    """
    table = np.zeros((len(_VERDICTS), len(_VERDICTS)))
    for first, second in pairs:
        table[_VERDICTS.index(first), _VERDICTS.index(second)] += 1
    drawn = np.random.default_rng(_SEED).multinomial(len(pairs), table.ravel() / len(pairs), size=RESAMPLES)
    shares = drawn.reshape(RESAMPLES, *table.shape) / len(pairs)
    observed = np.trace(shares, axis1=1, axis2=2)
    expected = (shares.sum(axis=1) * shares.sum(axis=2)).sum(axis=1)
    defined = expected < 1 - 1e-12
    kappas: NDArray[np.float64] = (observed[defined] - expected[defined]) / (1 - expected[defined])
    return kappas
