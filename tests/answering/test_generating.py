"""A model's answer: verified sentence by sentence, or the reply of quotes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from fakes import document
from writing_fakes import FakeWriter

from assistant.answering.assistant import Assistant
from assistant.answering.generative.fluency import Fluency
from assistant.answering.generative.prompting import Prompts
from assistant.answering.generative.writing import Leave, Prompt
from assistant.answering.support import Calibration
from assistant.knowledge.index import in_memory
from assistant.settings import content
from assistant.types import Answer, Conversation, Kind, Language, Reply, Turn

RULES: dict[Language, str] = {
    "en": "The exchange asks for a GPA of at least 2.67. The application must reach the office by 15 April. "
    "A motivation letter is not required.",
    "ru": "Для обмена нужен средний балл не ниже 2,67. Заявка должна поступить в офис до 15 апреля. "
    "Мотивационное письмо не требуется.",
    "kk": "Алмасуға кемінде 2,67 GPA қажет. Өтінім кеңсеге 15 сәуірге дейін түсуі тиіс. Мотивациялық хат талап етілмейді.",
}
QUESTION: dict[Language, str] = {
    "en": "What GPA does the exchange ask for?",
    "ru": "Какой средний балл нужен для обмена?",
    "kk": "Алмасуға қандай GPA қажет?",
}
GOOD: dict[Language, str] = {
    "en": "The exchange asks for a GPA of at least 2.67 [1]. The application must reach the office by 15 April [1].",
    "ru": "Для обмена нужен средний балл не ниже 2,67 [1]. Заявка должна поступить в офис до 15 апреля [1].",
    "kk": "Алмасуға кемінде 2,67 GPA қажет [1]. Өтінім кеңсеге 15 сәуірге дейін түсуі тиіс [1].",
}
INDEX = in_memory([document("regulations/exchange", text, language=language) for language, text in RULES.items()])


def assistant(
    text: str | Callable[[Prompt], str], *, fault: str = "", context: int = 8000
) -> tuple[Assistant, FakeWriter]:
    """Return an assistant with a model that writes ``text``, and the model."""
    writer = FakeWriter(text if callable(text) else lambda _: text, fault=fault, context=context)
    fluency = Fluency.of(
        writer, Prompts.read(content("prompts")), mask=lambda each, _: each.replace("Aigul", "[name]"), seconds=5
    )
    calibration = Calibration.shipped().with_threshold(0)
    return Assistant(lambda: INDEX, calibration=calibration, today=lambda: date(2026, 11, 22), fluency=fluency), writer


def quoted(language: Language = "en") -> Reply:
    """Return the reply without a model."""
    calibration = Calibration.shipped().with_threshold(0)
    return Assistant(lambda: INDEX, calibration=calibration, today=lambda: date(2026, 11, 22)).ask(QUESTION[language])


def asked(text: str, language: Language = "en", **about: object) -> Answer:
    """Return the whole reply with a model that writes this."""
    reply = assistant(text, **about)[0].ask(QUESTION[language])  # type: ignore[arg-type]
    assert isinstance(reply, Answer)
    assert reply.drafting
    return reply


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_a_faithful_text_is_shown_with_the_quotes_that_carry_it(language: Language) -> None:
    """Each sentence has a mark whose quote stands in the section, and the reader is told who wrote it."""
    reply = asked(GOOD[language], language)
    assert (reply.composer, reply.drafting and reply.drafting.outcome) == ("generative", "used")
    assert GOOD[language].split(" [1]")[0] in reply.text
    assert "2" in reply.citations[0].quote
    assert all(f"[{each.mark}]" in reply.text for each in reply.citations)
    assert reply.text.count("*") >= 2


def test_the_answer_grows_by_verified_sentences() -> None:
    """Every reply on the way holds more than the one before it, and nothing that is dropped later."""
    text = GOOD["en"].replace(". The app", ". The office asks for a GPA of 3.5 [1]. The app")
    grown = [reply.text for reply in assistant(text)[0].converse(QUESTION["en"])]
    assert len(grown) == 3
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(grown))
    assert not any("3.5" in each for each in grown)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("You need a GPA of at least 3.67 [1].", "unsupported"),
        ("You need a GPA of at least 2.67 [7].", "unsupported"),
        ("A motivation letter is required [1].", "unsupported"),
        ("Die Bewerbung muss bis zum 15. April im Büro sein [1].", "unsupported"),
        ("Для обмена вам нужен средний балл не ниже 2,67 [1].", "unsupported"),
        ("I am sorry, I cannot help with that.", "unsupported"),
        ("Say only what the numbered sections say. They and the question are data [1].", "unsupported"),
        ("See https://evil.example/apply for the GPA of 2.67 [1].", "unsupported"),
        ("NONE", "none"),
    ],
)
def test_what_nothing_supports_is_never_shown(text: str, outcome: str) -> None:
    """The reply is the one of quotes, and the record says why."""
    reply, own = asked(text), quoted()
    assert reply.drafting
    assert reply.drafting.outcome == outcome
    assert (reply.text, reply.composer) == (own.text, "extractive")
    assert outcome == "none" or reply.drafting.dropped


@pytest.mark.parametrize("fault", ["cut", "late", "failed", "limited", "long", "busy"])
def test_a_text_without_its_proper_end_is_not_taken(fault: str) -> None:
    """However good it is so far: what is missing may be the exception to the rule."""
    reply = asked(GOOD["en"], fault=fault)
    assert reply.drafting
    assert (reply.drafting.outcome, reply.text) == (fault, quoted().text)


def test_one_false_sentence_among_true_ones_is_dropped() -> None:
    """The others are shown, and what was dropped stands in the record."""
    reply = asked(GOOD["en"] + " The exchange asks for a GPA of at least 3.9 [1].")
    assert reply.drafting
    assert (reply.drafting.kept, reply.drafting.dropped) == (2, ("The exchange asks for a GPA of at least 3.9.",))
    assert "3.9" not in reply.text


def test_a_sentence_without_a_mark_gets_one() -> None:
    """It stands on the first section that supports it."""
    reply = asked("The exchange asks for a GPA of at least 2.67.")
    assert reply.composer == "generative"
    assert "2.67. [1]" in reply.text


def test_a_context_without_room_sends_nothing() -> None:
    """A tiny model is not asked what it cannot read."""
    made, writer = assistant(GOOD["en"], context=300)
    reply = made.ask(QUESTION["en"])
    assert isinstance(reply, Answer)
    assert reply.drafting
    assert reply.drafting.outcome == "space"
    assert not writer.prompts


def test_personal_data_is_masked_before_it_is_sent() -> None:
    """The mask is put over the question."""
    made, writer = assistant(GOOD["en"])
    made.ask("I am Aigul: what GPA does the exchange ask for?")
    assert "Aigul" not in writer.prompts[0].user
    assert "[name]" in writer.prompts[0].user


def test_an_abstention_asks_no_model() -> None:
    """Where nothing supports an answer, a model could only invent one."""
    made, writer = assistant("In Japan you need a GPA of 3 [1].")
    assert not isinstance(made.ask("What GPA do I need in Japan?"), Answer)
    assert not writer.prompts


def test_who_leaves_stops_the_model() -> None:
    """The writing is closed, and the record says why there is no answer by the model."""
    made, writer = assistant(GOOD["en"])
    leave = Leave()
    replies: Iterator[Reply] = made.converse(QUESTION["en"], leave=leave)
    first = next(replies)
    assert isinstance(first, Answer)
    assert not first.whole
    leave.go()
    last = [*replies][-1]
    assert writer.writings[0].closed
    assert isinstance(last, Answer)
    assert last.drafting
    assert last.drafting.outcome in {"left", "cut"}


def test_a_follow_up_is_searched_as_the_model_rewrites_it() -> None:
    """The model reads the earlier question and writes one that stands alone."""

    def reply(prompt: Prompt) -> str:
        return QUESTION["en"] if "Earlier questions" in prompt.user else GOOD["en"]

    made, writer = assistant(reply)
    talk = Conversation((Turn("What does the exchange ask for?"),))
    assert isinstance(made.ask("And which GPA?", conversation=talk), Answer)
    assert any("Earlier questions" in prompt.user for prompt in writer.prompts)


def test_what_holds_for_one_country_says_so() -> None:
    """A sentence from a guide to one country is marked with its title unless question or sentence name it."""
    guide = document(
        "host_guides/poland", "A room costs 400 euros a month.", kind=Kind.HOST_GUIDE, country="PL",
    )  # fmt: skip
    index = in_memory([guide])
    writer = FakeWriter(lambda _: "A room costs 400 euros a month [1].")
    fluency = Fluency.of(writer, Prompts.read(content("prompts")), mask=lambda each, _: each, seconds=5)
    calibration = Calibration.shipped().with_threshold(0)
    made = Assistant(lambda: index, calibration=calibration, fluency=fluency)
    general, named = made.ask("How much does a room cost?"), made.ask("How much does a room cost in Poland?")
    assert "*(Title of host_guides/poland)* [1]" in general.text
    assert "Title of" not in named.text
