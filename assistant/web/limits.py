"""How often one visitor may ask, in bounded memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address


@dataclass(slots=True)
class _Bucket:
    """What one key has left, and when that was counted."""

    tokens: float
    counted_at: float


class Limiter:
    """A token bucket per key; the keys longest unused are forgotten first.

    Attributes:
        per_minute: Requests that one key may make in a minute, and in one burst.
        keys: Keys remembered, at most.
        clock: Seconds from any fixed moment on; never goes back.
    """

    def __init__(self, per_minute: int, *, keys: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with a full bucket for every key."""
        self.per_minute = per_minute
        self.keys = keys
        self.clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._buckets)

    def wait_seconds(self, key: str) -> float:
        """Count one request and return 0, or return the seconds until one is possible again."""
        now = self.clock()
        bucket = self._buckets.pop(key, None) or _Bucket(self.per_minute, now)
        refilled = bucket.tokens + (now - bucket.counted_at) * self.per_minute / 60
        bucket.tokens, bucket.counted_at = min(float(self.per_minute), refilled), now
        self._buckets[key] = bucket
        if len(self._buckets) > self.keys:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) * 60 / self.per_minute
        bucket.tokens -= 1
        return 0.0


def network(address: str) -> str:
    """Return what counts as one visitor's address: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
