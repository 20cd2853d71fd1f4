"""What the page says about keeping the conversation: one line of safe HTML, with the rest to be opened."""

from __future__ import annotations

from html import escape

from assistant.records.retention import DAYS
from assistant.types import Language
from assistant.web.chat.recording import Record
from assistant.web.chat.words import KeepingWords, keeping_words
from assistant.web.shell import PAGES
from assistant.web.wording import texts


def told(record: Record, language: Language, *, refused: bool) -> str:
    """Return what is said about a conversation and its record.

    Args:
        record: Where the conversation is recorded, if it is.
        language: Language of the page.
        refused: Whether the student does not want their conversations to be kept.
    """
    words = keeping_words(language)
    line = words.kept if record.key else words.refused if refused else words.privacy
    further = f" {words.no_longer}" if record.key and refused else ""
    more = _code(record.key.code, words, language) if record.key else _points(words, language)
    return f'<div class="keeping"><p>{_filled(line + further, language)}</p>{more}</div>'


def _points(words: KeepingWords, language: Language) -> str:
    """Return what is kept and what follows, to be opened."""
    points = "".join(f"<li>{_filled(point, language)}</li>" for point in words.points)
    return f"<details><summary>{escape(words.details)}</summary><ul>{points}</ul></details>"


def _code(code: str, words: KeepingWords, language: Language) -> str:
    """Return the code with what it is for, to be opened."""
    note = _filled(words.code_note, language)
    return f"<details><summary>{escape(words.code)}</summary><p><code>{escape(code)}</code></p><p>{note}</p></details>"


def _filled(text: str, language: Language) -> str:
    """Return a text with the days, and with the link to where codes are entered."""
    name = escape(texts(language).pages["share"])
    link = f'<a class="here" href="/{language}/{PAGES["share"]}">{name}</a>'
    return escape(text).replace("{days}", str(DAYS)).replace("{share}", link)
