"""A mentor's own page: their password, their sessions, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from assistant.records.passwords import SHORTEST, Weakness
from assistant.records.sessions import Refused
from assistant.types import Language
from assistant.web.desk import cookies, gate, signing_in
from assistant.web.desk.gate import Posted, Signed
from assistant.web.desk.moments import moment
from assistant.web.desk.parts import Desk
from assistant.web.desk.words import table

PLACE = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWords:
    """The words of the page: table ``account``."""

    title: str
    login: str
    office: str
    role: str
    password_title: str
    old: str
    new: str
    new_hint: str
    repeated: str
    change: str
    changed: str
    wrong: str
    different: str
    short: str
    long: str
    like_login: str
    common: str
    sessions: str
    begun: str
    latest: str
    own: str
    everywhere: str
    everywhere_hint: str


def words(language: Language) -> AccountWords:
    """Return the words of the page."""
    return table(language, "account", AccountWords)


def router(language: Language, desk: Desk) -> APIRouter:
    """Return the routes of the page in one language."""
    made = APIRouter(prefix=f"/{PLACE}")
    here = f"/{language}/desk/{PLACE}/"

    @made.get("/")
    def shown(signed: Annotated[Signed, Depends(gate.signed_in)], changed: str = "") -> Response:
        return _page(desk, language, signed, done=words(language).changed if changed else "")

    @made.post("/password")
    async def password(request: Request, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        old, new, repeated = (str(posted.form.get(name, "")) for name in _FIELDS)
        if new != repeated:
            return _page(desk, language, posted, fault=("repeat_password", words(language).different), status=422)
        change = desk.sign_in.change_password
        result = await run_in_threadpool(change, posted.mentor, old, new)
        if isinstance(result, Weakness):
            return _page(desk, language, posted, fault=("new_password", _weak(language, result)), status=422)
        if isinstance(result, Refused):
            wait = result.wait_seconds
            text = signing_in.waiting(language, wait) if wait else words(language).wrong
            return _page(desk, language, posted, fault=("old_password", text), status=429 if wait else 422)
        return await signing_in.begun(request, desk, result, RedirectResponse(f"{here}?changed=1", 303))

    @made.post("/sign-out")
    def out(request: Request, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        desk.sign_in.leave(posted.token)
        return _out(request, language)

    @made.post("/sign-out-everywhere")
    def everywhere(request: Request, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        desk.sign_in.leave_everywhere(posted.mentor.id, actor=posted.mentor.id)
        return _out(request, language)

    return made


_FIELDS = ("old_password", "new_password", "repeat_password")


def _page(
    desk: Desk,
    language: Language,
    signed: Signed,
    *,
    fault: tuple[str, str] = ("", ""),
    done: str = "",
    status: int = 200,
) -> Response:
    """Return the page; ``fault`` is a field and what is wrong with it."""
    sessions = [
        (moment(each.begun, language), moment(each.latest, language), each.own)
        for each in desk.sign_in.sessions(signed.mentor.id, signed.token)
    ]
    shown: dict[str, Any] = {"sessions": sessions, "fault": fault, "done": done, "shortest": SHORTEST}
    return gate.render("account.html", signed, language, page=PLACE, status=status, words=words(language), **shown)


def _weak(language: Language, weakness: Weakness) -> str:
    said = words(language)
    told = {
        Weakness.SHORT: said.short,
        Weakness.LONG: said.long,
        Weakness.LOGIN: said.like_login,
        Weakness.COMMON: said.common,
    }
    return told[weakness]


def _out(request: Request, language: Language) -> Response:
    response = RedirectResponse(gate.sign_in_address(language), 303)
    cookies.take(request, response, cookies.SESSION)
    return response
