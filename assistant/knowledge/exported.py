"""An embedding model exported to ONNX Runtime, for questions.

It gives the same vectors in a third of the time without loading torch (``docs/decisions/0003-onnx-queries.md``). What
is exported is compared with the model itself; where they differ (another pooling, further layers, a tokenizer that
cannot be written to one file) there is no export, and the model answers through sentence-transformers.
"""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.types import Language

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from assistant.knowledge.embedding import TorchEmbedder

_BATCH = 64
_MODEL, _TOKENIZER, _READING = "model.onnx", "tokenizer.json", "reading.json"
_ALIKE = 0.999
"""Least cosine between the vectors of both ways."""
_SAMPLES = ("GPA", "What GPA do I need?", "Какой балл нужен? " * 60, "Қандай құжаттар керек?", "Ұ" * 40, "")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """How an exported model reads a text.

    Attributes:
        query: What stands in front of a question.
        document: What stands in front of a text of the base.
        window: Pieces of a text that are read; the bundled model reads 256, though its tokenizer is told to cut at 128.
        padding: Number of the piece that fills up a batch.
    """

    query: str = ""
    document: str = ""
    window: int = 256
    padding: int = 0

    @classmethod
    def open(cls, folder: Path) -> Reading:
        """Return how the model in ``folder`` reads; exports of before have no such file and read as by default.

        Raises:
            ModelError: If the file is damaged.
        """
        path = folder / _READING
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else cls()
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"cannot open the exported model: {str(path)!r} is damaged: {error}") from error


class OnnxEmbedder(Embeddings):
    """The exported model run by ONNX Runtime on one thread, for questions."""

    def __init__(self, name: str, languages: frozenset[Language], folder: Path) -> None:
        """Open what ``export`` has written to ``folder``.

        Raises:
            ModelError: If a file is missing or damaged.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        self.name = name
        self.languages = languages
        self._reading = Reading.open(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
            self._session = onnxruntime.InferenceSession(
                str(folder / _MODEL), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise bare Exception subclasses of their own
            raise ModelError(f"cannot open the exported model in {str(folder)!r}: {error}") from error
        self._tokenizer.enable_truncation(self._reading.window)
        self._tokenizer.enable_padding(pad_id=self._reading.padding)
        self._inputs = {each.name for each in self._session.get_inputs()}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order, shape ``(len(texts), dimension)``."""
        whole = [self._reading.document + text for text in texts]
        return [row for start in range(0, len(whole), _BATCH) for row in self._run(whole[start : start + _BATCH])]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question, shape ``(dimension,)``."""
        return self._run([self._reading.query + text])[0]

    def _run(self, texts: list[str]) -> list[list[float]]:
        encoded = self._tokenizer.encode_batch(texts)
        feed = {
            "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
            "attention_mask": np.array([each.attention_mask for each in encoded], dtype=np.int64),
        }
        vectors = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        return cast("list[list[float]]", cast("NDArray[np.float32]", vectors).tolist())


def is_settled(folder: Path) -> bool:
    """Return whether it was tried to export the model to ``folder``, so that it need not be tried again."""
    return (folder / _READING).is_file()


def export(embedder: TorchEmbedder, folder: Path) -> bool:
    """Write the embedder's model to ``folder``, for ``OnnxEmbedder``.

    Returns:
        Whether there is an export now: that of a transformer whose pieces are averaged, or whose first piece counts,
        and which gives the same vectors.

    Raises:
        ModelError: If the model cannot be loaded.
        OSError: If the folder cannot be written.
    """
    model = embedder.model
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    tokenizer: Any = model.tokenizer
    window, pooling = model.max_seq_length, _pooling(model)
    is_plain = bool(pooling and window and hasattr(tokenizer, "backend_tokenizer"))
    reading = Reading(
        embedder.prompts.query, embedder.prompts.document, window or 0, getattr(tokenizer, "pad_token_id", 0) or 0
    )
    (partial / _READING).write_text(json.dumps(asdict(reading)), encoding="utf-8")
    is_written = is_plain and _is_written(model, tokenizer, pooling, partial) and _is_alike(embedder, partial)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (_MODEL, _TOKENIZER, _READING):  # the last one says that all are there
        if is_written or name == _READING:
            (partial / name).replace(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
    shutil.rmtree(partial)
    return is_written


def _pooling(model: SentenceTransformer) -> str:
    """Return how the model makes one vector of many, ``mean`` or ``cls``; empty if in no way that is exported."""
    parts = [type(part).__name__ for part in model]
    if parts[:2] != ["Transformer", "Pooling"] or set(parts[2:]) - {"Normalize"}:
        return ""
    pooling: Any = model[1]
    mode = pooling.pooling_mode if isinstance(pooling.pooling_mode, str) else "+".join(pooling.pooling_mode)
    return mode if mode in {"mean", "cls"} and pooling.include_prompt else ""


def _is_written(model: SentenceTransformer, tokenizer: Any, pooling: str, folder: Path) -> bool:
    try:
        _trace(model, pooling, folder / _MODEL)
        (folder / _TOKENIZER).write_text(tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
    except OSError:
        raise
    except Exception as error:  # the exporter raises whatever it meets in a foreign model
        _log.warning("the model cannot be exported and answers more slowly: %s", error)
        return False
    return True


def _is_alike(embedder: TorchEmbedder, folder: Path) -> bool:
    """Return whether both ways give the same vectors for short, long and odd texts, as questions and as documents."""
    exported = OnnxEmbedder(embedder.name, embedder.languages, folder)
    texts = list(_SAMPLES)
    pairs = [
        (embedder.embed_documents(texts), exported.embed_documents(texts)),
        ([embedder.embed_query(text) for text in texts], [exported.embed_query(text) for text in texts]),
    ]
    least = min(float((np.array(one) * np.array(other)).sum(axis=1).min()) for one, other in pairs)
    if least < _ALIKE:
        _log.warning("the exported model gives other vectors (cosine %.3f) and is not used", least)
    return least >= _ALIKE


def _trace(model: SentenceTransformer, pooling: str, path: Path) -> None:
    """Trace the transformer with its pooling and normalisation into one ONNX file."""
    import warnings

    import torch

    class Pooled(torch.nn.Module):
        def __init__(self, transformer: torch.nn.Module) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            if pooling == "cls":
                return torch.nn.functional.normalize(states[:, 0], dim=1)
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1).clamp(min=1e-9), dim=1)

    transformer: Any = model[0].auto_model
    attention = transformer.config._attn_implementation
    transformer.eval().set_attn_implementation("eager")  # the fused attention cannot be traced
    sample = torch.ones(2, 8, dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracing exporter is announced as old; the new one fails here
            torch.onnx.export(
                Pooled(transformer), (sample, sample), str(path), dynamo=False, opset_version=17,
                input_names=["input_ids", "attention_mask"], output_names=["vector"],
                dynamic_axes={"input_ids": axes, "attention_mask": axes, "vector": {0: "batch"}},
            )  # fmt: skip
    finally:
        transformer.set_attn_implementation(attention)
