"""How prepared students feel: the statements, what is taken as an answer, and where it says that they stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.preparation.profile import Rule
from assistant.preparation.readiness import (
    Band,
    Challenge,
    Readiness,
    check_readiness,
    read_answers,
    read_readiness,
    readiness_data,
    standing,
    text_plot,
)
from assistant.preparation.steps import read_steps
from assistant.types import LANGUAGES

BASE = Path(__file__).parents[2] / "knowledge_base"
SECTIONS = frozenset({"adaptation/guide#one", "adaptation/guide#two"})
STEPS = frozenset({"train"})


def written(folder: Path, **changes: Any) -> Path:
    """Return the folder after writing twelve statements, the first of them changed."""
    words = {"en": "Words", "ru": "Слова", "kk": "Сөз"}
    items: list[dict[str, Any]] = [
        {
            "id": f"{challenge.value}-{number}",
            "challenge": challenge.value,
            "statement": words,
            "sections": ["adaptation/guide#one"],
        }
        for challenge in Challenge
        for number in range(3)
    ]
    items[0].update(changes)
    data = {
        "scale": [words] * 5,
        "bands": {band.value: words for band in Band},
        "note": words,
        "challenges": {challenge.value: words for challenge in Challenge},
        "items": items,
    }
    (folder / "readiness.yaml").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def shipped() -> Readiness:
    """Return the statements that are shipped."""
    value = read_readiness(BASE).value
    assert isinstance(value, Readiness)
    return value


def test_the_shipped_statements_differ_and_lead_to_steps_that_exist(shipped: Readiness) -> None:
    """Twelve statements are three a challenge, none said twice in any language."""
    for language in LANGUAGES:
        assert len({item.statement[language] for item in shipped.items}) == 12
    steps = {step.id for step in read_steps(BASE).value.steps}
    assert {step for item in shipped.items for step in item.steps} <= steps


def test_a_base_without_statements_has_no_fault(tmp_path: Path) -> None:
    """The file may be missing."""
    assert read_readiness(tmp_path).value is None
    assert check_readiness(tmp_path, SECTIONS, STEPS) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sections": ["adaptation/guide#three"]}, "no section 'adaptation/guide#three'"),
        ({"sections": ["host_guides/{destination}#visa"]}, "no section 'host_guides/{destination}#visa'"),
        ({"sections": []}, "sections"),
        ({"sections": ["adaptation/guide#one"] * 4}, "sections"),
        ({"steps": ["dance"]}, "no step 'dance'"),
        ({"id": "money-0"}, "stands here twice"),
        ({"challenge": "weather"}, "challenge"),
        ({"challenge": "money"}, "language 2, money 4"),
        ({"statement": {"en": "Words", "ru": "Слова"}}, "statement.kk is missing"),
        ({"total": "1"}, "not a field"),
    ],
)
def test_faults_name_what_is_wrong(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    """Each sort of mistake is found, with the file and its line."""
    assert not check_readiness(written(tmp_path), SECTIONS, STEPS)
    faults = check_readiness(written(tmp_path, **changes), SECTIONS, STEPS)
    assert any(words in fault.message for fault in faults), faults
    assert all(fault.path == "readiness.yaml" and fault.line >= 1 for fault in faults)


def test_a_fault_stands_on_its_line(tmp_path: Path) -> None:
    """The line of a fault is the line of the section that does not exist."""
    folder = written(tmp_path, sections=["adaptation/guide#one", "adaptation/guide#three"])
    lines = (folder / "readiness.yaml").read_text(encoding="utf-8").splitlines()
    [fault] = check_readiness(folder, SECTIONS, STEPS)
    assert "guide#three" in lines[fault.line - 1]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (5, Rule.OUT_OF_RANGE),
        (-1, Rule.OUT_OF_RANGE),
        ("9", Rule.OUT_OF_RANGE),
        ("x", Rule.NO_WHOLE_NUMBER),
        (2.5, Rule.NO_WHOLE_NUMBER),
        (True, Rule.NO_WHOLE_NUMBER),
        ([3], Rule.NO_WHOLE_NUMBER),
        pytest.param(10**5000, Rule.OUT_OF_RANGE, id="more digits than are written"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_reason(shipped: Readiness, value: object, rule: Rule) -> None:
    """What is no step from 0 to 4 is named with the rule, and the other answers are taken."""
    answers, refused = read_answers(shipped.items, {"reserve": value, "citing": "3", "deadlines": ""})
    assert answers == {"citing": 3}
    assert [(each.field, each.rule, each.allowed) for each in refused] == [("reserve", rule, "0–4")]


def test_an_unknown_statement_is_refused(shipped: Readiness) -> None:
    """An answer to a statement that does not exist is named."""
    answers, [refused] = read_answers(shipped.items, {"weather": 2})
    assert (answers, refused.field, refused.rule) == ({}, "weather", Rule.UNKNOWN_FIELD)
    assert "lecture-notes" in refused.allowed


@given(data=st.data())
def test_no_answer_makes_reading_or_standing_fail(shipped: Readiness, data: st.DataObject) -> None:
    """Whatever is given, each entry is taken as 0 to 4 or refused, and the means lie between the answers."""
    names = st.sampled_from([item.id for item in shipped.items]) | st.text(max_size=80)
    values = st.integers() | st.floats() | st.text(max_size=80) | st.booleans() | st.lists(st.integers(), max_size=2)
    entries = data.draw(st.dictionaries(names, values, max_size=14))
    answers, refused = read_answers(shipped.items, entries)
    assert all(0 <= answer <= 4 for answer in answers.values())
    assert len(answers) + len(refused) == sum(value != "" for value in entries.values())
    standings = standing(shipped.items, answers)
    assert sum(each.answered for each in standings) == len(answers)
    for each in standings:
        own = [answers[item.id] for item in shipped.items if item.challenge is each.challenge and item.id in answers]
        assert (each.mean is None) == (not own)
        assert each.mean is None or min(own) <= each.mean <= max(own)
        assert len(set(each.helps)) == len(each.helps) <= 4
    for language in LANGUAGES:
        json.dumps(readiness_data(shipped, standings, language))


def test_challenges_stand_in_fixed_order_and_without_answers_say_nothing(shipped: Readiness) -> None:
    """Nobody who has answered nothing is told where they stand, and there is no sum over the challenges."""
    standings = standing(shipped.items, {})
    assert [each.challenge for each in standings] == list(Challenge)
    assert all(
        (each.answered, each.asked, each.mean, each.band, each.helps) == (0, 3, None, None, ()) for each in standings
    )
    assert set(readiness_data(shipped, standings, "en")) == {"note", "plot", "challenges"}


def test_help_comes_for_the_lowest_answer_first_and_once(shipped: Readiness) -> None:
    """The sections and the step of the lowest answer lead; a full answer and a repeated step add nothing."""
    language = standing(shipped.items, {"lecture-notes": 4, "seminar-speaking": 3, "written-work": 0})[0]
    items = {item.id: item for item in shipped.items}
    assert [each.id for each in language.helps] == [
        *items["written-work"].sections,
        "train-english",
        items["seminar-speaking"].sections[0],
    ]
    assert [each.form for each in language.helps] == ["section", "section", "step", "section"]
    assert standing(shipped.items, {"lecture-notes": 4})[0].helps == ()


@pytest.mark.parametrize(
    ("answers", "band"),
    [
        ((0, 0, 0), Band.NEEDS_TIME),
        ((1, 1, 1), Band.NEEDS_TIME),
        ((1, 1, 2), Band.ON_THE_WAY),
        ((2, 2, 3), Band.ON_THE_WAY),
        ((2, 3, 3), Band.WELL_UNDER_WAY),
        ((4, 4, 4), Band.WELL_UNDER_WAY),
    ],
)
def test_each_band_takes_a_third_of_the_way(shipped: Readiness, answers: tuple[int, ...], band: Band) -> None:
    """The words follow the mean alone."""
    names = [item.id for item in shipped.items if item.challenge is Challenge.MONEY]
    stand = standing(shipped.items, dict(zip(names, answers, strict=True)))[2]
    assert (stand.mean, stand.band) == (sum(answers) / 3, band)


def test_the_plot_has_a_bar_a_challenge_as_long_as_the_mean(shipped: Readiness) -> None:
    """A line shows bar, name and band in words; without an answer the bar is empty and there is no band."""
    standings = standing(shipped.items, {"lecture-notes": 2, "reserve": 4})
    assert text_plot(shipped, standings, "ru").splitlines() == [
        "■■■■□□□□ Язык — подготовка идёт",
        "□□□□□□□□ Учёба и культура за рубежом",
        "■■■■■■■■ Деньги — подготовка идёт хорошо",
        "□□□□□□□□ Исследовательские навыки",
    ]


def test_the_data_of_each_language_carry_the_note_that_it_is_no_test(shipped: Readiness) -> None:
    """The same standing is told in three languages, always with the note."""
    standings = standing(shipped.items, {"citing": 1})
    told = [readiness_data(shipped, standings, language) for language in LANGUAGES]
    assert "not a test" in told[0]["note"]
    assert [each["challenges"][3]["band"] for each in told] == ["needs time", "нужно время", "уақыт керек"]
    assert len({json.dumps([c["helps"] for c in each["challenges"]]) for each in told}) == 1
