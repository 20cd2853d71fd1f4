"""The page on which coordinators look after the mentors; adding one and giving a password is the operator's to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from assistant.types import Language
from assistant.web.desk import gate
from assistant.web.desk.gate import Signed
from assistant.web.desk.moments import moment
from assistant.web.desk.parts import Desk
from assistant.web.desk.words import table

PLACE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleWords:
    """The words of the page: table ``people``."""

    title: str
    intro: str
    name: str
    login: str
    office: str
    role: str
    state: str
    deeds: str
    active: str
    disabled: str
    disable: str
    enable: str
    everywhere: str
    yourself: str


def words(language: Language) -> PeopleWords:
    """Return the words of the page."""
    return table(language, "people", PeopleWords)


def router(language: Language, desk: Desk) -> APIRouter:
    """Return the routes of the page in one language."""
    made = APIRouter(prefix=f"/{PLACE}", dependencies=[Depends(gate.coordinator)])
    here = f"/{language}/desk/{PLACE}/"

    @made.get("/")
    def shown(signed: Annotated[Signed, Depends(gate.coordinator)]) -> Response:
        said = words(language)
        people = [
            (each, said.disabled.format(since=moment(each.disabled, language)) if each.disabled else said.active)
            for each in desk.mentors.all()
        ]
        return gate.render("people.html", signed, language, page=PLACE, words=said, people=people)

    @made.post("/{id}/{deed}")
    def done(request: Request, id: str, deed: str, signed: Annotated[Signed, Depends(gate.coordinator)]) -> Response:
        mentor, actor = desk.mentors.get(id), signed.mentor.id
        if mentor is None or deed not in {"disable", "enable", "sign-out"}:
            return gate.refusal(request, "missing", 404, signed=signed)
        if id == actor:  # nobody shuts the last one out by mistake
            return gate.refusal(request, "yourself", 409, signed=signed)
        if deed == "disable":
            desk.mentors.disable(mentor.login, actor=actor)
        elif deed == "enable":
            desk.mentors.enable(mentor.login, actor=actor)
        else:
            desk.sign_in.leave_everywhere(id, actor=actor)
        return RedirectResponse(here, 303)

    return made
