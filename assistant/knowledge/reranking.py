"""A second look at what a search has found: a model that reads question and section together.

It changes the order only. The scores stay those of the search, handed out in the new order, because the model of
``support`` was fitted to them: a reranker that finds everything relevant must not make an answer of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.types import Passage

RERANKED = 20
"""Sections that are read again: the best of the search."""
RERANKER_WEIGHT = 0.5
"""What the second score counts beside the first."""


class Reranker(Protocol):
    """What a search needs of a model that reads question and section together."""

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return how well each text answers the question, 0 to 1, shape ``(len(texts),)``.

        Raises:
            ModelError: If the model fails or has not done within its time.
        """
        ...


def headed(passage: Passage) -> str:
    """Return a section as a reranker reads it: below its titles, because sections of one document say alike things."""
    return "\n".join(part for part in (*passage.context, passage.heading, passage.text) if part)


def by_both(scores: NDArray[np.float64], relevance: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the places of sections, the best by both scores first; those that are alike stay as they are.

    Args:
        scores: Shape ``(sections,)``: of the search.
        relevance: Shape ``(sections,)``, 0 to 1: of the reranker.
    """
    return np.argsort(-((1 - RERANKER_WEIGHT) * scores + RERANKER_WEIGHT * relevance), kind="stable")
