"""A language model over LangChain, as ``answering.writing`` wants it: whole, in time, or plainly failed."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from functools import cached_property

from pydantic import SecretStr

from assistant.answering.generative.writing import Metered, Prompt, Usage
from assistant.errors import WritingError
from assistant.models.asking import Asker
from assistant.models.breaker import Breaker
from assistant.models.context import UNKNOWN
from assistant.models.endpoint import Endpoint
from assistant.models.metering import Meter
from assistant.models.progress import Progress, Times
from assistant.models.quiet import quieten
from assistant.models.reading import Reading
from assistant.models.slots import Slots, Ticket

_log = logging.getLogger(__name__)

_ILL = frozenset({"refused", "limited", "failed", "unreachable", "slow", "stalled", "late", "cut", "malformed"})
"""Faults that tell that an endpoint is not well; a text that is too long or empty is the model's doing."""

_PASSING = frozenset({"limited", "failed", "unreachable"})
"""Faults after which one more try may help."""

_NOT_UNDERSTOOD = frozenset({400, 422})
"""Statuses of an endpoint that refuses an option."""

_WORDS = {
    "refused": "refuses the request{status}; check the model's name and ASSISTANT_LLM_API_KEY",
    "limited": "is asked too often{status}; ask for less at once with ASSISTANT_LLM_CONCURRENCY",
    "failed": "has failed{status}; its own log tells why",
    "unreachable": "cannot be reached; check ASSISTANT_LLM_BASE_URL and whether it runs",
    "slow": "has not begun to write in time; take a smaller model",
    "stalled": "has stopped in the middle; its own log tells why",
    "late": "has not come to an end in time; take a smaller model",
    "cut": "has ended without saying that the text is whole; its own log tells why",
    "long": "has written more than it was asked for",
    "malformed": "does not speak the protocol; check ASSISTANT_LLM_BASE_URL",
    "empty": "has written nothing",
    "busy": "is asked by too many at once; ASSISTANT_LLM_CONCURRENCY tells how many it takes",
    "resting": "has failed again and again and is left alone for half a minute",
}


class ChatWriter:
    """A model at an endpoint; safe to use from several threads at once.

    Attributes:
        name: The model as LangChain writes it, ``provider:model``.
        endpoint: Where it is.
        times: How long is waited.
        clock: Seconds since some moment.
        asker: What sends requests.
        slots: How many are sent at once.
        breaker: Whether the endpoint is left alone.
        meter: What it has done so far.
    """

    def __init__(
        self, endpoint: Endpoint, key: SecretStr | None = None, *, most_at_once: int = 4, times: Times | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Contact nobody yet.

        Raises:
            ImportError: If the package for the provider is not installed.
        """
        quieten(key)
        self.name, self.endpoint, self.clock = endpoint.name, endpoint, clock
        self.times = waits = times or Times()
        self.slots, self.breaker, self.meter = Slots(most_at_once), Breaker(clock), Meter()
        self.asker = Asker(
            endpoint, key, connect=waits.connect, read=max(waits.first, waits.pause) + 1, context=waits.context,
            clock=clock,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"ChatWriter({self.name!r} at {self.endpoint.host!r})"

    @cached_property
    def context(self) -> int:
        """Tokens that prompt and text may have together; the endpoint is asked when this is first wanted."""
        return self.asker.told_context or UNKNOWN

    @property
    def metered(self) -> Metered:
        """What it has done and cost since the start."""
        return self.meter.snapshot()

    def write(self, prompt: Prompt, *, most_tokens: int, seconds: float) -> ChatWriting:
        """Return a text of at most ``most_tokens`` that is whole, or has failed, after ``seconds``."""
        return ChatWriting(self, prompt, most_tokens=most_tokens, seconds=seconds)


class ChatWriting:
    """One text on its way; ``WritingError.fault`` is ``cut``, too, when nobody waits for it any more."""

    def __init__(self, writer: ChatWriter, prompt: Prompt, *, most_tokens: int, seconds: float) -> None:
        self._writer, self._prompt, self._most_tokens, self._seconds = writer, prompt, most_tokens, seconds
        self._begun = self._ended = self._first = None  # type: float | None
        self._tokens: tuple[int, int] | None = None
        self._tries = 0
        self._ticket: Ticket | None = None
        self._reading: Reading | None = None
        self._closed = False
        self._backing_off = threading.Event()
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[str]:
        """Yield the text piece by piece, once.

        Raises:
            WritingError: If it does not come to its proper end.
        """
        if self._begun is not None:
            raise RuntimeError("a text is written once")
        self._begun, fault, whole = self._writer.clock(), "", False
        try:
            yield from self._admitted()
            whole = True
        except WritingError as error:
            fault = error.fault
            raise
        finally:
            self._count(fault, whole=whole)

    def close(self) -> None:
        """Stop it, cut its connection and free its place; harmless at any time, from any thread, more than once."""
        with self._lock:
            self._closed = True
            reading, ticket = self._reading, self._ticket
        self._backing_off.set()
        if reading:
            reading.stop()
        if ticket:
            ticket.leave()

    @property
    def usage(self) -> Usage:
        """What it has cost so far."""
        begun, tokens = self._begun, self._tokens or (None, None)
        return Usage(
            tokens_in=tokens[0],
            tokens_out=tokens[1],
            first_seconds=None if self._first is None or begun is None else self._first - begun,
            seconds=0.0 if begun is None else (self._ended or self._writer.clock()) - begun,
            tries=self._tries,
        )

    @property
    def _left(self) -> float:
        return (self._begun or 0.0) + self._seconds - self._writer.clock()

    def _count(self, fault: str, *, whole: bool) -> None:
        self._ended = self._writer.clock()
        left = not whole and (self._closed or not fault)
        self.close()
        self._writer.meter.add(self.usage, fault="" if left else fault, left=left)
        if fault and not left:
            _log.info("%s: %s", self._writer.name, self._writer.meter.snapshot())

    def _admitted(self) -> Iterator[str]:
        """Wait for a place, and ask unless the endpoint is left alone."""
        slots, breaker = self._writer.slots, self._writer.breaker
        if breaker.resting:
            raise self._error("resting")
        if self._left <= 0:
            raise self._error("late")
        ticket = slots.enter()
        if ticket is None:
            raise self._error("busy")
        with self._lock:
            self._ticket = ticket
        if self._closed or not ticket.wait(self._left) or self._left <= 0:
            raise self._error("busy")
        permit = breaker.enter()
        if permit is None:
            raise self._error("resting")
        worked: bool | None = None
        try:
            yield from self._tried()
            worked = True
        except WritingError as error:
            worked = None if self._closed else error.fault not in _ILL
            raise
        finally:
            breaker.leave(permit, worked=worked)

    def _tried(self) -> Iterator[str]:
        """Ask, and ask once more, or for less, as long as nothing has been written."""
        asker, again = self._writer.asker, True
        manner = asker.manner
        while True:
            try:
                yield from self._received(manner)
            except WritingError as error:
                plainer = asker.plainer(manner) if self._not_understood(error) else None
                if plainer is not None:
                    manner = plainer
                elif again and self._passing(error):
                    again = False
                else:
                    raise
            else:
                asker.manner = manner
                return

    def _received(self, manner: int) -> Iterator[str]:
        """Send one request and yield what comes, until it is whole or has failed."""
        reading, end = self._sent(manner), (self._begun or 0.0) + self._seconds
        progress = Progress(end, self._writer.times, self._most_tokens)
        while (news := reading.next(progress.until)) and progress.take(news):
            self._tokens = news.tokens or self._tokens
            if news.text:
                self._first = self._first or news.at
                yield news.text
        if fault := progress.verdict(news):
            raise self._error(fault)

    def _sent(self, manner: int) -> Reading:
        if self._closed:
            raise self._error("cut")
        if self._reading:
            self._reading.stop()
        self._tries += 1
        reading = self._writer.asker.ask(self._prompt, most_tokens=self._most_tokens, manner=manner)
        with self._lock:
            self._reading = reading
        if self._closed:
            reading.stop()
        return reading

    def _not_understood(self, error: WritingError) -> bool:
        status = self._reading.line.status if self._reading else None
        return error.fault == "refused" and status in _NOT_UNDERSTOOD

    def _passing(self, error: WritingError) -> bool:
        """Wait before one more try; return whether it may be made."""
        times, line = self._writer.times, self._reading.line if self._reading else None
        if error.fault not in _PASSING or self._first is not None or line is None:
            return False
        seconds = max(line.retry_after or 0.0, random.uniform(*times.backoff))  # noqa: S311  nothing secret
        if (line.retry_after or 0.0) > times.most_retry_after or seconds >= self._left:
            return False
        return not self._backing_off.wait(seconds)

    def _error(self, fault: str) -> WritingError:
        """Return a fault in our own words: what an endpoint sends may hold anything."""
        name = f"{self._writer.name} at {self._writer.endpoint.host}"
        if self._closed:
            return WritingError("cut", f"{name} was stopped: nobody waits for its text any more")
        status = self._reading.line.status if self._reading else None
        told = f" (status {status})" if status else ""
        return WritingError(fault, f"{name} {_WORDS[fault].format(status=told)}")
