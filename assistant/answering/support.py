"""How well the evidence supports an answer: a small logistic model on signals that can be explained.

The coefficients are a reviewed data file, ``calibration.json``, fitted by ``python -m eval calibrate`` on labelled
questions; there are models for questions that the embedder can read and for those it cannot, on the curated base
and on the user's own documents.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from assistant.errors import SettingError
from assistant.knowledge.retrieval import Found
from assistant.knowledge.transliteration import fold
from assistant.types import Hit

SIGNS: dict[str, int] = {
    "bm25": 1,
    "sentence": 1,
    "distinctness": 1,
    "rarity": -1,
    "unnamed": -1,
    "negation": -1,
    "section_cosine": 1,
    "focus": 1,
    "joint": 1,
    "coverage": 1,
    "unheld": -1,
    "score": 1,
    "length": 1,
    "sentence_cosine": 1,
    "projected_cosine": 1,
    "projected_focus": 1,
    "projected_joint": 1,
}
"""Every signal and the way in which it may move support; a fit keeps these signs or leaves the signal out.

- bm25: n-gram score of the best of the first three sections, for each n-gram of the question.
- sentence: score of the sentence that would be quoted first: its section's, its n-grams' and its vector's.
- distinctness: how far that sentence stands above the mean sentence of the same sections.
- rarity: how rare the question's n-grams are in this base; what no section speaks of is rare.
- unnamed: names and figures of the question (up to 3) that neither the sentence, its neighbours nor the headings hold.
- negation: 1 if the question denies something ("not", "без", "емес") and the sentence denies nothing.
- score: of the first section, as it was ranked: words, meaning, and whether its document is about what is named.
- length: logarithm of the question's letters, at least 60; whoever tells a story uses many words that no section holds.
- section_cosine: nearness in meaning of question and first section.
- sentence_cosine: the same of its best sentence, or its three best ones and ways of asking.
- focus: how much nearer the section's nearest sentence is than its sentences are on average.
- coverage: share of the question's idf mass in the best of the first three sections.
- unheld: words of the question of four letters and more (up to 3) that none of the first two sections, their headings
  or known ways of asking hold: what they do not even speak of, they do not answer.
- joint: whether n-grams and meaning agree on the first section: root of coverage times nearness of its sentence.
- projected_cosine, projected_focus, projected_joint: section_cosine, focus and joint of a question that the embedder
  cannot read, by the projection that the base taught itself.
"""

MODELS = ("dense", "lexical", "curated_dense", "curated_projected", "curated_lexical")
DENSE_SIGNALS = frozenset({"section_cosine", "sentence_cosine", "focus", "joint"})
"""Signals that are there only if the embedder could read question and section."""
PROJECTED_SIGNALS = frozenset({"projected_cosine", "projected_focus", "projected_joint"})
"""Signals that are there only if the question was projected."""

_FIRST = 3
_SHORT = 60
"""Letters of a question that is not long: below that, length says nothing about whether it is answered."""
_MOST_UNNAMED = 3
_STEM = 5
# Capitalised words and figures, save a word that begins a sentence.
_NAMED = re.compile(r"(?<=[^\s.?!:»\"”)])\s+([A-ZА-ЯЁӘҒҚҢӨҰҮҺІ][\w’'-]+|\d[\w.,]*\d|\d)")
_ACRONYM = re.compile(r"(?<!\w)[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]{2,6}(?![A-ZА-ЯЁӘҒҚҢӨҰҮҺІ])")
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|except|cannot|\w+n['’]t"
    r"|не|ни|нет|нельзя|никогда|без|кроме|никто|ничего|емес|жоқ|ешқашан|ешкім|ештеңе)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression on standardised features.

    Attributes:
        features: Names of the features, in the order of the coefficients.
        ceilings: Value of each feature above which more says no more; infinite where there is none.
        means: Mean of each feature on the fitting data, after its ceiling.
        scales: Standard deviation of each feature there.
        coefficients: One weight per standardised feature.
        intercept: The constant term.
    """

    features: tuple[str, ...]
    ceilings: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float

    def contributions(self, features: Mapping[str, float]) -> dict[str, float]:
        """Return what each feature adds to the log-odds of being supported.

        Raises:
            SettingError: If the model reads a feature that is not there.
        """
        missing = [name for name in self.features if name not in features]
        if missing:
            raise SettingError(
                f"the calibration reads {missing[0]!r}, which is none of the signals {sorted(features)}; "
                "fit it again with `python -m eval calibrate`"
            )
        parts = zip(self.features, self.ceilings, self.means, self.scales, self.coefficients, strict=True)
        return {
            name: weight * (min(features[name], ceiling) - mean) / scale for name, ceiling, mean, scale, weight in parts
        }

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the probability, 0 to 1, that the evidence answers the question.

        Raises:
            SettingError: If the model reads a feature that is not there.
        """
        odds = self.intercept + sum(self.contributions(features).values())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Model:
        """Return a model from plain data, as it stands in ``calibration.json``."""
        ceilings = tuple(math.inf if each is None else float(each) for each in data["ceilings"])
        means, scales, coefficients = (
            tuple(float(each) for each in data[name]) for name in ("means", "scales", "coefficients")
        )
        names = tuple(str(each) for each in data["features"])
        model = cls(names, ceilings, means, scales, coefficients, float(data["intercept"]))
        if len({len(getattr(model, each)) for each in cls.__slots__ if each != "intercept"}) > 1:
            raise ValueError("the lists of a model differ in length")
        return model

    def as_data(self) -> dict[str, Any]:
        """Return the model as plain data."""
        data = {name: list(getattr(self, name)) for name in ("features", "means", "scales", "coefficients")}
        ceilings = [each if math.isfinite(each) else None for each in self.ceilings]
        return data | {"ceilings": ceilings, "intercept": self.intercept}


class _Readable(Protocol):
    """What the text of a calibration is read from: a path, or a resource of the package."""

    def read_text(self, encoding: str) -> str:
        """Return the whole text."""
        ...


@dataclass(frozen=True, slots=True)
class Calibration:
    """The models and the bars below which the assistant abstains.

    Attributes:
        dense: For questions whose evidence has cosines, from the user's own documents.
        lexical: For the others of these.
        curated_dense: For questions whose evidence has cosines, from the curated base, where headings are questions
            and ways of asking are known.
        curated_projected: For questions that the embedder cannot read, but a projection can.
        curated_lexical: For the others of these.
        threshold: Least support, 0 to 1, of an answer from the user's own documents.
        curated_threshold: The same for the curated base, where a wrong answer costs more than silence.
    """

    dense: Model
    lexical: Model
    curated_dense: Model
    curated_projected: Model
    curated_lexical: Model
    threshold: float
    curated_threshold: float

    @classmethod
    def shipped(cls) -> Calibration:
        """Return the calibration that comes with the program.

        Raises:
            SettingError: If it is missing or damaged.
        """
        return cls._read(resources.files("assistant.answering") / "calibration.json")

    @classmethod
    def from_file(cls, path: Path) -> Calibration:
        """Return the calibration in a file.

        Raises:
            SettingError: If it is missing or damaged.
        """
        return cls._read(path)

    @classmethod
    def _read(cls, source: _Readable) -> Calibration:
        try:
            text = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(
                f"cannot read the calibration {str(source)!r}: {error}; install the program again, or fit it with "
                "`python -m eval calibrate`"
            ) from error
        return cls.from_json(text)

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Return a calibration as ``python -m eval calibrate`` writes it.

        Raises:
            SettingError: If it is not one.
        """
        try:
            data = json.loads(text)
            models = {name: Model.from_data(data[name]) for name in MODELS}
            return cls(**models, threshold=float(data["threshold"]), curated_threshold=float(data["curated_threshold"]))
        except (ValueError, KeyError, TypeError) as error:
            raise SettingError(
                f"the calibration is damaged ({type(error).__name__}: {error}); "
                "fit it again with `python -m eval calibrate`"
            ) from error

    def with_threshold(self, threshold: float) -> Calibration:
        """Return the same models with another bar, the same for all documents."""
        return replace(self, threshold=threshold, curated_threshold=threshold)

    def suffices(self, support: float, *, curated: bool) -> bool:
        """Return whether an answer may be given with this support."""
        return support >= (self.curated_threshold if curated else self.threshold)

    def support(self, features: Mapping[str, float], *, curated: bool = False) -> float:
        """Return the probability, 0 to 1, that the evidence, curated or the user's own, answers the question.

        Raises:
            SettingError: If the model reads a feature that is not there.
        """
        model: Model = getattr(self, model_for(features, curated=curated))
        return model.probability(features)


def model_for(features: Mapping[str, float], *, curated: bool) -> str:
    """Return which of ``MODELS`` judges these signals of evidence, curated or the user's own."""
    if features.keys() >= DENSE_SIGNALS:
        return "curated_dense" if curated else "dense"
    if curated and features.keys() >= PROJECTED_SIGNALS:
        return "curated_projected"
    return "curated_lexical" if curated else "lexical"


def features_of(question: str, found: Sequence[Found]) -> dict[str, float]:
    """Return the signals of ``SIGNS`` for a question's hits, best first; the first three must be detailed.

    Those of ``DENSE_SIGNALS`` are left out where the embedder could not read question or first section, and those of
    ``PROJECTED_SIGNALS`` where the question was not projected.
    """
    if not found:
        return dict.fromkeys(SIGNS.keys() - DENSE_SIGNALS - PROJECTED_SIGNALS, 0.0) | {"rarity": 1.0}
    hits = [each.hit for each in found[:_FIRST]]
    first = hits[0].signals
    scores = list(chain.from_iterable(hit.sentence_scores for hit in hits))
    best = max(scores, default=0.0)
    features = {
        "bm25": max(hit.signals["bm25"] for hit in hits),
        "sentence": best,
        "distinctness": best - sum(scores) / max(1, len(scores)),
        "rarity": first.get("rarity", 0.0),
        "coverage": max(hit.signals["coverage"] for hit in hits),
        "score": found[0].hit.score,
        "length": math.log(max(len(question), _SHORT)),
        "unheld": float(min(_unheld(question, hits[:2]), _MOST_UNNAMED)),
        "unnamed": 0.0,
        "negation": 0.0,
    } | _of_sentence(question, hits)
    return features | _of_meaning(first)


def _of_meaning(first: Mapping[str, float]) -> dict[str, float]:
    """Return the signals that need cosines, from those of the first hit; none if it has none."""
    projected = "projected_section_cosine" in first
    prefix = "projected_" if projected else ""
    if f"{prefix}section_cosine" not in first:
        return {}
    nearest = first[f"{prefix}sentence_cosine"]
    return ({} if projected else {"sentence_cosine": nearest}) | {
        "projected_cosine" if projected else "section_cosine": first[f"{prefix}section_cosine"],
        f"{prefix}focus": nearest - first.get(f"{prefix}sentence_cosine_mean", nearest),
        f"{prefix}joint": math.sqrt(max(first["coverage"], 0.0) * max(nearest, 0.0)),
    }


def _of_sentence(question: str, hits: Sequence[Hit]) -> dict[str, float]:
    """Return the signals of the words of the best sentence, nothing if there is none."""
    detailed = [hit for hit in hits if hit.sentence_scores]
    if not detailed:
        return {}
    passage, scores = max(((hit.passage, hit.sentence_scores) for hit in detailed), key=lambda each: max(each[1]))
    place = scores.index(max(scores))
    quotes = [passage.quote(sentence) for sentence in passage.sentences[max(0, place - 1) : place + 2]]
    quote = passage.quote(passage.sentences[place])
    around = " ".join([*passage.context, passage.heading, *quotes])
    return {
        "unnamed": float(min(_unnamed(question, around), _MOST_UNNAMED)),
        "negation": float(bool(_DENIAL.search(question)) and not _DENIAL.search(quote)),
    }


def _unnamed(question: str, text: str) -> int:
    """Return how many names and figures of the question ``text`` does not hold; a name may carry an ending."""
    named = {part for word in (*_NAMED.findall(question), *_ACRONYM.findall(question)) for part in fold(word).split()}
    if not named:
        return 0
    held = _words(text)
    stems = {word[:_STEM] for word in held}
    return sum(word not in held and (len(word) < _STEM or word[:_STEM] not in stems) for word in named)


def _unheld(question: str, hits: Sequence[Hit]) -> int:
    """Return how many longer words of the question no hit holds; a word may carry another ending."""
    passages = [hit.passage for hit in hits]
    held = frozenset().union(*(_words("\n".join([*p.context, p.heading, p.text, *p.asked_as])) for p in passages))
    stems = {word[:_STEM] for word in held}
    longer = {word for word in fold(question).split() if len(word) >= _STEM - 1}
    return sum(word not in held and (len(word) < _STEM or word[:_STEM] not in stems) for word in longer)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    """Return the folded words of a text; remembered, because sentences come again."""
    return frozenset(fold(text).split())
