"""The lexical index: what its scores promise for any text, and what it does with damaged files."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.lexical import FILES, LexicalIndex, query_mass

TEXTS = [
    "A GPA of at least 2.67 is asked for.",
    "Для участия нужен GPA не ниже 2,67.",
    "Жатақхана айына 200 еуро тұрады.",
    "The visa costs 80 euros; the embassy in Astana gives it.",
    "Стипендия не выплачивается в июле.",
]
WORDS = st.lists(
    st.sampled_from("gpa visa виза жатақхана стипендия euros 2.67 нет the zzz embassy астана".split()), max_size=12
)
ANY_TEXT = st.text(alphabet=st.characters(codec=None))


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    """Return an index of texts in three languages."""
    return LexicalIndex.build(TEXTS)


@given(words=WORDS, seed=st.integers(0, 1000))
def test_the_order_of_words_does_not_matter(index: LexicalIndex, words: list[str], seed: int) -> None:
    """A question's words are a bag: any order gives the same scores."""
    shuffled = random.Random(seed).sample(words, len(words))
    one, other = index.score(" ".join(words)), index.score(" ".join(shuffled))
    np.testing.assert_allclose(one.bm25, other.bm25)
    np.testing.assert_allclose(one.coverage, other.coverage)


@given(question=ANY_TEXT)
def test_any_question_is_scored_within_bounds(index: LexicalIndex, question: str) -> None:
    """Whatever is asked, there is one finite score per text, and coverage is a share."""
    found = index.score(question)
    assert found.bm25.shape == found.coverage.shape == (len(TEXTS),)
    assert np.isfinite(found.bm25).all()
    assert (found.bm25 >= 0).all()
    assert (found.coverage >= 0).all()
    assert (found.coverage <= 1 + 1e-6).all()  # but for rounding


@given(texts=st.lists(ANY_TEXT, max_size=6), question=ANY_TEXT)
def test_any_texts_can_be_indexed(texts: list[str], question: str) -> None:
    """Empty texts, no text at all, and text without a letter are indexed as they are."""
    built = LexicalIndex.build(texts)
    assert built.size == len(texts)
    assert len(built.score(question).bm25) == len(texts)


@given(texts=st.lists(ANY_TEXT, max_size=4), question=ANY_TEXT)
def test_saving_and_opening_changes_no_score(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], question: str
) -> None:
    """An opened index gives the same scores to the last bit."""
    folder = tmp_path_factory.mktemp("lexical")
    built = LexicalIndex.build(texts)
    built.save(folder)
    opened = LexicalIndex.open(folder)
    assert opened.size == built.size
    np.testing.assert_array_equal(opened.score(question).bm25, built.score(question).bm25)
    np.testing.assert_array_equal(opened.score(question).coverage, built.score(question).coverage)


def test_a_text_covers_its_own_words_wholly(index: LexicalIndex) -> None:
    """The text that the question was cut from holds all of it, and scores best."""
    for row, text in enumerate(TEXTS):
        found = index.score(text)
        assert found.bm25.argmax() == row
        assert found.coverage[row] == pytest.approx(1.0)


def test_the_mass_of_a_question_is_never_negative(index: LexicalIndex) -> None:
    """Each n-gram weighs something, known or not."""
    mass = query_mass(index, "visa zzz виза")
    assert mass
    assert min(mass.values()) > 0


def test_an_empty_index_finds_nothing() -> None:
    """No text: no score, and no error."""
    assert LexicalIndex.build([]).score("visa").bm25.shape == (0,)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _flip_head(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[:16] = bytes(byte ^ 0xFF for byte in raw[:16])
    path.write_bytes(raw)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", [Path.unlink, _truncate, _zero, _flip_head, _empty])
def test_damaged_files_raise(tmp_path: Path, index: LexicalIndex, name: str, harm: Callable[[Path], None]) -> None:
    """A missing or damaged file raises what is documented and is never read as numbers."""
    index.save(tmp_path)
    harm(tmp_path / f"{name}.npy")
    with pytest.raises((OSError, ValueError)):
        LexicalIndex.open(tmp_path)


def test_files_of_different_indexes_do_not_fit_together(tmp_path: Path, index: LexicalIndex) -> None:
    """A whole file of another index is noticed by its length."""
    index.save(tmp_path)
    LexicalIndex.build(["other"]).save(tmp_path / "other")
    (tmp_path / "other" / "rows.npy").replace(tmp_path / "rows.npy")
    with pytest.raises(ValueError, match="does not fit together"):
        LexicalIndex.open(tmp_path)
