"""How far a sentence is carried by what it cites: which units carry it, and signals that say how well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.answering.verification.claims import Fact
from assistant.answering.verification.mentions import Mentions
from assistant.answering.verification.mismatches import holds, unnamed
from assistant.answering.verification.polarity import (
    Stance,
    denied_otherwise,
    denies_newly,
    joined,
    opposite,
    other_modality,
    waives_newly,
)
from assistant.answering.verification.sections import Section, Unit
from assistant.knowledge.lexical import WORD_EVENNESS, Lexical
from assistant.knowledge.transliteration import grams

SIGNS: dict[str, int] = {
    "best": 1,
    "covered": 1,
    "held": 1,
    "weakest": 1,
    "novel": -1,
    "repeated": 1,
    "figures": 1,
    "loose_figures": -1,
    "named": 1,
    "loose_names": -1,
    "loose_sides": -1,
    "loose_rates": -1,
    "split_figures": -1,
    "split_names": -1,
    "other_names": -1,
    "denies": -1,
    "drops": -1,
    "denies_held": -1,
    "drops_said": -1,
    "demands": -1,
    "demands_newly": -1,
    "allows_newly": -1,
    "waives": -1,
    "opposite": -1,
    "only": -1,
    "absolute": -1,
    "patched": -1,
    "adjacent": 1,
    "margin": 1,
    "rank": -1,
    "cosine": 1,
    "section_cosine": 1,
    "meaning_margin": 1,
    "meaning_rank": -1,
}
"""What support is computed from, and whether more of it speaks for it (1) or against it (-1).

Words: best, covered and held are the share of the sentence's n-grams, by rarity, that the best unit, the units that
carry it, and the whole section hold; weakest the smallest share of ``covered`` in any third of it; novel the share of
its words of which the section holds little; repeated the share of the best unit that it repeats; patched what further
units add to the best, against stitching; adjacent the share of neighbouring words that are near one another there, too.

Figures and names: figures and named count those that the carrying units hold, in quarters up to 4; loose those that
only the rest of the section holds (sides: "before" or "at least" where they say neither; rates: "per week" where they
do not); split those that the best unit, with the items of its list, does not hold; other_names says that the sentence
names an institution or country where the best unit names another.

Stance, each by ``covered``, because a difference says the more the nearer the words are: denies and drops say that it
denies where the units deny nothing, or the reverse; denies_held and drops_said count negations of the very words that
stand without one on the other side; demands says that it demands what they recommend or allow, and the like;
demands_newly, allows_newly, waives, only, absolute and opposite that it demands, allows, waives or forbids, restricts,
leaves no exception, or says "after" for "before" where they do not.

Place: margin says how far its section stands above the best other one of the base by n-grams, rank how many stand above
it; cosine and section_cosine are the nearness in meaning of its best unit and of its section, meaning_margin and
meaning_rank the two figures by meaning.
"""

_FEWEST = 0.05
"""Share of a sentence that a further unit must add."""
_FIGURE = 0.1
_HELD = 0.35
_MOST = 4
MOST_UNITS = 3
_PARTS = 3
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as it is compared.

    Attributes:
        codes: Shape ``(n,)``: its n-grams.
        words: Shape ``(n,)``: ordinal of the word of each.
        weights: Shape ``(n,)``: weight of each by rarity.
        figures: What it must be able to show.
        rates: For how long a price or load in it is.
        mentions: What it names.
        stance: What it denies, demands and allows.
        sequence: Beginnings of its longer words, in order.
    """

    codes: NDArray[np.int64]
    words: NDArray[np.int64]
    weights: NDArray[np.float64]
    figures: tuple[Fact, ...]
    rates: frozenset[str]
    mentions: Mentions
    stance: Stance
    sequence: tuple[str, ...]

    @property
    def stems(self) -> frozenset[str]:
        """Beginnings of its words."""
        return frozenset(self.sequence)

    def share(self, held: frozenset[int]) -> float:
        """Return the share of the sentence's weight that a set of n-grams holds."""
        return self.weight(self.is_held(held))

    def weight(self, held: NDArray[np.bool_]) -> float:
        """Return the share of the sentence's weight of the n-grams that are held, shape ``(n,)``."""
        return float(self.weights @ held) / (float(self.weights.sum()) or 1.0)

    def is_held(self, held: frozenset[int]) -> NDArray[np.bool_]:
        """Return which n-grams a set holds, shape ``(n,)``."""
        return np.fromiter((code in held for code in self.codes.tolist()), dtype=bool, count=len(self.codes))

    def by_word(self, held: frozenset[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return for each word the share of it that a set holds, and its weight."""
        total = np.bincount(self.words, self.weights).astype(np.float64)
        own = np.bincount(self.words, self.weights * self.is_held(held), len(total))
        return np.asarray(own / np.maximum(total, 1e-9), dtype=np.float64), total


def weighed(lexical: Lexical, sentence: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return n-grams, words and weights of a sentence, as ``Said`` holds them; words are evened out."""
    found = grams(sentence)
    if not len(found.codes):
        return found.codes, found.words, np.empty(0, dtype=np.float64)
    per_word = np.bincount(found.words).astype(np.float64)
    weights = per_word[found.words] ** -WORD_EVENNESS * lexical.idf_of(found.codes)
    return found.codes, found.words, np.asarray(weights, dtype=np.float64)


def carrying(said: Said, sections: Sequence[Section]) -> list[tuple[Section, Unit]]:
    """Return the units that together hold most of a sentence, the best first, at most ``MOST_UNITS``."""
    left = [(section, unit, said.is_held(unit.grams)) for section in sections for unit in section.units]
    chosen: list[tuple[Section, Unit]] = []
    held, reached = np.zeros(len(said.codes), dtype=bool), 0.0
    while left and len(chosen) < MOST_UNITS:
        units = [unit for _, unit in chosen]
        worth = [said.weight(held | own) + _FIGURE * _shown(said, [*units, unit]) for _, unit, own in left]
        best = int(np.argmax(worth))
        if chosen and worth[best] - reached < _FEWEST:
            break
        section, unit, own = left.pop(best)
        chosen.append((section, unit))
        held, reached = held | own, worth[best]
    return chosen


def _shown(said: Said, units: Sequence[Unit]) -> int:
    """Return how many figures of a sentence the units hold."""
    known = [fact for unit in units for fact in unit.facts]
    return sum(holds(known, fact) for fact in said.figures)


def signals(said: Said, units: Sequence[Unit], section: frozenset[int], lexical: Lexical) -> dict[str, float]:
    """Return the signals of words, figures, names and stance.

    Args:
        said: The sentence.
        units: What carries it, the best first.
        section: The n-grams of the cited sections.
        lexical: Tells how rare n-grams are.
    """
    words = _of_words(said, units, section, lexical)
    stances = {name: value * words["covered"] for name, value in _of_stance(said, units).items()}
    return words | _of_figures(said, units) | _of_names(said, units) | stances


def _of_words(said: Said, units: Sequence[Unit], section: frozenset[int], lexical: Lexical) -> dict[str, float]:
    held = frozenset().union(*(unit.grams for unit in units))
    by_word, weights = said.by_word(held)
    anywhere, _ = said.by_word(section)
    best, covered = said.share(units[0].grams), said.share(held)
    return {
        "best": best,
        "covered": covered,
        "held": said.share(section),
        "patched": covered - best,
        "adjacent": _adjacent(said.sequence, units[0].sequence),
        "weakest": _weakest(by_word, weights),
        "novel": float(weights[anywhere < _HELD].sum()) / (float(weights.sum()) or 1.0),
        "repeated": _repeated(said, units[0], lexical),
    }


def _repeated(said: Said, unit: Unit, lexical: Lexical) -> float:
    """Return the share of a unit's n-grams, by rarity, that a sentence repeats."""
    codes, _, weights = weighed(lexical, unit.text)
    own = frozenset(said.codes.tolist())
    repeated = np.fromiter((code in own for code in codes.tolist()), dtype=bool, count=len(codes))
    return float(weights @ repeated) / (float(weights.sum()) or 1.0)


def _of_figures(said: Said, units: Sequence[Unit]) -> dict[str, float]:
    shown = _shown(said, units)
    return {
        "figures": min(shown, _MOST) / _MOST,
        "loose_figures": float(min(len(said.figures) - shown, _MOST)),
        "loose_sides": float(min(_sided(said, units), _MOST)),
        "loose_rates": float(not said.rates <= units[0].periods),
        "split_figures": float(min(len(said.figures) - _shown(said, _together(units)), _MOST)),
    }


def _sided(said: Said, units: Sequence[Unit]) -> int:
    """Return for how many figures a sentence says "before", "at least" and the like where the units do not."""
    known = [fact for unit in units for fact in unit.facts]
    return sum(
        bool(fact.sides) and not any(each.sides & fact.sides for each in known if holds((each,), fact))
        for fact in said.figures
    )


def _of_names(said: Said, units: Sequence[Unit]) -> dict[str, float]:
    own, best = said.mentions, units[0].own
    names = len(own.keys) + len(own.proper) + len(own.hosts)
    loose = len(unnamed(own, [unit.mentions for unit in units]))
    together = [unit.mentions for unit in _together(units)]
    things = frozenset().union(*(each.terms | each.implied for each in together))
    return {
        "named": min(names - loose, _MOST) / _MOST,
        "loose_names": float(min(loose, _MOST)),
        "split_names": float(min(len(unnamed(own, together)) + len(own.terms - things), _MOST)),
        "other_names": float(bool(own.keys - best.keys and best.keys - own.keys)),
    }


def _together(units: Sequence[Unit]) -> list[Unit]:
    """Return the best unit, and those that are items of the same list."""
    best = units[0]
    return [unit for unit in units if unit is best or (unit.block is not None and unit.block == best.block)]


def _of_stance(said: Said, units: Sequence[Unit]) -> dict[str, float]:
    own, best = said.stance, units[0]
    known = joined([unit.stance for unit in units[:2]])
    return {
        "denies": float(denies_newly(own, known)),
        "drops": float(denies_newly(best.stance, own)),
        "denies_held": float(min(denied_otherwise(own, best.stance, best.stems), 2)),
        "drops_said": float(min(denied_otherwise(best.stance, own, said.stems), 2)),
        "demands": float(other_modality(own, best.stance)),
        "demands_newly": float("must" in own.modality and "must" not in known.modality),
        "allows_newly": float("may" in own.modality and "may" not in known.modality),
        "waives": float(waives_newly(own, known)),
        "opposite": float(min(opposite(own, best.stance), 2)),
        "absolute": float(own.absolute and not known.absolute),
        "only": float(own.only and not known.only and not known.denied),
    }


def _adjacent(said: Sequence[str], held: Sequence[str]) -> float:
    """Return the share of neighbouring words of a sentence that stand near one another in a unit that has both."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(held):
        places.setdefault(word, []).append(place)
    pairs = [(a, b) for a, b in pairwise(said) if a in places and b in places]
    near = (any(abs(i - j) <= _NEAR for i in places[a] for j in places[b]) for a, b in pairs)
    return sum(near) / len(pairs) if pairs else 0.5


def _weakest(shares: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the smallest weighted share in any part of a sentence."""
    parts = [part for part in np.array_split(np.arange(len(shares)), _PARTS) if len(part)]
    return min((float(shares[part] @ weights[part] / max(weights[part].sum(), 1e-9)) for part in parts), default=0.0)


def standing(scores: NDArray[np.float64], own: NDArray[np.bool_], sections: NDArray[np.int64]) -> tuple[float, float]:
    """Return how far the best own score stands above the best other, and the logarithm of how many sections do better.

    Args:
        scores: Shape ``(rows,)``: one score a row; rows that do not count are minus infinity.
        own: Shape ``(rows,)``: which rows are of the cited sections.
        sections: Shape ``(rows,)``: the section of each row.
    """
    mine = float(scores[own].max(initial=-math.inf))
    others = scores[~own]
    if not math.isfinite(mine) or not len(others):
        return 0.0, 0.0
    above = len(np.unique(sections[~own][others > mine]))
    best = float(others.max())
    return (mine - best if math.isfinite(best) else 0.0), math.log1p(above)
