"""The sections for a question, best first, each with what an answer needs beside it.

``ranking`` scores them; a reranker, where one is configured, reads the best again; the first ones are read sentence by
sentence.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.knowledge.index import Index
from assistant.knowledge.lexical import query_mass
from assistant.knowledge.ranking import Query, Ranking, rank
from assistant.knowledge.reranking import RERANKED, Reranker, by_both, headed
from assistant.knowledge.transliteration import gram_set, grams
from assistant.types import Filters, Hit, Kind, Language, Passage, Source

_SENTENCE_FROM_SECTION = 0.4
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with what an answer needs beside it.

    Attributes:
        hit: The section, its score and signals.
        kind: Kind of its document.
        source: Source of its document.
    """

    hit: Hit
    kind: Kind
    source: Source


@dataclass(frozen=True, slots=True)
class _About:
    """What the sentences of a hit are measured with: the question's idf mass by n-gram, and how rare it is."""

    mass: Mapping[int, float]
    rarity: float

    @classmethod
    def read(cls, index: Index, query: Query) -> _About:
        """Return those of a question."""
        return cls(query_mass(index.lexical, query.text), _rarity(index, query.whole))


def search(
    index: Index, query: Query, *, k: int = 10, filters: Filters | None = None, detailed: int = 0
) -> tuple[Found, ...]:
    """Return up to ``k`` sections for ``query``, best first, each once, in the reader's language if it exists.

    The first ``detailed`` hits also carry a score for each of their sentences.
    """
    if not index.rows or k <= 0:
        return ()
    ranking = rank(index, query, _allowed(index, filters))
    best = np.argsort(-ranking.score, kind="stable")
    if index.reranker is not None:
        best, ranking = _reranked(index, index.reranker, query, best, ranking)
    about = _About.read(index, query) if detailed else None
    return tuple(
        _found(index, query, ranking, int(place), about if order < detailed else None)
        for order, place in enumerate(best[:k])
    )


def _reranked(
    index: Index, reranker: Reranker, query: Query, best: NDArray[np.int64], ranking: Ranking
) -> tuple[NDArray[np.int64], Ranking]:
    """Return the places of the ranking, best first, in the order of both, and the ranking with scores that fall so.

    If the reranker fails, both stay as they are.
    """
    first = best[:RERANKED]
    shown = (_shown(index, _row(ranking, int(place)), query.reader) for place in first)
    try:
        relevance = reranker.relevance(query.whole, [headed(index.shelf.read(index.rows[row])[0]) for row in shown])
    except ModelError as error:
        _log.warning("the sections stay in the order of the search: %s", error)
        return best, ranking
    score = ranking.score.copy()
    order = first[by_both(score[first], relevance)]
    score[order] = ranking.score[first]
    return np.concatenate([order, best[RERANKED:]]), replace(ranking, score=score)


def _row(ranking: Ranking, place: int) -> int:
    """Return the row of the version by which the section at a place was found."""
    versions = np.flatnonzero(ranking.group == place)
    return int(ranking.rows[versions][np.argmax(ranking.lexical[versions])])


def _found(index: Index, query: Query, ranking: Ranking, place: int, about: _About | None) -> Found:
    """Return the section at a place of the ranking with its signals; with those of its sentences if ``about``."""
    versions = np.flatnonzero(ranking.group == place)
    rows = ranking.rows[versions]
    signals = {
        "lexical": float(ranking.words[place]),
        "bm25": float(ranking.bm25[rows].max()),
        "coverage": float(ranking.coverage[rows].max()),
    }
    prefix = "projected_" if ranking.projected else ""
    if ranking.dense is not None and not np.isnan(ranking.dense.section[versions]).all():
        signals[f"{prefix}section_cosine"] = float(np.nanmax(ranking.dense.section[versions]))
        signals[f"{prefix}sentence_cosine"] = float(np.nanmax(ranking.dense.sentence[versions]))
    row = _shown(index, _row(ranking, place), query.reader)
    passage, kind, source = index.shelf.read(index.rows[row])
    score = float(ranking.score[place])
    sentences: tuple[float, ...] = ()
    if about is not None:
        held = _sentence_coverage(passage, about.mass)
        units = _unit_cosines(index, row, ranking.vectors, len(held))
        signals["sentence_coverage"] = float(held.max()) if len(held) else 0.0
        signals["rarity"] = about.rarity
        if len(units):
            signals[f"{prefix}sentence_cosine_mean"] = float(units.mean())
        sentences = _sentence_scores(held, units, score)
    return Found(Hit(passage=passage, score=score, signals=signals, sentence_scores=sentences), kind, source)


def _allowed(index: Index, filters: Filters | None) -> NDArray[np.bool_] | None:
    """Return which rows pass the filters, or None when all do; mentors' answers only if asked for."""
    if filters is None or not filters.kinds:
        chosen = index.quotable
    else:
        chosen = np.array([row.kind in filters.kinds for row in index.rows], dtype=bool)
    if filters is None or not (filters.countries or filters.programmes):
        return chosen
    found = np.array(
        [
            (not filters.countries or row.country in filters.countries)
            and (not filters.programmes or row.programme in filters.programmes)
            for row in index.rows
        ],
        dtype=bool,
    )
    return found if chosen is None else found & chosen


def _shown(index: Index, row: int, reader: Language) -> int:
    """Return the row of the section's version in the reader's language, or the row that was found."""
    for version in index.versions[index.rows[row].section]:
        if index.rows[version].language == reader:
            return version
    return row


def _sentence_coverage(passage: Passage, mass: Mapping[int, float]) -> NDArray[np.float64]:
    """Return the share of the question's idf mass in each sentence of a passage, shape ``(sentences,)``."""
    total = sum(mass.values()) or 1.0
    grams = [gram_set(passage.quote(sentence)) for sentence in passage.sentences]
    return np.array([sum(m for code, m in mass.items() if code in held) for held in grams]) / total


def _rarity(index: Index, question: str) -> float:
    """Return how rare the question's n-grams are in this base: 0 all in every section, about 1 all in none."""
    codes = grams(question).codes
    return float(index.lexical.idf_of(codes).mean() / np.log1p(len(index.rows))) if len(codes) else 0.0


def _unit_cosines(index: Index, row: int, vectors: Sequence[NDArray[np.float32]], count: int) -> NDArray[np.float64]:
    """Return the cosine of each of a row's ``count`` sentences with the question; empty where silent.

    Of a row that the embedder cannot read, those of a version with as many sentences, because versions run parallel.
    """
    if not vectors:
        return np.empty(0)
    if index.offsets[row + 1] <= index.offsets[row]:
        readable = (v for v in index.versions[index.rows[row].section] if index.offsets[v + 1] > index.offsets[v])
        row = next((v for v in readable if len(index.shelf.read(index.rows[v])[0].sentences) == count), -1)
    if row < 0:
        return np.empty(0)
    start = int(index.offsets[row])
    return index.cosines(index.matrix[start + 1 : start + 1 + count], vectors[0])


def _sentence_scores(held: NDArray[np.float64], units: NDArray[np.float64], score: float) -> tuple[float, ...]:
    """Return a score for each sentence of a row: its section's, its n-grams' and its vector's together."""
    own = 0.5 * held + 0.5 * units if len(units) else held
    return tuple((_SENTENCE_FROM_SECTION * score + (1 - _SENTENCE_FROM_SECTION) * own).tolist())
