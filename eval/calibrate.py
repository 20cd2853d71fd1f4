"""``python -m eval calibrate``: fits what ``support`` means, from labelled questions, and says how well it works.

Logistic regressions are fitted with scikit-learn: ``dense`` on questions whose evidence has cosines, ``lexical`` on
the others, and the same two again for the curated base, with a third for questions that it projects. Sets have their
own constant while the weights are fitted, so that these say what parts answerable from unanswerable questions
*within* a base and not one set from another; then one constant and one scale are fitted over all. Figures are cross-
validated: no cluster of questions (an article, a document) is in both the fitting and the scored part.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from assistant.answering.support import MODELS, SIGNS, Calibration, Model, model_for
from eval.battery_files import BatteryError, Workplace, read_battery
from eval.calibration_base import collect_base
from eval.calibration_examples import Example, collect

FEWEST = 100
"""Questions that each class needs before a model is fitted."""
FOLDS = 8
STRENGTH = 0.03
"""Inverse strength of the ridge penalty (scikit-learn's ``C``)."""
CEILINGS = {"distinctness": 50.0, "joint": 20.0}
"""Percentile, among answerable questions, above which more of a signal says no more. Past it a base surely speaks of
the matter, and whether it answers is for the other signals to say."""
SHARES = {"labelled": 4.0, "near": 2.0, "far": 1.0}
"""How much each kind of unanswerable question of a set counts: what people wrote as unanswerable counts most. A kind
with fewer than ``FEWEST`` questions counts in proportion."""
SIGNALS = {
    "dense": ("sentence", "distinctness", "rarity", "unnamed", "negation", "section_cosine", "focus", "joint"),
    "lexical": ("bm25", "sentence", "distinctness", "rarity", "unnamed", "negation"),
    "curated_dense": (
        "bm25",
        "sentence",
        "distinctness",
        "rarity",
        "unnamed",
        "section_cosine",
        "focus",
        "joint",
        "coverage",
        "unheld",
    ),
    "curated_projected": (
        "bm25",
        "sentence",
        "distinctness",
        "rarity",
        "unnamed",
        "projected_cosine",
        "projected_focus",
        "projected_joint",
        "coverage",
        "unheld",
    ),
    "curated_lexical": ("bm25", "sentence", "distinctness", "rarity", "unnamed", "coverage", "unheld"),
}
"""What each model may read; a signal whose fitted weight has the wrong sign is left out."""
_SET_CONSTANT = 2.0
_DIGITS = 6
_DATA = ("corpus.jsonl", "cases.jsonl", "qrels.tsv")

Say = Callable[[str], None]
Figures = dict[str, float]


def run(folders: Sequence[Path], base: Path, work: Path, out: Path, threshold: float | None, say: Say) -> Figures:
    """Fit all models, write them to ``out``, and return the figures.

    Args:
        folders: Question sets, each with its own corpus, for the models of the user's own documents.
        base: The curated base, for the models of its own.
        work: Keeps documents and indexes.
        out: The file to write.
        threshold: Least support of an answer; None keeps the present one.
        say: Told what is done.

    Raises:
        BatteryError: If a folder is no question set, or a class has too few questions.
    """
    batteries = [read_battery(folder) for folder in folders]
    examples: list[Example] = []
    for battery in batteries:
        examples += collect(battery, Workplace(work.resolve() / battery.name), say)
    curated = collect_base(base, work.resolve() / "curated_base", batteries)
    say(f"{base}: {len(curated)} examples")
    figures: Figures = {}
    models = {}
    parts = _by_model(examples, curated=False) | _by_model(curated, curated=True)
    examples += curated
    for name, own in parts.items():
        models[name] = fit(own, SIGNALS[name])
        figures |= {f"{name} {label}": value for label, value in cross_validated(own, SIGNALS[name]).items()}
        say(describe(name, models[name]))
    present = _present(out)
    bars = {"threshold": present.threshold, "curated_threshold": present.curated_threshold}
    data: dict[str, Any] = bars if threshold is None else dict.fromkeys(bars, threshold)
    data |= {name: model.as_data() for name, model in models.items()}
    _write(out, data | {"provenance": _provenance(folders, examples, figures)})
    return figures


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
                f"{FEWEST} of each: add a question set in {speech} with --battery"
            )
    return parts


def fit(examples: Sequence[Example], names: Sequence[str]) -> Model:
    """Return the model of these examples; signals whose weight has the wrong sign are left out, one by one."""
    kept = list(names)
    while True:
        model = _fit(examples, kept)
        wrong = {n: w for n, w in zip(kept, model.coefficients, strict=True) if w * SIGNS[n] <= 0}
        if not wrong or len(kept) == 1:
            return model
        kept.remove(max(wrong, key=lambda name: abs(wrong[name])))


def _fit(examples: Sequence[Example], names: Sequence[str]) -> Model:
    raw = _matrix(examples, names)
    labels = np.array([each.answerable for each in examples])
    ceilings = [np.percentile(raw[labels, i], CEILINGS[n]) if n in CEILINGS else math.inf for i, n in enumerate(names)]
    values = np.minimum(raw, ceilings)
    means, scales = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-9)
    standard = (values - means) / scales
    weights, sets = example_weights(examples), _set_constants(examples)
    slopes = LogisticRegression(C=STRENGTH, max_iter=1000).fit(np.hstack([standard, sets]), labels, weights)
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


def cross_validated(examples: Sequence[Example], names: Sequence[str]) -> Figures:
    """Return AUROC by set, language and kind, each question scored by a model that saw nothing of its cluster."""
    clusters = sorted({each.cluster for each in examples}, key=lambda c: hashlib.sha256(c.encode()).digest())
    fold = {cluster: place % FOLDS for place, cluster in enumerate(clusters)}
    scores = np.zeros(len(examples))
    for number in range(min(FOLDS, len(clusters))):
        model = fit([each for each in examples if fold[each.cluster] != number], names)
        for place, each in enumerate(examples):
            if fold[each.cluster] == number:
                scores[place] = model.probability(each.features)
    return aurocs(examples, scores)


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
    """Return what the fit stands on: sets with the digests of their files, numbers, versions, figures."""
    counts = Counter((each.battery, each.kind, each.answerable) for each in examples)
    sets = {
        folder.resolve().name: {
            "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _DATA},
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
        "auroc_cross_validated": figures,
    }


def _write(out: Path, data: dict[str, Any]) -> None:
    """Write the file, unless only its date would change, so that the same data give the same file."""
    if out.is_file():
        try:
            old = json.loads(out.read_text(encoding="utf-8"))
            day = old["provenance"]["fitted_on"]
        except (ValueError, KeyError, TypeError):
            old, day = None, None
        if old == data | {"provenance": data["provenance"] | {"fitted_on": day}}:
            return
    out.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
