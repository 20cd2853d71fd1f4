"""All that a run folder says, read at once: what pages are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eval.cases import Case
from eval.measures import Passages
from eval.runs import RunFolder
from eval.scoring import Row
from eval.systems import Reply


@dataclass(frozen=True)
class Material:
    """All that a run folder says.

    Attributes:
        run: The folder.
        meta: Its ``run.json``.
        metrics: Its ``metrics.json``.
        rows: Its scores, by case in the order of the records.
        cases: By id.
        replies: By id.
        passages: By id and language.
        qrels: Judgements by case.
    """

    run: RunFolder
    meta: dict[str, Any]
    metrics: dict[str, Any]
    rows: list[Row]
    cases: dict[str, Case]
    replies: dict[str, Reply]
    passages: Passages
    qrels: dict[str, dict[str, int]]

    @classmethod
    def of(cls, run: RunFolder) -> Material:
        """Return what a complete and scored run says."""
        return cls(run, run.require_complete(), run.metrics(), run.scores(), {case.id: case for case in run.cases()},
                   dict(run.replies()), run.passages(), run.qrels())  # fmt: skip

    @cached_property
    def outcomes(self) -> dict[str, str]:
        """Outcome of each case."""
        return {row["id"]: row["outcome"] for row in self.rows}
