"""What is wrong with a dataset, case by case, before anything is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.answering.language import detect
from eval.cases import SILENT, Case, Dataset, Unit, json_lines

ANY_SPEECH = frozenset({"latin", "mixed"})
"""Tags of cases whose language cannot be told by their letters."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: line of ``cases.jsonl``, id of the case, what is wrong and what to do."""

    line: int
    case: str
    message: str

    def __str__(self) -> str:
        """Return the fault in one line."""
        return f"cases.jsonl:{self.line}: {self.case}: {self.message}"


def validate(dataset: Dataset, units: tuple[Unit, ...]) -> tuple[Finding, ...]:
    """Return every fault of a dataset whose fields are right, in the order of its lines."""
    lines = {str(data["id"]): number for number, data in json_lines(dataset.folder / "cases.jsonl")}
    texts: dict[str, list[Unit]] = {}
    for unit in units:
        texts.setdefault(unit.document, []).append(unit)
    split_of: dict[str, str] = {}
    found = []
    for case in dataset.cases:
        messages = [*_gold(case, texts), *_language(case), *_split(case, split_of)]
        found += [Finding(lines[case.id], case.id, message) for message in messages]
    return tuple(found)


def _gold(case: Case, texts: dict[str, list[Unit]]) -> Iterator[str]:
    """Yield what is wrong with the labels: they must stand in the documents that they name."""
    for document in (*case.gold_doc_ids, *case.gold_doc_ids_other_language):
        if document not in texts:
            yield f"gold document {document!r} is not in the corpus; name a document that is"
    gold = [unit for document in case.gold_doc_ids for unit in texts.get(document, ())]
    for quote in case.gold_quotes:
        if not any(quote in unit.text for unit in gold):
            yield f"gold quote {quote[:60]!r} stands in none of its gold documents; copy it letter for letter"
    if case.answerability == "answerable" and not case.gold_doc_ids:
        yield "answerable, but no gold document is named; name one, or call the case unanswerable"
    if case.answerability in SILENT and (case.gold_quotes or case.gold_doc_ids):
        yield f"{case.answerability}, but it names gold documents; take them out, or call the case answerable"
    spoken = "\n".join(unit.text for unit in gold if unit.language == case.reply_language).casefold()
    for nugget in case.nuggets:
        if spoken and not any(way.casefold() in spoken for way in nugget.any_of):
            where = f"the gold documents in {case.reply_language}"
            yield f"nugget {nugget.text[:40]!r}: none of its strings stands in {where}; copy one from there"


def _language(case: Case) -> Iterator[str]:
    if not ANY_SPEECH.intersection(case.tags):
        told = detect(case.question, fallback=case.lang)
        if told != case.lang:
            yield f"the question reads as {told!r}, not {case.lang!r}; mend lang, or tag the case latin or mixed"


def _split(case: Case, split_of: dict[str, str]) -> Iterator[str]:
    """Yield whether the case's cluster is in both splits: then tuning on one would leak into the other."""
    if case.cluster and split_of.setdefault(case.cluster, case.split) != case.split:
        yield f"cluster {case.cluster!r} is in both splits; keep a cluster in one"
