"""The desk's cookies: what they are called, and over which connections they are given.

Over https they are ``__Host-`` cookies: Secure, of this host alone. Over plain http they exist only on the machine
itself, under another name and without Secure, because not every browser takes the others there. Anywhere else nobody
can sign in without https.
"""

from __future__ import annotations

import hashlib
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import Response

from assistant.web.guard import host_name

SESSION, KNOWN, PENDING = "desk", "known", "pending"
_LONGEST = 4_000


def is_private(request: Request) -> bool:
    """Return whether nobody between browser and server can read along: https, or the same machine."""
    return request.url.scheme == "https" or _is_loopback(host_name(request.headers.get("host", "")))


def known(login: str) -> str:
    """Return the name of the cookie by which a browser is known to be a mentor's; several may share a browser."""
    return f"{KNOWN}-{hashlib.sha256(login.strip().casefold().encode('utf-8', 'replace')).hexdigest()[:16]}"


def session_token(request: Request) -> str | None:
    """Return the token of the session that a request says it belongs to."""
    return read(request, SESSION)


def read(request: Request, name: str) -> str | None:
    """Return the value of a cookie of ours; None over a connection on which it could not have been given."""
    if not is_private(request):
        return None
    value = request.cookies.get(_called(request, name))
    return value if value and len(value) <= _LONGEST else None


def give(request: Request, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Give a browser a cookie; until it is closed if no ``seconds`` are said.

    Only the one that awaits the answer of another site goes along when that site leads back here.
    """
    response.set_cookie(
        _called(request, name),
        value,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax" if name == PENDING else "strict",
    )


def take(request: Request, response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(
        _called(request, name),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax" if name == PENDING else "strict",
    )


def _called(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
