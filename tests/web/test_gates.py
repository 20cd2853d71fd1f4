"""What the gates of a running server hold: foreign pages, odd input, crowds, and its end."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from gate_visitors import Told, Visitor, resident, serving
from starlette.testclient import TestClient
from web_fakes import FakeAssistant, recorder
from web_visits import free_port

from assistant.preparation.preparing import read_preparation
from assistant.records.store import FolderSubmissions
from assistant.types import Reply
from assistant.web.app import create_app
from assistant.web.guard import BODY_BYTES

ORIGINS = (
    "https://evil.example", "http://evil.example:8000", "null", "", "http://testserver.evil.example", "http://evil.example/testserver",
    "http://testserver@evil.example", "http://testserver:81", "https://testserver.", "file://testserver", "http://", "http://xn--testserver-",
)  # fmt: skip
HOSTS = ("evil.example", "testserver.evil.example", "testserver@evil.example", "127.0.0.1", "", "[", "evil.example:80")
PAGES = ("en", "ru/plan", "kk/share")
MARKER = re.compile(r"v\d+q\d")
ASKED = re.compile(r"<p>permit (v\d+q\d)</p></div>")
VAIN = "access-control-allow-methods"
"""A list of methods says nothing to a browser that is not told its origin."""

ODD: Mapping[str, Any] = {
    "surrogate": "permit \ud800",
    "nul": "a\x00b",
    "long": "x" * 2_001,
    "large": "y" * 20_000,
    "list": [["a"]],
    "number": 1e308,
    "object": {"a": "\udfff"},
    "nothing": None,
}
"""Values that no form of ours sends."""


class Counting(FakeAssistant):
    """Counts what it is asked."""

    asked = 0

    def ask(self, question: str, **about: Any) -> Reply:
        """Count and answer."""
        type(self).asked += 1
        return super().ask(question, **about)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """Return the application with all its pages; outside an event loop, Gradio would leave several unclosed."""

    async def build() -> FastAPI:
        folder = tmp_path_factory.mktemp("gates")
        mail, preparation = FolderSubmissions(folder / "sent"), read_preparation(Path("knowledge_base"))[0]
        return create_app(
            Counting(), mail, preparation, recorder=recorder(folder),
            allowed_hosts=("testserver",), requests_per_minute=100_000,
        )  # fmt: skip

    return asyncio.run(build())


def routes(of: Iterable[Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and path of every route, those of mounted and included ones too; names stand for parameters."""
    for route in of:
        path = f"{above}{getattr(route, 'path', '')}"
        included, mounted = getattr(route, "original_router", None), getattr(route, "app", None)
        if included:
            yield from routes(included.routes, f"{above}{route.include_context.prefix}")
        elif hasattr(mounted, "routes"):
            yield from routes(mounted.routes, path)
        for method in getattr(route, "methods", None) or ():
            yield method, re.sub(r"\{([a-z_]+)(:path)?\}", r"\1", path)


@contextmanager
def fake(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Give a running server with the fake assistant, which does not limit how often one asks, and its address."""
    port, script = free_port(), str(Path(__file__).with_name("serve_fake.py"))
    arguments = [script, str(port), "100000", str(folder / "sent")]
    with serving(arguments, port, folder / "output.txt", PYTHONPATH=".") as server:
        yield server, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server that does not limit how often one asks."""
    with fake(tmp_path_factory.mktemp("gates")) as (_, address):
        yield address


def test_no_foreign_page_can_post_anywhere(app: FastAPI) -> None:
    """From twelve foreign origins, every POST route of the program is refused, and nothing is done."""
    posts = sorted({path for method, path in routes(app.routes) if method == "POST"})
    assert {"/en/gradio_api/queue/join", "/kk/share/gradio_api/queue/join", "/api/v1/ask"} <= set(posts)
    body = {"question": "permit", "session_hash": "s", "fn_index": 0}
    before, told = Counting.asked, set()
    for number, origin in enumerate(ORIGINS):  # each from an address of its own, so that none is refused as too busy
        client = TestClient(app, follow_redirects=False, client=(f"192.0.2.{number}", 1), headers={"origin": origin})
        told |= {client.post(path, json=body).status_code for path in posts}
    assert told <= {403, 404}
    assert Counting.asked == before
    assert TestClient(app).post("/api/v1/ask", json={"question": "permit"}).status_code == 200
    assert Counting.asked == before + 1


def test_no_foreign_page_is_told_that_it_may(app: FastAPI) -> None:
    """A browser that asks beforehand for another page gets no leave, on any route."""
    client = TestClient(app, follow_redirects=False, client=("192.0.2.20", 1))
    asking = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for path in {path for _, path in routes(app.routes)}:
        allowed = client.options(path, headers=asking).headers
        assert not {name for name in allowed if name.startswith("access-control-allow")} - {VAIN}, path
        assert "access-control-allow-origin" not in allowed


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused_on_every_route(app: FastAPI, host: str) -> None:
    """Whatever is asked for under a name that is not ours is refused."""
    client = TestClient(app, follow_redirects=False)
    told = {client.request(method, path, headers={"host": host}).status_code for method, path in routes(app.routes)}
    assert told == {400}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_odd_values_in_every_part_of_a_page_break_nothing(running: str, page: str) -> None:
    """Every event of the page ends properly, whatever its parts hold; nothing answers with a 5xx."""
    first = Visitor(running, "first", page)
    for event, (name, value) in product(first.config["dependencies"], ODD.items()):
        visitor = first.named(f"{event['id']}-{name}")
        status = visitor.join(event["id"], [value] * len(event["inputs"]))
        assert status in {200, 413}
        if status == 200:
            kinds = [told.kind for told in visitor.events()]
            assert kinds[-2:] == ["process_completed", "close_stream"], (event["id"], event["targets"], name, kinds)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ODD))
def test_odd_values_break_nothing_where_no_page_is(running: str, name: str) -> None:
    """The API and the search of the library answer, or say what is wrong."""
    visitor, value = Visitor(running, "programs", source=f"127.0.2.{sorted(ODD).index(name) + 1}"), ODD[name]
    fields = ("question", "history", "language", "profile", "done", "k", "countries")
    for path, field in product(("ask", "search", "eligibility", "plan"), fields):
        for odd in (value, [value], {"gpa": value, "destination": value}):
            body = json.dumps({"question": "permit", "profile": {}, field: odd}).encode()
            assert visitor.request("POST", f"/api/v1/{path}", body)[0] in {200, 400, 413, 422}, (path, field)
    word = quote(str(value)[:5_000].encode("utf-8", "surrogatepass"))
    for path in (
        "en/library/?q=",
        "kk/library/?kind=",
        "ru/library/?version=",
        "en/library/",
        "api/v1/plan.md?departure=",
        "?",
    ):
        assert visitor.request("GET", f"/{path}{word}")[0] in {200, 307, 400, 404, 422}, path


@pytest.mark.slow
@pytest.mark.parametrize("size", [BODY_BYTES - 1_000, BODY_BYTES + 1])
def test_a_body_at_the_limit_breaks_nothing(app: FastAPI, size: int) -> None:
    """Every POST route takes a body just below the limit without failing, and refuses one above it."""
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False, client=("192.0.2.21", size))
    body = json.dumps({"session_hash": "s", "question": "permit", "data": ["я" * (size // 6)]}).encode()
    body += b" " * (size - len(body))
    for path in {path for method, path in routes(app.routes) if method == "POST"}:
        status = client.post(path, content=body, headers={"content-type": "application/json"}).status_code
        assert status in ({413, 404} if size > BODY_BYTES else {200, 400, 404, 422}), path


@pytest.mark.slow
def test_abandoned_questions_fill_no_memory(tmp_path: Path) -> None:
    """After 4,000 questions for whose replies nobody waits, the server is little larger and serves the next visitor."""
    with fake(tmp_path) as (server, address):
        first = Visitor(address, "first")
        first.ask("permit")
        before = resident(server.pid)
        with ThreadPoolExecutor(32) as crowd:
            statuses = list(crowd.map(partial(abandoned, first), range(4_000)))
        assert set(statuses) <= {200, 503}
        after = resident(server.pid)
        last = first.named("last")
        assert eventually(lambda: last.submit("permit") == 200)
        assert "close_stream" in [told.kind for told in last.events()]
    assert after < 2.5 * before


def abandoned(first: Visitor, number: int) -> int:
    """Send a question from one of ten addresses and do not wait for the reply."""
    return first.named(f"gone-{number}", f"127.0.0.{2 + number % 10}").submit(f"permit {number}")


def eventually(act: Callable[[], bool], seconds: float = 60) -> bool:
    """Return whether something succeeds within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if act():
            return True
        time.sleep(0.2)
    return False


@pytest.mark.slow
def test_the_end_waits_for_replies_and_not_for_open_tabs(tmp_path: Path) -> None:
    """Told to end with 20 replies under way and 20 tabs open, the server finishes the replies and leaves with 0."""
    with fake(tmp_path) as (server, address), ThreadPoolExecutor(40) as crowd:
        first = Visitor(address, "first")
        visitors = [first.named(f"open-{number}") for number in range(20)]
        tabs = [crowd.submit(visitor.heartbeat) for visitor in visitors]
        assert {visitor.submit("slow permit") for visitor in visitors} == {200}
        replies = [crowd.submit(lambda visitor=visitor: list(visitor.events())) for visitor in visitors]
        time.sleep(1)
        assert not any(each.done() for each in (*tabs, *replies))
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        assert {reply.result()[-1].kind for reply in replies} == {"close_stream"}
        assert all(tab.result() for tab in tabs)


@pytest.mark.slow
def test_twenty_visitors_at_once_get_their_own_replies(running: str) -> None:
    """Each of 20 visitors asks three questions at the same time as the others; nothing is lost and nothing is mixed."""
    first = Visitor(running, "first")
    with ThreadPoolExecutor(20) as crowd:
        talks = list(crowd.map(lambda number: conversation(first, number), range(20)))
    for number, told in enumerate(talks):
        last = next(each.raw for each in reversed(told) if each.kind == "process_completed")
        assert ASKED.findall(last) == [f"v{number}q{place}" for place in range(3)]
        assert {each.split("q")[0] for event in told for each in MARKER.findall(event.raw)} == {f"v{number}"}


def conversation(first: Visitor, number: int) -> list[Told]:
    """Return everything one visitor is told about three questions."""
    visitor = first.named(f"crowd-{number}", f"127.0.0.{number % 5 + 2}")
    return [told for place in range(3) for told in visitor.ask(f"permit v{number}q{place}")]
