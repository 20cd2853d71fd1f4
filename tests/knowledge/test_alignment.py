"""The scale of cosines: a model that finds everything alike decides as one that does not."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import FakeEmbedder, documents
from hypothesis import given
from hypothesis import strategies as st

from assistant.knowledge.alignment import FITTED_DEVIATION, FITTED_MEAN, Alignment
from assistant.knowledge.index import in_memory
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search


def unit(rows: np.ndarray) -> np.ndarray:
    """Return the rows with unit length."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_unrelated_sections_are_what_they_were_when_the_weights_were_fitted() -> None:
    """The mean of unrelated cosines comes to the fitted one, one deviation above it to the fitted one as well."""
    rows = unit(np.random.default_rng(1).normal(size=(300, 32)) + 2.0)
    alignment = Alignment.of(rows, np.arange(300), np.zeros(300, dtype=np.int64))
    assert alignment.mean > 0.7
    places = np.array([alignment.mean, alignment.mean + alignment.deviation])
    np.testing.assert_allclose(alignment(places), [FITTED_MEAN, FITTED_MEAN + FITTED_DEVIATION])


def test_versions_and_units_of_one_section_are_not_unrelated() -> None:
    """Only pairs of other sections in the same language tell what a model makes of unrelated texts."""
    rows = unit(np.random.default_rng(1).normal(size=(40, 32)))
    twice = np.concatenate([rows, rows])
    sections = np.tile(np.arange(40), 2)
    languages = np.repeat([0, 1], 40)
    told = Alignment.of(twice, sections, languages)
    assert told.mean == pytest.approx(Alignment.of(rows, np.arange(40), np.zeros(40, dtype=np.int64)).mean, abs=0.02)
    assert Alignment.of(twice, sections, np.arange(80)) == Alignment()


@pytest.mark.parametrize("rows", [0, 1])
def test_too_little_to_tell_changes_nothing(rows: int) -> None:
    """A base of one section, or a model for which all texts are the same, leaves the cosines as they are."""
    few = np.ones((rows, 4), dtype=np.float32) / 2
    assert Alignment.of(few, np.arange(rows), np.zeros(rows, dtype=np.int64)) == Alignment()
    same = np.ones((9, 4), dtype=np.float32) / 2
    assert Alignment.of(same, np.arange(9), np.zeros(9, dtype=np.int64)) == Alignment()
    cosines = np.array([-0.5, 0.0, 0.9])
    np.testing.assert_allclose(Alignment()(cosines), cosines)


@given(
    st.lists(st.floats(-1, 1), min_size=2, max_size=9),
    st.floats(-0.9, 0.9),
    st.floats(0.001, 1.0),
)
def test_the_order_stays(cosines: list[float], mean: float, deviation: float) -> None:
    """What is nearer stays at least as near, between -1 and 1."""
    aligned = Alignment(mean, deviation)(np.sort(np.array(cosines)))
    assert (np.diff(aligned) >= 0).all()
    assert ((aligned >= -1) & (aligned <= 1)).all()


class Alike(FakeEmbedder):
    """Finds everything alike: every vector leans far in one direction."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of the fake, drawn together."""
        rows = np.array(super().embed_documents(texts))
        rows[:, 0] += 2.0
        found: list[list[float]] = unit(rows).tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of the fake, drawn to the others."""
        return self.embed_documents([text])[0]


def test_a_model_that_finds_everything_alike_ranks_and_scores_as_another() -> None:
    """Aligned, the cosines of both are about the same; as they are, even what has nothing in common seems near."""
    base = documents(30)
    plain, alike = in_memory(base, FakeEmbedder()), in_memory(base, Alike())
    query = Query(text="What is form1 of grant2?", language="en", reader="en")
    nonsense = Query(text="zebra", language="en", reader="en")

    def nearness(index: object, asked: Query) -> list[float]:
        return [each.hit.signals["section_cosine"] for each in search(index, asked, k=5)]  # type: ignore[arg-type]

    np.testing.assert_allclose(nearness(alike.aligned(), query), nearness(plain.aligned(), query), atol=0.12)
    assert min(nearness(alike, nonsense)) > 0.7
    assert max(nearness(alike.aligned(), nonsense)) < 0.4
