"""BM25 over transliterated character n-grams: the leg of the search that speaks every language.

The postings are one sparse matrix, built with NumPy, opened memory-mapped, so that opening is instant and
the text itself is not kept. Measured against bm25s on the same n-grams in
``docs/decisions/0002-lexical-index.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from assistant.knowledge.transliteration import Grams, grams

K1 = 1.5
B = 0.75
WORD_EVENNESS = 0.5
"""How far long words are kept from outvoting short ones: each n-gram of a question weighs
``1 / (n-grams of its word) ** WORD_EVENNESS``. 0 lets a word weigh by its length, 1 makes words equal."""

FILES = ("codes", "starts", "rows", "weights", "size")


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """What the n-grams say about every passage.

    Attributes:
        bm25: Shape ``(passages,)``: BM25 divided by the question's weight, so that questions of any
            length compare; about 0 to 3.
        coverage: Shape ``(passages,)``: share of the question's idf mass that the passage holds, 0 to 1.
    """

    bm25: NDArray[np.float64]
    coverage: NDArray[np.float64]


class Lexical(Protocol):
    """What a search needs of a lexical index."""

    def score(self, question: str) -> LexicalScores:
        """Return how well every passage matches ``question``."""
        ...

    def idf_of(self, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the inverse document frequency of each code; unknown codes are the rarest."""
        ...


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Inverted lists of n-grams.

    Attributes:
        codes: Shape ``(grams,)``, sorted: the distinct n-gram codes.
        postings: Shape ``(passages, grams)``, by column: the BM25 weight of each n-gram in each passage
            (Robertson and Zaragoza 2009, with Lucene's idf).
    """

    codes: NDArray[np.int64]
    postings: csc_matrix

    @property
    def size(self) -> int:
        """Number of passages."""
        return int(self.postings.shape[0])

    @classmethod
    def build(cls, texts: Sequence[str], beside: LexicalIndex | None = None) -> LexicalIndex:
        """Return an index of ``texts``, whose positions become the passages' rows.

        Args:
            texts: What is searched.
            beside: Another index that tells how rare n-grams are, so that scores of both compare; else these texts do.
        """
        found = [np.unique(grams(text).codes, return_counts=True) for text in texts]
        lengths = np.array([counts.sum() for _, counts in found], dtype=np.int64)
        nothing = np.empty(0, dtype=np.int64)
        keys = np.concatenate([*(codes for codes, _ in found), nothing])
        counts = np.concatenate([*(times for _, times in found), nothing])
        rows = np.repeat(np.arange(len(texts), dtype=np.int32), [len(codes) for codes, _ in found])
        order = np.argsort(keys, kind="stable")
        keys, counts, rows = keys[order], counts[order], rows[order]
        codes, begins, holders = np.unique(keys, return_index=True, return_counts=True)
        norm = K1 * (1 - B + B * lengths / max(lengths.mean() if len(lengths) else 1.0, 1.0))
        rarity = beside.idf_of(codes) if beside else _idf(holders, max(len(texts), 1))
        idf = np.repeat(rarity, holders)
        weights = (idf * counts * (K1 + 1) / (counts + norm[rows])).astype(np.float32)
        return cls(codes, _matrix(weights, rows, np.append(begins, len(keys)), len(texts)))

    def score(self, question: str) -> LexicalScores:
        """Return how well every passage matches ``question``."""
        codes, weights = _query_weights(grams(question))
        return self.score_grams(codes, weights, self.idf_of(codes))

    def score_grams(
        self, codes: NDArray[np.int64], weights: NDArray[np.float64], idf: NDArray[np.float64]
    ) -> LexicalScores:
        """Return how well every passage matches a question's distinct n-grams, by their weight and rarity."""
        known, at = self._places(codes)
        if not known.any():
            return LexicalScores(np.zeros(self.size), np.zeros(self.size))
        mass = weights * idf
        columns = self.postings[:, at[known]]
        bm25 = columns @ weights[known].astype(np.float32)
        columns.data = np.ones_like(columns.data)
        held = columns @ mass[known].astype(np.float32)
        return LexicalScores(bm25.astype(np.float64) / weights.sum(), held.astype(np.float64) / mass.sum())

    def idf_of(self, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the inverse document frequency of each code; unknown codes are the rarest."""
        known, at = self._places(codes)
        holders = np.zeros(len(codes), dtype=np.int64)
        holders[known] = np.diff(self.postings.indptr)[at[known]]
        return _idf(holders, max(self.size, 1))

    def _places(self, codes: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Return which codes the index holds, and the column of each that it does."""
        at = np.searchsorted(self.codes, codes)
        known = at < len(self.codes)
        known[known] = self.codes[at[known]] == codes[known]
        return known, at

    def save(self, folder: Path) -> None:
        """Write the arrays to ``folder``, one ``.npy`` file each."""
        folder.mkdir(parents=True, exist_ok=True)
        parts = (self.codes, self.postings.indptr, self.postings.indices, self.postings.data, np.array(self.size))
        for name, part in zip(FILES, parts, strict=True):
            np.save(folder / f"{name}.npy", part)

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """Return the index saved in ``folder``, memory-mapped.

        Raises:
            OSError: If a file is missing.
            ValueError: If a file is damaged or the arrays do not fit one another.
        """
        try:
            codes, starts, rows, weights = (np.asarray(np.load(folder / f"{n}.npy", mmap_mode="r")) for n in FILES[:-1])
            size = int(np.load(folder / "size.npy"))
        except EOFError as error:
            raise ValueError(f"a file of the lexical index in {folder} is empty; rebuild the index") from error
        if len(starts) != len(codes) + 1 or len(rows) != len(weights) or starts[-1] != len(rows):
            raise ValueError(f"the lexical index in {folder} does not fit together; rebuild the index")
        return cls(codes, _matrix(weights, rows, starts, size))


@dataclass(frozen=True, slots=True)
class JoinedLexical:
    """Two indexes searched as one: the rows of ``base`` first, then those of ``added``, built beside it."""

    base: LexicalIndex
    added: LexicalIndex

    def score(self, question: str) -> LexicalScores:
        """Return how well every passage of both matches ``question``; the base tells how rare its n-grams are."""
        codes, weights = _query_weights(grams(question))
        idf = self.base.idf_of(codes)
        both = [part.score_grams(codes, weights, idf) for part in (self.base, self.added)]
        return LexicalScores(
            np.concatenate([each.bm25 for each in both]), np.concatenate([each.coverage for each in both])
        )

    def idf_of(self, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the inverse document frequency of each code in the base."""
        return self.base.idf_of(codes)


def _matrix(weights: NDArray[np.float32], rows: NDArray[np.int32], starts: NDArray[np.int64], size: int) -> csc_matrix:
    """Return the postings as a sparse matrix over the given arrays, not copied."""
    narrow = starts.astype(np.int32 if len(rows) < np.iinfo(np.int32).max else np.int64)
    return csc_matrix((weights, rows, narrow), shape=(size, len(starts) - 1), copy=False)


def query_mass(index: Lexical, question: str) -> dict[int, float]:
    """Return the idf mass of each n-gram of ``question``, for scoring single sentences."""
    codes, weights = _query_weights(grams(question))
    return dict(zip(codes.tolist(), (weights * index.idf_of(codes)).tolist(), strict=True))


def _query_weights(found: Grams) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the distinct codes of a question and the weight of each, words evened out."""
    per_word = np.bincount(found.words) if len(found.words) else np.empty(0)
    each = per_word[found.words] ** -WORD_EVENNESS if len(found.words) else np.empty(0)
    codes, inverse = np.unique(found.codes, return_inverse=True)
    return codes, np.bincount(inverse, each, len(codes)).astype(np.float64)


def _idf(holders: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Return Lucene's idf, ``ln(1 + (N - n + .5) / (n + .5))``, never negative."""
    return np.log1p((size - holders + 0.5) / (holders + 0.5))
