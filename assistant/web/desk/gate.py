"""Who may see and do what at the desk; everybody else is refused here, before anything is read or checked.

A GET without a session leads to the sign-in page. A POST must come from our own pages, from a session, and with the
field ``csrf``, which only who has that session's token can compute. Where a mentor's session has ended while they
wrote, what they typed comes back in the refusal, ready to be sent again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.records.mentors import Mentor, Role
from assistant.types import LANGUAGES, Language
from assistant.web.desk.cookies import session_token
from assistant.web.desk.parts import Desk
from assistant.web.desk.words import frame
from assistant.web.guard import same_origin
from assistant.web.languages import preferred_language
from assistant.web.routes import language_of
from assistant.web.shell import NAMES

Form = Mapping[str, str | list[str]]
"""Fields of a form as sent; one that was sent several times is a list."""

CSRF = "csrf"
DONE = "done"
"""Name of the parameter by which a page says what was done just now."""

_URLENCODED = "application/x-www-form-urlencoded"
_SECRET = "password"  # noqa: S105  fields with this in their names are never sent back

TEMPLATES = Environment(
    loader=PackageLoader("assistant.web.desk"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A request of a mentor.

    Attributes:
        mentor: Who asks.
        token: Of their session.
        places: The pages of the desk that there are, by name, with their place below ``/<language>/desk/``.
        query: What the address of a page says behind ``?``, for the same page in another language; empty for a form
            that was sent.
    """

    mentor: Mentor
    token: str
    places: Mapping[str, str]
    query: str = ""


@dataclass(frozen=True, slots=True)
class Posted(Signed):
    """A form that a mentor sent from one of our pages."""

    form: Form = field(default_factory=dict)


class Halt(Exception):
    """A request that goes no further; ``answered`` gives its response."""

    def __init__(self, response: Response) -> None:
        """Answer with ``response``."""
        super().__init__(response.status_code)
        self.response = response


async def answered(_: Request, halt: Exception) -> Response:
    """Return the response of a ``Halt``, as an exception handler of the application."""
    if not isinstance(halt, Halt):
        raise halt
    return halt.response


async def admitted(request: Request) -> None:
    """Refuse whoever may not make this request; ``routes`` puts it before every route but the sign-in."""
    await (signed_in(request) if request.method in {"GET", "HEAD"} else posted(request))


async def signed_in(request: Request) -> Signed:
    """Return who asks.

    Raises:
        Halt: If nobody has signed in: to the sign-in page for a GET, status 401 for all else.
    """
    found = await _session(request)
    if found is not None:
        return found
    if request.method in {"GET", "HEAD"}:
        wanted = request.url.path + _behind(_query(request))
        raise Halt(RedirectResponse(f"{sign_in_address(language(request))}?next={quote(wanted)}", 303))
    raise Halt(refusal(request, "signed_out", 401, await fields(request)))


async def posted(request: Request) -> Posted:
    """Return a form that a mentor sent from one of our own pages.

    Raises:
        Halt: With status 403 if it came from elsewhere, 401 without a session, 415 if it is no plain form.
    """
    own(request)
    signed = await signed_in(request)
    form = await fields(request)
    if not hmac.compare_digest(str(form.get(CSRF, "")).encode(), csrf(signed.token).encode()):
        raise Halt(refusal(request, "stale", 403, form, signed))
    return Posted(signed.mentor, signed.token, signed.places, form=form)


async def coordinator(request: Request) -> Signed:
    """Return the coordinator who asks or, after ``posted``, sends.

    Raises:
        Halt: As ``signed_in`` and ``posted`` do, and with status 403 for every other mentor.
    """
    signed = await (signed_in(request) if request.method in {"GET", "HEAD"} else posted(request))
    if signed.mentor.role is not Role.COORDINATOR:
        raise Halt(refusal(request, "coordinators", 403, signed=signed))
    return signed


def own(request: Request) -> None:
    """Refuse what no page of ours sent; unlike for students, that includes who does not say where it comes from.

    Raises:
        Halt: With status 403.
    """
    headers = request.headers
    silent = "origin" not in headers and "sec-fetch-site" not in headers
    if silent or not same_origin(headers):
        raise Halt(refusal(request, "foreign", 403))


def csrf(token: str) -> str:
    """Return what every form of a session carries; it tells nothing about the token."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def language(request: Request) -> Language:
    """Return the language of the page that a request is for, else the one its browser likes best."""
    return language_of(request.url.path) or preferred_language(request.headers.get("accept-language", ""))


def desk_of(request: Request) -> Desk:
    """Return the desk that the application serves."""
    desk: Desk = request.app.state.desk
    return desk


def sign_in_address(language: Language) -> str:
    """Return the address of the sign-in page."""
    return f"/{language}/desk/sign-in"


def render(
    template: str,
    signed: Signed,
    language: Language,
    *,
    page: str,
    status: int = 200,
    here: str | None = None,
    **view: Any,
) -> HTMLResponse:
    """Return a page for a mentor inside the desk's frame.

    Args:
        template: File in ``templates`` that extends ``base.html``.
        signed: Who asks.
        language: Of the page.
        page: Which of ``routes.PLACES`` it is, or belongs to.
        status: HTTP status.
        here: Place of this very page below ``/<language>/desk/``, for the language switch; that of ``page`` if None.
        view: What the template shows.
    """
    place = signed.places.get(page, "") if here is None else here
    return _page(template, language, quote(place) + _behind(signed.query), status, page=page, signed=signed, **view)


def render_open(
    template: str, language: Language, *, here: str = "", status: int = 200, page: str = "", **view: Any
) -> HTMLResponse:
    """Return a page for somebody who has not signed in; ``here`` is written as in an address."""
    return _page(template, language, here, status, page=page, signed=None, **view)


def refusal(
    request: Request, problem: str, status: int, form: Form | None = None, signed: Signed | None = None
) -> HTMLResponse:
    """Return the page that says why a request goes no further, with what was typed, to be sent again.

    Args:
        request: What is refused.
        problem: What is wrong, as ``FrameWords.problems`` names it.
        status: HTTP status.
        form: What was sent; secrets are left out.
        signed: Who asks, if they have signed in.
    """
    spoken = language(request)
    shown = {
        "problem": frame(spoken).problems[problem],
        "action": request.url.path,
        "kept": _kept(form or {}),
        "sign_in_address": sign_in_address(spoken),
    }
    return _page("refused.html", spoken, "", status, page="", signed=signed, **shown)


def _kept(form: Form) -> tuple[tuple[str, str], ...]:
    """Return the fields that were typed, one pair for every value."""
    return tuple(
        (name, each)
        for name, value in form.items()
        if name != CSRF and _SECRET not in name
        for each in (value if isinstance(value, list) else [value])
    )


async def _session(request: Request) -> Signed | None:
    """Return whose session a request belongs to; looked up once for every request."""
    if not hasattr(request.state, "signed"):
        token = session_token(request)
        mentor = await run_in_threadpool(desk_of(request).sign_in.resume, token) if token else None
        places, query = request.app.state.desk_places, _query(request)
        request.state.signed = Signed(mentor, token, places, query) if mentor and token else None
    found: Signed | None = request.state.signed
    return found


def _query(request: Request) -> str:
    """Return what a page is asked for behind ``?``, without what was done before: that is said once."""
    if request.method not in {"GET", "HEAD"}:
        return ""
    return urlencode([(name, value) for name, value in request.query_params.multi_items() if name != DONE])


def _behind(query: str) -> str:
    return f"?{query}" if query else ""


async def fields(request: Request) -> Form:
    """Return the fields of a plain form."""
    if request.headers.get("content-type", _URLENCODED).partition(";")[0].strip().lower() != _URLENCODED:
        raise Halt(refusal(request, "no_form", 415))
    async with request.form() as form:
        names = dict.fromkeys(form)
        values = {name: [each for each in form.getlist(name) if isinstance(each, str)] for name in names}
    return {name: each[0] if len(each) == 1 else each for name, each in values.items()}


def _page(
    template: str,
    language: Language,
    here: str,
    status: int,
    *,
    page: str,
    signed: Signed | None,
    **view: Any,
) -> HTMLResponse:
    """Return a page inside the frame; it is never kept by a browser or proxy."""
    root = f"/{language}/desk/"
    made = TEMPLATES.get_template(template).render(
        language=language,
        frame=frame(language),
        desk=root,
        page=page,
        signed=signed,
        elsewhere=[(each, NAMES[each], f"/{each}/desk/{here}") for each in LANGUAGES],
        csrf_field=_csrf_field(signed),
        **view,
    )
    return HTMLResponse(made, status, {"cache-control": "no-store"})


def _csrf_field(signed: Signed | None) -> Any:
    """Return the macro that puts the session's field into a form."""
    value = csrf(signed.token) if signed else ""
    return lambda: Markup('<input type="hidden" name="{}" value="{}">').format(CSRF, value)
