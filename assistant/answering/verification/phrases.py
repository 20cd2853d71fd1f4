"""Words of a text with their places, and finding phrases in them by the beginnings of their words.

A phrase is written as its words: "not allowed" is found in "not allowedly", and "may|" only in "may". Several phrases
that end in "|" may stand in one text, parted by a space behind it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:[ \u00a0\u202f,]\d{3}){1,3}(?!\d)|\d{1,15}(?:[.,]\d{1,6})?(?!\d))"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)|(?P<sign>\S)"
)
_START = 2


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign of a text.

    Attributes:
        text: Lower case, ё as е.
        start: Offset of its first character.
        end: Offset after its last.
        number: Whether it is written in digits.
    """

    text: str
    start: int
    end: int
    number: bool


def tokens(text: str) -> list[Token]:
    """Return the words, numbers and signs of ``text`` in order; offsets are those of ``text``."""
    return [
        Token(_plain(found.group()), found.start(), found.end(), found.lastgroup == "number")
        for found in _TOKEN.finditer(text)
    ]


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace("ё", "е").replace("’", "'")


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in a text: its key, and the tokens from ``start`` to before ``end``."""

    key: str
    start: int
    end: int


class Phrases:
    """Phrases by key; of those that begin at one word the longest is found."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        """Read phrases as they stand in a data file."""
        self._by_start: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for key, written in phrases.items():
            for words in (tuple(part.text for part in _marked(phrase)) for phrase in written):
                self._by_start.setdefault(words[0][:_START], []).append((key, words))
        for entries in self._by_start.values():
            entries.sort(key=lambda entry: (-len(entry[1]), -max(map(len, entry[1])), entry))

    def at(self, words: Sequence[Token], place: int) -> Found | None:
        """Return the phrase that begins at a place, None if there is none."""
        text = words[place].text
        for start in {text[:_START], text[:1], f"{text}|"}:
            for key, phrase in self._by_start.get(start, ()):
                if _stands(phrase, words, place):
                    return Found(key, place, place + len(phrase))
        return None

    def find(self, words: Sequence[Token]) -> Iterator[Found]:
        """Yield the phrases of a text from left to right; they do not overlap."""
        place = 0
        while place < len(words):
            found = self.at(words, place)
            if found:
                yield found
            place = found.end if found else place + 1


def _marked(phrase: str) -> list[Token]:
    return [Token(_plain(part), 0, 0, number=False) for part in phrase.split()]


def _stands(phrase: Sequence[str], words: Sequence[Token], place: int) -> bool:
    there = words[place : place + len(phrase)]
    return len(there) == len(phrase) and all(
        word.text == part[:-1] if part.endswith("|") else word.text.startswith(part)
        for part, word in zip(phrase, there, strict=True)
    )
