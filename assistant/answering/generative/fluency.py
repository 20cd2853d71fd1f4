"""What a language model does for a reply, where one is configured: rewriting, writing, translating."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from assistant.answering.generative.generating import Generator
from assistant.answering.generative.prompting import Prompts
from assistant.answering.generative.rewriting import Rewriter
from assistant.answering.generative.translating import Translator
from assistant.answering.generative.writing import Mask, Writer


@dataclass(frozen=True, slots=True)
class Fluency:
    """The three things that a model does; each is checked, and none is waited for without end.

    Attributes:
        rewriter: Makes follow-ups questions that stand alone.
        generator: Writes answers from the sections found.
        translator: Puts quotes into the reader's language.
    """

    rewriter: Rewriter
    generator: Generator
    translator: Translator

    @classmethod
    def of(
        cls, writer: Writer, prompts: Prompts, *, mask: Mask, seconds: float, today: Callable[[], date] = date.today
    ) -> Fluency:
        """Return what ``writer`` does with these words.

        Args:
            writer: The model.
            prompts: What it is asked.
            mask: Takes personal data out of what a student wrote, before it is sent.
            seconds: Time for an answer.
            today: Decides which sources are overdue for review.
        """
        generator = Generator(writer, prompts, mask=mask, seconds=seconds, today=today)
        return cls(Rewriter(writer, prompts, mask), generator, Translator(writer, prompts))
