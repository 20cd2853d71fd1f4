"""The document around a page: its language, title, header and language switch.

Gradio's own document is always English, carries advertisements for link previews and has no
heading until its scripts have run. So the document is rewritten on its way out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.types import LANGUAGES, Language
from assistant.web.kept import STORAGE
from assistant.web.wording import texts

PAGES: Mapping[str, str] = {"chat": "", "plan": "plan/", "library": "library/", "share": "share/"}
"""The pages in the order of the navigation, with their place below ``/<language>/``."""

NAMES: Mapping[Language, str] = {"en": "English", "ru": "Русский", "kk": "Қазақша"}
"""Each language in its own words."""

SKIPS: Mapping[str, str] = {"chat": "question", "plan": "plan", "library": "text", "share": "share"}
"""Where the link that skips the head of a page leads, by page."""

_ADVERTS = re.compile(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>|<link rel="manifest"[^>]*>', re.ASCII)
_VIEWPORT = re.compile(r'<meta\s+name="viewport"[^>]*>')
_PLACES = (re.compile(r'<html\s+lang="en"'), re.compile(r"<base "), re.compile(r"<gradio-app"))


@dataclass(frozen=True, slots=True)
class Shell:
    """What surrounds one page.

    Attributes:
        language: Language of the page.
        page: Which of ``PAGES`` it is, or belongs to.
        elsewhere: Address of the same page by language; only of the languages in which there is one.
        title: What it shows, if that is more than the page's name; stands first in the browser's history.
    """

    language: Language
    page: str
    elsewhere: Mapping[Language, str]
    title: str = ""


class Documents:
    """ASGI middleware that puts the shell around the documents of the pages."""

    def __init__(self, app: ASGIApp, shells: Mapping[str, Shell]) -> None:
        """Rewrite the documents at the given paths."""
        self.app = app
        self.shells = shells

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on as it is, but documents in their shell and without a query."""
        shell = self.shells.get(scope.get("path", "").rstrip("/")) if scope["type"] == "http" else None
        if shell is None or not scope["path"].endswith("/"):
            await self.app(scope, receive, send)
            return
        kept = [pair for pair in scope["headers"] if pair[0] not in {b"accept-encoding", b"range"}]
        document = _Document()
        await self.app({**scope, "headers": kept, "query_string": b""}, receive, document.take)
        if document.status != 200 or scope["method"] != "GET":
            await HTMLResponse(document.body, document.status)(scope, receive, send)
            return
        await HTMLResponse(rewritten(document.body.decode(), shell))(scope, receive, send)


class _Document:
    """Collects one response."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.status = 500
        self.body = b""

    async def take(self, message: Message) -> None:
        """Keep the status and the body."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.body += message.get("body", b"")


def rewritten(document: str, shell: Shell) -> str:
    """Return Gradio's document in the page's language, with our head and header.

    Raises:
        ValueError: If the document lacks a place where something must go; Gradio has changed then.
    """
    for place in _PLACES:
        if len(place.findall(document)) != 1:
            raise ValueError(f"{place.pattern!r} must stand once in Gradio's document; adapt shell.py to this Gradio")
    document = _VIEWPORT.sub("", _ADVERTS.sub("", document))
    language, base, app = _PLACES
    document = language.sub(f'<html lang="{shell.language}"', document)
    document = base.sub(lambda _: f"{head(shell)}<base ", document)
    return app.sub(lambda _: f"{header(shell)}<gradio-app", document)


def head(shell: Shell) -> str:
    """Return title, description, icon, style and script; the words the script needs go with it."""
    words = texts(shell.language)
    spoken = {name: getattr(words, name) for name in ("conversation", "scroll", "copied", "file_name")}
    told = {"language": shell.language, "storage": STORAGE} | spoken
    data = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    alternates = "".join(
        f'<link rel="alternate" hreflang="{language}" href="{escape(path)}">'
        for language, path in shell.elsewhere.items()
    )
    return (
        f"<title>{escape(title(shell))}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="description" content="{escape(words.description)}">'
        f'<meta name="color-scheme" content="light dark">{alternates}'
        '<link rel="icon" type="image/svg+xml" href="/page/icon.svg">'
        '<link rel="stylesheet" href="/page/page.css">'
        f'<link rel="stylesheet" href="/page/{shell.page}.css">'
        f'<script type="application/json" id="words">{data}</script><script src="/page/page.js"></script>'
    )


def title(shell: Shell) -> str:
    """Return the title of the document: what it shows, then the name of the site."""
    words = texts(shell.language)
    shown = shell.title or (words.pages[shell.page] if shell.page != "chat" else "")
    return f"{shown} · {words.name}" if shown else words.name


def header(shell: Shell) -> str:
    """Return the visible head of the page: name, pages, languages, and what this page is for."""
    words = texts(shell.language)
    about = "" if shell.title else f'<p class="about">{escape(words.about[shell.page])}</p>'
    name = escape(words.name)
    named = f"<h1>{name}</h1>" if shell.page == "chat" else f'<p class="name">{name}</p>'
    heading = "" if shell.page == "chat" or shell.title else f"<h1>{escape(words.pages[shell.page])}</h1>"
    return (
        f'<a class="skip" href="#{SKIPS[shell.page]}">{escape(words.skips[shell.page])}</a>'
        f'<header id="top"><div class="bar">{named}{_switch(shell)}</div>{_pages(shell)}{heading}{about}</header>'
        f"{'' if shell.page == 'library' else _noscript(words.noscript)}"
    )


def _noscript(words: str) -> str:
    """Return what a browser without scripts shows; the library needs none."""
    return f"<noscript><p>{escape(words)}</p></noscript>"


def _pages(shell: Shell) -> str:
    """Return the links to the pages in this language, the present one marked."""
    words = texts(shell.language)
    here = {shell.page: ' aria-current="page"'}
    links = (
        f'<a href="/{shell.language}/{place}"{here.get(page, "")}>{escape(words.pages[page])}</a>'
        for page, place in PAGES.items()
    )
    return f'<nav class="pages" aria-label="{escape(words.navigation)}">{"".join(links)}</nav>'


def _switch(shell: Shell) -> str:
    """Return the links to this page in each language, the present one marked."""
    here = {shell.language: ' aria-current="true"'}
    links = (
        f'<a href="{escape(shell.elsewhere[language])}" lang="{language}" hreflang="{language}"'
        f"{here.get(language, '')}>{NAMES[language]}</a>"
        for language in LANGUAGES
        if language in shell.elsewhere
    )
    label = escape(texts(shell.language).language_switch)
    return f'<nav class="languages" aria-label="{label}">{"".join(links)}</nav>'
