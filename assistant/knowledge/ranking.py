"""From a question to scored sections: one lexical leg for every language, one dense leg where it can read.

A section scores by the best of its language versions. Where the embedder cannot read the question, a projection that
the base taught itself may give it a vector (``projection.py``).

Scores are fused, not ranks: ``LEXICAL_WEIGHT`` of the n-gram score, scaled by the best of this search, and the rest of
the mean of two cosines, the section's own and that of its best sentence (of a reviewed section, the mean of its three
best sentences and ways of asking). A question that continues a conversation is scored twice, alone and behind the
earlier question, and the two are mixed. The weights were chosen on development data
(``docs/decisions/0001-retrieval.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.knowledge.index import Index
from assistant.types import Kind, Language

LEXICAL_WEIGHT = 0.3
BEST_UNITS = 3
"""Of a reviewed section, with its many ways of asking, one stray likeness says less than three."""
WANTED_BONUS = 0.04
NARROWER_MALUS = 0.05
SECTION_WEIGHT = 0.5
EARLIER_WEIGHT = 0.5
CANDIDATES = 100
_NEAREST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is searched for.

    Attributes:
        text: The question, cleaned.
        language: Its language; the dense side votes only if the embedder knows it.
        earlier: The question it continues, or empty.
        leans: Whether it says little without the earlier one, so that the two count alike.
        reader: Language in which the reader wants to see what is found.
        wanted: Documents that are about what the question names: their sections rank higher.
        unwanted: Documents that are about something else of the same sort: their sections are not found.
        narrower: Documents that are about one thing where the question names none: their sections rank lower.
    """

    text: str
    language: Language
    reader: Language
    earlier: str = ""
    leans: bool = False
    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()
    narrower: frozenset[str] = frozenset()

    @property
    def whole(self) -> str:
        """Everything that is asked: a question that leans says little without the one before it."""
        return f"{self.earlier} {self.text}" if self.leans else self.text


@dataclass(frozen=True, slots=True)
class Dense:
    """Cosines of candidate rows with a question, NaN where the embedder is silent.

    Attributes:
        section: Shape ``(candidates,)``: cosine of each section's own vector.
        sentence: Shape ``(candidates,)``: cosine of its best unit, or the mean of its best ``BEST_UNITS``.
    """

    section: NDArray[np.float64]
    sentence: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Shape ``(candidates,)``: the two cosines, weighted."""
        return SECTION_WEIGHT * self.section + (1 - SECTION_WEIGHT) * self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Scored candidates: rows, and the sections whose versions they are.

    Attributes:
        score: Shape ``(sections,)``: fused.
        group: Shape ``(candidates,)``: the section of each row, as a place in ``score``.
        rows: Shape ``(candidates,)``: rows of the index.
        lexical: Shape ``(candidates,)``: n-gram score, scaled by the best of this search.
        words: Shape ``(sections,)``: the same of each section's best version.
        bm25: Shape ``(rows of the index,)``: of the question without the earlier one unless it leans.
        coverage: Shape ``(rows of the index,)``: share of its idf mass.
        dense: Cosines of the candidates with the question, or None where the embedder is silent.
        vectors: The question's vector, and that of the question behind the earlier one.
        projected: Whether these are projected.
    """

    score: NDArray[np.float64]
    group: NDArray[np.int64]
    rows: NDArray[np.int64]
    lexical: NDArray[np.float64]
    words: NDArray[np.float64]
    bm25: NDArray[np.float64]
    coverage: NDArray[np.float64]
    dense: Dense | None
    vectors: Sequence[NDArray[np.float32]]
    projected: bool


def rank(index: Index, query: Query, allowed: NDArray[np.bool_] | None) -> Ranking:
    """Return the candidates with their scores, what is named taken into account."""
    now = index.lexical.score(query.whole)
    bm25 = _with_earlier(index, query, now.bm25)
    if allowed is not None:
        bm25 = np.where(allowed, bm25, -1.0)
    vectors, projected = _question_vectors(index, query)
    rows = _candidates(index, bm25, vectors, allowed, query.unwanted)
    sections, group = np.unique(index.sections[rows], return_inverse=True)
    dense = [_cosines(index, rows, vector) for vector in vectors]
    lexical = np.maximum(bm25[rows], 0) / max(bm25.max(), 1e-9)
    mean = _mix([each.mean for each in dense])
    words = _over_versions(lexical, group)
    score = _fuse(words, None if mean is None else _over_versions(mean, group), projected)
    if query.wanted or query.narrower:
        documents = {int(g): _document(index.rows[row].section) for g, row in zip(group, rows, strict=True)}
        wanted = np.array([documents[g] in query.wanted for g in range(len(sections))], dtype=bool)
        narrower = np.array([documents[g] in query.narrower for g in range(len(sections))], dtype=bool)
        score = score + WANTED_BONUS * wanted - NARROWER_MALUS * narrower  # not in place: it may be ``words`` itself
    return Ranking(
        score=score, group=group, rows=rows, lexical=lexical, words=words, bm25=now.bm25, coverage=now.coverage,
        dense=dense[0] if dense else None, vectors=vectors, projected=projected,
    )  # fmt: skip


def _with_earlier(index: Index, query: Query, whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the n-gram score of every row, with that of the earlier question; ``whole`` is of all that is asked."""
    if not query.earlier:
        return whole
    bm25 = index.lexical.score(query.text).bm25 if query.leans else whole
    weight = 1.0 if query.leans else EARLIER_WEIGHT
    return np.asarray(bm25 + weight * index.lexical.score(query.earlier).bm25)


def _question_vectors(index: Index, query: Query) -> tuple[list[NDArray[np.float32]], bool]:
    """Return the question's vector, and that of the question behind the earlier one, and whether they are projected.

    There are none if the embedder does not know the language and nothing parallel taught the base to project it, or
    while the embedder does not answer.
    """
    texts = [query.text] + ([f"{query.earlier} {query.text}"] if query.earlier else [])
    vectors = index.meanings(texts, query.language)
    return vectors, bool(vectors) and not index.reads(query.language)


def _candidates(
    index: Index,
    bm25: NDArray[np.float64],
    vectors: Sequence[NDArray[np.float32]],
    allowed: NDArray[np.bool_] | None,
    unwanted: frozenset[str],
) -> NDArray[np.int64]:
    """Return the rows to score exactly: the best by n-grams, those with the nearest vectors, and their versions."""
    count = min(CANDIDATES, len(bm25))
    parts = [np.argpartition(-bm25, count - 1)[:count]]
    for vector in vectors:
        near = index.vectors.nearest(vector, _NEAREST)
        parts.append(index.owners[near[(near >= 0) & (near < len(index.owners))]])
    near_sections = dict.fromkeys(index.rows[row].section for row in np.unique(np.concatenate(parts)))
    wanted = (section for section in near_sections if _document(section) not in unwanted)
    rows = np.array(sorted(row for section in wanted for row in index.versions[section]), dtype=np.int64)
    return rows if allowed is None else rows[allowed[rows]]


def _cosines(index: Index, rows: NDArray[np.int64], vector: NDArray[np.float32]) -> Dense:
    """Return the exact cosines of the candidates, gathered from the stored vectors."""
    starts, ends = index.offsets[rows], index.offsets[rows + 1]
    section = np.full(len(rows), np.nan)
    sentence = np.full(len(rows), np.nan)
    spoken = np.flatnonzero(ends > starts)
    if len(spoken):
        lengths = (ends - starts)[spoken]
        bounds = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        owners = np.repeat(np.arange(len(spoken)), lengths)
        places = np.arange(lengths.sum()) - bounds[owners]
        cosines = index.cosines(index.matrix[starts[spoken][owners] + places], vector)
        section[spoken] = cosines[bounds]
        reviewed = np.array([index.rows[row].kind != Kind.OTHER for row in rows[spoken]])
        is_unit = (places > 0) | (lengths == 1)[owners]  # the section itself is no unit, unless it has none
        sentence[spoken] = _best_units(cosines[is_unit], owners[is_unit], np.where(reviewed, BEST_UNITS, 1))
    return Dense(section, sentence)


def _best_units(
    cosines: NDArray[np.float64], owners: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean of each owner's best ``counts`` cosines, or of all if it has fewer; owners count from 0."""
    order = np.lexsort((-cosines, owners))
    begins = np.searchsorted(owners, np.arange(len(counts)))
    kept = order[np.arange(len(order)) - begins[owners] < counts[owners]]
    sums = np.bincount(owners[kept], cosines[kept], len(counts))
    return np.asarray(sums / np.bincount(owners[kept], minlength=len(counts)))


def _mix(means: Sequence[NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """Return the mean of the question alone and in context, or None when the dense side is silent."""
    if not means:
        return None
    if len(means) == 1:
        return means[0]
    return (1 - EARLIER_WEIGHT) * means[0] + EARLIER_WEIGHT * means[1]


def _document(section: str) -> str:
    """Return the document of a section's id."""
    return section.partition("#")[0]


def _over_versions(values: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the best value of each section's versions, shape ``(sections,)``; NaN where all are."""
    best = np.full(group.max() + 1 if len(group) else 0, np.nan)
    np.fmax.at(best, group, values)
    return best


def _fuse(words: NDArray[np.float64], meaning: NDArray[np.float64] | None, projected: bool) -> NDArray[np.float64]:
    """Return the score of each section from its words and its meaning, if the question's meaning is known.

    A section that the embedder cannot read scores nothing for meaning, except beside a projected question: such a
    section may well be in the question's own language, so its words stand in.
    """
    if meaning is None or np.isnan(meaning).all():
        return words
    silent = words * np.nanmax(meaning) if projected else np.zeros(len(words))
    return LEXICAL_WEIGHT * words + (1 - LEXICAL_WEIGHT) * np.where(np.isnan(meaning), silent, meaning)
