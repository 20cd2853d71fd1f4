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
from assistant.records.store import Submissions
from assistant.types import Conversation, Language, Turn
from assistant.web import rendering
from assistant.web.chat import keeping, present, transcript
from assistant.web.chat.chips import chips
from assistant.web.chat.dialogue import converse
from assistant.web.chat.known import about
from assistant.web.chat.layout import lay_out
from assistant.web.chat.recording import Record, Recorder, number_of
from assistant.web.chat.telling import connect_bridge, connect_slip
from assistant.web.chat.view import View
from assistant.web.chat.words import keeping_words
from assistant.web.events import Updates, private
from assistant.web.ports import Assistant
from assistant.web.threads import in_thread
from assistant.web.wording import Texts, texts

STOP_SECONDS = 0.4
"""A frame that was under way when the reply was stopped arrives within this, and must not be the last."""

ASKING = "ask"
"""Name under which Gradio counts the events that ask or send something; each of them counts as a question."""

REPLIES_AT_ONCE = 16
"""Replies per page that are under way at once; most of their time they pause."""

MOST_TURNS = 20
"""Earlier questions that a program may send along; older ones are not read."""

_ASKING: dict[str, Any] = {"concurrency_id": ASKING, "concurrency_limit": REPLIES_AT_ONCE}


def build(assistant: Assistant, mail: Submissions, recorder: Recorder, language: Language) -> gr.Blocks:
    """Return the chat page in one language.

    Args:
        assistant: Answers the questions.
        mail: Where what students report goes.
        recorder: Records what is asked and replied.
        language: Language of the page.
    """
    words = texts(language)
    page: gr.Blocks
    with gr.Blocks(title=words.name, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        view = View(lay_out(words), words)
        _offer(assistant, words)  # before what takes its name: private events have names, too
        _connect(assistant, recorder, view, connect_bridge(assistant, mail, view, ASKING))
        connect_slip(mail, view, ASKING)
        _connect_keeping(recorder, view)
        _connect_loading(page, assistant, view)
    return page


def _offer(assistant: Assistant, words: Texts) -> None:
    """Offer asking to programs under the name ``/ask``: the one event with a public name. It records nothing."""

    async def ask(question: str, history: list[str] | None = None) -> dict[str, Any]:
        """Answer a question in literal quotes, or abstain; ``history`` holds earlier questions, oldest first."""
        talk = Conversation(tuple(Turn(str(earlier)) for earlier in (history or [])[-MOST_TURNS:]))
        try:
            found = await in_thread(
                lambda: assistant.ask(str(question), conversation=talk, page_language=words.language)
            )
        except QuestionError:
            too_long = len(str(question)) > LONGEST_QUESTION
            raise gr.Error(words.long_question if too_long else words.empty_question) from None
        return reply_json(found)

    api(ask, api_name="ask", **_ASKING)


def _connect(assistant: Assistant, recorder: Recorder, view: View, restoring: Any) -> None:
    """Connect what asks, and what ends it; every event goes through the queue and none has a public name.

    Args:
        assistant: Answers the questions.
        recorder: Records the replies once they are whole.
        view: The page.
        restoring: The event that asks again after a reload; it ends where a reply is stopped or forgotten.
    """
    parts, words = view.parts, view.words

    async def ask(
        question: str, talk: Conversation, known: object, record: Record, refused: object, ticked: object
    ) -> AsyncIterator[Updates]:
        asker, refuses = about(known), bool(refused or ticked)
        async for shown in converse(assistant, question, talk, words, asker):
            if not shown.replied:
                yield view.screen(shown)
                continue
            record = record.before(number_of(shown.conversation))
            if not refuses:  # before the page is ready for the next question, which would else overtake this one
                record = await recorder.record(
                    shown.conversation, record, about=asker, language=words.language, generation=assistant.generation
                )
            yield view.screen(shown) | view.kept(record, refused=refuses)

    async def ask_suggestion(
        talk: Conversation, known: object, record: Record, refused: object, ticked: object, chosen: gr.SelectData
    ) -> AsyncIterator[Updates]:
        async for shown in ask(str(chosen.value), talk, known, record, refused, ticked):
            yield shown

    async def ask_again(
        talk: Conversation, known: object, record: Record, refused: object, ticked: object
    ) -> AsyncIterator[Updates]:
        question, before = talk.questions[-1] if talk.turns else "", present.without_last(talk)
        async for shown in ask(question, before, known, record, refused, ticked):
            yield shown

    given = [parts.conversation, parts.kept, *parts.keeping.given]
    asking = _ASKING | private([*parts.shown, *parts.keeping.shown])
    runs: list[Any] = [restoring, parts.box.submit(ask, [parts.box, *given], **asking)]
    runs += [parts.chat.option_select(ask_suggestion, given, **asking)]
    runs += [parts.again.click(ask_again, given, **asking)]
    runs += [example.click(ask, [example, *given], **asking) for example in parts.examples]
    _connect_ending(view, runs)


def _connect_ending(view: View, runs: list[Any]) -> None:
    """Connect what stops the events that ask, begins anew, takes the last question back or keeps the text."""
    parts, words = view.parts, view.words

    async def stopped(talk: Conversation) -> Updates:
        await asyncio.sleep(STOP_SECONDS)
        return view.screen(present.screen(talk, words))

    async def begun_anew(refused: object, ticked: object) -> Updates:
        empty = view.screen(present.screen(Conversation(), words, draft=""))
        return empty | view.slip(None) | view.kept(Record(), refused=bool(refused or ticked))

    async def edited(talk: Conversation) -> Updates:
        question = talk.questions[-1] if talk.turns else ""
        return view.screen(present.screen(present.without_last(talk), words, draft=question)) | view.slip(None)

    async def saved(talk: Conversation) -> Updates:
        if not talk.turns:
            return view.notice(words.gone)
        text = transcript.markdown(talk, words, today=date.today())
        block = f'<div id="kept-{time.time_ns()}">{rendering.preformatted(text)}</div>'  # a new id: kept once more
        return {parts.saved: block}

    closing = [*parts.shown, *parts.form.shown]  # the form is about what these two take away
    refusal = [parts.keeping.refused, parts.keeping.refuse]
    parts.box.stop(stopped, parts.conversation, cancels=runs, **private(parts.shown))
    parts.new.click(begun_anew, refusal, cancels=runs, **private([*closing, *parts.keeping.shown]))
    parts.edit.click(edited, parts.conversation, **private(closing))
    parts.save.click(saved, parts.conversation, **private([parts.saved, parts.notice]))


def _connect_keeping(recorder: Recorder, view: View) -> None:
    """Connect the button that erases the conversation, and the box of who does not want it to be kept."""
    foot, said = view.parts.keeping, keeping_words(view.words.language)

    async def erased(record: Record, refused: object, ticked: object) -> Updates:
        if not await recorder.erase(record):
            return view.notice(said.not_erased)
        return view.kept(Record(), refused=bool(refused or ticked)) | view.notice(said.erased)

    async def chosen(record: Record, ticked: object) -> Updates:
        return {foot.refused: bool(ticked)} | view.kept(record, refused=bool(ticked))

    foot.erase.click(erased, foot.given, **private([*foot.shown, view.parts.notice]))
    foot.refuse.input(chosen, [foot.record, foot.refuse], **private([*foot.shown, foot.refused]))


def _connect_loading(page: gr.Blocks, assistant: Assistant, view: View) -> None:
    """Connect what a page shows of what the browser keeps: the profile, and whether conversations may be kept."""
    parts, foot = view.parts, view.parts.keeping

    async def loaded(known: object, refused: object) -> Updates:
        html = await asyncio.to_thread(chips, about(known), assistant.document, view.words)
        shown: Updates = {parts.chips: gr.Markdown(html, visible=bool(html))}
        if not refused:  # who ticks the box before this arrives must find it ticked
            return shown
        return shown | {
            foot.refuse: True,
            foot.told: keeping.told(Record(), view.words.language, refused=True),
        }

    page.load(loaded, [parts.kept, foot.refused], **private([parts.chips, foot.refuse, foot.told]))
