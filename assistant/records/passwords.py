"""Passwords: which are taken, how they are hashed, and that a wrong one costs as much as an unknown login."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 1_000
FEWEST_SIGNS = 5
"""Different signs in a password, at least."""

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
"""argon2id as OWASP advises where many may ask at once; the library's own choice is ten times as dear."""

AT_ONCE = 2
"""Hashes computed at a time, so that guessing fills neither the memory nor the processor."""

WAIT_SECONDS = 5.0
"""How long somebody waits for their turn; whoever comes later is told to try again."""

_COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
"""What people write first, without digits and punctuation."""


class Weakness(StrEnum):
    """Why a password is not taken; the value completes "the password is …"."""

    SHORT = f"shorter than {SHORTEST} characters"
    LONG = f"longer than {LONGEST} characters"
    LOGIN = "too much like the login"
    COMMON = "one of those that are guessed first"


class Busy(Exception):
    """Too many passwords are being looked at in this moment."""


def weakness(password: str, login: str) -> Weakness | None:
    """Return why a password is not taken for a login; None if it is."""
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    folded, name = password.casefold(), login.strip().casefold()
    if any(part and len(folded.replace(part, "")) < SHORTEST // 2 for part in (name, name.partition("@")[0])):
        return Weakness.LOGIN
    letters = "".join(sign for sign in folded if sign.isalpha())
    if letters in _COMMON or len(set(folded)) < FEWEST_SIGNS or _counts(folded):
        return Weakness.COMMON
    return None


def _counts(text: str) -> bool:
    """Return whether a text only counts up or down: 123456789012, abcdefghijkl, 987654321098."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(text)}
    return len(steps) == 1


class Passwords:
    """argon2id behind a small gate; safe for threads."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, at_once: int = AT_ONCE) -> None:
        """Hash with these costs."""
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES, type=Type.ID)
        self._gate = threading.BoundedSemaphore(at_once)
        self._dummy = self._hasher.hash(secrets.token_hex(16))

    @contextmanager
    def turn(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """Wait for a turn to look at a password.

        Raises:
            Busy: If none comes in time.
        """
        if not self._gate.acquire(timeout=wait_seconds):
            raise Busy
        try:
            yield
        finally:
            self._gate.release()

    def hashed(self, password: str) -> str:
        """Return the hash of a password, with its costs and salt."""
        with self.turn(60.0):
            return self._hasher.hash(_bytes(password))

    def matches(self, hashed: str | None, password: str) -> bool:
        """Return whether a password is the hashed one; as slowly where there is none. Call it inside a ``turn``."""
        try:
            found = self._hasher.verify(hashed or self._dummy, _bytes(password[:LONGEST]))
        except (VerificationError, InvalidHashError):
            return False
        return found and hashed is not None and len(password) <= LONGEST

    def is_dated(self, hashed: str) -> bool:
        """Return whether a hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(hashed)


def _bytes(password: str) -> bytes:
    """Return the same bytes however a keyboard composes a letter."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
