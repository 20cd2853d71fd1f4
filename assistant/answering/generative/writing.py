"""What a reply needs of a language model, and nothing more; an adapter of ``assistant.models`` gives it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from assistant.errors import WritingError
from assistant.types import Language

_log = logging.getLogger(__name__)

Mask = Callable[[str, Language], str]
"""Returns a text without personal data, with words in a language in its place."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked.

    Attributes:
        system: What it shall do.
        user: What it shall do it with: numbered sections and the question.
        digest: SHA-256 of the prompt files it was made from, in hexadecimal; empty if from none.
    """

    system: str
    user: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one piece of writing has cost.

    Attributes:
        tokens_in: Tokens read, as the endpoint counts them; None if it does not tell.
        tokens_out: Tokens written; None if it does not tell.
        first_seconds: Seconds until the first text; None if none came.
        seconds: Seconds until the end, waiting for a free slot included.
        tries: Requests that were sent.
    """

    tokens_in: int | None = None
    tokens_out: int | None = None
    first_seconds: float | None = None
    seconds: float = 0.0
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What a model has done and cost since the start: counts only, no word of a question.

    Attributes:
        whole: Texts that came to their proper end.
        left: Texts that nobody waited for any more.
        faults: Texts that did not come to their end, by fault.
        tries: Requests that were sent.
        seconds: Seconds that all of it took.
        tokens_in: Tokens read, as far as the endpoint tells.
        tokens_out: Tokens written, as far as it tells.
    """

    whole: int = 0
    left: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    tries: int = 0
    seconds: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0

    def __str__(self) -> str:
        faults = ", ".join(f"{fault} {count}" for fault, count in sorted(self.faults.items())) or "none"
        return (
            f"{self.whole} whole texts, {self.left} left, faults: {faults}; {self.tries} requests, "
            f"{self.seconds:.1f} s, {self.tokens_in} tokens read, {self.tokens_out} written"
        )


class Writing(Protocol):
    """One text on its way from a model."""

    def __iter__(self) -> Iterator[str]:
        """Yield the text piece by piece, to its proper end.

        Raises:
            WritingError: If it does not come to a proper end; what was yielded before is no whole text.
        """
        ...

    def close(self) -> None:
        """Stop it and free its connection; harmless at any time, from any thread, more than once."""
        ...

    @property
    def usage(self) -> Usage:
        """What it has cost so far."""
        ...


class Writer(Protocol):
    """A language model that writes; safe to use from several threads at once."""

    @property
    def name(self) -> str:
        """Which model, as the operator configured it, without keys."""
        ...

    @property
    def context(self) -> int:
        """Tokens that prompt and text may have together."""
        ...

    @property
    def metered(self) -> Metered:
        """What it has done and cost since the start."""
        ...

    def write(self, prompt: Prompt, *, most_tokens: int, seconds: float) -> Writing:
        """Return a text of at most ``most_tokens`` that is whole, or has failed, after ``seconds``.

        Nothing is sent before the first piece is asked for.
        """
        ...


class Leave:
    """Lets whoever waits for a reply go: what was begun for them is stopped."""

    def __init__(self) -> None:
        """Begin with somebody who waits."""
        self._lock = threading.Lock()
        self._stops: list[Callable[[], None]] = []
        self._gone = False

    def stops(self, stop: Callable[[], None]) -> None:
        """Call ``stop`` when they go; at once if they have gone."""
        with self._lock:
            self._stops.append(stop)
            gone = self._gone
        if gone:
            stop()

    def go(self) -> None:
        """Stop everything that was begun; harmless if called again."""
        with self._lock:
            self._gone, stops = True, self._stops[:]
        for stop in stops:
            stop()

    @property
    def gone(self) -> bool:
        """Whether nobody waits any more."""
        return self._gone


def written(writer: Writer, prompt: Prompt, *, most_tokens: int, seconds: float, leave: Leave) -> str | None:
    """Return a whole text of a model, or None if it has not come to its proper end."""
    writing = writer.write(prompt, most_tokens=most_tokens, seconds=seconds)
    leave.stops(writing.close)
    try:
        return "".join(writing).strip() or None
    except WritingError as error:
        _log.warning("the language model has not written: %s", error)
        return None
    finally:
        writing.close()
