"""Where an index reads its passages from: a generation of the library, or memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.knowledge.library import Library, Row, version_digest
from assistant.types import Document, Kind, Language, Passage, Source


class Shelf(Protocol):
    """Where an index reads its passages from, row by row."""

    def rows(self) -> list[Row]:
        """Return what a search must know of every passage, in row order."""
        ...

    def passages(self) -> Iterator[Passage]:
        """Yield every passage in row order."""
        ...

    def read(self, row: Row) -> tuple[Passage, Kind, Source]:
        """Return a passage with kind and source of its document."""
        ...

    def document(self, document: str, language: Language) -> Document | None:
        """Return a document in one language, or None."""
        ...

    def sources(self) -> list[tuple[str, Language, Kind, str, Source]]:
        """Return id, language, kind, title and source of every document."""
        ...


class LibraryShelf:
    """A generation of the library."""

    def __init__(self, library: Library, generation: str) -> None:
        """Read ``generation`` of ``library``."""
        self._library = library
        self._generation = generation

    def rows(self) -> list[Row]:
        """Return what a search must know of every passage, in row order."""
        return self._library.rows(self._generation)

    def passages(self) -> Iterator[Passage]:
        """Yield every passage in row order."""
        return self._library.passages(self._generation)

    def read(self, row: Row) -> tuple[Passage, Kind, Source]:
        """Return a passage with kind and source of its document."""
        return self._library.read(row.version, row.ordinal)

    def document(self, document: str, language: Language) -> Document | None:
        """Return a document in one language, or None."""
        return self._library.document(self._generation, document, language)

    def sources(self) -> list[tuple[str, Language, Kind, str, Source]]:
        """Return id, language, kind, title and source of every document."""
        return self._library.sources(self._generation)


class MemoryShelf:
    """Documents in memory: for tests, and for the minute in which a lost library is made again."""

    def __init__(self, documents: Sequence[Document]) -> None:
        """Serve ``documents``."""
        self._documents = {version_digest(document): document for document in documents}

    def rows(self) -> list[Row]:
        """Return what a search must know of every passage, in row order."""
        return [
            Row(
                version, ordinal, passage.section, passage.language, document.kind.value,
                document.source.country, document.source.programme,
                len(passage.sentences) + len(passage.asked_as),
            )
            for version, document in self._documents.items()
            for ordinal, passage in enumerate(document.passages)
        ]  # fmt: skip

    def passages(self) -> Iterator[Passage]:
        """Yield every passage in row order."""
        for document in self._documents.values():
            yield from document.passages

    def read(self, row: Row) -> tuple[Passage, Kind, Source]:
        """Return a passage with kind and source of its document."""
        document = self._documents[row.version]
        return document.passages[row.ordinal], document.kind, document.source

    def document(self, document: str, language: Language) -> Document | None:
        """Return a document in one language, or None."""
        found = (d for d in self._documents.values() if d.id == document and d.language == language)
        return next(found, None)

    def sources(self) -> list[tuple[str, Language, Kind, str, Source]]:
        """Return id, language, kind, title and source of every document."""
        return [(d.id, d.language, d.kind, d.title, d.source) for d in self._documents.values()]
