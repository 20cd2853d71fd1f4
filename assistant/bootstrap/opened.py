"""The index that serves, opened with the model that it was built with, and opened again when another one serves."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path

from assistant.bootstrap.embedders import is_bundled, serving_embedder
from assistant.errors import AssistantError, LibraryDamaged
from assistant.knowledge.generation import Layout
from assistant.knowledge.index import Index, open_index, without_library
from assistant.knowledge.loading import load
from assistant.knowledge.reranking import Reranker
from assistant.settings import Settings

_log = logging.getLogger(__name__)


class ServingIndex:
    """The index that serves; opened again when another one has been switched to."""

    def __init__(self, settings: Settings) -> None:
        """Open what is there, or search the documents in memory when the library is damaged.

        Raises:
            IndexMissing: If nothing was built yet.
            ModelError: If the configured embedding model or reranker is not to be had.
        """
        self._layout = Layout(settings.data_dir)
        self._settings = settings
        self._lock = threading.Lock()
        self._stamp = self._read_stamp()
        self._embedder = serving_embedder(settings)
        self._reranker = open_reranker(settings)
        self._index = self._open()

    def __call__(self) -> Index:
        """Return the index of this moment."""
        stamp = self._read_stamp()
        if stamp != self._stamp and self._lock.acquire(blocking=False):
            try:
                self._embedder = serving_embedder(self._settings, self._embedder)
                self._index, self._stamp = self._open(), stamp
            except AssistantError as error:
                _log.warning("the new index cannot be opened, the old one goes on: %s", error)
            finally:
                self._lock.release()
        return self._index

    def _open(self) -> Index:
        try:
            index = open_index(self._layout, self._embedder)
        except LibraryDamaged as error:
            _log.warning("%s; searching the documents in memory by their words until then", error)
            documents, _ = load(self._settings.knowledge_base)
            index = without_library(self._layout, documents, self._embedder)
        if index.embedder is not None and len(index.matrix) and not is_bundled(index.embedder.name):
            index = index.aligned()
        return replace(index, reranker=self._reranker)

    def _read_stamp(self) -> tuple[int, int]:
        try:
            found = self._layout.current.stat()
            return found.st_mtime_ns, found.st_ino
        except OSError:
            return (0, 0)


def open_reranker(settings: Settings) -> Reranker | None:
    """Return the configured reranker, loaded, or None if none is configured.

    Raises:
        ModelError: If there is no such model.
    """
    if not settings.reranker_model:
        return None
    from assistant.models.reranking import CrossEncoderReranker

    return CrossEncoderReranker(Path(settings.reranker_model).expanduser())
