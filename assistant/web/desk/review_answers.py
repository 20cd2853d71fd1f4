"""The pages of the verified answers: the list, one answer, and what a mentor does with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from assistant.records.verified import Unchanged
from assistant.records.verified_rows import Entry
from assistant.types import Language
from assistant.web.desk import gate
from assistant.web.desk.gate import Posted, Signed
from assistant.web.desk.parts import Desk
from assistant.web.desk.review_answer_view import answer_view, digests, list_view
from assistant.web.desk.review_filling import changing
from assistant.web.desk.review_form import Fault, Filled, helped, read_form, read_versions
from assistant.web.desk.review_preview import Preview, previews, unchecked
from assistant.web.desk.review_sections import now
from assistant.web.desk.review_shown import form_view, told
from assistant.web.desk.review_words import answers_words, review_words
from assistant.web.desk.words import frame

PAGE = "answers"
_ID = re.compile("[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What the form of changing is shown with."""

    faults: tuple[Fault, ...] = ()
    previews: tuple[Preview, ...] = ()
    warning: str = ""
    status: int = 200


def router(language: Language, desk: Desk) -> APIRouter:
    """Return the routes of the verified answers in one language."""
    made = APIRouter(prefix=f"/{PAGE}")

    @made.get("/")
    def listed(request: Request, signed: Annotated[Signed, Depends(gate.signed_in)]) -> Response:
        view = list_view(desk.answers.entries(), request.query_params, language)
        return gate.render("answers.html", signed, language, page=PAGE, words=answers_words(language), view=view)

    @made.get("/{id}")
    def shown(id: str, signed: Annotated[Signed, Depends(gate.signed_in)], done: str = "") -> Response:
        notice = answers_words(language).said.get(done, "")
        return _answer(desk, _entry(desk, id), signed, language, notice=notice)

    @made.get("/{id}/change")
    def opened(id: str, signed: Annotated[Signed, Depends(gate.signed_in)]) -> Response:
        entry = _entry(desk, id)
        if entry is None:
            return _missing(signed, language)
        return _form(desk, entry, signed, language, changing(entry), _Shown())

    @made.post("/{id}/change")
    def changed(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        entry = _entry(desk, id)
        return _missing(posted, language) if entry is None else _change(desk, entry, posted, language)

    @made.post("/{id}/resume")
    def resumed(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        return _resume(desk, id, posted, language)

    @made.post("/{id}/retire")
    def retired(id: str, posted: Annotated[Posted, Depends(gate.posted)]) -> Response:
        refused = desk.answers.retire(_known(id), posted.mentor.id, seen=_moment(posted.form))
        return _after(desk, id, refused, "retired", posted, language)

    return made


def _known(id: str) -> str:
    """Return the id that an address names; an empty one, which no answer has, if it names none."""
    return id if _ID.fullmatch(id) else ""


def _entry(desk: Desk, id: str) -> Entry | None:
    return desk.answers.read(_known(id))


def _moment(form: Mapping[str, object]) -> datetime:
    """Return when the answer that the mentor saw was last changed; one that no answer has if that is not told."""
    try:
        at = datetime.fromisoformat(str(form.get("seen", "")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _change(desk: Desk, entry: Entry, posted: Posted, language: Language) -> Response:
    filled, deed = read_form(posted.form), str(posted.form.get("deed", ""))
    if deed not in {"save", "preview"}:
        return _form(desk, entry, posted, language, helped(desk, filled, posted.form), _Shown())
    today = datetime.now(UTC).date()
    versions, faults = read_versions(desk, filled, today)
    if faults:
        return _form(desk, entry, posted, language, filled, _Shown(faults=faults, status=422))
    shown = previews(desk, filled, versions, today, language)
    unticked = unchecked(filled, shown) if deed == "save" else ()
    if deed == "preview" or unticked:
        reply = _Shown(faults=unticked, previews=shown, status=422 if unticked else 200)
        return _form(desk, entry, posted, language, filled, reply)
    known, seen = entry.answer.id, _moment(posted.form)
    refused = desk.answers.change(known, versions, posted.mentor.id, seen=seen, forget=filled.forget)
    if refused:
        warning = answers_words(language).refusals[refused]
        return _form(desk, entry, posted, language, filled, _Shown(warning=warning, status=409))
    return RedirectResponse(f"/{language}/desk/{PAGE}/{known}?done=changed", 303)


def _resume(desk: Desk, id: str, posted: Posted, language: Language) -> Response:
    """Confirm an answer if its sections still read as the mentor saw them."""
    entry = _entry(desk, id)
    if entry is None:
        return _missing(posted, language)
    sections = now(desk, entry.answer)
    sent = posted.form.get("digest", ())
    if set([sent] if isinstance(sent, str) else sent) != set(digests(sections)):
        warning = answers_words(language).refusals["moved"]
        return _answer(desk, entry, posted, language, warning=warning, status=409)
    refused = desk.answers.resume(id, posted.mentor.id, sections, seen=_moment(posted.form))
    return _after(desk, id, refused, "resumed", posted, language)


def _after(desk: Desk, id: str, refused: Unchanged | None, said: str, posted: Posted, language: Language) -> Response:
    """Lead back to the answer, or say on its page why nothing was done."""
    if refused is None:
        return RedirectResponse(f"/{language}/desk/{PAGE}/{id}?done={said}", 303)
    warning = answers_words(language).refusals[refused]
    return _answer(desk, _entry(desk, id), posted, language, warning=warning, status=409)


def _answer(
    desk: Desk,
    entry: Entry | None,
    signed: Signed,
    language: Language,
    *,
    notice: str = "",
    warning: str = "",
    status: int = 200,
) -> Response:
    if entry is None:
        return _missing(signed, language)
    return gate.render(
        "answer.html",
        signed,
        language,
        page=PAGE,
        here=f"{PAGE}/{entry.answer.id}",
        status=status,
        words=answers_words(language),
        names=frame(language).speeches,
        view=answer_view(desk, entry, language),
        notice=notice,
        warning=warning,
    )


def _missing(signed: Signed, language: Language) -> Response:
    return gate.render("answer_missing.html", signed, language, page=PAGE, status=404, words=answers_words(language))


def _form(desk: Desk, entry: Entry, signed: Signed, language: Language, filled: Filled, reply: _Shown) -> Response:
    words, place = answers_words(language), f"{PAGE}/{entry.answer.id}"
    return gate.render(
        "review_form.html",
        signed,
        language,
        page=PAGE,
        here=f"{place}/change",
        status=reply.status,
        words=review_words(language),
        heading=words.change_title,
        help=words.change_help,
        save=words.save,
        back=f"/{language}/desk/{place}",
        action=f"/{language}/desk/{place}/change",
        way="",
        filled=filled,
        faults=told(reply.faults, language),
        previews=reply.previews,
        warning=reply.warning,
        asked="",
        wordings=entry.wordings,
        **form_view(desk, filled, language, (), first=entry.answer.versions[0].language),
    )
