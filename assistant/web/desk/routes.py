"""The routes of the desk, put together; what is listed here is guarded, in every language, by ``gate.admitted``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import RedirectResponse

from assistant.types import LANGUAGES, Language
from assistant.web.desk import (
    account,
    coverage_pages,
    experience_pages,
    gate,
    people,
    queue_pages,
    review_answers,
    review_pages,
    signing_in,
)
from assistant.web.desk.parts import Desk
from assistant.web.languages import preferred_language

PLACES: Mapping[str, str] = {
    "queue": "",
    "experiences": "experiences/",
    "answers": "answers/",
    "coverage": "coverage/",
    "people": "people/",
    "account": "account/",
}
"""The pages in the order of the navigation, with their place below ``/<language>/desk/``."""

Router = Callable[[Language, Desk], APIRouter]

ROUTERS: Mapping[str, Router] = {
    "queue": queue_pages.router,
    "review": review_pages.router,
    "experiences": experience_pages.router,
    "answers": review_answers.router,
    "coverage": coverage_pages.router,
    "people": people.router,
    "account": account.router,
}
"""What makes the routes of each page there is, by its name among ``PLACES``; their paths begin with its place.

``review`` is no page of its own: its forms belong to the items of the queue."""


def add_desk(app: FastAPI, desk: Desk) -> None:
    """Add the desk to an application."""
    app.state.desk = desk
    app.state.desk_places = {name: place for name, place in PLACES.items() if name in ROUTERS}
    app.add_exception_handler(gate.Halt, gate.answered)
    app.include_router(_unspoken(desk))
    for language in LANGUAGES:
        app.include_router(_spoken(language, desk), prefix=f"/{language}/desk")


def _spoken(language: Language, desk: Desk) -> APIRouter:
    """Return all routes in one language; a page comes before the ones below whose place its own begins."""
    made = APIRouter(include_in_schema=False)
    made.include_router(signing_in.router(language, desk))
    for make in ROUTERS.values():
        made.include_router(make(language, desk), dependencies=[Depends(gate.admitted)])

    @made.get("")
    def bare() -> RedirectResponse:
        return RedirectResponse(f"/{language}/desk/", 307)

    return made


def _unspoken(desk: Desk) -> APIRouter:
    """Return the routes without a language: the way to one, and the one to which a provider leads back."""
    made = APIRouter(include_in_schema=False)

    @made.get("/desk")
    @made.get("/desk/")
    def redirected(request: Request) -> RedirectResponse:
        language = preferred_language(request.headers.get("accept-language", ""))
        return RedirectResponse(f"/{language}/desk/", 307, {"vary": "Accept-Language"})

    made.include_router(signing_in.returning(desk))
    return made
