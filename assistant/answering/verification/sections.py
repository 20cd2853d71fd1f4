"""A cited section as a sentence is compared with it: what it says as a whole, and unit by unit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from assistant.answering.verification.claims import Fact, facts, periods
from assistant.answering.verification.mentions import Mentions, mentions
from assistant.answering.verification.polarity import Stance, stance, stems
from assistant.knowledge.transliteration import gram_set
from assistant.types import Passage, Sentence

_LONGEST_TABLE = 1500


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, list item or table row, read with the sentence that introduces its list and the table's header.

    "Read" below means: with that sentence and that header.

    Attributes:
        place: Its place among the passage's sentences.
        start: Offset in the passage of what is quoted for it; of a row, where its table begins.
        end: Offset after it.
        lead: Place of the sentence that introduces its list or table; None if none does.
        text: It alone.
        grams: Its n-grams, read, and those of the titles above.
        facts: What it states in figures, read.
        periods: Units that it mentions, read.
        mentions: What it names, read, and what the titles name.
        own: What it names, read.
        stance: What it denies, demands and allows; of an item, with its introduction.
        sequence: Beginnings of its longer words, read, in order.
        block: Ordinal of its list; None if it is no item of one.
    """

    place: int
    start: int
    end: int
    lead: int | None
    text: str
    grams: frozenset[int]
    facts: tuple[Fact, ...]
    periods: frozenset[str]
    mentions: Mentions
    own: Mentions
    stance: Stance
    sequence: tuple[str, ...]
    block: int | None

    @property
    def stems(self) -> frozenset[str]:
        """Beginnings of its longer words."""
        return frozenset(self.sequence)


@dataclass(frozen=True, slots=True)
class Section:
    """One language version of a cited section.

    Attributes:
        passage: It.
        facts: What titles and text state in figures.
        periods: Units that they mention.
        mentions: What they name.
    """

    passage: Passage
    facts: tuple[Fact, ...]
    periods: frozenset[str]
    mentions: Mentions

    @property
    def units(self) -> tuple[Unit, ...]:
        """What can be quoted of it, in order."""
        return _units(_Key(self.passage))

    @property
    def grams(self) -> frozenset[int]:
        """The n-grams of titles and text."""
        return gram_set(f"{_titles(self.passage)}\n{self.passage.text}")


def read(passage: Passage) -> Section:
    """Return a passage as a sentence is compared with it; remembered by its text."""
    return _read(_Key(passage))


class _Key:
    """Makes passages with the same text one key, without comparing their sentences."""

    __slots__ = ("key", "passage")

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.key = (passage.section, passage.language, passage.heading, passage.context, passage.text)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.key == other.key


def _titles(passage: Passage) -> str:
    return "\n".join([*passage.context, passage.heading])


@lru_cache(maxsize=2048)
def _read(key: _Key) -> Section:
    passage, language = key.passage, key.passage.language
    whole = f"{_titles(passage)}\n{passage.text}"
    return Section(passage, facts(whole, language), periods(whole, language), mentions(whole, language))


@lru_cache(maxsize=1024)
def _units(key: _Key) -> tuple[Unit, ...]:
    passage = key.passage
    titles = _titles(passage)
    named = mentions(titles, passage.language)
    places = (place for place, each in enumerate(passage.sentences) if each.form != "heading")
    return tuple(_unit(passage, place, titles, named) for place in places)


def _unit(passage: Passage, place: int, titles: str, named: Mentions) -> Unit:
    language, sentence = passage.language, passage.sentences[place]
    text, lead = passage.quote(sentence), _lead(passage, place)
    introduction = passage.quote(passage.sentences[lead]) if lead is not None else ""
    start, header = _table(passage, sentence)
    whole = "\n".join(part for part in (introduction, header, text) if part)
    own = mentions(whole, language)
    return Unit(
        place=place, start=start, end=sentence.end, lead=lead, text=text,
        grams=gram_set(f"{titles}\n{whole}"), facts=facts(whole, language), periods=periods(whole, language),
        mentions=named.joined(own), own=own, stance=stance(f"{introduction}\n{text}", language),
        sequence=stems(whole, language), block=sentence.block if sentence.form == "item" else None,
    )  # fmt: skip


def _lead(passage: Passage, place: int) -> int | None:
    """Return the place of the sentence that introduces the list or table of another, None if there is none."""
    block = passage.sentences[place].block
    if passage.sentences[place].form not in ("item", "row"):
        return None
    before = next((at for at in range(place - 1, -1, -1) if passage.sentences[at].block < block), None)
    if before is None or passage.sentences[before].form != "prose":
        return None
    return before if passage.quote(passage.sentences[before]).rstrip().endswith(":") else None


def _table(passage: Passage, sentence: Sentence) -> tuple[int, str]:
    """Return where what is quoted for a sentence begins, and the header of its table."""
    if sentence.form != "row":
        return sentence.start, ""
    block = passage.blocks[sentence.block]
    above = passage.text[block.start : sentence.start]
    start = block.start + len(above) - len(above.lstrip())
    header = above.lstrip().partition("\n")[0]
    return (start if sentence.end - start <= _LONGEST_TABLE else sentence.start), header
