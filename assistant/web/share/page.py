"""The page: Gradio parts, and callbacks that only pass on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import gradio as gr

from assistant.records.messages import OwnStories
from assistant.records.store import Submissions
from assistant.types import Language
from assistant.web.events import Updates, private
from assistant.web.ports import Erase
from assistant.web.share import form, views
from assistant.web.share.layout import LEAVE, MASK, Parts, lay_out
from assistant.web.share.review import CONSENT_VERSION, Review, look_through
from assistant.web.share.sending import answer, look_up, send, withdraw
from assistant.web.share.words import Words, words

SENDING = "send"
"""What the functions that store or erase something have in common; each counts as much as a question."""

_ONCE: dict[str, Any] = {"concurrency_id": SENDING, "concurrency_limit": 1}
"""One at a time, so that a second click finds nothing left to send."""


def build(mail: Submissions, erase: Erase, language: Language, stories: OwnStories | None = None) -> gr.Blocks:
    """Return the page in one language.

    Args:
        mail: Where the stories go.
        erase: Erases a conversation of the chat by its code.
        language: Language of the page.
        stories: Knows what became of the stories; None if nobody does.
    """
    said = words(language)
    page: gr.Blocks
    with gr.Blocks(title=said.check, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        parts = lay_out(said, language, knows=stories is not None)
        _connect_draft(page, said, parts)
        _connect_check(said, parts, language)
        _connect_sending(mail, said, parts, language)
        _connect_withdrawing(mail, erase, said, parts)
        if stories is not None:
            _connect_own(stories, said, parts, language)
    return page


def _connect_draft(page: gr.Blocks, said: Words, parts: Parts) -> None:
    """Connect what the browser keeps: written whenever a field is left or chosen, read when the page is loaded."""

    async def loaded(kept: object) -> Any:
        draft = form.restored(kept)
        return [draft.get(field, gr.skip()) for field in form.FIELDS]

    async def saved(*values: Any) -> tuple[Any, ...]:
        draft = form.drafted(values)
        return draft, said.saved if draft else ""

    async def deleted() -> tuple[Any, ...]:
        return (*map(form.empty, form.FIELDS), gr.Markdown(visible=False))

    async def forgotten() -> tuple[Any, ...]:
        return {}, said.deleted

    page.load(loaded, parts.draft, **private(parts.fields))
    left = [field.blur if hasattr(field, "submit") else field.input for field in parts.fields]
    # All of one page take turns, so that an older draft never overwrites a newer one.
    draft = private([parts.draft, parts.status]) | {"concurrency_id": "draft", "concurrency_limit": 1}
    gr.on(left, saved, parts.fields, trigger_mode="always_last", **draft)
    cleared = parts.delete.click(deleted, None, **private([*parts.fields, parts.notice]))
    cleared.then(forgotten, None, **draft)  # afterwards: leaving a field for the button has saved the draft once more


def _connect_check(said: Words, parts: Parts, language: Language) -> None:
    """Connect the form with the check that takes its place, and back."""
    checking = parts.checking
    shown = [
        checking.review, checking.frame, checking.head,
        checking.findings, checking.masking, checking.story, checking.consent, checking.told,
    ]  # fmt: skip

    async def checked(*values: Any) -> Updates:
        given = form.given(values, language=language, consent_version=CONSENT_VERSION)
        review, refused = look_through(given, today=date.today())
        if review is None:
            return {parts.notice: gr.Markdown(views.refusals(refused, said), visible=True)}
        opened = zip(shown, _reviewed(review, said), strict=True)
        return {parts.notice: gr.Markdown(visible=False), **dict(opened)}

    async def shown_anew(review: Review | None, choice: str) -> Any:
        return views.story(review, said, mask=choice != LEAVE) if review else gr.skip()

    async def changed() -> Updates:
        return {checking.review: None, checking.frame: gr.Column(visible=False)}

    parts.check.click(checked, parts.fields, **private([parts.notice, *shown]))
    checking.masking.input(shown_anew, [checking.review, checking.masking], **private([checking.story]))
    checking.back.click(changed, None, **private([checking.review, checking.frame]))


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
            return {checking.told: gr.Markdown(failure, visible=True)}
        return {
            checking.told: gr.Markdown(visible=False),
            checking.review: None,
            checking.frame: gr.Column(visible=False),
            parts.sent: gr.Markdown(views.thanks(code, said, language), visible=True),
            parts.draft: {},
            **dict(zip(parts.fields, map(form.empty, form.FIELDS), strict=True)),
        }

    outputs = [checking.told, checking.review, checking.frame, parts.sent, parts.draft, *parts.fields]
    checking.send.click(sent, [checking.review, checking.masking, checking.consent], **_ONCE, **private(outputs))


def _connect_withdrawing(mail: Submissions, erase: Erase, said: Words, parts: Parts) -> None:
    """Connect the button that erases."""
    foot = parts.withdrawing

    async def withdrawn(code: str | None) -> Updates:
        gone, told = await withdraw(mail, erase, code or "", said)
        hidden = {foot.code: "", foot.own: gr.Markdown(visible=False), foot.answering: gr.Column(visible=False)}
        return {foot.told: gr.Markdown(told, visible=True)} | (hidden if gone else {})

    outputs = [foot.code, foot.told, foot.own, foot.answering]
    foot.withdraw.click(withdrawn, foot.code, **_ONCE, **private(outputs))


def _connect_own(stories: OwnStories, said: Words, parts: Parts, language: Language) -> None:
    """Connect what shows somebody's own story, and the answer to the mentors; codes are guessed as slowly as asked."""
    foot = parts.withdrawing

    async def looked(code: str | None) -> Updates:
        found, told = await look_up(stories, code or "", said)
        return {
            foot.told: gr.Markdown(told, visible=bool(told)),
            foot.own: gr.Markdown(views.own(found, said, language) if found else "", visible=found is not None),
            foot.answering: gr.Column(visible=found is not None and found.may_answer),
        }

    async def answered(code: str | None, text: str | None) -> Updates:
        is_sent, told = await answer(stories, code or "", text or "", said)
        after = await looked(code) if is_sent else {}
        return after | {foot.told: gr.Markdown(told, visible=True)} | ({foot.answer: ""} if is_sent else {})

    shown = [foot.told, foot.own, foot.answering]
    gr.on([foot.look.click, foot.code.submit], looked, foot.code, **_ONCE, **private(shown))
    foot.send.click(answered, [foot.code, foot.answer], **_ONCE, **private([*shown, foot.answer]))


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
