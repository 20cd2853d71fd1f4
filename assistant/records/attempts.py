"""How often a password may be guessed: counters of failures that make wait, and never for good.

A try from a browser that this mentor signed in with before has a counter of its own. All other tries share the counter
of the account and that of their address. So a stranger slows strangers down, and the mentor's own browser stays open.
A try is counted before the password is looked at, and given back if it was right: many at once win nothing.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from assistant.records.schema import attempt


@dataclass(frozen=True, slots=True)
class Limit:
    """What a counter of one sort bears.

    Attributes:
        failures: So many in a row cost nothing; the last of them makes wait.
        first: How long the next try has to wait then; doubled by every further failure.
        longest: No wait is longer.
        forgotten: After so long without a failure, counting begins anew; not shorter than ``longest``.
    """

    failures: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta

    def wait(self, failures: int) -> timedelta | None:
        """Return how long to wait after so many failures; None if not at all."""
        over = failures - self.failures
        return None if over < 0 else min(self.first * 2 ** min(over, 30), self.longest)


_GUESSED = Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(days=1))
LIMITS = {
    "account": _GUESSED,
    "device": _GUESSED,
    "address": Limit(20, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1)),
}
"""By the sort of counter, which its key begins with. An address has at most 20 failures in any hour."""


def account(login: str) -> str:
    """Return the key of an account, existing or not; what was typed is not stored, it may be a password."""
    return _key("account", login.strip().casefold())


def device(token: str) -> str:
    """Return the key of a known browser."""
    return _key("device", token)


def address(network: str) -> str:
    """Return the key of an address, as ``limits.network`` says what one is."""
    return f"address:{network}"[:100]


def wait_seconds(connection: Connection, keys: Sequence[str], now: datetime) -> int:
    """Return for how many seconds, rounded up, a try with these counters has to wait; 0 if it may be made."""
    query = select(attempt.c.blocked_until).where(attempt.c.key.in_(keys), attempt.c.blocked_until > now)
    return max((math.ceil((until - now).total_seconds()) for until in connection.scalars(query)), default=0)


def count(connection: Connection, keys: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Count a failure at each counter, and return those that make wait from now on and did not before."""
    return tuple(key for key in keys if _counted(connection, key, now))


def forgive(connection: Connection, keys: Iterable[str]) -> None:
    """Take the counters back after a right password: all that was counted, but of an address only this try.

    Whoever has one account must not guess at the others for ever by signing in between.
    """
    for key in keys:
        row = attempt.c.key == key
        if key.startswith("address:"):
            values = {"failures": attempt.c.failures - 1, "blocked_until": None}
            connection.execute(update(attempt).where(row, attempt.c.failures > 0).values(values))
        else:
            connection.execute(delete(attempt).where(row))


def sweep(connection: Connection, now: datetime) -> int:
    """Remove the counters that would begin anew anyway, and return how many."""
    old = max(limit.forgotten for limit in LIMITS.values())
    return connection.execute(delete(attempt).where(attempt.c.latest < now - old)).rowcount


def _counted(connection: Connection, key: str, now: datetime) -> bool:
    limit, row = LIMITS[key.partition(":")[0]], attempt.c.key == key
    found = connection.execute(select(attempt).where(row)).first()
    fresh = found is not None and now - found.latest < limit.forgotten
    failures = found.failures + 1 if found and fresh else 1
    wait = limit.wait(failures)
    values = {"failures": failures, "latest": now, "blocked_until": now + wait if wait else None}
    if found is None:
        connection.execute(insert(attempt).values(key=key, **values))
    else:
        connection.execute(update(attempt).where(row).values(values))
    return failures == limit.failures


def _key(sort: str, of: str) -> str:
    return f"{sort}:{hashlib.sha256(of.encode('utf-8', 'replace')).hexdigest()}"
