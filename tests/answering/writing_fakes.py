"""A model that writes what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from assistant.answering.generative.writing import Prompt, Usage, Writing
from assistant.errors import WritingError


class FakeWriting:
    """Gives its pieces, then ends, or fails if there is a fault."""

    def __init__(self, pieces: Sequence[str], fault: str = "") -> None:
        """Give these pieces."""
        self._pieces, self._fault = pieces, fault
        self.closed = False

    def __iter__(self) -> Iterator[str]:
        """Yield the pieces until it is closed."""
        for piece in self._pieces:
            if self.closed:
                raise WritingError("cut", "the writing was closed")
            yield piece
        if self._fault:
            raise WritingError(self._fault, f"a test made the model fail: {self._fault}")

    def close(self) -> None:
        """Stop."""
        self.closed = True

    @property
    def usage(self) -> Usage:
        """What it has cost."""
        return Usage(tokens_in=10, tokens_out=len(self._pieces), first_seconds=0.1, seconds=0.2, tries=1)


class FakeWriter:
    """Writes what ``reply`` returns for a prompt, in pieces of ``size`` characters."""

    def __init__(self, reply: Callable[[Prompt], str], *, fault: str = "", size: int = 7, context: int = 8000) -> None:
        """Write by ``reply``."""
        self.name = "fake:model"
        self.context = context
        self.prompts: list[Prompt] = []
        self.writings: list[FakeWriting] = []
        self._reply, self._fault, self._size = reply, fault, size

    def write(self, prompt: Prompt, *, most_tokens: int, seconds: float) -> Writing:
        """Return the text for a prompt, which is noted."""
        self.prompts.append(prompt)
        text = self._reply(prompt)
        pieces = [text[start : start + self._size] for start in range(0, len(text), self._size)]
        self.writings.append(FakeWriting(pieces, self._fault))
        return self.writings[-1]
