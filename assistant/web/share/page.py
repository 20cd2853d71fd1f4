"""The page: Gradio parts, and callbacks that only pass on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import gradio as gr

from assistant.records.store import Submissions
from assistant.types import Language
from assistant.web.share import form, views
from assistant.web.share.layout import LEAVE, MASK, Parts, lay_out
from assistant.web.share.review import CONSENT_VERSION, Review, look_through
from assistant.web.share.sending import send, withdraw
from assistant.web.share.words import Words, words

SESSIONS = 2_000
"""Visitors per page whose checked stories are kept until they are sent; the one longest away is forgotten first."""

Updates = tuple[Any, ...]


SENDING = "send"
"""What the functions that store or erase something have in common; each counts as much as a question."""

_ONCE: dict[str, Any] = {"concurrency_id": SENDING, "concurrency_limit": 1}
"""One at a time, so that a second click finds nothing left to send."""


def build(mail: Submissions, language: Language) -> gr.Blocks:
    """Return the page in one language; the stories go into ``mail``."""
    said = words(language)
    page: gr.Blocks
    with gr.Blocks(title=said.check, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        parts = lay_out(said, language)
        _connect_draft(page, said, parts)
        _connect_check(said, parts, language)
        _connect_sending(mail, said, parts, language)
        _connect_withdrawing(mail, said, parts)
    page.state_session_capacity = SESSIONS
    return page


def _connect_draft(page: gr.Blocks, said: Words, parts: Parts) -> None:
    """Connect what the browser keeps: written whenever a field is left or chosen, read when the page is loaded."""

    async def loaded(kept: object) -> Any:
        draft = form.restored(kept)
        return [draft.get(field, gr.skip()) for field in form.FIELDS]

    async def saved(*values: Any) -> Updates:
        draft = form.drafted(values)
        return draft, said.saved if draft else ""

    async def deleted() -> Updates:
        return (*map(form.empty, form.FIELDS), gr.Markdown(visible=False))

    async def forgotten() -> Updates:
        return {}, said.deleted

    page.load(loaded, parts.draft, **_common(parts.fields))
    left = [field.blur if hasattr(field, "submit") else field.input for field in parts.fields]
    # All of one page take turns, so that an older draft never overwrites a newer one.
    draft = _common([parts.draft, parts.status]) | {"concurrency_id": "draft", "concurrency_limit": 1}
    gr.on(left, saved, parts.fields, trigger_mode="always_last", **draft)
    cleared = parts.delete.click(deleted, None, **_common([*parts.fields, parts.notice]))
    cleared.then(forgotten, None, **draft)  # afterwards: leaving a field for the button has saved the draft once more


def _connect_check(said: Words, parts: Parts, language: Language) -> None:
    """Connect the form with the check that takes its place, and back."""
    checking = parts.checking
    shown = [
        parts.notice, checking.review, checking.frame, checking.head,
        checking.findings, checking.masking, checking.story, checking.consent, checking.told,
    ]  # fmt: skip

    async def checked(*values: Any) -> Updates:
        given = form.given(values, language=language, consent_version=CONSENT_VERSION)
        review, refused = look_through(given, today=date.today())
        if review is None:
            notice = gr.Markdown(views.refusals(refused, said), visible=True)
            return (notice, *_unchanged(len(shown) - 1))
        return (gr.Markdown(visible=False), *_reviewed(review, said))

    async def shown_anew(review: Review | None, choice: str) -> Any:
        return views.story(review, said, mask=choice != LEAVE) if review else gr.skip()

    async def changed() -> Updates:
        return None, gr.Column(visible=False)

    parts.check.click(checked, parts.fields, **_common(shown))
    checking.masking.input(shown_anew, [checking.review, checking.masking], **_common([checking.story]))
    checking.back.click(changed, None, **_common([checking.review, checking.frame]))


def _connect_sending(mail: Submissions, said: Words, parts: Parts, language: Language) -> None:
    """Connect the button that sends what was checked."""
    checking = parts.checking

    async def sent(review: Review | None, choice: str, consent: bool) -> Updates:
        code, failure = None, said.not_sent
        if review is None:  # after a long pause; or sent by the first of two clicks, and then nobody sees this
            failure = said.forgotten
        elif consent is not True:
            failure = said.rules["no_consent"]
        else:
            code = await send(mail, review, mask=choice != LEAVE)
        if code is None:
            return (gr.Markdown(failure, visible=True), *_unchanged(len(outputs) - 1))
        thanks = gr.Markdown(views.thanks(code, said, language), visible=True)
        return gr.Markdown(visible=False), None, gr.Column(visible=False), thanks, {}, *map(form.empty, form.FIELDS)

    outputs = [checking.told, checking.review, checking.frame, parts.sent, parts.draft, *parts.fields]
    checking.send.click(sent, [checking.review, checking.masking, checking.consent], **_ONCE, **_common(outputs))


def _connect_withdrawing(mail: Submissions, said: Words, parts: Parts) -> None:
    """Connect the foot of the page."""
    foot = parts.withdrawing

    async def withdrawn(code: str | None) -> Updates:
        gone, told = await withdraw(mail, code or "", said)
        return "" if gone else gr.skip(), gr.Markdown(told, visible=True)

    gr.on([foot.withdraw.click, foot.code.submit], withdrawn, foot.code, **_ONCE, **_common([foot.code, foot.told]))


def _reviewed(review: Review, said: Words) -> Sequence[Any]:
    """Return what opens the check of a story; masking is chosen until somebody chooses otherwise."""
    return (
        review,
        gr.Column(visible=True),
        views.review_head(said),
        views.findings(review, said),
        gr.Radio(value=MASK, visible=bool(review.found)),
        views.story(review, said, mask=True),
        False,
        gr.Markdown(visible=False),
    )


def _unchanged(parts: int) -> Updates:
    """Return what leaves so many parts as they are."""
    return (gr.skip(),) * parts


def _common(outputs: list[Any]) -> dict[str, Any]:
    """Return what all events of the page have in common."""
    return {"outputs": outputs, "api_visibility": "private", "show_progress": "hidden"}
