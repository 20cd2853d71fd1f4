"""Figures as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.comparing import Change, Comparison
from eval.composers import FIGURES, Composed

HEADLINE = (
    ("correct", "right or acceptable"),
    ("truthfulness", "truthfulness (−1 to 1)"),
    ("false_answer", "false answers"),
    ("false_abstention", "false abstentions"),
    ("nDCG@10", "nDCG@10"),
    ("R@5", "recall at 5"),
    ("quote_recall@10", "gold quotes in 10 hits"),
    ("answer_in_first", "answer in the first quote"),
    ("answer_in_first_three", "answer in the first three"),
    ("vital_nuggets", "all vital facts quoted"),
    ("sentence_f1", "sentence F1"),
    ("gold_citations", "citations of gold sections"),
    ("citation_recall", "citation recall"),
    ("citation_precision", "citation precision"),
    ("quote_exactness", "quotes letter for letter"),
    ("mark_validity", "marks with their quote"),
    ("faithfulness", "words found in the sources"),
    ("auroc", "AUROC of support"),
    ("aurc", "risk over coverage (AURC)"),
    ("coverage@risk0.05", "coverage at 5 % risk"),
    ("calibration_error", "calibration error"),
    ("reply_language", "reply in the right language"),
)
"""What is shown first, with its name in words."""


def headline(metrics: Mapping[str, Any]) -> str:
    """Return the figures of a scored run: the whole with intervals, and each language beside it."""
    slices = metrics["slices"]
    languages = [name for name in ("en", "ru", "kk") if name in slices]
    lines = [f"{metrics['run']}: {metrics['n']} cases of {metrics['dataset']}",
             f"  {'':30} {'all':24}" + "".join(f"{name:>8}" for name in languages)]  # fmt: skip
    for name, words in HEADLINE:
        if name in slices["all"]:
            own = [f"{slices[each][name]['value']:8.3f}" if name in slices[each] else f"{'–':>8}" for each in languages]
            lines.append(f"  {words:30} {interval(slices['all'][name]):24}" + "".join(own))
    return "\n".join(lines)


def interval(figure: Mapping[str, Any]) -> str:
    """Return a figure as ``.813 [.790, .835]``, without the leading zero, as is usual for shares."""
    value, low, high = (_short(figure[name]) for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def _short(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def _changed(each: Change) -> str:
    p = each.p if each.p_holm is None else each.p_holm
    verdict = "" if each.verdict == "same" else f"  {each.verdict}"
    gap = f"{each.delta:+.3f} [{each.low:+.3f}, {each.high:+.3f}]"
    name = dict(HEADLINE).get(each.metric, each.metric.replace("_", " "))
    return f"  {name:30} {each.first:7.3f} {each.second:7.3f}  {gap:26} {p:6.4f}{verdict}"


def compared(found: Comparison) -> str:
    """Return a comparison: every metric of all cases, the primary ones first, then what was fixed and broken."""
    lines = [
        f"{found.second} against {found.first}: {found.n} cases",
        f"  {'':30} {'first':>7} {'second':>7}  {'difference':26} {'p':>6}",
    ]
    lines += [_changed(each) for each in found.changes["all"]]
    if found.judged:
        lines += [f"  {found.judge}:", *(_changed(each) for each in found.judged)]
    lines.append(f"  fixed ({len(found.fixed)}): {' '.join(found.fixed) or '–'}")
    lines.append(f"  broken ({len(found.broken)}): {' '.join(found.broken) or '–'}")
    lines += [f"  {name}: {before} → {after}" for name, before, after in found.settings]
    return "\n".join(lines)


def judged(found: Mapping[str, Any]) -> str:
    """Return what a judge said of a run: each metric of the whole and of each language, and what was not judged."""
    lines = [f"{found['run']}: {found['n']} answers, {found['label']}"]
    for metric in found["judge"]["prompts"]:
        own = [f"{name} {interval(each[metric])} n={each[metric]['n']}"
               for name, each in found["slices"].items() if metric in each]  # fmt: skip
        lines.append(f"  {metric.replace('_', ' '):22} {'   '.join(own) or 'not one answer'}")
    left = [f"  not judged: {each['n']} × {each['metric']}: {each['reason']}" for each in found["unjudged"]]
    return "\n".join(lines + left)


def composed(found: Sequence[Composed]) -> str:
    """Return composers side by side: a line for each figure, a column for each, differences from the first."""
    words = dict(HEADLINE) | {"answered": "answered", "containment": "gold answer in the quotes"}
    rows = [("", [each.system for each in found])]
    rows += [(words[name], [_beside(each, name) for each in found]) for name in FIGURES
             if any(name in each.figures for each in found)]  # fmt: skip
    rows.append(("median seconds", [_timed(each) for each in found]))
    rows.append(("sentences kept, dropped", [f"{each.kept}, {each.dropped}" for each in found]))
    for what, name in (("replies by", "composed"), ("model's texts", "drafting"), ("outcome", "outcomes")):
        kinds = sorted({kind for each in found for kind in getattr(each, name)})
        rows += [(f"{what}: {kind}", [str(getattr(each, name).get(kind, 0)) for each in found]) for kind in kinds]
    widths = [max(len(cells[place]) for _, cells in rows) for place in range(len(found))]
    return "\n".join(
        f"{title:45} " + "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
        for title, cells in rows
    )


def _beside(each: Composed, name: str) -> str:
    own, change = each.figures.get(name), each.changes.get(name)
    if own is None:
        return "–"
    return interval(own) + (f" {_gap(change['delta'], change['low'], change['high'])}" if change else "")


def _timed(each: Composed) -> str:
    own, slower = each.seconds, each.slower
    if own is None:
        return "–"
    return interval(own.as_dict()) + (f" {_gap(slower.value, slower.low, slower.high)}" if slower else "")


def _gap(value: float, low: float, high: float) -> str:
    return f"Δ {value:+.3f} [{low:+.3f}, {high:+.3f}]"
