"""Retrieval figures, through ``ir_measures``: the field's reference implementations, not ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import ir_measures

PRIMARY = "nDCG@10"
MEASURES = (PRIMARY, "R@1", "R@2", "R@3", "R@5", "R@10", "RR@10", "Success@1")


def ranked(
    measures: Iterable[str], qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, float]]:
    """Return measures such as ``nDCG@10`` of each judged case, by case and measure.

    Args:
        measures: Names as ``ir_measures`` writes them.
        qrels: Relevance of unit ids by case id.
        run: Unit ids by case id, best first, each once; a case for which nothing was found has 0.
    """
    names = {ir_measures.parse_measure(name): name for name in measures}
    judged = [ir_measures.Qrel(query, unit, score) for query, own in qrels.items() for unit, score in own.items()]
    scored = [
        ir_measures.ScoredDoc(query, unit, score) for query in qrels for unit, score in with_scores(run.get(query, ()))
    ]
    found = {query: dict.fromkeys(names.values(), 0.0) for query in qrels}
    for each in ir_measures.iter_calc(list(names), judged, scored):
        found[each.query_id][names[each.measure]] = float(each.value)
    return found


def with_scores(units: Iterable[str]) -> list[tuple[str, float]]:
    """Return units with scores that only say their order, so that no two are tied in a run file."""
    return [(unit, 1000.0 - place) for place, unit in enumerate(units)]
