"""The chat page: Gradio parts, and callbacks that only pass on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import gradio as gr
from gradio.events import api

from assistant.answering.assistant import LONGEST_QUESTION
from assistant.contract import reply_json
from assistant.errors import QuestionError
from assistant.preparation.profile import circumstances, read_profile
from assistant.records.store import Submissions
from assistant.types import Circumstances, Conversation, Language, Turn
from assistant.web import kept, rendering
from assistant.web.chat import present, reports, transcript
from assistant.web.chat.actions import Action, Deed, read_action
from assistant.web.chat.chips import chips
from assistant.web.chat.dialogue import converse, restored
from assistant.web.chat.layout import Parts, lay_out
from assistant.web.chat.present import Bubble, Screen
from assistant.web.chat.reports import Filled, Slip
from assistant.web.chat.sending import send
from assistant.web.ports import Assistant
from assistant.web.wording import Texts, texts

STOP_SECONDS = 0.4
"""A frame that was under way when the reply was stopped arrives within this, and must not be the last."""

ASKING = "ask"
"""What the functions that ask something have in common; only they count as questions."""

REPLIES_AT_ONCE = 16
"""Replies per page that are under way at once; most of their time they pause."""

SESSIONS = 2_000
"""Visitors per page whose conversations are kept; the one longest away is forgotten first."""

MOST_TURNS = 20
"""Earlier questions that a program may send along; older ones are not read."""

NOTICE = 4
"""Place of the notice among the parts that ``updates`` changes."""

Updates = tuple[Any, ...]


def build(assistant: Assistant, mail: Submissions, language: Language) -> gr.Blocks:
    """Return the chat page in one language; what students report goes into ``mail``."""
    words = texts(language)
    page: gr.Blocks
    with gr.Blocks(title=words.name, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        parts = lay_out(words)
        _offer(assistant, words)  # before what takes its name: private events have names, too
        _connect(assistant, words, parts, _connect_bridge(assistant, mail, words, parts))
        _connect_slip(mail, words, parts)

        async def loaded(known: object) -> Any:
            return await asyncio.to_thread(_chips, assistant, known, words)

        page.load(loaded, parts.kept, **_common([parts.chips]))
    page.state_session_capacity = SESSIONS
    return page


def _offer(assistant: Assistant, words: Texts) -> None:
    """Offer asking to programs under the name ``/ask``: the one event with a public name."""

    async def ask(question: str, history: list[str] | None = None) -> dict[str, Any]:
        """Answer a question in literal quotes, or abstain; ``history`` holds earlier questions, oldest first."""
        talk = Conversation(tuple(Turn(str(earlier)) for earlier in (history or [])[-MOST_TURNS:]))
        try:
            found = await asyncio.to_thread(
                assistant.ask, str(question), conversation=talk, page_language=words.language
            )
        except QuestionError:
            too_long = len(str(question)) > LONGEST_QUESTION
            raise gr.Error(words.long_question if too_long else words.empty_question) from None
        return reply_json(found)

    api(ask, api_name="ask", concurrency_id=ASKING, concurrency_limit=REPLIES_AT_ONCE)


def _connect(assistant: Assistant, words: Texts, parts: Parts, restoring: Any) -> None:
    """Connect what asks; every event goes through the queue and none has a public name.

    Args:
        assistant: Answers the questions.
        words: The words of the page.
        parts: The parts of the page.
        restoring: The event that asks again after a reload; it ends where a reply is stopped or forgotten.
    """
    box, conversation, stored = parts.box, parts.conversation, parts.kept

    async def ask(question: str, talk: Conversation, known: object) -> AsyncIterator[Updates]:
        async for shown in converse(assistant, question, talk, words, _about(known)):
            yield updates(shown, words)

    async def ask_suggestion(talk: Conversation, known: object, chosen: gr.SelectData) -> AsyncIterator[Updates]:
        async for shown in converse(assistant, str(chosen.value), talk, words, _about(known)):
            yield updates(shown, words)

    async def ask_again(talk: Conversation, known: object) -> AsyncIterator[Updates]:
        question, before = talk.questions[-1] if talk.turns else "", present.without_last(talk)
        async for shown in converse(assistant, question, before, words, _about(known)):
            yield updates(shown, words)

    async def edited(talk: Conversation) -> Updates:
        question = talk.questions[-1] if talk.turns else ""
        shown = present.screen(present.without_last(talk), words, draft=question)
        return (*updates(shown, words), *slip_updates(None, words))

    async def stopped(talk: Conversation) -> Updates:
        await asyncio.sleep(STOP_SECONDS)
        return updates(present.screen(talk, words), words)

    async def begun_anew() -> Updates:
        shown = present.screen(Conversation(), words, draft="")
        return (*updates(shown, words), *slip_updates(None, words))

    async def saved(talk: Conversation) -> Updates:
        if not talk.turns:
            return (gr.skip(), gr.Markdown(words.gone, visible=True))
        text = transcript.markdown(talk, words, today=date.today())
        block = f'<div id="kept-{time.time_ns()}">{rendering.preformatted(text)}</div>'  # a new id: kept once more
        return (block, gr.skip())

    common = _common(parts.shown)
    asking = common | {"concurrency_id": ASKING, "concurrency_limit": REPLIES_AT_ONCE}
    runs: list[Any] = [restoring, box.submit(ask, [box, conversation, stored], **asking)]
    runs += [parts.chat.option_select(ask_suggestion, [conversation, stored], **asking)]
    runs += [parts.again.click(ask_again, [conversation, stored], **asking)]
    runs += [example.click(ask, [example, conversation, stored], **asking) for example in parts.examples]
    box.stop(stopped, conversation, cancels=runs, **common)
    closing = _common([*parts.shown, *parts.form.shown])  # the form is about what these two take away
    parts.new.click(begun_anew, None, cancels=runs, **closing)
    parts.edit.click(edited, conversation, **closing)
    parts.save.click(saved, conversation, **_common([parts.saved, parts.notice]))


def _connect_bridge(assistant: Assistant, mail: Submissions, words: Texts, parts: Parts) -> Any:
    """Connect what the page's script reports: buttons below replies, a page loaded again; return the event."""
    own, slip = len(parts.shown), len(parts.form.shown)

    def moved(*, page: Updates = (), form: Updates = (), profile: Updates = ()) -> Updates:
        return (*(page or unchanged(own)), *(form or unchanged(slip)), *(profile or unchanged(2)))

    async def acted(message: str, talk: Conversation, known: object) -> AsyncIterator[Updates]:
        action = read_action(message) or Action(deed=Deed.GOOD)  # about no turn: nothing happens
        turn = reports.turn_of(talk, action.turn)
        if action.deed is Deed.RESTORE and not talk.turns:
            async for shown in restored(assistant, action.questions, words, _about(known)):
                yield moved(page=updates(shown, words))
        elif action.deed is Deed.FORGET:
            bare = kept.replaced(known, "profile", {})
            yield moved(profile=(bare, _chips(assistant, bare, words)))
        elif action.turn and not turn:
            yield moved(page=noticed(words.gone, own))
        elif turn and action.deed is Deed.GOOD:
            yield moved(page=noticed(await send(mail, reports.praise(turn, words), words), own))
        elif turn and action.deed in {Deed.BAD, Deed.MENTOR}:
            opened = Slip(action.deed, action.turn, turn.question)
            yield moved(page=noticed("", own), form=slip_updates(opened, words, turn.question))
        else:
            yield moved()

    asking = _common([*parts.shown, *parts.form.shown, parts.kept, parts.chips])
    return parts.bridge.change(acted, [parts.bridge, parts.conversation, parts.kept], concurrency_id=ASKING, **asking)


def _connect_slip(mail: Submissions, words: Texts, parts: Parts) -> None:
    """Connect the form on which a student tells the mentors something about a reply."""
    form, own = parts.form, len(parts.shown)

    async def sent(
        slip: Slip | None, talk: Conversation, problems: list[str], comment: str, contact: str, consent: bool
    ) -> Updates:
        turn = reports.turn_of(talk, slip.turn) if slip else None
        if slip is None or turn is None or turn.question != slip.question:  # another conversation has begun since
            return (*unchanged(own), *slip_updates(None, words))
        filled = Filled(problems=problems or (), comment=comment or "", contact=contact or "", consent=consent is True)
        told = reports.report(slip, turn, filled, words)
        closed = slip_updates(None, words) if told else unchanged(len(form.shown))
        return (*noticed(await send(mail, told, words), own), *closed)

    async def cancelled() -> Updates:
        return slip_updates(None, words)

    filled = [form.about, parts.conversation, form.problems, form.comment, form.contact, form.consent]
    form.send.click(sent, filled, concurrency_id=ASKING, **_common([*parts.shown, *form.shown]))
    form.cancel.click(cancelled, None, **_common(form.shown))


def _chips(assistant: Assistant, known: object, words: Texts) -> Any:
    """Return what shows the profile that replies take into account, or hides it if there is none."""
    html = chips(_about(known), assistant.document, words)
    return gr.Markdown(html, visible=bool(html))


def _common(outputs: list[Any]) -> dict[str, Any]:
    """Return what all events of the page have in common."""
    return {"outputs": outputs, "api_visibility": "private", "show_progress": "hidden"}


def _about(known: object) -> Circumstances:
    """Return what a browser keeps of a student's circumstances."""
    return circumstances(read_profile(kept.table(known, "profile"), today=date.today())[0])


def unchanged(parts: int) -> Updates:
    """Return what leaves so many parts as they are."""
    return (gr.skip(),) * parts


def noticed(words: str, parts: int) -> Updates:
    """Return what shows a notice, or hides it if there is none, and leaves the other parts of the page."""
    updates = list(unchanged(parts))
    updates[NOTICE] = gr.Markdown(words, visible=bool(words))
    return tuple(updates)


def slip_updates(slip: Slip | None, words: Texts, question: str = "") -> Updates:
    """Return what opens the slip about a question, empty, or closes it; in the order of its parts."""
    mentor = slip is not None and slip.deed is Deed.MENTOR
    title, note = (words.mentor_title, words.mentor_note) if mentor else (words.report_title, "")
    head = f"<h2>{title}</h2>{rendering.plain(question)}<p>{note}</p>".replace("\n", " ")
    return (
        slip,
        gr.Column(visible=slip is not None),
        head if slip else "",
        gr.CheckboxGroup(value=[], visible=not mentor),
        gr.Textbox(value=""),
        gr.Textbox(value="", visible=mentor),
        gr.Checkbox(value=False, visible=mentor),
    )


def updates(screen: Screen, words: Texts) -> Updates:
    """Return what Gradio sends for a screen, in the order of the page's parts."""
    begun = bool(screen.bubbles)
    box: dict[str, Any] = {} if screen.draft is None else {"value": screen.draft}
    return (
        screen.conversation,
        gr.Chatbot(list(map(_message, screen.bubbles)), visible=begun),
        screen.sources,
        gr.Column(visible=not begun),
        gr.Markdown(screen.notice, visible=bool(screen.notice)),
        gr.Textbox(**box, submit_btn=words.send * (not screen.busy), stop_btn=words.stop * screen.busy),
        gr.Row(visible=begun and not screen.busy),
    )


def _message(bubble: Bubble) -> Any:
    """Return a bubble as a message of Gradio's chat."""
    options: list[Any] = [{"label": each.label, "value": each.question} for each in bubble.suggestions]
    return gr.ChatMessage(role=bubble.role, content=bubble.html, options=options)
