"""Signing in: the one page of the desk that everybody can open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.records.sessions import KNOWN, Refused, SignedIn
from assistant.types import Language
from assistant.web.desk import cookies, gate, oidc
from assistant.web.desk.parts import Desk
from assistant.web.desk.words import table
from assistant.web.limits import network

PLACE = "sign-in"
_NEXT = re.compile(r"/(?:en|ru|kk)/desk/(?P<place>[A-Za-z0-9_./-]{0,300})(?P<query>\?[A-Za-z0-9_.~%+=&*-]{0,3000})?")
_AT_ONCE = 4
"""Tries that have a thread of their own; the others wait without one, so that the pages of students keep theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInWords:
    """The words of the page: table ``sign_in``."""

    title: str
    intro: str
    login: str
    password: str
    enter: str
    other: str
    no_account: str
    wrong: str
    wait_seconds: str
    wait_minutes: str
    needs_https: str
    not_vouched: str
    provider_down: str
    entered: str
    go_on: str


def words(language: Language) -> SignInWords:
    """Return the words of the page."""
    return table(language, "sign_in", SignInWords)


def router(language: Language, desk: Desk) -> APIRouter:
    """Return the routes of the page in one language."""
    made = APIRouter()
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    @made.get(f"/{PLACE}")
    async def shown(request: Request) -> Response:
        target = safe_next(request.query_params.get("next"), language)
        token = cookies.session_token(request)
        mentor = await run_in_threadpool(desk.sign_in.resume, token) if token else None
        if mentor is not None:
            return RedirectResponse(target, 303)
        return page(request, language, target=target)

    @made.post(f"/{PLACE}")
    async def entered(request: Request) -> Response:
        gate.own(request)
        if not cookies.is_private(request):
            return page(request, language, status=403)
        form = await gate.fields(request)
        login, password = (str(form.get(name, "")) for name in ("login", "password"))
        target = safe_next(str(form.get("next", "")), language)
        asked = _Try(login, password, cookies.read(request, cookies.known(login)), _address(request))
        result = await anyio.to_thread.run_sync(asked.made, desk, limiter=limiter)
        if isinstance(result, Refused):
            return refused(request, language, result, login=login, target=target)
        return await begun(request, desk, result, RedirectResponse(target, 303))

    if desk.provider is not None:
        _leading_out(made, language, desk.provider)
    return made


@dataclass(frozen=True, slots=True)
class _Try:
    login: str
    password: str
    device: str | None
    address: str

    def made(self, desk: Desk) -> SignedIn | Refused:
        return desk.sign_in.enter(self.login, self.password, device=self.device, address=self.address)


async def begun(request: Request, desk: Desk, signed: SignedIn, response: Response) -> Response:
    """Give the browser its cookies; the session it had before ends."""
    if before := cookies.session_token(request):
        await run_in_threadpool(desk.sign_in.leave, before)
    cookies.give(request, response, cookies.SESSION, signed.token)
    lasting = int(KNOWN.total_seconds())
    cookies.give(request, response, cookies.known(signed.mentor.login), signed.device, seconds=lasting)
    return response


def refused(request: Request, language: Language, result: Refused, *, login: str, target: str) -> HTMLResponse:
    """Return the page again, with what is wrong: the same words whether there is such a login or not."""
    said, wait = words(language), result.wait_seconds
    if not wait:
        return page(request, language, target=target, login=login, problem=said.wrong, status=401)
    text = waiting(language, wait)
    response = page(request, language, target=target, login=login, problem=text, status=429)
    response.headers["retry-after"] = str(wait)
    return response


def waiting(language: Language, seconds: int) -> str:
    """Return how long to wait, in words."""
    said = words(language)
    minutes = -(-seconds // 60)
    return said.wait_seconds.format(count=seconds) if seconds < 60 else said.wait_minutes.format(count=minutes)


def page(
    request: Request,
    language: Language,
    *,
    target: str = "",
    login: str = "",
    problem: str = "",
    status: int = 200,
    template: str = "sign_in.html",
) -> HTMLResponse:
    """Return the page to sign in; over a connection that others can read it only says so."""
    private = cookies.is_private(request)
    said = words(language)
    shown: dict[str, Any] = {
        "words": said,
        "private": private,
        "target": target or f"/{language}/desk/",
        "login": login,
        "problem": problem if private else said.needs_https,
        "provider": gate.desk_of(request).provider is not None,
        "title": said.title,
    }
    wanted = "" if shown["target"] == f"/{language}/desk/" else f"?next={quote(shown['target'])}"
    return gate.render_open(template, language, here=f"{PLACE}{wanted}", status=status, **shown)


def safe_next(wanted: str | None, language: Language) -> str:
    """Return where to go after signing in: a page of the desk in this language, never anywhere else."""
    start = f"/{language}/desk/"
    found = _NEXT.fullmatch(wanted or "")
    if not found or ".." in found["place"] or "//" in found["place"] or found["place"].startswith(("/", PLACE)):
        return start
    return f"{start}{found['place']}{found['query'] or ''}"


def _address(request: Request) -> str:
    return network(request.client.host if request.client else "unknown")


def returning(desk: Desk) -> APIRouter:
    """Return the route to which a provider of identities leads back; none if none is configured."""
    made = APIRouter()
    provider = desk.provider
    if provider is None:
        return made

    @made.get(oidc.PLACE)
    async def returned(request: Request) -> Response:
        spoken = gate.language(request)
        try:
            vouched = await provider.finish(request, cookies.read(request, cookies.PENDING))
        except oidc.Unvouched:
            return _unpending(request, page(request, spoken, problem=words(spoken).provider_down, status=401))
        spoken = vouched.language
        signed = await run_in_threadpool(desk.sign_in.enter_as, vouched.subject, vouched.email)
        if signed is None:
            return _unpending(request, page(request, spoken, problem=words(spoken).not_vouched, status=403))
        # A redirect would still belong to the other site's, and browsers would keep the new cookie back.
        target = safe_next(vouched.target, spoken)
        onward = page(request, spoken, target=target, template="go_on.html")
        return _unpending(request, await begun(request, desk, signed, onward))

    return made


def _leading_out(made: APIRouter, language: Language, provider: oidc.Provider) -> None:
    """Add the route that leads to the provider of identities."""

    @made.get(f"/{PLACE}/provider")
    async def out(request: Request) -> Response:
        if not cookies.is_private(request):
            return page(request, language, status=403)
        target = safe_next(request.query_params.get("next"), language)
        try:
            address, pending = await provider.begin(request, language, target)
        except oidc.Unvouched:
            return page(request, language, target=target, problem=words(language).provider_down, status=502)
        response = RedirectResponse(address, 303)
        cookies.give(request, response, cookies.PENDING, pending, seconds=oidc.PENDING_SECONDS)
        return response


def _unpending(request: Request, response: Response) -> Response:
    cookies.take(request, response, cookies.PENDING)
    return response
