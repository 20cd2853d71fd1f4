"""Negation and modality are read in three languages, and what contradicts them is found."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.verification.polarity import (
    denied_otherwise,
    denies_newly,
    joined,
    opposite,
    other_modality,
    stance,
    stems,
    waives_newly,
)
from assistant.types import LANGUAGES, Language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A visa is not needed.", "en"), ("You can't apply.", "en"), ("Go without a visa.", "en"), ("Виза не нужна.", "ru"),
        ("Ехать без визы нельзя.", "ru"), ("Виза қажет емес.", "kk"), ("Құжат қабылданбайды.", "kk"), ("Құжатсыз бармаңыз.", "kk"),
        ("Ол әлі келмеген.", "kk"), ("Сіз бара алмайсыз.", "kk"),
    ],
)  # fmt: skip
def test_negation_is_found(text: str, language: Language) -> None:
    """A negation is found as a word and, in Kazakh, as an ending."""
    assert stance(text, language).denied


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Apply no later than 15 April.", "en"), ("It is noted.", "en"), ("Не позднее 15 апреля.", "ru"), ("Небо ясное.", "ru"),
        ("Кем емес.", "kk"), ("Сіз барасыз.", "kk"), ("Алмасу бағдарламасы.", "kk"), ("Университетіңіз көмектеседі.", "kk"),
        ("Бағдарламаға тапсырма.", "kk"),
    ],
)  # fmt: skip
def test_what_denies_nothing_is_no_negation(text: str, language: Language) -> None:
    """Limits ("no later than") and Kazakh endings that look alike deny nothing."""
    assert not stance(text, language).denied


@pytest.mark.parametrize(
    ("text", "language", "modality"),
    [
        ("You must apply.", "en", {"must"}), ("You should apply.", "en", {"should"}), ("You may apply.", "en", {"may"}),
        ("You need not apply.", "en", {"waived"}), ("You must not apply.", "en", {"forbidden"}),
        ("It is not required.", "en", {"waived"}), ("Вы обязаны.", "ru", {"must"}), ("Это рекомендуется.", "ru", {"should"}),
        ("Это можно.", "ru", {"may"}), ("Это не нужно.", "ru", {"waived"}), ("Это нельзя.", "ru", {"forbidden"}),
        ("Бұл міндетті.", "kk", {"must"}), ("Бұл ұсынылады.", "kk", {"should"}), ("Бұл мүмкін.", "kk", {"may"}),
        ("Бұл міндетті емес.", "kk", {"waived"}), ("Бұған болмайды.", "kk", {"forbidden"}),
    ],
)  # fmt: skip
def test_modality_has_five_classes(text: str, language: Language, modality: set[str]) -> None:
    """Duty, advice, permission, waiver and prohibition are told from one another."""
    assert stance(text, language).modality == modality


@pytest.mark.parametrize(
    ("said", "held", "language"),
    [
        ("You must register.", "You are advised to register.", "en"),
        ("Вы обязаны встать на учёт.", "Рекомендуется встать на учёт.", "ru"),
        ("Тіркелуге міндеттісіз.", "Тіркелу ұсынылады.", "kk"),
        ("You may stay away.", "You must attend.", "en"),
    ],
)
def test_advice_is_no_duty_and_duty_no_permission(said: str, held: str, language: Language) -> None:
    """Another class than that of the source is another modality, in either direction."""
    assert other_modality(stance(said, language), stance(held, language))
    assert not other_modality(stance(held, language), stance(held, language))


def test_a_negation_of_other_words_is_another() -> None:
    """What each side denies must be denied on the other, too."""
    held, said = "Do not write the same question to five people.", "Write the same question to five people, not to ten."
    assert denied_otherwise(stance(held, "en"), stance(said, "en"), frozenset(stems(said, "en"))) == 1
    assert denied_otherwise(stance(held, "en"), stance(held, "en"), frozenset(stems(held, "en"))) == 0


def test_a_waiver_needs_one_in_the_source() -> None:
    """Whoever says "not required" needs a source that denies something."""
    assert waives_newly(stance("A visa is not required.", "en"), stance("Bring a visa.", "en"))
    assert not waives_newly(stance("A visa is not required.", "en"), stance("No visa is asked for.", "en"))


@pytest.mark.parametrize(
    ("said", "held", "language"),
    [
        ("Ask after departure.", "Ask before departure.", "en"), ("Осенний семестр", "Весенний семестр", "ru"),
        ("Күзгі семестр", "Көктемгі семестр", "kk"),
    ],
)  # fmt: skip
def test_opposites_are_found(said: str, held: str, language: Language) -> None:
    """A sentence that names the other side of a pair says something else."""
    assert opposite(stance(said, language), stance(held, language)) == 1
    assert opposite(stance(held, language), stance(held, language)) == 0


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_no_text_contradicts_itself(text: str, language: Language) -> None:
    """A text agrees with itself, whatever it says."""
    own = stance(text, language)
    assert not denies_newly(own, own)
    assert not other_modality(own, own)
    assert opposite(own, own) == 0
    assert denied_otherwise(own, own, frozenset(stems(text, language))) == 0
    assert joined([own]) == own


@pytest.mark.parametrize("piece", ["not ", "ма", "мамама ", "сыз", "не ", "емес ", "a", "n't", "кем емес "])
@pytest.mark.parametrize("language", LANGUAGES)
def test_endless_texts_have_a_stance_in_time(piece: str, language: Language) -> None:
    """Eight times the text takes about eight times the time, not sixty-four."""

    def seconds(length: int) -> float:
        begun = time.process_time()
        stance.__wrapped__((piece * length)[:length], language)
        return time.process_time() - begun

    seconds(1_000)
    assert min(seconds(50_000) for _ in range(2)) < 32 * max(min(seconds(6_250) for _ in range(3)), 0.02)
