"""Places at an endpoint and the queue before them."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from assistant.models.slots import Slots, Ticket


def entered(slots: Slots) -> Ticket:
    """Return a place that there must be."""
    ticket = slots.enter()
    assert ticket is not None
    return ticket


def test_places_go_to_who_has_waited_longest() -> None:
    """A place that is freed is given to the first in the queue, and to no other."""
    slots = Slots(1)
    first, second, third = (entered(slots) for _ in range(3))
    assert [each.wait(0) for each in (first, second, third)] == [True, False, False]
    assert slots.enter() is None
    first.leave()
    assert [each.wait(0) for each in (second, third)] == [True, False]
    third.leave()
    second.leave()
    assert entered(slots).wait(0)


def test_a_place_is_handed_over_between_threads() -> None:
    """Who waits goes on as soon as a place is free, or as soon as they are told to leave."""
    slots = Slots(1)
    holder, waiter, leaver = (entered(slots) for _ in range(3))
    threading.Timer(0.05, leaver.leave).start()
    assert not leaver.wait(10)
    threading.Timer(0.05, holder.leave).start()
    assert waiter.wait(10)


@given(st.integers(1, 4), st.lists(st.integers(0, 12), max_size=80))
def test_no_place_is_lost_or_given_twice(most: int, moves: list[int]) -> None:
    """However they come and leave, places are held by the first of those who are there."""
    slots, there = Slots(most), list[Ticket]()
    for move in moves:
        if move < 6:
            ticket = slots.enter()
            assert (ticket is None) == (len(there) == 3 * most)
            if ticket:
                there.append(ticket)
        elif there:
            left = there.pop(move % len(there))
            left.leave()
            left.leave()
        assert [each.wait(0) for each in there] == [place < most for place in range(len(there))]
