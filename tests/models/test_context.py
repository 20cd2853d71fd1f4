"""How many tokens an endpoint takes, in the ways in which endpoints tell it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from model_server import ModelServer
from writers import SHORT, nobody, ollama_of, writer_of

from assistant.models.context import UNKNOWN

LLAMA = {"id": "good", "meta": {"n_ctx_train": 32768}}


@pytest.mark.parametrize(
    ("told", "context"),
    [
        ({"/v1/models": {"data": [{"id": "other", "max_model_len": 1024}, {"id": "good", "max_model_len": 8192}]}}, 8192),
        ({"/v1/models": {"data": [{"id": "named-otherwise", "max_model_len": 8192}]}}, 8192),
        ({"/v1/models": {"data": [{"id": "a", "max_model_len": 1024}, {"id": "b", "max_model_len": 2048}]}}, UNKNOWN),
        ({"/v1/models": {"data": [{"id": "good", "context_length": 16384}]}}, 16384),
        ({"/v1/models": {"data": [LLAMA]}, "/props": {"default_generation_settings": {"n_ctx": 2048}}}, 2048),
        ({"/v1/models": {"data": [LLAMA]}, "/props": {"default_generation_settings": "none"}}, 32768),
        ({"/v1/models": {"data": [LLAMA]}}, 32768),
        ({"/v1/models": {"data": [{"id": "good", "max_model_len": -1}]}}, UNKNOWN),
        ({"/v1/models": {"data": [{"id": "good", "max_model_len": "many"}]}}, UNKNOWN),
        ({"/v1/models": {"data": "good"}}, UNKNOWN),
        ({"/v1/models": []}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)  # fmt: skip
def test_servers_for_openais_protocol(server: ModelServer, told: dict[str, Any], context: int) -> None:
    """What vLLM, llama.cpp and others tell is believed if it can be true; nothing they tell is an error."""
    server.context = told
    assert writer_of(server, "good").context == context


@pytest.mark.parametrize(
    ("shown", "context"),
    [
        ({"parameters": "temperature 1\nnum_ctx                        8192\n"}, 8192),
        ({"model_info": {"llama.context_length": 131072}}, UNKNOWN),
        ({"parameters": "num_ctx many"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_ollama(server: ModelServer, shown: dict[str, Any], context: int) -> None:
    """What a model was trained with is not what Ollama gives it."""
    server.context["/api/show"] = shown
    writer = ollama_of(server, "good")
    assert writer.context == context
    assert server.requests[0].body == {"model": "good"}


def test_an_endpoint_that_does_not_answer_holds_up_for_a_moment_only(server: ModelServer) -> None:
    """A slow drip of nothing is cut off, and an endpoint that is not there is no error."""
    server.context["/v1/models"] = "drip"
    begun = time.monotonic()
    assert writer_of(server, "good").context == UNKNOWN
    assert SHORT.context <= time.monotonic() - begun < SHORT.context + 1
    assert server.gone.wait(2)
    with nobody() as url:
        assert writer_of(url, "good").context == UNKNOWN
