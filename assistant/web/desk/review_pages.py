"""The forms in which the mentor who holds an item answers it: approve, correct, write anew, say what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from assistant.errors import ClaimError
from assistant.records.items import Item, Refusal, ReviewReason, Stage
from assistant.records.publishing import AnswerState, WrittenVersion
from assistant.records.reviewing import Decided, is_second
from assistant.types import Language
from assistant.web.desk import gate
from assistant.web.desk.gate import Posted, Signed
from assistant.web.desk.parts import Desk
from assistant.web.desk.queue_pages import PAGE, gone, item_page, number, opened
from assistant.web.desk.queue_view import item_address
from assistant.web.desk.queue_words import item_words, queue_words
from assistant.web.desk.review_filling import begun, reply_sheet, served, shown_question, way_of, ways
from assistant.web.desk.review_form import LONGEST_NOTE, Fault, Filled, helped, read_form, read_versions
from assistant.web.desk.review_preview import Preview, previews, unchecked
from assistant.web.desk.review_shown import form_view, told
from assistant.web.desk.review_words import review_words

_ANSWERING = frozenset({"approve", "edit", "replace"})

gate.TEMPLATES.globals |= {"review_words": review_words, "review_ways": ways, "review_second": is_second}
"""What the part of an item's page that belongs to reviewing works with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """What the form is shown with."""

    faults: tuple[Fault, ...] = ()
    previews: tuple[Preview, ...] = ()
    warning: str = ""
    status: int = 200


def router(language: Language, desk: Desk) -> APIRouter:
    """Return the routes of the forms in one language."""
    made = APIRouter()

    @made.get("/items/{id}/review")
    def shown(id: str, signed: Annotated[Signed, Depends(gate.signed_in)], way: str = "") -> Response:
        found = opened(desk, id, signed.mentor.id)
        if found is None:
            return gone(signed, language)
        if found.row.stage is not Stage.IN_REVIEW or found.row.holder is None or not _is_holder(found, signed):
            return item_page(desk, found, signed, language, status=409, warning=_refused(found, language))
        if not ways(found):
            return item_page(desk, found, signed, language, status=409)
        chosen = way_of(found, way)
        return _form(desk, found, signed, language, chosen, begun(found, chosen, served(desk, found)), _Reply())

    @made.post("/items/{id}/review")
    def sent(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        claimed = desk.queue.claim(number(id), posted.mentor.id)  # one that lapsed while they wrote is theirs again
        found = desk.queue.item(number(id))
        if found is None:
            return gone(posted, language)
        way = way_of(found, str(posted.form.get("way", "")))
        fixed = reply_sheet(found, served(desk, found)) if way == "approve" else None
        filled = read_form(posted.form, fixed)
        if isinstance(claimed, Refusal):
            warning = item_words(language).refusals[claimed]
            return _form(desk, found, posted, language, way, filled, _Reply(warning=warning, status=409))
        return _answer(desk, found, posted, language, way, filled)

    return made


def _answer(desk: Desk, item: Item, posted: Posted, language: Language, way: str, filled: Filled) -> Response:
    """Do what the pressed button says."""
    deed = str(posted.form.get("deed", ""))
    if deed not in {"save", "preview"}:
        filled = helped(desk, filled, posted.form)
        return _form(desk, item, posted, language, way, filled, _Reply())
    today = datetime.now(UTC).date()
    versions, faults = read_versions(desk, filled, today) if way in _ANSWERING else ((), _faults_of_missing(filled))
    if way == "approve" and not faults:
        faults = _faults_of_approved(item, versions)
    if faults:
        return _form(desk, item, posted, language, way, filled, _Reply(faults=faults, status=422))
    shown = previews(desk, filled, versions, today, language)
    unticked = unchecked(filled, shown) if deed == "save" else ()
    if deed == "preview" or unticked:
        reply = _Reply(faults=unticked, previews=shown, status=422 if unticked else 200)
        return _form(desk, item, posted, language, way, filled, reply)
    try:
        decided = _decide(desk, item.row.id, posted.mentor.id, way, versions, filled)
    except ClaimError:
        warning = item_words(language).refusals[Refusal.NOT_HELD]
        return _form(desk, item, posted, language, way, filled, _Reply(warning=warning, status=409))
    if not decided.answer:
        return RedirectResponse(f"{item_address(language, item.row.id)}?done={way}", 303)
    return RedirectResponse(f"/{language}/desk/answers/{decided.answer}{_done(desk, item, decided)}", 303)


def _done(desk: Desk, item: Item, decided: Decided) -> str:
    """Return what the answer's page says first; nothing of one that still waits, because that page says why."""
    entry = desk.answers.read(decided.answer)
    if item.row.id in decided.waiting:
        return "?done=waiting"
    return "?done=made" if entry and entry.answer.state is AnswerState.ACTIVE else ""


def _decide(
    desk: Desk, id: int, mentor: str, way: str, versions: tuple[WrittenVersion, ...], filled: Filled
) -> Decided:
    if way == "missing":
        return desk.reviews.missing(id, mentor, filled.ruling, closes=filled.closes)
    deeds = {"approve": desk.reviews.approve, "edit": desk.reviews.edit, "replace": desk.reviews.replace}
    return deeds[way](id, mentor, versions, filled.ruling)


def _faults_of_missing(filled: Filled) -> tuple[Fault, ...]:
    if not filled.note:
        return (Fault("note", "note_empty"),)
    return (Fault("note", "note_long"),) if len(filled.note) > LONGEST_NOTE else ()


def _faults_of_approved(item: Item, versions: tuple[WrittenVersion, ...]) -> tuple[Fault, ...]:
    """Return that the question is missing where the reply itself was left out."""
    fixed = reply_sheet(item)
    if fixed is None or fixed.language in {each.language for each in versions}:
        return ()
    return (Fault(f"{fixed.language}-question", "question_empty"),)


def _form(
    desk: Desk, item: Item, signed: Signed, language: Language, way: str, filled: Filled, reply: _Reply
) -> Response:
    words = review_words(language)
    said = words.ways[way]
    reply_of = item.turn.reply if item.turn else None
    return gate.render(
        "review_form.html",
        signed,
        language,
        page=PAGE,
        here=f"items/{item.row.id}",
        status=reply.status,
        words=words,
        queue=queue_words(language),
        heading=said["title"].format(id=item.row.id),
        save=said["save"],
        back=item_address(language, item.row.id),
        action=f"{item_address(language, item.row.id)}/review",
        way=way,
        filled=filled,
        faults=told(reply.faults, language),
        previews=reply.previews,
        warning=reply.warning,
        asked=shown_question(item),
        asked_language=item.row.language,
        has_reply=reply_of is not None,
        reasons=tuple(ReviewReason),
        alike=item.row.alike,
        wordings=(),
        **form_view(desk, filled, language, _sections_of(item), first=_main(item, filled)),
    )


def _main(item: Item, filled: Filled) -> Language:
    """Return the language that the form begins with: that of the fixed reply, else of the question."""
    return next((each.language for each in filled.sheets if each.fixed), item.row.language)


def _sections_of(item: Item) -> tuple[str, ...]:
    """Return the sections that the reply quotes or that came near."""
    reply: Mapping[str, Any] = (item.turn.reply if item.turn else None) or {}
    parts = [each for name in ("citations", "nearest") for each in reply.get(name) or () if isinstance(each, Mapping)]
    return tuple(dict.fromkeys(str(each["section"]) for each in parts if each.get("section")))


def _is_holder(item: Item, signed: Signed) -> bool:
    return item.row.holder is not None and item.row.holder.mentor == signed.mentor.id


def _refused(item: Item, language: Language) -> str:
    """Return in words why a mentor cannot answer an item now."""
    refusals = item_words(language).refusals
    if item.row.stage in {Stage.RESOLVED, Stage.DECLINED}:
        return refusals[Refusal.CLOSED]
    return refusals[Refusal.HELD if item.row.stage is Stage.IN_REVIEW else Refusal.NOT_HELD]
