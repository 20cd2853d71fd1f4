"""``python -m eval batteries``: the assistant and the tutorial pipeline on public question sets, side by side."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from eval.battery_files import Battery, Case, read_battery, write_texts
from eval.battery_removal import removable, removal_figures, support_without
from eval.battery_runs import Nearest, Say, Tutorial, batch, build, documents_found, seeded
from eval.documents import Workplace
from eval.ranking import ranked
from eval.statistics import Figure, auroc, mean

AIMS: dict[tuple[str, str], float] = {
    ("feedbackqa", "nDCG@10 en ours"): 0.69,
    ("orsharc", "nDCG@10 en ours"): 0.87,
    ("mtragun", "nDCG@10 en ours"): 0.89,
    ("xquadr", "nDCG@10 en ours"): 0.98,
    ("xquadr", "nDCG@10 ru ours"): 0.97,
    ("xquadr", "R@5 ru→en ours"): 0.55,
    ("xquadr", "AUROC far en"): 0.99,
    ("xquadr", "AUROC near en"): 0.95,
    ("xquadr", "AUROC far ru"): 0.97,
    ("xquadr", "AUROC near ru"): 0.91,
    ("kazqad", "nDCG@10 kk ours"): 0.81,
    ("squad2", "AUROC support en"): 0.72,
    ("clapnq", "AUROC support en"): 0.93,
}
"""What the project aims at (``evaluation.md`` of the project's sources; far and near: the calibration's)."""

_LITERAL_SHARE = 0.9
"""Gold answers count as literal where this share of a set's questions has one inside a gold text."""

Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Observed:
    """What both pipelines did with one question set.

    Attributes:
        battery: The questions.
        ranking: Corpus ids that ``assistant search`` found, by case.
        replies: What ``assistant ask`` wrote, by case.
        nearest: What the tutorial pipeline found.
        place: Where documents and index lie.
    """

    battery: Battery
    ranking: dict[str, list[str]]
    replies: dict[str, dict[str, Any]]
    nearest: Nearest
    place: Workplace

    def of(self, language: str, *answerability: str) -> list[Case]:
        """Return the cases of a language, of these kinds if any are given."""
        wanted = [case for case in self.battery.cases if case["lang"] == language]
        return [case for case in wanted if not answerability or case["answerability"] in answerability]

    @property
    def languages(self) -> list[str]:
        """Languages of the questions."""
        return sorted({str(case["lang"]) for case in self.battery.cases})


def run(folders: Sequence[Path], work: Path | None, limit: int | None, *, as_json: bool) -> None:
    """Measure each question set and print its figures; they stay in ``work`` between runs if it is given.

    Raises:
        BatteryError: If a folder is no question set, or the assistant does not answer.
    """
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for folder in folders:
            battery = read_battery(folder, limit)
            figures, exact = _measure(battery, (work or Path(scratch)).resolve(), _say)
            found[battery.name] = {name: each.as_dict() for name, each in figures.items()} | {"quotes": exact}
            if not as_json:
                _print(battery.name, figures, exact)
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def _say(words: str) -> None:
    typer.echo(words, err=True)


def _measure(battery: Battery, work: Path, say: Say) -> tuple[Figures, dict[str, int]]:
    """Return every figure of one question set by its name, and how many quotes stand letter for letter."""
    place = Workplace(work / battery.name)
    say(f"== {battery.name}: {len(battery.corpus)} texts, {len(battery.cases)} questions")
    ids = write_texts(battery, place)
    build(place, say)
    ranking = documents_found(batch("search", place, battery.cases), ids)
    replies = batch("ask", place, battery.cases)
    tutorial = Tutorial(battery, place.folder / "tutorial", say)
    seen = Observed(battery, ranking, replies, tutorial.nearest(battery.cases), place)
    figures = _retrieval(seen) | _other_language(seen, tutorial, say) | _quotes(seen) | _support(seen)
    return figures | _removals(seen, say), exact_quotes(seen)


def _paired(name: str, ours: Sequence[float], theirs: Sequence[float], clusters: Sequence[str]) -> Figures:
    """Return our mean, the tutorial's, and the mean of the differences on the same questions."""
    parts = {"ours": list(ours), "tutorial": list(theirs)}
    parts["difference"] = [a - b for a, b in zip(ours, theirs, strict=True)]
    found = {f"{name} {part}": mean(values, clusters) for part, values in parts.items()}
    return {name: figure for name, figure in found.items() if figure is not None}


def _retrieval(seen: Observed) -> Figures:
    """Return nDCG@10 by language."""
    qrels = seen.battery.qrels
    ours = _by_case("nDCG@10", qrels, seen.ranking)
    theirs = _by_case("nDCG@10", qrels, seen.nearest.ids)
    figures: Figures = {}
    for language in seen.languages:
        own = [case for case in seen.of(language) if case["id"] in qrels]
        clusters = [str(case["cluster"]) for case in own]
        first, second = ([side[case["id"]] for case in own] for side in (ours, theirs))
        figures |= _paired(f"nDCG@10 {language}", first, second, clusters)
    return figures


def _by_case(measure: str, qrels: dict[str, dict[str, int]], ranking: dict[str, list[str]]) -> dict[str, float]:
    """Return one measure by case."""
    return {case: values[measure] for case, values in ranked([measure], qrels, ranking).items()}


def _other_language(seen: Observed, tutorial: Tutorial, say: Say) -> Figures:
    """Return R@5 of Russian questions over the English texts alone, where the set has both."""
    cases = [case for case in seen.of("ru") if case.get("gold_doc_ids_other_language")]
    if not cases:
        return {}
    battery, place = seen.battery, Workplace(seen.place.folder.with_name(f"{seen.battery.name}-en"))
    ids = write_texts(battery, place, [text["lang"] == "en" for text in battery.corpus])
    seeded(place, seen.place)
    build(place, say)
    qrels = {case["id"]: dict.fromkeys(case["gold_doc_ids_other_language"], 1) for case in cases}
    ours = _by_case("R@5", qrels, documents_found(batch("search", place, cases), ids))
    theirs = _by_case("R@5", qrels, tutorial.nearest(cases, "en").ids)
    clusters = [str(case["cluster"]) for case in cases]
    return _paired("R@5 ru→en", [ours[c["id"]] for c in cases], [theirs[c["id"]] for c in cases], clusters)


def _quotes(seen: Observed) -> Figures:
    """Return how often the first and the first three quotes hold a gold answer, where answers are literal."""
    figures: Figures = {}
    for language in seen.languages:
        cases = [case for case in seen.of(language, "answerable") if case["gold_answers"]]
        if not _literal(seen.battery, cases):
            continue
        answered = [case for case in cases if seen.replies[case["id"]].get("status") == "answered"]
        for among, chosen in (("", cases), (" of answered", answered)):
            for most, words in ((1, "first quote"), (3, "first three quotes")):
                held = [_held(seen.replies[case["id"]], case, most) for case in chosen]
                figure = mean(held, [str(case["cluster"]) for case in chosen])
                if figure is not None:
                    figures[f"answer in {words} {language}{among}"] = figure
    return figures


def _held(reply: dict[str, Any], case: Case, most: int) -> float:
    """Return 1 if one of a reply's first ``most`` quotes holds a gold answer, else 0; silence is a miss."""
    quotes = [citation["quote"] for citation in reply.get("citations", ())[:most]]
    return float(holds_an_answer(quotes, case["gold_answers"]))


def holds_an_answer(quotes: Sequence[str], answers: Sequence[str]) -> bool:
    """Return whether a gold answer stands in one of the quotes, capital letters aside."""
    return any(answer.casefold() in quote.casefold() for quote in quotes for answer in answers if answer.strip())


def _literal(battery: Battery, cases: Sequence[Case]) -> bool:
    """Return whether the gold answers stand in the gold texts, so that a quote can hold them."""
    texts = {str(text["_id"]): str(text["text"]) for text in battery.corpus}
    held = [holds_an_answer([texts[gold] for gold in c["gold_doc_ids"]], c["gold_answers"]) for c in cases]
    return bool(held) and sum(held) >= _LITERAL_SHARE * len(held)


def _support(seen: Observed) -> Figures:
    """Return AUROC of `support`, of the tutorial's nearest cosine, and how often a reply was given."""
    figures: Figures = {}
    for language in seen.languages:
        cases = seen.of(language, "answerable", "unanswerable")
        clusters = [str(case["cluster"]) for case in cases]
        labels = [case["answerability"] == "answerable" for case in cases]
        scores = {
            "support": [float(seen.replies[case["id"]].get("support", 0.0)) for case in cases],
            "tutorial cosine": [seen.nearest.cosine[case["id"]] for case in cases],
        }
        for name, values in scores.items():
            if (figure := auroc(labels, values, clusters)) is not None:
                figures[f"AUROC {name} {language}"] = figure
        for kind in ("answerable", "unanswerable", "partial", "underspecified"):
            own = seen.of(language, kind)
            given = [float(seen.replies[case["id"]].get("status") == "answered") for case in own]
            if (figure := mean(given, [str(case["cluster"]) for case in own])) is not None:
                figures[f"answered of {kind} {language}"] = figure
    return figures


def _removals(seen: Observed, say: Say) -> Figures:
    """Return AUROC of `support` with the source in place against the source removed."""
    if not removable(seen.battery):
        return {}
    kept = {case: float(reply.get("support", 0.0)) for case, reply in seen.replies.items()}
    figures: Figures = {}
    for distance in ("far", "near"):
        gone = support_without(seen.battery, seen.place, distance, say)
        own = removal_figures(seen.battery, kept, gone)
        figures |= {f"AUROC {distance} {language}": figure for language, figure in own.items()}
    return figures


def exact_quotes(seen: Observed) -> dict[str, int]:
    """Return how many quotes there are and how many stand letter for letter in their document's text.

    The text is the file without characters that hide or deceive, as every document is read; ``in_file`` counts
    the quotes that stand in the raw file, too. ``errors`` are questions that were refused.
    """
    from assistant.knowledge.loading import read_text

    texts = {path.stem: (read_text(path), path.read_bytes().decode()) for path in seen.place.docs.iterdir()}
    cited = [citation for reply in seen.replies.values() for citation in reply.get("citations", ())]
    held = [[citation["quote"] in text for text in texts[citation["document"]]] for citation in cited]
    errors = sum("error" in reply for reply in seen.replies.values())
    return {
        "quotes": len(cited),
        "exact": sum(h[0] for h in held),
        "in_file": sum(h[1] for h in held),
        "errors": errors,
    }


def _print(name: str, figures: Figures, exact: dict[str, int]) -> None:
    """Print one line per figure, with what is aimed at and whether it is missed."""
    typer.echo(f"\n{name}")
    for label, figure in figures.items():
        aim = AIMS.get((name, label))
        verdict = "" if aim is None else f"  aim {aim:.2f} {'met' if figure.value >= aim else 'MISSED'}"
        typer.echo(f"  {label:<42} {figure}{verdict}")
    verdict = "met" if exact["exact"] == exact["quotes"] else "MISSED"
    typer.echo(f"  quotes letter for letter in their text: {exact['exact']} of {exact['quotes']}  aim all {verdict}")
    typer.echo(f"  of them in the raw file: {exact['in_file']}; questions refused as input: {exact['errors']}")
