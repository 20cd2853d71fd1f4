"""The pages on which mentors read the stories of participants, mask them, publish them, or ask and say why not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from babel.dates import format_timedelta
from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from assistant.records.anonymity import Place
from assistant.records.mentors import Role
from assistant.records.stories import Objection, Story, StoryReason, StoryRow, StoryState, Wish
from assistant.records.submissions import STORY
from assistant.types import Language
from assistant.web.desk import gate
from assistant.web.desk.experience_view import in_words, name_of, story_view
from assistant.web.desk.experience_words import experience_words, people
from assistant.web.desk.gate import Form, Posted, Signed
from assistant.web.desk.moments import moment
from assistant.web.desk.parts import Desk
from assistant.web.desk.words import frame
from assistant.web.share.words import words as share_words

PLACE = "experiences"
ROWS = 50
"""Stories on one page of the list."""

ALL = "all"
_DIGEST = re.compile("[0-9a-f]{64}")
_PAGE = re.compile(r"[1-9]\d{0,5}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a mentor typed into a form that was refused, and what speaks against it.

    Attributes:
        form: Its fields.
        objections: What speaks against what was wanted; empty for a preview.
    """

    form: Form
    objections: tuple[Objection, ...] = ()


def router(language: Language, desk: Desk) -> APIRouter:
    """Return the routes of the stories in one language."""
    made = APIRouter(prefix=f"/{PLACE}")

    @made.get("/")
    def listed(
        signed: Annotated[Signed, Depends(gate.signed_in)],
        state: str = StoryState.WAITING.value,
        page: str = "1",
    ) -> Response:
        return _list(desk, signed, language, state, page)

    @made.get("/{id}")
    def shown(request: Request, id: str, signed: Annotated[Signed, Depends(gate.signed_in)]) -> Response:
        found = _story(desk, id)
        done = experience_words(language).done.get(request.query_params.get("done", ""), "")
        return _page(desk, found, signed, language, done=done) if found else _gone(signed, language)

    @made.post("/{id}/lesson")
    def lesson(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        return _lesson(desk, id, posted, language)

    @made.post("/{id}/reject")
    def reject(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        reasons = [reason for reason in StoryReason if reason.value in several(posted.form, "reason")]
        against = desk.lessons.reject(id, posted.mentor, reasons, one(posted.form, "note"))
        return _after(desk, id, posted, language, "rejected", against)

    @made.post("/{id}/ask")
    def ask(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        against = desk.messages.ask(id, posted.mentor, one(posted.form, "text"))
        return _after(desk, id, posted, language, "asked", against)

    @made.post("/{id}/unpublish")
    def unpublish(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        found = _story(desk, id)
        made = found.lesson.id if found and found.lesson else ""
        against = desk.lessons.unpublish(made, posted.mentor, one(posted.form, "why"))
        return _after(desk, id, posted, language, "unpublished", against)

    return made


def one(form: Form, name: str) -> str:
    """Return the value of a field; the first if it was sent several times, empty if it was not."""
    values = several(form, name)
    return values[0] if values else ""


def several(form: Form, name: str) -> list[str]:
    """Return all values of a field."""
    value = form.get(name, [])
    return value if isinstance(value, list) else [value]


def _story(desk: Desk, id: str) -> Story | None:
    return desk.lessons.read(id) if _DIGEST.fullmatch(id) else None


def _list(desk: Desk, signed: Signed, language: Language, state: str, page: str) -> Response:
    words, every = experience_words(language), desk.lessons.stories()
    chosen = state if state in {*StoryState, ALL} else StoryState.WAITING.value
    fitting = [row for row in every if chosen in {ALL, row.state}]
    pages = max(1, -(-len(fitting) // ROWS))
    number = min(int(page) if _PAGE.fullmatch(page) else 1, pages)
    states = [(each.value, words.states[each.value], sum(row.state is each for row in every)) for each in StoryState]
    return gate.render(
        "experiences.html",
        signed,
        language,
        page=PLACE,
        words=words,
        chosen=chosen,
        states=[*states, (ALL, words.all, len(every))],
        count=len(fitting),
        number=number,
        pages=pages,
        lines=[_line(row, language) for row in fitting[(number - 1) * ROWS : number * ROWS]],
    )


def _line(row: StoryRow, language: Language) -> Mapping[str, str]:
    """Return a story as the list prints it."""
    words = experience_words(language)
    exposed = "" if row.exposed is None else words.exposed.format(people=people(row.exposed, language))
    return {
        "id": row.id,
        "name": name_of(row.host_institution, row.country, row.year, language),
        "language": frame(language).speeches[row.language],
        "speech": row.language,
        "received": moment(row.received, language),
        "age": format_timedelta(datetime.now(UTC) - row.received, locale=language, granularity="minute", threshold=1.2),
        "state": words.states[row.state.value],
        "since": words.since.format(time=moment(row.since, language)),
        "messages": words.answered if row.answered else words.asked if row.asked else "",
        "exposed": exposed,
    }


def _lesson(desk: Desk, id: str, posted: Posted, language: Language) -> Response:
    """Publish a story, or show it with everything masked, or as it would be."""
    found, deed = _story(desk, id), one(posted.form, "do")
    if found is None:
        return _gone(posted, language)
    if deed == "approve":
        against = desk.lessons.approve(id, posted.mentor, _wish(posted.form, found))
        return _after(desk, id, posted, language, "approved", against)
    form = dict(posted.form)
    if deed == "mask":
        wish = _wish(form, found)
        hidden = desk.lessons.mask_more(found.told, wish.texts, wish.place)
        form |= {f"text_{name}": text for name, text in hidden.items()}
    return _page(desk, found, posted, language, Typed(form))


def _after(
    desk: Desk, id: str, posted: Posted, language: Language, done: str, against: tuple[Objection, ...]
) -> Response:
    """Return the page of a story after a deed, or with what speaks against it and everything that was typed."""
    if not against:
        return RedirectResponse(f"/{language}/desk/{PLACE}/{id}?done={done}", 303)
    found = _story(desk, id)
    if found is None:
        return _gone(posted, language)
    return _page(desk, found, posted, language, Typed(posted.form, against), status=409)


def _gone(signed: Signed, language: Language) -> Response:
    words = experience_words(language)
    return gate.render("experience_gone.html", signed, language, page=PLACE, status=404, words=words)


def _page(
    desk: Desk,
    story: Story,
    signed: Signed,
    language: Language,
    typed: Typed | None = None,
    *,
    status: int = 200,
    done: str = "",
) -> Response:
    """Return the page of a story, with what was typed on it if it comes back."""
    words, form = experience_words(language), typed.form if typed else {}
    wish = _wish(form, story) if any(name.startswith("text_") for name in form) else _first_wish(story)
    objections = typed.objections if typed else ()
    draft = desk.lessons.draft(story, wish)
    view = story_view(story, wish, draft, objections, words, language=language, mentor=signed.mentor.id)
    said = share_words(language)
    return gate.render(
        "experience.html",
        signed,
        language,
        page=PLACE,
        here=f"{PLACE}/{story.id}",
        status=status,
        words=words,
        story=story,
        wish=wish,
        view=view,
        done=done,
        coordinator=signed.mentor.role is Role.COORDINATOR,
        fault=defaultdict(str, {each.field: in_words(each, words, said) for each in objections if each.field}),
        typed={name: one(form, name) for name in ("text", "note", "why")},
        reasons=[
            (each.value, words.reasons[each.value], each.value in several(form, "reason")) for each in StoryReason
        ],
        messages=[(each.mentor, each.text, moment(each.at, language)) for each in story.messages],
        title=words.story.format(name=view.name),
    )


def _wish(form: Form, story: Story) -> Wish:
    """Return how a mentor wants to publish a story, as the form says."""
    texts = {name: one(form, f"text_{name}") for name in STORY if f"text_{name}" in form}
    given = one(form, "place")
    place = Place(given) if given in set(Place) else story.shared.finest
    return Wish(texts=texts, place=place, reason=one(form, "exact"), seen=one(form, "seen") == "1")


def _first_wish(story: Story) -> Wish:
    """Return how a story is published, or would be if nobody changed anything."""
    if story.lesson:
        told = {name: str(story.lesson.content.get(name, "")) for name in story.texts}
        return Wish(texts=told, place=story.lesson.place)
    return Wish(texts=story.texts, place=story.shared.finest)
