"""What a new fit of ``support`` changes: the figures and the plots of before and after, on the same questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from eval import abstaining
from eval.pages import render, write
from eval.plots import COLOURS, GREY, Drawing

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
RISK = 0.1


@dataclass(frozen=True, slots=True)
class Judged:
    """The examples of one model, shape ``(examples,)`` each.

    Attributes:
        answerable: Their labels.
        before: Support by the model that is replaced.
        after: Support by the new one, each by a fit that saw nothing of its cluster.
    """

    answerable: Bools
    before: Floats
    after: Floats

    def figures(self) -> dict[str, float]:
        """Return AUROC, AURC, calibration error and coverage at a risk of 10 %, before and after."""
        times = np.ones(len(self.answerable), dtype=np.int64)
        found = {}
        for name, support in (("before", self.before), ("after", self.after)):
            found[f"AUROC {name}"] = abstaining.auroc(self.answerable, support, times)
            found[f"AURC {name}"] = abstaining.aurc(self.answerable, support, times)
            found[f"calibration error {name}"] = abstaining.calibration_error(self.answerable, support)
            found[f"coverage at risk {RISK:g} {name}"] = abstaining.coverage_at(self.answerable, support, times, RISK)
        return {name: round(value, 3) for name, value in found.items()}


def draw(judged: Mapping[str, Judged], path: Path) -> None:
    """Write a page with reliability and risk over coverage of each model, before and after."""
    parts = [
        (name, sorted(each.figures().items()), [_reliability(name, each), _risk(name, each)], len(each.answerable))
        for name, each in judged.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, render("calibration.html.jinja", parts=parts))


def _sides(each: Judged) -> tuple[tuple[str, Floats, str, str], ...]:
    return ("before", each.before, COLOURS[1], "--"), ("after", each.after, COLOURS[0], "-")


def _reliability(name: str, each: Judged) -> Markup:
    words = "; ".join(
        f"{side}: "
        + ", ".join(f"{mean:.2f} {kept:.2f}" for mean, kept, _ in abstaining.reliability(each.answerable, s))
        for side, s, _, _ in _sides(each)
    )
    drawing = Drawing(
        f"{name}-reliability", f"Reliability of support, {name}", f"mean support and share answered: {words}"
    )
    with drawing as plot:
        plot.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="support keeps its promise")
        for side, support, colour, dash in _sides(each):
            bins = abstaining.reliability(each.answerable, support)
            plot.plot(*list(zip(*bins, strict=True))[:2], color=colour, linestyle=dash, marker="o", label=side)
        plot.set(xlim=(0, 1.02), ylim=(0, 1.03), xlabel="mean support", ylabel="share that the base answers")
    return drawing.svg


def _risk(name: str, each: Judged) -> Markup:
    drawing = Drawing(
        f"{name}-risk", f"Risk over coverage, {name}", "questions answered from the surest on; lower is better"
    )
    with drawing as plot:
        for side, support, colour, dash in _sides(each):
            coverage, risks = abstaining.risk_coverage(each.answerable, support)
            plot.plot(coverage, risks, color=colour, linestyle=dash, label=side, drawstyle="steps-post")
        plot.set(
            xlim=(0, 1.02), ylim=(0, 1), xlabel="share of questions answered", ylabel="share of these without an answer"
        )
    return drawing.svg
