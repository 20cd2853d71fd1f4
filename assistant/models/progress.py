"""How far a text has come, how long its next piece may take, and whether it is whole."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.models.reading import News

_CHARACTERS_A_TOKEN = 8

_ENDS = {"stop": "", "length": "long", "content_filter": "refused"}
"""Faults by the endpoint's word for why a text ends; whatever else it says, or nothing, is no proper end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long is waited, in seconds.

    Attributes:
        connect: For the connection.
        first: From there to the first text.
        pause: From one piece of text to the next.
        grace: From the last piece to what the endpoint still has to say, its count of tokens.
        context: For what the endpoint tells of its context.
        most_retry_after: The longest that an endpoint may ask to be left alone before it is asked once more.
        backoff: The shortest and the longest wait before that, if it asks for less.
    """

    connect: float = 3.0
    first: float = 10.0
    pause: float = 10.0
    grace: float = 1.0
    context: float = 3.0
    most_retry_after: float = 2.0
    backoff: tuple[float, float] = (0.2, 0.6)


class Progress:
    """One request's text.

    Attributes:
        until: When the next news must be there.
    """

    def __init__(self, end: float, times: Times, most_tokens: int) -> None:
        """Begin; all of it must be there at the ``end``."""
        self._end, self._times, self._most = end, times, most_tokens * _CHARACTERS_A_TOKEN
        self._characters, self._blank, self._finish = 0, True, ""
        self._await("late", end)

    def take(self, news: News) -> bool:
        """Note what has come; return whether it is in time and within bounds, and more may come."""
        self._characters += len(news.text)
        if news.over or news.at > self._end or self._characters > self._most:
            return False
        self._finish = news.finish or self._finish
        self._blank = self._blank and not news.text.strip()
        if self._finish:
            self._await("", news.at + self._times.grace)
        elif news.text:
            self._await("stalled", news.at + self._times.pause)
        elif news.step == "sent":
            self._await("unreachable", news.at + self._times.connect)
        elif news.step == "connected":
            self._await("slow", news.at + self._times.first)
        return True

    def verdict(self, last: News | None) -> str:
        """Return the fault of a text that goes no further, or an empty one if it is whole.

        Args:
            last: The news after which it went no further; None if there was none in time. What happens after the
                endpoint has said that the text is whole is of no matter.
        """
        if self._characters > self._most:
            return "long"
        if self._finish:
            return _ENDS.get(self._finish, "cut") or ("empty" if self._blank else "")
        if last is not None and last.over:
            return last.fault or ("cut" if self._characters else "malformed")
        return self._awaited

    def _await(self, fault: str, until: float) -> None:
        """Wait until then or the end of all; ``fault`` is what it is if nothing comes."""
        self.until = min(until, self._end)
        self._awaited = fault if until < self._end else "late"
