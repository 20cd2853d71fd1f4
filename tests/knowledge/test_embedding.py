"""Embedding models: what names them, what is refused, and that both ways of running give the same vectors."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, RealIndex
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ModelError
from assistant.knowledge.embedding import Embedder, ModelFiles, OnnxEmbedder, TorchEmbedder, batches
from assistant.knowledge.generation import Layout


@given(texts=st.lists(st.text(max_size=30), max_size=60), size=st.integers(1, 20))
def test_batches_hold_every_text_once_longest_first(texts: list[str], size: int) -> None:
    """All positions come once, none of the batches is too large, and lengths fall."""
    made = list(batches(texts, size))
    positions = [position for batch in made for position in batch]
    assert sorted(positions) == list(range(len(texts)))
    assert all(len(batch) <= size for batch in made)
    lengths = [len(texts[position]) for position in positions]
    assert lengths == sorted(lengths, reverse=True)


def test_the_fake_and_the_real_ones_are_embedders(tmp_path: Path) -> None:
    """What the tests use in place of a model has the shape of one."""
    assert isinstance(FakeEmbedder(), Embedder)
    assert isinstance(TorchEmbedder(ModelFiles()), Embedder)


def model_folder(folder: Path) -> Path:
    """Return a folder that looks like a model, with a few weights."""
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 2000)
    return folder


@pytest.mark.parametrize("place", [0, 255_999, 511_999])
def test_changed_weights_have_another_name(tmp_path: Path, place: int) -> None:
    """One byte at either end of the weights changes the name, under which vectors are kept."""
    folder = model_folder(tmp_path / "tiny")
    before = ModelFiles(str(folder)).name
    raw = bytearray((folder / "model.safetensors").read_bytes())
    raw[place] ^= 1
    (folder / "model.safetensors").write_bytes(raw)
    after = ModelFiles(str(folder)).name
    is_hashed = place < 65_536 or place >= len(raw) - 65_536  # heads and tails, as the module says
    assert (before != after) == is_hashed
    assert before.startswith("tiny-")


def test_the_same_weights_elsewhere_have_the_same_name(tmp_path: Path) -> None:
    """A moved model keeps its vectors."""
    folder = model_folder(tmp_path / "tiny")
    moved = tmp_path / "elsewhere" / "tiny"
    moved.parent.mkdir()
    shutil.copytree(folder, moved)
    assert ModelFiles(str(folder)).name == ModelFiles(str(moved)).name


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """The message names the folder and the setting."""
    with pytest.raises(ModelError, match=r"is not a folder with a sentence-transformers model; set ASSISTANT_"):
        ModelFiles(str(tmp_path / "none"))


def test_the_bundled_model_speaks_english_alone(tmp_path: Path) -> None:
    """The bundled model votes in English; another one in all languages, unless told."""
    assert ModelFiles().languages == {"en"}
    folder = model_folder(tmp_path / "tiny")
    assert ModelFiles(str(folder)).languages == {"en", "ru", "kk"}
    assert ModelFiles(str(folder), frozenset({"ru"})).languages == {"ru"}


@pytest.mark.slow
def test_weights_that_cannot_be_loaded_are_told(tmp_path: Path) -> None:
    """A folder that looks like a model but holds rubbish is an error of ours, at first use."""
    embedder = TorchEmbedder(ModelFiles(str(model_folder(tmp_path / "tiny"))))
    with pytest.raises(ModelError, match="cannot load"):
        embedder.embed_query("text")


def test_a_missing_export_is_told(tmp_path: Path) -> None:
    """Without the exported files there is an error that the program can act on."""
    with pytest.raises(ModelError, match="cannot open the exported model"):
        OnnxEmbedder("name", frozenset({"en"}), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_damaged_export_is_told(tmp_path: Path, real_index: RealIndex, name: str, share: float) -> None:
    """A cut file raises the same error, whatever the library below says."""
    files = ModelFiles()
    shutil.copytree(Layout(real_index.settings.data_dir).models / files.name, tmp_path / "model")
    raw = (tmp_path / "model" / name).read_bytes()
    (tmp_path / "model" / name).write_bytes(raw[: int(share * len(raw))])
    with pytest.raises(ModelError, match="cannot open the exported model"):
        OnnxEmbedder(files.name, files.languages, tmp_path / "model")


@pytest.mark.slow
def test_the_exported_model_gives_the_same_vectors(real_index: RealIndex) -> None:
    """Questions and documents meet: both ways give the same unit vectors, short, long and odd texts alike."""
    files = ModelFiles()
    onnx = OnnxEmbedder(files.name, files.languages, Layout(real_index.settings.data_dir).models / files.name)
    texts = ["GPA", "What GPA do I need?", "very long " * 600, "Қазақша мәтін", "", "🎓 2.67"]
    torch = np.array(TorchEmbedder(files).embed_documents(texts))
    exported = np.array(onnx.embed_documents(texts))
    np.testing.assert_allclose(np.linalg.norm(exported, axis=1), 1, atol=1e-5)
    assert (torch * exported).sum(axis=1).min() > 0.9999
    np.testing.assert_allclose(onnx.embed_query(texts[1]), exported[1], atol=1e-5)
