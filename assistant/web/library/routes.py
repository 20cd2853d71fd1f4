"""The addresses of the library; every reply is whole HTML that needs no script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assistant.types import LANGUAGES, Language
from assistant.web import shell
from assistant.web.library.reading import read
from assistant.web.library.shelf import Reader, Shelf, address
from assistant.web.library.views import Wanted, browse
from assistant.web.shell import Shell

_TEMPLATES = Environment(
    loader=PackageLoader("assistant.web.library"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def router(shelf: Shelf, *, speaks: Callable[[str], Language], today: Callable[[], date] = date.today) -> APIRouter:
    """Return the routes of the library in every language.

    Args:
        shelf: Holds the documents.
        speaks: Gives the language of ours that fits an ``Accept-Language`` header best.
        today: Gives the day on which a page is read, which decides what is overdue.
    """
    made = APIRouter(include_in_schema=False)
    for language in LANGUAGES:
        made.include_router(_spoken(shelf, language, today), prefix=f"/{language}/library")
    made.include_router(_unspoken(speaks), prefix="/library")
    return made


def _spoken(shelf: Shelf, language: Language, today: Callable[[], date]) -> APIRouter:
    """Return the routes in one language."""
    made = APIRouter()

    @made.get("")
    def bare() -> RedirectResponse:
        return RedirectResponse(address(language), 307)

    @made.get("/")
    def listed(q: str = "", kind: str = "", country: str = "", version: str = "") -> HTMLResponse:
        asked = Wanted(q=q, kind=kind, country=country, version=version)
        return _list(shelf, asked, Reader(language, today()))

    @made.get("/{document:path}")
    def opened(document: str) -> HTMLResponse:
        return _document(shelf, document.rstrip("/"), Reader(language, today()))

    return made


def _unspoken(speaks: Callable[[str], Language]) -> APIRouter:
    """Return the routes without a language: they lead to the one that the browser likes best."""
    made = APIRouter()

    @made.get("")
    @made.get("/{document:path}")
    def redirected(request: Request, document: str = "") -> RedirectResponse:
        target = address(speaks(request.headers.get("accept-language", "")), document)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{target}{query}", 307, {"vary": "Accept-Language"})

    return made


def _list(shelf: Shelf, asked: Wanted, reader: Reader) -> HTMLResponse:
    """Return the list of documents or of findings."""
    view = browse(shelf, asked, reader)
    elsewhere = {language: address(language, query=view.wanted.query) for language in LANGUAGES}
    return _page("list.html", reader, Shell(reader.language, "library", elsewhere), view=view)


def _document(shelf: Shelf, id: str, reader: Reader) -> HTMLResponse:
    """Return a document, or the page that says there is none."""
    elsewhere = {language: address(language, id) for language in LANGUAGES}
    view = read(shelf, id, reader)
    if view is None:
        around = Shell(reader.language, "library", elsewhere, reader.words.missing)
        return _page("missing.html", reader, around, status=404)
    return _page("document.html", reader, Shell(reader.language, "library", elsewhere, view.facts.title), view=view)


def _page(template: str, reader: Reader, around: Shell, *, status: int = 200, **view: Any) -> HTMLResponse:
    """Return a page inside the head and header that all pages share."""
    made = _TEMPLATES.get_template(template).render(
        language=reader.language,
        words=reader.words,
        texts=reader.texts,
        library=address(reader.language),
        head=Markup(shell.head(around)),  # noqa: S704  made and escaped by the shell
        header=Markup(shell.header(around)),  # noqa: S704
        **view,
    )
    return HTMLResponse(made, status)
