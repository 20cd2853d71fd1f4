"""Embedding models: what names them, what is refused, and that both ways of running give the same vectors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEmbedder, RealIndex
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import WINDOW, embedding_model

from assistant.errors import ModelError
from assistant.knowledge.embedding import Embedder, ModelFiles, Prompts, TorchEmbedder, batches
from assistant.knowledge.exported import OnnxEmbedder, export, is_settled
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


E5 = {"query": "query: ", "passage": "passage: "}


@pytest.mark.parametrize(
    ("told", "prompts"),
    [
        ({}, Prompts()),
        ({"prompts": {}}, Prompts()),
        ({"prompts": E5}, Prompts("query: ", "passage: ")),
        ({"prompts": {**E5, "document": ""}}, Prompts("query: ", "passage: ")),
        ({"prompts": {"query": "", "document": ""}, "default_prompt_name": None}, Prompts()),
        ({"prompts": {"query": "ask: "}, "default_prompt_name": "query"}, Prompts("ask: ", "ask: ")),
        ({"prompts": {"any": "text: "}, "default_prompt_name": "any"}, Prompts("text: ", "text: ")),
        ({"prompts": {"any": "text: ", "query": ""}, "default_prompt_name": "any"}, Prompts("", "text: ")),
        ({"prompts": {"any": "text: "}}, Prompts()),
    ],
)
def test_a_model_tells_its_own_prompts(tmp_path: Path, told: dict[str, Any], prompts: Prompts) -> None:
    """Questions and texts have the prompts of the model's configuration, by whichever of the usual names."""
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(told), encoding="utf-8")
    assert Prompts.read(tmp_path) == prompts


@pytest.mark.parametrize("text", ["", "[]", "{", '{"prompts": 3, "default_prompt_name": "x"}'])
def test_damaged_prompts_are_told(tmp_path: Path, text: str) -> None:
    """A configuration that cannot be read is an error of ours."""
    (tmp_path / "config_sentence_transformers.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="cannot read"):
        Prompts.read(tmp_path)


def test_other_languages_are_another_name(tmp_path: Path) -> None:
    """An index holds vectors of the declared languages only, so that widening them makes another index."""
    folder = model_folder(tmp_path / "tiny")
    every, two = ModelFiles(str(folder)), ModelFiles(str(folder), frozenset({"kk", "ru"}))
    assert two.name == f"{every.name}-ru-kk"
    assert ModelFiles().name == ModelFiles(languages=frozenset({"en"})).name


TEXTS = ["GPA", "Какой балл IELTS нужен?", "Алмасуға қандай құжаттар керек?", "слово " * 60, "", "ӘҒҚҢ"]


@pytest.mark.slow
@pytest.mark.parametrize("prompts", [{}, E5], ids=["plain", "prompts"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_export_reads_as_the_model_does(tmp_path: Path, pooling: str, prompts: dict[str, str]) -> None:
    """Both ways use the same prompts, pooling and window, of which a question and a text have their own."""
    files = ModelFiles(str(embedding_model(tmp_path / "tiny", pooling=pooling, prompts=prompts)))
    torch = TorchEmbedder(files)
    assert export(torch, tmp_path / "export")
    onnx = OnnxEmbedder(files.name, files.languages, tmp_path / "export")
    np.testing.assert_allclose(onnx.embed_documents(TEXTS), torch.embed_documents(TEXTS), atol=1e-4)
    questions = np.array([onnx.embed_query(text) for text in TEXTS])
    np.testing.assert_allclose(questions, [torch.embed_query(text) for text in TEXTS], atol=1e-4)
    is_same = np.allclose(questions[1:3], onnx.embed_documents(TEXTS[1:3]), atol=1e-3)
    assert is_same == (not prompts)
    long = "слово " * WINDOW
    np.testing.assert_allclose(onnx.embed_query(f"{long}одно"), onnx.embed_query(f"{long}другое"), atol=1e-5)


@pytest.mark.slow
def test_a_prompt_is_what_stands_in_front(tmp_path: Path) -> None:
    """A question with its prompt is the same as the text written out to a model without prompts."""
    plain = TorchEmbedder(ModelFiles(str(embedding_model(tmp_path / "plain"))))
    told = TorchEmbedder(ModelFiles(str(embedding_model(tmp_path / "told", prompts=E5))))
    np.testing.assert_allclose(told.embed_query("Балл"), plain.embed_query("query: Балл"), atol=1e-6)
    np.testing.assert_allclose(told.embed_documents(["Балл"]), plain.embed_documents(["passage: Балл"]), atol=1e-6)


@pytest.mark.slow
def test_what_cannot_be_exported_answers_by_itself(tmp_path: Path) -> None:
    """Further layers or another pooling are never passed over: there is no export, and it is not tried again."""
    from sentence_transformers.sentence_transformer.modules import Dense

    for name, made in {
        "dense": embedding_model(tmp_path / "dense", more=(Dense(16, 8),)),
        "max": embedding_model(tmp_path / "max", pooling="max"),
    }.items():
        files = ModelFiles(str(made))
        folder = tmp_path / f"export-{name}"
        assert not is_settled(folder)
        assert not export(TorchEmbedder(files), folder)
        assert is_settled(folder)
        with pytest.raises(ModelError, match="cannot open the exported model"):
            OnnxEmbedder(files.name, files.languages, folder)


@pytest.mark.slow
def test_an_export_with_other_vectors_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was written is compared with the model, so that no difference between the two libraries goes unseen."""
    embedder = TorchEmbedder(ModelFiles(str(embedding_model(tmp_path / "tiny"))))
    monkeypatch.setattr("assistant.knowledge.exported._pooling", lambda model: "cls")
    assert not export(embedder, tmp_path / "export")
    assert "gives other vectors" in caplog.text
    assert [path.name for path in (tmp_path / "export").iterdir()] == ["reading.json"]
