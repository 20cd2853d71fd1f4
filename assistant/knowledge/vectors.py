"""Nearest vectors: approximately through Chroma, exactly through NumPy when Chroma is not to be had."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from assistant.errors import IndexError_
from assistant.offline import switch_off_calls_home

if TYPE_CHECKING:
    from langchain_chroma import Chroma

Vectors = NDArray[np.float32]
_COLLECTION = "passages"
_BATCH = 2000
_HNSW = {"hnsw": {"space": "cosine", "ef_construction": 100, "ef_search": 200, "max_neighbors": 16}}


class VectorIndex(Protocol):
    """What the search needs of a vector index. Rows are those of ``vectors.npy``."""

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def nearest(self, vector: Vectors, k: int) -> NDArray[np.int64]:
        """Return up to ``k`` rows nearest to the unit vector ``(dimension,)``, nearest first.

        Raises:
            IndexError_: If the index does not answer.
        """
        ...


class ExactVectors:
    """Exact search: one product with the whole matrix, 3 ms for 20,000 rows."""

    def __init__(self, matrix: Vectors) -> None:
        """Search ``matrix``, shape ``(rows, dimension)``, unit rows."""
        self._matrix = matrix

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._matrix)

    def nearest(self, vector: Vectors, k: int) -> NDArray[np.int64]:
        """Return up to ``k`` rows nearest to ``vector``, nearest first, ties by row."""
        if not len(self._matrix) or k <= 0:
            return np.empty(0, dtype=np.int64)
        scores = self._matrix @ vector
        k = min(k, len(scores))
        bar = np.partition(scores, len(scores) - k)[len(scores) - k]
        rows = np.flatnonzero(scores >= bar)  # all that tie at the bar, so that the lowest rows are kept
        return rows[np.lexsort((rows, -scores[rows]))][:k]


class ChromaVectors:
    """Approximate search in a Chroma folder, through LangChain."""

    def __init__(self, folder: Path, embeddings: Embeddings | None = None) -> None:
        """Open the folder, or create it when ``embeddings`` says how texts become vectors.

        Raises:
            IndexError_: If the folder is missing or damaged.
        """
        if embeddings is None and not (folder / "chroma.sqlite3").is_file():
            raise IndexError_(f"no Chroma index in {str(folder)!r}; exact search takes over")
        with _chroma_errors(folder):
            self._folder = folder
            self._store = _open(folder, embeddings)
            self._size = int(self._store._collection.count())  # LangChain has no public count

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._size

    def add(self, texts: Sequence[str], first_row: int) -> None:
        """Add texts as the rows from ``first_row`` on, embedded by the store's embeddings."""
        with _chroma_errors(self._folder):
            rows = range(first_row, first_row + len(texts))
            self._store.add_texts(list(texts), ids=[str(row) for row in rows])
            self._size += len(texts)

    def nearest(self, vector: Vectors, k: int) -> NDArray[np.int64]:
        """Return up to ``k`` rows nearest to ``vector``, nearest first.

        Raises:
            IndexError_: If Chroma fails in any way.
        """
        if not self._size or k <= 0:
            return np.empty(0, dtype=np.int64)
        with _chroma_errors(self._folder):
            found = self._store.similarity_search_by_vector(vector.tolist(), k=min(k, self._size))
            return np.array([int(each.id or -1) for each in found], dtype=np.int64)


def write_chroma(folder: Path, texts: Sequence[str], embeddings: Embeddings) -> Iterator[int]:
    """Write ``texts`` as the rows of a new Chroma folder, yielding the rows written so far."""
    store = ChromaVectors(folder, embeddings)
    remaining = iter(texts)
    while batch := list(islice(remaining, _BATCH)):
        store.add(batch, len(store))
        yield len(store)


def check(index: VectorIndex, matrix: Vectors, samples: int = 50) -> None:
    """Make sure that an index holds the rows of ``matrix`` and finds a sample of them.

    Raises:
        IndexError_: If rows are missing, or fewer than 95 % of the sample are found by their own vector
            (equal texts have equal vectors, and the search is approximate).
    """
    if len(index) != len(matrix):
        raise IndexError_(f"the vector index holds {len(index)} of {len(matrix)} rows; build again")
    rows = np.unique(np.linspace(0, max(len(matrix) - 1, 0), min(samples, len(matrix))).astype(np.int64))
    found = 0
    for row in rows:
        near = index.nearest(np.asarray(matrix[row]), 5)
        near = near[(near >= 0) & (near < len(matrix))]
        found += bool(len(near)) and bool((matrix[near] @ matrix[row]).max() > 0.999)
    if found < 0.95 * len(rows):
        raise IndexError_(f"the vector index finds {found} of {len(rows)} rows by themselves; build again")


class _chroma_errors:  # noqa: N801  a context manager that reads like one
    """Turn whatever Chroma raises, a Rust panic included, into an ``IndexError_``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        """Translate; a panic derives from BaseException, so only our own stops pass."""
        if error is None or isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit, IndexError_)):
            return
        raise IndexError_(f"Chroma failed in {str(self._folder)!r}: {error}") from error


def _open(folder: Path, embeddings: Embeddings | None) -> Chroma:
    """Return LangChain's Chroma on a folder, with every call home switched off; its files are closed with its end."""
    switch_off_calls_home()
    import chromadb
    from chromadb.config import Settings
    from langchain_chroma import Chroma

    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False, is_persistent=True))
    close = client.close  # type: ignore[attr-defined]  # the class returned has it, the one declared has not
    try:
        store = Chroma(
            _COLLECTION,
            embedding_function=embeddings or _NoEmbeddings(),
            client=client,
            collection_configuration=_HNSW,  # type: ignore[arg-type]  # a TypedDict with optional keys
            create_collection_if_not_exists=embeddings is not None,
        )
    except BaseException:
        close()
        raise
    weakref.finalize(store, close).atexit = False  # else each switched index keeps a dozen files open
    return store


class _NoEmbeddings(Embeddings):
    """Stands where Chroma would otherwise fetch a model: questions come as vectors."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse: an opened index takes no texts."""
        raise IndexError_("an opened index takes no texts; build a new generation")

    def embed_query(self, text: str) -> list[float]:
        """Refuse: questions are embedded before they reach the index."""
        raise IndexError_("an opened index takes vectors, not texts")
