"""How many tokens an endpoint takes, asked of itself; every kind tells in its own way, and some do not."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import httpx

from assistant.models.endpoint import Endpoint
from assistant.models.wire import Line, Wire

UNKNOWN = 4_096
"""Taken for the context of an endpoint that does not tell: what nearly every model has."""

_LEAST, _MOST = 256, 100_000_000
_BYTES = 4_000_000

Get = Callable[[str, str, dict[str, str] | None], Any]
"""Asks: method, address and body; returns the JSON."""


def told_context(endpoint: Endpoint, wire: Wire, seconds: float) -> int | None:
    """Return prompt and text together, in tokens, or None if the endpoint has not told in so many seconds."""
    told: list[int | None] = []
    line = Line(_BYTES)

    def look() -> None:
        with line.used(), contextlib.suppress(Exception):  # whatever it says instead, the context stays unknown
            told.append(_looked(endpoint, lambda *asked: _got(wire, *asked)))

    thread = threading.Thread(target=look, name="language-model-context", daemon=True)
    thread.start()
    thread.join(seconds)
    line.cut()
    return told[0] if told else None


def _got(wire: Wire, method: str, url: str, body: dict[str, str] | None) -> Any:
    with httpx.Client(transport=wire, follow_redirects=False) as client:
        return client.request(method, url, json=body).raise_for_status().json()


def _looked(endpoint: Endpoint, get: Get) -> int | None:
    if endpoint.provider == "ollama":
        return _of_ollama(get("POST", f"{endpoint.url}/api/show", {"model": endpoint.model}))
    models = get("GET", f"{endpoint.url}/models", None)["data"]
    entry = next((each for each in models if each.get("id") == endpoint.model), models[0] if len(models) == 1 else {})
    trained = _number((entry.get("meta") or {}).get("n_ctx_train"))
    if trained is not None:  # llama.cpp; what it was started with is smaller than what it was trained with
        with contextlib.suppress(httpx.HTTPError, KeyError, ValueError, TypeError):
            props = get("GET", f"{endpoint.url.removesuffix('/v1')}/props", None)
            return _number(props["default_generation_settings"]["n_ctx"]) or trained
    names = ("max_model_len", "context_length", "context_window")
    return next((number for name in names if (number := _number(entry.get(name)))), trained)


def _of_ollama(shown: dict[str, Any]) -> int | None:
    """Return the model's ``num_ctx``; Ollama takes far less than a model was trained with unless it stands there."""
    for line in str(shown.get("parameters", "")).splitlines():
        name, _, value = line.strip().partition(" ")
        if name == "num_ctx" and value.strip().isdecimal():
            return _number(int(value))
    return None


def _number(value: object) -> int | None:
    """Return a believable number of tokens, or None."""
    return value if isinstance(value, int) and _LEAST <= value <= _MOST else None
