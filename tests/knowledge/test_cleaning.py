"""What is let in at the door."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.cleaning import LONGEST_MARK_RUN, clean, decode

RUSSIAN = "Стипендия не выплачивается в июле. Ёлка «№ 5»."
KAZAKH = "Академиялық ұтқырлық: өтінім қалай беріледі?"


@given(st.text(alphabet=st.characters(codec=None)))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text is a fixed point, in NFC, and can be written as UTF-8."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


@given(st.text(alphabet=st.characters(codec=None)))
def test_no_hidden_character_comes_through(text: str) -> None:
    """No control, surrogate or invisible format character of the forbidden ranges is left."""
    for character in clean(text):
        assert character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}
        assert not "\U000e0000" <= character <= "\U000e007f"
        assert character not in "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff"


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("и\u0306", "й"),
        ("a\u200d\u0301", "á"),
        ("x\x00\ud800\u202ey\U000e0041", "xy"),
        ("tab\tkept", "tab\tkept"),
        ("Kazakh і, Latin i, Ukrainian і", "Kazakh і, Latin i, Ukrainian і"),
    ],
)
def test_known_cases(dirty: str, expected: str) -> None:
    """Line ends are unified, marks composed, hidden characters dropped, look-alikes kept."""
    assert clean(dirty) == expected


def test_marks_in_a_row_are_bounded() -> None:
    """The thirty-first combining mark and all after it are dropped."""
    assert clean("q" + "\u0316" * 50) == "q" + "\u0316" * LONGEST_MARK_RUN


@pytest.mark.parametrize("piece", ["\u0301\u0316", "\r\n", "\u200b", "a\u0301", "\x00", "й", "\U000e0041", "\ud800"])
def test_long_repetitions_take_linear_time(piece: str) -> None:
    """200,000 characters of anything are clean within a second."""
    started = time.process_time()
    clean(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", [RUSSIAN, KAZAKH, "plain", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_decoded(text: str, encoding: str) -> None:
    """UTF-8 and UTF-16 with a byte order mark are read as they are."""
    assert decode(text.encode(encoding)) == text


def test_cp1251_is_decoded() -> None:
    """Russian in the old Windows encoding is read, also among English."""
    assert decode(RUSSIAN.encode("cp1251")) == RUSSIAN
    mixed = "The office is called Отдел мобильности and is in room 5."
    assert decode(mixed.encode("cp1251")) == mixed


def test_broken_utf8_keeps_the_rest() -> None:
    """One wrong byte costs one letter and does not turn the text into nonsense."""
    raw = RUSSIAN.encode("utf-8")
    assert decode(raw[:18] + b"\xff" + raw[18:]).replace("\ufffd", "") == RUSSIAN


def test_latin1_is_not_taken_for_cyrillic() -> None:
    """French in a Latin encoding loses its accents but gains no Russian letters."""
    assert decode("Université de Franche-Comté, à Besançon".encode("latin-1")).startswith("Universit\ufffd de")


@given(st.binary())
def test_any_bytes_become_clean_text(raw: bytes) -> None:
    """Decoding never fails and always gives clean text."""
    assert clean(decode(raw)) == decode(raw)
