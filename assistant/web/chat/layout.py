"""The parts of the chat page and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.types import Conversation, Language
from assistant.web import kept
from assistant.web.chat import sources
from assistant.web.chat.actions import LONGEST_MESSAGE
from assistant.web.chat.dialogue import LONGEST_QUESTION
from assistant.web.chat.keeping import told
from assistant.web.chat.recording import Record
from assistant.web.chat.words import keeping_words
from assistant.web.wording import Texts

CONVERSATION_SECONDS = 2 * 60 * 60
"""Idle time after which a conversation is forgotten."""


@dataclass(frozen=True, slots=True)
class Form:
    """The slip on which a student tells the mentors something."""

    about: gr.State
    frame: gr.Column
    head: gr.Markdown
    problems: gr.CheckboxGroup
    comment: gr.Textbox
    contact: gr.Textbox
    consent: gr.Checkbox
    send: gr.Button
    cancel: gr.Button

    @property
    def shown(self) -> list[Any]:
        """What ``View.slip`` changes."""
        return [self.about, self.frame, self.head, self.problems, self.comment, self.contact, self.consent]


@dataclass(frozen=True, slots=True)
class Keeping:
    """What stands below the conversation about keeping it."""

    record: gr.State
    refused: gr.BrowserState
    frame: gr.Column
    told: gr.Markdown
    erase: gr.Button
    refuse: gr.Checkbox

    @property
    def given(self) -> list[Any]:
        """What an event reads that records something: the record, and twice whether the student refuses.

        The box is read as well as what the browser keeps, because it is ticked a moment before that is kept.
        """
        return [self.record, self.refused, self.refuse]

    @property
    def shown(self) -> list[Any]:
        """What ``View.kept`` changes."""
        return [self.record, self.told, self.erase]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the page that events read or change."""

    conversation: gr.State
    kept: gr.BrowserState
    chips: gr.Markdown
    chat: gr.Chatbot
    cards: gr.Markdown
    welcome: gr.Column
    notice: gr.Markdown
    box: gr.Textbox
    tools: gr.Row
    again: gr.Button
    edit: gr.Button
    save: gr.Button
    new: gr.Button
    saved: gr.Markdown
    bridge: gr.Textbox
    form: Form
    keeping: Keeping
    examples: tuple[gr.Button, ...]

    @property
    def shown(self) -> list[Any]:
        """What ``View.screen`` changes."""
        return [
            self.conversation, self.chat, self.cards, self.welcome, self.notice, self.box, self.tools,
            self.keeping.frame,
        ]  # fmt: skip


def lay_out(words: Texts) -> Parts:
    """Place the parts: the conversation on the left, its sources on the right."""
    conversation = gr.State(Conversation(), time_to_live=CONVERSATION_SECONDS)
    with gr.Row(elem_id="desk", equal_height=False):
        with gr.Column(elem_id="talk", scale=3, min_width=280):
            used = gr.Markdown(visible=False, elem_id="profile", container=False)
            welcome, examples = _welcome(words)
            chat = _chat(words)
            form = _form(words)
            with gr.Row(elem_id="tools", visible=False) as tools:
                again = gr.Button(words.again, elem_id="again", size="sm", min_width=0)
                edit = gr.Button(words.edit, elem_id="edit", size="sm", min_width=0)
                save = gr.Button(words.save, elem_id="save", size="sm", min_width=0)
                gr.Button(words.print, elem_id="print", size="sm", min_width=0)
                new = gr.Button(words.new, elem_id="new", size="sm", min_width=0)
            keeping = _keeping(words.language)
            with gr.Column(elem_id="composer", min_width=0):
                notice = gr.Markdown(visible=False, elem_id="notice", container=False)
                box = _box(words)
        with gr.Column(elem_id="sources", scale=2, min_width=280):
            gr.Markdown(f"## {words.sources}", elem_id="sources-title", container=False)
            gr.Button(words.close, elem_id="close-sources", size="sm", min_width=0)
            empty = sources.panel(Conversation(), words)
            cards = gr.Markdown(empty, sanitize_html=True, latex_delimiters=[], container=False, elem_id="cards")
    saved = gr.Markdown(elem_id="saved", container=False)
    bridge = gr.Textbox(elem_id="bridge", label="-", max_length=LONGEST_MESSAGE, container=False)
    return Parts(
        conversation, kept.browser_state(), used, chat, cards, welcome, notice, box, tools,
        again, edit, save, new, saved, bridge, form, keeping, tuple(examples),
    )  # fmt: skip


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


def _keeping(language: Language) -> Keeping:
    """Return what is said about keeping the conversation, with the button that erases it and the box that refuses."""
    words = keeping_words(language)
    record = gr.State(Record(), time_to_live=CONVERSATION_SECONDS)
    with gr.Column(elem_id="keeping", min_width=0) as frame:
        said = gr.Markdown(told(Record(), language, refused=False), elem_id="kept", container=False)
        with gr.Row(elem_id="keeping-tools"):
            erase = gr.Button(words.erase, visible=False, size="sm", min_width=0, elem_id="unkeep")
            refuse = gr.Checkbox(label=words.refuse, container=False, min_width=0, elem_id="unrecorded")
    return Keeping(record, kept.refusal_state(), frame, said, erase, refuse)


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


def _form(words: Texts) -> Form:
    """Return the slip, hidden until a button below a reply opens it."""
    with gr.Column(visible=False, elem_id="slip", min_width=0) as frame:
        head = gr.Markdown(elem_id="slip-head", container=False)
        choices = [(label, problem) for problem, label in words.problems.items()]
        problems = gr.CheckboxGroup(choices, show_label=False, label=words.report_title, container=False)
        comment = gr.Textbox(label=words.comment, lines=2, max_lines=6, max_length=1_000)
        contact = gr.Textbox(label=words.contact, info=words.contact_note, max_length=200)
        consent = gr.Checkbox(label=words.consent, container=False)
        with gr.Row(elem_id="slip-tools"):
            submit = gr.Button(words.submit, variant="primary", size="sm", min_width=0, elem_id="slip-send")
            cancel = gr.Button(words.cancel, size="sm", min_width=0, elem_id="slip-cancel")
    return Form(gr.State(None), frame, head, problems, comment, contact, consent, submit, cancel)


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
