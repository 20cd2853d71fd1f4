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
        ("Ол әлі келмеген.", "kk"),
        ("Сіз бара алмайсыз.", "kk"),
        ("Ждать незачем.", "ru"),
        ("Спросить некого и некому.", "ru"),
        ("Вряд ли это поможет.", "ru"),
        ("Страница об этом умалчивает.", "ru"),
        ("Виза необязательна.", "ru"),
        ("The page is silent about fees.", "en"),
        ("They fail to answer.", "en"),
        ("It barely helps.", "en"),
        ("Біз уәде бере алмаймыз.", "kk"),
        ("Қатыспасаңыз, айтыңыз.", "kk"),
        ("Өтпеуіңіз мүмкін.", "kk"),
        ("Ешқайсысы ашылды.", "kk"),
    ],
)  # fmt: skip
def test_negation_is_found(text: str, language: Language) -> None:
    """A negation is found as a word and, in Kazakh, as an ending."""
    assert stance(text, language).denied


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Apply no later than 15 April.", "en"), ("It is noted.", "en"), ("Decree No 116 holds.", "en"), ("You cannot avoid it.", "en"), ("Не позднее 15 апреля.", "ru"), ("Небо ясное.", "ru"),
        ("Кем емес.", "kk"), ("Сіз барасыз.", "kk"), ("Алмасу бағдарламасы.", "kk"), ("Университетіңіз көмектеседі.", "kk"),
        ("Бағдарламаға тапсырма.", "kk"),
        ("Студенты не из ЕС.", "ru"),
        ("Полис от несчастных случаев.", "ru"),
        ("Подождите, пока не придёт письмо.", "ru"),
        ("Не свыше 10 кредитов.", "ru"),
        ("Что бы ни случилось, пишите.", "ru"),
        ("Семей университеті шығынды жабады.", "kk"),
        ("Бағдарламаңыз қауіпсіз.", "kk"),
        ("Кетпей тұрып сұраңыз.", "kk"),
        ("Төлемес бұрын сұраңыз.", "kk"),
        ("Кешіктірмей жазыңыз.", "kk"),
        ("500 доллардан аспайды.", "kk"),
        ("Сіз қатысуға міндеттісіз.", "kk"),
        ("Тоқтамай жүрді.", "kk"),
        ("Соған қарамастан барды.", "kk"),
        ("Саны көбейтілді.", "kk"),
    ],
)  # fmt: skip
def test_what_denies_nothing_is_no_negation(text: str, language: Language) -> None:
    """Limits ("no later than"), "before doing" and Kazakh words that look alike deny nothing."""
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
        ("Ждать незачем.", "ru", {"waived"}),
        ("Это необязательно.", "ru", {"waived"}),
        ("Можно не ждать.", "ru", {"waived"}),
        ("Нет необходимости ждать.", "ru", {"waived"}),
        ("Можно обойтись без визы.", "ru", {"waived"}),
        ("Студента освобождают от платы.", "ru", {"waived"}),
        ("Вас не заставляют ждать.", "ru", {"waived"}),
        ("Вы имеете право ждать.", "ru", {"may"}),
        ("Вы вольны ждать.", "ru", {"may"}),
        ("Нельзя не ждать.", "ru", {"must"}),
        ("Это воспрещается.", "ru", {"forbidden"}),
        ("Вы не имеете права ждать.", "ru", {"forbidden"}),
        ("Придётся ждать.", "ru", {"must"}),
        ("Оплата полагается.", "ru", {"must"}),
        ("Разумно подождать.", "ru", {"should"}),
        ("You are bound to register.", "en", {"must"}),
        ("You cannot do without a visa.", "en", {"must"}),
        ("The host asks for a certificate.", "en", {"must"}),
        ("It is left to you which course you take.", "en", {"may"}),
        ("It is up to you whether you go.", "en", {"may"}),
        ("Registration is optional.", "en", {"waived"}),
        ("You can do without a visa.", "en", {"waived"}),
        ("Nobody is obliged to register.", "en", {"waived"}),
        ("You are under no obligation to go.", "en", {"waived"}),
        ("You are exempt from the fee.", "en", {"waived"}),
        ("Final-year students are shut out.", "en", {"forbidden"}),
        ("You had better ask.", "en", {"should"}),
        ("A GPA of 3.2 or better suffices.", "en", set()),
        ("The call closes on 11 May.", "en", set()),
        ("Сұраудың қажеті жоқ.", "kk", {"waived"}),
        ("Барудың керегі жоқ.", "kk", {"waived"}),
        ("Тіркелмей-ақ қойыңыз.", "kk", {"waived"}),
        ("Оны сұрату шарт емес.", "kk", {"waived"}),
        ("Құжат талап етілмейді.", "kk", {"waived"}),
        ("Бұл сізді міндеттейді.", "kk", {"must"}),
        ("Төлеуге мәжбүрсіз.", "kk", {"must"}),
        ("Жұмыс істеуге құқылы.", "kk", {"may"}),
        ("Кіруге құқығы жоқ.", "kk", {"forbidden"}),
        ("Жұмысқа жол берілмейді.", "kk", {"forbidden"}),
        ("Рұқсатын көрсетті.", "kk", set()),
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
    ("text", "language"),
    [("This step is optional.", "en"), ("Шести слайдов достаточно.", "ru"), ("Виза міндеттелмейді.", "kk")],
)
def test_a_repeated_waiver_is_not_new(text: str, language: Language) -> None:
    """A source that waives without a word of denial carries a sentence that waives the same."""
    assert not waives_newly(stance(text, language), stance(text, language))


@pytest.mark.parametrize(
    ("said", "held", "language"),
    [
        ("Ask after departure.", "Ask before departure.", "en"), ("Осенний семестр", "Весенний семестр", "ru"),
        ("Күзгі семестр", "Көктемгі семестр", "kk"),
        ("Нередко", "Изредка", "ru"),
        ("Вуз не примет тест.", "Вуз примет тест.", "ru"),
        ("Всё оплачено полностью.", "Всё оплачено частично.", "ru"),
        ("Набор закрыт.", "Набор открыт.", "ru"),
        ("Это мешает.", "Это не мешает.", "ru"),
        ("Начало месяца", "Конец месяца", "ru"),
        ("Правила разные.", "Правила одинаковы.", "ru"),
        ("The round opened in March.", "The round closed in March.", "en"),
        ("Delete the data.", "Keep the data.", "en"),
        ("Classes are in person.", "Classes are online.", "en"),
        ("It is certain who paid.", "It is not known who paid.", "en"),
        ("The same rule holds.", "Rules differ.", "en"),
        ("Өтініш қабылданбады.", "Өтініш қабылданды.", "kk"),
        ("Көбіне көмектеседі.", "Сирек көмектеседі.", "kk"),
    ],
)  # fmt: skip
def test_opposites_are_found(said: str, held: str, language: Language) -> None:
    """A sentence that names the other side of a pair says something else."""
    assert opposite(stance(said, language), stance(held, language)) == 1
    assert opposite(stance(held, language), stance(held, language)) == 0


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Принимающий вуз", set()), ("Простуда", set()), ("Начальная школа", set()), ("Стараться", set()),
        ("Вуз не принимает тест.", {"accept_refuse.other"}), ("Не выбрасывайте чеки.", {"hold_lose.one"}),
    ],
)  # fmt: skip
def test_a_russian_word_that_only_begins_alike_names_no_side(text: str, sides: set[str]) -> None:
    """A receiving university accepts nothing by its name, a cold is not simple, and "do not throw away" is "keep"."""
    assert stance(text, "ru").sides == sides


@pytest.mark.parametrize(
    "text", ["It is up to you.", "You are free to go.", "It turns into a habit.", "This falls into May."]
)
def test_phrases_that_look_like_a_side_name_none(text: str) -> None:
    """No limit is "up to you", no price "free to go", no refusal "turns into", no season "falls into"."""
    assert not stance(text, "en").sides


def test_an_illness_and_a_discount_are_no_opposites() -> None:
    """Kazakh words that only begin like "hard", "easy" and "past" name no side."""
    assert not stance("Ауырып қалсаңыз, жеңілдік пен қиындық, емтиханнан өткен күн туралы айтыңыз.", "kk").sides


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_no_text_contradicts_itself(text: str, language: Language) -> None:
    """A text agrees with itself, whatever it says."""
    own = stance(text, language)
    assert not denies_newly(own, own)
    assert not other_modality(own, own)
    assert not waives_newly(own, own)
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
