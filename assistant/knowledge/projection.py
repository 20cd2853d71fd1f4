"""A translator that the base teaches itself: questions in a silent language into the embedder's vector space.

The curated base is parallel by construction. A ridge regression, in its dual form, from the tf-idf n-grams of a
Russian or Kazakh text to the vector of its English version lets questions that the embedder cannot read vote by
meaning. It is trained whenever a generation is built, on the base's own sections, sentences and ways of asking, and
there is none where nothing is parallel. Figures: ``docs/decisions/0005-projection.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.sparse import csr_matrix

from assistant.knowledge.transliteration import grams
from assistant.knowledge.vectors import Vectors
from assistant.types import Language, Passage

RIDGE = 1.0
FEWEST_PAIRS = 200
"""With fewer parallel texts nothing is learnt that could be trusted."""
MOST_PAIRS = 12_000
"""Bounds memory (600 MB while building) and time (20 s on two cores); beyond it an even sample is taken."""
_BLOCK = 1000
_FEWEST_HOLDERS = 2
FILES = ("codes", "idf", "weights")

Pairs = tuple[list[str], NDArray[np.float32]]
_Pair = tuple[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Projector:
    """A linear map from n-grams to vectors.

    Attributes:
        codes: Shape ``(grams,)``, sorted: the n-grams it knows.
        idf: Shape ``(grams,)``: their inverse document frequencies among the training texts.
        weights: Shape ``(grams, dimension)``, half precision: what each adds to the vector.
    """

    codes: NDArray[np.int64]
    idf: NDArray[np.float32]
    weights: NDArray[np.float16]

    @classmethod
    def train(cls, texts: Sequence[str], vectors: NDArray[np.float32]) -> Projector | None:
        """Return the map from ``texts`` to ``vectors``, shape ``(texts, dimension)``; None if they are too few."""
        if len(texts) < FEWEST_PAIRS:
            return None
        found = [np.unique(grams(text).codes, return_counts=True) for text in texts]
        codes, holders = np.unique(np.concatenate([own for own, _ in found]), return_counts=True)
        codes, holders = codes[holders >= _FEWEST_HOLDERS], holders[holders >= _FEWEST_HOLDERS]
        idf = (np.log((1 + len(texts)) / (1 + holders)) + 1).astype(np.float32)
        rows = [_row(codes, idf, own, counts) for own, counts in found]
        starts = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
        matrix = csr_matrix(
            (np.concatenate([w for _, w in rows]), np.concatenate([c for c, _ in rows]), starts),
            shape=(len(texts), len(codes)),
        )
        kernel = _similarities(matrix)
        kernel[np.diag_indices_from(kernel)] += np.float32(RIDGE)
        dual = solve(kernel, vectors, assume_a="pos", overwrite_a=True, check_finite=False)
        return cls(codes, idf, np.asarray(matrix.T @ dual, dtype=np.float16))

    def project(self, text: str) -> NDArray[np.float32] | None:
        """Return the unit vector, shape ``(dimension,)``, that ``text`` would have if the embedder could read it.

        None if the text holds no n-gram of the training texts.
        """
        own, counts = np.unique(grams(text).codes, return_counts=True)
        columns, weights = _row(self.codes, self.idf, own, counts)
        if not len(columns):
            return None
        vector = weights @ np.asarray(self.weights[columns], dtype=np.float32)
        length = float(np.linalg.norm(vector))
        return np.asarray(vector / length, dtype=np.float32) if length > 1e-6 else None

    def save(self, folder: Path) -> None:
        """Write the arrays to ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def open(cls, folder: Path) -> Projector:
        """Return the projector saved in ``folder``; its weights are read as they are needed.

        Raises:
            OSError: If a file is missing.
            ValueError: If a file is damaged.
        """
        codes, idf = (np.load(folder / f"{name}.npy") for name in FILES[:2])
        return cls(codes, idf, np.load(folder / "weights.npy", mmap_mode="r"))


def parallel_texts(passages: Iterable[Passage], known: frozenset[Language], matrix: Vectors) -> Pairs:
    """Return texts in other languages with the vectors of their versions in a ``known`` one.

    Args:
        passages: All passages, in row order.
        known: The embedder's languages.
        matrix: Vectors of those of them in a known language, each passage's own, its sentences', its ways of asking.

    Returns:
        The texts, and their vectors of shape ``(texts, dimension)``. A section goes with its section, a sentence with
        the sentence of the same place if there are as many, and a way of asking with the mean of the other version's,
        because ways of asking are no translations of one another.
    """
    read: dict[str, tuple[Passage, int]] = {}
    silent: list[Passage] = []
    start = 0
    for passage in passages:
        if passage.language not in known:
            silent.append(passage)
            continue
        read.setdefault(passage.section, (passage, start))
        start += 1 + len(passage.sentences) + len(passage.asked_as)
    whole: list[_Pair] = []
    sentences: list[_Pair] = []
    for passage in silent:
        if passage.section in read:
            other, at = read[passage.section]
            vectors = matrix[at : at + 1 + len(other.sentences) + len(other.asked_as)]
            whole += _of_section(passage, other, vectors)
            sentences += _of_sentences(passage, other, vectors)
    whole = _evenly(whole, MOST_PAIRS)
    pairs = [*whole, *_evenly(sentences, MOST_PAIRS - len(whole))]
    return [text for text, _ in pairs], np.array([vector for _, vector in pairs], dtype=np.float32)


def _evenly(pairs: list[_Pair], count: int) -> list[_Pair]:
    """Return ``count`` of the pairs, spread evenly, or all if there are no more."""
    if len(pairs) <= count:
        return pairs
    return [pairs[place] for place in np.linspace(0, len(pairs) - 1, count, dtype=np.int64)]


def _of_section(passage: Passage, other: Passage, vectors: NDArray[np.float32]) -> list[_Pair]:
    pairs = [("\n".join([*passage.context, passage.heading, passage.text]), vectors[0])]
    asked = vectors[1 + len(other.sentences) :]
    if len(asked):
        mean = asked.mean(axis=0)
        pairs += [(way, mean / np.linalg.norm(mean)) for way in (passage.heading, *passage.asked_as)]
    return pairs


def _of_sentences(passage: Passage, other: Passage, vectors: NDArray[np.float32]) -> list[_Pair]:
    if len(passage.sentences) != len(other.sentences):
        return []
    quotes = [f"{passage.heading}. {passage.quote(sentence)}" for sentence in passage.sentences]
    return list(zip(quotes, vectors[1 : 1 + len(quotes)], strict=True))


def _similarities(matrix: csr_matrix) -> NDArray[np.float32]:
    """Return the products of all rows with one another, block by block to save room."""
    kernel = np.empty((matrix.shape[0], matrix.shape[0]), dtype=np.float32)
    turned = matrix.T.tocsr()
    for start in range(0, len(kernel), _BLOCK):
        kernel[start : start + _BLOCK] = (matrix[start : start + _BLOCK] @ turned).toarray()
    return kernel


def _row(
    codes: NDArray[np.int64], idf: NDArray[np.float32], own: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return columns and normalised sublinear tf-idf weights of one text."""
    if not len(codes):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    at = np.minimum(np.searchsorted(codes, own), len(codes) - 1)
    known = codes[at] == own
    weights = ((1 + np.log(counts[known])) * idf[at[known]]).astype(np.float32)
    length = float(np.linalg.norm(weights))
    return at[known], weights / length if length else weights
