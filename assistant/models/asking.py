"""How each kind of endpoint is asked, in LangChain's words; endpoints differ in what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import httpx
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage
from langsmith import tracing_context
from pydantic import SecretStr

from assistant.answering.generative.writing import Prompt
from assistant.models.context import UNKNOWN, told_context
from assistant.models.endpoint import CLOUD, Endpoint
from assistant.models.reading import Reading
from assistant.models.wire import PLACEHOLDER, Wire

_SEED = 20
_BYTES_A_TOKEN, _BYTES = 4_096, 262_144


class Asker:
    """Sends requests to an endpoint.

    Attributes:
        endpoint: Which one.
        manner: How it was asked when it last wrote a whole text; a larger number asks for less.
    """

    def __init__(
        self, endpoint: Endpoint, key: SecretStr | None, *, connect: float, read: float, context: float,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        """Contact nobody yet; the seconds are for a connection, for a part of a reply, and for what the context is.

        Raises:
            ImportError: If the package for the provider is not installed.
        """
        self.endpoint, self.manner = endpoint, 0
        self._context_seconds, self._clock = context, clock
        self._wire = Wire(endpoint.url, key, connect=connect, read=read)
        self._model = _open_model(endpoint, self._wire)

    @cached_property
    def told_context(self) -> int | None:
        """Tokens of prompt and text together, as the endpoint tells when first asked; None if it does not.

        OpenAI's own service does not; LangChain knows it of its models.
        """
        told = told_context(self.endpoint, self._wire, self._context_seconds)
        known = (self._model.profile or {}).get("max_input_tokens") if self.endpoint.url == CLOUD else None
        return told or known

    def plainer(self, manner: int) -> int | None:
        """Return the manner that asks for less than this one, or None if there is none."""
        return manner + 1 if manner + 1 < len(_manners(self.endpoint, 0, 0)) else None

    def ask(self, prompt: Prompt, *, most_tokens: int, manner: int) -> Reading:
        """Send a request."""
        messages = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
        context = (self.told_context or UNKNOWN) if self.endpoint.provider == "ollama" else 0
        options = _manners(self.endpoint, most_tokens, context)[manner]

        def sent() -> Iterator[AIMessageChunk]:
            with tracing_context(enabled=False):  # whatever the environment says: prompts go to one host only
                yield from self._model.stream(messages, **options)

        return Reading(sent, self._clock, most_tokens * _BYTES_A_TOKEN + _BYTES)


def _open_model(endpoint: Endpoint, wire: Wire) -> BaseChatModel:
    """Return LangChain's model over our wire; it holds no key, asks once and remembers nothing.

    Raises:
        ImportError: If the package for the provider is not installed.
    """
    common: dict[str, Any] = {"model_provider": endpoint.provider, "base_url": endpoint.url, "cache": False}
    client: dict[str, Any] = {"transport": wire, "follow_redirects": False}
    if endpoint.provider == "ollama":
        own: dict[str, Any] = {"sync_client_kwargs": client, "reasoning": False}
    else:
        own = {"http_client": httpx.Client(**client), "api_key": PLACEHOLDER, "openai_proxy": None, "max_retries": 0,
               "use_responses_api": False}  # fmt: skip
    model: BaseChatModel = init_chat_model(endpoint.model, **common, **own)
    return model


def _manners(endpoint: Endpoint, most_tokens: int, context: int) -> tuple[Mapping[str, Any], ...]:
    """Return what is asked for beside the messages: all that we would like, then less, as endpoints may refuse it.

    Servers know one of the two names of the token cap and pass over the other; OpenAI's own service refuses the pair.
    Some know neither seeds nor counting tokens in a stream; models that think first want no temperature.
    """
    if endpoint.provider == "ollama":
        options = {"temperature": 0, "seed": _SEED, "num_predict": most_tokens, "num_ctx": context}
        return ({"options": options},)
    new, old = {"max_completion_tokens": most_tokens}, {"extra_body": {"max_tokens": most_tokens}}
    wished = {"temperature": 0, "seed": _SEED, "stream_usage": True}
    if endpoint.url == CLOUD:
        return wished | new, {"stream_usage": True} | new
    return wished | new | old, {"temperature": 0} | old, new
