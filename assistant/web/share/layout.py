"""The parts of the page and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.records.submissions import STORY
from assistant.types import Language
from assistant.web.share import views
from assistant.web.share.form import CHOICES, LONGEST_DRAFT, NUMBERS, PARTS, REQUIRED, countries
from assistant.web.share.words import Words

STORAGE = "before-you-go-story"
"""Name of the draft in the browser's storage; the same in all languages, so that one can switch."""

REVIEW_SECONDS = 2 * 60 * 60
"""Idle time after which a story that was checked and not sent is forgotten."""

MASK, LEAVE = "mask", "leave"
"""What can happen to the findings of a story."""

LONGEST_CODE = 100
"""Characters of the input for a code; it takes codes with spaces and dashes."""

_NO_SECRET = "readable by whoever uses this browser"  # noqa: S105  it hides nothing, and a random one would lose the draft at a restart


@dataclass(frozen=True, slots=True)
class Checking:
    """The check before sending."""

    review: gr.State
    frame: gr.Column
    head: gr.Markdown
    findings: gr.Markdown
    masking: gr.Radio
    story: gr.Markdown
    consent: gr.Checkbox
    told: gr.Markdown
    send: gr.Button
    back: gr.Button


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """The foot of the page: what became of a story, answering the mentors, and erasing what was sent."""

    code: gr.Textbox
    look: gr.Button
    withdraw: gr.Button
    told: gr.Markdown
    own: gr.Markdown
    answering: gr.Column
    answer: gr.Textbox
    send: gr.Button


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the page that events read or change; ``fields`` in the order of ``form.FIELDS``."""

    draft: gr.BrowserState
    notice: gr.Markdown
    fields: list[Any]
    check: gr.Button
    delete: gr.Button
    status: gr.Markdown
    checking: Checking
    sent: gr.Markdown
    withdrawing: Withdrawing


def lay_out(words: Words, language: Language, *, knows: bool) -> Parts:
    """Place the parts one below the other: the form, the check that takes its place, the thanks, the foot.

    Args:
        words: The words of the page.
        language: Its language.
        knows: Whether somebody knows what became of a story.
    """
    draft = gr.BrowserState({}, storage_key=STORAGE, secret=_NO_SECRET)
    with gr.Column(elem_id="share", min_width=0):
        with gr.Column(elem_id="form", min_width=0):
            notice = _html(elem_id="notice", visible=False)
            _html(f"<p>{words.intro}</p>")
            fields = [field for part in PARTS for field in _part(part, words, language)]
            with gr.Row(elem_classes="tools"):
                check = gr.Button(words.check, variant="primary", elem_id="check", min_width=0)
                delete = gr.Button(words.delete, elem_id="delete", min_width=0)
            status = _html(elem_classes="status")
        checking = _checking(words)
        sent = _html(elem_id="sent", visible=False)
        withdrawing = _withdrawing(words, knows=knows)
    return Parts(draft, notice, fields, check, delete, status, checking, sent, withdrawing)


def _html(value: str = "", **settings: Any) -> gr.Markdown:
    """Return a part that shows HTML made here; nothing in it is read as a formula."""
    return gr.Markdown(value, sanitize_html=True, latex_delimiters=[], container=False, **settings)


def _part(part: str, words: Words, language: Language) -> list[Any]:
    """Return the fields of one section below its heading."""
    with gr.Column(elem_classes="part", min_width=0):
        _html(f"<div><h2>{words.parts[part]}</h2><p>{words.purposes[part]}</p></div>")
        return [_field(field, words, language) for field in PARTS[part]]


def _field(field: str, words: Words, language: Language) -> Any:
    """Return the input of one field."""
    mark = " *" if field in REQUIRED else ""
    common: dict[str, Any] = {
        "label": f"{words.labels[field]}{mark}",
        "info": words.hints.get(field),
        "elem_id": views.field_id(field),
        "container": True,
    }
    if field == "country":  # not filtered by typing: Gradio does not hear every Cyrillic keyboard
        return gr.Dropdown(list(countries(language)), value=None, filterable=False, num_choices_shown=300, **common)
    if field in CHOICES:
        choices = [(words.choices(field)[choice], choice) for choice in CHOICES[field]]
        few = field in {"level", "funding"}
        return gr.Radio(choices, **common) if few else gr.Dropdown(choices, value=None, filterable=False, **common)
    if field in STORY:
        return gr.Textbox(lines=3, max_lines=12, max_length=LONGEST_DRAFT, **common)
    number = "number" if field in NUMBERS else None  # Gradio's own part for numbers shows 0 where nothing was said
    return gr.Textbox(max_lines=1, max_length=LONGEST_DRAFT, elem_classes=number, **common)


def _checking(words: Words) -> Checking:
    """Return the check, hidden until there is a story to look at."""
    with gr.Column(visible=False, elem_id="review", min_width=0) as frame:
        head = _html()
        findings = _html(elem_id="findings")
        choices = [(words.mask, MASK), (words.leave, LEAVE)]
        masking = gr.Radio(choices, value=MASK, label=words.masking, elem_id="masking")
        story = _html(elem_id="story")
        _html(views.consent(words), elem_id="consent-text")
        consent = gr.Checkbox(label=words.consent, elem_id="consent", container=False)
        told = _html(elem_classes="told", visible=False)
        with gr.Row(elem_classes="tools"):
            send = gr.Button(words.send, variant="primary", elem_id="send", min_width=0)
            back = gr.Button(words.back, elem_id="back", min_width=0)
    review = gr.State(None, time_to_live=REVIEW_SECONDS)
    return Checking(review, frame, head, findings, masking, story, consent, told, send, back)


def _withdrawing(words: Words, *, knows: bool) -> Withdrawing:
    """Return the foot of the page; nothing can be looked at unless somebody knows what became of it."""
    with gr.Column(elem_id="withdraw", min_width=0):
        _html(f"<div><h2>{words.withdraw_title}</h2><p>{words.withdraw_note}</p></div>")
        code = gr.Textbox(
            label=words.code,
            max_lines=1,
            max_length=LONGEST_CODE,
            elem_id="code",
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", autocapitalize="characters", spellcheck=False),
        )
        with gr.Row(elem_classes="tools"):
            look = gr.Button(words.look, elem_id="look", min_width=0, visible=knows)
            withdraw = gr.Button(words.withdraw, elem_id="erase", min_width=0)
        told = _html(elem_classes="told", visible=False)
        own = _html(elem_id="own", visible=False)
        with gr.Column(visible=False, elem_id="answering", min_width=0) as answering:
            answer = gr.Textbox(
                label=words.answer,
                info=words.answer_note,
                lines=3,
                max_lines=12,
                max_length=LONGEST_DRAFT,
                elem_id="answer",
            )
            send = gr.Button(words.answer_send, variant="primary", elem_id="send-answer", min_width=0)
    return Withdrawing(code, look, withdraw, told, own, answering, answer, send)
