"""Fitting when a sentence is supported: on sentences that were written, and on quotes that are shortened or altered.

The written sentences are few; quotes teach that what stands in the text is supported, and what was put together from
two places, moved to another section or denied is not. No coefficient may have the wrong sign, because altered sentences
are often nearer to the text than honest paraphrases, and a model would learn to distrust quotes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.answering.verification.comparing import SIGNS
from assistant.answering.verification.verifying import MODELS, Acceptance, Verifier
from assistant.knowledge.index import Index
from eval.errors import EvalError
from eval.verification import Row, versions
from eval.verification_made import made

REJECTED = 0.98
"""Share of the altered development sentences that the thresholds reject, cross-validated."""
MADE_WEIGHT = 0.1
"""What a made example weighs beside a written sentence."""
_REGULARISATION = 0.3
_FOLDS = 10
_SEED = 7
_MEANING = frozenset({"cosine", "section_cosine", "meaning_margin", "meaning_rank"})


@dataclass(frozen=True, slots=True)
class _Example:
    row: Row
    signals: Mapping[str, float] | None
    weight: float


def fit(rows: Sequence[Row], index: Index, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Return a model fitted on rows as ``verification.json`` holds it; its thresholds by cross-validation."""
    verifier = Verifier(index, Acceptance({}, {}))  # only its signals are read
    examples: list[_Example] = []
    todo = [(row, 1.0) for row in rows] + [(row, MADE_WEIGHT) for row in made(rows, index)]
    for done, (row, weight) in enumerate(todo, start=1):
        cited = [versions(index, row.section, row.language)]
        examples.append(_Example(row, verifier.compared(row.sentence, row.language, cited), weight))
        progress(done, len(todo))
    models, thresholds = {}, {}
    for name in MODELS:
        features = [each for each in SIGNS if name == "meaning" or each not in _MEANING]
        known = [each for each in examples if each.signals is None or each.signals.keys() >= set(features)]
        models[name] = _model(known, features)
        thresholds[name] = _threshold(known, features)
    provenance = {
        "written": len(rows), "made": len(todo) - len(rows), "languages": sorted({row.language for row in rows}),
        "altered_rejected": REJECTED, "command": "python -m eval verification FILE --fit OUT",
    }  # fmt: skip
    return {"provenance": provenance, "thresholds": thresholds, "models": models}


def _model(examples: Sequence[_Example], features: Sequence[str]) -> dict[str, Any]:
    used = [each for each in examples if each.signals is not None]
    means, scales, weights = _fitted(*_arrays(used, features), features)
    return {
        "features": list(features), "ceilings": [None] * len(features), "means": _rounded(means),
        "scales": _rounded(scales), "coefficients": _rounded(weights[:-1]), "intercept": _rounded(weights[-1:])[0],
    }  # fmt: skip


def _arrays(
    examples: Sequence[_Example], features: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    signals = np.array([[each.signals[name] if each.signals else 0.0 for name in features] for each in examples])
    supported = np.array([1.0 if each.row.supported else -1.0 for each in examples])
    return signals, supported, np.array([each.weight for each in examples])


def _fitted(
    signals: NDArray[np.float64], supported: NDArray[np.float64], weights: NDArray[np.float64], features: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return means, scales and coefficients with the intercept last; no coefficient has the wrong sign."""
    means, scales = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    rows = np.column_stack([(signals - means) / scales, np.ones(len(signals))])
    ridge = np.append(np.full(len(features), 1 / _REGULARISATION), 0.0)

    def loss(guess: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = supported * (rows @ guess)
        slope = -(weights * supported / (1 + np.exp(np.clip(margins, -50, 50))))
        total = float(weights @ np.logaddexp(0, -margins) + 0.5 * ridge @ guess**2)
        return total, rows.T @ slope + ridge * guess

    bounds = [(0, None) if SIGNS[name] > 0 else (None, 0) for name in features]
    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return means, scales, np.asarray(found.x, dtype=np.float64)


def _threshold(examples: Sequence[_Example], features: Sequence[str]) -> float:
    """Return the least support at which so many altered sentences that were written are rejected."""
    altered = [not each.row.supported and each.weight == 1.0 for each in examples]
    highest = float(np.quantile(_crossed(examples, features)[altered], REJECTED, method="higher"))
    return round(highest + 2e-6, 6)


def _crossed(examples: Sequence[_Example], features: Sequence[str]) -> NDArray[np.float64]:
    """Return the support of each example by a model that has seen no example of its document."""
    folds = _folds(examples)
    support = np.zeros(len(examples))
    known = np.array([each.signals is not None for each in examples])
    for fold in np.unique(folds[known]):
        train = [each for each, own, there in zip(examples, folds, known, strict=True) if there and own != fold]
        if not train:
            raise EvalError("the sentences cite one document only; give sentences of several for cross-validation")
        means, scales, weights = _fitted(*_arrays(train, features), features)
        held = (folds == fold) & known
        signals, _, _ = _arrays([each for each, own in zip(examples, held, strict=True) if own], features)
        support[held] = 1 / (1 + np.exp(-((signals - means) / scales @ weights[:-1] + weights[-1])))
    return support


def _folds(examples: Sequence[_Example]) -> NDArray[np.int64]:
    documents = sorted({each.row.section.partition("#")[0] for each in examples})
    random.Random(_SEED).shuffle(documents)  # noqa: S311  no secret
    places = {document: place % _FOLDS for place, document in enumerate(documents)}
    return np.array([places[each.row.section.partition("#")[0]] for each in examples])


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]
