"""The page "My plan": parts of Gradio around plain HTML, and callbacks that only pass on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import gradio as gr

from assistant.preparation.preparing import Preparation
from assistant.types import Language
from assistant.web import kept
from assistant.web.plan import views
from assistant.web.plan.known import LONGEST_MESSAGE, applied, read_known
from assistant.web.plan.words import PlanTexts, plan_texts
from assistant.web.ports import Reader
from assistant.web.wording import texts

EVENTS_AT_ONCE = 16
"""Changes per page that are worked on at once; each takes a few milliseconds."""


def build(preparation: Preparation, read: Reader, language: Language) -> gr.Blocks:
    """Return the page in one language.

    Args:
        preparation: What the knowledge base advises.
        read: Returns a document in a language, or None; for the names of universities and sections.
        language: Language of the page.
    """
    words = plan_texts(language)
    title = f"{texts(language).pages['plan']} · {texts(language).name}"
    page: gr.Blocks
    with gr.Blocks(title=title, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
        _connect(page, views.Views(preparation, read, words), words)
    return page


def _connect(page: gr.Blocks, shown: views.Views, words: PlanTexts) -> None:
    """Place the parts and connect them: an entry changes what is kept, a part that is opened is made anew."""
    stored = kept.browser_state()
    with gr.Column(elem_id="plan", min_width=0), gr.Tabs(overflow_behavior="wrap"):
        with gr.Tab(words.tabs["profile"], elem_id="tab-profile"):
            notes = _html("profile-notes")
            form, further = _html("profile-form"), _html("profile-further")
            gr.Markdown(f'<p class="hint">{words.kept_here}</p>', container=False)
            forget = gr.Button(words.forget, size="sm", min_width=0, elem_id="forget")
        with gr.Tab(words.tabs["requirements"], elem_id="tab-requirements") as tab_requirements:
            requirements = _html("requirements")
        with gr.Tab(words.tabs["timeline"], elem_id="tab-timeline") as tab_timeline:
            progress, timeline = _html("progress"), _html("timeline")
        with gr.Tab(words.tabs["readiness"], elem_id="tab-readiness") as tab_readiness:
            statements, standings = _html("statements"), _html("standings")
        with gr.Tab(words.tabs["budget"], elem_id="tab-budget") as tab_budget:
            lines, rates, totals = _html("lines"), _html("rates"), _html("totals")
    bridge = gr.Textbox(elem_id="bridge", label="-", max_length=LONGEST_MESSAGE, container=False)

    async def changed(message: str, known: object) -> tuple[Any, ...]:
        now = applied(known, message) if message else {}  # only who deletes everything empties the bridge
        states = (read_known(each, date.today()) for each in (known, now))
        asked, rates, *others = await asyncio.to_thread(shown.notices, *states)
        return now, *(gr.skip() if each is None else each for each in (asked, rates)), *others

    def opened(view: Callable[..., Any]) -> Callable[[str, object], Any]:
        async def show(message: str, known: object) -> Any:
            return await asyncio.to_thread(view, read_known(applied(known, message), date.today()))

        return show

    async def loaded(known: object) -> Any:
        return await asyncio.to_thread(shown.profile, read_known(known, date.today()))

    async def forgotten() -> tuple[Any, ...]:
        made = await asyncio.to_thread(shown.profile, read_known({}, date.today()))
        mark = f'<i id="anew-{time.time_ns()}"></i>'  # the same text would leave in the inputs what was typed
        return {}, "", *(f"{each}{mark}" for each in made), *[""] * len(made_when_opened)

    made_when_opened = [requirements, timeline, statements, lines, rates]
    common: dict[str, Any] = {
        "api_visibility": "private", "show_progress": "hidden", "concurrency_limit": EVENTS_AT_ONCE,
    }  # fmt: skip
    page.load(loaded, stored, [form, further, notes], **common)
    bridge.change(changed, [bridge, stored], [stored, further, rates, notes, progress, standings, totals], **common)
    forget.click(forgotten, None, [stored, bridge, form, further, notes, *made_when_opened], **common)
    for tab, view, parts in (
        (tab_requirements, shown.requirements, [requirements]),
        (tab_timeline, shown.timeline, [progress, timeline]),
        (tab_readiness, shown.readiness, [statements, standings]),
        (tab_budget, shown.budget, [lines, rates, totals]),
    ):
        tab.select(opened(view), [bridge, stored], parts, **common)


def _html(name: str) -> gr.Markdown:
    """Return an empty part for HTML that we have made."""
    return gr.Markdown(elem_id=name, container=False, sanitize_html=True, latex_delimiters=[])
