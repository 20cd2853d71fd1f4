"""A set's own texts as documents that the assistant reads, and where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where the documents and the index of one set of texts lie."""

    folder: Path

    @property
    def docs(self) -> Path:
        """Folder of the Markdown files."""
        return self.folder / "docs"

    @property
    def data(self) -> Path:
        """Folder of the index."""
        return self.folder / "data"


def document_id(number: int) -> str:
    """Return the id of the document that holds the text at this place of its set."""
    return f"p{number:05d}"


def write_documents(texts: Mapping[str, tuple[str, str]], folder: Path) -> None:
    """Write texts as plain Markdown files, one each.

    Files of other texts are removed, and those that hold the right text already are left alone, so that nothing looks
    new to the index.

    Args:
        texts: Title, which may be empty, and text by ``document_id``.
        folder: Where to write; made if it is not there. What else lies in it stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, (title, text) in texts.items():
        path, content = folder / f"{name}.md", (f"# {title}\n\n{text}" if title else text).encode()
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
    for path in folder.glob("p[0-9]*.md"):
        if path.stem not in texts:
            path.unlink()
