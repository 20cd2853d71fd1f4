"""What every vector index keeps: one suite, inherited by the exact one, by Chroma, and by a tiny fake."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from assistant.errors import IndexError_
from assistant.knowledge.vectors import ChromaVectors, ExactVectors, VectorIndex, Vectors, check, write_chroma

TEXTS = [
    "grades and credits",
    "grades and credits are converted",
    "the dormitory costs money",
    "a visa for Poland",
    "the embassy gives a visa",
    "language exam",
]


class Given(Embeddings):
    """Embeds a text as the row of a matrix that the text numbers."""

    def __init__(self, matrix: Vectors) -> None:
        self._matrix = matrix

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the rows."""
        return [self._matrix[int(text)].tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the row."""
        return self.embed_documents([text])[0]


class ListVectors:
    """The plainest index there can be: pure Python, sorted by dot product, ties by row."""

    def __init__(self, matrix: Vectors) -> None:
        self._rows: list[list[float]] = matrix.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    def nearest(self, vector: Vectors, k: int) -> NDArray[np.int64]:
        """Return up to ``k`` rows, nearest first."""
        scores = [sum(a * b for a, b in zip(row, vector.tolist(), strict=True)) for row in self._rows]
        ranked = sorted(range(len(scores)), key=lambda row: (-scores[row], row))
        return np.array(ranked[: max(k, 0)], dtype=np.int64)


class LyingVectors(ListVectors):
    """An index that answers with rows which do not exist, as a mixed-up store would."""

    def nearest(self, vector: Vectors, k: int) -> NDArray[np.int64]:
        """Return rows from beyond the end, and one below zero."""
        return np.concatenate([[-1], super().nearest(vector, k) + len(self)]).astype(np.int64)


Make = Callable[[Vectors], VectorIndex]


class VectorIndexContract:
    """The promises; a subclass says by ``make`` how its index comes from a matrix of unit rows."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        raise NotImplementedError

    @pytest.fixture
    def matrix(self) -> Vectors:
        return np.array(FakeEmbedder().embed_documents(TEXTS), dtype=np.float32)

    def test_each_row_is_nearest_to_itself(self, make: Make, matrix: Vectors) -> None:
        """The nearest row to a stored vector is that vector's own row."""
        index = make(matrix)
        assert [int(index.nearest(row, 1)[0]) for row in matrix] == list(range(len(matrix)))

    def test_nearest_comes_first(self, make: Make, matrix: Vectors) -> None:
        """Rows come in falling order of their cosine, each once."""
        question = np.array(FakeEmbedder().embed_query("visa credits grades"), dtype=np.float32)
        found = make(matrix).nearest(question, len(matrix))
        scores = matrix[found] @ question
        assert sorted(found.tolist()) == list(range(len(matrix)))
        assert np.all(np.diff(scores) <= 1e-5)

    def test_k_larger_than_the_index_gives_all_rows(self, make: Make, matrix: Vectors) -> None:
        """Asking for more rows than there are is no error."""
        assert sorted(make(matrix).nearest(matrix[0], 1000).tolist()) == list(range(len(matrix)))

    @pytest.mark.parametrize("k", [0, -1])
    def test_no_row_is_given_when_none_is_asked_for(self, make: Make, matrix: Vectors, k: int) -> None:
        """A ``k`` of nothing gives nothing."""
        assert make(matrix).nearest(matrix[0], k).tolist() == []

    def test_an_empty_index_finds_nothing(self, make: Make) -> None:
        """Without rows there is no answer and no error."""
        index = make(np.empty((0, 64), dtype=np.float32))
        assert len(index) == 0
        assert index.nearest(np.full(64, 0.125, dtype=np.float32), 5).tolist() == []

    def test_ties_are_all_found(self, make: Make, matrix: Vectors) -> None:
        """Equal vectors are different rows, and each of them comes once, before all others."""
        tied = np.vstack([matrix[[0, 0, 0]], matrix[3:5]])
        assert sorted(make(tied).nearest(matrix[0], 3).tolist()) == [0, 1, 2]

    def test_its_length_is_the_number_of_rows(self, make: Make, matrix: Vectors) -> None:
        """The length counts the rows."""
        assert len(make(matrix)) == len(matrix)

    def test_a_faithful_index_passes_the_check(self, make: Make, matrix: Vectors) -> None:
        """What holds its matrix is verified."""
        check(make(matrix), matrix)

    def test_an_index_of_other_vectors_is_refused(self, make: Make, matrix: Vectors) -> None:
        """The right number of wrong vectors is noticed."""
        true = np.eye(64, dtype=np.float32)
        with pytest.raises(IndexError_, match="by themselves; build again"):
            check(make(np.roll(true, 20, axis=0)), true)

    def test_an_index_that_lacks_rows_is_refused(self, make: Make, matrix: Vectors) -> None:
        """A missing row is noticed by the count."""
        with pytest.raises(IndexError_, match="holds 5 of 6 rows"):
            check(make(matrix[:-1]), matrix)


class TestListVectors(VectorIndexContract):
    """The fake keeps the contract."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return ListVectors


class TestExactVectors(VectorIndexContract):
    """The exact search keeps the contract."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return ExactVectors

    def test_ties_come_in_the_order_of_their_rows(self) -> None:
        """Of equal vectors the first rows are given, as by the plain index, so that answers repeat."""
        chance = np.random.default_rng(0)
        for _ in range(50):
            tied = np.eye(4, dtype=np.float32)[chance.integers(0, 4, size=30)]
            found = ExactVectors(tied).nearest(np.eye(4, dtype=np.float32)[0], 12)
            assert found.tolist() == ListVectors(tied).nearest(np.eye(4, dtype=np.float32)[0], 12).tolist()


class TestChromaVectors(VectorIndexContract):
    """Chroma, through LangChain, keeps the contract."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        def make(matrix: Vectors) -> ChromaVectors:
            folder = tmp_path / f"chroma-{len(list(tmp_path.iterdir()))}"
            index = ChromaVectors(folder, Given(matrix))
            index.add([str(row) for row in range(len(matrix))], 0) if len(matrix) else None
            return ChromaVectors(folder)

        return make

    def test_batches_follow_one_another(self, tmp_path: Path, matrix: Vectors) -> None:
        """Writing says after each batch how many rows there are, up to all of them."""
        many = np.tile(matrix, (400, 1))
        written = list(write_chroma(tmp_path / "c", [str(row % 6) for row in range(len(many))], Given(matrix)))
        assert written == [2000, 2400]
        assert len(ChromaVectors(tmp_path / "c")) == 2400

    def test_a_missing_folder_is_told(self, tmp_path: Path) -> None:
        """Opening what is not there raises and makes nothing."""
        with pytest.raises(IndexError_, match="no Chroma index"):
            ChromaVectors(tmp_path / "none")
        assert not (tmp_path / "none").exists()

    @pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc, which is not here")
    def test_who_is_let_go_keeps_no_file_open(self, matrix: Vectors, tmp_path: Path) -> None:
        """A program that changes its index a thousand times does not run out of files; who shares a folder goes on."""
        for name in ("warm", "a", "b", "c", "d"):
            ChromaVectors(tmp_path / name, Given(matrix)).add([str(row) for row in range(len(matrix))], 0)
        gc.collect()
        before = _open_files(tmp_path)
        for name in ("a", "b", "c", "d"):
            kept, gone = ChromaVectors(tmp_path / name), ChromaVectors(tmp_path / name)
            del gone
            gc.collect()
            assert len(kept.nearest(matrix[0], 1)) == 1
            assert _open_files(tmp_path) > before
            del kept
            gc.collect()
        assert _open_files(tmp_path) == before == 0

    def test_an_opened_index_embeds_nothing(self, tmp_path: Path, matrix: Vectors) -> None:
        """Chroma never gets to fetch a model of its own: texts are refused."""
        ChromaVectors(tmp_path / "c", Given(matrix)).add(["0"], 0)
        with pytest.raises(IndexError_, match="takes no texts"):
            ChromaVectors(tmp_path / "c").add(["more"], 1)


def test_rows_that_do_not_exist_are_refused_by_the_check() -> None:
    """An index that answers with rows from nowhere is not trusted."""
    matrix = np.array(FakeEmbedder().embed_documents(TEXTS), dtype=np.float32)
    with pytest.raises(IndexError_, match="finds 0 of"):
        check(LyingVectors(matrix), matrix)


def _open_files(folder: Path) -> int:
    """Return how many files below a folder this process has open."""
    links = (each.path for each in os.scandir("/proc/self/fd"))
    return sum(os.path.realpath(link).startswith(str(folder)) for link in links)
