"""What a language model has done and cost since the start: counts only, no word of a question."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.answering.writing import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """Counts since the start.

    Attributes:
        whole: Texts that came to their proper end.
        left: Texts that nobody waited for any more.
        faults: Texts that did not come to their end, by fault.
        tries: Requests that were sent.
        seconds: Seconds that all of it took.
        tokens_in: Tokens read, as far as the endpoint tells.
        tokens_out: Tokens written, as far as it tells.
    """

    whole: int = 0
    left: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    tries: int = 0
    seconds: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0

    def __str__(self) -> str:
        faults = ", ".join(f"{fault} {count}" for fault, count in sorted(self.faults.items())) or "none"
        return (
            f"{self.whole} whole texts, {self.left} left, faults: {faults}; {self.tries} requests, "
            f"{self.seconds:.1f} s, {self.tokens_in} tokens read, {self.tokens_out} written"
        )


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
