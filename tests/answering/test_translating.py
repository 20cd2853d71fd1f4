"""A quote in the reader's language, only where every figure and name is the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import document
from writing_fakes import FakeWriter

from assistant.answering.generative.prompting import Prompts
from assistant.answering.generative.translating import Translator, is_faithful
from assistant.answering.generative.writing import Leave
from assistant.settings import content
from assistant.types import Answer, Citation, Kind, Language, Source

QUOTE = "A room in Poland costs 400 euros a month until 15 June 2027."
RIGHT = "Комната в Польше стоит 400 евро в месяц до 15 июня 2027 года."


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        (RIGHT, "ru", True),
        ("2027 жылғы 15 маусымға дейін Польшада бөлме айына 400 еуро тұрады.", "kk", True),
        (RIGHT.replace("400", "500"), "ru", False),
        (RIGHT.replace("евро", "долларов"), "ru", False),
        (RIGHT.replace("15", "16"), "ru", False),
        (RIGHT.replace("Польше", "Чехии"), "ru", False),
        (RIGHT, "kk", False),
        ("Комната в Польше.", "ru", False),
        (RIGHT + " См. https://evil.example", "ru", False),
        (RIGHT * 4, "ru", False),
    ],
)
def test_only_a_faithful_translation_is_shown(text: str, language: Language, right: bool) -> None:
    """Figures, units, dates, names, language and length are those of the quote."""
    assert is_faithful(text, language, QUOTE, "en") is right


def answer(language: Language) -> Answer:
    """Return an answer in a language that quotes an English section."""
    passage = document("notes/room", QUOTE, language="en").passages[0]
    citation = Citation(mark=1, quote=QUOTE, passage=passage, kind=Kind.OTHER, source=Source(), stale=False)
    return Answer(language=language, text="[1]", composer="extractive", support=0.9, citations=(citation,))


def translated(text: str, language: Language = "ru", fault: str = "") -> tuple[str, FakeWriter]:
    """Return the translation of the quote by a model that writes this, and the model."""
    writer = FakeWriter(lambda _: text, fault=fault)
    reply = Translator(writer, Prompts.read(content("prompts"))).translated(answer(language), Leave())
    assert replace(reply.citations[0], translation="") == answer(language).citations[0]
    return reply.citations[0].translation, writer


def test_the_translation_stands_beside_the_quote() -> None:
    """The quote itself is not touched."""
    assert translated(RIGHT)[0] == RIGHT


@pytest.mark.parametrize(("text", "fault"), [(RIGHT.replace("400", "40"), ""), (RIGHT, "cut"), ("", "")])
def test_an_unfaithful_or_failed_translation_is_left_out(text: str, fault: str) -> None:
    """The quote is shown alone then."""
    assert translated(text, fault=fault)[0] == ""


def test_a_quote_in_the_language_of_the_reply_is_not_sent() -> None:
    """Nothing is asked of the model where there is nothing to translate."""
    assert not translated(RIGHT, language="en")[1].prompts


def test_nobody_waits_for_a_translation_after_leaving() -> None:
    """A visitor who has gone costs nothing."""
    writer, leave = FakeWriter(lambda _: RIGHT), Leave()
    leave.go()
    Translator(writer, Prompts.read(content("prompts"))).translated(answer("ru"), leave)
    assert not writer.prompts
