"""Words of three languages in one Latin alphabet, cut into character n-grams.

One lexical index serves English, Russian and Kazakh without language detection or stemmers:
letters are folded to a common Latin form, so that loan-words meet across languages, questions typed
in Latin letters find Cyrillic text, and endings and typing errors cost a few n-grams, not the word.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

GRAM_SIZES = (3, 4, 5)
_BASE = 38  # boundary, 26 letters, 10 digits, and 0 for "nothing here"
_BOUNDARY = "\x01"
_WORD_FLOOR = _BASE ** max(GRAM_SIZES)

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "",
    "э": "e", "ю": "iu", "я": "ia", "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u",
    "һ": "h", "і": "i", "ў": "u", "є": "e", "ї": "i",
}  # fmt: skip
_LATIN = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "t"}
_TABLE = str.maketrans(_CYRILLIC | _LATIN)
# Order matters: digraphs first, then single letters, then doubles.
_FOLDS = (("ph", "f"), ("th", "t"), ("ck", "k"), ("x", "ks"))
_SINGLES = str.maketrans({"w": "v", "y": "i", "q": "k", "c": "k", "j": "i"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_DOUBLED = re.compile(r"([a-z])\1+")

_CODES = np.zeros(128, dtype=np.int64)
_CODES[ord(_BOUNDARY)] = 1
_CODES[[ord(c) for c in "abcdefghijklmnopqrstuvwxyz"]] = np.arange(2, 28)
_CODES[[ord(c) for c in "0123456789"]] = np.arange(28, 38)


def fold(text: str) -> str:
    """Return ``text`` in lower-case Latin letters and digits, words parted by one space."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_TABLE)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if c < "\x80" or c.isspace())
    for digraph, letter in _FOLDS:
        text = text.replace(digraph, letter)
    text = _DOUBLED.sub(r"\1", text.translate(_SINGLES))
    return _NOT_WORD.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of a text, in one row per occurrence.

    Attributes:
        codes: Shape ``(n,)``: exact codes of 3-, 4- and 5-grams, and hashes of whole words above them.
        words: Shape ``(n,)``: ordinal of the word each code comes from.
    """

    codes: NDArray[np.int64]
    words: NDArray[np.int64]


def grams(text: str) -> Grams:
    """Return the 3-, 4- and 5-grams inside the words of ``text`` and the words themselves.

    A word is padded with a boundary mark on both sides; no n-gram crosses from word to word.
    N-gram codes are exact (base 38, below 38**5), so two different n-grams never meet; whole words
    are hashed to the range above.
    """
    folded = fold(text)
    if not folded:
        empty = np.empty(0, dtype=np.int64)
        return Grams(empty, empty)
    padded = _BOUNDARY + folded.replace(" ", f"{_BOUNDARY} {_BOUNDARY}") + _BOUNDARY
    symbols = _CODES[np.frombuffer(padded.encode("ascii"), dtype=np.uint8)]  # a space becomes 0
    owners = np.cumsum(symbols == 0)
    windows = [_windows(symbols, owners, size) for size in GRAM_SIZES]
    whole = np.array([_word_code(word) for word in folded.split(" ")], dtype=np.int64)
    return Grams(
        np.concatenate([*(codes for codes, _ in windows), whole]),
        np.concatenate([*(owner for _, owner in windows), np.arange(len(whole))]),
    )


def _windows(
    symbols: NDArray[np.int64], owners: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return codes and owning words of all windows of ``size`` symbols that hold no space (0)."""
    count = len(symbols) - size + 1
    if count <= 0:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty
    code = np.zeros(count, dtype=np.int64)
    whole = np.ones(count, dtype=bool)
    for offset in range(size):
        part = symbols[offset : offset + count]
        code = code * _BASE + part
        whole &= part > 0
    return code[whole], owners[:count][whole]


@lru_cache(maxsize=65536)
def _word_code(word: str) -> int:
    """Return a stable code for a whole word, above all n-gram codes and below 2**60."""
    digest = hashlib.blake2b(word.encode("ascii"), digest_size=7).digest()
    return int(_WORD_FLOOR) + int.from_bytes(digest, "big")


@lru_cache(maxsize=8192)
def gram_set(text: str) -> frozenset[int]:
    """Return the distinct codes of ``text``; remembered, because sentences come again."""
    return frozenset(grams(text).codes.tolist())
