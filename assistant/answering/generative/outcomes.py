"""What has come of the replies that a language model was asked for since the start: counts, no word of anybody."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from assistant.answering.generative.writing import Metered
from assistant.types import Drafting

LATEST = 500
"""Replies whose seconds are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What a model has done since the start.

    Attributes:
        name: Which model, as the operator configured it, without keys and address.
        replies: Replies that it was asked for, by ``Drafting.outcome``.
        dropped: Sentences of it that nothing they cite supports.
        median_seconds: Median of the seconds that it took for one of the latest replies; None before the first.
        metered: What its endpoint has done for replies, rewritten questions and translations together.
    """

    name: str
    replies: Mapping[str, int]
    dropped: int
    median_seconds: float | None
    metered: Metered


class Tally:
    """Counts replies; safe to use from several threads at once."""

    def __init__(self) -> None:
        """Begin with none."""
        self._replies, self._dropped = Counter[str](), 0
        self._seconds: deque[float] = deque(maxlen=LATEST)
        self._lock = threading.Lock()

    def add(self, drafting: Drafting) -> None:
        """Count one reply."""
        with self._lock:
            self._replies[drafting.outcome] += 1
            self._dropped += len(drafting.dropped)
            if drafting.seconds:  # nothing was sent otherwise
                self._seconds.append(drafting.seconds)

    def told(self, name: str, metered: Metered) -> Outcomes:
        """Return the counts of this moment, beside what the model's endpoint has done."""
        with self._lock:
            return Outcomes(
                name=name, replies=dict(self._replies), dropped=self._dropped, metered=metered,
                median_seconds=round(median(self._seconds), 3) if self._seconds else None,
            )  # fmt: skip
