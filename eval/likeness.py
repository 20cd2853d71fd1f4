"""How well a mentor's answer reaches whoever asks the same, and nobody else: the figures, and the fit behind them.

A file holds one information need per line: its question in three languages, the sections that answer it, and for each
language paraphrases, which need the same answer, and near misses, which need another. For every need there is an answer
of a mentor in all three languages, without any further wording.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.answering.assistant import Assistant
from assistant.answering.finding import Evidence
from assistant.answering.likeness import SIGNALS, Likeness, terms
from assistant.answering.matching import Matcher
from assistant.answering.support import Calibration
from assistant.knowledge.index import Index
from assistant.knowledge.overlay import laid_over
from assistant.knowledge.published import CheckedAnswer, CheckedQuote, Published, section_digest
from assistant.types import LANGUAGES, Answer, Circumstances, Language, Passage
from eval.errors import EvalError

PRECISION = 0.85
"""What an answer that is given must reach on the development needs; ``OFFERED`` is for one that is only offered."""
OFFERED = 0.6
_REGULARISATION = 0.2
_UNKNOWN = Circumstances()
_DAY = date(2026, 11, 22)

_SIZE = terms(np.zeros((1, len(SIGNALS)))).shape[1]
_NOTHING_LEARNT = Likeness(np.zeros(_SIZE), np.ones(_SIZE), np.zeros(_SIZE), 0.0, 1.0, 1.0)

Texts = dict[Language, list[str]]


class Need(BaseModel):
    """One information need.

    Attributes:
        id: Names it.
        sections: What answers it.
        question: As it was first asked, by language.
        paraphrases: The same need in other words.
        near_misses: Questions that look alike and need another answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    sections: list[str]
    question: dict[Language, str]
    paraphrases: Texts
    near_misses: Texts


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best match of one question.

    Attributes:
        language: Of the question.
        same: Whether the question is a paraphrase.
        likeness: Of the best match; 0 if there is none.
        right: Whether that is the answer to the need of which it is a paraphrase.
    """

    language: Language
    same: bool
    likeness: float
    right: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How far a bar leads: ``precision`` of what passes it, and the ``recall`` of paraphrases."""

    precision: float
    recall: float
    passed: int


def read_needs(path: Path) -> tuple[Need, ...]:
    """Return the needs of a file.

    Raises:
        EvalError: If the file cannot be read or a line is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(Need.model_validate_json(line) for line in lines if line.strip())
    except (OSError, ValidationError) as error:
        raise EvalError(f"{str(path)!r}: {str(error).splitlines()[0]}; see eval/README.md for the form") from error


def answering(needs: Sequence[Need], index: Index) -> tuple[Assistant, Index]:
    """Return an assistant over an index in which mentors have answered every need."""
    plain = Assistant(lambda: index, calibration=Calibration.shipped(), today=lambda: _DAY)
    answers = tuple(_answer(need, language, plain, index) for need in needs for language in LANGUAGES)
    laid = laid_over(index, Published(1, answers), {}).index
    return Assistant(lambda: laid, calibration=Calibration.shipped(), today=lambda: _DAY), laid


def outcomes(
    needs: Sequence[Need], assistant: Assistant, index: Index, progress: Callable[[int, int], None]
) -> list[Outcome]:
    """Return the best match of every paraphrase and near miss."""
    matcher = _matcher(assistant, index)
    asked = list(_questions(needs))
    found: list[Outcome] = []
    for done, (need, language, same, question) in enumerate(asked, start=1):
        match = matcher.best(assistant.evidence(question, page_language=language), _UNKNOWN)
        right = same and match is not None and match.answer.id == need.id
        found.append(Outcome(language, same, match.likeness if match else 0.0, right))
        progress(done, len(asked))
    return found


def figures(found: Sequence[Outcome], bar: float) -> Figures:
    """Return precision and recall of what reaches ``bar``."""
    passed = [each for each in found if each.likeness >= bar]
    right = sum(each.right for each in passed)
    return Figures(right / max(1, len(passed)), right / max(1, sum(each.same for each in found)), len(passed))


def lowest_bar(found: Sequence[Outcome], precision: float) -> float:
    """Return the bar with most recall above which ``precision`` is reached; 1 if none is."""
    bars = sorted({each.likeness for each in found if each.likeness > 0})
    reaching = ((figures(found, bar), bar) for bar in bars)
    return max(((f.recall, bar) for f, bar in reaching if f.precision >= precision), default=(0.0, 1.0))[1]


def fit(needs: Sequence[Need], index: Index, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Return a model fitted on needs as ``likeness.json`` holds it; its bars by cross-validation over five folds."""
    assistant, laid = answering(needs, index)
    rows = _pairs(needs, assistant, laid, progress)
    signals = terms(np.array([[row.signals[name] for name in SIGNALS] for row in rows]))
    right = np.array([row.right for row in rows])
    likeness = np.zeros(len(rows))
    folds = {need.id: place % 5 for place, need in enumerate(needs)}
    for fold in range(5):
        held = np.array([folds[row.need.id] == fold for row in rows])
        likeness[held] = _probability(_fitted(signals[~held], right[~held]), signals[held])
    found = _best(rows, likeness)
    bars = {"serve": lowest_bar(found, PRECISION), "suggest": lowest_bar(found, OFFERED)}
    return _fitted(signals, right) | bars | {"signals": list(SIGNALS)}


@dataclass(frozen=True, slots=True)
class _Pair:
    """A question with one of the answers that came near it."""

    need: Need
    language: Language
    same: bool
    question: str
    signals: Mapping[str, float]
    right: bool
    measured: bool


def _pairs(
    needs: Sequence[Need], assistant: Assistant, index: Index, progress: Callable[[int, int], None]
) -> list[_Pair]:
    matcher = _matcher(assistant, index, _NOTHING_LEARNT)
    asked = [(*each, True) for each in _questions(needs)] + [(*each, False) for each in _light_variants(needs)]
    rows: list[_Pair] = []
    for done, (need, language, same, question, measured) in enumerate(asked, start=1):
        for match in matcher.matches(assistant.evidence(question, page_language=language), _UNKNOWN):
            right = same and match.answer.id == need.id
            rows.append(_Pair(need, language, same, question, match.signals, right, measured))
        progress(done, len(asked))
    return rows


def _best(rows: Sequence[_Pair], likeness: NDArray[np.float64]) -> list[Outcome]:
    """Return the best match of every question that is measured."""
    best: dict[tuple[str, str, bool, str], Outcome] = {}
    for row, value in zip(rows, likeness.tolist(), strict=True):
        key = (row.need.id, row.language, row.same, row.question)
        if row.measured and (key not in best or value > best[key].likeness):
            best[key] = Outcome(row.language, row.same, value, row.right)
    return list(best.values())


def _questions(needs: Sequence[Need]) -> Iterator[tuple[Need, Language, bool, str]]:
    for need in needs:
        for language in LANGUAGES:
            for same, questions in ((True, need.paraphrases), (False, need.near_misses)):
                yield from ((need, language, same, question) for question in questions[language])


def _light_variants(needs: Sequence[Need]) -> Iterator[tuple[Need, Language, bool, str]]:
    """Yield each question with small changes that need no other answer.

    The near misses alone would teach that a question in nearly the same words is another one.
    """
    draw = random.Random(7)  # noqa: S311  no secret
    for need in needs:
        for language, question in need.question.items():
            words = question.rstrip("?!. ").split()
            place = draw.randrange(len(words))
            typed = [word if i != place else word[:-1] or word for i, word in enumerate(words)]
            turned = words[len(words) // 2 :] + words[: len(words) // 2]
            for variant in (words, typed, turned):
                yield need, language, True, " ".join(variant).lower()


def _answer(need: Need, language: Language, assistant: Assistant, index: Index) -> CheckedAnswer:
    """Return a mentor's answer to a need: what the assistant quotes of its sections, else how they begin."""
    reply = assistant.ask(need.question[language], page_language=language)
    cited = reply.citations if isinstance(reply, Answer) else ()
    picked = [(each.passage, each.quote) for each in cited if each.passage.section in need.sections]
    for section in need.sections:
        if not any(passage.section == section for passage, _ in picked):
            passage = _version(index, section, language)
            picked.append((passage, passage.quote(passage.sentences[0])))
    quotes = tuple(
        CheckedQuote(
            mark=mark, section=passage.section, language=passage.language, quote=quote,
            digest=section_digest(_versions(index, passage.section)),
        )
        for mark, (passage, quote) in enumerate(picked, start=1)
    )  # fmt: skip
    text = "\n\n".join(f"{quote.quote} [{quote.mark}]" for quote in quotes)
    question = need.question[language]
    return CheckedAnswer(id=need.id, language=language, question=question, text=text, checked_on=_DAY, quotes=quotes)


def _versions(index: Index, section: str) -> dict[Language, str]:
    rows = (index.rows[row] for row in index.versions.get(section, ()))
    return {row.language: index.shelf.read(row)[0].text for row in rows}


def _version(index: Index, section: str, language: Language) -> Passage:
    rows = [index.rows[row] for row in index.versions.get(section, ())]
    chosen = next((row for row in rows if row.language == language), None)
    if chosen is None:
        raise EvalError(f"the index has no section {section!r} in {language!r}; run `assistant index`")
    return index.shelf.read(chosen)[0]


def _matcher(assistant: Assistant, index: Index, model: Likeness | None = None) -> Matcher:
    def read(question: str, language: Language) -> Evidence:
        return assistant.evidence(question, page_language=language)

    return Matcher(index, read, model)


def _fitted(signals: NDArray[np.float64], right: NDArray[np.bool_]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    means, scales = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    model = LogisticRegression(C=_REGULARISATION, max_iter=5000).fit((signals - means) / scales, right)
    rounded = {"means": means, "scales": scales, "coefficients": model.coef_[0]}
    return {name: [float(f"{value:.6g}") for value in values] for name, values in rounded.items()} | {
        "intercept": float(model.intercept_[0])
    }


def _probability(model: Mapping[str, Any], signals: NDArray[np.float64]) -> NDArray[np.float64]:
    odds = (signals - np.array(model["means"])) / np.array(model["scales"]) @ np.array(model["coefficients"])
    return np.asarray(1 / (1 + np.exp(-np.clip(odds + model["intercept"], -30, 30))))


def table(found: Sequence[Outcome], model: Likeness) -> list[dict[str, Any]]:
    """Return the figures of every language and of all, at both bars, as rows."""
    rows = []
    for language in (*LANGUAGES, "all"):
        own = [each for each in found if language in {each.language, "all"}]
        for name, bar in (("serve", model.serve), ("suggest", model.suggest)):
            own_figures = figures(own, bar)
            rows.append(
                {
                    "language": language, "bar": name, "likeness": round(bar, 3), "asked": len(own),
                    "passed": own_figures.passed, "precision": round(own_figures.precision, 3),
                    "recall": round(own_figures.recall, 3),
                }
            )  # fmt: skip
    return rows


def write_model(data: Mapping[str, Any], path: Path) -> None:
    """Write a fitted model in place of another, whole or not at all.

    Raises:
        EvalError: If it cannot be written.
    """
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise EvalError(f"cannot write {str(path)!r}: {error}") from error
