"""``python -m eval bench``: speed and memory as ratios within one run, so that they mean the same on any machine."""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval.bench_figures import SEED, Measured, Say, quantile
from eval.bench_fluency import fluency
from eval.bench_process import child, cold_start, help_time, serving_memory
from eval.bench_web import pages, replies

if TYPE_CHECKING:
    from assistant.knowledge.generation import BuildReport
    from assistant.settings import Settings
    from assistant.types import Document

_QUESTIONS = 300
_BLOCKS = 5
_OWN = Path("eval/datasets/students")


def run(*, as_json: bool, quick: bool, of_model: bool = False) -> bool:
    """Measure, print each line as soon as it is known, and return whether every target is met."""
    found: list[Measured] = []
    with tempfile.TemporaryDirectory() as scratch:
        for measured in _alone(Path(scratch)) if of_model else _all(Path(scratch), quick):
            found.append(measured)
            if not as_json:
                sys.stdout.write(f"{measured}\n")
                sys.stdout.flush()
    if as_json:
        sys.stdout.write(json.dumps([each.as_dict() for each in found], ensure_ascii=False, indent=1) + "\n")
    return all(each.met for each in found)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _all(scratch: Path, quick: bool) -> Iterator[Measured]:
    """Yield every line of the benchmark."""
    from assistant.knowledge.loading import load
    from assistant.settings import load_settings

    settings = load_settings(data_dir=scratch / "data")
    documents, _ = load(settings.knowledge_base)
    yield from building(settings, scratch, _say)
    questions = questions_of(documents)
    yield from asking(settings, questions)
    where = ["--data-dir", str(settings.data_dir), "--knowledge-base", str(settings.knowledge_base)]
    heading = next(d.passages[0].heading for d in documents if d.language == "en")
    yield cold_start(heading, where)
    yield serving_memory(heading, where, _say)
    yield help_time()
    yield from pages(where, _say)
    yield from replies(settings, [question for question, _ in questions], where)
    yield from fluency(settings, _OWN, where)
    if not quick:
        from eval.bench_scale import scale

        yield scale(documents, scratch, _say)


def _alone(scratch: Path) -> Iterator[Measured]:
    """Yield what a language model costs, and what the start costs whoever has none."""
    from assistant.settings import load_settings

    settings = load_settings(data_dir=scratch / "data")
    _built(settings, _say)
    where = ["--data-dir", str(settings.data_dir), "--knowledge-base", str(settings.knowledge_base)]
    yield from fluency(settings, _OWN, where)
    yield help_time()
    yield cold_start("What documents do I need?", where)


def building(settings: Settings, scratch: Path, say: Say) -> Iterator[Measured]:
    """Yield the build's speed beside the encoder's, and what a second build of the same base costs."""
    arguments = ["-m", "eval.bench_build", str(settings.knowledge_base), str(scratch / "speed")]
    timed = json.loads(child(arguments).stdout.splitlines()[-1])
    texts = timed["texts"][0]
    for place, clock in enumerate(("wall", "CPU")):
        around = [timed[name][place] for name in ("before", "after")]
        yield Measured(
            name=f"build ÷ encoder alone, texts per {clock} second", value=texts / timed["build"][place],
            base=2 * texts / sum(around), unit="1/s", target=0.85, least=True,
            note=f"{texts} texts; build {timed['build'][place]:.1f} s, encoder {around[0]:.1f} and {around[1]:.1f} s",
        )  # fmt: skip
    first, first_wall = _built(settings, say)
    second, second_wall = _built(settings, say)
    yield Measured(name="second build: texts embedded", value=second.embedded, unit="texts", target=0)
    yield Measured(
        name="second build ÷ first, whole command", value=second_wall, base=first_wall, unit="s", target=0.1,
        note=f"{first.sentences} sentences; inside: {second.seconds:.2f} ÷ {first.seconds:.2f} s",
    )  # fmt: skip


def _built(settings: Settings, say: Say) -> tuple[BuildReport, float]:
    """Return what a build did and its seconds from start to end."""
    from assistant.bootstrap import build_index

    started = time.perf_counter()
    report, _ = build_index(settings)
    wall = time.perf_counter() - started
    say(f"build: {report.embedded} texts embedded in {report.seconds:.1f} s, {wall:.1f} s in all")
    return report, wall


def questions_of(documents: Sequence[Document]) -> list[tuple[str, str]]:
    """Return a seeded sample of the base's questions with their languages: headings and what students ask."""
    known = {
        (question, document.language)
        for document in documents
        for passage in document.passages
        for question in (passage.heading, *passage.asked_as)
        if question.strip()
    }
    return random.Random(SEED).sample(sorted(known), min(_QUESTIONS, len(known)))  # noqa: S311  not for secrets


def asking(settings: Settings, questions: Sequence[tuple[str, str]]) -> Iterator[Measured]:
    """Yield p50 and p95 of a whole question beside one encoding by sentence-transformers, one thread each.

    In all languages, and in English alone, where the question is embedded, too.
    """
    whole, encoded = _timed(settings, [question for question, _ in questions])
    for languages in ("all", "en"):
        own = [n for n, (_, language) in enumerate(questions) if languages in ("all", language)]
        base = quantile([encoded[n] for n in own], 0.5)
        for name, share, target in (("p50", 0.5, 1.6), ("p95", 0.95, 3.0)):
            value = quantile([whole[n] for n in own], share)
            yield Measured(
                name=f"ask {name} ÷ one encoding, {languages}", value=value, base=base, unit="ms", target=target,
                note=f"{len(own)} questions",
            )  # fmt: skip


def _timed(settings: Settings, questions: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each reply and of each question's encoding, in order."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    from assistant.bootstrap import model_files, open_assistant
    from assistant.knowledge.embedding import TorchEmbedder

    assistant, encoder = open_assistant(settings), TorchEmbedder(model_files(settings), threads=1)
    acts: dict[str, Callable[[str], object]] = {"whole": assistant.ask, "encoded": encoder.embed_query}
    times: dict[str, list[float]] = {name: [0.0] * len(questions) for name in acts}
    with threadpool_limits(1):
        for act in acts.values():
            for question in questions[:20]:
                act(question)
        for block in range(_BLOCKS):  # in turns, so that a slow minute of the machine meets both
            for name, act in acts.items():
                for place in range(block, len(questions), _BLOCKS):
                    started = time.perf_counter()
                    act(questions[place])
                    times[name][place] = 1000 * (time.perf_counter() - started)
    return times["whole"], times["encoded"]
