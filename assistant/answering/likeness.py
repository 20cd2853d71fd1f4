"""How likely it is that two questions need the same answer: a logistic model on signals and their products.

The coefficients are a data file, ``likeness.json``, fitted by ``python -m eval likeness --fit``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from assistant.errors import SettingError

SIGNALS = (
    "meaning", "evidence", "margin", "rank", "said", "repeated", "new_words", "gone_words", "unheld", "new_aspects",
    "gone_aspects", "new_names", "gone_names", "length", "support", "place",
)  # fmt: skip
"""What likeness is computed from.

- meaning: nearness in meaning of the question and the nearest question or wording of the answer.
- evidence: whether the base gives the same sections, with the same scores, for both questions (cosine).
- margin: how far the best section that the answer quotes stands above the best other one, for this question.
- rank: place of that section among the first six; 6 if it is not there.
- said: share of the question's n-grams, by rarity, that the nearest question or wording holds; repeated: the reverse.
- new_words, gone_words: longer words of one that the other does not have, up to 8.
- unheld: share of the question's longer words that neither the answer's questions nor its sections hold.
- new_aspects, gone_aspects: what is asked for (``aspects.toml``) in one and not in the other.
- new_names, gone_names: countries, institutions and programmes of one that the other does not name.
- length: words of the question, up to 30.
- support: of the evidence for the question.
- place: of the answer among the mentors' answers that were found.
"""

_TERMS = len(SIGNALS) + len(SIGNALS) * (len(SIGNALS) + 1) // 2


@dataclass(frozen=True, slots=True)
class Likeness:
    """The model of whether two questions need the same answer.

    Attributes:
        means: Mean of each signal, then of each product of two, on the fitting data.
        scales: Standard deviation of each there.
        coefficients: Weight of each, standardised.
        intercept: The constant term.
        serve: Least likeness of an answer that is given.
        suggest: Least likeness of one whose question is offered.
    """

    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    intercept: float
    serve: float
    suggest: float

    @classmethod
    @lru_cache(maxsize=1)
    def shipped(cls) -> Likeness:
        """Return the model that comes with the program.

        Raises:
            SettingError: If it is missing or damaged.
        """
        try:
            text = (resources.files("assistant.answering") / "likeness.json").read_text(encoding="utf-8")
            return cls.from_json(text)
        except OSError as error:
            raise SettingError(f"cannot read likeness.json: {error}; install the program again") from error

    @classmethod
    def from_json(cls, text: str) -> Likeness:
        """Return a model as ``python -m eval likeness`` writes it.

        Raises:
            SettingError: If it is not one.
        """
        try:
            data = json.loads(text)
            means, scales, weights = (np.array(data[name], float) for name in ("means", "scales", "coefficients"))
            model = cls(means, scales, weights, *(float(data[name]) for name in ("intercept", "serve", "suggest")))
            if tuple(data["signals"]) != SIGNALS or {len(means), len(scales), len(weights)} != {_TERMS}:
                raise ValueError("it reads other signals")
        except (ValueError, KeyError, TypeError) as error:
            raise SettingError(
                f"likeness.json is damaged ({type(error).__name__}: {error}); "
                "fit it again with `python -m eval likeness --fit`"
            ) from error
        return model

    def of(self, signals: Mapping[str, float]) -> float:
        """Return the probability, 0 to 1, that the answer is one to this question."""
        row = terms(np.array([[signals[name] for name in SIGNALS]]))[0]
        odds = self.intercept + float(self.coefficients @ ((row - self.means) / self.scales))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def terms(signals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return signals, shape ``(rows, signals)``, with the products of every two behind them."""
    pairs = combinations_with_replacement(range(signals.shape[1]), 2)
    return np.column_stack([signals, *(signals[:, a] * signals[:, b] for a, b in pairs)])
