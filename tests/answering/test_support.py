"""How well the evidence supports an answer: one probability from signals that can be explained."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.support import DENSE_SIGNALS, PROJECTED_SIGNALS, SIGNS, Calibration, Model, features_of
from assistant.errors import SettingError
from assistant.knowledge.retrieval import Found
from assistant.types import Hit, Kind, Passage, Sentence, Source

SHIPPED = Calibration.shipped()
MODELS = [SHIPPED.dense, SHIPPED.lexical]
values = st.floats(-10, 10)
signals = st.fixed_dictionaries(dict.fromkeys(SIGNS, values))


def found(
    text: str, *, scores: tuple[float, ...], cosines: bool = False, heading: str = "Money", **signals: float
) -> Found:
    """Return a detailed hit whose sentences are the lines of ``text``."""
    lines = text.split("\n") if scores else []
    starts = [text.index(line) for line in lines]
    sentences = tuple(Sentence(at, at + len(line), "prose", 0) for at, line in zip(starts, lines, strict=True))
    passage = Passage(
        document="regulations/money", anchor="money", language="en", heading=heading, context=("Exchange",),
        start=0, text=text, sentences=sentences, blocks=(),
    )  # fmt: skip
    own = {"lexical": 1.0, "bm25": 1.2, "coverage": 0.64, "sentence_coverage": 0.5, "rarity": 0.4}
    if cosines:
        own |= {"section_cosine": 0.5, "sentence_cosine": 0.36, "sentence_cosine_mean": 0.2}
    hit = Hit(passage=passage, score=0.8, signals=own | signals, sentence_scores=scores)
    return Found(hit, Kind.REGULATION, Source())


@given(signals)
def test_support_is_a_probability(features: dict[str, float]) -> None:
    """Whatever the signals are, support lies between 0 and 1."""
    assert 0 <= SHIPPED.support(features) <= 1


@given(signals, st.sampled_from(sorted(SIGNS)), st.floats(0, 5))
def test_support_is_monotone_in_each_signal(features: dict[str, float], name: str, more: float) -> None:
    """More of a signal moves support only in the way in which its sign says, or not at all."""
    raised = features | {name: features[name] + more}
    for model in MODELS:
        assert SIGNS[name] * (model.probability(raised) - model.probability(features)) >= -1e-12


@given(signals)
def test_contributions_add_up_to_the_log_odds(features: dict[str, float]) -> None:
    """The constant and what each signal adds are the log-odds: nothing else decides."""
    for model in MODELS:
        odds = model.intercept + math.fsum(model.contributions(features).values())
        assert model.probability(features) == pytest.approx(1 / (1 + math.exp(-max(-30, min(30, odds)))))


def test_the_models_read_only_explained_signals() -> None:
    """Every feature of the shipped models has a sign and a meaning, and only the dense one reads cosines."""
    assert set(SHIPPED.dense.features) <= set(SIGNS)
    assert set(SHIPPED.lexical.features) <= set(SIGNS) - DENSE_SIGNALS - PROJECTED_SIGNALS


def test_more_than_a_ceiling_says_no_more() -> None:
    """Above its ceiling a signal adds the same."""
    model = Model(("bm25",), (1.0,), (0.0,), (2.0,), (4.0,), 0.5)
    assert model.contributions({"bm25": 1.0}) == {"bm25": 4.0 * 1.0 / 2.0}
    assert model.probability({"bm25": 7.0}) == model.probability({"bm25": 1.0}) == 1 / (1 + math.exp(-2.5))


def test_the_dense_model_decides_only_where_there_are_cosines() -> None:
    """Without the signals of meaning the lexical model is asked."""
    calibration = replace(SHIPPED, dense=Model((), (), (), (), (), 2.0), lexical=Model((), (), (), (), (), -2.0))
    without = dict.fromkeys(set(SIGNS) - DENSE_SIGNALS - PROJECTED_SIGNALS, 0.0)
    assert calibration.support(without) < 0.5 < calibration.support(without | dict.fromkeys(DENSE_SIGNALS, 0.0))


def test_a_missing_feature_is_named() -> None:
    """A calibration of another program is refused with the name of the signal and the way out."""
    with pytest.raises(SettingError, match=r"'moon'.*eval calibrate"):
        Model(("moon",), (1.0,), (0.0,), (1.0,), (1.0,), 0.0).probability({"bm25": 1.0})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A calibration that is not there is refused with its path."""
    with pytest.raises(SettingError, match=r"none\.json"):
        Calibration.from_file(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"threshold": 0.5, "dense": {}, "lexical": {}}', "{"])
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    """A calibration that is none is refused with the way out."""
    path = tmp_path / "calibration.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match="eval calibrate"):
        Calibration.from_file(path)


def test_lists_of_different_lengths_are_refused() -> None:
    """A model that lost a coefficient is refused, not read askew."""
    data = SHIPPED.dense.as_data()
    with pytest.raises(ValueError, match="differ in length"):
        Model.from_data(data | {"means": data["means"][1:]})


def test_a_model_survives_being_written() -> None:
    """As plain data and back, a model is the same."""
    assert all(Model.from_data(model.as_data()) == model for model in MODELS)


def test_another_bar_leaves_the_models_alone() -> None:
    """Only the bars change, both to the same."""
    assert SHIPPED.with_threshold(0.9) == replace(SHIPPED, threshold=0.9, curated_threshold=0.9)


def test_no_hits_support_nothing() -> None:
    """With nothing found there are the signals of the lexical model, and support is low."""
    features = features_of("What does it cost?", ())
    assert set(features) == set(SIGNS) - DENSE_SIGNALS - PROJECTED_SIGNALS
    assert SHIPPED.support(features) < 0.1


def test_signals_of_words_come_from_the_best_sentence() -> None:
    """``sentence`` is the best score, ``distinctness`` its distance from the mean."""
    features = features_of("what does it cost", [found("One.\nTwo.", scores=(0.2, 0.6))])
    assert features["sentence"] == 0.6
    assert features["distinctness"] == pytest.approx(0.6 - (0.2 + 0.6) / 2)
    assert features.keys() == set(SIGNS) - DENSE_SIGNALS - PROJECTED_SIGNALS


def test_signals_of_meaning_are_there_with_cosines() -> None:
    """``focus`` is how far the nearest sentence stands out, ``joint`` the root of coverage times its nearness."""
    features = features_of("what does it cost", [found("One.", scores=(0.2,), cosines=True)])
    assert features["focus"] == pytest.approx(0.36 - 0.2)
    assert features["joint"] == pytest.approx(math.sqrt(0.64 * 0.36))
    assert features.keys() == set(SIGNS) - PROJECTED_SIGNALS


@pytest.mark.parametrize(
    ("question", "unnamed"),
    [
        ("Does the grant pay for Graz?", 0),
        ("Does the grant pay for Vienna?", 1),
        ("Does the grant pay 300 euro for Vienna in Olomouc and Warsaw?", 3),
        ("does the grant pay", 0),
        ("Can I use it within the Exchange?", 0),
    ],
)
def test_names_that_the_evidence_does_not_hold_are_counted(question: str, unnamed: int) -> None:
    """Names and figures are looked for in the sentence, its neighbours and the headings; at most three count."""
    features = features_of(question, [found("The grant pays 500 euro in Graz.", scores=(0.5,))])
    assert features["unnamed"] == unnamed


@pytest.mark.parametrize(
    ("question", "text", "negation"),
    [
        ("Which costs are not paid?", "The grant pays the flat.", 1),
        ("Which costs are not paid?", "The grant does not pay the flat.", 0),
        ("Which costs are paid?", "The grant does not pay the flat.", 0),
        ("Что нельзя оплатить?", "Грант оплачивает жильё.", 1),
        ("Грантқа не кірмейді, жоқ па?", "Грант пәтерді төлейді.", 1),
    ],
)
def test_a_denial_in_the_question_alone_counts_against_support(question: str, text: str, negation: int) -> None:
    """What a question denies and the sentence affirms is a near miss."""
    assert features_of(question, [found(text, scores=(0.5,))])["negation"] == negation


def test_a_section_without_sentences_has_signals_too() -> None:
    """A hit that holds no sentence gives zeros, not an error."""
    features = features_of("what does it cost", [found("", scores=())])
    assert features["sentence"] == features["distinctness"] == features["unnamed"] == 0.0
