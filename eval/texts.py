"""How texts are compared: normalised words, overlaps, statements with their marks."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_ARTICLES = frozenset({"a", "an", "the"})
_MARKS = re.compile(r"(?:\s*\[\d+\])+")
_MARK = re.compile(r"\[(\d+)\]")
_LONE_MARK = re.compile(r"\n\s*\n(?=\s*\[\d+\])")  # the mark of a table stands in a paragraph of its own
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_CONTENT = 4
"""Letters of a content word."""


def words(text: str, language: str = "") -> list[str]:
    """Return the words of a text after NFKC, casefold and ё→е, without punctuation; in English without articles."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    found = _WORD.findall(plain)
    return [word for word in found if word not in _ARTICLES] if language == "en" else found


def normalised(text: str, language: str = "") -> str:
    """Return the words of a text joined by single spaces."""
    return " ".join(words(text, language))


def f1(found: Iterable[str], gold: Iterable[str]) -> float:
    """Return the harmonic mean of precision and recall of two bags of words; two empty bags agree."""
    ours, theirs = Counter(found), Counter(gold)
    if not ours or not theirs:
        return float(ours == theirs)
    common = sum((ours & theirs).values())
    return 2 * common / (sum(ours.values()) + sum(theirs.values()))


def content_words(text: str) -> list[str]:
    """Return the words of four letters or more, and every figure."""
    return [word for word in words(text) if len(word) >= _CONTENT or word[0].isdigit()]


def figures(text: str) -> set[str]:
    """Return the figures of a text, with a point for every decimal sign."""
    return {figure.replace(",", ".") for figure in _FIGURE.findall(text)}


def statements(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """Return what a reply says with marks behind it, and the marks: ``[("Visas cost 80 euros", (1,))]``.

    A statement begins after the marks before it or at a paragraph; text without marks says where quotes come from.
    """
    found = []
    for paragraph in re.split(r"\n\s*\n", _LONE_MARK.sub("\n", text)):
        begin = 0
        for match in _MARKS.finditer(paragraph):
            said = paragraph[begin : match.start()].strip(" \n>*_-")
            if said:
                found.append((said, tuple(int(n) for n in _MARK.findall(match.group()))))
            begin = match.end()
    return found
