"""How well the evidence supports an answer: a small logistic model on signals that can be explained.

The coefficients are a reviewed data file, ``calibration.json``, fitted by ``python -m eval calibrate`` on labelled
questions; there is one model for questions that the embedder can read and one for those it cannot.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources

from assistant.knowledge.retrieval import Found
from assistant.knowledge.transliteration import fold

LEXICAL_FEATURES = ("bm25", "coverage", "sentence_coverage", "margin", "bm25_next", "unmatched", "words")
DENSE_FEATURES = (*LEXICAL_FEATURES, "section_cosine", "sentence_cosine")
_NAMED = re.compile(r"(?<=[^\s.?!:»\"”)])\s+([A-ZА-ЯЁӘҒҚҢӨҰҮҺІ][\w’'-]+|\d[\w.,]*\d|\d)")


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression on standardised features.

    Attributes:
        features: Names of the features, in the order of the coefficients.
        means: Mean of each feature on the fitting data.
        scales: Standard deviation of each feature there.
        coefficients: One weight per standardised feature.
        intercept: The constant term.
    """

    features: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float

    def contributions(self, features: Mapping[str, float]) -> dict[str, float]:
        """Return what each feature adds to the log-odds of being supported."""
        return {
            name: weight * (features[name] - mean) / scale
            for name, mean, scale, weight in zip(self.features, self.means, self.scales, self.coefficients, strict=True)
        }

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the probability, 0 to 1, that the evidence answers the question."""
        odds = self.intercept + sum(self.contributions(features).values())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The two models and the bar below which the assistant abstains.

    Attributes:
        dense: For questions whose evidence has cosines.
        lexical: For the others.
        threshold: Least support, 0 to 1, of an answer.
    """

    dense: Model
    lexical: Model
    threshold: float

    @classmethod
    def shipped(cls) -> Calibration:
        """Return the calibration that comes with the program."""
        path = resources.files("assistant.answering") / "calibration.json"
        return cls.from_json(path.read_text(encoding="utf-8"))

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Return a calibration as ``python -m eval calibrate`` writes it."""
        data = json.loads(text)
        models = {
            name: Model(
                tuple(data[name]["features"]), tuple(data[name]["means"]), tuple(data[name]["scales"]),
                tuple(data[name]["coefficients"]), float(data[name]["intercept"]),
            )
            for name in ("dense", "lexical")
        }  # fmt: skip
        return cls(models["dense"], models["lexical"], float(data["threshold"]))

    def with_threshold(self, threshold: float) -> Calibration:
        """Return the same models with another bar."""
        return replace(self, threshold=threshold)

    def support(self, features: Mapping[str, float]) -> float:
        """Return the probability, 0 to 1, that the evidence answers the question."""
        model = self.dense if "section_cosine" in features else self.lexical
        return model.probability(features)


def features_of(question: str, found: Sequence[Found]) -> dict[str, float]:
    """Return the signals of a question's hits that the models read; the first hits must be detailed.

    ``section_cosine`` and ``sentence_cosine`` are there only if the embedder could read question and section.
    """
    if not found:
        return dict.fromkeys(LEXICAL_FEATURES, 0.0)
    signals = [each.hit.signals for each in found]
    top, following = found[0].hit, found[1].hit if len(found) > 1 else None
    features = {
        "bm25": max(s["bm25"] for s in signals[:3]),
        "bm25_next": sum(s["bm25"] for s in signals[1:5]) / 4,
        "coverage": max(s["coverage"] for s in signals[:3]),
        "sentence_coverage": max(s.get("sentence_coverage", 0.0) for s in signals[:3]),
        "margin": (top.score - (following.score if following else 0.0)) / max(top.score, 1e-9),
        "unmatched": _unmatched(question, found[:3]),
        "words": math.log1p(len(question.split())),
    }
    if "section_cosine" in signals[0]:
        for name in ("section_cosine", "sentence_cosine"):
            features[name] = max(s.get(name, 0.0) for s in signals[:3])
    return features


def _unmatched(question: str, found: Sequence[Found]) -> float:
    """Return the share of names and figures in the question (0 to 1) that no section holds."""
    named = {part for word in _NAMED.findall(f"x {question}") for part in fold(word).split()}
    if not named:
        return 0.0
    passages = [each.hit.passage for each in found]
    held = set(fold(" ".join(" ".join([*p.context, p.heading, p.text]) for p in passages)).split())
    stems = {word[:5] for word in held}
    return sum(word not in held and (len(word) < 5 or word[:5] not in stems) for word in named) / len(named)
