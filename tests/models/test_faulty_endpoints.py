"""Everything that endpoints do wrong: the right fault, in time, and no part of a text taken for the whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from model_server import BEHAVIOURS, TEXT, WHOLE, ModelServer, serving
from writers import MOST_TOKENS, SECONDS, SHORT, ended, ended_at_once, nobody, ollama_of, silence, writer_of

AT_ONCE = 3

WAITS = {"slow": SHORT.connect + SHORT.first, "stalled": SHORT.pause, "late": SECONDS, "unreachable": 2 * SHORT.connect}
"""Seconds after which a fault is due; others are seen at once."""

FAULTS = {
    "status-400": "refused",
    "status-401": "refused",
    "status-403": "refused",
    "status-404": "refused",
    "status-429": "limited",
    "status-429-long": "limited",
    "status-500": "failed",
    "status-503": "failed",
    "hang": "slow",
    "slow": "slow",
    "silent-drip": "slow",
    "drip-bytes": "slow",
    "drip": "late",
    "stall": "stalled",
    "cut": "cut",
    "cut-chunked": "cut",
    "reset": "cut",
    "no-reply": "cut",
    "no-finish": "cut",
    "length": "long",
    "endless": "long",
    "endless-line": "long",
    "filtered": "refused",
    "html": "malformed",
    "empty-choices": "malformed",
    "only-done": "malformed",
    "bad-chunk": "malformed",
    "wrong-shape": "malformed",
    "wrong-type": "malformed",
    "packed": "malformed",
    "error-event": "failed",
    "empty": "empty",
    "blank": "empty",
    "elsewhere": "refused",
}
WELL = {"good", "no-usage", "old", "thinker", "status-429-once", "status-500-once", "surrogate"}


def test_every_behaviour_of_the_server_is_tried() -> None:
    """No fault of the scripted server is forgotten here."""
    assert set(FAULTS) | WELL == set(BEHAVIOURS)


@pytest.mark.parametrize("behaviour", FAULTS)
def test_every_fault_is_told_in_time(server: ModelServer, behaviour: str) -> None:
    """Each fault has its name, within two seconds of when it is due, however many ask at once."""
    for end in ended_at_once(writer_of(server, behaviour), AT_ONCE):
        assert end.fault == FAULTS[behaviour], end
        assert end.seconds < WAITS.get(end.fault, 0.0) + 2
        assert "".join(end.pieces) != WHOLE or behaviour == "no-finish"


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        ("good", ""),
        ("cut", "cut"),
        ("length", "long"),
        ("error-event", "failed"),
        ("status-500", "failed"),
        ("status-401", "refused"),
        ("status-404", "refused"),
        ("hang", "slow"),
    ],
)
def test_ollama_is_held_to_the_same(server: ModelServer, model: str, fault: str) -> None:
    """The protocol of Ollama has other words for the same faults."""
    for end in ended_at_once(ollama_of(server, model), AT_ONCE):
        assert end.fault == fault
        assert end.seconds < WAITS.get(fault, 0.0) + 2
        assert fault or end.pieces == TEXT


def test_a_refused_connection_is_unreachable() -> None:
    """Where nobody listens, that is told after one more try."""
    with nobody() as url:
        for end in ended_at_once(writer_of(url, "good"), AT_ONCE):
            assert (end.fault, end.usage.tries) == ("unreachable", 2)
            assert end.seconds < 2


def test_a_connection_that_is_not_answered_is_unreachable() -> None:
    """A connection is waited for no longer than set."""
    with silence() as url:
        end = ended(writer_of(url, "good"))
        assert (end.fault, end.usage.tries) == ("unreachable", 2)
        assert 2 * SHORT.connect <= end.seconds < 2 * SHORT.connect + 1


def test_a_server_that_ignores_the_cap_is_cut(server: ModelServer) -> None:
    """The text is cut off by its characters, not only by what the endpoint was asked."""
    server.reply = lambda _: iter(["a" * 79, "b", "c"])
    end = ended(writer_of(server, "wordy"), most_tokens=10)
    assert end.fault == "long"
    assert sum(map(len, end.pieces)) == 80
    server.reply = lambda _: iter(["a" * 79, "b"])
    assert ended(writer_of(server, "wordy"), most_tokens=10).fault == ""


def test_a_surrogate_without_its_other_half_is_no_text(server: ModelServer) -> None:
    """What is yielded can always be encoded."""
    assert "".join(ended(writer_of(server, "surrogate")).pieces) == "ab"


def test_nothing_is_sent_to_another_host(server: ModelServer) -> None:
    """A redirection is not followed."""
    assert ended(writer_of(server, "elsewhere")).fault == "refused"
    assert len(server.requests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", FAULTS)
def test_fifty_times_no_part_is_taken_for_the_whole(behaviour: str) -> None:
    """Each fault, fifty times, is told each time."""
    with serving() as server, ThreadPoolExecutor(25) as pool:
        patient = replace(SHORT, connect=10.0)  # a busy machine must not take one fault for another
        writers = [writer_of(server, behaviour, times=patient) for _ in range(50)]
        ends = list(pool.map(lambda each: ended(each, seconds=SECONDS, most_tokens=MOST_TOKENS), writers))
    assert {end.fault for end in ends} <= {FAULTS[behaviour], "slow", "late", "stalled"}  # a busy machine is slow, too
    assert all(end.fault for end in ends)
