"""The reranker: what it finds relevant, how long it is waited for, and what is said of a wrong folder."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import document
from tiny_models import reranking_model

from assistant.errors import ModelError
from assistant.knowledge.index import in_memory
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.models.reranking import CrossEncoderReranker

pytestmark = pytest.mark.slow
TEXTS = ["абв абв", "ж абв абв где", "жжж жжж", "жжж абв"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cross-encoder for which the letter ж is relevant."""
    return reranking_model(tmp_path_factory.mktemp("reranker") / "tiny", "ж")


def test_the_order_is_the_models(folder: Path) -> None:
    """Each text has a relevance between 0 and 1, in the order of the texts; more of the letter is more relevant."""
    found = CrossEncoderReranker(folder, seconds=30).relevance("вопрос", TEXTS)
    assert found.shape == (4,)
    assert ((found >= 0) & (found <= 1)).all()
    assert np.argsort(-found).tolist() == [2, 3, 1, 0]


def test_a_search_is_reranked(folder: Path) -> None:
    """A section that the search puts second comes first when the reranker finds it far more relevant."""
    documents = [
        document("a", "Виза, виза, виза.", language="ru"),
        document("b", "Виза жжжжжжжжж жжжжжжжжж.", language="ru"),
    ]
    index = in_memory(documents)
    query = Query(text="виза", language="ru", reader="ru")
    assert [each.hit.passage.document for each in search(index, query)] == ["a", "b"]
    reranked = replace(index, reranker=CrossEncoderReranker(folder, seconds=30))
    assert [each.hit.passage.document for each in search(reranked, query)] == ["b", "a"]


class Slow:
    """Stands in the model's place and is not done before it is told so."""

    def __init__(self) -> None:
        self.pairs = 0
        self.begun, self.told = threading.Event(), threading.Event()

    def predict(self, pairs: list[tuple[str, str]], **_: object) -> np.ndarray:
        """Return the same for every pair, late."""
        self.pairs += len(pairs)
        self.begun.set()
        self.told.wait(20)
        return np.full(len(pairs), 0.5)


def ended(reranker: CrossEncoderReranker, slow: Slow) -> None:
    """Let the model be done, and wait until its thread is."""
    slow.told.set()
    assert reranker._busy.acquire(timeout=20)
    reranker._busy.release()


@pytest.fixture
def reranker(folder: Path) -> CrossEncoderReranker:
    """Return a reranker that is waited for a fifth of a second, with a breaker whose clock stands still."""
    return CrossEncoderReranker(folder, seconds=0.2, clock=lambda: 0.0)


def test_nobody_waits_for_a_slow_model(reranker: CrossEncoderReranker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller has an error when the time is over, and the model stops after the pairs at hand."""
    slow = Slow()
    monkeypatch.setattr(reranker, "_model", slow)
    begun = time.monotonic()
    with pytest.raises(ModelError, match="within its time"):
        reranker.relevance("question", ["text"] * 20)
    assert time.monotonic() - begun < 2
    ended(reranker, slow)
    assert slow.pairs == 4


def test_questions_at_once_do_not_pile_up(reranker: CrossEncoderReranker, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one question is read another is told so within the time, and that is held against nobody."""
    slow = Slow()
    monkeypatch.setattr(reranker, "_model", slow)

    def ask() -> None:
        with pytest.raises(ModelError):
            reranker.relevance("one", ["text"])

    first = threading.Thread(target=ask)
    first.start()
    assert slow.begun.wait(20)
    for _ in range(5):
        with pytest.raises(ModelError, match="busy"):
            reranker.relevance("another", ["text"])
    first.join()
    ended(reranker, slow)


def test_a_model_that_is_always_slow_is_left_alone(
    reranker: CrossEncoderReranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three searches without a result the next ones do not wait for it."""
    for _ in range(3):
        slow = Slow()
        monkeypatch.setattr(reranker, "_model", slow)
        with pytest.raises(ModelError, match="within its time"):
            reranker.relevance("question", ["text"])
        ended(reranker, slow)
    slow = Slow()
    monkeypatch.setattr(reranker, "_model", slow)
    with pytest.raises(ModelError, match="left alone"):
        reranker.relevance("question", ["text"])
    assert slow.pairs == 0


def test_a_model_that_fails_is_told(reranker: CrossEncoderReranker, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library raises is an error of ours, without the texts."""

    class Broken:
        def predict(self, pairs: list[tuple[str, str]], **_: object) -> np.ndarray:
            raise RuntimeError(f"cannot read {pairs}")

    monkeypatch.setattr(reranker, "_model", Broken())
    with pytest.raises(ModelError, match=r"has failed \(RuntimeError\)") as caught:
        reranker.relevance("secret", ["text"])
    assert "secret" not in str(caught.value)


def test_wrong_folders_are_told(tmp_path: Path) -> None:
    """No folder, rubbish, and a model with several numbers for a pair are refused at the start."""
    with pytest.raises(ModelError, match="ASSISTANT_RERANKER_MODEL"):
        CrossEncoderReranker(tmp_path / "none")
    (tmp_path / "rubbish").mkdir()
    (tmp_path / "rubbish" / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot load the reranker"):
        CrossEncoderReranker(tmp_path / "rubbish")
    with pytest.raises(ModelError, match="gives 3 numbers for a pair"):
        CrossEncoderReranker(reranking_model(tmp_path / "three", "ж", labels=3))
