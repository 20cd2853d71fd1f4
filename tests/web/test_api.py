"""The JSON API: the shapes of the contract, errors in one shape, files, and nothing that a body can break."""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI
from gradio_client import Client
from gradio_client.exceptions import AppError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from starlette.testclient import TestClient
from typer.testing import CliRunner
from web_fakes import FakeAssistant, recorder

from assistant.answering.assistant import Assistant
from assistant.bootstrap import open_assistant
from assistant.cli import app as command_line
from assistant.contract import reply_json, search_json
from assistant.preparation.preparing import Preparation, read_preparation
from assistant.records.store import FolderSubmissions
from assistant.settings import content
from assistant.types import LANGUAGES, Conversation, Filters, Kind, Language, Turn
from assistant.web.api import service
from assistant.web.api.errors import words
from assistant.web.api.replies import EligibilityShape, ErrorShape, PlanShape, ReplyShape, SearchShape
from assistant.web.api.service import PATH, create_api, readiness
from assistant.web.app import create_app
from assistant.web.languages import preferred_language
from assistant.web.wording import texts

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-schema.json").read_text(encoding="utf-8"))
GPA = "What GPA do I need at Test University?"
STUDENT: dict[str, Any] = {
    "home_university": "abai_kaznpu",
    "programme": "erasmus_icm_ka171",
    "destination": "PL",
    "departure": f"{date.today().year + 1}-09",
    "level": "bachelor",
    "gpa": 6,
    "certificates": [{"test": "ielts", "score": "five"}],
    "nominated": True,
}
DEPARTURE = STUDENT["departure"]


@cache
def preparation() -> Preparation:
    """Return what the shipped base holds for the preparation."""
    return read_preparation(content("knowledge_base"))[0]


def only_api(engine: Any) -> FastAPI:
    """Return the API and its readiness, without a page and without a guard."""
    app = FastAPI(openapi_url=None)
    app.include_router(readiness(engine))
    app.mount(PATH, create_api(engine, preparation(), speaks=preferred_language))
    return app


@pytest.fixture(scope="module")
def engine(real_index: Any) -> Assistant:
    """Return the real assistant over the small base."""
    return open_assistant(real_index.settings)


@pytest.fixture(scope="module")
def client(engine: Assistant) -> Iterator[TestClient]:
    """Return a program that talks to the API over the small base; an error of the server is raised."""
    with TestClient(only_api(engine)) as client:
        yield client


def posted(client: TestClient, name: str, **body: Any) -> Any:
    """Return the JSON of a request that is answered."""
    reply = client.post(f"{PATH}/{name}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def refused(reply: Any, status: int, code: str, field: str | None = None) -> str:
    """Return the message of a request that is refused in the one shape of errors."""
    assert reply.status_code == status, reply.text
    assert valid(reply.json(), "api_error")
    error = reply.json()["error"]
    assert (error["code"], error.get("field")) == (code, field)
    message: str = error["message"]
    return message


def valid(data: object, shape: str) -> bool:
    """Make sure that data has a shape of the contract."""
    jsonschema.validate(data, {**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{shape}"}]}, cls=jsonschema.Draft202012Validator)
    return True


def timeless(reply: dict[str, Any]) -> dict[str, Any]:
    """Return a reply without what differs from run to run."""
    return {name: value for name, value in reply.items() if name != "timings_ms"}


def told(*arguments: str, profile: dict[str, Any]) -> Any:
    """Return the JSON that the command line writes about a profile, over the shipped base."""
    places = {"ASSISTANT_KNOWLEDGE_BASE": str(content("knowledge_base"))}
    done = CliRunner().invoke(command_line, [*arguments, "-", "--json"], input=json.dumps(profile), env=places)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_asking_gives_the_reply_of_the_engine(client: TestClient, engine: Assistant) -> None:
    """The reply is that of `assistant ask --json`, with history, language and profile taken into account."""
    reply = posted(client, "ask", question=GPA)
    assert valid(reply, "reply")
    assert timeless(reply) == timeless(reply_json(engine.ask(GPA)))
    talk = Conversation((Turn(GPA),))
    followed = posted(client, "ask", question="And IELTS?", history=[GPA], language="kk", profile=STUDENT)
    assert timeless(followed) == timeless(reply_json(engine.ask("And IELTS?", conversation=talk, page_language="kk")))
    assert posted(client, "ask", question="GPA?", language="ru")["language"] == "ru"


def test_the_profile_decides_which_country_is_meant() -> None:
    """What a student has told reaches the engine as circumstances."""
    asked: list[Any] = []

    class Listening(FakeAssistant):
        def ask(self, question: str, **known: Any) -> Any:
            asked.append(known["about"])
            return super().ask(question, **known)

    posted(TestClient(only_api(Listening())), "ask", question="visa?", profile=STUDENT)
    assert (asked[0].country, asked[0].institution) == ("PL", "regulations/abai_kaznpu")


def test_searching_gives_the_hits_of_the_engine(client: TestClient, engine: Assistant) -> None:
    """The reply is that of `assistant search --json`; kinds and countries narrow it."""
    found = posted(client, "search", question=GPA, k=2)
    assert valid(found, "search")
    assert found == search_json(engine.search(GPA, k=2))
    assert len(found["hits"]) == 2
    narrowed = posted(client, "search", question=GPA, kinds=["other"])
    assert narrowed == search_json(engine.search(GPA, filters=Filters(kinds=frozenset({Kind.OTHER}))))
    assert {hit["document"] for hit in narrowed["hits"]} == {"notes/dormitory"}
    assert posted(client, "search", question=GPA, countries=["PL"]) == {"hits": []}
    assert posted(client, "search", question=GPA, programmes=["none"]) == {"hits": []}


@pytest.mark.parametrize("language", LANGUAGES)
def test_verdicts_are_those_of_the_command_line(client: TestClient, language: Language) -> None:
    """The same profile gives equal verdicts and refusals through API and command line."""
    made = posted(client, "eligibility", profile=STUDENT, language=language)
    assert valid(made, "eligibility")
    assert made == told("eligibility", "--language", language, profile=STUDENT)
    assert len(made["verdicts"]) == len(preparation().programmes)
    assert [(each["field"], each["value"]) for each in made["refused"]] == [("gpa", "6"), ("certificates", "five")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_plans_are_those_of_the_command_line(client: TestClient, language: Language) -> None:
    """The same profile and the same steps done give equal plans through API and command line."""
    first = preparation().steps.steps[0].id
    made = posted(client, "plan", profile=STUDENT, done=[first, "no-step"], language=language)
    assert valid(made, "plan")
    assert made == told("plan", "--language", language, "--done", f"{first}, no-step", profile=STUDENT)
    assert [step["id"] for step in made["steps"] if step["done"]] == [first]
    assert made["departure"] == f"{DEPARTURE}-01"


def test_a_calendar_holds_the_open_steps(client: TestClient) -> None:
    """The file is a calendar to keep, its events are the open steps, its links lead to this site alone."""
    query = {"departure": DEPARTURE, "destination": "PL", "programme": "mevlana", "level": "master", "months": "4"}
    query |= {"school_practice": "false", "language": "ru"}
    profile = query | {"school_practice": False, "language": None}
    del profile["language"]
    done = posted(client, "plan", profile=profile)["steps"][0]["id"]
    reply = client.get(f"{PATH}/plan.ics", params=query | {"done": done}, headers={"host": "localhost:8123"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert reply.headers["content-disposition"] == 'attachment; filename="exchange-plan.ics"'
    events = Calendar.from_ical(reply.content).walk("VEVENT")
    steps = posted(client, "plan", profile=profile, done=[done], language="ru")["steps"]
    assert [str(event["SUMMARY"]) for event in events] == [step["title"] for step in steps if not step["done"]]
    addresses = {str(event["URL"]) for event in events if "URL" in event}
    assert addresses
    assert all(address.startswith("http://localhost:8123/ru/library/") for address in addresses)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("testserver", "http://testserver"),
        ("testserver:80", "http://testserver:80"),
        ("testserver:port", "http://testserver"),
        ("evil.example@testserver", "http://testserver"),
        ("testserver/)[x](https://evil.example", "http://testserver"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_links_hold_the_host_name_and_nothing_else(client: TestClient, host: str, address: str) -> None:
    """Whatever else a header says about the host does not get into a file."""
    plan = client.get(f"{PATH}/plan.md", params={"departure": DEPARTURE}, headers={"host": host}).text
    assert f"({address}/en/library/" in plan
    assert "evil.example" not in plan


def test_a_plan_to_print_is_markdown_in_its_language(client: TestClient) -> None:
    """Without a departure there is a plan without days, and it can be kept."""
    reply = client.get(f"{PATH}/plan.md", params={"language": "kk"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert reply.headers["content-disposition"] == 'attachment; filename="exchange-plan.md"'
    assert reply.text.startswith("# Менің алмасу жоспарым")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_calendar_without_a_departure_is_refused(client: TestClient, language: Language) -> None:
    """A sentence in the language says what is missing."""
    reply = client.get(f"{PATH}/plan.ics", params={"language": language})
    assert refused(reply, 400, "no_departure", "departure") == words(language).no_departure


@pytest.mark.parametrize("file", ["plan.ics", "plan.md"])
def test_a_file_takes_no_wrong_value(client: TestClient, file: str) -> None:
    """A file cannot tell what it left out, so a wrong value is refused with its reason."""
    wrong = {"departure": DEPARTURE, "months": "99"}
    assert "99 is not between 1 and 24" in refused(client.get(f"{PATH}/{file}", params=wrong), 422, "refused", "months")
    practice = {"departure": DEPARTURE, "school_practice": "maybe"}
    refused(client.get(f"{PATH}/{file}", params=practice), 422, "refused", "school_practice")
    refused(client.get(f"{PATH}/{file}", params={"shoe": "41"}), 422, "unknown", "shoe")
    refused(client.get(f"{PATH}/{file}", params={"language": "de"}), 422, "wrong", "language")


@pytest.mark.parametrize(
    ("name", "body", "code", "field"),
    [
        ("ask", {}, "missing", "question"),
        ("ask", {"question": " ?"}, "question_empty", "question"),
        ("ask", {"question": "x" * 2001}, "question_too_long", "question"),
        ("ask", {"question": 7}, "wrong", "question"),
        ("ask", {"question": GPA, "histroy": []}, "unknown", "histroy"),
        ("ask", {"question": GPA, "history": ["x"] * 21}, "too_much", "history"),
        ("ask", {"question": GPA, "history": ["x" * 2001]}, "too_much", "history.0"),
        ("ask", {"question": GPA, "language": "de"}, "wrong", "language"),
        ("ask", {"question": GPA, "profile": {"a": [[[[[1]]]]]}}, "wrong", "profile"),
        ("search", {"question": GPA, "k": 51}, "wrong", "k"),
        ("search", {"question": GPA, "k": 0}, "wrong", "k"),
        ("search", {"question": GPA, "kinds": ["poem"]}, "wrong", "kinds.0"),
        ("eligibility", {}, "missing", "profile"),
        ("eligibility", {"profile": {str(n): n for n in range(101)}}, "wrong", "profile"),
        ("plan", {"profile": {}, "done": ["x"] * 501}, "too_much", "done"),
    ],
)
def test_a_wrong_request_is_told_which_field(
    client: TestClient, name: str, body: dict[str, Any], code: str, field: str
) -> None:
    """Every field has its limits, and the error names the field that breaks one."""
    refused(client.post(f"{PATH}/{name}", json=body), 422, code, field)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"7", b"[" * 100_000, b'{"question": ' + b"9" * 5_000 + b"}"])
def test_what_is_no_json_object_is_refused(client: TestClient, body: bytes) -> None:
    """Broken, deep and oversized JSON is the fault of who sent it."""
    reply = client.post(f"{PATH}/ask", content=body, headers={"content-type": "application/json"})
    refused(reply, 400, "not_json")


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_speak_the_language_that_was_asked_for(client: TestClient, language: Language) -> None:
    """The body's language counts, then the browser's; the words are those of the pages where they have them."""
    long = client.post(f"{PATH}/ask", json={"question": "x" * 2001, "language": language})
    assert refused(long, 422, "question_too_long", "question") == texts(language).long_question
    empty = client.post(f"{PATH}/search", json={"question": "…", "language": language})
    assert refused(empty, 422, "question_empty", "question") == texts(language).empty_question
    headers = {"accept-language": language}
    assert refused(client.post(f"{PATH}/ask", headers=headers), 400, "not_json") == words(language).not_json
    assert refused(client.get(f"{PATH}/x", headers=headers), 404, "not_found") == words(language).not_found


def test_an_engine_that_breaks_is_a_failure_without_a_trace(caplog: pytest.LogCaptureFixture) -> None:
    """The student gets a sentence, the log the kind of error, and neither gets the question."""
    client = TestClient(only_api(FakeAssistant()))
    with caplog.at_level(logging.DEBUG):
        reply = client.post(f"{PATH}/ask", json={"question": "broken secret", "language": "kk"})
    assert refused(reply, 503, "failed") == words("kk").failed
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


def test_readiness_follows_the_engine(client: TestClient, engine: Assistant) -> None:
    """A monitor learns whether there is anything to answer from, and nothing about what broke."""
    assert client.get("/ready").json() == {"status": "ready", "documents": len(engine.catalogue())}

    class Empty(FakeAssistant):
        def catalogue(self) -> tuple[Any, ...]:
            return ()

    class Broken(FakeAssistant):
        def catalogue(self) -> tuple[Any, ...]:
            raise OSError("/secret/place")

    for broken, status in ((Empty(), "empty"), (Broken(), "failing")):
        reply = TestClient(only_api(broken)).get("/ready")
        assert (reply.status_code, reply.json()["status"]) == (503, status)
        assert "secret" not in reply.text


def test_no_more_than_a_bounded_number_is_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Further requests wait for a place and are answered, too."""
    monkeypatch.setattr(service, "AT_ONCE", 2)
    working, most, lock = 0, 0, threading.Lock()

    class Counting(FakeAssistant):
        def ask(self, question: str, **known: Any) -> Any:
            nonlocal working, most
            with lock:
                working, most = working + 1, max(most, working + 1)
            time.sleep(0.02)
            with lock:
                working -= 1
            return super().ask(question, **known)

    async def many() -> list[int]:
        import httpx

        transport = httpx.ASGITransport(app=only_api(Counting()))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            replies = [client.post(f"{PATH}/ask", json={"question": "visa?"}) for _ in range(12)]
            return [reply.status_code for reply in await asyncio.gather(*replies)]

    assert asyncio.run(many()) == [200] * 12
    assert most == 2


def test_the_description_is_complete(client: TestClient) -> None:
    """OpenAPI names every endpoint, the shape of every reply and error, and needs nothing from elsewhere."""
    described = client.get(f"{PATH}/openapi.json").json()
    assert described["servers"] == [{"url": PATH}]
    assert set(described["paths"]) == {"/ask", "/search", "/eligibility", "/plan", "/plan.ics", "/plan.md"}
    for operations in described["paths"].values():
        for operation in operations.values():
            assert operation["description"]
            assert {"200", "400", "422", "429", "503"} <= operation["responses"].keys()
            error = operation["responses"]["422"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/ErrorShape"}
    assert "text/calendar" in described["paths"]["/plan.ics"]["get"]["responses"]["200"]["content"]
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_the_described_shapes_are_those_of_the_replies(client: TestClient) -> None:
    """What OpenAPI describes is what is sent: no field more, none less."""
    ReplyShape.model_validate(posted(client, "ask", question=GPA))
    ReplyShape.model_validate(posted(client, "ask", question="Is there life on Mars?"))
    SearchShape.model_validate(posted(client, "search", question=GPA))
    EligibilityShape.model_validate(posted(client, "eligibility", profile=STUDENT))
    PlanShape.model_validate(posted(client, "plan", profile=STUDENT))
    ErrorShape.model_validate(client.post(f"{PATH}/ask", json={}).json())


TEXTS = st.text(alphabet=st.characters(codec=None), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*STUDENT, "months", "school_practice", "question", "profile", "history", "k", "done"])
BODIES = st.dictionaries(FIELDS | TEXTS, VALUES, max_size=5)


@pytest.mark.parametrize("name", ["ask", "search", "eligibility", "plan"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=VALUES | BODIES, profile=BODIES | st.just(None))
def test_no_body_breaks_the_api(client: TestClient, name: str, body: Any, profile: Any) -> None:
    """Any JSON gets a reply or an error in the one shape, never a failure of the server."""
    if profile is not None:
        own: dict[str, Any] = {"question": "GPA?"} if name in {"ask", "search"} else {}
        body = own | ({} if name == "search" else {"profile": profile})
    sent = json.dumps(body).encode()
    reply = client.post(f"{PATH}/{name}", content=sent, headers={"content-type": "application/json"})
    assert reply.status_code in {200, 400, 422}
    assert reply.status_code == 200 or valid(reply.json(), "api_error")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(query=st.dictionaries(st.sampled_from(["departure", "months", "done", "level", "language"]), TEXTS, max_size=3))
def test_no_address_breaks_the_files(client: TestClient, query: dict[str, str]) -> None:
    """Any query gets a file or an error in the one shape."""
    said = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    assert client.get(f"{PATH}/plan.md", params=said).status_code in {200, 422}
    assert client.get(f"{PATH}/plan.ics", params=said).status_code in {200, 400, 422}


@pytest.fixture(scope="module")
def guarded() -> TestClient:
    """Return a program that talks to the whole application, guard included; it may ask four times a minute."""
    folder = Path(tempfile.mkdtemp(prefix="sent-"))
    mail = FolderSubmissions(folder / "sent")

    async def build() -> FastAPI:
        return create_app(
            FakeAssistant(), mail, preparation(), recorder=recorder(folder),  # type: ignore[arg-type]
            allowed_hosts=("testserver",), requests_per_minute=1,
        )  # fmt: skip

    return TestClient(asyncio.run(build()), follow_redirects=False)


def test_the_guard_stands_before_the_api(guarded: TestClient) -> None:
    """Programs get through, pages of others do not, and one address may ask only so often."""
    assert guarded.get(f"{PATH}/openapi.json").status_code == 200
    assert guarded.get(f"{PATH}/plan.md").status_code == 200
    assert guarded.get(f"{PATH}/docs").status_code == 404
    foreign = {"origin": "https://evil.example"}
    assert guarded.post(f"{PATH}/plan", json={"profile": {}}, headers=foreign).status_code == 403
    assert guarded.post(f"{PATH}/plan", content=b"x" * 300_000).status_code == 413
    replies = [guarded.post(f"{PATH}/eligibility", json={"profile": {}}) for _ in range(5)]
    assert {reply.status_code for reply in replies} == {200, 429}
    assert int(replies[-1].headers["retry-after"]) >= 1


@pytest.mark.browser
def test_gradios_own_client_can_ask(address: str) -> None:
    """A program in Python asks by name, in each language, and gets the JSON of the contract."""
    question = "How do I get a residence permit?"
    for language in LANGUAGES:
        client = Client(f"{address}/{language}/", verbose=False, analytics_enabled=False)
        try:
            reply = client.predict(question=question, history=["visa?"], api_name="/ask")
            assert reply == reply_json(FakeAssistant().ask(question, page_language=language))
            assert reply["language"] == language
            with pytest.raises(AppError, match=texts(language).empty_question[:10]):
                client.predict(question="refuse", api_name="/ask")
        finally:
            client.close()
