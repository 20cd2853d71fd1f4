"""The benchmark's lines and its synthetic base."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from assistant.knowledge.loading import load
from eval.bench_figures import Measured, quantile
from eval.bench_scale import WordVectors, write_base


def test_a_ratio_keeps_to_an_upper_or_a_lower_bound() -> None:
    """3 ÷ 2 is at most 1.5 and not at least 1.6."""
    assert Measured(name="a", value=3, base=2, unit="ms", target=1.5).met
    assert not Measured(name="a", value=3, base=2, unit="ms", target=1.6, least=True).met


def test_a_figure_without_a_base_is_held_to_its_target() -> None:
    """Nothing is divided, and the line says what was missed."""
    line = Measured(name="a", value=5, unit="MB", target=4)
    assert (line.ratio, line.met) == (5, False)
    assert "MISSED" in str(line)
    assert "÷" not in str(line)


def test_a_line_shows_both_figures() -> None:
    """Value, base, ratio and bound stand in one line."""
    line = str(Measured(name="a", value=3, base=2, unit="ms", target=1.6))
    assert [part in line for part in ("3.000 ms", "2.000", "1.500", "≤ 1.6", "met")] == [True] * 5


def test_quantiles_are_interpolated() -> None:
    """The same as NumPy's default."""
    values = [5.0, 1.0, 4.0, 2.0]
    for share in (0.0, 0.5, 0.95, 1.0):
        assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)))


def test_word_vectors_are_units_and_repeatable() -> None:
    """Two embedders agree, and shared words bring texts together."""
    first, second = WordVectors(), WordVectors()
    one, near, far = first.embed_documents(["apply by May", "apply by June", "host family visits"])
    assert one == second.embed_query("apply by May")
    assert np.linalg.norm(one) == pytest.approx(1)
    assert np.dot(one, near) > np.dot(one, far)


def test_the_synthetic_base_has_the_sentences_it_promises(tmp_path: Path) -> None:
    """Eight sentences to a section, read back by the assistant itself."""
    texts = write_base(Counter(apply=3, early=2, abroad=1), 800, tmp_path)
    documents, faults = load(tmp_path)
    passages = [passage for document in documents for passage in document.passages]
    assert (len(texts), len(documents), len(passages), faults) == (800, 2, 100, ())
    assert sum(s.form == "prose" for p in passages for s in p.sentences) == 800
