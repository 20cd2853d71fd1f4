"""The translator that a parallel base teaches itself: what it learns, when it is silent, and that it survives."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, document

from assistant.knowledge.generation import Layout, build, building
from assistant.knowledge.index import Index, in_memory, open_index
from assistant.knowledge.projection import FEWEST_PAIRS, Projector, parallel_texts
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.types import Document

ENGLISH = frozenset({"en"})
WORDS = {  # no word of one language resembles one of the other
    "money": "ақша", "room": "бөлме", "friend": "дос", "exam": "сынақ", "weather": "ауа", "food": "тамақ",
    "doctor": "дәрігер", "bus": "көлік", "book": "кітап", "lecture": "дәріс", "letter": "хат", "parent": "ата", "dean": "басшы",
}  # fmt: skip


def base(english_only: tuple[str, str] | None = None) -> list[Document]:
    """Return parallel documents, one for each pair of words; ``english_only`` adds one without a Kazakh version."""
    pairs = [(a, b) for a in WORDS for b in WORDS if a < b]
    found = []
    for number, (one, two) in enumerate(pairs):
        found.append(document(f"adaptation/d{number}", f"A {one} needs a {two}. The {one} is here."))
        kazakh = document(
            f"adaptation/d{number}",
            f"Маған {WORDS[one]} мен {WORDS[two]} керек. Бұл {WORDS[one]} осында.",
            language="kk",
        )
        found.append(kazakh)
    if english_only:
        found.append(
            document("adaptation/alone", "Only {} and {} matter to us. Nothing else does.".format(*english_only))
        )
    return found


def test_a_question_finds_what_stands_in_another_language_alone() -> None:
    """Kazakh words lead to an English section that shares no letters with them, by what parallel texts taught."""
    index = in_memory(base(("money", "doctor")), FakeEmbedder(languages=ENGLISH))
    assert index.projector is not None
    query = Query(text="ақша дәрігер", language="kk", reader="kk")

    def score(searched: Index) -> float:
        found = {each.hit.passage.section: each.hit.score for each in search(searched, query, k=100)}
        return found.get("adaptation/alone#s0", 0.0)

    assert score(index) > 2 * score(replace(index, projector=None))


def test_signals_say_that_a_question_was_projected() -> None:
    """A projected cosine is never shown as one of the embedder's own."""
    index = in_memory(base(), FakeEmbedder(languages=ENGLISH))
    (first, *_) = search(index, Query(text="дос пен кітап", language="kk", reader="kk"), k=1)
    assert "projected_section_cosine" in first.hit.signals
    assert "section_cosine" not in first.hit.signals
    (read, *_) = search(index, Query(text="a friend and a book", language="en", reader="en"), k=1)
    assert "section_cosine" in read.hit.signals
    assert "projected_section_cosine" not in read.hit.signals


def test_projected_vectors_are_near_those_of_the_translation() -> None:
    """On the words it was taught the projection comes nearer to the right vector than to others."""
    index = in_memory(base(), FakeEmbedder(languages=ENGLISH))
    assert index.projector is not None
    embedder = FakeEmbedder()
    found = index.projector.project("тамақ пен көлік")
    assert found is not None
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-3)
    right, wrong = (np.array(embedder.embed_query(text)) for text in ("bus food", "letter parent"))
    assert found @ right > found @ wrong + 0.2


def test_without_parallel_texts_nothing_is_learnt() -> None:
    """One language, or an embedder that knows all, leaves the base without a projector."""
    english = [each for each in base() if each.language == "en"]
    assert in_memory(english, FakeEmbedder(languages=ENGLISH)).projector is None
    assert in_memory(base(), FakeEmbedder()).projector is None
    assert Projector.train(["a"] * (FEWEST_PAIRS - 1), np.ones((FEWEST_PAIRS - 1, 4), dtype=np.float32)) is None


def test_unknown_letters_project_to_nothing() -> None:
    """A question of n-grams that no training text holds has no vector."""
    index = in_memory(base(), FakeEmbedder(languages=ENGLISH))
    assert index.projector is not None
    assert index.projector.project("????") is None
    assert index.projector.project("999999") is None


def test_pairs_go_by_place_and_only_where_versions_are_as_long() -> None:
    """Sentences of versions that differ in number are not paired; their sections are."""
    kazakh = document("a/b", "Бір. Екі.", language="kk")
    embedder = FakeEmbedder(languages=ENGLISH)
    for text, pairs in (("One. Two.", 3), ("One. Two. Three.", 1)):
        passages = [*document("a/b", text).passages, *kazakh.passages]
        count = 1 + len(passages[0].sentences)
        matrix = np.array(embedder.embed_documents(["x"] * count), dtype=np.float32)
        texts, vectors = parallel_texts(passages, ENGLISH, matrix)
        assert len(texts) == len(vectors) == pairs


def test_it_is_saved_with_the_generation_and_missed_when_damaged(tmp_path: Path) -> None:
    """An index opened from disk projects as the one in memory; a damaged projection is told and done without."""
    embedder = FakeEmbedder(languages=ENGLISH)
    layout = Layout(tmp_path)
    with building(layout):
        build(layout, base(), embedder)
    opened = open_index(layout, embedder)
    memory = in_memory(base(), embedder)
    assert opened.projector is not None
    assert memory.projector is not None
    one, two = opened.projector.project("ақша"), memory.projector.project("ақша")
    assert one is not None
    assert two is not None
    assert np.allclose(one, two, atol=1e-3)
    folder = layout.serving()
    assert folder is not None
    (folder / "projection" / "weights.npy").unlink()
    damaged = open_index(layout, embedder)
    assert damaged.projector is None
    assert any("projection" in problem for problem in damaged.degraded)
    assert search(damaged, Query(text="ақша", language="kk", reader="kk"), k=1)
    with building(layout):
        build(layout, base(), embedder)
    assert open_index(layout, embedder).projector is not None
    shutil.rmtree(tmp_path / "generations")
