"""A desk on a database of the test's own, and the mentors who work at it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from fastapi import FastAPI
from starlette.testclient import TestClient
from web_fakes import FakeAssistant, guide, recorder, university

from assistant.answering.verification.verifying import Verifier
from assistant.bootstrap import open_desk
from assistant.knowledge.index import in_memory
from assistant.preparation.preparing import Preparation
from assistant.records.database import Database
from assistant.records.mentors import Mentor, Role
from assistant.records.store import FolderSubmissions
from assistant.types import LANGUAGES
from assistant.web.app import create_app
from assistant.web.desk.oidc import Provider
from assistant.web.desk.parts import Desk
from assistant.web.desk.routes import add_desk
from assistant.web.guard import Guard, Rules
from assistant.web.limits import Limiter

PLACE = "https://testserver"
OWN = {"origin": PLACE, "sec-fetch-site": "same-origin"}
PASSWORD = "seven plain words"
VERIFIER = Verifier.of(in_memory([made(language) for language in LANGUAGES for made in (guide, university)]))
LOGINS = {Role.MENTOR: "aigul@example.org", Role.COORDINATOR: "dana@example.org"}


def desk_on(database: Database, provider: Provider | None = None) -> Desk:
    """Return a desk with a mentor and a coordinator, whose logins are ``LOGINS``."""
    desk = open_desk(database, FakeAssistant(), VERIFIER.verify, provider)
    for role, login in LOGINS.items():
        desk.mentors.add(login, login.partition("@")[0].title(), "International office", role, PASSWORD)
    return desk


def mentor_of(desk: Desk, role: Role = Role.MENTOR) -> Mentor:
    """Return the mentor with a role."""
    return next(each for each in desk.mentors.all() if each.role is role)


def app_of(desk: Desk, hosts: tuple[str, ...] = ("testserver",)) -> FastAPI:
    """Return the desk alone, behind the guard: the pages of students take seconds to build."""
    app = FastAPI(openapi_url=None)
    add_desk(app, desk)
    limiters = {name: Limiter(10_000) for name in ("sessions", "addresses", "events", "traffic")}
    rules = Rules(hosts=frozenset(hosts), pages=frozenset(), asking={}, desk=True, **limiters)
    app.add_middleware(Guard, rules=rules)
    return app


def whole_app_of(desk: Desk, folder: Path) -> FastAPI:
    """Return the whole application with a desk, built inside an event loop: outside, Gradio leaves several unclosed."""
    sent = FolderSubmissions(folder / "sent")

    async def build() -> FastAPI:
        return create_app(
            FakeAssistant(), sent, Preparation(), recorder=recorder(folder),
            allowed_hosts=("testserver",), requests_per_minute=10_000, desk=desk,
        )  # fmt: skip

    return asyncio.run(build())


def visitor(app: FastAPI) -> TestClient:
    """Return a browser-like client that has not signed in and shows redirects."""
    return TestClient(app, base_url=PLACE, follow_redirects=False, headers=OWN)


def signed_in(app: FastAPI, role: Role = Role.MENTOR) -> TestClient:
    """Return a client in which the mentor with a role has signed in."""
    client = visitor(app)
    reply = client.post("/en/desk/sign-in", data={"login": LOGINS[role], "password": PASSWORD})
    assert reply.status_code == 303, reply.text
    return client


def csrf_of(client: TestClient) -> str:
    """Return what the forms of a client's session carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/en/desk/account/").text)
    assert found
    return found[1]
