"""Who gets into the desk: every route there is, without the right to it, is refused on the server and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from desk_pages import LOGINS, PASSWORD, app_of, csrf_of, desk_on, mentor_of, signed_in, visitor, whole_app_of
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import select
from starlette.testclient import TestClient

from assistant.records import schema
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.mentors import Role
from assistant.web.desk.cookies import SESSION
from assistant.web.desk.parts import Desk
from assistant.web.desk.routes import PLACES, ROUTERS

if TYPE_CHECKING:
    from httpx import Response

COOKIE = f"__Host-{SESSION}"
OPEN = re.compile(r"/(?:en|ru|kk)/desk(?:/sign-in(?:/provider)?)?|/desk(?:/|/oidc)?")
"""What everybody may ask for: the sign-in page, and the ways to it."""

SHOWN = [name for name in PLACES if name in ROUTERS]
"""The pages of the navigation that there are."""

SAMPLES = {"id": "1", "number": "1", "digest": "0" * 64, "language": "en", "deed": "disable", "item": "1"}


@dataclass(frozen=True)
class Place:
    """A desk that is served, with everything an intruder might have got hold of."""

    database: Database
    desk: Desk
    app: FastAPI
    tokens: Mapping[str, str]
    csrf: str
    foreign_csrf: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a desk with a mentor, a coordinator, and sessions that are no good any more."""
    folder = tmp_path_factory.mktemp("access")
    database = open_database(sqlite_url(folder / "records.sqlite"))
    desk = desk_on(database)
    app = app_of(desk)
    good, other = signed_in(app), signed_in(app, Role.COORDINATOR)
    left = signed_in(app)
    signed_out = _token(left)
    left.post("/en/desk/account/sign-out", data={"csrf": csrf_of(left)})
    expired = signed_in(app)
    idle = schema.session.c.token == _stored(expired)
    with database.writing() as connection:
        begun = connection.scalar(select(schema.session.c.begun).where(idle))
        assert begun is not None
        connection.execute(schema.session.update().where(idle).values(latest=begun.replace(year=begun.year - 1)))
    desk.mentors.add("gone@example.org", "Gone", "Office", Role.COORDINATOR, PASSWORD)
    disabled = visitor(app)
    disabled.post("/en/desk/sign-in", data={"login": "gone@example.org", "password": PASSWORD})
    gone = _token(disabled)
    with database.writing() as connection:  # not by ``disable``, which would end the session as well
        now = connection.scalar(select(schema.session.c.latest).where(schema.session.c.token == _stored(disabled)))
        row = schema.mentor.c.login == "gone@example.org"
        connection.execute(schema.mentor.update().where(row).values(disabled=now))
    token = _token(good)
    tokens = {
        "mentor": token,
        "coordinator": _token(other),
        "signed out": signed_out,
        "expired": _token(expired),
        "disabled": gone,
        "tampered": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "its hash": _stored(good),
        "empty": "",
        "made up": "A" * 43,
        "injected": "' OR 1=1 --",
        "endless": "A" * 5_000,
    }
    yield Place(database, desk, app, tokens, csrf_of(good), csrf_of(other))
    database.close()


NOBODY = ("signed out", "expired", "disabled", "tampered", "its hash", "empty", "made up", "injected", "endless")


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and path of every guarded route of the desk, as the application itself lists them."""
    found = [
        (method, _filled(each.path))
        for each in iter_route_contexts(app.routes)
        if each.path and re.fullmatch(r"(?:/(?:en|ru|kk))?/desk(?:/.*)?", each.path)
        for method in sorted(each.methods or ())
    ]
    return [(method, path) for method, path in found if not OPEN.fullmatch(path)]


def test_every_page_of_the_navigation_is_among_the_routes(place: Place) -> None:
    """The list that the other tests go through holds every registered page in every language, and its deeds."""
    found = routes(place.app)
    pages = {path for method, path in found if method == "GET"}
    assert pages >= {f"/{language}/desk/{PLACES[name]}" for language in ("en", "ru", "kk") for name in SHOWN}
    assert {path for method, path in found if method == "POST"} >= {
        "/en/desk/account/password",
        "/kk/desk/people/1/disable",
    }
    assert len(found) >= 24
    assert {path.split("/")[1] for _, path in found} == {"en", "ru", "kk"}


def test_nobody_gets_in_without_a_good_session(place: Place) -> None:
    """Every route, with each kind of bad session and none: a GET leads to the sign-in page, a POST is 401."""
    before, attempts = contents(place.database), 0
    for method, path in routes(place.app):
        for kind in ("none", *NOBODY):
            client = visitor(place.app)
            if kind != "none":
                client.cookies.set(COOKIE, place.tokens[kind])
            reply = client.request(method, path, data={"csrf": place.csrf} if method == "POST" else None)
            assert refused(reply, method), (kind, method, path, reply.status_code)
            attempts += 1
    assert attempts >= 200
    assert contents(place.database) == before


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"origin": None, "sec-fetch-site": None}, "good"),
        ({"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, "good"),
        ({"origin": "https://evil.example", "sec-fetch-site": None}, "good"),
        ({"origin": None, "sec-fetch-site": "same-site"}, "good"),
        ({"origin": None, "sec-fetch-site": "none"}, "good"),
        ({"origin": "null", "sec-fetch-site": None}, "good"),
        ({"origin": "https://testserver.evil.example", "sec-fetch-site": None}, "good"),
        ({}, "none"),
        ({}, "wrong"),
        ({}, "foreign"),
        ({}, "twice"),
        ({}, "token"),
        ({}, "in the address"),
        ({}, "as JSON"),
        ({}, "as parts"),
    ],
)
def test_a_good_session_alone_changes_nothing(place: Place, headers: Mapping[str, str | None], fields: str) -> None:
    """A POST without our own origin and the session's own field is refused before anything is looked at."""
    before = contents(place.database)
    for method, path in routes(place.app):
        if method != "POST":
            continue
        client = visitor(place.app)
        client.cookies.set(COOKIE, place.tokens["coordinator"])  # whose role allows everything
        for name, value in headers.items():
            client.headers.pop(name)
            if value is not None:
                client.headers[name] = value
        reply = sent_with(client, path, fields, place)
        assert reply.status_code in {403, 415}, (path, reply.status_code)
    assert contents(place.database) == before


def sent_with(client: TestClient, path: str, fields: str, place: Place) -> Response:
    """Send a POST as the coordinator, with the right field, or with what an intruder might try instead."""
    right = place.foreign_csrf
    if fields == "in the address":
        return client.post(f"{path}?csrf={right}", data={"x": "1"})
    if fields == "as JSON":
        return client.post(path, json={"csrf": right})
    if fields == "as parts":
        return client.post(path, files={"csrf": (None, right)})
    values = {
        "good": right,
        "none": [],
        "wrong": "0" * 64,
        "foreign": place.csrf,
        "twice": [place.csrf, right],
        "token": place.tokens["coordinator"],
    }
    return client.post(path, data={"csrf": values[fields], "x": "1"})


def test_a_mentor_is_no_coordinator(place: Place) -> None:
    """With a good session of their own and the right field, what is for coordinators is refused, GET and POST."""
    before, seen = contents(place.database), 0
    for method, path in routes(place.app):
        if "/people/" not in path:
            continue
        client = visitor(place.app)
        client.cookies.set(COOKIE, place.tokens["mentor"])
        for whom in ("1", mentor_of(place.desk, Role.COORDINATOR).id):
            address = path.replace("/1/", f"/{whom}/")
            reply = client.request(method, address, data={"csrf": place.csrf} if method == "POST" else None)
            assert reply.status_code == 403
            seen += 1
    assert seen >= 12
    assert contents(place.database) == before


def test_the_right_session_does_get_in(place: Place) -> None:
    """So the refusals above are not for want of a page: the same requests with everything right are answered."""
    client = visitor(place.app)
    client.cookies.set(COOKIE, place.tokens["coordinator"])
    for language in ("en", "ru", "kk"):
        for name in SHOWN:
            reply = client.get(f"/{language}/desk/{PLACES[name]}")
            assert reply.status_code == 200, (name, reply.status_code)
            assert reply.headers["cache-control"] == "no-store"
    reply = client.post("/en/desk/people/1/disable", data={"csrf": place.foreign_csrf})
    assert reply.status_code == 404


@pytest.mark.parametrize("cookie", ["desk", "Host-desk", "__Secure-desk", "__host-desk"])
def test_over_https_only_the_host_cookie_counts(place: Place, cookie: str) -> None:
    """A good token in a cookie of another name, which a neighbouring site could set, is none."""
    client = visitor(place.app)
    client.cookies.set(cookie, place.tokens["mentor"])
    assert client.get("/en/desk/account/").status_code == 303


def test_the_whole_application_has_the_same_desk_and_no_way_round(place: Place, tmp_path: Path) -> None:
    """It lists the same routes; the event endpoints of the students' pages do not exist below the desk's addresses."""
    whole = whole_app_of(place.desk, tmp_path)
    assert routes(whole) == routes(place.app)
    client = visitor(whole)
    client.cookies.set(COOKIE, place.tokens["coordinator"])
    for path in ("gradio_api/queue/join", "queue/join", "config", "gradio_api/upload", "run/predict", "api/predict"):
        for language in ("en", "ru", "kk"):
            for method in ("GET", "POST"):
                reply = client.request(method, f"/{language}/desk/{path}", json={} if method == "POST" else None)
                assert reply.status_code in {404, 403, 405, 415}, (method, path, reply.status_code)


@pytest.mark.parametrize(
    "path",
    [
        "/en/desk/../desk/people/",
        "/en//desk/people/",
        "/en/desk/%2e%2e/people/",
        "/EN/desk/people/",
        "/en/Desk/people/",
        "/en/desk/people/%00",
        "/desk/people/",
    ],
)
def test_odd_spellings_open_nothing(place: Place, path: str) -> None:
    """No other way to write an address leads past the gate."""
    reply = visitor(place.app).get(path)
    assert reply.status_code in {303, 400, 404}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD"])
def test_no_other_method_does_anything(place: Place, method: str) -> None:
    """Only GET and POST exist at the desk."""
    before = contents(place.database)
    for _, path in routes(place.app)[:12]:
        client = visitor(place.app)
        client.cookies.set(COOKIE, place.tokens["coordinator"])
        assert client.request(method, path).status_code in {404, 405}
    assert contents(place.database) == before


def contents(database: Database) -> dict[str, list[object]]:
    """Return all rows of all tables, less the minute in which a session was last used."""
    skipped = {"session": {"latest"}}
    with database.reading() as connection:
        return {
            table.name: sorted(
                connection.execute(
                    select(*(column for column in table.c if column.name not in skipped.get(table.name, set())))
                ).all(),
                key=str,
            )
            for table in schema.metadata.sorted_tables
        }


def refused(reply: Response, method: str) -> bool:
    """Return whether somebody without a session was refused, with nothing of the desk in the reply."""
    if any(login in reply.text for login in LOGINS.values()):
        return False
    if method == "GET":
        where = reply.headers.get("location", "")
        return reply.status_code == 303 and re.match(r"/(?:en|ru|kk)/desk/sign-in\?next=", where) is not None
    return reply.status_code == 401


def _filled(path: str) -> str:
    """Return a path with something for each of its parameters."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: SAMPLES.get(found[1], "1"), path)


def _token(client: TestClient) -> str:
    return client.cookies[COOKIE]


def _stored(client: TestClient) -> str:
    from assistant.records.sessions import digest

    return digest(_token(client))
