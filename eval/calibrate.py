"""``python -m eval calibrate``: fits what ``support`` means, from labelled questions, and says how well it works.

Logistic regressions are fitted with scikit-learn: ``dense`` on questions whose evidence has cosines, ``lexical`` on
the others, from question sets with their own texts; and the same two again for the curated base, with a third for
questions that it projects, from people's questions on that base. Sets have their own constant while the weights are
fitted, so that these say what parts answerable from unanswerable questions *within* a base and not one set from
another; then one constant and one scale are fitted over all. Figures are cross-validated: no cluster of questions (an
article, a subject) is in both the fitting and the scored part.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from assistant.answering.support import MODELS, SIGNS, Calibration, Model, model_for
from eval.battery_files import BatteryError, read_battery
from eval.calibration_base import collect_base
from eval.calibration_cases import collect_cases
from eval.calibration_effect import Judged, draw
from eval.calibration_examples import Example, collect
from eval.documents import Workplace
from eval.pages import write

FEWEST = 60
"""Questions that each class needs before a model is fitted."""
FOLDS = 8
STRENGTH, CURATED_STRENGTH = 0.03, 0.1
"""Inverse strength of the ridge penalty (scikit-learn's ``C``), chosen by cross-validation for each part."""
CEILINGS = {"distinctness": 50.0, "joint": 20.0}
"""Percentile, among answerable questions, above which more of a signal says no more. Past it a base surely speaks of
the matter, and whether it answers is for the other signals to say."""
SHARES = {"labelled": 4.0, "near": 2.0, "far": 1.0}
"""How much each kind of unanswerable question of a set counts: what people wrote as unanswerable counts most. A kind
with fewer than ``FEWEST`` questions counts in proportion."""
CURATED = ("bm25", "sentence", "distinctness", "rarity", "unnamed", "coverage", "unheld", "score", "length")
SIGNALS = {
    "dense": ("sentence", "distinctness", "rarity", "unnamed", "negation", "section_cosine", "focus", "joint"),
    "lexical": ("bm25", "sentence", "distinctness", "rarity", "unnamed", "negation"),
    "curated_dense": (*CURATED, "section_cosine", "sentence_cosine", "focus", "joint"),
    "curated_projected": (*CURATED, "projected_cosine", "projected_focus", "projected_joint"),
    "curated_lexical": CURATED,
}
"""What each model may read; a signal whose fitted weight has the wrong sign is left out."""
_SET_CONSTANT = 2.0
_DIGITS = 6
_DATA = ("corpus.jsonl", "cases.jsonl", "qrels.tsv")

Say = Callable[[str], None]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What is fitted on.

    Attributes:
        batteries: Question sets with their own texts, for the models of the user's own documents.
        datasets: Datasets that ask about the curated base, for its models; only their development cases are read.
        base: The curated base.
        work: Keeps documents and indexes.
    """

    batteries: Sequence[Path]
    datasets: Sequence[Path]
    base: Path
    work: Path


def run(
    sources: Sources,
    out: Path,
    page: Path | None,
    say: Say,
    *,
    threshold: float | None = None,
    curated_threshold: float | None = None,
) -> Figures:
    """Fit the models that there are sources for, write them with the others to ``out``, and return the figures.

    Args:
        sources: What is fitted on.
        out: The file to write; models without a source stay as they are there.
        page: Where to draw reliability and risk before and after; None draws nothing.
        say: Told what is done.
        threshold: Least support, 0 to 1, of an answer from the user's own documents; None keeps the present one.
        curated_threshold: The same for the curated base.

    Raises:
        BatteryError: If a folder is no question set, or a class has too few questions.
        EvalError: If a folder is no dataset.
    """
    present = _present(out)
    examples = {False: _of_batteries(sources, say), True: _of_datasets(sources, say)}
    data: dict[str, Any] = {
        "threshold": present.threshold if threshold is None else threshold,
        "curated_threshold": present.curated_threshold if curated_threshold is None else curated_threshold,
    }
    data |= {name: getattr(present, name).as_data() for name in MODELS}
    data["provenance"] = dict(_read(out).get("provenance", {}))
    figures: Figures = {}
    judged: dict[str, Judged] = {}
    for curated, part in examples.items():
        if not part:
            continue
        found: Figures = {}
        strength = CURATED_STRENGTH if curated else STRENGTH
        for name, own in _by_model(part, curated=curated).items():
            scores = cross_validated(own, SIGNALS[name], strength)
            before = np.array([getattr(present, name).probability(each.features) for each in own])
            judged[name] = Judged(np.array([each.answerable for each in own]), before, scores)
            found |= {f"{name} {label}": v for label, v in (aurocs(own, scores) | judged[name].figures()).items()}
            model = fit(own, SIGNALS[name], strength)
            data[name] = model.as_data()
            say(describe(name, model))
        folders = sources.datasets if curated else sources.batteries
        data["provenance"]["curated" if curated else "own"] = _provenance(folders, part, found)
        figures |= found
    if page is not None:
        draw(judged, page)
    _write(out, data)
    return figures


def _of_batteries(sources: Sources, say: Say) -> list[Example]:
    batteries = [read_battery(folder) for folder in sources.batteries]
    return [e for b in batteries for e in collect(b, Workplace(sources.work.resolve() / b.name), say)]


def _of_datasets(sources: Sources, say: Say) -> list[Example]:
    """Return people's questions on the curated base, and the base's own ways of asking, which are shorter.

    Fitted on people's long stories alone, ``support`` would hold short questions for poor ones.
    """
    if not sources.datasets:
        return []
    place = sources.work.resolve() / "curated_base"
    found = [e for folder in sources.datasets for e in collect_cases(folder, sources.base, place, say)]
    known = collect_base(sources.base, place, [read_battery(folder) for folder in sources.batteries])
    say(f"{sources.base}: {len(known)} examples")
    return found + known


def _by_model(examples: Iterable[Example], *, curated: bool) -> dict[str, list[Example]]:
    """Return the examples that each model, of the curated base or of the user's own documents, is fitted on.

    Raises:
        BatteryError: If one has too few of either class.
    """
    parts: dict[str, list[Example]] = {name: [] for name in MODELS if name.startswith("curated_") == curated}
    for each in examples:
        parts[model_for(each.features, curated=curated)].append(each)
    for name, own in parts.items():
        counts = Counter(each.answerable for each in own)
        if min(counts[True], counts[False]) < FEWEST:
            speech = "a language that the embedder knows" if name.endswith("dense") else "a language it does not know"
            raise BatteryError(
                f"the {name} model has {counts[True]} answerable and {counts[False]} unanswerable questions; it needs "
                f"{FEWEST} of each: add a question set in {speech} with --battery or --dataset"
            )
    return parts


def fit(examples: Sequence[Example], names: Sequence[str], strength: float = STRENGTH) -> Model:
    """Return the model of these examples; signals whose weight has the wrong sign are left out, one by one."""
    kept = list(names)
    while True:
        model = _fit(examples, kept, strength)
        wrong = {n: w for n, w in zip(kept, model.coefficients, strict=True) if w * SIGNS[n] <= 0}
        if not wrong or len(kept) == 1:
            return model
        kept.remove(max(wrong, key=lambda name: abs(wrong[name])))


def _fit(examples: Sequence[Example], names: Sequence[str], strength: float) -> Model:
    raw = _matrix(examples, names)
    labels = np.array([each.answerable for each in examples])
    ceilings = [np.percentile(raw[labels, i], CEILINGS[n]) if n in CEILINGS else math.inf for i, n in enumerate(names)]
    values = np.minimum(raw, ceilings)
    means, scales = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-9)
    standard = (values - means) / scales
    weights, sets = example_weights(examples), _set_constants(examples)
    slopes = LogisticRegression(C=strength, max_iter=1000).fit(np.hstack([standard, sets]), labels, weights)
    score = standard @ slopes.coef_[0][: len(names)]
    last = LogisticRegression(C=1e6, max_iter=1000).fit(score[:, None], labels, weights)
    coefficients = slopes.coef_[0][: len(names)] * last.coef_[0][0]
    return Model(
        tuple(names), _rounded(ceilings), _rounded(means), _rounded(scales), _rounded(coefficients),
        round(float(last.intercept_[0]), _DIGITS),
    )  # fmt: skip


def _matrix(examples: Sequence[Example], names: Sequence[str]) -> NDArray[np.float64]:
    """Return the signals, shape ``(examples, names)``."""
    return np.array([[each.features[name] for name in names] for each in examples])


def _set_constants(examples: Sequence[Example]) -> NDArray[np.float64]:
    """Return one column per set and language that tells its examples, shape ``(examples, sets)``."""
    own = [(each.battery, each.language) for each in examples]
    return np.array([[_SET_CONSTANT * (each == known) for known in sorted(set(own))] for each in own])


def example_weights(examples: Sequence[Example]) -> NDArray[np.float64]:
    """Return how much each example counts, 1 on average.

    Every set and language counts the same, in it answerable and unanswerable questions the same, and among the
    unanswerable ones the kinds as ``SHARES`` says.
    """
    cells = [(each.battery, each.language, each.answerable, each.kind) for each in examples]
    size = Counter(cells)
    share = {cell: SHARES[cell[3]] * min(1.0, number / FEWEST) for cell, number in size.items()}
    total: dict[tuple[str, str, bool], float] = defaultdict(float)
    for cell, part in share.items():
        total[cell[:3]] += part
    weights = np.array([share[cell] / total[cell[:3]] / size[cell] for cell in cells])
    return np.asarray(weights / weights.mean())


def cross_validated(
    examples: Sequence[Example], names: Sequence[str], strength: float = STRENGTH
) -> NDArray[np.float64]:
    """Return the support of each example, shape ``(examples,)``, by a model that saw nothing of its cluster."""
    clusters = sorted({each.cluster for each in examples}, key=lambda c: hashlib.sha256(c.encode()).digest())
    fold = {cluster: place % FOLDS for place, cluster in enumerate(clusters)}
    scores = np.zeros(len(examples))
    for number in range(min(FOLDS, len(clusters))):
        model = fit([each for each in examples if fold[each.cluster] != number], names, strength)
        for place, each in enumerate(examples):
            if fold[each.cluster] == number:
                scores[place] = model.probability(each.features)
    return scores


def aurocs(examples: Sequence[Example], scores: NDArray[np.float64]) -> Figures:
    """Return AUROC by set, language and kind: the kind's unanswerable questions against the set's answerable ones."""
    figures: Figures = {}
    cells = sorted({(each.battery, each.language, each.kind) for each in examples})
    for battery, language, kind in cells:
        among = [
            place
            for place, each in enumerate(examples)
            if (each.battery, each.language) == (battery, language) and (each.answerable or each.kind == kind)
        ]
        labels = [examples[place].answerable for place in among]
        if len(set(labels)) == 2:
            figures[f"{battery} {language} {kind}"] = round(float(roc_auc_score(labels, scores[among])), 3)
    return figures


def describe(name: str, model: Model) -> str:
    """Return a model in words: what one standard deviation of each signal adds to the log-odds."""
    parts = zip(model.features, model.coefficients, strict=True)
    return f"{name}: " + ", ".join(f"{feature} {weight:+.2f}" for feature, weight in parts)


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(float(each), _DIGITS) for each in values)


def _present(out: Path) -> Calibration:
    """Return the calibration that is replaced, or the one that is shipped."""
    return Calibration.from_file(out) if out.is_file() else Calibration.shipped()


def _provenance(folders: Sequence[Path], examples: Sequence[Example], figures: Figures) -> dict[str, Any]:
    """Return what a part of the fit stands on: sets with the digests of their files, numbers, versions, figures."""
    counts = Counter((each.battery, each.kind, each.answerable) for each in examples)
    sets = {
        folder.resolve().name: {
            "sha256": {
                name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
                for name in _DATA
                if (folder / name).is_file()
            },
            "examples": {
                f"{kind} {'answerable' if answerable else 'unanswerable'}": number
                for (battery, kind, answerable), number in sorted(counts.items())
                if battery == folder.resolve().name
            },
        }
        for folder in folders
    }
    return {
        "command": "python -m eval calibrate",
        "fitted_on": date.today().isoformat(),
        "scikit_learn": sklearn.__version__,
        "sets": sets,
        "figures": figures,
    }


def _read(out: Path) -> dict[str, Any]:
    """Return what stands in a calibration file, or nothing if there is none that can be read."""
    try:
        data: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data


def _undated(data: dict[str, Any]) -> dict[str, Any]:
    """Return a calibration without the days of its fits."""
    parts = data.get("provenance", {})
    return data | {"provenance": {name: part | {"fitted_on": None} for name, part in parts.items()}}


def _write(out: Path, data: dict[str, Any]) -> None:
    """Write the file, unless only its days would change, so that the same data give the same file."""
    if _undated(_read(out)) != _undated(data):
        write(out, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
