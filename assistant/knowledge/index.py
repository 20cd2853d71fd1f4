"""An opened index: the parts of one generation, each with what takes over when it is damaged."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexError_, IndexMissing, LibraryDamaged, ModelError
from assistant.knowledge.alignment import Alignment
from assistant.knowledge.embedding import Embedder
from assistant.knowledge.generation import Layout, fingerprint, intact_files, stack
from assistant.knowledge.lexical import FILES, Lexical, LexicalIndex
from assistant.knowledge.library import Library, Row
from assistant.knowledge.projection import Projector, parallel_texts
from assistant.knowledge.published import CheckedAnswer
from assistant.knowledge.read_texts import embedded_texts, searched_text
from assistant.knowledge.reranking import Reranker
from assistant.knowledge.shelves import LibraryShelf, MemoryShelf, Shelf
from assistant.knowledge.vector_cache import VectorCache
from assistant.knowledge.vectors import ChromaVectors, ExactVectors, VectorIndex, Vectors, check
from assistant.types import Document, Kind, Language

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Index:
    """What a search needs.

    Attributes:
        shelf: Where passages are read from.
        rows: One per passage, in the order of the lexical index.
        lexical: N-gram postings over the rows.
        embedder: The model that embeds questions; None when the dense side is silent.
        matrix: Shape ``(vectors, dimension)``: section and unit vectors, row by row.
        vectors: Approximate or exact search over ``matrix``.
        projector: From questions in languages that the embedder does not know to its vectors; None if nothing is
            parallel.
        generation: Name of the generation; empty for one in memory.
        degraded: What had to be replaced, in words, for `assistant doctor`.
        answers: What mentors have checked, by the id and language of the document that stands for it.
        reranker: Reads what a search has found again; None if none is configured.
        alignment: Brings the cosines of the embedder to the scale of the bundled one; None where it is that one.
    """

    shelf: Shelf
    rows: list[Row]
    lexical: Lexical
    embedder: Embedder | None
    matrix: Vectors
    vectors: VectorIndex
    projector: Projector | None = None
    generation: str = ""
    degraded: tuple[str, ...] = ()
    answers: Mapping[tuple[str, Language], CheckedAnswer] = field(default_factory=dict)
    reranker: Reranker | None = None
    alignment: Alignment | None = None

    @cached_property
    def sections(self) -> NDArray[np.int64]:
        """Shape ``(rows,)``: ordinal of each row's section, the same for all language versions."""
        ordinals: dict[str, int] = {}
        return np.array([ordinals.setdefault(r.section, len(ordinals)) for r in self.rows], dtype=np.int64)

    @cached_property
    def versions(self) -> dict[str, list[int]]:
        """The rows of each section, one per language."""
        found: dict[str, list[int]] = {}
        for position, row in enumerate(self.rows):
            found.setdefault(row.section, []).append(position)
        return found

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Shape ``(rows + 1,)``: where each row's vectors begin; empty ranges for silent languages."""
        known = self.embedder.languages if self.embedder and len(self.matrix) else frozenset()
        counts = [1 + row.units if row.language in known else 0 for row in self.rows]
        return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """Shape ``(vectors,)``: the row to which each vector belongs."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.offsets))

    @cached_property
    def quotable(self) -> NDArray[np.bool_] | None:
        """Shape ``(rows,)``: which rows may be quoted unasked: all but what mentors answered; None if there is none."""
        is_answer = np.array([row.kind == Kind.VERIFIED_ANSWER for row in self.rows], dtype=bool)
        return ~is_answer if is_answer.any() else None

    @cached_property
    def languages(self) -> frozenset[Language]:
        """Languages in which there is any passage."""
        return frozenset(row.language for row in self.rows)

    def reads(self, language: Language) -> bool:
        """Return whether the embedder knows a language, and there is anything that it has read."""
        return self.embedder is not None and len(self.matrix) > 0 and language in self.embedder.languages

    def cosines(self, vectors: Vectors, vector: Vectors) -> NDArray[np.float64]:
        """Return the cosines of ``vectors``, shape ``(n, dimension)``, with one, as far as all models mean the same."""
        raw = np.asarray(vectors @ vector, dtype=np.float64)
        return raw if self.alignment is None else self.alignment(raw)

    def aligned(self) -> Index:
        """Return the same index with the alignment of its embedder."""
        spoken = np.unique([row.language for row in self.rows], return_inverse=True)[1][self.owners]
        return replace(self, alignment=Alignment.of(self.matrix, self.sections[self.owners], spoken))

    def meanings(self, texts: Sequence[str], language: Language) -> list[NDArray[np.float32]]:
        """Return the vectors of questions, by the embedder or the projection.

        There are none where neither reads the language, or while the embedder does not answer: then the questions are
        searched by their words.
        """
        if self.embedder is not None and self.reads(language):
            try:
                return [np.array(self.embedder.embed_query(text), dtype=np.float32) for text in texts]
            except ModelError as error:
                _log.warning("a question is searched by its words only: %s", error)
                return []
        if self.projector is None or not len(self.matrix):
            return []
        return [vector for text in texts if (vector := self.projector.project(text)) is not None]


def in_memory(documents: Sequence[Document], embedder: Embedder | None = None) -> Index:
    """Return an index of ``documents`` that lives in memory; exact search, nothing on disk."""
    passages = [passage for document in documents for passage in document.passages]
    known = embedder.languages if embedder else frozenset()
    texts = [text for p in passages if p.language in known for text in embedded_texts(p)]
    found = embedder.embed_documents(texts) if embedder and texts else []
    matrix = np.array(found, dtype=np.float32).reshape(len(found), len(found[0]) if found else 0)
    return _over(documents, embedder, matrix, Projector.train(*parallel_texts(passages, known, matrix)))


def without_library(layout: Layout, documents: Sequence[Document], embedder: Embedder | None) -> Index:
    """Return an index of ``documents`` in memory, for the time in which the library is lost.

    The vectors of the generation that served are used if they were made from the same documents; else the
    documents are searched by their words only.
    """
    folder = layout.serving()
    name = fingerprint(documents, embedder.name) if embedder else ""
    if embedder and folder and folder.name.startswith(name) and "vectors.npy" in intact_files(folder, name):
        projector = _open_projector(folder, intact_files(folder, name), [])
        return _over(documents, embedder, np.load(folder / "vectors.npy"), projector)
    return in_memory(documents)


def _over(
    documents: Sequence[Document], embedder: Embedder | None, matrix: Vectors, projector: Projector | None
) -> Index:
    shelf = MemoryShelf(documents)
    lexical = LexicalIndex.build([searched_text(passage) for passage in shelf.passages()])
    return Index(
        shelf, shelf.rows(), lexical, embedder if len(matrix) else None, matrix, ExactVectors(matrix), projector
    )


def open_index(layout: Layout, embedder: Embedder | None) -> Index:
    """Return the index that serves, with damaged parts replaced by what can be made from the library.

    Raises:
        IndexMissing: If nothing was built yet.
        LibraryDamaged: If the library is damaged or lost.
        IndexError_: If it holds only an index of another embedder.
    """
    if not layout.library.is_file() or not layout.library.stat().st_size:
        if layout.serving():
            raise LibraryDamaged(f"the library {str(layout.library)!r} is lost; run `assistant index` to make it again")
        raise IndexMissing(f"there is no index in {str(layout.data)!r} yet; run `assistant index`")
    library = Library(layout.library)
    folder = layout.serving()
    name = _choose(library, folder.name.rsplit("-", 1)[0] if folder else "", embedder)
    shelf = LibraryShelf(library, name)
    intact = intact_files(folder, name) if folder else frozenset()
    degraded: list[str] = []
    lexical = _open_lexical(folder, intact, shelf, degraded)
    matrix = _open_matrix(folder, intact, shelf, library, embedder, degraded)
    vectors = _open_vectors(folder if "chroma" in intact else None, matrix, degraded)
    projector = _open_projector(folder, intact, degraded) if embedder else None
    for problem in degraded:
        _log.warning("%s; run `assistant index` to build it again", problem)
    return Index(shelf, shelf.rows(), lexical, embedder, matrix, vectors, projector, name, tuple(degraded))


def _choose(library: Library, wanted: str, embedder: Embedder | None) -> str:
    """Return the generation to serve: the one pointed to if it fits, else the newest that fits."""
    known = library.generations()
    if not known:
        raise IndexMissing(f"the library {str(library.path)!r} holds no finished index; run `assistant index`")
    fitting = [name for name, of in known if embedder is None or of == embedder.name]
    if not fitting:
        raise IndexError_(
            f"the index was built by the embedder {known[0][1]!r}, but {embedder.name if embedder else ''!r} "
            "is configured; run `assistant index` to build one for it, or set ASSISTANT_EMBEDDING_MODEL back"
        )
    return wanted if wanted in fitting else fitting[0]


def _open_lexical(folder: Path | None, intact: frozenset[str], shelf: Shelf, degraded: list[str]) -> LexicalIndex:
    if folder and {f"lexical/{name}.npy" for name in FILES} <= intact:
        return LexicalIndex.open(folder / "lexical")
    degraded.append("the lexical index is damaged and was made again in memory")
    return LexicalIndex.build([searched_text(passage) for passage in shelf.passages()])


def _open_matrix(
    folder: Path | None,
    intact: frozenset[str],
    shelf: Shelf,
    library: Library,
    embedder: Embedder | None,
    degraded: list[str],
) -> Vectors:
    if embedder is None:
        return np.empty((0, 0), dtype=np.float32)
    if folder and "vectors.npy" in intact:
        matrix: Vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        return matrix
    degraded.append("the vectors' file is damaged and was read again from the library")
    texts = [t for p in shelf.passages() if p.language in embedder.languages for t in embedded_texts(p)]
    return stack(texts, VectorCache(library, embedder.name))


def _open_projector(folder: Path | None, intact: frozenset[str], degraded: list[str]) -> Projector | None:
    if folder and "projection" in intact:
        return Projector.open(folder / "projection") if (folder / "projection").is_dir() else None
    degraded.append("the projection is damaged; questions in languages that the embedder lacks are searched by words")
    return None


def _open_vectors(folder: Path | None, matrix: Vectors, degraded: list[str]) -> VectorIndex:
    if not len(matrix):
        return ExactVectors(matrix)
    try:
        if folder is None:  # a damaged graph can end the whole process, so it is not even opened
            raise IndexError_("its files are damaged or missing")
        vectors = ChromaVectors(folder / "chroma")
        check(vectors, matrix, samples=3)
        return vectors
    except IndexError_ as error:
        degraded.append(f"exact search stands in for Chroma ({error})")
        return ExactVectors(np.asarray(matrix))
