"""Whether what a sentence cites supports it, and which sentences there do.

A whole quote is supported. Any other sentence of fewer than three words that say something is not, nor is one with a
figure, date, amount, level, name, office or document that what it cites does not hold (``mismatches.py``), nor one that
is nearly a quote but differs from it in what matters (``altered.py``). Of the rest a logistic model decides, on signals
that can be explained (``comparing.py``): which units carry its words, whether figures and names stand in one of them,
whether negation, modality and time agree, and whether its section is the nearest of the base. No signal is read against
its sense, so a sentence that is nearer to its source is never the less supported for that.

The coefficients are a data file, ``verification.json``, fitted by ``python -m eval verification --fit``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from assistant.answering.support import Model
from assistant.answering.verification.altered import changes
from assistant.answering.verification.claims import rates
from assistant.answering.verification.comparing import SIGNS, Said, carrying, signals, standing, weighed
from assistant.answering.verification.mentions import mentions
from assistant.answering.verification.mismatches import Mismatch, MismatchKind, in_figures, in_names, stated
from assistant.answering.verification.polarity import stance, stems
from assistant.answering.verification.sections import Section, Unit, read
from assistant.errors import SettingError
from assistant.knowledge.index import Index
from assistant.types import Language, Passage

MODELS = ("meaning", "words")
MOST_EVIDENCE = 3
_LONGEST = 1000
_FEWEST = 3
"""Words of some length, or numbers, that a sentence must have to say anything; a quote may have fewer."""
_WORD = re.compile(r"[^\W\d_]{4,}|\d+")
_MARKUP = re.compile(r"\[([^\[\]\n]{1,200})\]\([^()\s]{1,500}\)|[*_`>#|]{1,3}|^\s{0,3}(?:[-+]|\d{1,2}[.)])\s")
_EXPLAINS: Mapping[str, MismatchKind] = {
    "split_figures": "number", "loose_figures": "number", "loose_rates": "rate", "loose_sides": "side",
    "split_names": "name", "loose_names": "name", "other_names": "name", "denies": "negation", "drops": "negation",
    "denies_held": "negation", "drops_said": "negation", "demands": "modality", "demands_newly": "modality",
    "allows_newly": "modality", "waives": "modality", "only": "modality", "absolute": "modality",
    "opposite": "opposite",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence, list item or table row that carries what was said, as offsets into its passage's text."""

    passage: Passage
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence is supported.

    Attributes:
        supported: Whether it may be shown.
        support: Probability, 0 to 1, that what it cites says it.
        faults: What contradicts it or makes it doubtful; empty if it is supported.
        evidence: One to three places that carry it, of the version in the reader's language, else of the original;
            empty if it is not supported.
    """

    supported: bool
    support: float
    faults: tuple[Mismatch, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The model of when a sentence is supported.

    Attributes:
        models: By name: ``meaning`` where sentence and section have vectors, ``words`` where they have not.
        thresholds: Least support of a sentence that may be shown, by model.
    """

    models: Mapping[str, Model]
    thresholds: Mapping[str, float]

    @classmethod
    @lru_cache(maxsize=1)
    def shipped(cls) -> Acceptance:
        """Return the model that comes with the program.

        Raises:
            SettingError: If it is missing or damaged.
        """
        try:
            text = (resources.files("assistant.answering.verification") / "verification.json").read_text(
                encoding="utf-8"
            )
        except OSError as error:
            raise SettingError(f"cannot read verification.json: {error}; install the program again") from error
        return cls.from_json(text)

    @classmethod
    def from_json(cls, text: str) -> Acceptance:
        """Return a model as ``python -m eval verification --fit`` writes it.

        Raises:
            SettingError: If it is not one.
        """
        try:
            data = json.loads(text)
            models = {name: Model.from_data(data["models"][name]) for name in MODELS}
            thresholds = {name: float(data["thresholds"][name]) for name in MODELS}
            if any(set(model.features) - set(SIGNS) for model in models.values()):
                raise ValueError("it reads other signals")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SettingError(
                f"verification.json is damaged ({type(error).__name__}: {error}); "
                "fit it again with `python -m eval verification --fit`"
            ) from error
        return cls(models, thresholds)

    def judged(self, found: Mapping[str, float]) -> tuple[float, bool]:
        """Return the support of a sentence by its signals, and whether that is enough."""
        name = "meaning" if "cosine" in found else "words"
        support = self.models[name].probability(found)
        return support, support >= self.thresholds[name]

    def doubts(self, found: Mapping[str, float]) -> Iterator[Mismatch]:
        """Yield what speaks against a sentence."""
        yield from dict.fromkeys(Mismatch(kind, name) for name, kind in _EXPLAINS.items() if found.get(name, 0.0) > 0)


class Verifier:
    """Compares sentences with the sections of one index that they cite; safe to use from several threads."""

    def __init__(self, index: Index, model: Acceptance | None = None) -> None:
        """Compare over an index, by the shipped model if none is given."""
        self._index = index
        self._model = model or Acceptance.shipped()

    @classmethod
    def of(cls, index: Index) -> Verifier:
        """Return a verifier over an index by the shipped model."""
        return cls(index)

    def verify(self, sentence: str, language: Language, cited: Sequence[Sequence[Passage]]) -> Verdict:
        """Return whether the cited sections support a sentence.

        Args:
            sentence: Plain text without marks.
            language: The reader's, in which it is written.
            cited: For each cited section its language versions, the reader's first, else the original.
        """
        cited = sorted((versions for versions in cited if versions), key=lambda versions: versions[0].section)
        if not cited or not any(character.isalnum() for character in sentence) or len(sentence) > _LONGEST:
            return Verdict(False, 0.0)
        shown = [read(_version(versions, language)) for versions in cited]
        if (quoted := _quoted(sentence, shown)) is not None:
            return Verdict(True, 1.0, (), tuple(_evidence([quoted])))
        if len(set(_WORD.findall(sentence.casefold()))) < _FEWEST:
            return Verdict(False, 0.0)
        said = self._said(sentence, language)
        carried = carrying(said, shown)
        faults = _faults(sentence, language, said, shown, cited) or _changes(sentence, language, carried)
        if faults or not carried:
            return Verdict(False, 0.0, faults)
        found = self._signals(sentence, language, said, shown, [unit for _, unit in carried])
        support, enough = self._model.judged(found)
        if not enough:
            return Verdict(False, support, tuple(self._model.doubts(found)))
        return Verdict(True, support, (), tuple(_evidence(carried)))

    def compared(
        self, sentence: str, language: Language, cited: Sequence[Sequence[Passage]]
    ) -> dict[str, float] | None:
        """Return the signals of a sentence, for fitting; None if it is a quote or contradicts what it cites."""
        shown = [read(_version(versions, language)) for versions in cited]
        said = self._said(sentence, language)
        if _quoted(sentence, shown) is not None or _faults(sentence, language, said, shown, cited):
            return None
        carried = carrying(said, shown)
        if _changes(sentence, language, carried):
            return None
        return self._signals(sentence, language, said, shown, [unit for _, unit in carried])

    def _signals(
        self, sentence: str, language: Language, said: Said, shown: Sequence[Section], units: Sequence[Unit]
    ) -> dict[str, float]:
        """Return what the support of a sentence is computed from."""
        held = frozenset().union(*(section.grams for section in shown))
        found = signals(said, units, held, self._index.lexical)
        own = self._rows([section.passage.section for section in shown])
        compared = {section.passage.language for section in shown}
        counts = np.array([row.language in compared for row in self._index.rows], dtype=bool)
        scores = np.where(counts, self._index.lexical.score(sentence).bm25, -math.inf)
        found["margin"], found["rank"] = standing(scores, own, self._index.sections)
        return found | self._of_meaning(sentence, language, own)

    def _said(self, sentence: str, language: Language) -> Said:
        codes, words, weights = weighed(self._index.lexical, sentence)
        return Said(
            codes=codes, words=words, weights=weights, figures=stated(sentence, language),
            rates=rates(sentence, language), mentions=mentions(sentence, language), stance=stance(sentence, language),
            sequence=stems(sentence, language),
        )  # fmt: skip

    def _rows(self, sections: Sequence[str]) -> NDArray[np.bool_]:
        """Return which rows of the index are of the cited sections, shape ``(rows,)``."""
        own = np.zeros(len(self._index.rows), dtype=bool)
        for section in sections:
            own[self._index.versions.get(section, [])] = True
        return own

    def _of_meaning(self, sentence: str, language: Language, own: NDArray[np.bool_]) -> dict[str, float]:
        """Return the signals of meaning; none where there are no vectors."""
        index = self._index
        read_rows = [row for row in np.flatnonzero(own).tolist() if index.offsets[row + 1] > index.offsets[row]]
        vectors = index.meanings([sentence], language) if read_rows else []
        if not vectors:
            return {}
        cosines = np.asarray(index.matrix @ vectors[0], dtype=np.float64)
        mine = np.zeros(len(cosines), dtype=bool)
        for row in read_rows:
            start = int(index.offsets[row]) + 1
            mine[start : start + len(index.shelf.read(index.rows[row])[0].sentences)] = True
        section = max(float(cosines[index.offsets[row]]) for row in read_rows)
        theirs = own[index.owners]
        margin, rank = standing(np.where(theirs & ~mine, -math.inf, cosines), mine, index.sections[index.owners])
        best = float(cosines[mine].max(initial=-1.0))
        return {"cosine": best, "section_cosine": section, "meaning_margin": margin, "meaning_rank": rank}


def _version(versions: Sequence[Passage], language: Language) -> Passage:
    """Return the version in a language, else the first."""
    return next((each for each in versions if each.language == language), versions[0])


def _faults(
    sentence: str, language: Language, said: Said, shown: Sequence[Section], cited: Sequence[Sequence[Passage]]
) -> tuple[Mismatch, ...]:
    """Return what contradicts the cited sections; translations are read only if the shown version seems to."""
    changed = tuple(_changed_digits(sentence, shown))
    if changed or not _hard(sentence, language, said, shown):
        return changed
    return _hard(sentence, language, said, [read(passage) for versions in cited for passage in versions])


def _changes(sentence: str, language: Language, carried: Sequence[tuple[Section, Unit]]) -> tuple[Mismatch, ...]:
    """Return in what a sentence differs from the best unit, if it is nearly a quote of that."""
    same = (unit for section, unit in carried[:1] if section.passage.language == language)
    return next((changes(sentence, unit.text, language) for unit in same), ())


def _hard(sentence: str, language: Language, said: Said, sections: Sequence[Section]) -> tuple[Mismatch, ...]:
    return (*in_figures(sentence, language, sections), *in_names(said.mentions, sections))


def _plain(text: str) -> str:
    """Return a text without markup, final stop and capitals, by which a quote is known."""
    return " ".join(_MARKUP.sub(lambda found: found.group(1) or " ", text.strip()).split()).rstrip(".;: ").casefold()


def _quoted(sentence: str, sections: Sequence[Section]) -> tuple[Section, Unit] | None:
    """Return the unit that a sentence quotes whole, None if it quotes none."""
    plain = _plain(sentence)
    units = ((section, unit) for section in sections for unit in section.units)
    return next(((section, unit) for section, unit in units if _plain(unit.text) == plain), None)


def _changed_digits(sentence: str, sections: Sequence[Section]) -> Iterator[Mismatch]:
    """Yield the sentence if it is a quote with other digits, though they may stand elsewhere in the section."""
    masked = re.sub(r"\d", "0", _plain(sentence))
    if "0" not in masked:
        return
    if any(re.sub(r"\d", "0", _plain(unit.text)) == masked for section in sections for unit in section.units):
        yield Mismatch("number", sentence)


def _evidence(carried: Sequence[tuple[Section, Unit]]) -> Iterator[Evidence]:
    """Yield the places of units, each behind the sentence that introduces it; rows of one table together."""
    found: dict[tuple[str, int], Evidence] = {}
    for section, unit in carried:
        passage = section.passage
        lead = [passage.sentences[unit.lead]] if unit.lead is not None else []
        for start, end in (*((each.start, each.end) for each in lead), (unit.start, unit.end)):
            key = (passage.section, start)
            if key in found or len(found) < MOST_EVIDENCE:
                longer = max(end, found[key].end) if key in found else end
                found[key] = Evidence(passage, start, longer)
    yield from found.values()
