"""The program with a model at a real endpoint: whatever that does, a student gets a true and whole reply in time."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from fakes import RealIndex
from fastapi import FastAPI
from fastapi.testclient import TestClient
from fluent_model import PARAPHRASES, QUESTIONS, SECTIONS, paraphrasing, sentences_of, write_fluent_base
from model_server import USAGE, Messages, ModelServer
from pydantic import SecretStr
from writers import nobody

from assistant.answering.assistant import Assistant
from assistant.answering.generative.writing import Leave
from assistant.answering.support import Calibration
from assistant.bootstrap import ServingIndex, build_index, open_fluency, open_preparation
from assistant.settings import Settings
from assistant.types import LANGUAGES, Answer, Language
from assistant.web.api.service import create_api, readiness

SECONDS = 3.0
"""What the operator gives a model for a text."""
GRACE = 2.0
KEY = "sk-a-key-of-the-tests"
ENDPOINT_FAULTS = {
    "status-500": "failed", "status-503": "failed", "status-429": "limited", "status-429-long": "limited",
    "status-401": "refused", "status-404": "refused", "hang": "late", "slow": "late", "silent-drip": "late",
    "drip": "late", "drip-bytes": "late", "stall": "late", "cut": "cut", "cut-chunked": "cut", "reset": "cut",
    "no-finish": "cut", "no-reply": "cut", "length": "long", "filtered": "refused", "endless": "long",
    "endless-line": "long", "html": "malformed", "empty-choices": "malformed", "bad-chunk": "malformed",
    "wrong-type": "malformed", "error-event": "failed", "empty": "empty", "blank": "empty", "elsewhere": "refused",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Program:
    """The index of a small base, opened once.

    Attributes:
        settings: The settings without a model.
        index: What serves.
    """

    settings: Settings
    index: ServingIndex

    def assistant(self, url: str = "", model: str = "scripted", **settings: Any) -> Assistant:
        """Return the assistant as the program opens it; without a model if there is no address."""
        with_model = {"llm": f"openai:{model}", "llm_base_url": url, "llm_seconds": SECONDS}
        given = self.settings.model_copy(update=(with_model | settings) if url else settings)
        return Assistant(self.index, calibration=Calibration.shipped().with_threshold(0), fluency=open_fluency(given))

    def api(self, assistant: Assistant) -> TestClient:
        """Return what programs speak to."""
        return TestClient(create_api(assistant, open_preparation(self.settings), speaks=lambda _: "en"))


@pytest.fixture(scope="module")
def program(real_index: RealIndex, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return the program over the small base."""
    folder = tmp_path_factory.mktemp("fluent")
    settings = real_index.copy(folder).model_copy(update={"knowledge_base": write_fluent_base(folder / "base")})
    _, faults = build_index(settings)
    assert not faults, faults
    return Program(settings, ServingIndex(settings))


def ask(api: TestClient, language: Language) -> tuple[dict[str, Any], float]:
    """Return a reply of the API and the seconds that it took."""
    begun = time.monotonic()
    reply = api.post("/ask", json={"question": QUESTIONS[language]})
    assert reply.status_code == 200, reply.text
    return reply.json(), time.monotonic() - begun


def without(reply: dict[str, Any]) -> dict[str, Any]:
    """Return a reply without what the model did and how long anything took."""
    return {name: value for name, value in reply.items() if name not in {"drafting", "timings_ms"}}


def assert_of_quotes(program: Program, assistant: Assistant, outcome: str, log: pytest.LogCaptureFixture) -> None:
    """All languages at once get the reply of quotes in time; record and log say why, the log without words of anybody."""
    log.set_level("INFO")
    plain, api = program.api(program.assistant()), program.api(assistant)
    with ThreadPoolExecutor(len(LANGUAGES)) as pool:
        replies = list(pool.map(lambda language: ask(api, language), LANGUAGES))
    for language, (reply, seconds) in zip(LANGUAGES, replies, strict=True):
        assert without(reply) == without(ask(plain, language)[0])
        assert reply["composer"] == "extractive"
        assert reply["drafting"]["outcome"] == outcome
        assert seconds < SECONDS + GRACE
    told = [each.getMessage() for each in log.records if each.name.startswith("assistant.")]
    assert sum("the reply is of quotes" in each for each in told) == len(LANGUAGES)
    said = "\n".join([log.text, json.dumps([reply for reply, _ in replies])])
    assert KEY not in said
    assert not [question for question in QUESTIONS.values() if question in log.text]


@pytest.mark.parametrize("behaviour", ENDPOINT_FAULTS)
def test_whatever_an_endpoint_does_the_student_gets_the_quotes(
    program: Program, server: ModelServer, behaviour: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The reply is the one without a model, within the time that the operator set and two seconds."""
    assistant = program.assistant(server.url, behaviour, llm_api_key=SecretStr(KEY))
    assert_of_quotes(program, assistant, ENDPOINT_FAULTS[behaviour], caplog)
    assert server.chats()


def test_an_endpoint_that_is_not_there_changes_nothing(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    """A refused connection costs no time."""
    with nobody() as url:
        assert_of_quotes(program, program.assistant(url), "unreachable", caplog)


def test_an_endpoint_that_does_not_tell_its_context_in_time_costs_none_of_the_grace(
    program: Program, server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    """What the endpoint is asked before it writes counts as its time."""
    server.context["/v1/models"] = "drip"
    assert_of_quotes(program, program.assistant(server.url, "hang"), "late", caplog)


def test_an_endpoint_that_fails_again_and_again_is_left_alone(program: Program, server: ModelServer) -> None:
    """After five failures nothing is sent, nobody waits, and the record says so."""
    api = program.api(program.assistant(server.url, "status-500"))
    outcomes = [ask(api, "en")[0]["drafting"]["outcome"] for _ in range(5)]
    sent = len(server.chats())
    reply, seconds = ask(api, "en")
    assert (set(outcomes), reply["drafting"]["outcome"]) == ({"failed"}, "resting")
    assert len(server.chats()) == sent
    assert seconds < 1


def echoed(messages: Messages) -> str:
    """Return all that the model was sent."""
    return "\n\n".join(each["content"] for each in messages)


def first_halves(messages: Messages) -> str:
    """Return what the model knows, each sentence with the mark of another section."""
    return " ".join(sentences_of(messages)).replace("[1]", "[0]").replace("[2]", "[1]").replace("[0]", "[2]")


CONTENTS: dict[str, tuple[Callable[[Messages], str], str]] = {
    "another language": (lambda _: "Die Studierenden bewerben sich vom 1. März bis zum 15. April [1].", "unsupported"),
    "a refusal": (lambda _: "I am sorry, but I cannot help with that request.", "unsupported"),
    "a refusal in Russian": (lambda _: "К сожалению, я не могу помочь вам с этим вопросом.", "unsupported"),
    "a refusal in Kazakh": (lambda _: "Өкінішке қарай, мен бұл сұраққа көмектесе алмаймын.", "unsupported"),
    "its instructions": (lambda messages: messages[0]["content"], "unsupported"),
    "all of its prompt": (echoed, "unsupported"),
    "what it was asked with": (lambda messages: messages[-1]["content"], "unsupported"),
    "marks of no section": (lambda messages: " ".join(sentences_of(messages)).replace("[1]", "[9]"), "unsupported"),
    "marks of another section": (first_halves, "unsupported"),
    "what no section says": (lambda _: "A visa costs 80 euros. Визовый сбор равен 80 евро. Виза 80 еуро.", "unsupported"),
    "that it found nothing": (lambda _: "NONE", "none"),
    "thoughts without end": (lambda _: "<think>Let me see. " + "I wonder. " * 50, "unsupported"),
}  # fmt: skip


@pytest.mark.parametrize("content", CONTENTS)
def test_what_nothing_supports_is_not_shown(
    program: Program, server: ModelServer, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A text that came whole and in time is still compared with the sections."""
    text, outcome = CONTENTS[content]
    server.reply = lambda messages: iter([text(messages)])
    assert_of_quotes(program, program.assistant(server.url), outcome, caplog)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_model_is_given_the_word(program: Program, server: ModelServer, language: Language) -> None:
    """Its sentences are shown in the student's language; each mark leads to a quote that stands in its section."""
    server.reply = paraphrasing()
    reply, _ = ask(program.api(program.assistant(server.url)), language)
    assert (reply["composer"], reply["drafting"]["outcome"]) == ("generative", "used")
    quotes = {citation["mark"]: citation["quote"] for citation in reply["citations"]}
    for said, words in PARAPHRASES[language].items():
        _, found, after = reply["text"].partition(f"{words}. [")
        assert found
        assert said in quotes[int(after.partition("]")[0])]
    assert all(quote in SECTIONS[language]["applying"] for quote in quotes.values())
    assert reply["drafting"]["tokens_out"]


def test_a_monitor_sees_what_comes_of_the_replies(program: Program, server: ModelServer) -> None:
    """Counts by outcome, with tokens and seconds; no address, no key, no question; nothing where there is no model."""
    server.reply = paraphrasing()
    good = program.assistant(server.url, llm_api_key=SecretStr(KEY))
    app = FastAPI()
    app.include_router(readiness(good))
    for language in LANGUAGES:
        ask(program.api(good), language)
    server.reply = lambda _: iter(["A visa costs 80 euros [1]."])
    ask(program.api(good), "en")
    ready = TestClient(app).get("/ready").json()
    told = ready["model"]
    assert (told["name"], told["replies"], told["dropped"]) == ("openai:scripted", {"used": 3, "unsupported": 1}, 1)
    assert (told["requests"], told["faults"], told["tokens_out"]) == (4, {}, 4 * USAGE["completion_tokens"])
    assert 0 < told["median_seconds"] < SECONDS
    assert not [word for word in (KEY, "127.0.0.1", *QUESTIONS.values()) if word in str(ready)]
    bare = FastAPI()
    bare.include_router(readiness(program.assistant()))
    assert "model" not in TestClient(bare).get("/ready").json()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_there_before_the_model_has_finished(
    program: Program, server: ModelServer, language: Language
) -> None:
    """The model waits for the student to have seen its first sentence: only so can it go on."""
    seen = threading.Event()

    def reply(messages: Messages) -> Iterator[str]:
        first, *rest = sentences_of(messages)
        yield f"{first} {rest[0].split(' ')[0]} "
        assert seen.wait(10)
        yield rest[0].partition(" ")[2]

    server.reply = reply
    lengths = []
    for shown in program.assistant(server.url, llm_seconds=20).converse(QUESTIONS[language]):
        assert isinstance(shown, Answer)
        lengths.append((len(shown.text), shown.whole))
        seen.set()
    assert [whole for _, whole in lengths] == [False, False, True]
    assert all(longer > shorter for (shorter, _), (longer, _) in itertools.pairwise(lengths))


def test_a_good_beginning_that_is_cut_is_not_taken_for_the_whole(
    program: Program, server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    """What was shown of it on the way is taken back."""

    def reply(messages: Messages) -> Iterator[str]:
        yield from (f"{each} " for each in sentences_of(messages))
        raise ConnectionResetError

    server.reply = reply
    shown = list(program.assistant(server.url).converse(QUESTIONS["en"]))
    caplog.clear()
    assert len(shown) > 1
    assert all(isinstance(each, Answer) and not each.whole for each in shown[:-1])
    assert_of_quotes(program, program.assistant(server.url), "cut", caplog)


@pytest.mark.parametrize("model", ["stall", "hang", "slow"])
def test_who_leaves_closes_the_connection(program: Program, server: ModelServer, model: str) -> None:
    """From another thread, at any moment, and long before the model's time is over."""
    leave, replies = Leave(), list[Any]()
    assistant = program.assistant(server.url, model, llm_seconds=60)
    asking = threading.Thread(
        target=lambda: replies.extend(assistant.converse(QUESTIONS["en"], leave=leave)), daemon=True
    )
    asking.start()
    with contextlib.suppress(TimeoutError):
        _until(lambda: bool(server.chats()))
    begun = time.monotonic()
    leave.go()
    asking.join(5)
    assert not asking.is_alive()
    assert server.gone.wait(5)
    assert time.monotonic() - begun < 2
    assert replies[-1].drafting.outcome == "left"


def _until(there: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is there.

    Raises:
        TimeoutError: If it is not in time.
    """
    until = time.monotonic() + seconds
    while not there():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.01)
