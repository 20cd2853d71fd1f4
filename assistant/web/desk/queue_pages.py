"""The queue's pages: the list, an item, and what a mentor does with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from assistant.errors import ClaimError
from assistant.knowledge.cleaning import clean
from assistant.records import reviewing
from assistant.records.items import Done, Item, Refusal, ReviewReason
from assistant.types import Language
from assistant.web.desk import gate
from assistant.web.desk.gate import Form, Posted, Signed
from assistant.web.desk.parts import Desk
from assistant.web.desk.queue_item import item_view
from assistant.web.desk.queue_view import item_address, read_place, read_wanted, view
from assistant.web.desk.queue_words import item_words, queue_words

PAGE = "queue"
LONGEST_NOTE = 2_000
_ID = re.compile(r"[1-9]\d{0,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declining:
    """The form of declining as it was filled in, with what is wrong with it."""

    reasons: tuple[ReviewReason, ...] = ()
    note: str = ""
    alike: bool = False
    fault: str = ""


def router(language: Language, desk: Desk) -> APIRouter:
    """Return the routes of the queue in one language."""
    made = APIRouter()

    @made.get("/")
    def listed(request: Request, signed: Annotated[Signed, Depends(gate.signed_in)]) -> Response:
        return _list(desk, language, signed, request.query_params)

    @made.get("/items/{id}")
    def shown(id: str, signed: Annotated[Signed, Depends(gate.signed_in)], done: str = "") -> Response:
        found = opened(desk, id, signed.mentor.id)
        if found is None:
            return gone(signed, language)
        return item_page(desk, found, signed, language, notice=item_words(language).said.get(done, ""))

    @made.post("/items/{id}/claim")
    def claim(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        done = desk.queue.claim(number(id), posted.mentor.id, alike=is_set(posted.form, "alike"))
        return _after(desk, done, "claimed", id, posted, language)

    @made.post("/items/{id}/release")
    def release(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        done = desk.queue.release(number(id), posted.mentor.id, alike=is_set(posted.form, "alike"))
        return _after(desk, done, "released", id, posted, language)

    @made.post("/items/{id}/reopen")
    def reopen(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        return _after(desk, desk.queue.reopen(number(id), posted.mentor.id), "reopened", id, posted, language)

    @made.post("/items/{id}/decline")
    def decline(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        return _decline(desk, id, posted, language)

    return made


def number(id: str) -> int:
    """Return the number that an address names; 0, which no item has, if it names none."""
    return int(id) if _ID.fullmatch(id) else 0


def is_set(form: Form, name: str) -> bool:
    """Return whether a box was ticked."""
    return form.get(name) == "1"


def opened(desk: Desk, id: str, mentor: str) -> Item | None:
    """Return an item whose page is opened, which renews the claim of the mentor who holds it."""
    found = desk.queue.item(number(id))
    if found is None or found.row.holder is None or found.row.holder.mentor != mentor:
        return found
    desk.queue.claim(found.row.id, mentor)
    return desk.queue.item(found.row.id)


def item_page(
    desk: Desk, item: Item, signed: Signed, language: Language, *, notice: str = "", status: int = 200, **more: Any
) -> Response:
    """Return the page of an item.

    Args:
        desk: What it works with.
        item: The item.
        signed: Who asks.
        language: Of the page.
        notice: What was done just now, in words.
        status: HTTP status.
        more: What else the templates on it show: ``declining`` for the form of declining.
    """
    item = reviewing.shown(item, signed.mentor.id)
    return gate.render(
        "item.html",
        signed,
        language,
        page=PAGE,
        here=f"items/{item.row.id}",
        status=status,
        words=item_words(language),
        names=queue_words(language),
        reasons=tuple(ReviewReason),
        item=item,
        view=item_view(item, language=language, mentor=signed.mentor.id, now=datetime.now(UTC)),
        notice=notice,
        **{"warning": "", "declining": Declining(), **more},
    )


def gone(signed: Signed, language: Language) -> Response:
    """Return the page that says that there is no such item, or no more."""
    return gate.render("item_gone.html", signed, language, page=PAGE, status=404, words=item_words(language))


def _list(desk: Desk, language: Language, signed: Signed, query: Mapping[str, str]) -> Response:
    wanted, after = read_wanted(query, signed.mentor.id), read_place(query.get("after", ""))
    page, counts = desk.queue.page(wanted, after), desk.queue.counts()
    shown = view(page, counts, wanted, after, language=language, mentor=signed.mentor.id, now=datetime.now(UTC))
    return gate.render("queue.html", signed, language, page=PAGE, words=queue_words(language), view=shown)


def _after(desk: Desk, done: Done | Refusal, said: str, id: str, posted: Posted, language: Language) -> Response:
    """Lead back to the item, or say on its page why nothing was done."""
    if isinstance(done, Done):
        return RedirectResponse(f"{item_address(language, done.items[0])}?done={said}", 303)
    found = desk.queue.item(number(id))
    if found is None:
        return gone(posted, language)
    told = item_words(language).refusals[done]
    return item_page(desk, found, posted, language, status=409, warning=told)


def _decline(desk: Desk, id: str, posted: Posted, language: Language) -> Response:
    words, mentor = item_words(language), posted.mentor.id
    given = posted.form.get("reason", [])
    reasons = tuple(each for each in ReviewReason if each in ([given] if isinstance(given, str) else given))
    note = clean(str(posted.form.get("note", ""))).strip()
    alike = is_set(posted.form, "alike")
    fault = words.no_reason if not reasons else words.long_note if len(note) > LONGEST_NOTE else ""
    declining = Declining(reasons=reasons, note=note, alike=alike, fault=fault)
    refusal = _kept(desk.queue.claim(number(id), mentor))  # one that lapsed while they wrote is theirs again
    found = desk.queue.item(number(id))
    if found is None:
        return gone(posted, language)
    if fault and not refusal:
        return item_page(desk, found, posted, language, status=422, declining=declining)
    try:
        done = refusal or desk.queue.decline(found.row.id, mentor, reasons, note, alike=alike)
    except ClaimError:
        done = Refusal.NOT_HELD
    if isinstance(done, Refusal):
        warning = f"{words.refusals[done]} {words.refused_kept}"
        return item_page(desk, found, posted, language, status=409, warning=warning, declining=declining)
    return _after(desk, done, "declined", id, posted, language)


def _kept(claimed: Done | Refusal) -> Refusal | None:
    return claimed if isinstance(claimed, Refusal) else None
