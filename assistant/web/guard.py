"""What stands before the pages: who may ask what, how much, and the headers of every reply."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.languages import preferred_language
from assistant.web.limits import Limiter, network
from assistant.web.routes import API, ASK, is_api, is_desk, is_file, is_library, is_needed, language_of
from assistant.web.wording import texts

BODY_BYTES = 256 * 1024
"""Size of a request's body, at most; a question needs a hundredth of it."""

QUESTIONS_PER_ADDRESS = 4
"""Times the limit of one session that one address may ask: a dormitory shares one."""

EVENTS_PER_QUESTION = 10
"""Times the limit of questions that one session may change something on a page where nothing is asked."""

REQUESTS_PER_ADDRESS = 2_400
"""Requests of any kind from one address in a minute; one page with its assets makes about 80."""

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "frame-src 'none'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

TOO_MANY = 429
CODES = {404: "not_found", 413: "too_large", TOO_MANY: "too_many_requests"}
"""What is wrong, for a program, by status; anything else is ``refused``."""

HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""Sent with every reply, whoever made it."""

FIXED = ("assets/", "static/", "page/")
"""Files that are the same for everybody and cost next to nothing."""

LASTING = ("assets/", "static/")
"""Parts of a page that a browser may keep; everything else may hold a conversation."""


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """A request that goes no further.

    Attributes:
        status: HTTP status.
        wait_seconds: After how long it may be tried again; 0 if never.
    """

    status: int
    wait_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the guard holds visitors to.

    Attributes:
        hosts: Host names, without a port, under which the pages may be reached.
        pages: Paths at which pages are mounted, without a slash at the end.
        asking: By page, the functions by which something is asked, as Gradio numbers them.
        sessions: Questions of one session.
        addresses: Questions of one address.
        events: What one session may change on the other pages.
        desk: Whether the mentors' desk is served.
        traffic: Requests of any kind of one address.
    """

    hosts: frozenset[str]
    pages: frozenset[str]
    asking: Mapping[str, frozenset[int]]
    sessions: Limiter
    addresses: Limiter
    events: Limiter
    desk: bool = False
    traffic: Limiter = field(default_factory=lambda: Limiter(REQUESTS_PER_ADDRESS))


class Guard:
    """ASGI middleware that lets through what the rules allow, and nothing else."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        """Stand before ``app``."""
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a refusal in the language of the page."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no page uses WebSockets
            return
        sender = _with_headers(send, scope)
        try:
            scope, receive = await self._admitted(scope, receive)
        except Refusal as refusal:
            await _refused(refusal, Headers(scope=scope), scope["path"])(scope, receive, sender)
            return
        await self.app(scope, receive, sender)

    async def _admitted(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        """Return the request as the pages shall see it, or raise ``Refusal``."""
        headers, path = Headers(scope=scope), scope["path"]
        if host_name(headers.get("host", "")) not in self.rules.hosts:
            raise Refusal(400)
        address = network((scope.get("client") or ("unknown", 0))[0])
        if not any(f"/{part}" in path for part in FIXED):  # the parts of one page alone are about 60 files
            _within(self.rules.traffic, address)
        if not is_needed(scope["method"], path, self.rules.pages, desk=self.rules.desk):
            raise Refusal(404)
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"x-forwarded-host"]}
        if is_file(path) or (is_library(path) and _searches(scope.get("query_string", b""))):
            _within(self.rules.addresses, address)
        if scope["method"] != "POST":
            return scope, receive
        if not same_origin(headers):
            raise Refusal(403)
        body = _whole_letters(await _body(headers, receive))
        page = path.rstrip("/").removesuffix(f"/{ASK}")
        if is_api(path):
            _within(self.rules.addresses, address)
        elif page in self.rules.pages:
            session, function = _event(body)
            asks = function in self.rules.asking.get(page, ())
            if asks:
                _within(self.rules.addresses, address)
            _within(self.rules.sessions if asks else self.rules.events, session)
        return scope, _replayed(body, receive)


def host_name(host: str) -> str:
    """Return the name in a Host header, in small letters and without the port; empty if it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def same_origin(headers: Headers) -> bool:
    """Return whether a POST was sent by one of our own pages, or by no page at all.

    Every browser says where a POST comes from. What says nothing is a program, which no foreign page can drive.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return True
    if site not in {None, "same-origin"}:
        return False
    return origin is None or (origin.startswith(("http://", "https://")) and _host(origin) == headers.get("host"))


def _host(origin: str) -> str:
    """Return host and port of an origin, as a Host header has them."""
    return origin.split("//", 1)[1].lower()


def _within(limiter: Limiter, key: str) -> None:
    """Count a request, or raise ``Refusal`` with the seconds to wait."""
    if wait := limiter.wait_seconds(key):
        raise Refusal(429, math.ceil(wait))


async def _body(headers: Headers, receive: Receive) -> bytes:
    """Return the whole body, or raise ``Refusal`` as soon as it is too large."""
    announced = headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > BODY_BYTES:
        raise Refusal(413)
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES:
            raise Refusal(413)
        if not message.get("more_body", False):
            return bytes(body)


def _whole_letters(body: bytes) -> bytes:
    """Return JSON in which half a surrogate pair, which no text holds and no reply could repeat, is a question mark."""
    if b"\\ud" not in body.lower():
        return body
    try:
        return json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):  # whoever reads it will say so
        return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives the body once and then whatever else comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _event(body: bytes) -> tuple[str, object]:
    """Return the session that an event belongs to and the function it runs; ``Refusal`` if it names no session.

    A function is a number as our pages send it, or none: Gradio would run "3" and 3.0 as 3, too.
    """
    try:
        said = json.loads(body)
        session, function = said.get("session_hash"), said.get("fn_index")
    except (ValueError, AttributeError, RecursionError):
        raise Refusal(400) from None
    if not isinstance(session, str) or not 1 <= len(session) <= 64 or not session.isascii():
        raise Refusal(400)
    if function is not None and type(function) is not int:
        raise Refusal(400)
    return session, function


def _searches(query: bytes) -> bool:
    """Return whether the query of the library has words to search for, however they are escaped."""
    return any(name == "q" and value.strip() for name, value in parse_qsl(query.decode("latin-1")))


def _with_headers(send: Send, scope: Scope) -> Send:
    """Return a channel that puts the security headers on whatever is sent."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            if scope["scheme"] == "https":
                headers["strict-transport-security"] = "max-age=31536000"
            if is_desk(scope["path"]) or not any(f"/{part}" in scope["path"] for part in FIXED):
                headers["cache-control"] = "no-store"
        await send(message)

    return guarded


def _refused(refusal: Refusal, headers: Headers, path: str) -> Response:
    """Return the refusal; Gradio shows the text of ``error`` to the visitor, and the API has a shape of its own."""
    api = path.startswith(API)
    language = preferred_language(headers.get("accept-language", "")) if api else language_of(path) or "en"
    words, wait = texts(language), refusal.wait_seconds
    text = words.wait.format(seconds=wait) if refusal.status == TOO_MANY else words.refused
    error: object = {"code": CODES.get(refusal.status, "refused"), "message": text} if api else text
    return JSONResponse({"error": error}, refusal.status, {"retry-after": str(wait)} if wait else None)
