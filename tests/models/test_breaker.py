"""The circuit breaker, with a clock that the tests turn."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from assistant.models.breaker import Breaker


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker, times: int = 1) -> None:
    """Let so many tries fail."""
    for _ in range(times):
        permit = breaker.enter()
        assert permit is not None
        breaker.leave(permit, worked=False)


def opened(clock: Clock) -> Breaker:
    """Return a breaker that has just opened."""
    breaker = Breaker(clock)
    fail(breaker, 5)
    return breaker


def test_it_opens_at_the_fifth_failure() -> None:
    """Four failures are borne."""
    breaker = Breaker(Clock())
    fail(breaker, 4)
    assert not breaker.resting
    fail(breaker)
    assert breaker.resting
    assert breaker.enter() is None


def test_old_failures_are_forgotten() -> None:
    """Five failures within more than half a minute do not open it."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(20):
        fail(breaker)
        clock.now += 7.6
    assert not breaker.resting


def test_after_a_rest_one_tries_and_decides() -> None:
    """A single try goes through; what works closes it, what fails lets it rest again."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 29.9
    assert breaker.enter() is None
    clock.now += 0.1
    permit = breaker.enter()
    assert permit is not None
    assert breaker.resting
    assert breaker.enter() is None
    breaker.leave(permit, worked=False)
    assert breaker.resting
    clock.now += 30
    permit = breaker.enter()
    assert permit is not None
    breaker.leave(permit, worked=True)
    fail(breaker, 4)
    assert not breaker.resting


def test_a_try_that_tells_nothing_leaves_it_to_the_next() -> None:
    """If the visitor whose request was the one try leaves, another one tries."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 30
    permit = breaker.enter()
    assert permit is not None
    breaker.leave(permit, worked=None)
    assert breaker.enter() is not None


def test_what_was_begun_before_it_opened_counts_no_more() -> None:
    """Neither does a late success close it, nor a late failure prolong the rest or spoil the one try."""
    clock = Clock()
    breaker = Breaker(clock)
    late = breaker.enter()
    assert late is not None
    fail(breaker, 5)
    breaker.leave(late, worked=True)
    assert breaker.resting
    clock.now += 30
    permit = breaker.enter()
    assert permit is not None
    breaker.leave(late, worked=False)
    breaker.leave(permit, worked=True)
    assert not breaker.resting


@given(st.lists(st.tuples(st.sampled_from([True, False, None]), st.floats(0, 40)), max_size=60))
def test_whatever_happens_it_rests_only_after_failures_and_never_for_good(
    events: list[tuple[bool | None, float]],
) -> None:
    """It lets nothing through only after a failure within its rest, and something half a minute after the last one."""
    clock = Clock()
    breaker = Breaker(clock)
    failures: list[float] = []
    for worked, passed in events:
        clock.now += passed
        permit = breaker.enter()
        if permit is None:
            assert failures
            assert clock.now - failures[-1] < 30
            continue
        breaker.leave(permit, worked=worked)
        if worked is False:
            failures.append(clock.now)
        recent = [at for at in failures if clock.now - at <= 30]
        assert not breaker.resting or recent
    clock.now += 30
    assert breaker.enter() is not None
