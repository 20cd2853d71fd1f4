"""What a language model has done and cost since the start: counts only, no word of a question."""

from __future__ import annotations

import threading
from collections import Counter

from assistant.answering.generative.writing import Metered, Usage


class Meter:
    """Counts; safe to use from several threads at once."""

    def __init__(self) -> None:
        self._metered, self._faults = Metered(), Counter[str]()
        self._lock = threading.Lock()

    def add(self, usage: Usage, *, fault: str = "", left: bool = False) -> None:
        """Count one text; it is whole if it has no fault and nobody has left."""
        with self._lock:
            was = self._metered
            if fault:
                self._faults[fault] += 1
            self._metered = Metered(
                whole=was.whole + (not fault and not left),
                left=was.left + left,
                tries=was.tries + usage.tries,
                seconds=was.seconds + usage.seconds,
                tokens_in=was.tokens_in + (usage.tokens_in or 0),
                tokens_out=was.tokens_out + (usage.tokens_out or 0),
                faults=dict(self._faults),
            )

    def snapshot(self) -> Metered:
        """Return the counts of this moment."""
        with self._lock:
            return self._metered
