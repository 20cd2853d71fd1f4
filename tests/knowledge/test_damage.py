"""Each file of an index truncated, zeroed, flipped or missing: questions are answered, and a build repairs."""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import sqlite3
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from fakes import FakeEmbedder, RealIndex, documents

from assistant.bootstrap import build_index, open_assistant, question_embedder
from assistant.errors import AssistantError
from assistant.knowledge.generation import Layout, build, building
from assistant.knowledge.index import open_index
from assistant.knowledge.library import Library
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.knowledge.vector_cache import VectorCache
from assistant.settings import Settings, load_settings
from assistant.types import Answer

GPA = "What GPA do I need at Test University?"
SECTION = "regulations/exchange#gpa"
QUESTION = Query(text="What is form1 of grant22?", language="en", reader="en")


def missing(path: Path) -> None:
    """Remove a file."""
    path.unlink()


def emptied(path: Path) -> None:
    """Leave a file of no bytes."""
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    """Leave the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeroed(path: Path) -> None:
    """Leave zeros in place of all bytes."""
    path.write_bytes(bytes(path.stat().st_size))


def flipped(path: Path) -> None:
    """Turn around every seventh byte."""
    raw = bytearray(path.read_bytes())
    raw[::7] = bytes(byte ^ 0xFF for byte in raw[::7])
    path.write_bytes(raw)


Harm = Callable[[Path], None]
HARMS: tuple[Harm, ...] = (missing, emptied, truncated, zeroed, flipped)
ARRAYS = ("generations/*/vectors.npy", "generations/*/lexical/*.npy")
PARTS = (
    "library.sqlite", "current", "generations/*/manifest.json", *ARRAYS, "generations/*/chroma/chroma.sqlite3",
    "generations/*/chroma/*/*",
)  # fmt: skip


def assert_answers(settings: Settings) -> None:
    """Make sure that the assistant opens within five seconds and quotes the right section."""
    started = time.perf_counter()
    reply = open_assistant(settings).ask(GPA)
    assert time.perf_counter() - started < 5
    assert isinstance(reply, Answer), reply.text
    assert reply.citations[0].passage.section == SECTION
    assert "2.67" in reply.citations[0].quote


def harmed_copies(real_index: RealIndex, tmp_path: Path, part: str, harm: Harm) -> list[tuple[str, Settings]]:
    """Return one copy of the index for each file of a part, with that file harmed."""
    names = sorted(p.relative_to(real_index.settings.data_dir) for p in real_index.settings.data_dir.glob(part))
    assert names, f"there is no {part}"
    copies = []
    for number, name in enumerate(names):
        settings = real_index.copy(tmp_path / str(number))
        harm(settings.data_dir / name)
        copies.append((str(name), settings))
    return copies


def cases() -> list[object]:
    """Return every part with every harm, and what is known to fail marked."""
    return [
        pytest.param(part, harm, id=f"{part}-{harm.__name__}")
        for part in PARTS
        for harm in HARMS
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("part", "harm"), cases())
def test_questions_are_answered_all_the_same(real_index: RealIndex, tmp_path: Path, part: str, harm: Harm) -> None:
    """Whatever file is harmed, the assistant opens and quotes as before."""
    for _, settings in harmed_copies(real_index, tmp_path, part, harm):
        assert_answers(settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "harm"),
    [
        ("library.sqlite", flipped),
        ("current", missing),
        ("generations/*/manifest.json", truncated),
        ("generations/*/vectors.npy", flipped),
        ("generations/*/lexical/codes.npy", missing),
        ("generations/*/chroma/chroma.sqlite3", zeroed),
    ],
)
def test_the_next_index_repairs(real_index: RealIndex, tmp_path: Path, part: str, harm: Harm) -> None:
    """`assistant index` makes whole what was harmed, and a damaged library is kept beside."""
    [(_, settings)] = harmed_copies(real_index, tmp_path, part, harm)
    build_index(settings)
    assert open_index(Layout(settings.data_dir), question_embedder(settings)).degraded == ()
    assert_answers(settings)
    if part == "library.sqlite":
        assert len(list(settings.data_dir.glob("library.damaged-*"))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_a_harmed_log_of_the_library_is_survived(
    real_index: RealIndex, tmp_path: Path, harm: Harm, suffix: str
) -> None:
    """A write-ahead log left by a killed process and then damaged costs at most what only it held."""
    settings = real_index.copy(tmp_path)
    library = Library(Layout(settings.data_dir).library)
    VectorCache(library, "other").mset([("text", [1.0])])
    shutil.copytree(settings.data_dir, tmp_path / "killed")
    harm(tmp_path / "killed" / f"library.sqlite{suffix}")
    library.close()
    assert_answers(settings.model_copy(update={"data_dir": tmp_path / "killed"}))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with so many vectors that Chroma writes its graph to files."""
    layout = Layout(tmp_path_factory.mktemp("large") / "data")
    with building(layout):
        build(layout, documents(250), FakeEmbedder())
    assert len(list(layout.generations.glob("*/chroma/*/*.bin"))) == 4
    return layout.data


def answer_or_die(data: Path) -> None:
    """Search in a child process, which a fault in Chroma's machine code may end."""
    found = search(open_index(Layout(data), FakeEmbedder()), QUESTION, k=1)
    assert found[0].hit.passage.section == "notes/22#s0"


def exit_code(data: Path) -> int | None:
    """Return how a child process ended that searched in ``data``."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["assistant.knowledge.generation", "langchain_chroma", "langchain_classic.embeddings"]
    )
    child = context.Process(target=answer_or_die, args=(data,))
    child.start()
    child.join(30)
    return child.exitcode


GRAPH = ("header.bin", "length.bin", "link_lists.bin", "data_level0.bin", "index_metadata.pickle")


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", GRAPH)
def test_chromas_damaged_graph_ends_no_process(large: Path, tmp_path: Path, name: str, harm: Harm) -> None:
    """A damaged graph file is replaced by exact search; it must not take the process down."""
    shutil.copytree(large, tmp_path / "data")
    [path] = (tmp_path / "data").glob(f"generations/*/chroma/*/{name}")
    harm(path)
    assert exit_code(tmp_path / "data") == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("header.bin", missing),
        ("link_lists.bin", missing),
        ("index_metadata.pickle", truncated),
        ("data_level0.bin", truncated),
        ("data_level0.bin", zeroed),
        ("index_metadata.pickle", missing),
    ],
)
def test_the_next_build_repairs_chromas_graph(large: Path, tmp_path: Path, name: str, harm: Harm) -> None:
    """A damaged graph file is noticed by the next build, which makes it anew."""
    shutil.copytree(large, tmp_path / "data")
    layout = Layout(tmp_path / "data")
    [path] = layout.data.glob(f"generations/*/chroma/*/{name}")
    harm(path)
    before = layout.serving()
    with building(layout):
        build(layout, documents(250), FakeEmbedder())
    assert layout.serving() != before
    assert open_index(layout, FakeEmbedder()).degraded == ()


def test_a_lost_library_is_made_again(tmp_path: Path) -> None:
    """A build beside a generation whose library is gone or empty embeds all of it anew and serves it."""
    layout = Layout(tmp_path / "data")
    for harm in (missing, emptied):
        with building(layout):
            build(layout, documents(30), FakeEmbedder())
        for path in layout.data.glob("library.sqlite-*"):
            path.unlink()
        harm(layout.library)
        embedder = FakeEmbedder()
        with building(layout):
            build(layout, documents(30), embedder)
        assert len(embedder.embedded) == 150
        assert open_index(layout, FakeEmbedder()).degraded == ()


@pytest.mark.slow
def test_a_library_of_a_later_program_is_never_set_aside(tmp_path: Path) -> None:
    """`assistant index` refuses a library with an unknown schema and leaves it where it is."""
    layout = Layout(tmp_path / "data")
    Library(layout.library).close()
    with contextlib.closing(sqlite3.connect(layout.library)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(AssistantError, match="schema 99"):
        build_index(load_settings(data_dir=layout.data, knowledge_base=tmp_path, embedding_model="/nowhere"))
    assert [path.name for path in layout.data.glob("library*damaged*")] == []
