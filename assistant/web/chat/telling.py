"""What is pressed below a reply, and the form on which a student tells the mentors something about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from assistant.records.store import Submissions
from assistant.types import Conversation
from assistant.web import kept
from assistant.web.chat import reports
from assistant.web.chat.actions import Action, Deed, read_action
from assistant.web.chat.chips import chips
from assistant.web.chat.dialogue import restored
from assistant.web.chat.known import about
from assistant.web.chat.recording import Record
from assistant.web.chat.reports import Filled, Slip
from assistant.web.chat.sending import send
from assistant.web.chat.view import View
from assistant.web.events import Updates, private
from assistant.web.ports import Assistant


def connect_bridge(assistant: Assistant, mail: Submissions, view: View, concurrency: str) -> Any:
    """Connect what the page's script reports: buttons below replies, a page loaded again.

    Returns:
        The event; it ends where a reply is stopped or forgotten.
    """
    parts, words = view.parts, view.words

    async def acted(message: str, talk: Conversation, known: object, record: Record) -> AsyncIterator[Updates]:
        action = read_action(message) or Action(deed=Deed.GOOD)  # about no turn: nothing happens
        turn = reports.turn_of(talk, action.turn)
        if action.deed is Deed.RESTORE and not talk.turns:
            async for shown in restored(assistant, action.questions, words, about(known)):
                yield view.screen(shown)
        elif action.deed is Deed.FORGET:
            bare = kept.replaced(known, "profile", {})
            html = chips(about(bare), assistant.document, words)
            yield {parts.kept: bare, parts.chips: gr.Markdown(html, visible=bool(html))}
        elif action.turn and not turn:
            yield view.notice(words.gone)
        elif turn and action.deed is Deed.GOOD:
            yield view.notice(await send(mail, reports.praise(turn, words), words, record.about(action.turn)))
        elif turn and action.deed in {Deed.BAD, Deed.MENTOR}:
            yield view.notice("") | view.slip(Slip(action.deed, action.turn, turn.question))
        else:
            yield gr.skip()

    given = [parts.bridge, parts.conversation, parts.kept, parts.keeping.record]
    outputs = [*parts.shown, *parts.form.shown, parts.kept, parts.chips]
    return parts.bridge.change(acted, given, concurrency_id=concurrency, **private(outputs))


def connect_slip(mail: Submissions, view: View, concurrency: str) -> None:
    """Connect the form."""
    parts, form, words = view.parts, view.parts.form, view.words

    async def sent(
        slip: Slip | None,
        talk: Conversation,
        record: Record,
        problems: list[str],
        comment: str,
        contact: str,
        consent: bool,
    ) -> Updates:
        turn = reports.turn_of(talk, slip.turn) if slip else None
        if slip is None or turn is None or turn.question != slip.question:  # another conversation has begun since
            return view.slip(None)
        filled = Filled(problems=problems or (), comment=comment or "", contact=contact or "", consent=consent is True)
        told = reports.report(slip, turn, filled, words)
        notice = view.notice(await send(mail, told, words, record.about(slip.turn)))
        return notice | (view.slip(None) if told else {})

    async def cancelled() -> Updates:
        return view.slip(None)

    about_what = [form.about, parts.conversation, parts.keeping.record]
    given = [*about_what, form.problems, form.comment, form.contact, form.consent]
    form.send.click(sent, given, concurrency_id=concurrency, **private([*parts.shown, *form.shown]))
    form.cancel.click(cancelled, None, **private(form.shown))
