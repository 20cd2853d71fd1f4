"""``score``: what the records of a run are worth. A pure function of the run folder: repeat it and nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from assistant.types import LANGUAGES
from eval import abstaining
from eval.cases import SILENT, Case
from eval.errors import EvalError
from eval.measures import measures, outcome
from eval.ranking import MEASURES, ranked, with_scores
from eval.runs import RunFolder
from eval.statistics import Figure, auroc, detectable_at, mean, statistic
from eval.systems import Reply

PRIMARY = ("nDCG@10", "correct", "truthfulness", "false_answer", "false_abstention")
"""The metrics that a comparison corrects for their number."""
LOWER_IS_BETTER = frozenset({"false_answer", "false_abstention", "aurc", "calibration_error", "brier"})
RISKS = (0.05, 0.1)
Row = dict[str, Any]


def score(folder: RunFolder) -> dict[str, Any]:
    """Write ``scores.jsonl``, ``run.trec`` and ``metrics.json`` of a complete run; return the latter.

    Raises:
        IncompleteRun: If not all cases were asked.
        EvalError: If the folder is damaged.
    """
    meta = folder.require_complete()
    cases = {case.id: case for case in folder.cases()}
    qrels = {query: own for query, own in folder.qrels().items() if query in cases}
    ranking = {name: [unit for unit, _, _ in reply.hits] for name, reply in folder.replies() if name in qrels}
    retrieval = ranked(MEASURES, qrels, ranking)
    passages = folder.passages()
    if [name for name, _ in folder.replies()] != list(cases):
        raise EvalError(f"{folder.records}: not one record for each case; run the dataset again")
    rows: list[Row] = []
    for name, reply in folder.replies():
        relevant = {unit: value for unit, value in qrels.get(name, {}).items() if value > 0}
        values = {
            **dict.fromkeys(MEASURES),
            **retrieval.get(name, {}),
            **measures(cases[name], reply, relevant, passages),
        }
        rows.append(_row(cases[name], reply, str(outcome(cases[name], reply, relevant)), values))
    folder.write_lines("scores.jsonl", rows)
    run = ((query, "Q0", unit, rank, s, folder.name) for query, own in ranking.items()
           for rank, (unit, s) in enumerate(with_scores(own), start=1))  # fmt: skip
    folder.write_trec("run.trec", run)
    result = {
        "run": folder.name,
        "dataset": meta["dataset"],
        "n": len(rows),
        "detectable_nDCG@10": detectable_at(len(qrels)) if qrels else None,
        "slices": {name: summarise(own) for name, own in slices(rows).items()},
    }
    folder.write_json("metrics.json", result)
    return result


def _row(case: Case, reply: Reply, what: str, values: dict[str, float | None]) -> Row:
    """Return the scores of a case as plain data; times are left out, because they differ between runs."""
    return {
        "id": case.id, "lang": case.lang, "cluster": case.cluster or case.id, "tags": list(case.tags),
        "split": case.split, "answerability": case.answerability, "outcome": what, "status": reply.status,
        "support": round(reply.support, 6),
        "metrics": {name: None if value is None else round(value, 9) for name, value in values.items()},
    }  # fmt: skip


def slices(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rows of the whole, of each language, of each kind of case and of each tag."""
    found = {"all": list(rows)}
    for language in LANGUAGES:
        found[language] = [row for row in rows if row["lang"] == language]
    for kind in sorted({row["answerability"] for row in rows}):
        found[f"{kind}"] = [row for row in rows if row["answerability"] == kind]
    for tag in sorted({tag for row in rows for tag in row["tags"]}):
        found[f"tag:{tag}"] = [row for row in rows if tag in row["tags"]]
    return {name: own for name, own in found.items() if own}


def summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Return every figure of some rows by name; those without a case are left out."""
    figures: dict[str, Figure | None] = {}
    for name in rows[0]["metrics"]:
        own = [row for row in rows if row["metrics"][name] is not None]
        figures[name] = mean([row["metrics"][name] for row in own], [row["cluster"] for row in own])
    figures |= _silence(rows)
    return {name: figure.as_dict() for name, figure in figures.items() if figure is not None}


def _silence(rows: Sequence[Row]) -> dict[str, Figure | None]:
    """Return the figures of ``support``: against the labels, and as a promise that the reply would be right."""
    labelled = [row for row in rows if row["answerability"] in (*SILENT, "answerable")]
    found: dict[str, Figure | None] = {}
    if labelled:
        found["auroc"] = auroc(
            [row["answerability"] == "answerable" for row in labelled],
            [row["support"] for row in labelled],
            [row["cluster"] for row in labelled],
        )
    promises = judged(rows)
    if promises:
        right, support = promised(promises)
        clusters = [row["cluster"] for row in promises]
        found["aurc"] = statistic(lambda times: abstaining.aurc(right, support, times), clusters)
        for most in RISKS:
            found[f"coverage@risk{most:g}"] = _coverage(right, support, clusters, most)
        if support.min() >= 0 and support.max() <= 1:
            found["calibration_error"] = statistic(
                _expanded(abstaining.calibration_error, right, support), clusters, basic=True
            )
            found["brier"] = statistic(_expanded(abstaining.brier, right, support), clusters)
    return found


def judged(rows: Iterable[Row]) -> list[Row]:
    """Return the rows in which ``support`` can be held to its promise: it is known whether the first hit answers."""
    labelled = (row for row in rows if row["answerability"] in (*SILENT, "answerable"))
    return [row for row in labelled if row["answerability"] in SILENT or row["metrics"]["Success@1"] is not None]


def promised(rows: Iterable[Row]) -> tuple[Any, Any]:
    """Return whether each reply is, or would have been, right, and its support: shape ``(rows,)`` each.

    A reply that was held back would have been right if the first hit answers, and never on a case that nothing answers.
    """
    promises = list(rows)
    right = [
        row["answerability"] not in SILENT
        and bool(row["metrics"]["correct"] if row["status"] == "answered" else row["metrics"]["Success@1"])
        for row in promises
    ]
    return np.array(right, dtype=bool), np.array([row["support"] for row in promises])


def _coverage(right: Any, support: Any, clusters: Sequence[str], most: float) -> Figure | None:
    return statistic(lambda times: abstaining.coverage_at(right, support, times, most), clusters)


def _expanded(value: Callable[[Any, Any], float], right: Any, support: Any) -> Callable[[Any], float]:
    """Return a statistic of counts from one of plain cases: each case comes as often as it is drawn."""
    return lambda times: value(np.repeat(right, times), np.repeat(support, times))
