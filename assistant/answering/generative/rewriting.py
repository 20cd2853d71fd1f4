"""A follow-up made into a question that stands alone, by a language model, if what it writes adds nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.generative.drafted import forbidden
from assistant.answering.generative.prompting import LANGUAGE_NAMES, Prompts, fence
from assistant.answering.generative.writing import Leave, Mask, Writer, written
from assistant.answering.language import detect
from assistant.answering.names import names_in
from assistant.answering.refusals import refusal
from assistant.knowledge.transliteration import gram_set
from assistant.types import Language

EARLIER = 3
"""Earlier questions that are told."""
LONGEST = 300
_SECONDS = 5.0
_TOKENS = 150
_KEPT = 0.5
"""Share of the question's n-grams that must stand in what is written."""
_HELD = 0.6
"""Share of what is written that must stand in the questions: the rest may be little words."""
_NUMBER = re.compile(r"\d+")


class Rewriter:
    """Rewrites follow-ups with a language model; safe to use from several threads."""

    def __init__(self, writer: Writer, prompts: Prompts, mask: Mask) -> None:
        """Write with ``writer``; ``mask`` is applied to what a student wrote."""
        self._writer = writer
        self._prompts = prompts
        self._mask = mask

    def rewritten(self, question: str, history: Sequence[str], language: Language, leave: Leave) -> str | None:
        """Return the question so that it stands alone; None if the model has not written such a one in time.

        Args:
            question: The student's question.
            history: The questions before it, oldest first.
            language: Language of the question.
            leave: Stops the model when nobody waits for it any more.
        """
        earlier = "\n".join(self._mask(each, language) for each in history[-EARLIER:])
        asked = self._mask(question, language)
        prompt = self._prompts.make(
            "rewrite", language=LANGUAGE_NAMES[language], fence=fence(earlier, asked), earlier=earlier, question=asked
        )
        text = written(self._writer, prompt, most_tokens=_TOKENS, seconds=_SECONDS, leave=leave)
        if text is None:
            return None
        line = " ".join(text.strip().strip("\"'«»“”").split())
        return line if is_faithful(line, asked, f"{earlier}\n{asked}", language) else None


def is_faithful(line: str, question: str, asked: str, language: Language) -> bool:
    """Return whether a rewritten question holds the question and nothing that no question of the student says.

    Args:
        line: What the model has written.
        question: The question that was rewritten.
        asked: All questions of the student that the model has seen.
        language: Language of the question.
    """
    if not line or len(line) > LONGEST or forbidden(line, asked):
        return False
    if refusal(line) or detect(line, fallback=language) != language:
        return False
    if {name.key for name in names_in(line)} - {name.key for name in names_in(asked)}:
        return False
    if set(_NUMBER.findall(line)) - set(_NUMBER.findall(asked)):
        return False
    mine, theirs, all_of_them = gram_set(line), gram_set(question), gram_set(asked)
    kept = len(mine & theirs) >= _KEPT * len(theirs)
    return kept and len(mine & all_of_them) >= _HELD * len(mine)
