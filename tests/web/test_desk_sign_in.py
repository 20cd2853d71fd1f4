"""The sign-in page, a mentor's own page and the page of the mentors, without a browser."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from desk_pages import LOGINS, PASSWORD, app_of, csrf_of, desk_on, mentor_of, signed_in, visitor
from fastapi import FastAPI
from starlette.testclient import TestClient
from web_visits import started

from assistant.errors import SettingError
from assistant.records.audit import DatabaseAudit
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.mentors import Role
from assistant.types import LANGUAGES, Language
from assistant.web.desk import account, cookies, moments, people, signing_in
from assistant.web.desk.parts import Desk
from assistant.web.desk.routes import PLACES
from assistant.web.desk.words import FrameWords, _tables, frame, table

SIGN_IN = "/en/desk/sign-in"
LOGIN = LOGINS[Role.MENTOR]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give records of the test's own."""
    opened = open_database(sqlite_url(tmp_path / "records.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def desk(database: Database) -> Desk:
    """Give a desk with a mentor and a coordinator."""
    return desk_on(database)


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    """Give the served desk."""
    return app_of(desk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_in_every_language(app: FastAPI, language: Language) -> None:
    """Language, title, labels, ways to the other languages; no script, no other place, nothing kept."""
    reply = visitor(app).get(f"/{language}/desk/sign-in")
    assert reply.status_code == 200
    said = signing_in.words(language)
    assert f'<html lang="{language}">' in reply.text
    assert reply.text.count("<h1>") == 1
    assert f'<label for="password">{said.password}</label>' in reply.text
    assert all(f'href="/{other}/desk/sign-in"' in reply.text for other in LANGUAGES)
    assert "<script" not in reply.text
    assert "http" not in re.sub(r"http-equiv", "", reply.text)
    assert reply.headers["cache-control"] == "no-store"


def test_all_languages_have_the_same_words(app: FastAPI) -> None:
    """The same tables with the same keys, all of them; and every page's name and every problem has its words."""
    keys = {
        language: {name: sorted(_flat(words)) for name, words in _tables(language).items()} for language in LANGUAGES
    }
    assert keys["en"] == keys["ru"] == keys["kk"]
    for language in LANGUAGES:
        assert frame(language).places.keys() == PLACES.keys()
        assert account.words(language)
        assert people.words(language)


def test_a_table_that_does_not_fit_is_refused() -> None:
    """A missing table, or one whose keys are not those of its class, is an error of the program, not an empty page."""
    with pytest.raises(SettingError, match="there must be a table 'nowhere'"):
        table("en", "nowhere", FrameWords)
    with pytest.raises(SettingError, match="must stand both"):
        table("en", "people", FrameWords)


def test_signing_in_leads_to_where_one_wanted_to_go(app: FastAPI) -> None:
    """From a page that needs a session to the sign-in page, and back to it in its own language."""
    client = visitor(app)
    away = client.get("/kk/desk/account/")
    assert (away.status_code, away.headers["location"]) == (303, "/kk/desk/sign-in?next=/kk/desk/account/")
    shown = client.get(away.headers["location"])
    assert '<input type="hidden" name="next" value="/kk/desk/account/">' in shown.text
    data = {"login": LOGIN, "password": PASSWORD, "next": "/kk/desk/account/"}
    entered = client.post("/kk/desk/sign-in", data=data)
    assert (entered.status_code, entered.headers["location"]) == (303, "/kk/desk/account/")
    assert "Aigul" in client.get("/kk/desk/account/").text
    assert client.get("/kk/desk/sign-in").headers["location"] == "/kk/desk/"


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_filters_outlive_signing_in_and_the_language(app: FastAPI, spoken: Language) -> None:
    """What a page was asked for stands in its address after signing in, in any language; what was done does not."""
    client, query = visitor(app), "stage=all&words=%D0%B2%D0%B8%D0%B7%D0%B0+%26%2F&after=17-3"
    away = client.get(f"/en/desk/?{query}&done=claimed")
    assert away.status_code == 303
    switched = re.search(rf'href="(/{spoken}/desk/sign-in[^"]*)"', client.get(away.headers["location"]).text)
    assert switched
    hidden = re.search(r'name="next" value="([^"]*)"', client.get(unescape(switched[1])).text)
    assert hidden
    data = {"login": LOGIN, "password": PASSWORD, "next": unescape(hidden[1])}
    entered = client.post(f"/{spoken}/desk/sign-in", data=data).headers["location"]
    assert entered == f"/{spoken}/desk/?{query}"
    page = unescape(client.get(f"{entered}&done=claimed").text)
    for each in LANGUAGES:
        assert f'<a href="/{each}/desk/?{query}"' in page


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/en/desk//evil.example", "/en/", "/en/desk/../../x", "javascript:alert(1)",
     "/en/desk/sign-in", "\\\\evil.example", "/en/desk/\n", "", "/en/desk/?x=https://evil.example",
     "/en/desk//evil.example?x=1", "/en/desk/sign-in?next=/en/desk/", "/en/desk/?x=\r\ny", "/en/desk/?" + "x" * 3001],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(app: FastAPI, wanted: str) -> None:
    """Whatever the address or the form asks for, the way leads to the desk."""
    client = visitor(app)
    entered = client.post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD, "next": wanted})
    assert entered.headers["location"] == "/en/desk/"
    assert 'value="/en/desk/"' in visitor(app).get(SIGN_IN, params={"next": wanted}).text


def test_cookies_cannot_be_read_or_carried_away(app: FastAPI) -> None:
    """Both are for this host alone, over https, not for scripts and not for requests from elsewhere."""
    client = visitor(app)
    reply = client.post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD})
    given = reply.headers.get_list("set-cookie")
    assert len(given) == 2
    for each in given:
        assert each.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(each.split("; "))
        assert "Domain" not in each
    assert "Max-Age" not in given[0]
    assert len(given[0].split("=")[1].split(";")[0]) == 43


def test_a_wrong_password_says_what_a_wrong_login_says(app: FastAPI) -> None:
    """The same page, but for what was typed, which is escaped and never the password."""
    pages = []
    for login in (LOGIN, "<b>nobody"):
        reply = visitor(app).post(SIGN_IN, data={"login": login, "password": "a wrong one"})
        assert reply.status_code == 401
        assert "a wrong one" not in reply.text
        assert "set-cookie" not in reply.headers
        pages.append(unescape(reply.text).replace(login, ""))
    assert pages[0] == pages[1]
    assert signing_in.words("en").wrong in pages[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_guessing_is_slowed_down_in_words(app: FastAPI, language: Language) -> None:
    """The sixth try is refused with the seconds to wait, even with the right password; the browser used before gets in."""
    known = signed_in(app)
    known.cookies.delete(f"__Host-{cookies.SESSION}")
    stranger = visitor(app)
    for _ in range(5):
        stranger.post(f"/{language}/desk/sign-in", data={"login": LOGIN, "password": "wrong"})
    reply = stranger.post(f"/{language}/desk/sign-in", data={"login": LOGIN, "password": PASSWORD})
    assert reply.status_code == 429
    assert 1 <= int(reply.headers["retry-after"]) <= 30
    assert signing_in.words(language).wait_seconds.format(count=reply.headers["retry-after"]) in reply.text
    assert known.post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD}).status_code == 303


def test_one_browser_can_be_known_to_be_several_mentors(app: FastAPI) -> None:
    """A shared computer keeps what it has of each."""
    client = signed_in(app)
    client.post(SIGN_IN, data={"login": LOGINS[Role.COORDINATOR], "password": PASSWORD})
    names = {name for name in client.cookies if "known" in name}
    assert names == {f"__Host-{cookies.known(login)}" for login in LOGINS.values()}


def test_signing_in_again_ends_the_session_before(app: FastAPI, desk: Desk) -> None:
    """A browser has one session; the token that was there before is worth nothing."""
    client = signed_in(app)
    before = client.cookies[f"__Host-{cookies.SESSION}"]
    client.post(SIGN_IN, data={"login": LOGINS[Role.COORDINATOR], "password": PASSWORD})
    assert desk.sign_in.resume(before) is None
    assert client.get("/en/desk/people/").status_code == 200


@pytest.mark.parametrize("foreign", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, None])
def test_nobody_is_signed_in_from_elsewhere(app: FastAPI, foreign: dict[str, str] | None) -> None:
    """A form of another site, or a request that does not say where it comes from, signs nobody in."""
    client = visitor(app)
    if foreign is None:
        del client.headers["origin"], client.headers["sec-fetch-site"]
    reply = client.post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD}, headers=foreign)
    assert reply.status_code == 403
    assert "set-cookie" not in reply.headers


def test_plain_http_serves_this_machine_alone(desk: Desk) -> None:
    """On another host nobody can sign in without https, and the page says why; on this machine the cookie has no prefix."""
    app = app_of(desk, hosts=("testserver", "localhost", "127.0.0.1"))
    far = TestClient(app, base_url="http://testserver", follow_redirects=False, headers=_from("http://testserver"))
    assert signing_in.words("en").needs_https in unescape(far.get(SIGN_IN).text)
    assert 'type="password"' not in far.get(SIGN_IN).text
    reply = far.post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD})
    assert reply.status_code == 403
    assert "set-cookie" not in reply.headers
    signed = desk.sign_in.enter(LOGIN, PASSWORD, device=None, address="192.0.2.1")
    for name in ("desk", "__Host-desk"):
        far.cookies.set(name, signed.token)  # type: ignore[union-attr]
    assert far.get("/en/desk/account/").status_code == 303
    for host in ("localhost", "127.0.0.1"):
        place = f"http://{host}:8000"
        near = TestClient(app, base_url=place, follow_redirects=False, headers=_from(place))
        reply = near.post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD})
        assert reply.status_code == 303
        assert all(not each.startswith("__") and "Secure" not in each for each in reply.headers.get_list("set-cookie"))
        assert near.get("/en/desk/account/").status_code == 200


def test_signing_out_takes_session_and_cookie(app: FastAPI) -> None:
    """The page is gone at once, also for whoever copied the cookie."""
    client = signed_in(app)
    token = client.cookies[f"__Host-{cookies.SESSION}"]
    reply = client.post("/ru/desk/account/sign-out", data={"csrf": csrf_of(client)})
    assert (reply.status_code, reply.headers["location"]) == (303, "/ru/desk/sign-in")
    assert f"__Host-{cookies.SESSION}" not in client.cookies
    thief = visitor(app)
    thief.cookies.set(f"__Host-{cookies.SESSION}", token)
    assert thief.get("/en/desk/account/").status_code == 303


def test_signing_out_everywhere(app: FastAPI) -> None:
    """Two browsers are listed, and both have to sign in again."""
    first, second = signed_in(app), signed_in(app)
    page = first.get("/en/desk/account/").text
    assert page.count("<tr><td>") == 2
    assert page.count(account.words("en").own) == 1
    first.post("/en/desk/account/sign-out-everywhere", data={"csrf": csrf_of(first)})
    assert [each.get("/en/desk/account/").status_code for each in (first, second)] == [303, 303]


def test_what_was_typed_survives_the_end_of_a_session(app: FastAPI) -> None:
    """The refusal holds every field but secrets; sent once more after signing in anew, it only has to be confirmed."""
    client = signed_in(app)
    typed = {
        "csrf": csrf_of(client),
        "text": "a <long> answer\nof two lines",
        "reasons": ["a", "b"],
        "old_password": "secret",
    }
    client.cookies.delete(f"__Host-{cookies.SESSION}")
    late = client.post("/en/desk/account/sign-out", data=typed)
    assert late.status_code == 401
    assert _hidden(late.text) == [("csrf", ""), ("text", typed["text"]), ("reasons", "a"), ("reasons", "b")]
    assert "secret" not in late.text
    client.post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD})
    stale = client.post("/en/desk/account/sign-out", data=dict(_hidden(late.text)))
    assert stale.status_code == 403
    fresh = dict(_hidden(stale.text[stale.text.index("<main") :]))
    assert fresh["text"] == typed["text"]
    assert client.post("/en/desk/account/sign-out", data=fresh).status_code == 303


def test_a_flood_of_fields_is_not_sent_back(app: FastAPI) -> None:
    """A form that no page of ours has, of tens of thousands of fields, is refused without being repeated."""
    reply = visitor(app).post("/en/desk/account/sign-out", content="&".join(f"f{n}=x" for n in range(30_000)),
                              headers={"content-type": "application/x-www-form-urlencoded"})  # fmt: skip
    assert reply.status_code in {400, 401, 413}
    assert len(reply.text) < 10_000


def test_changing_the_password(app: FastAPI) -> None:
    """Faults stand at their field; a right change keeps this browser in and says so."""
    client, other = signed_in(app), signed_in(app)
    new = "eight other plain words"
    for old, first, second, field, said in (
        (PASSWORD, new, "different", "repeat_password", account.words("en").different),
        (PASSWORD, "short", "short", "new_password", account.words("en").short),
        (PASSWORD, "Password123456", "Password123456", "new_password", account.words("en").common),
        (PASSWORD, "aigul-aigul-1", "aigul-aigul-1", "new_password", account.words("en").like_login),
        ("wrong", new, new, "old_password", account.words("en").wrong),
    ):
        reply = _change(client, old, first, second)
        assert reply.status_code == 422
        assert f'id="{field}_fault">{said}<' in reply.text
        assert new not in reply.text
    reply = _change(client, PASSWORD, new, new)
    assert reply.status_code == 303
    assert account.words("en").changed in client.get(reply.headers["location"]).text
    assert other.get("/en/desk/account/").status_code == 303
    assert visitor(app).post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD}).status_code == 401


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_coordinator_looks_after_the_mentors(
    app: FastAPI, desk: Desk, database: Database, language: Language
) -> None:
    """Disabling and signing out end the mentor's sessions at once; enabling lets them back; all of it is noted."""
    place, of = f"/{language}/desk/people/", mentor_of(desk)
    mentor, boss = signed_in(app), signed_in(app, Role.COORDINATOR)
    csrf = csrf_of(boss)
    assert boss.get(place).text.count('scope="row">') == 2
    assert boss.post(f"{place}{of.id}/sign-out", data={"csrf": csrf}).status_code == 303
    assert mentor.get("/en/desk/account/").status_code == 303
    mentor = signed_in(app)
    boss.post(f"{place}{of.id}/disable", data={"csrf": csrf})
    assert mentor.get("/en/desk/account/").status_code == 303
    assert visitor(app).post(SIGN_IN, data={"login": LOGIN, "password": PASSWORD}).status_code == 401
    assert people.words(language).enable in boss.get(place).text
    boss.post(f"{place}{of.id}/enable", data={"csrf": csrf})
    assert signed_in(app).get("/en/desk/account/").status_code == 200
    actor = mentor_of(desk, Role.COORDINATOR).id
    deeds = [each.action for each in DatabaseAudit(database).entries() if each.actor == actor]
    assert deeds == ["sign_in", "sign_out", "disable", "enable"]


def test_a_coordinator_cannot_shut_themselves_out(app: FastAPI, desk: Desk) -> None:
    """Neither by disabling themselves nor with a deed that there is not."""
    boss = signed_in(app, Role.COORDINATOR)
    own, csrf = mentor_of(desk, Role.COORDINATOR).id, csrf_of(boss)
    assert boss.post(f"/en/desk/people/{own}/disable", data={"csrf": csrf}).status_code == 409
    assert boss.post(f"/en/desk/people/{mentor_of(desk).id}/delete", data={"csrf": csrf}).status_code == 404
    assert boss.get("/en/desk/people/").status_code == 200


def test_the_navigation_shows_what_one_may_open(app: FastAPI) -> None:
    """A mentor sees no way to the page of coordinators; the present page is marked."""
    place = "/en/desk/people/"
    mentor, boss = (signed_in(app, role).get("/en/desk/account/").text for role in Role)
    assert f'href="{place}"' not in mentor
    assert f'href="{place}"' in boss
    assert '<a href="/en/desk/account/" aria-current="page">' in mentor


def test_moments_are_those_of_kazakhstan(desk: Desk) -> None:
    """Five hours ahead of UTC, written as each language does."""
    at = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert [moments.moment(at, language) for language in LANGUAGES] == [
        "23 Nov 2026, 01:30", "23 нояб. 2026, 01:30", "23 қар. 2026, 01:30",
    ]  # fmt: skip


@pytest.mark.parametrize("headers", [{"accept-language": "kk"}, {"accept-language": "ru-RU,ru;q=0.9"}])
def test_the_desk_without_a_language_leads_to_one(app: FastAPI, headers: dict[str, str]) -> None:
    """The browser's own, as everywhere."""
    reply = visitor(app).get("/desk", headers=headers)
    assert (reply.status_code, reply.headers["location"]) == (307, f"/{headers['accept-language'][:2]}/desk/")


def _change(client: TestClient, old: str, new: str, repeated: str):  # type: ignore[no-untyped-def]
    data = {"csrf": csrf_of(client), "old_password": old, "new_password": new, "repeat_password": repeated}
    return client.post("/en/desk/account/password", data=data)


def _from(place: str) -> dict[str, str]:
    return {"origin": place, "sec-fetch-site": "same-origin"}


def _hidden(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return [(unescape(name), unescape(value)) for name, value in found]


def _flat(words: object, name: str = "") -> Iterator[str]:
    """Give the keys of a table and of the tables in it."""
    if not isinstance(words, dict):
        yield name
        return
    for key, each in words.items():
        yield from _flat(each, f"{name}.{key}")


def test_behind_a_proxy_on_this_machine_https_and_the_visitors_address_count(tmp_path: Path) -> None:
    """The real server believes the headers that the README tells a proxy to send: cookies of https, waits per visitor."""
    process, place = started(10_000, tmp_path / "output.txt", "serve_desk.py")
    try:
        headers = {
            "origin": place.replace("http:", "https:"),
            "x-forwarded-proto": "https",
            "x-forwarded-for": "192.0.2.1",
        }
        reply = _sent(place, headers, LOGIN, PASSWORD)
        assert reply.status == 303
        assert all("__Host-" in each and "Secure" in each for each in reply.headers.get_all("set-cookie"))
        for number in range(20):
            _sent(place, headers, f"nobody{number}", "wrong")
        assert _sent(place, headers, LOGIN, PASSWORD).status == 429
        assert _sent(place, headers | {"x-forwarded-for": "192.0.2.2"}, LOGIN, PASSWORD).status == 303
    finally:
        process.terminate()
        process.wait(30)


def _sent(place: str, headers: dict[str, str], login: str, password: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(place).netloc, timeout=30)
    sent = {"content-type": "application/x-www-form-urlencoded"} | headers
    connection.request("POST", SIGN_IN, urlencode({"login": login, "password": password}), sent)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply
