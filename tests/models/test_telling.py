"""What ``doctor`` tells of the models that find: which, where, whether they work, and what leaves this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from embedding_server import EmbeddingServer, embedding
from fakes import write_base
from tiny_models import embedding_model, reranking_model

from assistant.bootstrap import embedding_told, reranker_told
from assistant.bootstrap.building import _build_here
from assistant.bootstrap.telling import sent
from assistant.diagnosis import diagnose
from assistant.errors import ModelError
from assistant.knowledge.progress import no_progress
from assistant.models.endpoint import Endpoint
from assistant.settings import Settings, load_settings

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    """Return an endpoint that runs as long as the test."""
    with embedding() as running:
        yield running


def settings(folder: Path, **more: object) -> Settings:
    """Return settings of an empty place."""
    return load_settings(knowledge_base=write_base(folder / "base"), data_dir=folder / "data", **more)


def test_the_installed_model_stays_here(tmp_path: Path) -> None:
    """Before the first build it is not exported; nothing of it leaves this machine, and nothing is to be compared."""
    ok, words = embedding_told(settings(tmp_path))
    assert not ok
    assert words.startswith("minilm-")
    assert "for en; not exported: `assistant index` does it" in words
    assert "nothing leaves this machine" in words
    assert "make eval" not in words


def test_a_folder_tells_its_prompts(tmp_path: Path) -> None:
    """Its languages, its prompts and whether it is exported are told."""
    folder = embedding_model(tmp_path / "tiny", prompts={"query": "query: ", "passage": "passage: "})
    place = settings(tmp_path, embedding_model=str(folder))
    _build_here(place, rebuild=False, progress=no_progress)
    ok, words = embedding_told(place)
    assert ok
    assert "for en, kk, ru; exported for fast questions; prompts 'query: ' and 'passage: '" in words
    assert "compare both with `make eval`" in words


def test_a_folder_that_cannot_be_exported_is_no_fault(tmp_path: Path) -> None:
    """It answers through sentence-transformers."""
    place = settings(tmp_path, embedding_model=str(embedding_model(tmp_path / "tiny", pooling="max")))
    _build_here(place, rebuild=False, progress=no_progress)
    ok, words = embedding_told(place)
    assert ok
    assert "run by sentence-transformers: it cannot be exported; no prompts" in words


def test_an_endpoint_is_tried(tmp_path: Path, server: EmbeddingServer) -> None:
    """Before a build, when it works, when another model stands there, and when it is gone."""
    place = settings(tmp_path, embedding_model="openai:words", embedding_base_url=server.url, embedding_api_key="sk-1")
    ok, words = embedding_told(place)
    assert not ok
    assert "nothing was built with it yet: run `assistant index`" in words
    _build_here(place, rebuild=False, progress=no_progress)
    ok, words = embedding_told(place)
    assert ok
    assert "gave a vector of 48 numbers" in words
    assert "what is sent, to this machine only: questions (personal data masked)" in words
    server.seed = 9
    assert "of another model than that of the index" in embedding_told(place)[1]
    server.behaviour = "500"
    ok, words = embedding_told(place)
    assert not ok
    assert "fails (5xx); questions are searched by their words" in words
    found = {finding.subject: finding for finding in diagnose(place)}
    assert found["index"].ok
    assert found["answer"].ok
    assert not found["embedding model"].ok
    assert found["reranker"].words == "none is configured"
    assert all("sk-1" not in finding.words for finding in found.values())


def test_what_leaves_the_machine_is_said_in_capitals() -> None:
    """An endpoint elsewhere is named; so is that nothing is masked."""
    words = sent(Endpoint("openai", "m", "https://ai.example.org/v1"), masked=False)
    assert "LEAVES THIS MACHINE, to ai.example.org: questions (personal data NOT masked)" in words


def test_a_reranker_is_tried(tmp_path: Path) -> None:
    """It reads twenty sections for the report; a folder without one is told."""
    place = settings(tmp_path, reranker_model=str(reranking_model(tmp_path / "tiny", "ж")))
    ok, words = reranker_told(place)
    assert ok
    assert "read 20 sections in " in words
    assert "nothing leaves this machine" in words
    with pytest.raises(ModelError, match="ASSISTANT_RERANKER_MODEL"):
        reranker_told(place.model_copy(update={"reranker_model": str(tmp_path / "none")}))
