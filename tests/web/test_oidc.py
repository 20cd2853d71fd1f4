"""Signing in with an account of the organisation, against a small real provider on loopback."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from desk_pages import LOGINS, desk_on, visitor
from desk_pages import app_of as served
from fastapi import FastAPI
from identity_provider import CLIENT, SECRET, IdentityProvider, provided
from starlette.testclient import TestClient

from assistant.bootstrap import open_provider
from assistant.errors import SettingError
from assistant.records.database import open_database, sqlite_url
from assistant.records.mentors import Role
from assistant.settings import load_settings
from assistant.types import LANGUAGES
from assistant.web.desk import oidc, signing_in
from assistant.web.desk.parts import Desk

LOGIN = LOGINS[Role.MENTOR]
PERSON = {"sub": "4711", "email": "Aigul@Example.org", "email_verified": True}


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """Give a provider that knows the mentor."""
    with provided() as made:
        made.person = dict(PERSON)
        yield made


@pytest.fixture
def desk(tmp_path: Path, provider: IdentityProvider) -> Iterator[Desk]:
    """Give a desk that trusts the provider, as the settings say it."""
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    settings = load_settings(oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET)
    yield desk_on(database, open_provider(settings))
    database.close()


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    """Give the served desk."""
    return served(desk)


def led_out(client: TestClient, path: str = "/kk/desk/sign-in/provider?next=/kk/desk/account/") -> str:
    """Return the address at the provider to which the sign-in page leads."""
    reply = client.get(path)
    assert reply.status_code == 303, reply.text
    return reply.headers["location"]


def led_back(address: str) -> str:
    """Return the path to which the provider leads a browser back."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(connection.getresponse().headers["location"])
    connection.close()
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"https://testserver{oidc.PLACE}"
    return f"{back.path}?{back.query}"


def is_in(client: TestClient) -> bool:
    """Return whether a client has signed in."""
    return bool(client.get("/en/desk/account/").status_code == 200)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mentor_signs_in_with_the_organisations_account(
    app: FastAPI, provider: IdentityProvider, language: str
) -> None:
    """From the page in a language to the provider and back to where they wanted to go, in that language."""
    client = visitor(app)
    page = client.get(f"/{language}/desk/sign-in").text
    assert f'href="/{language}/desk/sign-in/provider?next=' in page
    target = f"/{language}/desk/account/"
    reply = client.get(led_back(led_out(client, f"/{language}/desk/sign-in/provider?next={target}")))
    assert reply.status_code == 200  # no redirect: the new cookie would not go along
    assert f'<meta http-equiv="refresh" content="0;url={target}">' in reply.text
    assert LOGIN in client.get(target).text
    assert not any("pending" in name for name in client.cookies)


def test_what_is_asked_of_the_provider(app: FastAPI) -> None:
    """The code flow with PKCE (S256), state and nonce, each new every time; the cookie is for our site alone."""
    client = visitor(app)
    reply = client.get("/en/desk/sign-in/provider")
    first, second = (parse_qs(urlsplit(each).query) for each in (reply.headers["location"], led_out(client)))
    assert (first["response_type"], first["code_challenge_method"]) == (["code"], ["S256"])
    assert first["redirect_uri"] == [f"https://testserver{oidc.PLACE}"]
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name][0]) >= 20
    assert {"Secure", "HttpOnly", "SameSite=lax"} <= set(reply.headers["set-cookie"].split("; "))
    assert SECRET not in reply.headers["location"]


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": int(time.time()) - 3_600},
        {"exp": None},
        {"iat": int(time.time()) + 3_600},
        {"nbf": int(time.time()) + 3_600},
        {"sub": None},
    ],
)
def test_a_token_that_does_not_fit_signs_nobody_in(
    app: FastAPI, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    """Of another sign-in, for another program, from another issuer, too old or not yet valid, about nobody."""
    provider.claims = claims
    client = visitor(app)
    reply = client.get(led_back(led_out(client)))
    assert reply.status_code == 401
    assert signing_in.words("kk").provider_down in reply.text or signing_in.words(
        "en"
    ).provider_down in reply.text.replace("&#39;", "'")
    assert not is_in(client)
    provider.claims = {}
    client.get(led_back(led_out(client)))
    assert is_in(client)


@pytest.mark.parametrize("sign", ["foreign", "HS256", "none"])
def test_a_token_that_the_provider_did_not_sign(app: FastAPI, provider: IdentityProvider, sign: str) -> None:
    """A foreign key, the shared secret or no signature at all, even where the provider's metadata offers them."""
    provider.sign = sign
    client = visitor(app)
    assert client.get(led_back(led_out(client))).status_code == 401
    assert not is_in(client)


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "1", "email": "stranger@example.org", "email_verified": True},
        {"sub": "1", "email": LOGIN, "email_verified": False},
        {"sub": "1", "email": LOGIN, "email_verified": "true"},
        {"sub": "1", "email": LOGIN},
        {"sub": "1", "email_verified": True},
        {"sub": "1", "preferred_username": LOGIN},
    ],
)
def test_whom_the_provider_does_not_vouch_for(
    app: FastAPI, desk: Desk, provider: IdentityProvider, person: dict[str, Any]
) -> None:
    """An unknown person or an address that nobody verified is refused, and nobody becomes a mentor by it."""
    provider.person = person
    before = desk.mentors.all()
    client = visitor(app)
    reply = client.get(led_back(led_out(client)))
    assert reply.status_code == 403
    assert signing_in.words("kk").not_vouched in reply.text
    assert not is_in(client)
    assert desk.mentors.all() == before


def test_an_account_stays_with_the_first_subject(app: FastAPI, provider: IdentityProvider) -> None:
    """Who gets the address of somebody later is not them; the first stays, even under a new address."""
    first, second = visitor(app), visitor(app)
    first.get(led_back(led_out(first)))
    assert is_in(first)
    provider.person = PERSON | {"sub": "another"}
    assert second.get(led_back(led_out(second))).status_code == 403
    provider.person = PERSON | {"email": "new@example.org"}
    second.get(led_back(led_out(second)))
    assert is_in(second)


def test_a_disabled_mentor_stays_out(app: FastAPI, desk: Desk) -> None:
    """Whatever the provider says."""
    desk.mentors.disable(LOGIN)
    client = visitor(app)
    assert client.get(led_back(led_out(client))).status_code == 403
    assert not is_in(client)


def test_a_state_serves_once(app: FastAPI, provider: IdentityProvider) -> None:
    """The same way back, even with the cookie of then, is refused without asking the provider."""
    client = visitor(app)
    address = led_out(client)
    back, kept = led_back(address), dict(client.cookies)
    client.get(back)
    asked = len(provider.seen)
    replay = visitor(app)
    for name, value in kept.items():
        replay.cookies.set(name, value)
    assert replay.get(back).status_code == 401
    assert not is_in(replay)
    assert len(provider.seen) == asked


@pytest.mark.parametrize("cookie", ["", "made.up", "e30=.0", "another"])
def test_another_browser_cannot_end_a_sign_in(app: FastAPI, cookie: str) -> None:
    """Who lures somebody to a way back of their own signs nobody in: the cookie of the beginning is needed, unchanged."""
    attacker, victim = visitor(app), visitor(app)
    back = led_back(led_out(attacker))
    if cookie == "another":
        led_out(victim)
    elif cookie:
        victim.cookies.set("__Host-pending", cookie)
    assert victim.get(back).status_code == 401
    assert not is_in(victim)


def test_a_sign_in_under_way_ends_after_some_minutes(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes back much later begins anew."""
    client = visitor(app)
    back = led_back(led_out(client))
    monkeypatch.setattr(oidc, "PENDING_SECONDS", -1)
    assert client.get(back).status_code == 401


@pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x", "?state=x&code=y", "?state=&code="])
def test_odd_ways_back(app: FastAPI, query: str) -> None:
    """A refusal by the provider, or nothing at all, shows the page again."""
    client = visitor(app)
    led_out(client)
    assert client.get(f"{oidc.PLACE}{query}").status_code == 401
    assert not is_in(client)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": ""},
    ],
)
def test_a_provider_that_says_something_odd_about_itself(
    app: FastAPI, provider: IdentityProvider, metadata: dict[str, str]
) -> None:
    """Another issuer or an address that others can read along to: nobody is led there; once it is right, it works."""
    provider.metadata = metadata
    client = visitor(app)
    assert client.get("/en/desk/sign-in/provider").status_code == 502
    provider.metadata = {}
    client.get(led_back(led_out(client)))
    assert is_in(client)


def test_a_provider_that_is_down(desk: Desk, app: FastAPI, provider: IdentityProvider) -> None:
    """The page says so and the password still works."""
    dead = oidc.Provider("http://127.0.0.1:9", CLIENT, SECRET)
    client = visitor(served(desk_with(desk, dead)))
    reply = client.get("/ru/desk/sign-in/provider")
    assert reply.status_code == 502
    assert signing_in.words("ru").provider_down in reply.text
    assert 'type="password"' in reply.text


def desk_with(desk: Desk, provider: oidc.Provider) -> Desk:
    """Return a desk with another provider."""
    return replace(desk, provider=provider)


def test_without_the_setting_there_is_no_such_way(tmp_path: Path) -> None:
    """No link, no route, and nothing of Authlib is imported."""
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    client = visitor(served(desk_on(database)))
    assert "provider" not in client.get("/en/desk/sign-in").text
    assert client.get("/en/desk/sign-in/provider").status_code == 404
    assert client.get(oidc.PLACE).status_code == 404
    database.close()
    code = "import assistant.web.app, assistant.bootstrap, sys; assert not {'authlib', 'joserfc'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc_issuer": "https://id.example"}, "set all three"),
        ({"oidc_client_id": "x", "oidc_client_secret": "y"}, "set all three"),
        (
            {"oidc_issuer": "http://id.example", "oidc_client_id": "x", "oidc_client_secret": "y"},
            "must begin with https",
        ),
    ],
)
def test_half_a_setting_is_an_error(given: dict[str, str], said: str) -> None:
    """What is missing or unsafe is said at the start, not when somebody wants to sign in."""
    with pytest.raises(SettingError, match=said):
        open_provider(load_settings(**given))
