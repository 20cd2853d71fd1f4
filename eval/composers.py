"""``composers``: who puts replies into words, over the same cases in one run, in one table beside the quotes alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from eval.comparing import compare
from eval.configuring import RunConfig
from eval.gating import MUST_BE_ONE
from eval.running import Progress, run
from eval.runs import RunFolder
from eval.scoring import Row, score
from eval.statistics import Figure, statistic
from eval.systems import Reply, SystemName

BASE: SystemName = "assistant"
"""Quotes alone: what the others are compared with."""
FIGURES = ("answered", "correct", "faithfulness", *MUST_BE_ONE, "containment", "vital_nuggets", "reply_language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What one system made of the cases.

    Attributes:
        system: Which one.
        figures: Each of ``FIGURES`` that applies, with its interval.
        changes: How each differs from the quotes alone, on the same cases; empty for these.
        seconds: Median seconds of a reply; None if none was timed.
        slower: Median of the differences in seconds, case by case; None for the quotes alone.
        composed: How many replies each composer wrote; a model's words may give way to quotes.
        drafting: What became of the model's texts, by outcome.
        kept: Sentences of the model that were verified.
        dropped: Sentences of the model that nothing they cite supports.
        outcomes: Cases by what became of them.
    """

    system: str
    figures: dict[str, dict[str, Any]]
    changes: dict[str, dict[str, Any]]
    seconds: Figure | None
    slower: Figure | None
    composed: dict[str, int]
    drafting: dict[str, int]
    kept: int
    dropped: int
    outcomes: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        data = {name: getattr(self, name) for name in self.__slots__}
        return data | {name: data[name] and data[name].as_dict() for name in ("seconds", "slower")}

    @property
    def faults(self) -> list[str]:
        """Which figures are less than the 1 that they must be."""
        low = [(name, self.figures[name]["value"]) for name in MUST_BE_ONE if name in self.figures]
        return [f"{self.system}: {name} is {value:.4f}; it must be 1" for name, value in low if value < 1]


def composers(
    dataset: Path, out: Path, systems: Sequence[SystemName], config: RunConfig, *, work: Path,
    showing: Callable[[str], AbstractContextManager[Progress]],
) -> list[Composed]:  # fmt: skip
    """Ask every system the same cases in the same order, one after the other, and score and compare them.

    Args:
        dataset: The dataset.
        out: Gets a run folder for each system; unfinished ones go on.
        systems: Which ones; the quotes alone are always asked, and first.
        config: How the dataset is asked.
        work: Keeps documents and indexes of datasets with their own corpus.
        showing: Opens what is told of the progress of a system.

    Raises:
        EvalError: If the dataset is wrong, a folder holds another run, or no model is configured for ``generative``.
    """
    chosen = tuple(dict.fromkeys((BASE, *systems)))
    for system in chosen:
        asked = config.model_copy(update={"system": system})
        with showing(system) as progress:
            run(dataset, out / system, asked, work=work, progress=progress)
    for system in chosen:
        score(RunFolder(out / system))
    found = [composed(RunFolder(out / system), RunFolder(out / BASE)) for system in chosen]
    RunFolder(out).write_json("composers.json", [each.as_dict() for each in found])
    return found


def composed(folder: RunFolder, base: RunFolder) -> Composed:
    """Return what a scored run is beside a scored run of the quotes alone."""
    rows, replies, system = folder.scores(), dict(folder.replies()), folder.meta()["config"]["system"]
    drafts = [reply.drafting for reply in replies.values() if reply.drafting]
    own = system != BASE
    changes = {each.metric: each.as_dict() for each in compare(base, folder).changes["all"]} if own else {}
    figures = folder.metrics()["slices"]["all"]
    return Composed(
        system=system,
        figures={name: figures[name] for name in FIGURES if name in figures},
        changes={name: changes[name] for name in FIGURES if name in changes},
        seconds=_median(rows, _seconds(replies)),
        slower=_median(rows, _slower(replies, dict(base.replies()))) if own else None,
        composed=dict(Counter(str(reply.composer) for reply in replies.values() if reply.status == "answered")),
        drafting=dict(Counter(draft["outcome"] for draft in drafts)),
        kept=sum(draft["kept"] for draft in drafts),
        dropped=sum(len(draft["dropped"]) for draft in drafts),
        outcomes=dict(Counter(row["outcome"] for row in rows)),
    )  # fmt: skip


def _seconds(replies: dict[str, Reply]) -> dict[str, float]:
    return {name: r.timings_ms["total"] / 1000 for name, r in replies.items() if "total" in r.timings_ms}


def _slower(replies: dict[str, Reply], base: dict[str, Reply]) -> dict[str, float]:
    ours, theirs = _seconds(replies), _seconds(base)
    return {name: ours[name] - theirs[name] for name in ours if name in theirs}


def _median(rows: Sequence[Row], values: dict[str, float]) -> Figure | None:
    """Return the median with its interval, whole clusters drawn."""
    own = [row for row in rows if row["id"] in values]
    numbers = np.array([values[row["id"]] for row in own])
    return statistic(lambda times: median(np.repeat(numbers, times)), [row["cluster"] for row in own])
