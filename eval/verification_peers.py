"""What others accept citations by: a fuzzy match of words, or a cosine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

import numpy as np

from assistant.knowledge.index import Index
from assistant.types import Language, Passage

Peer = Callable[[str, Language, Sequence[Passage], Index], float]


def fuzzy(sentence: str, _language: Language, cited: Sequence[Passage], _index: Index) -> float:
    """Return the partial ratio of a sentence and the version in its language, 0 to 1.

    The published idea: the text is cut to the length of the sentence wherever a block of both begins alike, and the
    best share of letters in common counts.
    """
    short, long = " ".join(sentence.lower().split()), " ".join(cited[0].text.lower().split())
    blocks = SequenceMatcher(None, long, short, autojunk=False).get_matching_blocks()
    starts = {max(0, block.a - block.b) for block in blocks if block.size > 1}
    windows = (long[start : start + len(short)] for start in starts)
    return max((SequenceMatcher(None, window, short, autojunk=False).ratio() for window in windows), default=0.0)


def cosine(sentence: str, language: Language, cited: Sequence[Passage], index: Index) -> float:
    """Return the cosine of a sentence and the nearest sentence of the cited section; 0 where neither has a vector."""
    vectors = index.meanings([sentence], language)
    rows = [row for row in index.versions.get(cited[0].section, ()) if index.offsets[row + 1] > index.offsets[row]]
    if not vectors or not rows:
        return 0.0
    counts = {row: len(index.shelf.read(index.rows[row])[0].sentences) for row in rows}
    starts = ((int(index.offsets[row]) + 1, counts[row]) for row in rows)
    return max(float(np.max(index.matrix[start : start + count] @ vectors[0], initial=-1.0)) for start, count in starts)


PEERS: dict[str, Peer] = {"fuzzy": fuzzy, "cosine": cosine}
