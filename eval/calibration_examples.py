"""Labelled questions for the abstention: what the assistant's signals say with the source in place, and without it.

A question set gives examples of three kinds: ``labelled`` (as its authors say: answerable or not), ``near`` (the texts
that answer are removed) and ``far`` (every text with their title is removed, the whole article). The index without
them is made in memory from the vectors that the library holds already, so rare words are rare as they would be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answering.assistant import cleaned_question
from assistant.answering.support import features_of
from assistant.bootstrap import question_embedder
from assistant.knowledge.embedding import Embedder
from assistant.knowledge.generation import Layout
from assistant.knowledge.index import Index, in_memory
from assistant.knowledge.library import Library
from assistant.knowledge.loading import load
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.knowledge.vector_cache import VectorCache
from assistant.settings import load_settings
from eval.battery_files import Battery, Case, asked, write_texts
from eval.battery_removal import Remembered
from eval.battery_runs import Say, build
from eval.documents import Workplace

Kind = Literal["labelled", "near", "far"]
HITS, DETAILED = 6, 3
"""As many as the assistant looks at."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its signals and whether the base answers it.

    Attributes:
        battery: Name of its question set.
        language: Language of the question.
        kind: Where the label comes from.
        answerable: The label.
        cluster: Title of its source, or its cluster; questions of one cluster are never parted by a fold.
        features: The signals, as ``features_of`` gives them.
    """

    battery: str
    language: str
    kind: Kind
    answerable: bool
    cluster: str
    features: dict[str, float]


def collect(battery: Battery, place: Workplace, say: Say) -> list[Example]:
    """Return the examples of a question set; builds or refreshes its index in ``place``.

    Questions that continue a conversation, and those that are neither answerable nor not, are left out.
    """
    ids = write_texts(battery, place)
    build(place, say)
    documents, _ = load(place.docs)
    embedder = _embedder(place)
    titles = {str(text["_id"]): str(text.get("title") or "") for text in battery.corpus}
    cases = [case for case in battery.cases if _single(case)]
    index = in_memory(documents, embedder)
    examples = [_example(battery, case, "labelled", index, titles) for case in cases]
    for (kind, gone), own in _removals(battery, cases, titles).items():
        index = in_memory([each for each in documents if ids[each.id] not in gone], embedder)
        examples += [_example(battery, case, kind, index, titles) for case in own]
    say(f"{battery.name}: {len(examples)} examples of {len(cases)} questions")
    return examples


def _single(case: Case) -> bool:
    """Return whether a case is one question with a plain label."""
    return case["answerability"] in ("answerable", "unanswerable") and not asked(case)[1]


def _removals(
    battery: Battery, cases: Sequence[Case], titles: Mapping[str, str]
) -> dict[tuple[Kind, frozenset[str]], list[Case]]:
    """Return the answerable cases by what is removed for them."""
    by_title: dict[str, set[str]] = defaultdict(set)
    for text, title in titles.items():
        by_title[title or text].add(text)
    groups: dict[tuple[Kind, frozenset[str]], list[Case]] = defaultdict(list)
    for case in cases:
        source = _sources(battery, case).intersection(titles)
        if case["answerability"] != "answerable" or not source:
            continue
        article = frozenset(other for text in source for other in by_title[titles[text] or text])
        groups["far", article].append(case)
        if article != source:
            groups["near", source].append(case)
    return groups


def _sources(battery: Battery, case: Case) -> frozenset[str]:
    """Return the corpus ids of all texts that answer a case, in any language."""
    judged = [text for text, score in battery.qrels.get(case["id"], {}).items() if score > 0]
    return frozenset([*map(str, case["gold_doc_ids"]), *case.get("gold_doc_ids_other_language", ()), *judged])


def _example(battery: Battery, case: Case, kind: Kind, index: Index, titles: Mapping[str, str]) -> Example:
    """Return a case with its signals on an index; answerable only if nothing was removed."""
    text = cleaned_question(asked(case)[0])
    query = Query(text=text, language=case["lang"], reader=case["lang"])
    found = search(index, query, k=HITS, detailed=DETAILED)
    answerable = kind == "labelled" and case["answerability"] == "answerable"
    title = next((titles[each] for each in map(str, case["gold_doc_ids"]) if titles.get(each)), "")
    cluster = title or f"{battery.name}:{case['cluster']}"
    return Example(battery.name, case["lang"], kind, answerable, cluster, features_of(text, found))


def _embedder(place: Workplace) -> Embedder:
    """Return the embedder of questions in front of the vectors that the library of a workplace holds."""
    inner = question_embedder(load_settings(knowledge_base=place.docs, data_dir=place.data))
    cache = VectorCache(Library(Layout(place.data).library), inner.name)
    return Remembered(inner, cache.mget)
