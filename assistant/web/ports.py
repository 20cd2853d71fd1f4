"""What the pages need from the engine, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from assistant.answering.generative.writing import Leave
from assistant.types import Circumstances, Conversation, Document, Filters, Language, Reply

Erase = Callable[[str], bool]
"""Erases the conversation that has this code and returns whether there was one; it may raise ``RecordError``."""

Reader = Callable[[str, Language], Document | None]
"""Returns a document of the index in a language, or None."""


class Assistant(Protocol):
    """Answers questions; safe to call from several threads at once."""

    def ask(
        self,
        question: str,
        *,
        conversation: Conversation = ...,
        page_language: Language | None = None,
        filters: Filters = ...,
        about: Circumstances = ...,
    ) -> Reply:
        """Return the reply to ``question``.

        Raises:
            QuestionError: If the question is empty or longer than 2,000 characters.
        """
        ...

    def converse(
        self,
        question: str,
        *,
        conversation: Conversation = ...,
        page_language: Language | None = None,
        filters: Filters = ...,
        about: Circumstances = ...,
        leave: Leave | None = None,
    ) -> Iterator[Reply]:
        """Yield the reply as it grows; the last is whole. ``leave`` ends the work when nobody waits for it.

        Raises:
            QuestionError: If the question is empty or longer than 2,000 characters.
        """
        ...

    def document(self, id: str, language: Language) -> Document | None:
        """Return the document in that language, or ``None`` if there is none."""
        ...

    def generation(self) -> str:
        """Return the name of the index that answers at this moment."""
        ...
