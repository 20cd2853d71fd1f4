"""How often one visitor may ask, in bounded memory."""

from __future__ import annotations

import pytest

from assistant.web.limits import Limiter, network


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        """Start at zero."""
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def test_a_burst_is_allowed_and_then_the_wait_is_told() -> None:
    """Two a minute: two at once, then one each 30 seconds."""
    clock = Clock()
    limiter = Limiter(2, clock=clock)
    assert [limiter.wait_seconds("a") for _ in range(3)] == [0, 0, 30]
    clock.now = 29
    assert limiter.wait_seconds("a") == pytest.approx(1)
    clock.now = 31
    assert limiter.wait_seconds("a") == 0


def test_keys_do_not_disturb_one_another() -> None:
    """Who asks too often stops nobody else."""
    limiter = Limiter(1, clock=Clock())
    limiter.wait_seconds("a")
    assert limiter.wait_seconds("a") > 0
    assert limiter.wait_seconds("b") == 0


def test_memory_is_bounded_and_the_longest_unused_is_forgotten() -> None:
    """A flood of keys pushes out old ones, not the one in use."""
    limiter = Limiter(1, keys=3, clock=Clock())
    for key in ("used", "b", "used", "c", "used", "d"):
        limiter.wait_seconds(key)
    assert len(limiter) == 3
    assert limiter.wait_seconds("used") > 0


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_network_is_one_visitor(address: str, visitor: str) -> None:
    """One household owns 2**64 IPv6 addresses and counts once."""
    assert network(address) == visitor
