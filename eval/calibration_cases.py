"""Labelled questions for the abstention on the curated base: people's own, from a dataset that asks about it.

A case that should be answered is an example of success if a section that answers it is among the first three found;
where none is, it is left out, because then silence is right for another reason. The same cases are asked once more with
all documents removed that answer them ("far"), so that there are as many examples of a base that does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.answering.assistant import Assistant
from assistant.answering.support import Calibration
from assistant.bootstrap import build_index, question_embedder
from assistant.knowledge.generation import Layout
from assistant.knowledge.index import Index, in_memory
from assistant.knowledge.library import Library
from assistant.knowledge.loading import load
from assistant.knowledge.vector_cache import VectorCache
from assistant.settings import load_settings
from assistant.types import Conversation, Turn
from eval.battery_removal import Remembered
from eval.calibration_examples import Example, Kind
from eval.cases import ANSWERED, SILENT, Case, Dataset, read_dataset
from eval.corpus import qrels_of, units_of
from eval.errors import EvalError

Say = Callable[[str], None]
_MOST_REMOVED = 14
"""Documents that are removed together: few enough that the rest is the same base, so many that few indexes are made."""
_READ = 3


def collect_cases(folder: Path, base: Path, work: Path, say: Say) -> list[Example]:
    """Return the examples of a dataset's development cases on the curated base; keeps an index in ``work``.

    Raises:
        EvalError: If the dataset brings its own texts.
    """
    dataset = read_dataset(folder)
    if dataset.corpus is not None:
        raise EvalError(f"{str(folder)!r} has its own corpus.jsonl; give it with --battery")
    cases = [case for case in dataset.cases if case.split == "development"]
    settings = load_settings(knowledge_base=base, data_dir=work)
    build_index(settings)
    documents, _ = load(base)
    inner = question_embedder(settings)
    embedder = Remembered(inner, VectorCache(Library(Layout(work).library), inner.name).mget)
    gold = _gold(dataset, base)
    labelled = [case for case in cases if case.answerability in (*ANSWERED, *SILENT)]
    whole = in_memory(documents, embedder)
    examples = [each for case in labelled for each in _examples(dataset.name, case, whole, "labelled", gold)]
    for number, (gone, own) in enumerate(rounds(cases), start=1):
        index = in_memory([each for each in documents if each.id not in gone], embedder)
        examples += [example for case in own for example in _examples(dataset.name, case, index, "far", {})]
        say(f"{dataset.name}: {number} removals asked")
    return examples


def rounds(cases: Sequence[Case]) -> Iterator[tuple[frozenset[str], list[Case]]]:
    """Yield sets of documents to remove, and the cases that nothing answers then; each case comes once."""
    left = [case for case in cases if case.answerability in ANSWERED and case.gold_doc_ids]
    while left:
        gone: set[str] = set()
        for case in left:
            if not gone or len(gone.union(case.gold_doc_ids)) <= _MOST_REMOVED:
                gone.update(case.gold_doc_ids)
        yield frozenset(gone), [case for case in left if gone.issuperset(case.gold_doc_ids)]
        left = [case for case in left if not gone.issuperset(case.gold_doc_ids)]


def _gold(dataset: Dataset, base: Path) -> dict[str, dict[str, int]]:
    """Return the sections that answer each case."""
    return qrels_of(dataset.cases, units_of(dataset, base), None)


def _examples(name: str, case: Case, index: Index, kind: Kind, gold: dict[str, dict[str, int]]) -> Iterator[Example]:
    """Yield a case as it is, and without the projection where the embedder cannot read it."""
    readable = index.embedder is not None and case.lang in index.embedder.languages
    for each in (index,) if readable else (index, replace(index, projector=None)):
        yield from _example(name, case, each, kind, gold)


def _example(name: str, case: Case, index: Index, kind: Kind, gold: dict[str, dict[str, int]]) -> Iterator[Example]:
    """Yield a case with what the assistant would decide on, if its label says what that decision should be."""
    assistant = Assistant(lambda: index, calibration=Calibration.shipped())
    evidence = assistant.evidence(case.asked, conversation=Conversation(tuple(Turn(each) for each in case.earlier)))
    read = {each.hit.passage.section for each in evidence.found[:_READ]}
    answers = kind == "labelled" and case.answerability in ANSWERED
    if answers and not read.intersection(gold.get(case.id, {})):
        return
    yield Example(name, case.lang, kind, answers, case.cluster or case.id, evidence.features)
