"""How the search grows with the base: the same words and sections, a hundred times as many.

The texts are drawn from the base's own English words as often as it uses them. Vectors come from a small embedder
without a model, so that what is timed is the search alone.
"""

from __future__ import annotations

import random
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.answering.assistant import Assistant
from assistant.types import Document, Language
from eval.bench_figures import SEED, Measured, Say, quantile

SMALL, LARGE = 2_000, 200_000
"""Sentences of the two bases."""

_PER_SECTION, _PER_FILE = 8, 400
_QUESTIONS = 300
_BLOCKS = 10
_WORDS, _DIMENSION = 4096, 384
_RANK = 40
"""Dimensions in which the vectors really spread: the participation ratio of the base's own MiniLM vectors is 42 (of
feedbackqa's 26). Vectors that fill all 384 are no texts: approximate search finds few of them by themselves."""


class WordVectors:
    """An embedder without a model: a text's vector is the unit sum of its words' fixed random vectors.

    Attributes:
        name: Identity of the vectors.
        languages: English only, as the bundled model.
    """

    def __init__(self) -> None:
        """Draw the vectors of the words."""
        self.name: str = "word-vectors"
        self.languages: frozenset[Language] = frozenset({"en"})
        drawing = np.random.default_rng(SEED)
        drawn = drawing.standard_normal((_WORDS, _RANK)) @ drawing.standard_normal((_RANK, _DIMENSION))
        self._table: NDArray[np.float32] = drawn.astype(np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a text."""
        rows = [zlib.crc32(word.encode()) % _WORDS for word in text.lower().split()]
        total = self._table[rows].sum(axis=0) if rows else self._table[0]
        unit: list[float] = (total / np.linalg.norm(total)).tolist()
        return unit


def scale(documents: tuple[Document, ...], scratch: Path, say: Say) -> Measured:
    """Return the search's p95 over 200,000 sentences beside that over 2,000."""
    words = Counter(
        word for document in documents if document.language == "en" for word in document.text.split() if word.isalpha()
    )
    bases = {size: _built(words, size, scratch / str(size), say) for size in (SMALL, LARGE)}
    times: dict[int, list[float]] = {size: [] for size in bases}
    for block in range(-1, _BLOCKS):  # in turns, so that a slow minute of the machine meets both
        for size, (assistant, questions) in bases.items():
            found = [_milliseconds(assistant, question) for question in questions[max(block, 0) :: _BLOCKS]]
            times[size] += found if block >= 0 else []  # the first round warms up
    middles = " and ".join(f"{quantile(times[size], 0.5):.2f}" for size in (LARGE, SMALL))
    return Measured(
        name="search p95, 200,000 ÷ 2,000 sentences", value=quantile(times[LARGE], 0.95),
        base=quantile(times[SMALL], 0.95), unit="ms", target=3, note=f"p50 {middles} ms; no model in either",
    )  # fmt: skip


def _built(words: Counter[str], sentences: int, folder: Path, say: Say) -> tuple[Assistant, list[str]]:
    """Return an assistant over a base of this many sentences, built first, and questions on it."""
    from assistant.answering.support import Calibration
    from assistant.knowledge.generation import Layout, build, building
    from assistant.knowledge.index import open_index
    from assistant.knowledge.loading import load

    started = time.perf_counter()
    texts = write_base(words, sentences, folder / "docs")
    documents, _ = load(folder / "docs")
    layout, embedder = Layout(folder / "data"), WordVectors()
    with building(layout):
        report = build(layout, documents, embedder, progress=_tenths(say))
    say(f"scale: {report.sentences} sentences built in {time.perf_counter() - started:.0f} s")
    index = open_index(layout, embedder)
    return Assistant(lambda: index, calibration=Calibration.shipped()), _questions(texts)


def _milliseconds(assistant: Assistant, question: str) -> float:
    """Return how long one search takes."""
    started = time.perf_counter()
    assistant.search(question)
    return 1000 * (time.perf_counter() - started)


def write_base(words: Counter[str], sentences: int, folder: Path) -> list[str]:
    """Write a base of this many sentences, eight to a section, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    drawing = random.Random(SEED)  # noqa: S311  not for secrets
    pool = drawing.choices(list(words), weights=list(words.values()), k=1_000_000)
    texts: list[str] = []
    for number in range(0, sentences, _PER_FILE):
        lines = [f"# Subject {number}"]
        for place in range(number, min(number + _PER_FILE, sentences)):
            if place % _PER_SECTION == 0:
                lines.append(f"\n## {_sentence(pool, drawing, 5)} {place}\n")
            texts.append(f"{_sentence(pool, drawing, drawing.randint(8, 20)).capitalize()}.")
            lines.append(texts[-1])
        (folder / f"s{number:06d}.en.md").write_text("\n".join(lines), encoding="utf-8")
    return texts


def _sentence(pool: list[str], drawing: random.Random, length: int) -> str:
    start = drawing.randrange(len(pool) - length)
    return " ".join(pool[start : start + length])


def _questions(texts: list[str]) -> list[str]:
    """Return questions made of half the words of sentences of the base."""
    drawing = random.Random(SEED + 1)  # noqa: S311  not for secrets
    chosen = drawing.sample(texts, _QUESTIONS)
    halves = (drawing.sample(text.rstrip(".").split(), max(4, len(text.split()) // 2)) for text in chosen)
    return [f"What is {' '.join(half)}?" for half in halves]


def _tenths(say: Say) -> Callable[[str, int, int], None]:
    """Return a progress callback that speaks at every tenth."""
    told: set[tuple[str, int]] = set()

    def progress(stage: str, done: int, total: int) -> None:
        step = (stage, 10 * done // max(total, 1))
        if total > 10_000 and step not in told:
            told.add(step)
            say(f"scale: {stage} {done} of {total}")

    return progress
