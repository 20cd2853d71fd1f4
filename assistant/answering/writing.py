"""What a reply needs of a language model, and nothing more; an adapter of ``assistant.models`` gives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


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
    """A language model that writes; safe to use from several threads at once.

    Attributes:
        name: Which model, as the operator configured it, without keys.
        context: Tokens that prompt and text may have together.
    """

    name: str
    context: int

    def write(self, prompt: Prompt, *, most_tokens: int, seconds: float) -> Writing:
        """Return a text of at most ``most_tokens`` that is whole, or has failed, after ``seconds``.

        Nothing is sent before the first piece is asked for.
        """
        ...
