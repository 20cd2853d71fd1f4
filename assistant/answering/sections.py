"""A cited section as a sentence is compared with it: what it says as a whole, and unit by unit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from assistant.answering.claims import Fact, facts, periods
from assistant.answering.mentions import Mentions, mentions
from assistant.answering.polarity import Stance, stance, stems
from assistant.knowledge.transliteration import gram_set
from assistant.types import Passage, Sentence

_LONGEST_TABLE = 1500


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, list item or table row, read with the sentence that introduces its list and the table's header.

    Attributes:
        place: Its place among the passage's sentences.
        start: Offset in the passage of what is quoted for it; of a row, where its table begins.
        end: Offset after it.
        lead: Place of the sentence that introduces its list or table; None if none does.
        text: It alone.
        whole: It with header and introduction.
        grams: The n-grams of ``whole`` and of the titles above.
        facts: What ``whole`` states in figures.
        periods: Units that ``whole`` mentions.
        mentions: What ``whole`` and the titles name.
        own: What ``whole`` alone names.
        stance: What ``text`` denies, demands and allows; of an item, with its introduction.
        sequence: Beginnings of the longer words of ``whole``, in order.
        block: Ordinal of its list; None if it is no item of one.
    """

    place: int
    start: int
    end: int
    lead: int | None
    text: str
    whole: str
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
        units: What can be quoted of it, in order.
        grams: The n-grams of titles and text.
        facts: What titles and text state in figures.
        periods: Units that they mention.
        mentions: What they name.
        stance: What the text denies, demands and allows.
    """

    passage: Passage
    units: tuple[Unit, ...]
    grams: frozenset[int]
    facts: tuple[Fact, ...]
    periods: frozenset[str]
    mentions: Mentions
    stance: Stance


def read(passage: Passage) -> Section:
    """Return a passage as a sentence is compared with it; remembered by its text."""
    return _read(_Key(passage))


class _Key:
    """Makes passages with the same text one key, without reading their sentences again."""

    __slots__ = ("key", "passage")

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.key = (passage.section, passage.language, passage.heading, passage.context, passage.text)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.key == other.key


@lru_cache(maxsize=2048)
def _read(key: _Key) -> Section:
    passage, language = key.passage, key.passage.language
    titles = "\n".join([*passage.context, passage.heading])
    whole = f"{titles}\n{passage.text}"
    return Section(
        passage=passage,
        units=tuple(
            _unit(passage, place, titles) for place, each in enumerate(passage.sentences) if each.form != "heading"
        ),
        grams=gram_set(whole),
        facts=facts(whole, language),
        periods=periods(whole, language),
        mentions=mentions(whole, language),
        stance=stance(whole, language),
    )


def _unit(passage: Passage, place: int, titles: str) -> Unit:
    language = passage.language
    sentence = passage.sentences[place]
    text = passage.quote(sentence)
    lead = _lead(passage, place)
    introduction = passage.quote(passage.sentences[lead]) if lead is not None else ""
    start, header = _table(passage, sentence)
    whole = "\n".join(part for part in (introduction, header, text) if part)
    return Unit(
        place=place, start=start, end=sentence.end, lead=lead, text=text, whole=whole,
        grams=gram_set(f"{titles}\n{whole}"), facts=facts(whole, language), periods=periods(whole, language),
        mentions=mentions(f"{titles}\n{whole}", language), own=mentions(whole, language),
        stance=stance(f"{introduction}\n{text}", language), sequence=stems(whole, language),
        block=sentence.block if sentence.form == "item" else None,
    )  # fmt: skip


def _lead(passage: Passage, place: int) -> int | None:
    """Return the place of the sentence that introduces the list or table of another, None if there is none."""
    sentence = passage.sentences[place]
    if sentence.form not in ("item", "row"):
        return None
    before = [at for at in range(place) if passage.sentences[at].block < sentence.block]
    if (
        before
        and passage.sentences[before[-1]].form == "prose"
        and passage.quote(passage.sentences[before[-1]]).rstrip().endswith(":")
    ):
        return before[-1]
    return None


def _table(passage: Passage, sentence: Sentence) -> tuple[int, str]:
    """Return where what is quoted for a sentence begins, and the header of its table."""
    if sentence.form != "row":
        return sentence.start, ""
    block = passage.blocks[sentence.block]
    header = passage.text[block.start : sentence.start].lstrip().split("\n", 1)[0]
    start = (
        block.start
        + len(passage.text[block.start : sentence.start])
        - len(passage.text[block.start : sentence.start].lstrip())
    )
    return (start if sentence.end - start <= _LONGEST_TABLE else sentence.start), header
