"""Every vector ever computed, by text and embedder, in the library."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from langchain_core.stores import BaseStore
from numpy.typing import NDArray

from assistant.knowledge.library import Library


class VectorCache(BaseStore[str, list[float]]):
    """Vectors by text for one embedder, in the library; the store behind LangChain's cached embeddings."""

    def __init__(self, library: Library, embedder: str) -> None:
        """Keep the vectors of ``embedder`` in ``library``."""
        self._library = library
        self._embedder = embedder
        self.added = 0

    def mget(self, keys: Sequence[str]) -> list[list[float] | None]:
        """Return the vector of each text, None where none is known."""
        return [None if v is None else v.tolist() for v in self.arrays(keys)]

    def arrays(self, keys: Sequence[str]) -> list[NDArray[np.float32] | None]:
        """Return the vector of each text as an array ``(dimension,)``, None where none is known."""
        with_key = [self._key(key) for key in keys]
        found: dict[bytes, bytes] = {}
        for start in range(0, len(with_key), 500):
            part = with_key[start : start + 500]
            marks = ",".join("?" * len(part))
            query = f"SELECT key, vector FROM vector WHERE key IN ({marks})"  # noqa: S608  marks only
            found.update(self._library.select(query, part))
        return [np.frombuffer(found[k], dtype=np.float32) if k in found else None for k in with_key]

    def mset(self, key_value_pairs: Sequence[tuple[str, list[float]]]) -> None:
        """Keep the vectors, durably, in one transaction."""
        rows = [(self._key(k), np.asarray(v, dtype=np.float32).tobytes()) for k, v in key_value_pairs]
        with self._library.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO vector VALUES (?,?)", rows)
        self.added += len(rows)

    def mdelete(self, keys: Sequence[str]) -> None:
        """Forget the vectors of these texts."""
        with self._library.writing() as connection:
            connection.executemany("DELETE FROM vector WHERE key=?", [(self._key(k),) for k in keys])

    def yield_keys(self, *, prefix: str | None = None) -> Iterator[str]:
        """Yield nothing: only digests of texts are kept, not the texts."""
        yield from ()

    def _key(self, text: str) -> bytes:
        return hashlib.blake2b(f"{self._embedder}\0{text}".encode(), digest_size=16).digest()
