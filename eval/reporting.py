"""``report`` and ``compare`` as pages: one HTML file each that fetches nothing and says the same for the same input."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from assistant.types import LANGUAGES
from eval import plots
from eval.browsing import browser
from eval.comparing import Change, Comparison, require_same
from eval.judging import summary
from eval.material import Material
from eval.pages import render, write
from eval.runs import RunFolder
from eval.scoring import LOWER_IS_BETTER, PRIMARY, Row, judged
from eval.statistics import SMALL
from eval.systems import Reply
from eval.tables import HEADLINE, interval

WORST = 20
_LONGEST = 400
"""Letters of a quote in a list."""
_NAMES = dict(HEADLINE)


class Cell(NamedTuple):
    """A figure in a table.

    Attributes:
        text: The number.
        interval: Its interval in brackets.
        base: What it rests on.
        tint: How good it is, from 0 to 1.
        few: Whether it rests on few cases.
        best: Whether it is the best of its row.
    """

    text: str
    interval: str
    base: str
    tint: float
    few: bool
    best: bool


def report(run: RunFolder, baselines: Sequence[RunFolder] = ()) -> Path:
    """Write ``report.html`` into a scored run folder and return its path.

    Args:
        run: What is reported.
        baselines: Scored runs of the same cases, shown beside it.

    Raises:
        EvalError: If a run is not scored, or a baseline asked other cases.
        IncompleteRun: If one is incomplete.
    """
    material, others = Material.of(run), [_baseline(each, run) for each in baselines]
    kinds = [name for name in material.metrics["slices"] if name not in ("all", *LANGUAGES)]
    promises = judged(material.rows)
    page = render(
        "report.html.jinja",
        name=run.name, meta=material.meta, facts=_facts(material), counts=_counts(material.rows), small=SMALL,
        columns=[run.name, *(each["run"] for each in others)], headline=_headline([material.metrics, *others]),
        heats={
            "By language": _heat(material.metrics, ["all", *LANGUAGES]),
            "By kind of case": _heat(material.metrics, ["all", *(k for k in kinds if not k.startswith("tag:"))]),
            "By tag": _heat(material.metrics, [kind for kind in kinds if kind.startswith("tag:")]),
        },
        judged=_judged(run), recall=plots.recall(material.metrics, others), risk=plots.risk(promises),
        reliability=plots.reliability(promises),
        budget=plots.budget(material.rows), latency=plots.latency(material.replies.values()), worst=_worst(material),
        cases=_script(browser(material)), outcomes=list(plots.BUDGET), total=len(material.rows),
        tags=sorted({tag for row in material.rows for tag in row["tags"]}),
    )  # fmt: skip
    return write(run.folder / "report.html", page)


def compare_page(comparison: Comparison, first: RunFolder, second: RunFolder, out: Path) -> Path:
    """Write a page about the differences of two runs to ``out`` and return its path."""
    left, right = Material.of(first), Material.of(second)
    rows = [
        (f"{_NAMES[metric]}{' ↓' if metric in LOWER_IS_BETTER else ''}, {name}", change)
        for metric in PRIMARY
        for name, changes in comparison.changes.items()
        for change in changes
        if change.metric == metric
    ]
    lists = {"fixed": comparison.fixed, "broken": comparison.broken}
    page = render(
        "compare.html.jinja",
        comparison=comparison, groups=_groups(comparison), forest=plots.forest(rows),
        lists={name: [_pair(left, right, each) for each in ids] for name, ids in lists.items()},
        names=_NAMES, lower=LOWER_IS_BETTER, verdict=_verdict,
    )  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    return write(out, page)


def _judged(run: RunFolder) -> dict[str, Any] | None:
    """Return what a judge said of a run, as a table by language; None if it was not judged."""
    if (found := summary(run)) is None:
        return None
    words = [(metric, metric.replace("_", " ")) for metric in found["judge"]["prompts"]]
    return {"table": _heat(found, ["all", *LANGUAGES], words)} | found


def _groups(comparison: Comparison) -> list[tuple[str, Sequence[Change]]]:
    """Return the tables of differences, each with its title."""
    found: list[tuple[str, Sequence[Change]]] = [
        ("All cases" if name == "all" else f"Language {name}", own) for name, own in comparison.changes.items()
    ]
    return found + ([(comparison.judge.capitalize(), comparison.judged)] if comparison.judged else [])


def _script(data: Any) -> Markup:
    """Return JSON that no text inside can end or turn into markup."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  every sign that means anything to HTML is written as a number


def _baseline(other: RunFolder, run: RunFolder) -> dict[str, Any]:
    """Return the figures of a baseline."""
    require_same((run.meta(), other.require_complete()), run, other, other_corpus=False)
    return other.metrics()


def _facts(material: Material) -> list[tuple[str, str]]:
    """Return what the run was, name and value."""
    meta = material.meta
    commit = f"{(meta['commit'] or 'unknown')[:12]}{', with changes that were not committed' if meta['dirty'] else ''}"
    digests = {"cases": meta["dataset_digest"], "texts": meta["corpus_digest"], "index": meta["index"],
               "calibration": meta["calibration"]} | {f"prompt {k}": v for k, v in meta["prompts"].items()}  # fmt: skip
    least = material.metrics["detectable_nDCG@10"]
    machine = meta["machine"]
    facts = {
        "Dataset": f"{meta['dataset']}, {meta['n']} cases",
        "Commit": commit,
        "Configuration": _listed(meta["config"]),
        "Settings": _listed(meta["settings"]) or "none: a baseline has no settings",
        "Digests": _listed({name: digest and digest[:12] for name, digest in digests.items()}),
        "Versions": _listed(meta["versions"]),
        "Machine": f"{machine['system']} {machine['processor']}, {machine['cores']} cores; workers: {meta['workers']}",
        "Refused as input": f"{meta['errors']} cases",
        "Smallest detectable difference": (
            f"{least:.3f} in nDCG@10, if each case stood for itself: a smaller one is missed in over a fifth of trials"
            if least is not None else "none: no case has a text that answers it"
        ),
    }  # fmt: skip
    return list(facts.items())


def _listed(data: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {'/'.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in data.items() if value not in (None, "", [], {})
    )  # fmt: skip


def _counts(rows: Sequence[Row]) -> list[tuple[str, list[int]]]:
    """Return for each kind of case its number in all languages, then in each."""
    found = Counter((row["answerability"], row["lang"]) for row in rows)
    kinds = sorted({kind for kind, _ in found})
    table = [(kind, [found[kind, language] for language in LANGUAGES]) for kind in kinds]
    table.append(("all", [sum(own[place] for _, own in table) for place in range(len(LANGUAGES))]))
    return [(kind, [sum(own), *own]) for kind, own in table]


def _headline(runs: Sequence[Mapping[str, Any]]) -> list[tuple[str, bool, list[Cell | None]]]:
    """Return the main figures: name, whether lower is better, and one cell for each run."""
    table = []
    for name, words in HEADLINE:
        figures = [each["slices"]["all"].get(name) for each in runs]
        values = {round(figure["value"], 3) for figure in figures if figure}
        best = (min if name in LOWER_IS_BETTER else max)(values) if len(values) > 1 else None
        if values:
            cells = [figure and _cell(name, figure, best) for figure in figures]
            table.append((words, name in LOWER_IS_BETTER, cells))
    return table


def _cell(name: str, figure: Mapping[str, Any], best: float | None = None) -> Cell:
    value = figure["value"]
    good = (value + 1) / 2 if name == "truthfulness" else 1 - value if name in LOWER_IS_BETTER else value
    return Cell(
        text=f"{value:.3f}".replace("-", "−"),
        interval=interval(figure).partition(" ")[2].replace("-", "−"),
        base=f"{figure['n']} cases in {figure['clusters']} clusters",
        tint=min(1.0, max(0.0, good)) ** 2,  # most figures lie high: the square sets them apart
        few=figure["n"] < SMALL,
        best=round(value, 3) == best,
    )


def _heat(
    metrics: Mapping[str, Any], names: Iterable[str], figures: Sequence[tuple[str, str]] = HEADLINE
) -> dict[str, Any]:
    """Return a table of figures (rows) by slice (columns); empty without slices."""
    own = {name: metrics["slices"][name] for name in names if name in metrics["slices"]}
    return {
        "columns": [(name.removeprefix("tag:"), max((f["n"] for f in own[name].values()), default=0)) for name in own],
        "rows": [
            (
                words,
                name in LOWER_IS_BETTER,
                [_cell(name, each[name]) if name in each else None for each in own.values()],
            )
            for name, words in figures
            if any(name in each for each in own.values())
        ],
    }


def _worst(material: Material) -> list[dict[str, Any]]:
    """Return the cases that are worth least, the surest first."""
    wrong = [row for row in material.rows if row["metrics"]["truthfulness"] < 1]
    wrong.sort(key=lambda row: (row["metrics"]["truthfulness"], -row["support"], row["id"]))
    return [
        {"case": material.cases[row["id"]], "row": row, "said": _said(material.replies[row["id"]]),
         "wanted": _clipped(next(iter((*own.gold_quotes, *own.gold_answers)), ""))}
        for row in wrong[:WORST] for own in [material.cases[row["id"]]]
    ]  # fmt: skip


def _said(reply: Reply) -> str:
    """Return the first quote of a reply, or why there is none."""
    if reply.citations:
        return _clipped(reply.citations[0].quote)
    return f"({reply.error or reply.reason or 'nothing quoted'})"


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"


def _pair(left: Material, right: Material, id: str) -> dict[str, Any]:
    sides = [
        {"run": each.run.name, "outcome": each.outcomes[id], "said": _said(each.replies[id])} for each in (left, right)
    ]
    return {"case": left.cases[id], "sides": sides}


def _verdict(change: Change) -> str:
    if change.verdict == "same":
        return "no difference shown"
    return f"{change.verdict}{' (not corrected)' if change.p_holm is None else ''}"
