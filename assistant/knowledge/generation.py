"""One disposable generation of the index: built beside the old one, verified, switched to atomically.

A generation is a folder made from the library: ``lexical/`` (n-gram postings), ``vectors.npy`` (every vector,
in row order), ``chroma/`` (the same vectors for approximate search), ``projection/`` (the map from silent languages
to vectors, if parts of the base are parallel) and ``manifest.json`` with the digests of the files. Whatever of it is
lost can be made again from the library; a reader never sees one half-written.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import cast

import numpy as np
from filelock import FileLock, Timeout
from langchain_core.embeddings import Embeddings

from assistant.errors import IndexBusy, IndexError_
from assistant.knowledge.embedding import Embedder, batches
from assistant.knowledge.lexical import FILES, LexicalIndex
from assistant.knowledge.library import Library, version_digest
from assistant.knowledge.progress import Progress, no_progress
from assistant.knowledge.projection import Projector, parallel_texts
from assistant.knowledge.read_texts import embedded_texts, searched_text
from assistant.knowledge.vector_cache import VectorCache
from assistant.knowledge.vectors import ChromaVectors, Vectors, check, write_chroma
from assistant.types import Document, Passage

FORMAT = "3"
"""Changes with the layout of a generation, the splitter or the texts that are embedded."""
_GROUPS = ("chroma", "projection")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did.

    Attributes:
        generation: Name of the generation now serving.
        documents: Documents in it, each language counted.
        sections: Distinct sections, languages not counted.
        sentences: Quotable units of all passages.
        embedded: Texts whose vector was computed now.
        reused: Texts whose vector was in the library already.
        seconds: How long it took.
    """

    generation: str
    documents: int
    sections: int
    sentences: int
    embedded: int
    reused: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie in the data directory."""

    data: Path
    library: Path = field(init=False)
    generations: Path = field(init=False)
    current: Path = field(init=False)
    lock: Path = field(init=False)
    models: Path = field(init=False)

    def __post_init__(self) -> None:
        """Derive the paths."""
        for name, path in (
            ("library", "library.sqlite"),
            ("generations", "generations"),
            ("current", "current"),
            ("lock", "build.lock"),
            ("models", "models"),
        ):
            object.__setattr__(self, name, self.data / path)

    def serving(self) -> Path | None:
        """Return the folder of the generation that ``current`` points to, or None."""
        try:
            name = self.current.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        folder = self.generations / name
        return folder if name and folder.is_dir() else None


@contextmanager
def building(layout: Layout) -> Iterator[None]:
    """Hold the lock of the data directory.

    Raises:
        IndexBusy: If another process builds at this moment.
        IndexError_: If the data directory cannot be written.
    """
    try:
        layout.data.mkdir(parents=True, exist_ok=True)
        lock = FileLock(layout.lock, timeout=0)
        lock.acquire()
    except Timeout as error:
        raise IndexBusy(
            f"another process is building in {str(layout.data)!r}; the old index goes on answering, "
            "try again when it has finished"
        ) from error
    except OSError as error:
        raise IndexError_(f"cannot write to {str(layout.data)!r}: {error}; free or change it") from error
    try:
        yield
    finally:
        lock.release()


def fingerprint(documents: Sequence[Document], embedder: str) -> str:
    """Return the name of the generation that these documents and this embedder make."""
    digest = blake2b(digest_size=8)
    for part in (FORMAT, embedder, *(version_digest(document) for document in documents)):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def build(
    layout: Layout,
    documents: Sequence[Document],
    embedder: Embedder,
    *,
    progress: Progress = no_progress,
    rebuild: bool = False,
) -> BuildReport:
    """Build, verify and switch to the generation of ``documents``; do nothing if it serves already.

    The caller holds the lock (``building``).

    Raises:
        IndexError_: If the disk is full, or the result does not verify; the old generation still serves.
    """
    started = time.perf_counter()
    name = fingerprint(documents, embedder.name)
    library = Library(layout.library)
    cache = VectorCache(library, embedder.name)
    passages = [passage for document in documents for passage in document.passages]
    spoken = (passage for passage in passages if passage.language in embedder.languages)
    texts = [text for passage in spoken for text in embedded_texts(passage)]
    try:
        serving = layout.serving()
        known = name in [each for each, _ in library.generations()]
        if rebuild or not known or serving is None or not _intact(serving, name):
            library.stage(name, embedder.name, documents, datetime.now(UTC).isoformat())
            _embed(texts, embedder, cache, progress)
            folder = _write(layout, name, passages, texts, embedder, cache, progress)
            library.complete(name)
            _switch(layout, folder)
    except (OSError, sqlite3.Error) as error:
        raise IndexError_(
            f"cannot write the index to {str(layout.data)!r}: {error}; the old index still serves"
        ) from error
    finally:
        library.close()
        _sweep(layout)
    return BuildReport(
        generation=name, documents=len(documents), sections=len({p.section for p in passages}),
        sentences=sum(len(p.sentences) for p in passages), embedded=cache.added,
        reused=len(set(texts)) - cache.added, seconds=time.perf_counter() - started,
    )  # fmt: skip


def _embed(texts: list[str], embedder: Embedder, cache: VectorCache, progress: Progress) -> None:
    """Make sure that every text has its vector in the library."""
    cached = _cached(embedder, cache)
    distinct = list(dict.fromkeys(texts))
    done = 0
    for batch in batches(distinct):
        part = [distinct[i] for i in batch]
        missing = [t for t, v in zip(part, cache.arrays(part), strict=True) if v is None]
        for start in range(0, len(missing), 256):
            cached.embed_documents(missing[start : start + 256])
            progress("embedding", done + start, len(distinct))
        done += len(part)
        progress("embedding", done, len(distinct))


def _write(
    layout: Layout,
    name: str,
    passages: Sequence[Passage],
    texts: list[str],
    embedder: Embedder,
    cache: VectorCache,
    progress: Progress,
) -> Path:
    """Write and verify the generation's folder; return it."""
    folder = layout.generations / f"{name}-{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    progress("lexical index", 0, 1)
    LexicalIndex.build([searched_text(passage) for passage in passages]).save(folder / "lexical")
    progress("lexical index", 1, 1)
    matrix = stack(texts, cache)
    np.save(folder / "vectors.npy", matrix)
    if len(matrix):
        for rows in write_chroma(folder / "chroma", texts, _cached(embedder, cache)):
            progress("vector index", rows, len(texts))
        check(ChromaVectors(folder / "chroma"), matrix)
    progress("learning from parallel texts", 0, 1)
    projector = Projector.train(*parallel_texts(passages, embedder.languages, matrix))
    if projector:
        projector.save(folder / "projection")
    progress("learning from parallel texts", 1, 1)
    manifest = {"generation": name, "embedder": embedder.name, "files": file_digests(folder)}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    _sync(folder)
    return folder


def stack(texts: Sequence[str], cache: VectorCache) -> Vectors:
    """Return the vectors of ``texts`` as one matrix ``(len(texts), dimension)`` from the library.

    Raises:
        IndexError_: If a vector is missing.
    """
    parts: list[Vectors] = []
    for start in range(0, len(texts), 4096):
        found = cache.arrays(texts[start : start + 4096])
        whole = [vector for vector in found if vector is not None]
        if len(whole) < len(found):
            raise IndexError_(f"{len(found) - len(whole)} vectors are missing; run `assistant index`")
        parts.append(np.stack(whole))
    return np.concatenate(parts) if parts else np.empty((0, 0), dtype=np.float32)


def file_digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file of a generation that must not change, by relative path.

    Of Chroma's files ``chroma.sqlite3`` is left out: it is rewritten whenever it is opened. So is the graph of a base
    that is so small that it has not been written yet: its files hold memory that nobody has set, and are never read.
    """
    graph = (path for path in folder.glob("chroma/*/*") if path.is_file() and _is_written(path.parent))
    files = [*folder.rglob("*.npy"), *graph]
    return {
        path.relative_to(folder).as_posix(): blake2b(path.read_bytes(), digest_size=12).hexdigest()
        for path in sorted(files)
    }


def _is_written(graph: Path) -> bool:
    return (graph / "index_metadata.pickle").exists()


def intact_files(folder: Path, generation: str) -> frozenset[str]:
    """Return which files of the folder are as the manifest of ``generation`` says.

    Beside them stand ``chroma`` if all of its files are, and ``projection`` if all of its are or there are none.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        wanted = manifest["files"] if manifest["generation"] == generation else {}
        found = file_digests(folder)
        intact = {name for name, digest in wanted.items() if found.get(name) == digest}
        groups = {g for g in _GROUPS if {name for name in wanted if name.startswith(f"{g}/")} <= intact}
        return frozenset(intact | groups if wanted else intact)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


def built_by(layout: Layout) -> str:
    """Return the name of the embedder with which the generation that serves was built; empty if that cannot be read."""
    folder = layout.serving()
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["embedder"] if folder else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return told if isinstance(told, str) else ""


def _intact(folder: Path, generation: str) -> bool:
    """Return whether a folder holds a whole generation, so that nothing need be built."""
    if not {*_GROUPS, "vectors.npy", *(f"lexical/{name}.npy" for name in FILES)} <= intact_files(folder, generation):
        return False
    matrix = np.load(folder / "vectors.npy", mmap_mode="r")
    try:
        if len(matrix):
            check(ChromaVectors(folder / "chroma"), matrix, samples=3)
    except IndexError_:
        return False
    return True


def _cached(embedder: Embedder, cache: VectorCache) -> Embeddings:
    """Return LangChain's cache-backed embeddings over the library."""
    from langchain_classic.embeddings import CacheBackedEmbeddings

    return CacheBackedEmbeddings(cast(Embeddings, embedder), cache)


def _switch(layout: Layout, folder: Path) -> None:
    """Point ``current`` to ``folder`` by an atomic rename."""
    partial = layout.current.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(folder.name)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(layout.current)
    _sync_folder(layout.data)


def _sweep(layout: Layout) -> None:
    """Remove the generations that do not serve: the old one, and what a killed build left behind."""
    serving = layout.serving()
    for folder in layout.generations.glob("*"):
        if folder != serving:
            shutil.rmtree(folder, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Make every file below ``folder`` durable."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)
    _sync_folder(folder)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
