"""What Gradio is sent for what the chat page shall show; parts that are not named stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.web import rendering
from assistant.web.chat.actions import Deed
from assistant.web.chat.keeping import told
from assistant.web.chat.layout import Parts
from assistant.web.chat.present import Bubble, Screen
from assistant.web.chat.recording import Record
from assistant.web.chat.reports import Slip
from assistant.web.events import Updates
from assistant.web.wording import Texts


@dataclass(frozen=True, slots=True)
class View:
    """The page in one language.

    Attributes:
        parts: Its parts.
        words: Its words.
    """

    parts: Parts
    words: Texts

    def screen(self, screen: Screen) -> Updates:
        """Return what shows a screen; while a reply is on its way nothing else can be pressed than to stop it."""
        parts, words, begun = self.parts, self.words, bool(screen.bubbles)
        box: dict[str, Any] = {"submit_btn": words.send * (not screen.busy), "stop_btn": words.stop * screen.busy}
        if screen.draft is not None:
            box["value"] = screen.draft
        return {
            parts.conversation: screen.conversation,
            parts.chat: gr.Chatbot(list(map(_message, screen.bubbles)), visible=begun),
            parts.cards: screen.sources,
            parts.welcome: gr.Column(visible=not begun),
            parts.box: gr.Textbox(**box),
            parts.tools: gr.Row(visible=begun and not screen.busy),
            parts.keeping.frame: gr.Column(visible=not screen.busy),
            **self.notice(screen.notice),
        }

    def notice(self, words: str) -> Updates:
        """Return what shows a notice, or hides it if there is none."""
        return {self.parts.notice: gr.Markdown(words, visible=bool(words))}

    def kept(self, record: Record, *, refused: bool) -> Updates:
        """Return what tells where the conversation is recorded, and lets it be erased if it is."""
        keeping = self.parts.keeping
        return {
            keeping.record: record,
            keeping.told: told(record, self.words.language, refused=refused),
            keeping.erase: gr.Button(visible=record.key is not None),
        }

    def slip(self, slip: Slip | None) -> Updates:
        """Return what opens the slip, empty, or closes it."""
        form, words = self.parts.form, self.words
        mentor = slip is not None and slip.deed is Deed.MENTOR
        title, note = (words.mentor_title, words.mentor_note) if mentor else (words.report_title, "")
        head = f"<h2>{title}</h2>{rendering.plain(slip.question)}<p>{note}</p>".replace("\n", " ") if slip else ""
        return {
            form.about: slip,
            form.frame: gr.Column(visible=slip is not None),
            form.head: head,
            form.problems: gr.CheckboxGroup(value=[], visible=not mentor),
            form.comment: gr.Textbox(value=""),
            form.contact: gr.Textbox(value="", visible=mentor),
            form.consent: gr.Checkbox(value=False, visible=mentor),
        }


def _message(bubble: Bubble) -> Any:
    """Return a bubble as a message of Gradio's chat."""
    options: list[Any] = [{"label": each.label, "value": each.question} for each in bubble.suggestions]
    return gr.ChatMessage(role=bubble.role, content=bubble.html, options=options)
