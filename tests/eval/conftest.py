"""What the tests of the evaluation share: a tiny dataset, and an assistant without a model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from eval_fakes import write

from assistant.knowledge.index import Index, in_memory
from assistant.knowledge.loading import load
from assistant.settings import Settings


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write(tmp_path / "tiny")


@pytest.fixture
def in_memory_assistant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``system = "assistant"`` open a real assistant whose index is built in memory, without a model."""

    def build(settings: Settings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / "current").write_text("in-memory", encoding="utf-8")

    def serving(settings: Settings) -> Callable[[], Index]:
        documents, _ = load(settings.knowledge_base)
        index = in_memory(documents)
        return lambda: index

    monkeypatch.setattr("assistant.bootstrap.build_index", build)
    for where in ("assistant.bootstrap", "assistant.bootstrap.answers"):
        monkeypatch.setattr(f"{where}.ServingIndex", serving)
