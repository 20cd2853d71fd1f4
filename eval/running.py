"""``run``: asks a dataset and writes only records; what they are worth is for ``score`` to say.

A run that was killed goes on where it stopped, if dataset, corpus and settings are still the same, and equals an
unbroken one.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from assistant.settings import Settings, load_settings
from eval.cases import Case, Dataset, Unit, digest, read_dataset
from eval.configuring import RunConfig
from eval.corpus import qrels_of, units_of
from eval.documents import Workplace, document_id, write_documents
from eval.errors import EvalError
from eval.runs import RunFolder
from eval.systems import ASSISTANTS, AssistantSystem, Reply, System, baseline

FORMAT = 1
Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Say nothing."""


_PACKAGES = (
    "predeparture-assistant", "chromadb", "langchain-core", "sentence-transformers", "torch", "onnxruntime", "numpy",
    "ir-measures", "bm25s",
)  # fmt: skip
_MUST_EQUAL = (
    "format", "code", "versions", "config", "settings", "prompts", "calibration", "dataset_digest", "corpus_digest",
    "qrels_digest", "index",
)  # fmt: skip
"""What of ``run.json`` a resumed run must find unchanged."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What every worker needs to open the system that replies.

    Attributes:
        config: How the dataset is asked.
        settings: Of the assistant; None for a baseline.
        unit_of: Unit by document id, where texts were written as documents.
        units: What can be found.
        qrels: Which of it answers each case.
        work: Keeps what takes long to make.
    """

    config: RunConfig
    settings: Settings | None
    unit_of: dict[str, Unit] | None
    units: tuple[Unit, ...]
    qrels: dict[str, dict[str, int]]
    work: Path

    def open(self) -> System:
        """Return the system."""
        if self.settings is None:
            return baseline(self.config.system, self.units, self.qrels, self.config.k, self.work)
        return AssistantSystem(self.settings, self.config.k, self.unit_of, self.config.system)


def run(
    folder: Path,
    out: Path,
    config: RunConfig,
    *,
    work: Path,
    workers: int = 1,
    progress: Progress = no_progress,
    settings: Settings | None = None,
) -> int:
    """Ask a dataset and write the run folder ``out``; return how many cases were asked now.

    Args:
        folder: The dataset.
        out: The run folder; if it holds an unfinished run of the same, that goes on.
        config: How it is asked.
        work: Keeps documents and indexes of datasets with their own corpus.
        workers: Processes that ask; their number changes no record but its timings.
        progress: Told how many of how many cases are done.
        settings: Of the assistant; those of the environment if None.

    Raises:
        EvalError: If the dataset is wrong, or ``out`` holds another run.
    """
    dataset = read_dataset(folder)
    cases = config.chosen(dataset.cases)
    prepared = _prepared(config, dataset, cases, settings or load_settings(), work.resolve())
    run_folder = RunFolder(out)
    meta = _meta(dataset, cases, prepared, workers)
    done = _begin(run_folder, meta, cases, prepared)
    left = cases[done:]
    with run_folder.records.open("a", encoding="utf-8") as file:
        for number, (case, reply) in enumerate(_replies(prepared, left, workers), start=done + 1):
            file.write(json.dumps({"id": case.id, **reply.as_data()}, ensure_ascii=False, sort_keys=True) + "\n")
            file.flush()
            progress(number, len(cases))
    errors = sum(bool(reply.error) for _, reply in run_folder.replies())
    run_folder.write_json("run.json", run_folder.meta() | {"state": "complete", "errors": errors})
    return len(left)


def _replies(prepared: Prepared, cases: Sequence[Case], workers: int) -> Iterator[tuple[Case, Reply]]:
    """Yield each case with its reply, in order, however many processes reply."""
    if workers == 1 or len(cases) < 2:
        system = prepared.open() if cases else None
        for case in cases:
            assert system is not None  # noqa: S101  tells the type checker
            yield case, system.reply(case)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_open, initargs=(prepared,)) as pool:
        yield from zip(cases, pool.map(_reply, cases, chunksize=4), strict=True)


_system: System | None = None


def _open(prepared: Prepared) -> None:
    global _system  # noqa: PLW0603  one for each worker process
    _system = prepared.open()


def _reply(case: Case) -> Reply:
    assert _system is not None  # noqa: S101  set by the pool's initializer
    return _system.reply(case)


def _prepared(config: RunConfig, dataset: Dataset, cases: Sequence[Case], settings: Settings, work: Path) -> Prepared:
    """Return what opens the system; builds the assistant's index.

    Texts of a dataset's own are written as documents; noise is written beside them, or beside the knowledge base.
    """
    noise = () if config.noise is None else _noise(config.noise)
    name = dataset.name if config.noise is None else f"{dataset.name}-with-{config.noise.resolve().name}"
    place = Workplace(work / name)
    own = settings.model_copy(update={"knowledge_base": place.docs, "data_dir": place.data})
    unit_of = None
    if dataset.corpus is not None:
        settings, units = own, (*dataset.corpus, *noise)
        unit_of = _written(units, place.docs) if config.system in ASSISTANTS else None
    else:
        if noise:
            shutil.rmtree(place.docs, ignore_errors=True)
            shutil.copytree(settings.knowledge_base, place.docs)
            _written(noise, place.docs / "noise")
            settings = own
        units = units_of(dataset, settings.knowledge_base)
    qrels = qrels_of(cases, units, dataset.qrels)
    if config.system not in ASSISTANTS:
        return Prepared(config, None, None, units, qrels, work)
    from assistant.bootstrap import build_index

    build_index(settings)
    return Prepared(config, settings, unit_of, units, qrels, work)


def _written(units: Sequence[Unit], folder: Path) -> dict[str, Unit]:
    """Write texts as documents and return them by document id."""
    named = {document_id(number): unit for number, unit in enumerate(units)}
    write_documents({name: (unit.title, unit.text) for name, unit in named.items()}, folder)
    return named


def _noise(folder: Path) -> tuple[Unit, ...]:
    """Return the texts of another dataset, as strangers among the own ones."""
    corpus = read_dataset(folder).corpus
    if corpus is None:
        raise EvalError(f"the noise {str(folder)!r} has no corpus.jsonl; give a dataset with its own texts")
    return tuple(Unit(f"noise:{u.id}", f"noise:{u.id}", u.language, u.title, u.text) for u in corpus)


def _begin(folder: RunFolder, meta: dict[str, Any], cases: Sequence[Case], prepared: Prepared) -> int:
    """Make the run folder, or go on with what lies there; return how many cases are done.

    Raises:
        EvalError: If the folder holds a run of something else.
    """
    folder.folder.mkdir(parents=True, exist_ok=True)
    if (folder.folder / "run.json").is_file():
        old = folder.meta()
        for name in _MUST_EQUAL:
            if old.get(name) != meta[name]:
                raise EvalError(
                    f"{str(folder.folder)!r} holds a run with another {name} ({old.get(name)!r:.60} then, "
                    f"{meta[name]!r:.60} now); give another --out, or remove that folder"
                )
        return _kept(folder, cases)
    folder.write_lines("cases.jsonl", (case.model_dump(mode="json", exclude_defaults=True) for case in cases))
    folder.write_lines("passages.jsonl", (_unit_data(unit) for unit in prepared.units))
    folder.write_trec(
        "qrels.trec", ((query, 0, unit, s) for query, scores in prepared.qrels.items() for unit, s in scores.items())
    )
    folder.records.write_text("", encoding="utf-8")
    folder.write_json("run.json", meta)
    return 0


def _kept(folder: RunFolder, cases: Sequence[Case]) -> int:
    """Return how many whole records there are; a line that was cut off by a kill is taken away."""
    whole = folder.records.read_bytes()
    whole = whole[: whole.rfind(b"\n") + 1]
    with folder.records.open("r+b") as file:
        file.truncate(len(whole))
    ids = [name for name, _ in folder.replies()]
    if ids != [case.id for case in cases[: len(ids)]]:
        raise EvalError(f"the records in {str(folder.folder)!r} are not of these cases; give another --out")
    return len(ids)


def _unit_data(unit: Unit) -> dict[str, str]:
    return {name: getattr(unit, name) for name in ("id", "document", "language", "title", "text")}


def _meta(dataset: Dataset, cases: Sequence[Case], prepared: Prepared, workers: int) -> dict[str, Any]:
    """Return what is known of a run before it begins."""
    return {
        "format": FORMAT,
        "state": "running",
        "dataset": dataset.name,
        "dataset_digest": digest([case.model_dump(mode="json") for case in cases]),
        "corpus_digest": digest([_unit_data(unit) for unit in prepared.units]),
        "qrels_digest": digest([prepared.qrels]),
        "index": _index_name(prepared),
        "config": prepared.config.model_dump(mode="json"),
        "settings": {} if prepared.settings is None else _settings(prepared.settings),
        "prompts": _prompts(),
        "calibration": _calibration(),
        "code": _code(),
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(_git("status", "--porcelain")),
        "versions": {"python": platform.python_version()} | _versions(),
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "workers": workers,
        "seed": prepared.config.seed,
        "n": len(cases),
        "errors": None,
    }


def _index_name(prepared: Prepared) -> str | None:
    """Return the name of the index that serves: the digest of documents, splitter and embedder."""
    if prepared.settings is None:
        return None
    from assistant.knowledge.generation import Layout

    return Layout(prepared.settings.data_dir).current.read_text(encoding="utf-8").strip()


def _settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that decide replies; paths and ports do not."""
    data: dict[str, Any] = settings.model_dump(mode="json")
    return {name: data[name] for name in ("embedding_model", "embedding_languages", "threshold")}


def _prompts() -> dict[str, str]:
    """Return the digest of every file of ``prompts/``."""
    from assistant.settings import content

    folder = content("prompts")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def _code() -> str:
    """Return the digest of all that decides a reply: the program's files, and how cases are asked."""
    import assistant

    package, here = Path(assistant.__file__).parent, Path(__file__).parent
    files = sorted(p for p in package.rglob("*") if p.suffix in {".py", ".toml", ".json"})
    files += [here / name for name in ("systems.py", "perturbing.py", "configuring.py")]
    return digest([[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in files])


def _calibration() -> str:
    from importlib import resources

    file = resources.files("assistant.answering") / "calibration.json"
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _git(*arguments: str) -> str | None:
    """Return what git says of this checkout, or None where there is none."""
    if shutil.which("git") is None:
        return None
    root = Path(__file__).resolve().parent
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip() if done.returncode == 0 else None
