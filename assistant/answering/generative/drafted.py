"""A model's text as it comes: which sentences are whole, which marks they carry, and what no sentence may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistant.knowledge import sentences
from assistant.knowledge.transliteration import fold, gram_set

LONGEST = 700
"""Characters of a sentence; a longer one is none."""
PARROTED = 8
"""Words in a row that a sentence may not share with the prompt."""
FEWEST_WORDS = 3
"""Words of a sentence; what has fewer is a piece of one."""
LEAST_SHARED = 0.35
"""Share of a sentence's n-grams that must stand in what it cites: of 1,200 faithful paraphrases 8 have less, and words
about something else mostly do. How near a section is beside all others tells more, but nothing in a base of a few."""

_MARKS = re.compile(r"\s?[\[【]\s?\^?(\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,5})\s?[\]】]")
_OPEN_MARK = re.compile(r"[\[【][\d\s,;–^-]{0,40}")
_BULLET = re.compile(r"\s{0,8}(?:[-*+•–]|\d{1,2}[.)])\s+")
_DRESS = re.compile(r"\*{1,3}|_{2,3}|`{1,3}|^\s{0,3}#{1,6}\s+|^\s{0,3}>\s?")
_THINKING = re.compile(r"<think>.{0,20000}?</think>", re.DOTALL)
_MARKUP = re.compile(r"<[a-zA-Z/!]|!\[|\]\(|\]:|\$\$|\|\s|&[a-z]{2,8};|&#")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,10}://|(?:mailto|javascript|data|tel|file|blob|vbscript):|www\.)[^\s]{1,300}"
    r"|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}"
    r"|\b[\w-]{2,63}(?:\.[\w-]{2,63}){0,4}\.[a-z]{2,10}\b(?:/[^\s]{0,200})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence of a model.

    Attributes:
        text: It, as plain text without marks.
        marks: Numbers of the sections it names as its source, each once.
        before: What parts it from the sentence before: a space, a line end, or a blank line.
        item: Whether it begins an item of a list.
    """

    text: str
    marks: tuple[int, ...]
    before: str
    item: bool


class Stream:
    """Cuts a text that comes piece by piece into sentences; each is given once, when it is whole."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rest = ""
        self._before = ""

    def add(self, piece: str) -> Iterator[Sentence]:
        """Yield the sentences that are whole with this piece."""
        self._rest += piece
        if "<think>" in self._rest and "</think>" not in self._rest:
            return
        self._rest = _THINKING.sub("", self._rest)
        while "\n" in self._rest:
            line, self._rest = self._rest.split("\n", 1)
            yield from self._line(line)
            self._before = "\n" if line.strip() else "\n\n"
        spans = _with_marks(self._rest)
        if len(spans) > 1 and not _OPEN_MARK.fullmatch(self._rest, spans[-1][0]):
            start = spans[-1][0]
            yield from self._line(self._rest[:start])
            self._rest = self._rest[start:]

    def end(self) -> Iterator[Sentence]:
        """Yield what is left when the text has come to its end; thoughts that have not are no text."""
        rest, self._rest = self._rest.partition("<think>")[0], ""
        yield from self._line(rest)

    def _line(self, line: str) -> Iterator[Sentence]:
        bullet = _BULLET.match(line)
        text = line[bullet.end() :] if bullet else line
        for place, (start, end) in enumerate(_with_marks(text)):
            whole = text[start:end]
            marks = tuple(dict.fromkeys(mark for found in _MARKS.finditer(whole) for mark in _numbers(found.group(1))))
            plain = " ".join(_DRESS.sub("", _MARKS.sub("", whole)).split())
            if any(character.isalnum() for character in plain):
                item = bool(bullet) and place == 0
                yield Sentence(plain, marks, self._before or ("\n" if item else " "), item)
                self._before = ""


def forbidden(text: str, cited: str) -> bool:
    """Return whether a sentence holds markup, an address that stands nowhere in what it cites, or is endless."""
    if len(text) > LONGEST or _MARKUP.search(text):
        return True
    held = cited.casefold()
    return any(_bare(found.group()) not in held for found in _ADDRESS.finditer(text))


def unrelated(text: str, cited: str) -> bool:
    """Return whether a sentence is a mere piece of one, or about something else than a text in its language."""
    own = gram_set(text)
    return len(text.split()) < FEWEST_WORDS or len(own & gram_set(cited)) < LEAST_SHARED * len(own)


def parroted(text: str, prompt: frozenset[tuple[str, ...]]) -> bool:
    """Return whether a sentence repeats ``PARROTED`` words of the prompt in a row."""
    return not prompt.isdisjoint(runs(text))


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Yield every ``PARROTED`` folded words in a row."""
    words = fold(text).split()
    for start in range(len(words) - PARROTED + 1):
        yield tuple(words[start : start + PARROTED])


def prompt_runs(texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Return every ``PARROTED`` words in a row of the prompt's files."""
    return frozenset(run for text in texts for run in runs(text))


def _with_marks(text: str) -> list[tuple[int, int]]:
    """Return the sentences of a line; a mark that stands behind a full stop belongs to the sentence before it."""
    spans: list[tuple[int, int]] = []
    for begin, end in sentences.split(text):
        start = begin
        while spans and (found := _MARKS.match(text, start)) and found.end() <= end:
            spans[-1] = (spans[-1][0], found.end())
            start = found.end()
        start += len(text[start:end]) - len(text[start:end].lstrip())
        if start < end:
            spans.append((start, end))
    return spans


def _numbers(written: str) -> Iterator[int]:
    yield from (int(number) for number in re.findall(r"\d{1,3}", written))


def _bare(address: str) -> str:
    return (
        address.casefold().rstrip(".,;:!?)»”\"'").removeprefix("https://").removeprefix("http://").removeprefix("www.")
    )
