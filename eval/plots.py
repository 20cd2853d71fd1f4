"""The figures of the pages as inline SVG, with how to read them: the same input gives the same bytes.

Words and axes take the colour of the text around them, so that one picture serves light and dark pages. Lines differ by
dash and marker, bars by hatching, so that no figure needs its colours.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assistant.types import LANGUAGES
from eval import abstaining
from eval.comparing import Change
from eval.measures import Outcome
from eval.scoring import Row, promised, slices
from eval.systems import Reply

RECALLS = (1, 2, 3, 5, 10)
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


class Picture(NamedTuple):
    """A drawing and a sentence on how to read it."""

    svg: Markup
    words: str


class Drawing:
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


def recall(metrics: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Picture | None:
    """Return the recall at each number of hits, by language and for the baselines; None where nothing is judged."""
    named = {name: metrics["slices"][name] for name in ("all", *LANGUAGES) if name in metrics["slices"]}
    named |= {f"{each['run']}, all": each["slices"]["all"] for each in others}
    curves = {label: [own[f"R@{k}"]["value"] for k in RECALLS] for label, own in named.items() if "R@1" in own}
    if not curves:
        return None
    words = "; ".join(f"{label}: " + ", ".join(f"{value:.2f}" for value in own) for label, own in curves.items())
    drawing = Drawing("recall", "Recall at k", f"At {RECALLS} hits. {words}")
    with drawing as plot:
        ways = zip(curves.items(), cycle(COLOURS), cycle(_DASHES), cycle(_MARKERS))
        for (label, values), colour, dash, marker in ways:
            plot.plot(RECALLS, values, color=colour, linestyle=dash, marker=marker, label=label)
        plot.set_xticks(RECALLS, [str(k) for k in RECALLS])
        # Recalls lie high and close together: from zero they could not be told apart.
        plot.set_ylim(max(0.0, min(map(min, curves.values())) - 0.1), 1.03)
        plot.set(xlabel="hits, k", ylabel="recall")
    return Picture(drawing.svg, "The further up a line, the more of the texts that answer are among the first k hits.")


def risk(rows: Sequence[Row]) -> Picture | None:
    """Return risk over coverage of judged rows, with the point at the bar that was used; None without rows."""
    if not rows:
        return None
    right, support = promised(rows)
    coverage, risks = abstaining.risk_coverage(right, support)
    answered = np.array([row["status"] == "answered" for row in rows])
    share, wrong = float(answered.mean()), float(1 - right[answered].mean()) if answered.any() else 0.0
    how = (
        "Cases are answered from the surest to the least sure; the lower the line, the better support tells right from "
        f"wrong: this run answers {100 * share:.1f} %, and {100 * wrong:.1f} % of these are wrong ({len(rows)} cases)."
    )
    drawing = Drawing("risk", "Risk over coverage", how)
    with drawing as plot:
        plot.plot(coverage, risks, color=COLOURS[0], label="risk, surest cases first", drawstyle="steps-post")
        if answered.any():
            plot.plot(share, wrong, color=COLOURS[4], marker="D", markersize=9, ls="none", label="bar of this run")
        plot.set(xlim=(0, 1.02), ylim=(0, max(0.1, *risks, wrong) * 1.1))
        plot.set(xlabel="share of cases answered", ylabel="share wrong of these")
    return Picture(drawing.svg, how)


def reliability(rows: Sequence[Row]) -> tuple[Picture, list[tuple[float, float, int]]] | None:
    """Return the share that is right against the mean support of each bin of judged rows, and the bins.

    None unless supports are probabilities.
    """
    right, support = promised(rows)
    if not rows or support.min() < 0 or support.max() > 1:
        return None
    bins = abstaining.reliability(right, support)
    words = "; ".join(f"support {mean:.2f}: {share:.2f} right of {count}" for mean, share, count in bins)
    drawing = Drawing("reliability", "Reliability of support", words)
    with drawing as plot:
        plot.plot([0, 1], [0, 1], color=GREY, linestyle="--", label="support keeps its promise")
        plot.plot(*list(zip(*bins, strict=True))[:2], color=COLOURS[0], marker="o", label="this run")
        plot.set(xlim=(0, 1.02), ylim=(0, 1.03), xlabel="mean support", ylabel="share that is right")
    how = (
        "A point under the dashed line promises more than it keeps, one above it less; the points stand for about "
        f"{bins[0][2]} cases each."
    )
    return Picture(drawing.svg, how), bins


def budget(rows: Sequence[Row]) -> tuple[Picture, dict[str, Counter[Outcome]]]:
    """Return a stacked bar of outcomes for all cases and each language, and their numbers."""
    groups = {name: own for name, own in slices(rows).items() if name in ("all", *LANGUAGES)}
    counts = {name: Counter(Outcome(row["outcome"]) for row in own) for name, own in groups.items()}
    words = "; ".join(
        f"{name}: " + ", ".join(f"{kind} {own[kind]}" for kind in BUDGET if own[kind]) for name, own in counts.items()
    )
    drawing = Drawing("budget", "Error budget", words, height=0.8 + 0.42 * len(counts))
    with drawing as plot:
        _bars(plot, counts)
        plot.invert_yaxis()
        plot.set(xlim=(0, 1), xlabel="share of cases")
        plot.grid(visible=False, axis="y")
    how = "Each bar is all cases of a language: from the left where cases are lost, step by step; right ones last."
    return Picture(drawing.svg, how), counts


def _bars(plot: Axes, counts: Mapping[str, Counter[Outcome]]) -> None:
    left = np.zeros(len(counts))
    for kind, (colour, hatch) in BUDGET.items():
        share = np.array([own[kind] / own.total() for own in counts.values()])
        if not share.any():
            continue
        bars = plot.barh(
            list(counts), share, left=left, label=str(kind), color=colour, hatch=hatch, ec="#000000", lw=0.5
        )
        labels = [f"{100 * each:.0f} %" if each >= 0.08 else "" for each in share]
        for text in plot.bar_label(bars, labels, label_type="center", color="#000000"):
            if text.get_text():  # a plate under it, so that the hatching does not cross the figure
                text.set_bbox({"facecolor": colour, "edgecolor": "none", "pad": 1.5})
        left += share


def latency(replies: Iterable[Reply]) -> Picture | None:
    """Return a histogram of the total times, whose last bar holds all slower ones; None where nothing was timed."""
    times = [float(reply.timings_ms["total"]) for reply in replies if "total" in reply.timings_ms]
    if not times:
        return None
    half, most, end = (float(each) for each in np.percentile(times, [50, 95, 99]))
    words = f"Half of {len(times)} replies took at most {half:.0f} ms, 95 % at most {most:.0f} ms."
    drawing = Drawing("latency", "Time of a reply", words)
    with drawing as plot:
        end = end * 1.1 or 1.0
        plot.hist(np.minimum(times, end), bins=30, range=(0, end), color=COLOURS[0], edgecolor="#000000", linewidth=0.4)
        plot.axvline(half, color=COLOURS[1], linestyle="--", linewidth=2, label=f"p50: {half:.0f} ms")
        plot.axvline(most, color=COLOURS[4], linestyle=":", linewidth=2, label=f"p95: {most:.0f} ms")
        plot.set(xlabel="milliseconds", ylabel="cases")
    how = f"{words} The last bar holds all slower ones; times depend on the machine and nothing is gated by them."
    return Picture(drawing.svg, how)


def forest(rows: Sequence[tuple[str, Change]]) -> Picture | None:
    """Return differences with their intervals, one line each; None without any."""
    if not rows:
        return None
    words = "; ".join(f"{label} {change.delta:+.3f}, {change.verdict}" for label, change in rows)
    drawing = Drawing("forest", "Differences of the main figures", words, height=0.9 + 0.27 * len(rows))
    looks = {"better": (COLOURS[2], "^"), "worse": (COLOURS[4], "v"), "same": (GREY, "o")}
    with drawing as plot:
        for place, (_, change) in enumerate(rows):
            colour, shape = looks[change.verdict]
            face = "none" if change.verdict == "same" else colour
            plot.plot([change.low, change.high], [place, place], color=colour)
            plot.plot(change.delta, place, color=colour, marker=shape, markersize=7, markerfacecolor=face)
        plot.axvline(0, color=GREY, linestyle="--", linewidth=1)
        plot.set_yticks(range(len(rows)), [label for label, _ in rows])
        plot.set(ylim=(len(rows) - 0.5, -0.5), xlabel="second minus first")
        plot.grid(visible=False, axis="y")
    how = (
        "Each line is one figure: the mark is the difference, the bar its 95 % interval; a filled triangle up is "
        "better, down is worse, an open ring is no difference that the test bears out (↓: lower is better)."
    )
    return Picture(drawing.svg, how)
