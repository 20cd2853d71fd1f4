"""The chat page: Gradio parts, and callbacks that only pass on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.types import Conversation, Language
from assistant.web.chat import present, sources
from assistant.web.chat.dialogue import LONGEST_QUESTION, converse
from assistant.web.chat.present import Bubble, Screen
from assistant.web.ports import Assistant
from assistant.web.wording import Texts, texts

STOP_SECONDS = 0.4
"""A frame that was under way when the reply was stopped arrives within this, and must not be the last."""

REPLIES_AT_ONCE = 16
"""Replies per page that are under way at once; most of their time they pause."""

CONVERSATION_SECONDS = 2 * 60 * 60
"""Idle time after which a conversation is forgotten."""

SESSIONS = 2_000
"""Visitors per page whose conversations are kept; the one longest away is forgotten first."""

Updates = tuple[Any, ...]


def build(assistant: Assistant, language: Language) -> gr.Blocks:
    """Return the chat page in one language."""
    words = texts(language)
    page: gr.Blocks
    with gr.Blocks(title=words.name, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        _connect(assistant, words, _lay_out(words))
    page.state_session_capacity = SESSIONS
    return page


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the page that events read or change."""

    conversation: gr.State
    chat: gr.Chatbot
    cards: gr.Markdown
    welcome: gr.Column
    notice: gr.Markdown
    box: gr.Textbox
    tools: gr.Row
    new: gr.Button
    examples: tuple[gr.Button, ...]

    @property
    def shown(self) -> list[Any]:
        """What ``updates`` changes, in its order."""
        return [self.conversation, self.chat, self.cards, self.welcome, self.notice, self.box, self.tools]


def _lay_out(words: Texts) -> _Parts:
    """Place the parts: the conversation on the left, its sources on the right."""
    conversation = gr.State(Conversation(), time_to_live=CONVERSATION_SECONDS)
    with gr.Row(elem_id="desk", equal_height=False):
        with gr.Column(elem_id="talk", scale=3, min_width=280):
            welcome, examples = _welcome(words)
            chat = _chat(words)
            with gr.Column(elem_id="composer", min_width=0):
                notice = gr.Markdown(visible=False, elem_id="notice", container=False)
                box = _box(words)
                with gr.Row(elem_id="tools", visible=False) as tools:
                    gr.Button(words.copy, elem_id="copy", size="sm", min_width=0)
                    new = gr.Button(words.new, elem_id="new", size="sm", min_width=0)
        with gr.Column(elem_id="sources", scale=2, min_width=280):
            gr.Markdown(f"## {words.sources}", elem_id="sources-title", container=False)
            gr.Button(words.close, elem_id="close-sources", size="sm", min_width=0)
            empty = sources.panel(Conversation(), words)
            cards = gr.Markdown(empty, sanitize_html=True, latex_delimiters=[], container=False, elem_id="cards")
    return _Parts(conversation, chat, cards, welcome, notice, box, tools, new, tuple(examples))


def _connect(assistant: Assistant, words: Texts, parts: _Parts) -> None:
    """Connect the parts; every event goes through the queue and none has a public name."""
    box, conversation = parts.box, parts.conversation

    async def ask(question: str, talk: Conversation) -> AsyncIterator[Updates]:
        async for shown in converse(assistant, question, talk, words):
            yield updates(shown, words)

    async def ask_suggestion(talk: Conversation, chosen: gr.SelectData) -> AsyncIterator[Updates]:
        async for shown in converse(assistant, str(chosen.value), talk, words):
            yield updates(shown, words)

    async def stopped(talk: Conversation) -> Updates:
        await asyncio.sleep(STOP_SECONDS)
        return updates(present.screen(talk, words), words)

    async def begun_anew() -> Updates:
        return updates(present.screen(Conversation(), words, draft=""), words)

    common: dict[str, Any] = {
        "outputs": parts.shown,
        "api_visibility": "private",
        "show_progress": "hidden",
    }
    asking = common | {"concurrency_id": "ask", "concurrency_limit": REPLIES_AT_ONCE}
    runs: list[Any] = [box.submit(ask, [box, conversation], **asking)]
    runs += [parts.chat.option_select(ask_suggestion, conversation, **asking)]
    runs += [example.click(ask, [example, conversation], **asking) for example in parts.examples]
    box.stop(stopped, conversation, cancels=runs, **common)
    parts.new.click(begun_anew, None, cancels=runs, **common)


def _welcome(words: Texts) -> tuple[gr.Column, list[gr.Button]]:
    """Return the example questions by subject, which stand where the chat will be."""
    examples: list[gr.Button] = []
    with gr.Column(elem_id="welcome", min_width=0) as welcome:
        gr.Markdown(f"## {words.examples}", container=False)
        with gr.Row(elem_id="topics"):
            for topic in words.topics:
                with gr.Column(min_width=220, elem_classes="topic"):
                    gr.Markdown(f"### {topic.name}", container=False)
                    examples += [gr.Button(question, size="sm") for question in topic.questions]
    return welcome, examples


def _chat(words: Texts) -> gr.Chatbot:
    """Return the chat, whose messages are safe HTML made by ``present``."""
    return gr.Chatbot(
        label=words.conversation,
        show_label=False,
        container=False,
        visible=False,
        elem_id="chat",
        height=None,
        buttons=[],
        layout="bubble",
        sanitize_html=True,
        allow_tags=False,
        latex_delimiters=[],
        feedback_options=None,
        allow_file_downloads=False,
        autoscroll=False,
    )


def _box(words: Texts) -> gr.Textbox:
    """Return the input with its send button."""
    return gr.Textbox(
        label=words.ask,
        placeholder=words.placeholder,
        lines=1,
        max_lines=6,
        max_length=LONGEST_QUESTION,
        submit_btn=words.send,
        autofocus=False,
        elem_id="question",
        html_attributes=gr.InputHTMLAttributes(enterkeyhint="send"),
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
