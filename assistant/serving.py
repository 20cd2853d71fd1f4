"""The index that serves: opened anew when another was built, with what the records publish laid over it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol

from assistant.errors import RecordError
from assistant.knowledge.index import Index
from assistant.knowledge.overlay import Remembered, laid_over
from assistant.knowledge.published import Doubt, Published

LOOK_SECONDS = 1.0
"""How often it is looked at most whether something was published or withdrawn."""

RETRY_SECONDS = 30.0
"""How long what was published is found by its words only before the embedding model is asked for vectors again."""

_LOOKS = 3
"""Times that it is looked again because taking answers back has changed what is published."""

_log = logging.getLogger(__name__)


def today_in_utc() -> date:
    """Return the day by which answers were checked, too: with another zone's, one could be due again at once."""
    return datetime.now(UTC).date()


class Publisher(Protocol):
    """What tells what mentors and participants have published. Every method may raise ``RecordError``."""

    def number(self) -> int:
        """Return a number that grows with every change of what is published."""
        ...

    def published(self) -> Published:
        """Return what is published now."""
        ...

    def suspend(self, answer: str, because: Doubt, seen: datetime | None) -> None:
        """Take an answer back until a mentor has looked at it, unless it was changed after ``seen``."""
        ...


class LiveIndex:
    """Gives the index of the moment; safe for threads.

    Whoever asks first after a change waits for it; the others get the index before, so that nobody queues.
    """

    def __init__(
        self,
        base: Callable[[], Index],
        publisher: Publisher,
        *,
        today: Callable[[], date] = today_in_utc,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Lay over ``base`` what ``publisher`` tells."""
        self._base, self._publisher, self._today, self._clock = base, publisher, today, clock
        self._lock = threading.Lock()
        self._looked = -LOOK_SECONDS
        self._state: tuple[Index, int, date] | None = None
        self._index: Index | None = None
        self._remembered: Remembered = {}
        self._retry = float("inf")

    def __call__(self) -> Index:
        """Return the index of this moment."""
        base = self._base()
        due = self._clock() - self._looked >= LOOK_SECONDS or self._state is None or self._state[0] is not base
        if due and self._lock.acquire(blocking=False):
            try:
                self._look(base)
            except RecordError as error:
                _log.error("what mentors published cannot be read; what was read before goes on: %s", error)
            finally:
                self._looked = self._clock()
                self._lock.release()
        return self._index or base

    def _look(self, base: Index) -> None:
        """Lay the index anew if the base, what is published, or the day is another."""
        for _ in range(_LOOKS):
            state = (base, self._publisher.number(), self._today())
            if state == self._state and self._clock() < self._retry:
                return
            published = self._publisher.published()
            seen = {each.id: each.changed for each in published.answers}
            overlay = laid_over(base, published, self._remembered, state[2])
            self._index, self._remembered = overlay.index, overlay.remembered
            self._retry = float("inf") if overlay.whole else self._clock() + RETRY_SECONDS
            for answer, why in overlay.doubted.items():  # which changes the number, so that it is looked once more
                _log.warning("the answer %s is taken back (%s) and waits for a mentor", answer, why)
                self._publisher.suspend(answer, why, seen[answer])
            self._state = state  # not before: what could not be suspended is tried again at the next look
