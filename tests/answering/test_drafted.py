"""Cutting a model's text into sentences as it comes, and what no sentence may hold."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.generative.drafted import (
    PARROTED,
    Sentence,
    Stream,
    forbidden,
    parroted,
    prompt_runs,
    unrelated,
)

TEXT = """You need a GPA of 2.8 [1]. The deadline is 15 April. [2] Prof. Smith helps 【1, 3】.

- First, ask **the office** [1].
- Then send it to office@abai.kz [2]

Соңғы күні — 15 сәуір [3]."""


def cut(text: str, size: int) -> list[Sentence]:
    """Return the sentences of a text that comes in pieces of this size."""
    stream, found = Stream(), []
    for start in range(0, len(text), size):
        found += stream.add(text[start : start + size])
    return [*found, *stream.end()]


def test_each_sentence_has_its_marks() -> None:
    """A mark belongs to the sentence it ends, also behind the full stop; the text is plain."""
    assert [(each.text, each.marks) for each in cut(TEXT, 5)] == [
        ("You need a GPA of 2.8.", (1,)),
        ("The deadline is 15 April.", (2,)),
        ("Prof. Smith helps.", (1, 3)),
        ("First, ask the office.", (1,)),
        ("Then send it to office@abai.kz", (2,)),
        ("Соңғы күні — 15 сәуір.", (3,)),
    ]


def test_the_form_of_the_text_is_kept() -> None:
    """Items of a list begin lines, and a blank line parts paragraphs."""
    assert [(each.before, each.item) for each in cut(TEXT, 9)[1:]] == [
        (" ", False), (" ", False), ("\n\n", True), ("\n", True), ("\n\n", False)
    ]  # fmt: skip


@given(st.integers(1, len(TEXT)))
def test_it_does_not_matter_how_the_text_is_cut_into_pieces(size: int) -> None:
    """Sentences are the same in pieces of every size."""
    assert cut(TEXT, size) == cut(TEXT, len(TEXT))


@given(st.text(alphabet="ab. [1]\n-*<>!?«»", max_size=80), st.integers(1, 9))
def test_no_text_breaks_the_cutting(text: str, size: int) -> None:
    """Every sentence has a letter or digit and holds no mark."""
    for each in cut(text, size):
        assert any(character.isalnum() for character in each.text)
        assert "[1]" not in each.text


def test_a_sentence_comes_when_the_next_one_has_begun() -> None:
    """Nobody waits for the end of the whole text."""
    stream = Stream()
    assert not [*stream.add("The deadline is 15 April")]
    assert not [*stream.add(". [2]")]
    assert [each.text for each in stream.add(" And the")] == ["The deadline is 15 April."]


def test_what_a_model_thinks_aloud_is_no_text() -> None:
    """Reasoning between its tags is left out."""
    assert [each.text for each in cut("<think>Maybe 3.5. No.</think>It is 2.8 [1].", 4)] == ["It is 2.8."]


@pytest.mark.parametrize(
    "text",
    [
        "See https://evil.example/x?q=1 now.",
        "Write to thief@evil.example.",
        "Look at evil.example/now today.",
        "![x](x) is a picture.",
        "Click [here](page).",
        "<b>Bold</b> words.",
        "Run javascript:alert(1) now.",
        "One | two | three.",
        "A&nbsp;b.",
        "x" * 800,
    ],
)
def test_markup_and_foreign_addresses_are_forbidden(text: str) -> None:
    """A sentence may not hold markup, nor an address that stands nowhere in what it cites."""
    assert forbidden(text, "Write to office@abai.kz or see https://abai.kz/en.")


@pytest.mark.parametrize("text", ["Write to office@abai.kz.", "See abai.kz/en.", "Балл 2.5, т.б.", "Note: 5.5 points."])
def test_addresses_of_the_source_and_figures_are_not(text: str) -> None:
    """What the cited section says may be said."""
    assert not forbidden(text, "Write to office@abai.kz or see https://abai.kz/en.")


def test_words_of_the_prompt_are_noticed() -> None:
    """Eight words of it in a row are its words, seven may be chance."""
    runs = prompt_runs(["Say only what the numbered sections say and nothing else at all."])
    assert parroted("I say only what the numbered sections say and more.", runs)
    assert not parroted("Only what the numbered sections say.", runs)
    assert PARROTED == 8


@pytest.mark.parametrize(
    "text",
    [
        "I am sorry, but I cannot help with that request.",
        "К сожалению, я не могу помочь вам с этим вопросом.",
        "Өкінішке қарай, мен бұл сұраққа көмектесе алмаймын.",
        "Blorp zint farn.",
        "März bis zum 15.",
        "15 April.",
        "",
    ],
)
def test_what_is_about_something_else_is_unrelated(text: str) -> None:
    """Excuses, words of no language and pieces of sentences have nothing to do with what they cite."""
    cited = (
        "Students apply between 1 March and 15 April. An interview is not required. Для обмена нужен GPA. Өтінім керек."
    )
    assert unrelated(text, cited)
    assert not unrelated("You do not need an interview, it is not required.", cited)


def test_thoughts_that_have_not_ended_are_no_text() -> None:
    """A text that was still thinking when it ended says only what it said before."""
    assert [each.text for each in cut("The GPA is 2.67. <think>Is it? I wonder.", 5)] == ["The GPA is 2.67."]


@pytest.mark.parametrize("text", ["[1" * 25_000, "<think>" * 7_000, "a." * 25_000, "www." * 12_000, "- " * 25_000])
def test_long_repetitions_take_linear_time(text: str) -> None:
    """No text of 50,000 characters holds the program up."""
    began = time.process_time()
    cut(text, 5_000)
    forbidden(text, "")
    unrelated(text, text)
    assert time.process_time() - began < 5
