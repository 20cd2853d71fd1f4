"""Where a language model answers: read from the settings, before any library is imported."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from assistant.errors import SettingError
from assistant.settings import Settings

Provider = Literal["openai", "ollama"]

CLOUD = "https://api.openai.com/v1"
_OLLAMA = "http://127.0.0.1:11434"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model at an address.

    Attributes:
        provider: Which protocol it speaks.
        model: What the endpoint calls the model.
        url: Address below which it is asked, without a slash at the end.
    """

    provider: Provider
    model: str
    url: str

    @property
    def name(self) -> str:
        """The model as LangChain writes it, ``provider:model``."""
        return f"{self.provider}:{self.model}"

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.url).netloc

    @property
    def local(self) -> bool:
        """Whether the endpoint is this machine."""
        name = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name == "localhost" or name.endswith(".localhost")


def endpoint_of(settings: Settings) -> Endpoint:
    """Return the configured endpoint.

    Raises:
        SettingError: If the model is no ``openai:NAME`` or ``ollama:NAME``, or OpenAI's own service is meant without
            a key for it.
    """
    provider, _, model = (settings.llm or "").strip().partition(":")
    if provider not in {"openai", "ollama"} or not model:
        raise SettingError(
            f"ASSISTANT_LLM={settings.llm!r} is no model; write openai:NAME for any OpenAI-compatible server at "
            "ASSISTANT_LLM_BASE_URL, or ollama:NAME"
        )
    url = settings.llm_base_url or (CLOUD if provider == "openai" else _OLLAMA)
    if url == CLOUD and not settings.llm_api_key:
        raise SettingError(
            f"ASSISTANT_LLM={settings.llm!r} without ASSISTANT_LLM_BASE_URL is a model of api.openai.com, which wants "
            "a key; set ASSISTANT_LLM_BASE_URL to your own server, or ASSISTANT_LLM_API_KEY"
        )
    return Endpoint(cast(Provider, provider), model, url)
