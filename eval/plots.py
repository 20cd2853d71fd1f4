"""The figures of the pages as inline SVG: the same input gives the same bytes.

Words and axes take the colour of the text around them, so that one picture serves light and dark pages. Lines differ by
dash and marker, bars by hatching, so that no figure needs its colours.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import matplotlib
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eval.comparing import Change
from eval.measures import Outcome

INK = "#010203"
"""Stands for the colour of the page's text until the SVG is cleaned."""
GREY = "#8a8a8a"
COLOURS = ("#3b8ed0", "#d9822b", "#2a9d6f", "#a879c9", "#d9604c", "#2a9fb0", "#a0902b", "#c76b98")
"""Bright enough for a dark page and dark enough for a light one; black can be read on each."""
_WIDE = 52
"""Letters of a legend's two columns that fit beside each other."""
_DASHES: tuple[str | tuple[int, tuple[int, ...]], ...] = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)))
_MARKERS = "osD^vP"
BUDGET = {
    Outcome.NOT_FOUND: ("#d9604c", ""),
    Outcome.NOT_CHOSEN: ("#d9822b", "///"),
    Outcome.SILENT: ("#8a8a8a", "..."),
    Outcome.ACCEPTABLE: ("#2a9fb0", "\\\\\\"),
    Outcome.WRONG: ("#c76b98", "xxx"),
    Outcome.SHOULD_BE_SILENT: ("#a879c9", "+++"),
    Outcome.WRONG_LANGUAGE: ("#a0902b", "---"),
    Outcome.REFUSED: ("#3b8ed0", "ooo"),
    Outcome.RIGHT: ("#2a9d6f", ""),
}
"""Outcomes from where a case is lost first to right, with colour and hatching."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "font.size": 12, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": GREY,
    "xtick.color": GREY, "ytick.color": GREY, "xtick.labelcolor": INK, "ytick.labelcolor": INK, "grid.color": GREY,
    "grid.alpha": 0.3, "axes.grid": True, "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False,
    "legend.frameon": False, "figure.facecolor": "none", "axes.facecolor": "none", "hatch.linewidth": 0.6,
    "text.parse_math": False,
}  # fmt: skip


class Picture:
    """A drawing in the making: ``with Picture(...) as axes`` draws, ``svg`` holds the result."""

    def __init__(self, name: str, title: str, words: str, height: float = 3.0) -> None:
        """Begin a drawing.

        Args:
            name: Unique on its page; the ids inside begin with it.
            title: What it shows.
            words: The same for those who do not see it.
            height: In inches, without the legend; the width is five and a half.
        """
        self._name, self._title, self._words = name, title, words
        self._style = matplotlib.rc_context({**_STYLE, "svg.hashsalt": name})
        self._height = height
        self.svg = Markup()

    def __enter__(self) -> Axes:
        """Return the axes to draw on."""
        self._style.__enter__()
        self._figure = Figure(figsize=(5.5, self._height), layout="constrained")
        return self._figure.subplots()

    def __exit__(self, *error: object) -> None:
        """Turn the drawing into SVG."""
        try:
            if error[0] is None:
                self.svg = self._drawn()
        finally:
            self._style.__exit__(None, None, None)

    def _drawn(self) -> Markup:
        labels = self._figure.axes[0].get_legend_handles_labels()[1]
        if len(labels) > 1:
            columns = 2 if 2 * max(map(len, labels)) <= _WIDE else 1
            # A legend below takes no room from the drawing, whatever its length.
            self._figure.set_size_inches(5.5, self._height + 0.25 * -(-len(labels) // columns))
            self._figure.legend(loc="outside lower center", ncols=columns, handlelength=3)
        out = io.StringIO()
        self._figure.savefig(out, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
        return inline(out.getvalue(), self._name, self._title, self._words)


def inline(svg: str, name: str, title: str, words: str) -> Markup:
    """Return a file's SVG as it may stand in a page beside others: no prolog, no address, no id but its own."""
    found = re.search(r'viewBox="([^"]+)".*?>(.*)</svg>', svg, re.DOTALL)
    assert found is not None  # noqa: S101  matplotlib writes no other
    box, body = found.groups()
    body = re.sub(r"<!--.*?-->|<style[^>]*>.*?</style>|<defs>\s*</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r'<(g|text) id="[^"]*"', r"<\1", body)
    body = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{name}-", body).replace("xlink:href", "href")
    body = re.sub(r' xmlns(:\w+)?="[^"]*"', "", body)
    body = re.sub(r"font: (\d[\d.]*px)[^;\"]*", r"font-size: \1", body).replace(INK, "currentColor")
    body = re.sub(r">\s+<", ">\n<", body)
    return Markup(  # noqa: S704  title and words are escaped, and matplotlib escapes its texts
        f'<svg viewBox="{box}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(words)}</desc>{body}</svg>'
    )


def lines(
    name: str, title: str, words: str, curves: Mapping[str, Mapping[int, float]], axes: tuple[str, str]
) -> Markup:
    """Return curves over few whole numbers, such as recall at k; values are shares."""
    picture = Picture(name, title, words)
    with picture as plot:
        ways = zip(curves.items(), cycle(COLOURS), cycle(_DASHES), cycle(_MARKERS))
        for (label, points), colour, dash, marker in ways:
            plot.plot(list(points), list(points.values()), color=colour, linestyle=dash, marker=marker, label=label)
        ticks = sorted({x for points in curves.values() for x in points})
        plot.set_xticks(ticks, [str(x) for x in ticks])
        _shares(plot, *axes)
        # Recalls lie high and close together: from zero they could not be told apart.
        plot.set_ylim(max(0.0, min(y for points in curves.values() for y in points.values()) - 0.1))
    return picture.svg


def risk_coverage(
    name: str, words: str, coverage: Sequence[float], risk: Sequence[float], used: tuple[float, float] | None
) -> Markup:
    """Return the risk at each share answered, with the point at the bar that was used."""
    picture = Picture(name, "Risk over coverage", words)
    with picture as plot:
        plot.plot(coverage, risk, color=COLOURS[0], label="risk, surest cases first", drawstyle="steps-post")
        if used is not None:
            plot.plot(*used, color=COLOURS[4], marker="D", markersize=9, linestyle="none", label="bar of this run")
        plot.set_xlim(0, 1.02)
        plot.set_ylim(0, max(0.1, *risk, used[1] if used else 0) * 1.1)
        plot.set_xlabel("share of cases answered")
        plot.set_ylabel("share of these that is wrong")
    return picture.svg


def reliability(name: str, words: str, bins: Sequence[tuple[float, float, int]]) -> Markup:
    """Return the share that is right against the mean support of each bin."""
    picture = Picture(name, "Reliability of support", words)
    with picture as plot:
        plot.plot([0, 1], [0, 1], color=GREY, linestyle="--", label="support keeps its promise")
        plot.plot(*list(zip(*bins, strict=True))[:2], color=COLOURS[0], marker="o", label="this run")
        plot.set_xlim(0, 1.02)
        _shares(plot, "mean support", "share that is right")
    return picture.svg


def budget(name: str, words: str, counts: Mapping[str, Mapping[Outcome, int]]) -> Markup:
    """Return a stacked bar of outcomes for each group of cases."""
    picture = Picture(name, "Error budget", words, height=0.8 + 0.42 * len(counts))
    with picture as plot:
        groups = list(counts)
        sizes = np.array([sum(counts[each].values()) for each in groups])
        left = np.zeros(len(groups))
        for kind, (colour, hatch) in BUDGET.items():
            share = np.array([counts[each].get(kind, 0) for each in groups]) / sizes
            if not share.any():
                continue
            bars = plot.barh(groups, share, left=left, color=colour, hatch=hatch, edgecolor="#000000", linewidth=0.5,
                             label=str(kind))  # fmt: skip
            labels = [f"{100 * each:.0f} %" if each >= 0.08 else "" for each in share]
            plate = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
            for text in plot.bar_label(bars, labels, label_type="center", color="#000000"):
                text.set_bbox(plate if text.get_text() else None)
            left += share
        plot.invert_yaxis()
        plot.set_xlim(0, 1)
        plot.set_xlabel("share of cases")
        plot.grid(visible=False, axis="y")
    return picture.svg


def latency(name: str, words: str, times: Sequence[float], marks: Mapping[str, float]) -> Markup:
    """Return a histogram of times in milliseconds with marked ones; its last bar holds all that are slower."""
    picture = Picture(name, "Time of a reply", words)
    with picture as plot:
        most = float(np.quantile(times, 0.99)) * 1.1 or 1.0
        plot.hist(
            np.minimum(times, most), bins=30, range=(0, most), color=COLOURS[0], edgecolor="#000000", linewidth=0.4
        )
        for (label, value), dash, colour in zip(marks.items(), ("--", ":"), (COLOURS[1], COLOURS[4]), strict=True):
            plot.axvline(value, color=colour, linestyle=dash, linewidth=2, label=f"{label}: {value:.0f} ms")
        plot.set_xlabel("milliseconds")
        plot.set_ylabel("cases")
    return picture.svg


def forest(name: str, words: str, rows: Sequence[tuple[str, Change]]) -> Markup:
    """Return differences with their intervals, one line each; a filled mark is a change that the test bears out."""
    picture = Picture(name, "Differences of the main figures", words, height=0.9 + 0.27 * len(rows))
    with picture as plot:
        colours = {"better": COLOURS[2], "worse": COLOURS[4], "same": GREY}
        shapes = {"better": "^", "worse": "v", "same": "o"}
        for place, (_, change) in enumerate(rows):
            colour = colours[change.verdict]
            plot.plot([change.low, change.high], [place, place], color=colour)
            plot.plot(change.delta, place, color=colour, marker=shapes[change.verdict], markersize=7,
                      markerfacecolor="none" if change.verdict == "same" else colour)  # fmt: skip
        plot.axvline(0, color=GREY, linestyle="--", linewidth=1)
        plot.set_yticks(range(len(rows)), [label for label, _ in rows])
        plot.set_ylim(len(rows) - 0.5, -0.5)
        plot.grid(visible=False, axis="y")
        plot.set_xlabel("second run minus first, with 95 % interval")
    return picture.svg


def _shares(plot: Axes, across: str, up: str) -> None:
    plot.set_ylim(0, 1.03)
    plot.set_xlabel(across)
    plot.set_ylabel(up)
