"""Text at the door: what is let in, in which form, and how bytes become text.

Questions and documents pass here before anything else sees them. Letters are never replaced by
look-alikes: Kazakh і and Latin i are different letters, and both are right in their place.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from itertools import groupby

LONGEST_MARK_RUN = 30
"""Combining marks kept in a row: the bound of Unicode's stream-safe text format (UAX #15, 13).

Without a bound the canonical ordering of marks takes quadratic time (10 s for 80,000 marks).
"""

CYRILLIC_SHARE = 0.8
"""Share of Cyrillic letters, among the letters of the words that are not ASCII, that tells cp1251.

Russian read rightly gives about 1; French or German in a Latin encoding gives under one half.
"""

_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls but tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u200b-\u200d\u2060\ufeff"  # zero width
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f"  # tags
    "]+"
)
_WORD = re.compile(r"[^\W\d_]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_REPLACEMENT = "\ufffd"


def clean(text: str) -> str:
    """Return ``text`` in NFC with line feeds as line ends and without characters that hide or deceive.

    Dropped are controls (but tab and line feed), lone surrogates, bidirectional, zero-width and
    tag characters, and combining marks after the thirtieth in a row. Takes linear time and
    changes nothing the second time.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    visible = _UNWANTED.sub("", lines)
    return _bound_marks(unicodedata.normalize("NFC", _bound_marks(visible)))


def decode(raw: bytes) -> str:
    """Return the clean text of ``raw``, whatever of the usual encodings it is in.

    Tried in order: UTF-8 with or without byte order mark, UTF-16 with byte order mark, cp1251
    if that gives Cyrillic words, and UTF-8 with every wrong byte shown as U+FFFD.
    """
    try:
        return clean(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return clean(_decode_other(raw))


def _decode_other(raw: bytes) -> str:
    """Return the text of bytes that are not UTF-8."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    damaged = raw.decode("utf-8-sig", errors="replace")
    cyrillic = raw.decode("cp1251", errors="replace")
    # A UTF-8 file with a few broken bytes also reads as Cyrillic in cp1251, but as nonsense.
    if _is_mostly_wrong(damaged) and _is_mostly_cyrillic(cyrillic):
        return cyrillic
    return damaged


def _is_mostly_wrong(damaged: str) -> bool:
    """Return whether most of what is not ASCII could not be read as UTF-8."""
    return 2 * damaged.count(_REPLACEMENT) > len(_NOT_ASCII.findall(damaged))


def _is_mostly_cyrillic(text: str) -> bool:
    """Return whether the words that are not ASCII are written in Cyrillic letters."""
    letters = "".join(word for word in _WORD.findall(text) if not word.isascii())
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    return cyrillic > CYRILLIC_SHARE * len(letters)


def _bound_marks(text: str) -> str:
    """Return ``text`` without the combining marks that follow ``LONGEST_MARK_RUN`` others."""
    if text.isascii() or not any(map(unicodedata.combining, text)):
        return text
    runs = groupby(text, key=lambda character: unicodedata.combining(character) > 0)
    return "".join("".join(run)[: LONGEST_MARK_RUN if is_mark else None] for is_mark, run in runs)
