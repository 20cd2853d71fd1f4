"""Which sentences answer: the best one, what belongs to it, and no more sections than needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.answering.aspects import RULES, aspects
from assistant.knowledge.published import TOLD
from assistant.knowledge.retrieval import Found
from assistant.knowledge.transliteration import gram_set
from assistant.types import Block, Kind, Passage, Sentence

MOST_QUOTES = 4
MOST_SECTIONS = 2
"""Of the user's own documents."""
MOST_REVIEWED_SECTIONS = 3
"""Which of three near sections of the curated base answers best is often a matter of opinion, and each opens with its
answer."""
MOST_FROM_FIRST = 5
"""Of the best reviewed section: how it opens, its list, and its best sentences."""
LEAST_FROM_OTHERS = 3
"""In documents that were not written to be quoted the answer is often in the second or third best sentence."""
_SECTION_BAR = 0.8
"""A further section is quoted only if it scores this share of the first."""
_SENTENCE_BAR = 0.8
"""In the user's own documents a further sentence is quoted only if it scores this share of the best."""
_REVIEWED_SENTENCE_BAR = 0.4
"""The same in the curated base, whose sections are short."""
_OPENING_BAR = 0.6
"""The curated base puts the answer into a section's first sentence: it is quoted first from this share on."""
_POINTER = 0.6
"""A sentence that points to another document repeats its heading, not its answer: it counts for less."""
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
    """Return what to quote, the best first, then what else its section says, then further sections.

    A chosen list item or table row brings its whole list or table with the sentence that introduces it, and such
    a sentence brings its list, so that nothing is torn apart.
    """
    ranked = sorted(_candidates(found), key=lambda quote: -quote.score)
    if ranked and found[0].kind is not Kind.OTHER:
        return tuple(_reading_order(_reviewed(found, ranked)))
    good = [quote for quote in ranked if quote.score >= _SENTENCE_BAR * ranked[0].score]
    good = [*good, *(quote for quote in ranked[len(good) : LEAST_FROM_OTHERS])]
    chosen: list[Quote] = []
    for quote in good:
        sections = {other.found.hit.passage.section for other in chosen}
        known = quote.found.hit.passage.section in sections
        if len(chosen) < MOST_QUOTES and (known or len(sections) < MOST_SECTIONS):
            _add(chosen, quote)
    return tuple(_reading_order(chosen))


def rules_first(question: str, found: Sequence[Found]) -> tuple[Found, ...]:
    """Return what was found with participants' own stories behind everything else, if the question is one of rules."""
    if not aspects(question) & RULES:
        return tuple(found)
    return tuple(sorted(found, key=lambda each: each.hit.passage.document.startswith(f"{TOLD}/")))


def _reviewed(found: Sequence[Found], ranked: Sequence[Quote]) -> list[Quote]:
    """Return what to quote of the curated base: the best section at more length, of the next ones two sentences."""
    chosen: list[Quote] = []
    by_section = [[quote for quote in ranked if quote.found is each] for each in found]
    first, *others = [own for own in by_section if own][:MOST_REVIEWED_SECTIONS]
    good = [quote for quote in first if quote.score >= _REVIEWED_SENTENCE_BAR * first[0].score]
    for quote in [*_opening(first), *_announcing(first), *good][:MOST_FROM_FIRST]:
        _add(chosen, quote)
    for own in others:
        alone = [quote for quote in own if _stands_alone(quote)] or own
        for quote in [*_opening(alone), alone[0]]:
            _add(chosen, quote)
    return chosen


def _add(chosen: list[Quote], quote: Quote) -> None:
    """Add a quote with what belongs to it, unless it is said already."""
    chosen += [part for part in _together(quote) if not any(_repeats(part, other) for other in chosen)]


def _opening(own: Sequence[Quote]) -> list[Quote]:
    """Return the first sentence of a curated section, where its answer is written, unless it is far from the best."""
    first = min(own, key=lambda quote: quote.start)
    return [first] if first.score >= _OPENING_BAR * own[0].score else []


def _stands_alone(quote: Quote) -> bool:
    """Return whether a quote is a sentence that brings no list along.

    Of a further section two sentences are enough: how it opens, and its best.
    """
    passage = quote.found.hit.passage
    form = next(sentence.form for sentence in passage.sentences if sentence.start == quote.start)
    return form == "prose" and not quote.text.rstrip().endswith(":")


def _announcing(own: Sequence[Quote]) -> list[Quote]:
    """Return the sentence that introduces the section's first list or table: there stand the steps and the sums."""
    ends_in_colon = (quote for quote in own if quote.text.rstrip().endswith(":"))
    return sorted(ends_in_colon, key=lambda quote: quote.start)[:1]


def _candidates(found: Sequence[Found]) -> Iterator[Quote]:
    """Yield every sentence of the hits that come near the first one, with its score."""
    for each in found:
        hit = each.hit
        if hit.score < _SECTION_BAR * found[0].hit.score or not hit.sentence_scores:
            continue
        for sentence, score in zip(hit.passage.sentences, hit.sentence_scores, strict=True):
            if sentence.form == "heading":
                continue
            pointer = sentence.form == "prose" and "](" in hit.passage.quote(sentence)
            yield Quote(each, sentence.start, sentence.end, score * (_POINTER if pointer else 1.0))


def _together(quote: Quote) -> list[Quote]:
    """Return a sentence with what belongs to it: its list or table, and the sentence that introduces that."""
    passage = quote.found.hit.passage
    place = next(i for i, s in enumerate(passage.sentences) if s.start == quote.start)
    sentence = passage.sentences[place]
    if sentence.form in ("item", "row"):
        whole = _block(quote, passage.blocks[sentence.block])
        before = [s for s in passage.sentences[:place] if s.block < sentence.block]
        introduced = before and before[-1].form == "prose" and _announces(passage, before[-1])
        lead = [Quote(quote.found, before[-1].start, before[-1].end, quote.score)] if introduced else []
        return [*lead, whole or quote]
    following = passage.sentences[place + 1 : place + 2]
    if following and following[0].form in ("item", "row") and _announces(passage, sentence):
        whole = _block(quote, passage.blocks[following[0].block])
        return [quote, whole] if whole else [quote]
    return [quote]


def _announces(passage: Passage, sentence: Sentence) -> bool:
    """Return whether a sentence ends in a colon, so that what follows belongs to it."""
    return passage.quote(sentence).rstrip().endswith(":")


def _block(quote: Quote, block: Block) -> Quote | None:
    """Return a whole list or table as one quote, or None if it is very long."""
    if block.end - block.start > _LONGEST_BLOCK:
        return None
    return Quote(quote.found, *_trimmed(quote.found.hit.passage, block), quote.score)


def _trimmed(passage: Passage, block: Block) -> tuple[int, int]:
    text = passage.text[block.start : block.end]
    return block.start + len(text) - len(text.lstrip()), block.start + len(text.rstrip())


def _repeats(quote: Quote, other: Quote) -> bool:
    """Return whether one quote holds the other, or both say nearly the same."""
    if quote.found.hit.passage is other.found.hit.passage:
        return quote.start < other.end and other.start < quote.end
    first, second = gram_set(quote.text), gram_set(other.text)
    return len(first & second) >= _SAME * max(1, min(len(first), len(second)))


def _reading_order(chosen: Sequence[Quote]) -> Iterator[Quote]:
    """Yield the quotes by section, the best section first; within it the best quote, then as it is read.

    A list or table is never parted from the sentence that introduces it.
    """
    for section in dict.fromkeys(quote.found.hit.passage.section for quote in chosen):
        own = [quote for quote in chosen if quote.found.hit.passage.section == section]
        bound = 2 if len(own) > 1 and own[0].text.rstrip().endswith(":") else 1
        yield from own[:bound]
        yield from sorted(own[bound:], key=lambda quote: quote.start)
