"""The plan in words and as Markdown."""

from __future__ import annotations

import re
import string
import time
import tomllib
from dataclasses import replace
from datetime import date
from importlib import resources

import pytest
from babel import Locale
from markdown_it import MarkdownIt
from plan_fakes import DEPARTURE, plan, shipped_steps, step

from assistant.preparation.plan_text import (
    departure_words,
    due_words,
    hidden_words,
    length_words,
    markdown,
    phase_name,
    progress_words,
    section_address,
    wording,
)
from assistant.preparation.profile import Profile
from assistant.preparation.steps import Condition, Phase
from assistant.types import LANGUAGES, Language

COUNTED = {"months", "more"}
"""Groups whose keys are the plural forms of a language."""

ADDRESS = "https://host"


def placeholders(text: str) -> set[str]:
    """Return the names that a text wants filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words(language: Language) -> None:
    """Groups, keys and placeholders are those of English, and no text is empty."""
    english, other = wording("en"), wording(language)
    assert other.keys() == english.keys()
    for group in english.keys() - COUNTED:
        assert other[group].keys() == english[group].keys()
        for key, text in other[group].items():
            assert text.strip()
            assert placeholders(text) == placeholders(english[group][key]), (group, key)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", sorted(COUNTED))
def test_counted_words_have_the_forms_of_their_language(language: Language, group: str) -> None:
    """There is a form for every number, and no form that no number uses."""
    rule = Locale.parse(language).plural_form
    assert wording(language)[group].keys() == {rule(number) for number in range(200)}
    assert all(placeholders(text) == {"count"} for text in wording(language)[group].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phase_and_condition_has_words(language: Language) -> None:
    """A phase or a field without words would end in an error before a student."""
    assert {phase.value for phase in Phase} == wording(language)["phase"].keys()
    assert set(Condition.model_fields) == wording(language)["hidden"].keys()
    assert len({phase_name(phase, language) for phase in Phase}) == len(Phase)


def test_kazakh_is_kazakh_and_russian_is_russian() -> None:
    """Every longer Kazakh text holds a Kazakh letter, no Russian text does, and neither holds a Latin word."""
    for language, wanted in (("kk", True), ("ru", False)):
        path = resources.files("assistant.preparation") / "wording" / f"{language}.toml"
        for texts in tomllib.loads(path.read_text(encoding="utf-8")).values():
            for text in texts.values():
                words = re.sub(r"\{[a-z]+\}", "", text)
                assert not re.search("[A-Za-z]", words), text
                if len(words) > 30:
                    assert bool(re.search("[әғқңөұүһі]", words.lower())) == wanted, text


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [
        ("en", 1, "1 more step depends on your level"),
        ("en", 9, "9 more steps depend on your level"),
        ("ru", 1, "Ещё 1 шаг зависит от уровня"),
        ("ru", 3, "Ещё 3 шага зависят от уровня"),
        ("ru", 11, "Ещё 11 шагов зависят от уровня"),
        ("ru", 21, "Ещё 21 шаг зависит от уровня"),
        ("kk", 5, "Тағы 5 қадам оқу деңгейіне байланысты"),
    ],
)
def test_hidden_steps_are_counted_in_the_right_form(language: Language, count: int, expected: str) -> None:
    """The number and its noun agree, and the field is named."""
    (line,) = hidden_words(replace(plan(), hidden={"level": count}), language)
    assert line.startswith(expected)


@pytest.mark.parametrize(
    ("language", "due", "departure", "length", "progress"),
    [
        ("en", "due 1 June 2027", "Departure: September 2027", "Length of stay: 2 months", "Done: 1 of 1"),
        (
            "ru",
            "срок: 1 июня 2027\u202fг.",
            "Отъезд: сентябрь 2027\u202fг.",
            "Срок поездки: 2 месяца",
            "Сделано: 1 из 1",
        ),
        (
            "kk",
            "мерзімі: 2027\u202fж. 1 маусым",
            "Аттану: 2027\u202fж. қыркүйек",
            "Болу мерзімі: 2 ай",
            "Орындалғаны: 1, барлығы: 1",
        ),
    ],
)
def test_days_and_lengths_are_written_out(
    language: Language, due: str, departure: str, length: str, progress: str
) -> None:
    """Each language writes days, months and numbers its own way."""
    made = plan(step("a"), profile=Profile(departure=DEPARTURE, months=2), done=frozenset({"a"}))
    assert due_words(date(2027, 6, 1), language) == due
    assert departure_words(made, language) == departure
    assert length_words(made, language) == length
    assert progress_words(made, language) == progress


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_assumed_length_is_called_assumed(language: Language) -> None:
    """Nobody takes five months for their own answer, and a missing departure is named."""
    made = plan(step("a"), profile=Profile())
    named = replace(made, assumed_months=False)
    assert length_words(made, language).startswith(length_words(named, language))
    assert length_words(made, language) != length_words(named, language)
    assert departure_words(made, language) == wording(language)["plan"]["no_departure"]


def test_an_address_has_one_slash_between_its_parts() -> None:
    """It does not matter whether the base address ends in a slash."""
    expected = "https://host/kk/library/host_guides/poland#visa"
    assert section_address("host_guides/poland#visa", "kk", "https://host") == expected
    assert section_address("host_guides/poland#visa", "kk", "https://host/") == expected


def test_markdown_shows_overdue_steps_first_then_the_phases() -> None:
    """Heading, facts, what is overdue, then each phase with boxes, days, reasons and links; what is hidden ends it."""
    made = plan(
        step("late", title="Think", due={"months_before": 10}),
        step("ready", title="Choose", due={"months_before": 9}),
        step("pack", "travel", title="Pack", due={"months_before": 1}, section="host_guides/{destination}#visa"),
        step("master", when={"level": ["master"]}),
        done=frozenset({"ready"}),
    )
    assert markdown(made, "en", address=ADDRESS) == (
        "# My exchange plan\n"
        "\n"
        "- Departure: September 2027\n"
        "- Length of stay: 5 months\n"
        "- Done: 1 of 3\n"
        "\n"
        f"{wording('en')['plan']['note']}\n"
        "\n"
        "## Overdue: begin here (1)\n"
        "\n"
        "- [ ] **Think** (due 1 November 2026)\n"
        "  It helps. [Read more](https://host/en/library/regulations/rules#gpa)\n"
        "\n"
        "## Choosing (1)\n"
        "\n"
        "- [x] **Choose** (due 1 December 2026)\n"
        "  It helps. [Read more](https://host/en/library/regulations/rules#gpa)\n"
        "\n"
        "## Setting off (1)\n"
        "\n"
        "- [ ] **Pack** (due 1 August 2027)\n"
        "  It helps.\n"
        "\n"
        "## More steps\n"
        "\n"
        "- 1 more step depends on your level of study: once you choose it, the plan shows what concerns you.\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("departure", [None, date(2027, 2, 1), DEPARTURE])
def test_every_step_of_the_shipped_plan_is_printed_once(language: Language, departure: date | None) -> None:
    """However much is overdue, each title stands there exactly once, with its box."""
    profile = Profile(departure=departure, destination="TR", programme="mevlana", level="master", school_practice=True)
    made = plan(*shipped_steps(), profile=profile)
    text = markdown(made, language, address=ADDRESS)
    assert text.count("- [ ] ") == made.total
    for each in made.steps:
        assert text.count(f"- [ ] **{each.step.title[language]}**") == 1
    assert text.count("/library/") == made.total


@pytest.mark.parametrize("title", ["Say *no* to [this](http://evil)", "`code` _and_ <b>tags</b>", r"back\slash"])
def test_markdown_keeps_a_title_as_it_is(title: str) -> None:
    """Signs that mean something in Markdown are shown and not obeyed."""
    text = markdown(plan(step("a", title=title, why=title)), "en", address=ADDRESS)
    inline = [token for token in MarkdownIt().parse(text) if token.type == "inline" and "Read more" in token.content]
    shown = "".join(child.content for child in inline[0].children or ())
    assert shown.count(title) == 2
    assert "http://evil" not in [child.attrGet("href") for child in inline[0].children or ()]


def test_long_repetitions_take_no_time() -> None:
    """Fifty thousand special signs are escaped in a moment."""
    made = plan(step("a", title="[" * 50_000, why="\\" * 50_000))
    began = time.process_time()
    assert len(markdown(made, "ru", address=ADDRESS)) > 200_000
    assert time.process_time() - began < 1
