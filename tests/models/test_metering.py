"""What is counted of a language model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from assistant.answering.generative.writing import Usage
from assistant.models.metering import Meter


def test_texts_are_counted_by_how_they_ended() -> None:
    """Whole, left, or by fault, with what they cost; what the endpoint does not tell counts nothing."""
    meter = Meter()
    meter.add(Usage(tokens_in=10, tokens_out=5, first_seconds=0.1, seconds=1.0, tries=1))
    meter.add(Usage(seconds=0.5, tries=2), fault="failed")
    meter.add(Usage(seconds=0.25, tries=1), left=True)
    meter.add(Usage(), fault="busy")
    counted = meter.snapshot()
    assert (counted.whole, counted.left, counted.tries) == (1, 1, 4)
    assert counted.faults == {"failed": 1, "busy": 1}
    assert (counted.seconds, counted.tokens_in, counted.tokens_out) == (1.75, 10, 5)
    assert str(counted) == (
        "1 whole texts, 1 left, faults: busy 1, failed 1; 4 requests, 1.8 s, 10 tokens read, 5 written"
    )


def test_an_earlier_snapshot_stays_as_it_was() -> None:
    """A snapshot is a value."""
    meter = Meter()
    before = meter.snapshot()
    meter.add(Usage(tries=1), fault="cut")
    assert (before.faults, before.tries) == ({}, 0)


def test_nothing_is_lost_between_threads() -> None:
    """Counts of several threads add up."""
    meter = Meter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: meter.add(Usage(tries=1), fault="cut" if number % 2 else ""), range(2_000)))
    counted = meter.snapshot()
    assert (counted.whole, counted.faults, counted.tries) == (1_000, {"cut": 1_000}, 2_000)
