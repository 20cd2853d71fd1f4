"""The application: routes, languages, headers and everything a visitor may not do."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from web_fakes import FakeAssistant, recorder

from assistant.preparation.preparing import Preparation
from assistant.records.store import FolderSubmissions
from assistant.types import LANGUAGES, Language
from assistant.web.app import create_app
from assistant.web.guard import BODY_BYTES, HEADERS, REQUESTS_PER_ADDRESS
from assistant.web.languages import preferred_language
from assistant.web.rendering import section_link
from assistant.web.routes import is_needed
from assistant.web.share.words import words as share
from assistant.web.shell import NAMES, Shell, rewritten
from assistant.web.wording import texts

OWN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
JOIN = "/en/gradio_api/queue/join"


def built(per_minute: int) -> FastAPI:
    """Return the application, built inside an event loop: outside, Gradio leaves several unclosed."""
    folder = Path(tempfile.mkdtemp(prefix="sent-"))
    mail = FolderSubmissions(folder / "sent")

    async def build() -> FastAPI:
        return create_app(
            FakeAssistant(), mail, Preparation(), recorder=recorder(folder),
            allowed_hosts=("testserver",), requests_per_minute=per_minute,
        )  # fmt: skip

    return asyncio.run(build())


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """Return the application with generous limits."""
    return built(10_000)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """Return a browser-like client that shows redirects."""
    return TestClient(app, follow_redirects=False, headers=OWN)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("kk-KZ,kk;q=0.9,ru;q=0.8,en;q=0.7", "kk"),
        ("ru", "ru"),
        ("en-GB,ru;q=0.9", "en"),
        ("de-DE,de;q=0.9,ru;q=0.5,en;q=0.4", "ru"),
        ("de", "en"),
        ("", "en"),
        ("kk;q=0,en;q=0.1", "en"),
        ("ru;q=many", "en"),
    ],
)
def test_the_root_leads_to_the_visitors_language(client: TestClient, header: str, language: Language) -> None:
    """The browser's languages decide, English where none is ours."""
    reply = client.get("/", headers={"accept-language": header})
    assert (reply.status_code, reply.headers["location"]) == (307, f"/{language}/")
    assert "Accept-Language" in reply.headers["vary"]
    assert preferred_language(header) == language


def test_health(client: TestClient) -> None:
    """A monitor gets one word."""
    assert client.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_is_in_its_language_before_any_script(client: TestClient, language: Language) -> None:
    """Language, title, heading, viewport and the language switch stand in the document itself."""
    document = client.get(f"/{language}/", headers={"accept-encoding": "br, gzip"}).text
    assert re.search(rf'<html\s+lang="{language}"', document)
    assert document.count("<title>") == 1
    assert f"<title>{texts(language).name}</title>" in document
    assert 'content="width=device-width, initial-scale=1"' in document
    assert f'lang="{language}" hreflang="{language}" aria-current="true">{NAMES[language]}' in document
    assert all(f'href="/{other}/"' in document for other in LANGUAGES)
    assert f"<h1>{texts(language).name}</h1>" in document


def test_a_document_names_no_other_place(client: TestClient) -> None:
    """No address of Gradio's link previews is left in the head."""
    head = client.get("/en/").text.split("window.gradio_config", 1)[0]
    assert "https://" not in head
    assert "manifest" not in head


def test_gradio_knows_one_public_function_and_no_footer(client: TestClient) -> None:
    """Asking alone has a name by which a program can call it, and nothing is kept in the browser."""
    config = client.get("/en/config").json()
    public = [each["api_name"] for each in config["dependencies"] if each["api_visibility"] != "private"]
    assert public == ["ask"]
    assert config["footer_links"] == []
    assert config["run_history"] is False
    assert config["show_error"] is False
    assert config["analytics_enabled"] is False


def test_a_changed_gradio_is_noticed() -> None:
    """A document without the places we fill is an error, not a page without language."""
    shell = Shell("kk", "/kk", {"kk": "/kk"})
    with pytest.raises(ValueError, match="adapt shell"):
        rewritten("<html><head></head></html>", shell)


@pytest.mark.parametrize("path", ["/health", "/en/", "/nowhere", "/en/assets/none.js", "/page/page.css"])
def test_every_reply_has_the_security_headers(client: TestClient, path: str) -> None:
    """Refusals and static files carry the headers too."""
    headers = client.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "access-control-allow-origin" not in headers


def test_conversations_are_not_cached(client: TestClient) -> None:
    """Only assets may be kept by a browser."""
    assert client.get("/en/").headers["cache-control"] == "no-store"
    assert client.get("/en/config").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "[", "evil.example:80"])
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    """Only the hosts we were given are answered."""
    assert client.get("/health", headers={"host": host}).status_code == 400


def test_a_forwarded_host_is_not_believed(client: TestClient) -> None:
    """A header from outside cannot put another address into the page."""
    assert "evil.example" not in client.get("/en/", headers={"x-forwarded-host": "evil.example"}).text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver@evil.example"},
        {"origin": "http://testserver:81"},
        {"origin": "file://testserver"},
        {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
        {"origin": "http://testserver", "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {"origin": ""},
    ],
)
@pytest.mark.parametrize("route", ["queue/join", "cancel", "reset"])
def test_a_post_from_elsewhere_is_refused(app: FastAPI, headers: dict[str, str], route: str) -> None:
    """No page but our own may send anything, whatever it says of itself."""
    reply = TestClient(app).post(f"/ru/gradio_api/{route}", json={"session_hash": "s"}, headers=headers)
    assert reply.status_code == 403
    assert reply.json() == {"error": texts("ru").refused}


def test_a_post_from_our_page_or_from_a_program_is_taken(client: TestClient, app: FastAPI) -> None:
    """A well-formed request of our own page reaches Gradio, and one of a program, which is driven by no page."""
    assert client.post("/en/gradio_api/reset", json={"event_id": "e"}).status_code == 200
    assert TestClient(app).post("/en/gradio_api/reset", json={"event_id": "e"}).status_code == 200


@pytest.mark.parametrize(
    "route",
    [
        "upload", "upload_progress", "file=/etc/passwd", "file/etc/passwd",
        "proxy=https://evil.example", "run/predict", "run/ask", "api/ask", "call/ask", "call/ask/1",
        "call/v2/ask", "openapi.json", "queue/status", "runs", "run-history/connect",
        "dev/reload", "stream/1", "component_server", "process_recording", "vibe-edit", "vibe-code",
        "app_id", "user", "token", "login_check", "deep_link", "profiling/traces", "mcp/",
        "undo-vibe-edit", "custom_component/1/client/component/index.js",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "OPTIONS"])
def test_routes_nobody_needs_do_not_exist(client: TestClient, route: str, method: str) -> None:
    """Upload, files, proxy, direct calls, descriptions and tools of developers answer 404."""
    assert client.request(method, f"/en/gradio_api/{route}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/docs", "/redoc", "/openapi.json", "/en/monitoring", "/en/monitoring/summary", "/en/login",
        "/en/logout", "/en/manifest.json", "/en/pwa_icon", "/en/svelte/x", "/monitoring",
        "/gradio_api/info", "/fr/", "/en/docs", "/en/assets/../../../etc/passwd",
        "/en/assets/%2e%2e/%2e%2e/etc/passwd", "/page/../app.py", "/enx/",
    ],
)  # fmt: skip
def test_other_paths_do_not_exist(client: TestClient, path: str) -> None:
    """What is no page, no asset and no event is not there."""
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/en/", "/", "/health", "/en/config", "/page/page.js"])
def test_what_is_read_cannot_be_posted_to(path: str) -> None:
    """POST exists for events only."""
    assert not is_needed("POST", path, frozenset({"/en"}))


@pytest.mark.parametrize(
    "name", ["Правила № 5", "Rules & fees", "Приказ «О мобильности»", "O'zbek", "50% stipend", "what?", "no #2"]
)
def test_a_document_of_ones_own_has_an_address_whatever_its_file_is_called(name: str) -> None:
    """Its page is let through, and a link to one of its sections leads there and to no other."""
    assert is_needed("GET", f"/ru/library/mine/{name}", frozenset({"/ru"}))
    (href,) = re.findall(r'href="([^"]*)"', section_link(f"mine/{name}#fees", "ru", "x"))
    address = urlsplit(unescape(href))
    assert (unquote(address.path), address.query, address.fragment) == (f"/ru/library/mine/{name}", "", "fees")


def test_a_large_body_is_refused(client: TestClient) -> None:
    """A body over the limit is refused, whether it says its size or not."""
    body = json.dumps({"session_hash": "s", "data": ["x" * BODY_BYTES]}).encode()
    assert client.post(JOIN, content=body).status_code == 413
    assert client.post(JOIN, content=iter([body[:1000], body[1000:]])).status_code == 413
    assert client.post(JOIN, content=b"{}", headers={"content-length": "-1"}).status_code == 413


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", '{"session_hash": 1}', '{"session_hash": ""}', "[" * 100_000])
def test_a_question_without_a_session_is_refused(client: TestClient, body: str) -> None:
    """Who names no session cannot be limited and is refused."""
    assert client.post(JOIN, content=body).status_code == 400


@pytest.mark.parametrize("function", ["3", 3.0, True, [3], {}])
def test_an_event_names_its_function_as_our_pages_do(client: TestClient, function: object) -> None:
    """Gradio would run "3", 3.0 and true, too, and none of them would count as a question."""
    assert client.post(JOIN, json={"session_hash": "s", "fn_index": function}).status_code == 400


def limited(per_minute: int) -> TestClient:
    """Return a client of an application with this limit."""
    return TestClient(built(per_minute), headers=OWN)


def asking(client: TestClient, language: Language, session: str) -> dict[str, object]:
    """Return an event that sends a question, as the page's own script sends it."""
    functions = client.get(f"/{language}/config").json()["dependencies"]
    submits = (each["id"] for each in functions if any(kind == "submit" for _, kind in each["targets"]))
    return {"session_hash": session, "fn_index": next(submits)}


def test_one_session_is_limited_in_the_language_of_its_page() -> None:
    """The third question of two a minute is told when to come back; another session goes on."""
    client = limited(2)
    path = "/kk/gradio_api/queue/join"
    statuses = [client.post(path, json=asking(client, "kk", "a")).status_code for _ in range(2)]
    assert 429 not in statuses
    reply = client.post(path, json=asking(client, "kk", "a"))
    assert reply.status_code == 429
    assert 1 <= int(reply.headers["retry-after"]) <= 30
    assert reply.json()["error"] == texts("kk").wait.format(seconds=reply.headers["retry-after"])
    assert client.post(path, json=asking(client, "kk", "b")).status_code != 429


def test_what_asks_nothing_is_no_question() -> None:
    """Opening the page, keeping the text or telling a mentor leaves the questions one has; but it has a limit, too."""
    client = limited(2)
    event = asking(client, "en", "a")
    others = [client.post(JOIN, json=event | {"fn_index": 10_000}).status_code for _ in range(20)]
    assert 429 not in others
    assert client.post(JOIN, json=event | {"fn_index": 10_000}).status_code == 429
    assert client.post(JOIN, json=event).status_code != 429


def test_the_api_is_refused_in_its_own_shape(client: TestClient) -> None:
    """A program gets a code and a sentence in its language, whatever stood in the way."""
    reply = client.post("/api/v1/ask", content=b"x" * (BODY_BYTES + 1), headers={"accept-language": "ru"})
    assert reply.status_code == 413
    assert reply.json() == {"error": {"code": "too_large", "message": texts("ru").refused}}


def test_a_search_counts_however_it_is_escaped_and_browsing_does_not() -> None:
    """The ninth search of an address that may ask eight questions is refused; the list itself is open."""
    client = limited(2)
    searches = [client.get("/en/library/?%71=visa").status_code for _ in range(9)]
    assert searches == [200] * 8 + [429]
    assert client.get("/en/library/?q=visa").status_code == 429
    assert client.get("/en/library/?q=&kind=lesson").status_code == 200


def test_one_address_is_limited_over_all_its_sessions() -> None:
    """New sessions do not help: four times a session's limit is an address's."""
    client = limited(2)
    statuses = [client.post(JOIN, json=asking(client, "en", f"s{n}")).status_code for n in range(9)]
    assert [status == 429 for status in statuses] == [False] * 8 + [True]


def test_the_parts_of_a_page_are_no_traffic() -> None:
    """A whole dormitory can open the page at once: files that are the same for all are not counted."""
    client = limited(2)
    assert {client.get("/page/page.js").status_code for _ in range(REQUESTS_PER_ADDRESS + 10)} == {200}


def test_sending_a_story_counts_as_a_question(app: FastAPI) -> None:
    """New sessions do not help whoever fills the mentors' queue: an address has as many stories as questions."""
    client = limited(2)
    functions = client.get("/en/share/config").json()["dependencies"]
    buttons = {part["id"]: part["props"].get("value") for part in client.get("/en/share/config").json()["components"]}
    send = next(
        each["id"] for each in functions for target, kind in each["targets"] if buttons.get(target) == share("en").send
    )
    path = "/en/share/gradio_api/queue/join"
    statuses = [client.post(path, json={"session_hash": f"s{n}", "fn_index": send}).status_code for n in range(9)]
    assert [status == 429 for status in statuses] == [False] * 8 + [True]
