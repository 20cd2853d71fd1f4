"""A model that writes: what it is asked, what is tried again, how many at once, and that it can be left."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from langchain_core.tracers.langchain import wait_for_all_tracers
from langsmith import utils
from model_server import TEXT, WHOLE, ModelServer
from writers import PROMPT, SHORT, ended, ended_at_once, ollama_of, writer_of

from assistant.answering.generative.writing import Writer
from assistant.errors import WritingError
from assistant.models.chat import ChatWriter
from assistant.models.context import UNKNOWN
from assistant.models.endpoint import CLOUD, Endpoint


def test_a_whole_text_comes_piece_by_piece(server: ModelServer) -> None:
    """The pieces are the endpoint's, with what they cost."""
    writer: Writer = writer_of(server, "good")
    end = ended(writer_of(server, "good"))
    assert end.pieces == TEXT
    assert (end.usage.tokens_in, end.usage.tokens_out, end.usage.tries) == (11, 7, 1)
    assert end.usage.first_seconds is not None
    assert 0 < end.usage.first_seconds <= end.usage.seconds <= end.seconds
    assert writer.name == "openai:good"


def test_nothing_is_sent_before_it_is_asked_for(server: ModelServer) -> None:
    """A text that nobody reads costs nothing, also if it is closed."""
    writer = writer_of(server, "good")
    writing = writer.write(PROMPT, most_tokens=10, seconds=1)
    writing.close()
    with pytest.raises(WritingError):
        next(iter(writing))
    assert not server.requests
    assert (writing.usage.tries, writer.meter.snapshot().left) == (0, 1)


def test_a_text_is_read_once(server: ModelServer) -> None:
    """To read it again is a defect of the caller, not a second request."""
    writing = writer_of(server, "good").write(PROMPT, most_tokens=100, seconds=2)
    assert "".join(writing) == WHOLE
    with pytest.raises(RuntimeError):
        list(writing)
    assert len(server.requests) == 1


def test_what_an_endpoint_is_asked(server: ModelServer) -> None:
    """Both names of the cap, no chance, a seed, a stream with its count, and the prompt; never the Responses API."""
    ended(writer_of(server, "good"), most_tokens=123)
    (asked,) = server.requests
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == "Bearer none"
    assert asked.body == {
        "model": "good",
        "messages": [{"role": "system", "content": PROMPT.system}, {"role": "user", "content": PROMPT.user}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0,
        "seed": 20,
        "max_completion_tokens": 123,
        "max_tokens": 123,
    }


def test_what_ollama_is_asked(server: ModelServer) -> None:
    """The context goes with the request, because Ollama would take a smaller one; no thinking aloud."""
    server.context["/api/show"] = {"parameters": "num_ctx                        8192"}
    ended(ollama_of(server, "good"), most_tokens=123)
    (asked,) = server.chats()
    assert asked.body["options"] == {"temperature": 0, "seed": 20, "num_predict": 123, "num_ctx": 8192}
    assert asked.body["think"] is False


@pytest.mark.parametrize(("model", "requests"), [("old", 2), ("thinker", 3)])
def test_an_endpoint_that_refuses_options_is_asked_for_less(server: ModelServer, model: str, requests: int) -> None:
    """It is found out once what an endpoint takes, and remembered."""
    writer = writer_of(server, model)
    assert ended(writer).pieces == TEXT
    assert len(server.requests) == requests
    assert ended(writer).pieces == TEXT
    assert len(server.requests) == requests + 1


def test_what_never_works_is_not_remembered(server: ModelServer) -> None:
    """A request that is refused in every manner leaves the fullest one in place."""
    writer = writer_of(server, "status-400")
    assert ended(writer).fault == "refused"
    assert (len(server.requests), writer.asker.manner) == (3, 0)


@pytest.mark.parametrize(("model", "waits"), [("status-429-once", 0.3), ("status-500-once", 0.0)])
def test_one_more_try_helps(server: ModelServer, model: str, waits: float) -> None:
    """After a passing fault it is tried once more, not before the endpoint wants to be asked again."""
    end = ended(writer_of(server, model))
    assert (end.fault, end.pieces, end.usage.tries) == ("", TEXT, 2)
    assert end.seconds >= waits


def test_there_is_no_third_try(server: ModelServer) -> None:
    """Neither we nor the library try again and again."""
    assert ended(writer_of(server, "status-500")).usage.tries == len(server.requests) == 2


def test_who_wants_to_be_left_alone_is_left_alone(server: ModelServer) -> None:
    """An endpoint that asks for a minute is not asked again after two seconds."""
    assert ended(writer_of(server, "status-429-long")).usage.tries == len(server.requests) == 1


def test_there_is_no_more_try_without_time_for_it(server: ModelServer) -> None:
    """A wait that is longer than what is left is not begun."""
    end = ended(writer_of(server, "status-429-once"), seconds=0.2)
    assert (end.fault, end.usage.tries) == ("limited", 1)


def test_there_is_no_more_try_after_the_first_text(server: ModelServer) -> None:
    """Text that has been yielded is not written again."""
    end = ended(writer_of(server, "error-event"))
    assert (end.fault, end.pieces, end.usage.tries) == ("failed", TEXT[:1], 1)


def test_an_endpoint_that_keeps_silent_after_the_end_holds_nobody_up(server: ModelServer) -> None:
    """The text is whole when the endpoint says so, whether or not it tells the count of tokens and hangs up."""
    end = ended(writer_of(server, "no-usage"))
    assert (end.fault, end.pieces, end.usage.tokens_out) == ("", TEXT, None)
    assert end.seconds < 1


def test_a_slow_reader_is_not_the_endpoints_fault(server: ModelServer) -> None:
    """What has come in time is given, even if it is fetched late."""
    pieces = []
    for piece in writer_of(server, "good").write(PROMPT, most_tokens=100, seconds=1.0):
        pieces.append(piece)
        time.sleep(0.3)
    assert "".join(pieces) == WHOLE


@pytest.mark.parametrize("behaviour", ["hang", "drip", "stall"])
def test_leaving_hangs_up(server: ModelServer, behaviour: str) -> None:
    """To close a text from another thread ends it for the reader, the endpoint and the queue."""
    writer = writer_of(server, behaviour, times=replace(SHORT, first=20, pause=20), most_at_once=1)
    writing = writer.write(PROMPT, most_tokens=10_000, seconds=30)
    threading.Timer(0.2, writing.close).start()
    begun = time.monotonic()
    with pytest.raises(WritingError, match="nobody waits") as caught:
        list(writing)
    assert caught.value.fault == "cut"
    assert time.monotonic() - begun < 1
    assert server.gone.wait(2)
    assert (writer.meter.snapshot().left, writer.meter.snapshot().faults) == (1, {})
    writing.close()
    assert writer.slots.enter().wait(0)  # type: ignore[union-attr]


def test_to_stop_reading_hangs_up(server: ModelServer) -> None:
    """A text that is dropped in the middle is stopped."""
    writer = writer_of(server, "drip")
    pieces = iter(writer.write(PROMPT, most_tokens=10_000, seconds=30))
    assert next(pieces) == "a"
    del pieces
    assert server.gone.wait(2)
    assert writer.meter.snapshot().left == 1


def test_leaving_ends_a_wait_for_a_place(server: ModelServer) -> None:
    """Who waits in the queue and leaves is gone at once, and was never sent."""
    writer = writer_of(server, "stall", times=replace(SHORT, pause=20), most_at_once=1)
    first = writer.write(PROMPT, most_tokens=100, seconds=30)
    reading = iter(first)
    assert next(reading)
    second = writer.write(PROMPT, most_tokens=100, seconds=30)
    threading.Timer(0.1, second.close).start()
    with pytest.raises(WritingError, match="nobody waits"):
        list(second)
    assert len(server.requests) == 1
    first.close()
    with pytest.raises(WritingError):
        list(reading)


def test_no_more_are_asked_at_once_than_set(server: ModelServer) -> None:
    """The others wait their turn, and all are written."""

    def reply(_: object):  # type: ignore[no-untyped-def]
        time.sleep(0.1)
        yield WHOLE

    server.reply = reply
    ends = ended_at_once(writer_of(server, "paced", most_at_once=2), 6)
    assert [end.fault for end in ends] == [""] * 6
    assert server.most_at_once == 2


def test_a_full_queue_is_busy(server: ModelServer) -> None:
    """One at the endpoint, two in the queue: the fourth is told at once, the others when their time is over."""
    writer = writer_of(server, "hang", times=replace(SHORT, first=20), most_at_once=1)
    with ThreadPoolExecutor(3) as pool:
        asking = pool.submit(ended, writer, seconds=2)
        time.sleep(0.2)
        waiting = [pool.submit(ended, writer, seconds=1) for _ in range(2)]
        time.sleep(0.2)
        refused = ended(writer)
    assert (refused.fault, refused.seconds < 0.5) == ("busy", True)
    assert [(each.result().fault, each.result().usage.tries) for each in waiting] == [("busy", 0)] * 2
    assert asking.result().fault == "late"
    assert len(server.requests) == 1


def test_an_endpoint_that_fails_is_left_alone(server: ModelServer) -> None:
    """After five failures nothing is sent any more; a visitor who leaves is none."""
    writer = writer_of(server, "status-401")
    assert [ended(writer).fault for _ in range(7)] == ["refused"] * 5 + ["resting"] * 2
    assert len(server.requests) == 5
    assert writer.meter.snapshot().faults == {"refused": 5, "resting": 2}


def test_long_texts_are_no_failures_of_the_endpoint(server: ModelServer) -> None:
    """What the model does badly does not keep others from asking it."""
    writer = writer_of(server, "length")
    assert [ended(writer).fault for _ in range(7)] == ["long"] * 7


def test_prompts_are_traced_nowhere(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the environment wants LangChain to trace what it does, prompts go to the endpoint only."""
    for name, value in {
        "LANGSMITH_TRACING": "true",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_ENDPOINT": server.root,
        "LANGSMITH_API_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    utils.get_env_var.cache_clear()
    try:
        assert utils.tracing_is_enabled()
        assert ended(writer_of(server, "good")).fault == ""
        wait_for_all_tracers()
        time.sleep(0.5)
    finally:
        monkeypatch.undo()
        utils.get_env_var.cache_clear()
    assert [each.path for each in server.requests] == ["/v1/chat/completions"]


def test_a_request_that_a_library_does_not_make_is_a_failure(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The environment can make LangChain refuse to work: that is told as a failure, by its kind only."""
    monkeypatch.delenv("LANGCHAIN_TRACING_V2")
    monkeypatch.setenv("LANGCHAIN_TRACING", "true")
    assert ended(writer_of(server, "good")).fault == "failed"
    assert "could not be made: RuntimeError" in caplog.text
    assert not server.requests


def test_the_context_is_asked_when_wanted(server: ModelServer) -> None:
    """And only then, and once; what the endpoint does not tell is taken to be small."""
    writer: ChatWriter = writer_of(server, "good")
    assert not server.requests
    assert (writer.context, writer.context) == (4096, 4096)
    assert [each.path for each in server.requests] == ["/v1/models"]


def test_the_context_of_a_model_of_the_cloud_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service does not tell it, so the library's table does; of an unknown model it is the least that is usual."""
    monkeypatch.setattr("assistant.models.asking.told_context", lambda *_: None)
    known, unknown = (ChatWriter(Endpoint("openai", name, CLOUD)) for name in ("gpt-4.1", "of-nobody"))
    assert (known.context > 100_000, unknown.context) == (True, UNKNOWN)
