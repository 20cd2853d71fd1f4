"""What a finding shows of its section: the sentences that hold the reader's words, with these marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from html import unescape

from assistant.knowledge.transliteration import fold
from assistant.types import Passage, Sentence
from assistant.web import rendering
from assistant.web.library.words import common_words

SENTENCES = 2
LONGEST = 320
"""Characters shown of one sentence, at most."""

_LONGEST_READ = 2 * LONGEST
"""Characters of Markdown read for them; the rest of an endless line is not worth the time."""

_ASKED_WORDS = 30
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+|\W+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of plain text, and whether it is one of the reader's words."""

    text: str
    marked: bool


Pieces = tuple[Piece, ...]


def asked_words(question: str) -> tuple[str, ...]:
    """Return up to 30 words of a question, folded, without those that say nothing if others are left."""
    every = tuple(dict.fromkeys(fold(question).split()))[:_ASKED_WORDS]
    return tuple(word for word in every if word not in common_words()) or every


def holds(passage: Passage, asked: Collection[str]) -> bool:
    """Return whether any of the folded words stands in a section or in the titles above it."""
    return any(is_asked(word, asked) for word in set(fold("\n".join([*_titles(passage), passage.text])).split()))


def marked(text: str, asked: Collection[str]) -> Pieces:
    """Return plain text in pieces, those that are among the folded words marked."""
    return tuple(Piece(part, marked=is_asked(fold(part), asked)) for part in _WORD.findall(text))


def excerpt(passage: Passage, asked: Collection[str]) -> tuple[Pieces, ...]:
    """Return up to two sentences of a section in reading order: those with most of the words, else the first."""
    sentences = [each for each in passage.sentences if each.form != "heading"]
    met = [_met(passage.quote(each), asked) for each in sentences]
    best = sorted(range(len(sentences)), key=lambda place: (-met[place], place))[:SENTENCES]
    shown = [place for place in best if met[place]] or best
    return tuple(marked(_plain(passage, sentences[place]), asked) for place in sorted(shown))


def is_asked(word: str, asked: Iterable[str]) -> bool:
    """Return whether a folded word is one of those asked, whatever its ending."""
    return any(_alike(word, each) for each in asked)


def _alike(first: str, second: str) -> bool:
    """Return whether two folded words begin alike: the shorter one may differ in its last one or two letters."""
    shorter = min(len(first), len(second))
    if shorter < 3:
        return first == second
    spare = 0 if shorter == 3 else 1 if shorter < 8 else 2
    return first[: shorter - spare] == second[: shorter - spare]


def _met(text: str, asked: Collection[str]) -> int:
    """Return how many different words of a sentence, as far as it is read, are among those asked."""
    return sum(is_asked(word, asked) for word in set(fold(text[:_LONGEST_READ]).split()))


def _titles(passage: Passage) -> tuple[str, ...]:
    return (*passage.context, passage.heading)


def _plain(passage: Passage, sentence: Sentence) -> str:
    """Return a sentence without its Markdown, the cells of a row parted by dots, cut at a word if it is long."""
    source = passage.quote(sentence)[:_LONGEST_READ]
    if sentence.form == "row":
        source = " · ".join(cell.strip() for cell in source.strip().strip("|").split("|"))
    text = unescape(_TAG.sub("", rendering.html(source))).strip()
    if len(text) <= LONGEST:
        return text
    cut = text[:LONGEST]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut} …"
