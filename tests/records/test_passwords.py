"""Passwords: which are taken, what they cost, and that strange ones do no harm."""

from __future__ import annotations

import threading
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.records.passwords import LONGEST, Busy, Passwords, Weakness, weakness


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("elevenchars", Weakness.SHORT),
        ("x" * (LONGEST + 1), Weakness.LONG),
        ("aaaaaaaaaaaaaaaa", Weakness.COMMON),
        ("ababababababab", Weakness.COMMON),
        ("123456789012", Weakness.COMMON),
        ("9876543210987", Weakness.COMMON),
        ("Password2026!!", Weakness.COMMON),
        ("qwertyuiop123", Weakness.COMMON),
        ("Пароль123456", Weakness.COMMON),
        ("құпиясөз12345", Weakness.COMMON),
        ("aigul@example.org", Weakness.LOGIN),
        ("Aigul-Aigul-1", Weakness.LOGIN),
        ("seven plain words", None),
        ("тоғыз таза сөз", None),
        ("m7#kQz!x2Lp0", None),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, fault: Weakness | None) -> None:
    """Short, endless, common ones, and those made of the login; everything else is taken, in any alphabet."""
    assert weakness(password, "aigul@example.org") is fault


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_judged(password: str, login: str) -> None:
    """No text makes the judgement fail, and what is shorter than twelve characters is never taken."""
    assert weakness(password, login) is not None or len(password) >= 12


@pytest.mark.parametrize("text", ["a", "ab", "пароль", "1", " ", "a@"])
def test_long_repetitions_are_judged_quickly(text: str) -> None:
    """Fifty thousand characters take no time."""
    before = time.process_time()
    weakness(text * 50_000, text)
    weakness("x" * 900, text * 50_000)
    assert time.process_time() - before < 1


def test_costs_are_those_advised() -> None:
    """argon2id with 19 MiB, two passes and one lane."""
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in Passwords().hashed("seven plain words")


def test_a_password_is_the_same_on_every_keyboard() -> None:
    """However a letter is composed."""
    passwords = Passwords(memory_kib=64, passes=1)
    hashed = passwords.hashed(unicodedata.normalize("NFC", "йогурт йогурт ё"))
    assert passwords.matches(hashed, unicodedata.normalize("NFD", "йогурт йогурт ё"))
    assert not passwords.matches(hashed, "йогурт йогурт е")


@pytest.mark.parametrize("password", ["", "\x00", "\ud800", "x" * 1_000_000, "é" * 2_000])
def test_strange_passwords_are_only_wrong(password: str) -> None:
    """Empty, half a surrogate pair, a megabyte: refused, without an error and without long work."""
    passwords = Passwords(memory_kib=64, passes=1)
    hashed = passwords.hashed("seven plain words")
    assert not passwords.matches(hashed, password)
    assert not passwords.matches(None, password)
    assert not passwords.matches("no hash at all", password)


def test_what_follows_the_longest_password_counts() -> None:
    """A thousand right characters and one more are wrong."""
    passwords = Passwords(memory_kib=64, passes=1)
    longest = ("seven plain words " * 100)[:LONGEST]
    hashed = passwords.hashed(longest)
    assert passwords.matches(hashed, longest)
    assert not passwords.matches(hashed, longest + "x")


def test_only_two_are_looked_at_at_once() -> None:
    """A third waits for its turn, and is told to come again when none comes."""
    passwords = Passwords(memory_kib=64, passes=1)
    release = threading.Event()

    def hold() -> None:
        with passwords.turn():
            release.wait(10)

    holding = [threading.Thread(target=hold) for _ in range(2)]
    for each in holding:
        each.start()
    try:
        with pytest.raises(Busy), passwords.turn(0.05):
            pass
    finally:
        release.set()
        for each in holding:
            each.join()
    with passwords.turn(1):
        pass


def test_a_wrong_login_takes_as_long_as_a_wrong_password() -> None:
    """The hash of nobody has the same costs, so medians of alternating tries are alike."""
    passwords = Passwords()
    hashed = passwords.hashed("seven plain words")
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(15):
        for known, taken in times.items():
            before = time.process_time()
            passwords.matches(hashed if known else None, "wrong")
            taken.append(time.process_time() - before)
    first, second = (sorted(each)[len(each) // 2] for each in times.values())
    assert 0.5 < first / second < 2
