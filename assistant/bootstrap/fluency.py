"""The language model, where an operator has configured one; without one nothing of it is imported or contacted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.settings import Settings, content
from assistant.types import Language

if TYPE_CHECKING:
    from assistant.answering.generative.fluency import Fluency


def open_fluency(settings: Settings) -> Fluency | None:
    """Return what the configured model does for replies, or None if none is configured; nothing is sent yet.

    Raises:
        SettingError: If the setting names no model, its packages are not installed, or a prompt is wrong.
    """
    if not settings.llm:
        return None
    from assistant.answering.generative.fluency import Fluency
    from assistant.answering.generative.prompting import Prompts
    from assistant.models.opening import open_writer

    writer = open_writer(settings)
    assert writer is not None  # noqa: S101  the setting is there
    mask = _masked if settings.llm_mask else _as_it_is
    return Fluency.of(writer, Prompts.read(content("prompts")), mask=mask, seconds=settings.llm_seconds)


def _masked(text: str, language: Language) -> str:
    from assistant.records.identifying import find, masked

    return masked(text, find(text, language))


def _as_it_is(text: str, language: Language) -> str:
    return text
