"""Building a generation: nothing is done twice, nothing unverified serves, and nothing is left lying about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, document, documents
from langchain_core.embeddings import Embeddings

from assistant.errors import IndexBusy, IndexError_, IndexMissing
from assistant.knowledge import generation
from assistant.knowledge.generation import BuildReport, Layout, build, building, fingerprint, stack
from assistant.knowledge.index import open_index
from assistant.knowledge.library import Library
from assistant.knowledge.ranking import Query
from assistant.knowledge.read_texts import embedded_texts
from assistant.knowledge.retrieval import search
from assistant.knowledge.vector_cache import VectorCache
from assistant.types import Document

QUESTION = Query(text="What is form1 of grant2?", language="en", reader="en")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Return an empty data directory."""
    return Layout(tmp_path / "data")


def built(layout: Layout, base: Sequence[Document], embedder: FakeEmbedder | None = None) -> BuildReport:
    """Build as the program does, under the lock."""
    with building(layout):
        return build(layout, base, embedder or FakeEmbedder())


def texts_of(base: Sequence[Document]) -> set[str]:
    """Return the distinct texts that are embedded of documents."""
    return {text for each in base for passage in each.passages for text in embedded_texts(passage)}


def top(layout: Layout) -> str:
    """Return the best section for the golden question, from a newly opened index."""
    return search(open_index(layout, FakeEmbedder()), QUESTION, k=1)[0].hit.passage.section


def test_what_is_built_is_found(layout: Layout) -> None:
    """A new index holds every passage, is whole, and answers."""
    report = built(layout, documents(5))
    index = open_index(layout, FakeEmbedder())
    assert index.degraded == ()
    assert len(index.rows) == report.documents == report.sections == 5
    assert report.sentences == 20
    assert report.embedded == len(texts_of(documents(5))) == 25
    assert len(index.matrix) == len(index.vectors) == 25
    assert top(layout) == "notes/2#s0"


def test_a_second_build_embeds_nothing_and_keeps_the_generation(layout: Layout) -> None:
    """With nothing changed, no text is embedded, and the same folder goes on serving."""
    first = built(layout, documents(5))
    folder, again = layout.serving(), FakeEmbedder()
    second = built(layout, documents(5), again)
    assert again.embedded == []
    assert (second.embedded, second.reused) == (0, 25)
    assert second.generation == first.generation
    assert layout.serving() == folder


def test_a_changed_document_embeds_only_what_is_new(layout: Layout) -> None:
    """One changed sentence costs its own vector and its section's, no other."""
    base = documents(5)
    built(layout, base)
    changed = (*base[:4], document("notes/4", base[4].passages[0].text.replace("form3", "form77")))
    embedder = FakeEmbedder()
    report = built(layout, changed, embedder)
    assert set(embedder.embedded) == texts_of(changed) - texts_of(base)
    assert report.embedded == len(embedder.embedded) == 2
    assert any("form77" in p.text for p in open_index(layout, FakeEmbedder()).shelf.passages())


def test_a_document_that_comes_back_is_not_embedded_again(layout: Layout) -> None:
    """Vectors outlive the generations they were made for."""
    built(layout, documents(3))
    built(layout, documents(1))
    embedder = FakeEmbedder()
    built(layout, documents(3), embedder)
    assert embedder.embedded == []
    assert top(layout) == "notes/2#s0"


def test_a_rebuild_makes_a_new_folder_from_known_vectors(layout: Layout) -> None:
    """`--rebuild` writes everything again and embeds nothing."""
    built(layout, documents(3))
    before, embedder = layout.serving(), FakeEmbedder()
    with building(layout):
        build(layout, documents(3), embedder, rebuild=True)
    assert layout.serving() != before
    assert embedder.embedded == []


def test_old_folders_are_removed(layout: Layout) -> None:
    """After a build one folder is left: the one that serves."""
    for count in (1, 2, 3):
        built(layout, documents(count))
    assert [*layout.generations.iterdir()] == [layout.serving()]


def test_format_embedder_and_documents_make_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another format, embedder, text or order of documents is another generation; the same is the same."""
    base = documents(3)
    names = {
        fingerprint(base, "one"),
        fingerprint(base, "two"),
        fingerprint(base[:2], "one"),
        fingerprint(base[::-1], "one"),
    }
    assert fingerprint(documents(3), "one") in names
    monkeypatch.setattr(generation, "FORMAT", "another")
    assert len(names | {fingerprint(base, "one")}) == 5


def test_an_index_of_another_embedder_is_refused(layout: Layout) -> None:
    """The message names both embedders and both ways out."""
    built(layout, documents(2))
    with pytest.raises(IndexError_, match=r"'fake-1', but 'fake-2' is configured; run `assistant index`.*set ASSIST"):
        open_index(layout, FakeEmbedder("fake-2"))


def test_each_embedder_finds_its_own_generation(layout: Layout) -> None:
    """After a change of the model the one before still opens its own index, whole or replaced."""
    built(layout, documents(2), FakeEmbedder("fake-1"))
    built(layout, documents(2), FakeEmbedder("fake-2"))
    new, old = open_index(layout, FakeEmbedder("fake-2")), open_index(layout, FakeEmbedder("fake-1"))
    assert new.degraded == ()
    assert new.generation != old.generation
    assert search(old, QUESTION)


def test_without_an_embedder_the_words_alone_are_searched(layout: Layout) -> None:
    """An index opens without any model."""
    built(layout, documents(3))
    assert search(open_index(layout, None), QUESTION, k=1)[0].hit.passage.section == "notes/2#s0"


def test_a_base_in_unknown_languages_is_indexed_by_words(layout: Layout) -> None:
    """If the embedder knows none of the languages there are no vectors, no Chroma, and no damage."""
    report = built(layout, documents(3), FakeEmbedder(languages=frozenset({"kk"})))
    index = open_index(layout, FakeEmbedder(languages=frozenset({"kk"})))
    assert report.embedded == 0
    assert index.degraded == ()
    assert search(index, QUESTION, k=1)[0].hit.passage.section == "notes/2#s0"


def test_an_empty_base_can_be_built(layout: Layout) -> None:
    """No document is an index, too: one that finds nothing."""
    built(layout, ())
    assert search(open_index(layout, FakeEmbedder()), QUESTION) == ()


def test_nothing_built_is_told(layout: Layout) -> None:
    """A folder without an index is refused with the command that makes one."""
    with pytest.raises(IndexMissing, match="run `assistant index`"):
        open_index(layout, FakeEmbedder())


class Forgetful(Embeddings):
    """A door to Chroma that mixes up what is stored: every text gets the same vector."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the same vector for all."""
        return [[1.0] + [0.0] * 63] * len(texts)

    def embed_query(self, text: str) -> list[float]:
        """Return that vector."""
        return self.embed_documents([text])[0]


def test_verification_refuses_a_bad_chroma(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chroma that holds other vectors never serves; the old index goes on, and no folder is left over."""
    built(layout, documents(3))
    before = layout.serving()
    with monkeypatch.context() as patched:
        patched.setattr(generation, "_cached", _mixing_up_chroma(generation._cached))
        with pytest.raises(IndexError_, match="by themselves; build again"):
            built(layout, documents(30))
    assert layout.serving() == before
    assert [*layout.generations.iterdir()] == [before]
    assert top(layout) == "notes/2#s0"
    built(layout, documents(30))
    assert len(open_index(layout, FakeEmbedder()).rows) == 30


def _mixing_up_chroma(real: object) -> object:
    """Return the door to the cache that is right for the library and wrong the second time, for Chroma."""
    calls: list[None] = []

    def cached(embedder: FakeEmbedder, cache: VectorCache) -> object:
        calls.append(None)
        assert callable(real)
        return real(embedder, cache) if len(calls) == 1 else Forgetful()

    return cached


def test_missing_vectors_are_told(layout: Layout) -> None:
    """A library that lacks a vector says how many and what to do."""
    layout.data.mkdir(parents=True)
    cache = VectorCache(Library(layout.library), "fake-1")
    cache.mset([("known", [1.0])])
    with pytest.raises(IndexError_, match="2 vectors are missing; run `assistant index`"):
        stack(["known", "a", "b"], cache)


def test_the_manifest_vouches_for_the_files(layout: Layout) -> None:
    """It names generation and embedder and lists each array file."""
    report = built(layout, documents(2))
    folder = layout.serving()
    assert folder is not None
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["generation"], manifest["embedder"]) == (report.generation, "fake-1")
    assert {"vectors.npy"} < set(manifest["files"])
    assert np.load(folder / "vectors.npy").shape == (10, 64)


def test_the_lock_lets_one_build_in(layout: Layout) -> None:
    """A second builder is refused at once, and let in when the first has ended, by error or not."""
    with building(layout), pytest.raises(IndexBusy, match="the old index goes on answering"), building(layout):
        pass
    with pytest.raises(RuntimeError), building(layout):
        raise RuntimeError
    with building(layout):
        pass


def test_progress_is_told_stage_by_stage(layout: Layout) -> None:
    """Each stage ends with all of its work done."""
    told: list[tuple[str, int, int]] = []
    with building(layout):
        build(layout, documents(5), FakeEmbedder(), progress=lambda *each: told.append(each))
    last = {stage: (done, total) for stage, done, total in told}
    assert set(last) >= {"embedding", "lexical index", "vector index"}
    assert all(done == total for done, total in last.values())
