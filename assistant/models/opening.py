"""The configured language model, if there is one; only then is a library for it imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.errors import SettingError
from assistant.models.endpoint import endpoint_of
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.models.chat import ChatWriter


def open_writer(settings: Settings) -> ChatWriter | None:
    """Return the configured model without contacting it, or None if none is configured.

    Raises:
        SettingError: If the setting names no model, or the packages for it are not installed.
    """
    if not settings.llm:
        return None
    endpoint = endpoint_of(settings)
    try:
        from assistant.models.chat import ChatWriter

        return ChatWriter(endpoint, settings.llm_api_key, most_at_once=settings.llm_concurrency)
    except ImportError as error:
        raise SettingError(
            f"ASSISTANT_LLM={settings.llm!r} needs packages that are not installed ({error.name}); "
            "run: pip install 'predeparture-assistant[llm]'"
        ) from error
