"""What a sentence and its source differ in is told in the sentence's own words."""

from __future__ import annotations

import pytest
from fakes import document
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.verification.mentions import mentions
from assistant.answering.verification.mismatches import Mismatch, in_figures, in_names
from assistant.answering.verification.pointing import pointed
from assistant.answering.verification.sections import read
from assistant.types import LANGUAGES, Language

EMPTY = read(document("rules", "Nothing is told here").passages[0])


def told(sentence: str, language: Language) -> list[str]:
    """Return the words of a sentence that a section which tells nothing does not have, in their order."""
    found = [*in_figures(sentence, language, [EMPTY]), *in_names(mentions(sentence, language), [EMPTY])]
    return [pointed(sentence, language, each) for each in found]


@pytest.mark.parametrize(
    ("language", "sentence", "words"),
    [
        ("en", "The office replies by 5 May at the latest.", "5 May"),
        ("en", "The office replies by May 5 at the latest.", "May 5"),
        ("en", "The office replies within 90 calendar days.", "90 calendar days"),
        ("en", "The office wants B2 from everybody.", "B2"),
        ("en", "The office is paid per week by students.", "per week"),
        ("en", "The office has asked Aigerim about it.", "Aigerim"),
        ("en", "The office has a page, www.Example.edu, for all.", "Example.edu"),
        ("ru", "Отдел отвечает до 5 мая включительно.", "5 мая"),
        ("ru", "Отдел отвечает за девяносто дней.", "девяносто дней"),
        ("ru", "Отдел отправляет студентов в Польшу.", "Польша"),
        ("ru", "Отдел требует нотариальный перевод.", "нотариальный"),
        ("kk", "Бөлім 5 мамырға дейін жауап береді.", "5 мамырға"),
        ("kk", "Бөлім мамырдың 5-іне дейін жауап береді.", "мамырдың 5"),
        ("kk", "Бөлім 400 еуро сұрайды.", "400 еуро"),
        ("kk", "Бөлім студенттерді Польшаға жібереді.", "Польша"),
    ],
)
def test_figures_dates_and_names_are_told_as_they_are_written(language: Language, sentence: str, words: str) -> None:
    """A figure comes with its unit or month, a name of the catalogue as it is usually written."""
    assert words in told(sentence, language)


def test_a_limit_on_the_other_side_is_told_by_its_figure() -> None:
    """Who reads "at most" for "at least" is shown the figure."""
    held = read(document("rules", "A GPA of at least 2.67 is asked for.").passages[0])
    (found,) = in_figures("A GPA of at most 2.67 is asked for.", "en", [held])
    assert (found.kind, pointed("A GPA of at most 2.67 is asked for.", "en", found)) == ("side", "2.67")


@pytest.mark.parametrize("kind", ["negation", "modality", "opposite", "number", "name", "rate", "thing", "side"])
def test_what_is_about_no_words_points_at_none(kind: str) -> None:
    """A doubt is known by the name of its signal, which stands in no sentence."""
    assert pointed("The office replies within 90 days.", "en", Mismatch(kind, "loose_figures")) == ""  # type: ignore[arg-type]


@given(
    st.text(st.sampled_from("5 may мая мамыр Польша EUR 400 %-.«» B2дней\n"), max_size=80), st.sampled_from(LANGUAGES)
)
def test_own_words_stand_in_the_sentence(sentence: str, language: Language) -> None:
    """Whatever is pointed at as a figure is a part of the sentence, and never empty."""
    for found in in_figures(sentence, language, [EMPTY]):
        words = pointed(sentence, language, found)
        assert words
        assert words in sentence
