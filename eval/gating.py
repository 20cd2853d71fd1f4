"""``gate``: may this run replace the baseline? Only a fall that is both sure and large enough to matter stops it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.cases import json_lines
from eval.comparing import Change, changes
from eval.errors import EvalError
from eval.runs import RunFolder
from eval.scoring import LOWER_IS_BETTER, PRIMARY, Row

MUST_BE_ONE = ("quote_exactness", "mark_validity")
"""Anything less is a bug."""
ASKED = {"dataset_digest": "cases", "config": "settings of the run"}
"""What of a run must be as in the baseline, and what it is called."""
TOLERANCE = 0.02
"""A fall of a primary metric that is smaller stops nothing."""


def read_baseline(path: Path) -> dict[str, Any]:
    """Return the committed baseline: what was asked, and the scores of each case by id.

    Raises:
        EvalError: If it cannot be read.
    """
    try:
        rows = [data for _, data in json_lines(path)]
        rows[0]["dataset_digest"]  # a first line without it is a case, so this is no baseline
        return {"asked": rows[0], "rows": {row["id"]: row for row in rows[1:]}}
    except (IndexError, KeyError) as error:
        raise EvalError(
            f"{str(path)!r} is no baseline ({error!r}); write one: `python -m eval gate RUN --baseline FILE --renew`"
        ) from error


def write_baseline(run: RunFolder, path: Path) -> None:
    """Write the baseline from a scored run: one line on what was asked, then one for each case.

    Raises:
        IncompleteRun: If the run is incomplete.
    """
    meta = run.require_complete()
    target = RunFolder(path.parent)
    keep = ("id", "lang", "cluster", "outcome", "metrics")
    rows: list[dict[str, Any]] = [{name: row[name] for name in keep} for row in run.scores()]
    path.parent.mkdir(parents=True, exist_ok=True)
    target.write_lines(path.name, [{"dataset": meta["dataset"]} | {name: meta[name] for name in ASKED}, *rows])


def gate(run: RunFolder, baseline: dict[str, Any]) -> list[str]:
    """Return why a scored run must not replace the baseline; nothing if it may.

    Raises:
        IncompleteRun: If the run is incomplete.
        EvalError: If it asked other cases than the baseline.
    """
    meta = run.require_complete()
    for name, words in ASKED.items():
        if meta[name] != baseline["asked"].get(name):
            raise EvalError(
                f"{str(run.folder)!r} has other {words} than the baseline; if that is meant, write a new baseline with "
                "--renew"
            )
    rows = run.scores()
    found = [
        f"{name} is {value:.4f} for {row['id']!r}; it must be 1"
        for row in rows
        for name in MUST_BE_ONE
        if (value := row["metrics"][name]) is not None and value < 1
    ]
    found += [f"{row['id']!r} was refused as input" for row in rows if row["outcome"] == "refused as input"]
    shape = {row["id"]: row["metrics"].keys() for row in rows}
    if shape != {name: row.get("metrics", {}).keys() for name, row in baseline["rows"].items()}:
        raise EvalError("the baseline has not the cases and metrics of this run; write a new one with --renew")
    found += [
        f"{name} of {row['id']!r} cannot be told any more: its gold quotes stand in no text; mend the labels"
        for row in rows
        for name in PRIMARY
        if row["metrics"][name] is None and baseline["rows"][row["id"]]["metrics"][name] is not None
    ]
    pairs: list[tuple[Row, Row]] = [(baseline["rows"][row["id"]], row) for row in rows]
    return found + [_told(each) for each in changes(pairs) if each.metric in PRIMARY and fallen(each)]


def fallen(change: Change) -> bool:
    """Return whether a primary metric got worse: by more than the tolerance, and borne out by the corrected test."""
    worse = change.delta if change.metric in LOWER_IS_BETTER else -change.delta
    return worse > TOLERANCE and change.verdict == "worse"


def _told(change: Change) -> str:
    return (
        f"{change.metric} went from {change.first:.3f} to {change.second:.3f} "
        f"({change.delta:+.3f} [{change.low:+.3f}, {change.high:+.3f}], p = {change.p_holm:.4f}, n = {change.n})"
    )
