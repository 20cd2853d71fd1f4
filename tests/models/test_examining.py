"""What ``doctor`` says of the language model."""

from __future__ import annotations

import pytest
from model_server import ModelServer
from writers import nobody

from assistant.models.endpoint import Endpoint
from assistant.models.examining import examined, sent
from assistant.settings import load_settings


def test_without_a_model_nothing_leaves() -> None:
    """That is as it should be, and said."""
    assert examined(load_settings()) == (True, "none is configured: nothing leaves this machine")


def test_a_model_that_writes(server: ModelServer) -> None:
    """Which, where, that it writes, how much it takes, and what it is sent."""
    server.context["/v1/models"] = {"data": [{"id": "good", "max_model_len": 8192}]}
    ok, words = examined(load_settings(llm="openai:good", llm_base_url=server.url, llm_api_key="sk-secret-123"))
    assert ok
    assert words.startswith(f"openai:good at {server.root.removeprefix('http://')}: wrote a word in ")
    assert "a context of 8192 tokens" in words
    assert "to this machine only: the question and earlier questions (personal data masked)" in words
    assert "sk-secret-123" not in words
    assert "GPA" not in str(server.requests)


def test_a_model_that_writes_too_much_is_there(server: ModelServer) -> None:
    """A model that does not keep to one word can be used; a context that is not told is said to be assumed."""
    ok, words = examined(load_settings(llm="openai:length", llm_base_url=server.url))
    assert ok
    assert "long: " in words
    assert "it does not tell its context, 4096 tokens are assumed" in words


@pytest.mark.parametrize(("model", "fault"), [("status-401", "refused"), ("html", "malformed"), ("cut", "cut")])
def test_a_model_that_does_not_write(server: ModelServer, model: str, fault: str) -> None:
    """The fault is named, with a way out."""
    ok, words = examined(load_settings(llm=f"openai:{model}", llm_base_url=server.url))
    assert not ok
    assert f": {fault}: " in words
    assert "context" not in words


def test_a_model_that_is_not_there() -> None:
    """The host is named, and the setting to look at."""
    with nobody() as url:
        ok, words = examined(load_settings(llm="openai:x", llm_base_url=url))
    assert not ok
    assert "unreachable: " in words
    assert "check ASSISTANT_LLM_BASE_URL" in words


def test_what_leaves_this_machine_is_said_loudly() -> None:
    """Another host is named, and unmasked data, too."""
    words = sent(Endpoint("openai", "x", "https://models.example.kz/v1"), masked=False)
    assert "LEAVES THIS MACHINE, to models.example.kz" in words
    assert "personal data NOT masked" in words
