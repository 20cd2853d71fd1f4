"""An index with further documents in memory: what mentors and participants gave is found within seconds.

The rows of the base come first and stay where they are; what is added is searched exactly. Nothing of it touches the
disk, so what is withdrawn is gone with the next overlay.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.knowledge.index import Index
from assistant.knowledge.lexical import JoinedLexical, LexicalIndex
from assistant.knowledge.library import Row, version_digest
from assistant.knowledge.published import CheckedAnswer, Doubt, Published, Version, documents, doubt
from assistant.knowledge.read_texts import embedded_texts, searched_text
from assistant.knowledge.shelves import MemoryShelf, Shelf
from assistant.knowledge.vectors import ExactVectors, VectorIndex, Vectors
from assistant.types import Document, Kind, Language, Passage, Source

Remembered = dict[tuple[str, str], list[float]]
"""Vectors of the texts that were embedded for the overlay before this one, by embedder and text."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Overlay:
    """An index with what was published, and what could not be.

    Attributes:
        index: The base with what was published.
        doubted: Why answers are left out, by their id.
        remembered: Vectors of the texts that were added.
        whole: Whether every text that the embedder reads has its vector; else the rest is found by its words.
    """

    index: Index
    doubted: Mapping[str, Doubt]
    remembered: Remembered
    whole: bool = True


def laid_over(base: Index, published: Published, remembered: Remembered, today: date | None = None) -> Overlay:
    """Return the index of ``base`` with what was published, as far as its sources have not changed by ``today``."""
    sections = _quoted(base, published.answers)
    found = ((answer.id, doubt(answer, sections, today or date.today())) for answer in published.answers)
    doubted = {answer: why for answer, why in found if why}  # one version that is out of date casts doubt on all
    kept = tuple(answer for answer in published.answers if answer.id not in doubted)
    added = documents(replace(published, answers=kept))
    if not added:
        return Overlay(base, doubted, {})
    index, known, is_whole = _joined(base, added, remembered)
    answers = {(answer.document, answer.language): answer for answer in kept}
    return Overlay(replace(index, answers=answers), doubted, known, is_whole)


def _quoted(base: Index, answers: Sequence[CheckedAnswer]) -> dict[str, dict[Language, Version]]:
    """Return the versions of every section that an answer quotes, by language; none of what is no more."""
    found: dict[str, dict[Language, Version]] = {}
    for section in {quote.section for answer in answers for quote in answer.quotes}:
        for row in (base.rows[row] for row in base.versions.get(section, ())):
            passage, _, source = base.shelf.read(row)
            found.setdefault(section, {})[row.language] = (passage, source)
    return found


def _joined(base: Index, added: Sequence[Document], remembered: Remembered) -> tuple[Index, Remembered, bool]:
    """Return ``base`` with further documents, the vectors of their texts, and whether all of them are there."""
    shelf = MemoryShelf(added)
    passages = list(shelf.passages())
    texts = [text for passage in passages if base.reads(passage.language) for text in embedded_texts(passage)]
    known = _vectors(base, texts, remembered)
    name = base.embedder.name if base.embedder else ""
    own = np.zeros((len(texts), base.matrix.shape[1]), dtype=np.float32)  # what has no vector yet is like nothing
    for place, text in enumerate(texts):
        if (name, text) in known:
            own[place] = known[name, text]
    frozen = base.lexical.base if isinstance(base.lexical, JoinedLexical) else base.lexical
    assert isinstance(frozen, LexicalIndex)  # noqa: S101  no other index is ever a base
    lexical = LexicalIndex.build([searched_text(passage) for passage in passages], beside=frozen)
    return replace(
        base,
        shelf=JoinedShelf(base.shelf, shelf),
        rows=[*base.rows, *shelf.rows()],
        lexical=JoinedLexical(frozen, lexical),
        matrix=np.concatenate([base.matrix, own]) if len(own) else base.matrix,
        vectors=JoinedVectors(base.vectors, ExactVectors(own)) if len(own) else base.vectors,
        generation=f"{base.generation}+{_digest(added)}",
    ), known, all((name, text) in known for text in texts)  # fmt: skip


def _vectors(base: Index, texts: Sequence[str], remembered: Remembered) -> Remembered:
    """Return the vector of every text, computed where it is not remembered; those only if the embedder fails."""
    if base.embedder is None:
        return {}
    name = base.embedder.name
    known = {(name, text): remembered[name, text] for text in texts if (name, text) in remembered}
    missing = sorted({text for text in texts if (name, text) not in known}, key=len)  # alike long: little is padded
    try:
        fresh = base.embedder.embed_documents(missing) if missing else []
    except ModelError as error:
        _log.warning("what was published is found by its words only until the embedding model answers: %s", error)
        return known
    return known | {(name, text): vector for text, vector in zip(missing, fresh, strict=True)}


def _digest(added: Sequence[Document]) -> str:
    return hashlib.blake2b("\0".join(map(version_digest, added)).encode(), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True)
class JoinedVectors:
    """Two vector indexes as one: the rows of ``base`` first, then those of ``added``."""

    base: VectorIndex
    added: VectorIndex

    def __len__(self) -> int:
        """Return the number of rows of both."""
        return len(self.base) + len(self.added)

    def nearest(self, vector: Vectors, k: int) -> NDArray[np.int64]:
        """Return up to ``k`` rows of each that are nearest to ``vector``: whoever asks computes exactly and sorts.

        Raises:
            IndexError_: If one of the indexes does not answer.
        """
        return np.concatenate([self.base.nearest(vector, k), self.added.nearest(vector, k) + len(self.base)])


class JoinedShelf:
    """Two shelves as one: the rows of ``base`` first, then those of ``added``."""

    def __init__(self, base: Shelf, added: MemoryShelf) -> None:
        """Serve both; ``added`` holds no document of ``base``."""
        self._base = base
        self._added = added
        self._own = frozenset(row.version for row in added.rows())

    def rows(self) -> list[Row]:
        """Return what a search must know of every passage, in row order."""
        return [*self._base.rows(), *self._added.rows()]

    def passages(self) -> Iterator[Passage]:
        """Yield every passage in row order."""
        yield from self._base.passages()
        yield from self._added.passages()

    def read(self, row: Row) -> tuple[Passage, Kind, Source]:
        """Return a passage with kind and source of its document."""
        return self._added.read(row) if row.version in self._own else self._base.read(row)

    def document(self, document: str, language: Language) -> Document | None:
        """Return a document in one language, or None."""
        return self._added.document(document, language) or self._base.document(document, language)

    def sources(self) -> list[tuple[str, Language, Kind, str, Source]]:
        """Return id, language, kind, title and source of every document."""
        return [*self._base.sources(), *self._added.sources()]
