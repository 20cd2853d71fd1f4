"""One request, read in a thread of its own, so that whoever waits for it can stop waiting at any moment."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from assistant.models.wire import Line, Step

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something has happened to a request.

    Attributes:
        at: When, by the clock of the reading.
        step: How far the request has come, if that is the news.
        text: Text that came, maybe none.
        finish: Why the text ends here, in the endpoint's word; empty if it goes on.
        tokens: Tokens read and written so far; None if not told.
        over: Whether nothing comes any more.
        fault: What was wrong with it, if it is over.
    """

    at: float
    step: Step = ""
    text: str = ""
    finish: str = ""
    tokens: tuple[int, int] | None = None
    over: bool = False
    fault: str = ""


class Ask(Protocol):
    """Sends a request."""

    def __call__(self) -> Iterable[AIMessageChunk]:
        """Yield what comes."""
        ...


class Reading:
    """A request that is sent at once."""

    def __init__(self, ask: Ask, clock: Callable[[], float], most_bytes: int) -> None:
        self._ask, self._clock = ask, clock
        self._news: SimpleQueue[News] = SimpleQueue()
        self.line = Line(most_bytes, self._tell)
        threading.Thread(target=self._read, name="language-model", daemon=True).start()

    def next(self, until: float) -> News | None:
        """Return what happens next, or None if nothing has until then."""
        try:
            return self._news.get(timeout=max(0.0, until - self._clock()))
        except Empty:
            return None

    def stop(self) -> None:
        """Cut the connection and wake whoever waits."""
        self.line.cut()
        self._news.put(News(at=self._clock(), over=True, fault="cut"))

    def _tell(self, step: Step) -> None:
        self._news.put(News(at=self._clock(), step=step))

    def _read(self) -> None:
        fault = ""
        try:
            with self.line.used():
                for chunk in self._ask():
                    self._news.put(_news(chunk, self._clock()))
        except Exception as error:  # the libraries raise errors of many kinds for what an endpoint sends
            fault = fault_of(self.line, error)
        finally:
            self.line.cut()
            self._news.put(News(at=self._clock(), over=True, fault=fault))


def fault_of(line: Line, error: Exception) -> str:
    """Return what went wrong, from what was seen on the line; the error's own words are never told."""
    if line.full:
        return "long"
    if line.unreachable:
        return "unreachable"
    if line.status is None:
        return "cut" if line.connected else _unsent(error)
    if line.status >= 300:
        return _of_status(line.status)
    if line.broken:
        return "cut"
    kinds = {base.__name__ for base in type(error).__mro__}  # of openai and of ollama, whichever is installed
    told = kinds & {"APIError", "ResponseError"} and "APIConnectionError" not in kinds
    return "failed" if told else "malformed"


def _unsent(error: Exception) -> str:
    """Note that a library did not even send the request; its words may hold the prompt, its kind does not."""
    _log.error("a request to the language model could not be made: %s", type(error).__name__)
    return "failed"


def _of_status(status: int) -> str:
    if status == 429:
        return "limited"
    return "failed" if status >= 500 or status == 408 else "refused"


def _news(chunk: AIMessageChunk, at: float) -> News:
    """Return what a chunk says; half a surrogate pair is no text."""
    told, spent = chunk.response_metadata, chunk.usage_metadata
    return News(
        at=at,
        text=str(chunk.text).encode("utf-8", "ignore").decode("utf-8"),
        finish=str(told.get("finish_reason") or told.get("done_reason") or ""),
        tokens=(spent["input_tokens"], spent["output_tokens"]) if spent else None,
    )
