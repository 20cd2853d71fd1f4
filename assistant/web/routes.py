"""Which of Gradio's many routes the pages need; every other one does not exist for a visitor."""

from __future__ import annotations

import re

from assistant.types import LANGUAGES, Language

ASK = "gradio_api/queue/join"
"""The route by which every event of a page begins."""

_READ = re.compile(
    r"(?:theme\.css|config|gradio_api/(?:startup-events|queue/data|heartbeat/[A-Za-z0-9_-]{1,64})"
    r"|(?:assets|static)/[A-Za-z0-9_./-]{1,200})?"
)
_WRITE = re.compile(r"gradio_api/(?:queue/join|cancel|reset)/?")
_OWN = re.compile(r"/(?:health|favicon\.ico|robots\.txt|page/[a-z0-9_.-]{1,60})?")


def language_of(path: str) -> Language | None:
    """Return the language of the page that a path belongs to, if it belongs to one."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return next((language for language in LANGUAGES if language == first), None)


def is_needed(method: str, path: str, pages: frozenset[str]) -> bool:
    """Return whether the pages need this request.

    Args:
        method: The HTTP method.
        path: The decoded path.
        pages: Paths at which pages are mounted, without a slash at the end.
    """
    if ".." in path or method not in {"GET", "HEAD", "POST"}:
        return False
    if _OWN.fullmatch(path) or path in pages:
        return method != "POST"
    page = next((page for page in pages if path.startswith(f"{page}/")), None)
    if page is None:
        return False
    wanted = _WRITE if method == "POST" else _READ
    return wanted.fullmatch(path.removeprefix(f"{page}/")) is not None
