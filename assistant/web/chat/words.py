"""What the chat page says about keeping conversations, read from ``texts/<language>.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.types import Language
from assistant.web.wording import read_words

FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingWords:
    """The words in one language.

    Attributes:
        privacy: Said before the first question.
        kept: Said below a conversation that is recorded.
        refused: Said to who does not want that.
        no_longer: Said below a recorded conversation to who does not want that any more.
        refuse: What can be ticked.
        erase: Words of the button.
        erased: Said when the conversation has been erased.
        not_erased: Said when it could not be.
        details: Above the points.
        points: What is kept, why, for how long, who reads it, how it is erased.
        code: Above the code.
        code_note: What the code is for.
    """

    privacy: str
    kept: str
    refused: str
    no_longer: str
    refuse: str
    erase: str
    erased: str
    not_erased: str
    details: str
    points: tuple[str, ...]
    code: str
    code_note: str


@cache
def keeping_words(language: Language) -> KeepingWords:
    """Return the words in ``language``.

    Raises:
        SettingError: If the file lacks a text or holds one that the page does not use.
    """
    return read_words(FOLDER / f"{language}.toml", KeepingWords)
