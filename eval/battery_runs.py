"""The two pipelines that are compared: the assistant by its public command line, and the tutorial's.

The tutorial is what LangChain's and Chroma's first pages teach: one MiniLM vector per text, nearest neighbours.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.battery_files import Battery, BatteryError, Case, asked
from eval.documents import Workplace

Say = Callable[[str], None]
_BATCH = 256
CUT = 10


def build(place: Workplace, say: Say) -> None:
    """Build or refresh the index of a workplace through the assistant's own function.

    Raises:
        BatteryError: If a document cannot be read.
    """
    from assistant.bootstrap import build_index
    from assistant.settings import load_settings

    report, faults = build_index(load_settings(knowledge_base=place.docs, data_dir=place.data))
    if faults:
        raise BatteryError(f"{len(faults)} documents in {str(place.docs)!r} have faults, first: {faults[0]}")
    say(
        f"index: {report.documents} documents, {report.sentences} sentences, {report.embedded} texts embedded, "
        f"{report.reused} reused, {report.seconds:.1f} s"
    )


def batch(command: str, place: Workplace, cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """Return what ``assistant COMMAND --batch`` writes for each case, by id; ``error`` where it refused.

    Raises:
        BatteryError: If the command wrote no line for a case.
    """
    lines = []
    for case in cases:
        question, history = asked(case)
        lines.append(json.dumps({"id": case["id"], "question": question, "history": history}))
    where = ["--data-dir", str(place.data), "--knowledge-base", str(place.docs)]
    done = subprocess.run(
        [sys.executable, "-m", "assistant", command, "--batch", "-", *where],
        input="\n".join(lines), capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    found = {each["id"]: each for each in map(json.loads, done.stdout.splitlines())}
    if missing := [case["id"] for case in cases if case["id"] not in found]:
        raise BatteryError(
            f"`assistant {command}` answered {len(found)} of {len(cases)} questions, not {missing[0]!r}: "
            f"{done.stderr.strip()[-500:]}"
        )
    return found


def documents_found(found: dict[str, dict[str, Any]], ids: dict[str, str]) -> dict[str, list[str]]:
    """Return the corpus ids of each case's hits, best first, each once, at most ten."""
    return {
        case: list(dict.fromkeys(ids[hit["document"]] for hit in each.get("hits", ())))[:CUT]
        for case, each in found.items()
    }


@dataclass(frozen=True, slots=True)
class Nearest:
    """What the tutorial pipeline finds.

    Attributes:
        ids: Corpus ids of the nearest ten by case id, nearest first.
        cosine: Cosine of the nearest one by case id.
    """

    ids: dict[str, list[str]]
    cosine: dict[str, float]


class Tutorial:
    """Whole texts in a Chroma folder, found by the nearest MiniLM vectors through LangChain."""

    def __init__(self, battery: Battery, folder: Path, say: Say) -> None:
        """Open the collection of ``battery`` in ``folder``, or fill it."""
        from langchain_chroma import Chroma

        from assistant.knowledge.embedding import ModelFiles, TorchEmbedder
        from assistant.offline import switch_off_calls_home

        switch_off_calls_home()
        self._embedder = TorchEmbedder(ModelFiles())
        self._store = Chroma("tutorial", self._embedder, persist_directory=str(folder))
        if len(self._store.get(include=[])["ids"]) != len(battery.corpus):
            self._store.reset_collection()
            self._fill(battery, say)

    def _fill(self, battery: Battery, say: Say) -> None:
        texts = [f"{text.get('title', '')} {text['text']}".strip() for text in battery.corpus]
        metadata = [{"id": str(text["_id"]), "lang": str(text["lang"])} for text in battery.corpus]
        for start in range(0, len(texts), _BATCH):
            self._store.add_texts(texts[start : start + _BATCH], metadata[start : start + _BATCH])
            say(f"tutorial: {min(start + _BATCH, len(texts))} of {len(texts)} texts embedded")

    def nearest(self, cases: Sequence[Case], language: str | None = None) -> Nearest:
        """Return the nearest ten texts of each case, in one language if given.

        A follow-up is asked with the student's turn before it in front.
        """
        questions = []
        for case in cases:
            question, history = asked(case)
            questions.append(" ".join([*history[-1:], question]))
        vectors = self._embedder.embed_documents(questions) if questions else []
        found = Nearest({}, {})
        for case, vector in zip(cases, vectors, strict=True):
            near = self._store.similarity_search_by_vector_with_relevance_scores(
                vector, k=CUT, filter={"lang": language} if language else None
            )
            found.ids[case["id"]] = [document.metadata["id"] for document, _ in near]
            found.cosine[case["id"]] = 1 - near[0][1] / 2 if near else -1.0
        return found


def seeded(place: Workplace, other: Workplace) -> None:
    """Begin an index with the vectors of another one, so that nothing is embedded twice."""
    if not place.data.exists() and other.data.exists():
        place.data.mkdir(parents=True)
        for name in ("library.sqlite", "library.sqlite-wal"):
            if (other.data / name).is_file():
                shutil.copy2(other.data / name, place.data / name)
        shutil.copytree(other.data / "models", place.data / "models")
