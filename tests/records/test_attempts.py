"""The lock-out: what strangers can do to a mentor, and how many guesses they get, whatever they try."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sign_in_contract import PASSWORD, Counting, Watch, enter
from sqlalchemy import Connection, create_engine

from assistant.records import attempts
from assistant.records.attempts import LIMITS
from assistant.records.database import open_database, sqlite_url
from assistant.records.mentors import Mentors, Role
from assistant.records.schema import attempt
from assistant.records.sessions import SignedIn, SignIn

PAUSES = st.sampled_from([0, 1, 29, 31, 120, 901, 3_601, 90_000])


@contextmanager
def counters() -> Iterator[Connection]:
    """Give a database that has only the counters, in memory."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        attempt.create(connection)
        yield connection
    engine.dispose()


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(["stranger", "at home", "pause"]), PAUSES), max_size=30))
@example([("stranger", 0)] * 30)
def test_strangers_never_lock_a_known_browser_out(deeds: list[tuple[str, int]]) -> None:
    """Whatever strangers guess, from wherever and however long, the browser used before signs in at once."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(sqlite_url(Path(folder) / "records.sqlite"))
        watch, passwords = Watch(), Counting()
        Mentors(database, passwords).add("aigul@example.org", "A", "Office", Role.MENTOR, PASSWORD)
        sign_in = SignIn(database, passwords, clock=watch)
        known = enter(sign_in)
        assert isinstance(known, SignedIn)
        for number, (deed, pause) in enumerate(deeds):
            watch.wait(seconds=pause)
            if deed != "pause":
                address = "192.0.2.1" if deed == "at home" else f"198.51.100.{number}"
                enter(sign_in, password="wrong", address=address, device="forged" if number % 3 else None)
            assert isinstance(enter(sign_in, device=known.device), SignedIn)
        database.close()


@given(st.lists(PAUSES, max_size=150))
@example([0] * 150)
@example([181] * 150)
def test_no_hour_has_more_than_twenty_failures_of_one_address(pauses: list[int]) -> None:
    """However they are spread; and no wait is longer than an hour."""
    watch, passed, key = Watch(), [], attempts.address("192.0.2.1")
    with counters() as connection:
        for pause in pauses:
            watch.wait(seconds=pause)
            wait = attempts.wait_seconds(connection, [key], watch.now)
            assert wait <= 3_600
            if not wait:
                attempts.count(connection, [key], watch.now)
                passed.append(watch.now)
    hour = timedelta(hours=1)
    assert all(sum(first <= each < first + hour for each in passed) <= 20 for first in passed)


@pytest.mark.parametrize("make", [attempts.account, attempts.device])
def test_whoever_never_stops_gets_about_a_hundred_guesses_a_day(make: object) -> None:
    """Trying again the very moment the wait is over: five at once, a few more, then four in an hour."""
    watch, guesses, key = Watch(), 0, make("aigul")  # type: ignore[operator]
    end = watch.now + timedelta(days=1)
    with counters() as connection:
        while watch.now < end:
            if wait := attempts.wait_seconds(connection, [key], watch.now):
                assert wait <= 900
                watch.wait(seconds=wait)
            else:
                attempts.count(connection, [key], watch.now)
                guesses += 1
    assert 95 <= guesses <= 110


def test_counting_begins_anew_after_a_quiet_day() -> None:
    """Nobody pays for what was mistyped long ago."""
    watch, key = Watch(), attempts.account("aigul")
    with counters() as connection:
        for _ in range(30):
            attempts.count(connection, [key], watch.now)
        watch.wait(days=1)
        attempts.count(connection, [key], watch.now)
        assert attempts.wait_seconds(connection, [key], watch.now) == 0


def test_keys_keep_no_secret_and_fit() -> None:
    """What was typed as a login may be a password, so its hash is kept; every key fits its column."""
    typed = "my secret passphrase" * 5_000
    keys = [attempts.account(typed), attempts.device(typed), attempts.address("2001:db8::" + "f" * 500)]
    assert all(len(key) <= 100 for key in keys)
    assert not any("secret" in key for key in keys)
    assert attempts.account(" Aigul ") == attempts.account("aigul") != attempts.device("aigul")
    assert all(key.partition(":")[0] in LIMITS for key in keys)


def test_waits_are_told_in_whole_seconds_that_suffice() -> None:
    """A rest of a second counts as one."""
    watch, key = Watch(), attempts.account("aigul")
    with counters() as connection:
        for _ in range(5):
            attempts.count(connection, [key], watch.now)
        watch.wait(seconds=29.2)
        assert attempts.wait_seconds(connection, [key], watch.now) == 1
        watch.wait(seconds=0.8)
        assert attempts.wait_seconds(connection, [key], watch.now) == 0
