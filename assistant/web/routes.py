"""Which of Gradio's many routes the pages need; every other one does not exist for a visitor."""

from __future__ import annotations

import re

from assistant.types import LANGUAGES, Language

ASK = "gradio_api/queue/join"
"""The route by which every event of a page begins."""

_READ = re.compile(
    r"(?:theme\.css|config|gradio_api/(?:info|startup-events|queue/data|heartbeat/[A-Za-z0-9_-]{1,64})"
    r"|(?:assets|static)/[A-Za-z0-9_./-]{1,200})?"
)
_WRITE = re.compile(r"gradio_api/(?:queue/join|cancel|reset)/?")
_PART = r"[^/\\\x00-\x1f\x7f]{1,255}"  # a user's own documents are called as their files: "Правила № 5", "Rules & fees"
_DOCUMENT = rf"(?:{_PART}(?:/{_PART}){{0,6}})"
_OWN = re.compile(
    r"/(?:health|ready|favicon\.ico|robots\.txt|page/[a-z0-9_.-]{1,60}"
    rf"|(?:(?:en|ru|kk)/)?library(?:/{_DOCUMENT}?)?"
    r"|api/v1/(?:openapi\.json|plan\.ics|plan\.md))?"
)
API = "/api/"
"""Where everything for programs begins."""

_FILE = re.compile(r"/api/v1/plan\.(?:ics|md)")
_LIBRARY = re.compile(r"/(?:en|ru|kk)/library/")
_API = re.compile(r"/api/v1/(?:ask|search|eligibility|plan)")
_DESK = re.compile(r"/(?:desk(?:/(?:oidc)?)?|(?:en|ru|kk)/desk(?:/[A-Za-z0-9_./-]{0,300})?)")


def language_of(path: str) -> Language | None:
    """Return the language of the page that a path belongs to, if it belongs to one."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return next((language for language in LANGUAGES if language == first), None)


def is_library(path: str) -> bool:
    """Return whether a path is the list of the library, where one can search."""
    return _LIBRARY.fullmatch(path) is not None


def is_file(path: str) -> bool:
    """Return whether a path is a file of a plan, which is made anew for everyone who asks."""
    return _FILE.fullmatch(path) is not None


def is_api(path: str) -> bool:
    """Return whether a path is an endpoint of the API to which one posts."""
    return _API.fullmatch(path) is not None


def is_desk(path: str) -> bool:
    """Return whether a path belongs to the mentors' desk."""
    return _DESK.fullmatch(path) is not None


def is_needed(method: str, path: str, pages: frozenset[str], *, desk: bool = False) -> bool:
    """Return whether the pages need this request.

    Args:
        method: The HTTP method.
        path: The decoded path.
        pages: Paths at which pages are mounted, without a slash at the end.
        desk: Whether the mentors' desk is served.
    """
    if ".." in path or method not in {"GET", "HEAD", "POST"}:
        return False
    if is_api(path):
        return method == "POST"
    if is_desk(path):  # which of its own paths there are, and who may ask for them, the desk says
        return desk
    if _OWN.fullmatch(path) or path in pages:
        return method != "POST"
    page = max((page for page in pages if path.startswith(f"{page}/")), key=len, default=None)
    if page is None:
        return False
    wanted = _WRITE if method == "POST" else _READ
    return wanted.fullmatch(path.removeprefix(f"{page}/")) is not None
