"""A circuit breaker: an endpoint that fails again and again is left alone for a while."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Breaker:
    """Closed, it lets everything through; open, nothing; half open, one try that decides.

    A result counts only in the state in which it was begun: what hung since before the opening neither closes it
    nor keeps it open.
    """

    def __init__(
        self, clock: Callable[[], float], *, failures: int = 5, within: float = 30.0, rest: float = 30.0
    ) -> None:
        """Open after so many ``failures`` ``within`` so many seconds, for ``rest`` seconds."""
        self._clock, self._failures, self._within, self._rest = clock, failures, within, rest
        self._failed: deque[float] = deque()
        self._state = 0  # counts the changes of state
        self._opened: float | None = None
        self._probing = False
        self._lock = threading.Lock()

    @property
    def resting(self) -> bool:
        """Whether nothing would be let through at this moment."""
        with self._lock:
            return self._rests()

    def enter(self) -> int | None:
        """Return a permit to try, or None; the permit must be handed back with ``leave``."""
        with self._lock:
            if self._rests():
                return None
            if self._opened is not None:
                self._probing = True
                self._state += 1
            return self._state

    def leave(self, permit: int, *, worked: bool | None) -> None:
        """Tell how a try has ended; None if that says nothing about the endpoint."""
        with self._lock:
            if permit != self._state:
                return
            if self._probing:
                self._decide(worked)
            elif worked is False and self._opened is None:
                self._count()

    def _rests(self) -> bool:
        return self._opened is not None and (self._probing or self._clock() - self._opened < self._rest)

    def _decide(self, worked: bool | None) -> None:
        """Close or open after the one try of a half open breaker; another may try if it told nothing."""
        self._probing = False
        self._state += 1
        if worked is not None:
            self._opened = None if worked else self._clock()

    def _count(self) -> None:
        now = self._clock()
        self._failed.append(now)
        while now - self._failed[0] > self._within:
            self._failed.popleft()
        if len(self._failed) >= self._failures:
            self._failed.clear()
            self._opened = now
            self._state += 1
