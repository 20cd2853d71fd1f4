"""The library: what it is given it keeps, letter for letter; what fails leaves no trace."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest
from fakes import document, documents
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import IndexError_
from assistant.knowledge.library import Library, version_digest
from assistant.knowledge.loading import load
from assistant.knowledge.read_texts import embedded_texts
from assistant.knowledge.vector_cache import VectorCache
from assistant.settings import content
from assistant.types import Document, Kind

EMBEDDER = "fake-1"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return an empty library."""
    return Library(tmp_path / "library.sqlite")


def keep(library: Library, name: str, members: tuple[Document, ...], built_at: str) -> None:
    """Store a whole generation."""
    library.stage(name, EMBEDDER, members, built_at)
    library.complete(name)


def count(library: Library, table: str) -> int:
    """Return the number of rows in a table, read by a connection of its own."""
    with sqlite3.connect(library.path) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(found[0])


def test_documents_come_back_as_they_went_in(library: Library) -> None:
    """Each curated document of the knowledge base is equal to its stored self, offsets and all."""
    base, _ = load(content("knowledge_base") / "regulations")
    keep(library, "g1", base, "2026-01-01")
    for each in base:
        assert library.document("g1", each.id, each.language) == each
    assert [p for d in base for p in d.passages] == list(library.passages("g1"))


def test_rows_lead_to_their_passages(library: Library) -> None:
    """Row by row, what is read is the passage, its kind and its source, and units count the vectors."""
    members = (document("a", "One rule. Two rules.", "Three.", country="KZ"), document("b", "Four.", kind=Kind.LESSON))
    keep(library, "g1", members, "2026-01-01")
    rows = library.rows("g1")
    expected = [(d, p) for d in members for p in d.passages]
    assert [library.read(row.version, row.ordinal) for row in rows] == [(p, d.kind, d.source) for d, p in expected]
    assert [1 + row.units for row in rows] == [len(list(embedded_texts(p))) for _, p in expected]


def test_a_changed_document_is_another_version(library: Library) -> None:
    """The old generation still reads the old text while the new one reads the new."""
    old, new = document("a", "The fee is 20 euros."), document("a", "The fee is 30 euros.")
    keep(library, "g1", (old,), "2026-01-01")
    keep(library, "g2", (new,), "2026-01-02")
    assert version_digest(old) != version_digest(new)
    assert library.document("g1", "a", "en") == old
    assert library.document("g2", "a", "en") == new


def test_an_unchanged_document_is_stored_once(library: Library) -> None:
    """Generations share the versions that they have in common."""
    both = document("a", "Stays.")
    keep(library, "g1", (both, document("b", "Goes.")), "2026-01-01")
    keep(library, "g2", (both, document("b", "Comes.")), "2026-01-02")
    assert count(library, "version") == 3


def test_two_generations_are_kept(library: Library) -> None:
    """The newest and the one before stay; older ones go with the versions that only they had."""
    for number in range(1, 5):
        keep(library, f"g{number}", (document("a", f"Text {number}."),), f"2026-01-0{number}")
    assert [name for name, _ in library.generations()] == ["g4", "g3"]
    assert count(library, "version") == 2
    assert list(library.passages("g1")) == []


def test_a_clock_set_back_loses_no_generation(library: Library) -> None:
    """What was completed last is kept, even if the clock says that it is older."""
    for name, built_at in (("g1", "2026-01-02"), ("g2", "2026-01-03"), ("g3", "2026-01-01")):
        keep(library, name, (document("a", f"Text {name}."),), built_at)
    assert "g3" in [name for name, _ in library.generations()]


def test_a_staged_generation_does_not_serve(library: Library) -> None:
    """What is not verified is not listed, and completing the next one clears it away."""
    library.stage("half", EMBEDDER, documents(2), "2026-01-01")
    assert library.generations() == []
    keep(library, "whole", documents(1), "2026-01-02")
    assert library.generations() == [("whole", EMBEDDER)]
    assert library.rows("half") == []


def test_removed_text_is_gone_from_the_file(library: Library) -> None:
    """Once no generation holds a text, no byte of it is left in the file or its log."""
    keep(library, "g1", (document("a", "Remove Marker7731 please."),), "2026-01-01")
    for number in (2, 3):
        keep(library, f"g{number}", (document("a", "Nothing left."),), f"2026-01-0{number}")
    library.close()
    files = list(library.path.parent.glob("library.sqlite*"))
    assert files
    assert all(b"Marker7731" not in path.read_bytes() for path in files)


@settings(max_examples=40)
@given(vectors=st.lists(st.lists(st.floats(width=32, allow_nan=False), min_size=3, max_size=3), max_size=5))
def test_vectors_come_back_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, vectors: list[list[float]]) -> None:
    """Every float32 returns as it was, in the order asked, and what is unknown is None."""
    opened = Library(tmp_path_factory.mktemp("vectors") / "library.sqlite")
    cache = VectorCache(opened, EMBEDDER)
    texts = [f"text {number}" for number in range(len(vectors))]
    cache.mset(list(zip(texts, vectors, strict=True)))
    assert cache.mget([*reversed(texts), "never"]) == [*reversed(vectors), None]
    opened.close()


def test_vectors_of_different_models_never_meet(library: Library) -> None:
    """The same text has one vector per embedder."""
    one, other = VectorCache(library, "one"), VectorCache(library, "other")
    one.mset([("text", [1.0, 0.0])])
    assert other.mget(["text"]) == [None]
    one.mdelete(["text"])
    assert one.mget(["text"]) == [None]


def test_many_vectors_are_read_in_the_order_asked(library: Library) -> None:
    """More keys than SQLite takes in one statement are no problem."""
    cache = VectorCache(library, EMBEDDER)
    cache.mset([(str(number), [float(number)]) for number in range(1200)])
    asked = [str(number) for number in reversed(range(1200))]
    assert np.array(cache.mget(asked)).ravel().tolist() == [float(text) for text in asked]


def test_a_failed_write_leaves_nothing(library: Library) -> None:
    """What was written before an error in the same transaction is rolled back."""
    with pytest.raises(RuntimeError, match="midway"):
        _write_and_fail(library)
    assert count(library, "generation") == 0
    keep(library, "g1", documents(1), "2026-01-01")
    assert count(library, "generation") == 1


def _write_and_fail(library: Library) -> None:
    with library.writing() as connection:
        connection.execute("INSERT INTO generation VALUES ('g','e','2026',0)")
        raise RuntimeError("midway")


def test_a_stage_that_fails_midway_leaves_the_old_generation_whole(library: Library) -> None:
    """A document that cannot be stored takes back all that was staged with it."""
    keep(library, "g1", documents(2), "2026-01-01")
    good, bad = document("new/good", "Fine."), document("new/bad", "Broken \ud800 text.")
    with pytest.raises(UnicodeEncodeError):
        library.stage("g2", EMBEDDER, (good, bad), "2026-01-02")
    assert count(library, "generation") == 1
    assert [row.section for row in library.rows("g1")] == ["notes/0#s0", "notes/1#s0"]
    assert library.document("g2", "new/good", "en") is None


def test_writers_in_many_threads_lose_nothing(library: Library) -> None:
    """Eight threads write at once; every acknowledged vector is there."""
    cache = VectorCache(library, EMBEDDER)

    def write(thread: int) -> None:
        for number in range(20):
            cache.mset([(f"{thread}-{number}", [float(thread), float(number)])])
        library.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(library, "vector") == 160


def test_a_library_of_a_later_program_is_left_alone(tmp_path: Path) -> None:
    """An unknown schema is refused with the way out, and not touched."""
    path = tmp_path / "library.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(IndexError_, match="schema 99, this program knows 1; update the program"):
        Library(path)


def test_a_passage_that_is_gone_is_told(library: Library) -> None:
    """Reading a version that was replaced raises an error of ours."""
    with pytest.raises(IndexError_, match="is gone; open the index again"):
        library.read("0" * 24, 0)
