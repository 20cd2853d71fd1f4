"""The language model, where an operator has configured one; without one nothing of it is imported or contacted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.settings import Settings, content
from assistant.types import Language

if TYPE_CHECKING:
    from assistant.answering.generative.fluency import Fluency
    from assistant.answering.generative.writing import Mask, Writer


@dataclass(frozen=True, slots=True)
class Model:
    """A configured language model.

    Attributes:
        writer: What writes.
        mask: Takes personal data out of what people wrote, before it is sent.
        host: Host and port where it is asked.
        local: Whether that is this machine.
    """

    writer: Writer
    mask: Mask
    host: str
    local: bool


def open_model(settings: Settings) -> Model | None:
    """Return the configured model, or None if none is configured; nothing is sent yet.

    Raises:
        SettingError: If the setting names no model, or its packages are not installed.
    """
    if not settings.llm:
        return None
    from assistant.models.opening import open_writer

    writer = open_writer(settings)
    assert writer is not None  # noqa: S101  the setting is there
    mask = _masked if settings.llm_mask else _as_it_is
    return Model(writer, mask, writer.endpoint.host, writer.endpoint.local)


def open_fluency(settings: Settings) -> Fluency | None:
    """Return what the configured model does for replies, or None if none is configured; nothing is sent yet.

    Raises:
        SettingError: If the setting names no model, its packages are not installed, or a prompt is wrong.
    """
    if (model := open_model(settings)) is None:
        return None
    from assistant.answering.generative.fluency import Fluency
    from assistant.answering.generative.prompting import Prompts

    prompts = Prompts.read(content("prompts"))
    return Fluency.of(model.writer, prompts, mask=model.mask, seconds=settings.llm_seconds)


def _masked(text: str, language: Language) -> str:
    from assistant.records.identifying import find, masked

    return masked(text, find(text, language))


def _as_it_is(text: str, language: Language) -> str:
    return text
