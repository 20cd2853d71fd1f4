"""Labelled questions for the abstention on the curated base: its own ways of asking, held out by halves.

Half of every section's ways of asking is taken out of the index and asked. A question is answerable if its section is
among the first two found; where it comes later, another section may answer as well, so it is left out. With its whole
document removed, and a fifth of the others, it is unanswerable ("far"). So are questions of other sets, where given,
asked on this base ("labelled"). Questions that the embedder cannot read are asked with the base's projection and
without.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.answering.support import features_of
from assistant.bootstrap import build_index, question_embedder
from assistant.errors import QuestionError
from assistant.knowledge.embedding import Embedder
from assistant.knowledge.generation import Layout
from assistant.knowledge.index import Index, in_memory
from assistant.knowledge.library import Library
from assistant.knowledge.loading import load
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import Found, search
from assistant.knowledge.vector_cache import VectorCache
from assistant.settings import load_settings
from assistant.types import LANGUAGES, Document, Language
from eval.battery_files import Battery
from eval.battery_removal import Remembered
from eval.calibration_examples import DETAILED, HITS, Example

NAME = "curated base"
KNOWN = 450
"""Ways of asking that are asked, for each language and half; drawn by a fixed seed."""
_PARTS = 5
"""Into so many parts the documents are divided to be removed, because each removal makes an index."""
STRANGERS = 250
"""Questions of other sets that are asked on the base, for each language."""
_TRUSTED_RANKS = 2


def collect_base(folder: Path, work: Path, batteries: Sequence[Battery]) -> list[Example]:
    """Return the examples of the curated base in ``folder``; builds or refreshes an index in ``work``."""
    settings = load_settings(knowledge_base=folder, data_dir=work)
    build_index(settings)
    documents, _ = load(folder)
    inner = question_embedder(settings)
    cache = VectorCache(Library(Layout(work).library), inner.name)
    embedder = Remembered(inner, cache.mget)
    examples: list[Example] = []
    for half in (0, 1):
        kept = [_without(document, half) for document in documents]
        index = in_memory(kept, embedder)
        for each in (index, replace(index, projector=None)):
            examples += _known(documents, half, each)
            examples += _strangers(batteries, half, each)
        examples += _far(documents, kept, half, embedder)
    return examples


def _without(document: Document, half: int) -> Document:
    """Return a document whose passages lack every second way of asking."""
    passages = tuple(replace(p, asked_as=p.asked_as[1 - half :: 2]) for p in document.passages)
    return replace(document, passages=passages)


def _asked(documents: Iterable[Document], half: int) -> Iterator[tuple[str, Language, str, str]]:
    """Yield question, language, section and document of every way of asking that was taken out."""
    for document in documents:
        for passage in document.passages:
            for question in passage.asked_as[half::2]:
                yield question, document.language, passage.section, document.id


def _sample(documents: Iterable[Document], half: int, count: int) -> Iterator[tuple[str, Language, str, str]]:
    """Yield up to ``count`` of the ways of asking that were taken out, for each language."""
    asked = list(_asked(documents, half))
    chance = random.Random(half)  # noqa: S311  a repeatable sample, not a secret
    for language in LANGUAGES:
        own = [each for each in asked if each[1] == language]
        yield from chance.sample(own, min(count, len(own)))


def _known(documents: Sequence[Document], half: int, index: Index) -> Iterator[Example]:
    for question, language, section, document in _sample(documents, half, KNOWN):
        if _asked_already(index, language):
            continue
        found = _find(index, question, language)
        if section in [each.hit.passage.section for each in found[:_TRUSTED_RANKS]]:
            yield Example(NAME, language, "labelled", True, document, features_of(question, found))


def _far(documents: Sequence[Document], kept: Sequence[Document], half: int, embedder: Embedder) -> Iterator[Example]:
    ids = sorted({document.id for document in documents})
    for part in range(min(_PARTS, len(ids))):
        gone = frozenset(ids[part::_PARTS])
        index = in_memory([document for document in kept if document.id not in gone], embedder)
        silent = replace(index, projector=None)
        removed = [document for document in documents if document.id in gone]
        for question, language, _, document in _sample(removed, half, KNOWN // _PARTS):
            for each in (index,) if language in embedder.languages else (index, silent):
                found = _find(each, question, language)
                yield Example(NAME, language, "far", False, document, features_of(question, found))


def _strangers(batteries: Sequence[Battery], half: int, index: Index) -> Iterator[Example]:
    chance = random.Random(half)  # noqa: S311  a repeatable sample, not a secret
    for language in sorted(index.languages):
        if _asked_already(index, language):
            continue
        questions = sorted({case["question"] for b in batteries for case in b.cases if case["lang"] == language})
        for question in chance.sample(questions, min(STRANGERS // 2, len(questions))):
            try:
                found = _find(index, question, language)
            except QuestionError:
                continue
            yield Example(NAME, language, "labelled", False, question, features_of(question, found))


def _asked_already(index: Index, language: Language) -> bool:
    """Return whether a question reads the same with the projection, because the embedder knows its language."""
    return index.projector is None and index.embedder is not None and language in index.embedder.languages


def _find(index: Index, question: str, language: Language) -> tuple[Found, ...]:
    query = Query(text=question, language=language, reader=language)
    return search(index, query, k=HITS, detailed=DETAILED)
