"""The texts that a dataset asks about, and which of them answer each case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from eval.cases import Case, Dataset, Unit
from eval.errors import EvalError


def units_of(dataset: Dataset, knowledge_base: Path) -> tuple[Unit, ...]:
    """Return the dataset's own texts, or the sections of the knowledge base if it has none.

    Raises:
        EvalError: If the knowledge base cannot be read.
    """
    if dataset.corpus is not None:
        return dataset.corpus
    from assistant.errors import AssistantError
    from assistant.knowledge.loading import load

    try:
        documents, _ = load(knowledge_base)
    except AssistantError as error:
        raise EvalError(
            f"{dataset.name!r} has no corpus.jsonl, so it asks about the knowledge base, and {error}"
        ) from error
    return tuple(
        Unit(p.section, p.document, p.language, " > ".join([*p.context, p.heading]), p.text)
        for document in documents
        for p in document.passages
    )


def qrels_of(
    cases: Iterable[Case], units: Sequence[Unit], given: dict[str, dict[str, int]] | None
) -> dict[str, dict[str, int]]:
    """Return the relevance of unit ids by case id; a case that nothing answers is left out.

    Where the dataset does not say so itself: a text is relevant if it is gold; a section of a gold document is relevant
    if one of the gold quotes stands in one of its language versions.

    Raises:
        EvalError: If the dataset judges a text that it does not bring.
    """
    if given is not None:
        known = {unit.id for unit in units}
        if odd := next((f"{q!r} judges {u!r}" for q, own in given.items() for u in own if u not in known), ""):
            raise EvalError(f"qrels.tsv: {odd}, which is not in corpus.jsonl; mend the id, or add the text")
        asked = {case.id for case in cases}
        return {query: own for query, own in given.items() if query in asked and any(s > 0 for s in own.values())}
    by_document: dict[str, list[Unit]] = {}
    for unit in units:
        by_document.setdefault(unit.document, []).append(unit)
    found: dict[str, dict[str, int]] = {}
    for case in cases:
        gold = [unit for document in case.gold_doc_ids for unit in by_document.get(document, ())]
        quoted = [unit for unit in gold if any(quote in unit.text for quote in case.gold_quotes)]
        if relevant := dict.fromkeys((unit.id for unit in (quoted if case.gold_quotes else gold)), 1):
            found[case.id] = relevant
    return found
