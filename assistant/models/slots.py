"""So many requests at once towards an endpoint, and a short queue before them."""

from __future__ import annotations

import threading
from collections import deque


class Ticket:
    """A place in the queue or at the endpoint."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._called = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Return whether the place is one at the endpoint, after at most so many seconds."""
        self._called.wait(max(0.0, seconds))
        return self._slots.holds(self)

    def leave(self) -> None:
        """Free the place, and wake whoever waits for it; harmless if it is free."""
        self._slots.free(self)
        self._called.set()

    def call(self) -> None:
        """Tell whoever waits that it is their turn."""
        self._called.set()


class Slots:
    """At most ``most`` at once; twice as many wait, in the order in which they came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._holding: set[Ticket] = set()
        self._waiting: deque[Ticket] = deque()
        self._lock = threading.Lock()

    def enter(self) -> Ticket | None:
        """Return a place, or None if the queue is full, too."""
        ticket = Ticket(self)
        with self._lock:
            if len(self._waiting) >= 2 * self._most:
                return None
            self._waiting.append(ticket)
            self._advance()
        return ticket

    def holds(self, ticket: Ticket) -> bool:
        """Return whether it is this one's turn."""
        with self._lock:
            return ticket in self._holding

    def free(self, ticket: Ticket) -> None:
        """Take a place back, wherever it is."""
        with self._lock:
            self._holding.discard(ticket)
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            self._advance()

    def _advance(self) -> None:
        while self._waiting and len(self._holding) < self._most:
            ticket = self._waiting.popleft()
            self._holding.add(ticket)
            ticket.call()
