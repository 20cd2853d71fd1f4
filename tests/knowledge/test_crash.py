"""What a killed, refused or starved build leaves behind: an index that answers, and a next build that succeeds."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from fakes import FakeEmbedder, document, documents

from assistant.bootstrap import build_index, open_assistant
from assistant.errors import AssistantError, IndexBusy, IndexError_, IndexMissing
from assistant.knowledge.generation import Layout, build, building
from assistant.knowledge.index import open_index
from assistant.knowledge.library import Library
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.settings import load_settings
from assistant.types import Document

BASE = documents(40)
QUESTION = Query(text="What is form1 of grant22?", language="en", reader="en")
GOLDEN = "notes/22#s0"
SLOWNESS = 0.002
"""Seconds that the slowed embedder takes per text."""


def refreshed(number: int) -> tuple[Document, ...]:
    """Return the base and forty texts that no other number has."""
    news = (f"Fresh rule {number} of part {part} about visa{number}x{part}." for part in range(40))
    return (*BASE, document("news/fresh", " ".join(news)))


def build_slowly(data: Path, number: int, said: Connection) -> None:
    """Build in a child process, telling when it has begun."""
    layout = Layout(data)
    with building(layout):
        said.send("begun")
        build(layout, refreshed(number), FakeEmbedder(seconds_per_text=SLOWNESS))
    said.send("done")


def hold_the_lock(data: Path, said: Connection) -> None:
    """Hold the lock in a child process until it is killed."""
    with building(Layout(data)):
        said.send("begun")
        time.sleep(600)


@pytest.fixture(scope="module")
def children() -> ForkServerContext:
    """Return a context whose children start at once, because everything heavy is imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["assistant.knowledge.generation", "langchain_chroma", "langchain_classic.embeddings"]
    )
    return context


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Return an empty data directory."""
    return Layout(tmp_path / "data")


def built(layout: Layout, base: tuple[Document, ...] = BASE) -> None:
    """Build at full speed."""
    with building(layout):
        build(layout, base, FakeEmbedder())


def killed_after(seconds: float, children: ForkServerContext, layout: Layout, number: int) -> tuple[int, bool]:
    """Kill a build after a time; return how many vectors could be read just before, and whether it had ended."""
    ours, theirs = children.Pipe(duplex=False)
    child = children.Process(target=build_slowly, args=(layout.data, number, theirs))
    child.start()
    theirs.close()
    assert ours.poll(60), "the child never began"
    ours.recv()
    time.sleep(seconds)
    acknowledged = vectors_in(layout)
    child.kill()
    child.join()
    try:
        return acknowledged, ours.recv() == "done"
    except EOFError:
        return acknowledged, False


def vectors_in(layout: Layout) -> int:
    """Return the number of vectors in the library, 0 if there is none yet."""
    if not layout.library.exists():
        return 0
    connection = sqlite3.connect(f"file:{layout.library}?mode=ro", uri=True, timeout=10)
    with closing(connection), suppress(sqlite3.OperationalError):  # no table yet
        return int(connection.execute("SELECT count(*) FROM vector").fetchone()[0])
    return 0


def answers(layout: Layout) -> bool:
    """Return whether a newly opened index finds the golden section first."""
    return search(open_index(layout, FakeEmbedder()), QUESTION, k=1)[0].hit.passage.section == GOLDEN


def assert_whole(layout: Layout, base: tuple[Document, ...]) -> None:
    """Make sure that the next build succeeds, sweeps, and leaves nothing half-made."""
    built(layout, base)
    assert open_index(layout, FakeEmbedder()).degraded == ()
    assert answers(layout)
    assert [*layout.generations.iterdir()] == [layout.serving()]
    assert [*layout.data.rglob("*.partial")] == []
    with closing(sqlite3.connect(layout.library)) as connection:
        assert connection.execute("SELECT count(*) FROM generation WHERE complete=0").fetchone()[0] == 0
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.slow
def test_kills_during_refreshes_lose_nothing(layout: Layout, children: ForkServerContext) -> None:
    """After each of fifteen ``kill -9`` the index answers, and every vector that could be read is still there."""
    built(layout)
    chance, midway = random.Random(7), 0
    for number in range(15):
        acknowledged, ended = killed_after(chance.uniform(0, 0.8), children, layout, number)
        midway += not ended
        assert answers(layout), f"kill {number}"
        assert vectors_in(layout) >= acknowledged, f"kill {number}"
    assert midway >= 5, "the kills came too late to tell anything"
    assert_whole(layout, refreshed(99))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(5))
def test_a_kill_during_the_first_build_is_no_obstacle(layout: Layout, children: ForkServerContext, number: int) -> None:
    """Killed before there was any index, there is either none or a whole one, and the next build succeeds."""
    acknowledged, _ = killed_after(0.15 * number, children, layout, number)
    try:
        assert answers(layout)
    except IndexMissing as error:
        assert "run `assistant index`" in str(error)  # noqa: PT017  both ends are right, by the moment of the kill
    assert vectors_in(layout) >= acknowledged
    assert_whole(layout, refreshed(number))


@pytest.fixture
def busy(layout: Layout, children: ForkServerContext) -> Iterator[Layout]:
    """Return a data directory with an index, in which another process is building."""
    built(layout)
    ours, theirs = children.Pipe(duplex=False)
    child = children.Process(target=hold_the_lock, args=(layout.data, theirs))
    child.start()
    assert ours.poll(60)
    yield layout
    child.kill()
    child.join()


@pytest.mark.slow
def test_a_second_builder_is_told_at_once(busy: Layout, tmp_path: Path) -> None:
    """The second process says so with exit code 1 in under two seconds after its imports; the index answers."""
    (tmp_path / "base").mkdir()
    started = time.perf_counter()
    with pytest.raises(IndexBusy), building(busy):
        pass
    assert time.perf_counter() - started < 0.5
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import assistant.bootstrap"], check=True)
    imports = 2 * (time.perf_counter() - started)  # once in the command, once in the child that builds
    started = time.perf_counter()
    command = ["index", "--data-dir", str(busy.data), "--knowledge-base", str(tmp_path / "base")]
    second = subprocess.run([sys.executable, "-m", "assistant", *command], capture_output=True, text=True, check=False)
    took = time.perf_counter() - started
    assert second.returncode == 1
    assert second.stderr.startswith("assistant: another process is building in ")
    assert "Traceback" not in second.stderr
    assert took - imports < 2
    assert answers(busy)


def mounted(folder: Path, *options: str) -> bool:
    """Return whether a file system could be mounted on ``folder``."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(["mount", *options, str(folder)], check=False, capture_output=True).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of 12 MB of its own."""
    folder = tmp_path / "disk"
    if not mounted(folder, "-t", "tmpfs", "-o", "size=12m", "tmpfs"):
        pytest.skip("NOT TESTED: a full disk; only root may mount a small one")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Return a file that fills the disk up to ``left`` bytes."""
    found = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(max(0, found.f_bavail * found.f_frsize - left)))
    return ballast


@pytest.mark.slow
def test_a_full_disk_costs_nothing_that_was_there(small_disk: Path) -> None:
    """Wherever the space runs out, the old index answers, and space heals the next build."""
    layout = Layout(small_disk / "data")
    built(layout)
    refused = 0
    for left in range(150_000, 1_500_000, 150_000):
        ballast = fill(small_disk, left)
        try:
            built(layout, (*refreshed(left), *documents(60)[40:]))
        except (IndexError_, sqlite3.Error):  # which of them is the next test's matter
            refused += 1
        assert answers(layout), f"{left} bytes left"
        ballast.unlink()
    assert refused > 2
    assert_whole(layout, refreshed(1))


@pytest.mark.slow
def test_a_full_disk_is_an_error_of_ours(small_disk: Path) -> None:
    """When the library finds no space, the message is ours, for the command line to say in one line."""
    layout = Layout(small_disk / "data")
    built(layout)
    fill(small_disk, 150_000)
    with pytest.raises(IndexError_, match="cannot write the index"):
        built(layout, documents(400))


@pytest.mark.slow
def test_a_full_disk_never_sets_the_library_aside(small_disk: Path) -> None:
    """`assistant index` on a full disk leaves the library, with all its vectors, where it is."""
    layout = Layout(small_disk / "data")
    built(layout)
    fill(small_disk, 0)
    settings = load_settings(data_dir=layout.data, knowledge_base=small_disk, embedding_model="/nowhere")
    with pytest.raises(AssistantError):
        build_index(settings)
    assert [path.name for path in layout.data.glob("library*damaged*")] == []


@pytest.mark.slow
def test_a_full_disk_leaves_the_library_usable(small_disk: Path) -> None:
    """A write that fails for want of space is rolled back, and the library can be used again."""
    library = Library(small_disk / "library.sqlite")
    library.stage("g1", "fake", BASE, "2026-01-01")
    ballast = fill(small_disk, 0)
    with pytest.raises((sqlite3.OperationalError, IndexError_)):
        library.stage("g2", "fake", documents(500), "2026-01-02")
    ballast.unlink()
    library.stage("g3", "fake", BASE, "2026-01-03")
    library.complete("g3")
    assert library.generations() == [("g3", "fake")]


@pytest.fixture
def read_only(layout: Layout) -> Iterator[Layout]:
    """Return a data directory with an index that cannot be written."""
    built(layout)
    if os.geteuid() != 0:
        layout.data.chmod(0o500)
        yield layout
        layout.data.chmod(0o700)
        return
    if not mounted(layout.data, "--bind", str(layout.data)):
        pytest.skip("NOT TESTED: a read-only folder; root needs a bind mount for it, and may not mount here")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(layout.data)], check=True)
    yield layout
    subprocess.run(["umount", "-l", str(layout.data)], check=True)


def test_a_read_only_folder_is_refused_plainly(read_only: Layout) -> None:
    """Building says what cannot be written and how to go on."""
    with pytest.raises(IndexError_, match="cannot write to"), building(read_only):
        pass


def test_a_folder_below_a_file_is_refused_plainly(tmp_path: Path) -> None:
    """A data directory that cannot exist is told in one sentence, by building and by asking."""
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    settings = load_settings(data_dir=tmp_path / "file" / "data", knowledge_base=tmp_path)
    with pytest.raises(IndexError_, match="cannot write to"):
        build_index(settings)
    with pytest.raises(AssistantError, match="no index"):
        open_assistant(settings)
