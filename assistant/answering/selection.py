"""Which sentences answer: the best one, what belongs to it, and no more sections than needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.knowledge.retrieval import Found
from assistant.knowledge.transliteration import gram_set
from assistant.types import Block, Kind, Passage, Sentence

MOST_QUOTES = 4
MOST_SECTIONS = 2
_SECTION_BAR = 0.85
"""A second section is quoted only if it scores this share of the first."""
_SENTENCE_BAR = 0.8
"""A further sentence is quoted only if it scores this share of the best."""
_FIRST_BONUS = 0.12
"""The curated base puts the answer into a section's first sentence."""
_SAME = 0.8
_LONGEST_BLOCK = 2500


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a passage worth quoting, as offsets into its text.

    Attributes:
        found: The hit it is cut from.
        start: Offset of its first character.
        end: Offset after its last.
        score: How well it answers.
    """

    found: Found
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The literal text."""
        return self.found.hit.passage.text[self.start : self.end]


def select(found: Sequence[Found]) -> tuple[Quote, ...]:
    """Return what to quote, the best first, then what else its section says, then a second section.

    A chosen list item or table row brings its whole list or table, so that nothing is torn out of it.
    """
    ranked = sorted(_candidates(found), key=lambda quote: -quote.score)
    if not ranked:
        return ()
    chosen: list[Quote] = []
    for quote in ranked:
        if len(chosen) == MOST_QUOTES or quote.score < _SENTENCE_BAR * ranked[0].score:
            break
        whole = _whole(quote)
        if any(_repeats(whole, other) for other in chosen):
            continue
        sections = {other.found.hit.passage.section for other in chosen}
        if whole.found.hit.passage.section not in sections and len(sections) == MOST_SECTIONS:
            continue
        chosen += [each for each in (_introduction(whole), whole) if each and each not in chosen]
    return tuple(_reading_order(chosen))


def _candidates(found: Sequence[Found]) -> Iterator[Quote]:
    """Yield every sentence of the hits that come near the first one, with its score."""
    for each in found:
        hit = each.hit
        if hit.score < _SECTION_BAR * found[0].hit.score or not hit.sentence_scores:
            continue
        curated = each.kind is not Kind.OTHER
        for place, (sentence, score) in enumerate(zip(hit.passage.sentences, hit.sentence_scores, strict=True)):
            if sentence.form == "heading":
                continue
            bonus = _FIRST_BONUS if curated and place == 0 else 0.0
            yield Quote(each, sentence.start, sentence.end, score + bonus)


def _whole(quote: Quote) -> Quote:
    """Return the whole list or table of a chosen item or row, unless it is very long."""
    passage = quote.found.hit.passage
    sentence = next(s for s in passage.sentences if s.start == quote.start)
    if sentence.form not in ("item", "row"):
        return quote
    block = passage.blocks[sentence.block]
    if block.end - block.start > _LONGEST_BLOCK:
        return quote
    return Quote(quote.found, *_trimmed(passage, block), quote.score)


def _trimmed(passage: Passage, block: Block) -> tuple[int, int]:
    text = passage.text[block.start : block.end]
    return block.start + len(text) - len(text.lstrip()), block.start + len(text.rstrip())


def _introduction(quote: Quote) -> Quote | None:
    """Return the sentence that introduces a quoted list or table, if one ends in a colon before it."""
    passage = quote.found.hit.passage
    before = [s for s in passage.sentences if s.end <= quote.start]
    if not before or _form_at(passage, quote) == "prose" or before[-1].form != "prose":
        return None
    sentence = before[-1]
    if not passage.quote(sentence).rstrip().endswith(":"):
        return None
    return Quote(quote.found, sentence.start, sentence.end, quote.score)


def _form_at(passage: Passage, quote: Quote) -> str:
    inside: list[Sentence] = [s for s in passage.sentences if quote.start <= s.start < quote.end]
    return inside[0].form if inside else "prose"


def _repeats(quote: Quote, other: Quote) -> bool:
    """Return whether one quote holds the other, or both say nearly the same."""
    if quote.found.hit.passage is other.found.hit.passage:
        return quote.start < other.end and other.start < quote.end
    first, second = gram_set(quote.text), gram_set(other.text)
    return len(first & second) >= _SAME * max(1, min(len(first), len(second)))


def _reading_order(chosen: Sequence[Quote]) -> Iterator[Quote]:
    """Yield the quotes by section, the best section first; within it the best quote, then as it is read.

    A list or table follows the sentence that introduces it, even when it is itself the best.
    """
    sections = list(dict.fromkeys(quote.found.hit.passage.section for quote in chosen))
    for section in sections:
        own = [quote for quote in chosen if quote.found.hit.passage.section == section]
        rest = sorted(own[1:], key=lambda quote: quote.start)
        if own and rest and (lead := _introduction(own[0])) in rest:
            rest.remove(lead)
            yield lead
        yield own[0]
        yield from rest
