"""Prompts: files of words with ``$placeholders``, read once and checked before anything is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from assistant.answering.generative.writing import Prompt
from assistant.errors import SettingError
from assistant.types import Language

PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "answer.system": frozenset({"language", "sentences"}),
    "answer.user": frozenset({"fence", "sections", "question"}),
    "rewrite.system": frozenset({"language"}),
    "rewrite.user": frozenset({"fence", "earlier", "question"}),
    "translate.system": frozenset({"language"}),
    "translate.user": frozenset({"fence", "quote"}),
}
"""What is filled into each file."""

LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "ru": "Russian", "kk": "Kazakh (in Cyrillic letters)"}
"""How a model is told in which language to write."""

_LATIN_TOKEN = 3.5
_OTHER_TOKEN = 1.5


@dataclass(frozen=True, slots=True)
class Prompts:
    """The words for a model.

    Attributes:
        files: Text by name (``answer.system``).
    """

    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> Prompts:
        """Return the prompts in a folder.

        Raises:
            SettingError: If a file is missing or has other placeholders than it is given values for.
        """
        return cls({name: _read(folder / f"{name}.md", wanted) for name, wanted in PLACEHOLDERS.items()})

    def make(self, name: str, **values: str) -> Prompt:
        """Return the prompt ``name`` with its placeholders filled in."""
        filled = {
            part: Template(self.files[f"{name}.{part}"]).substitute(values).strip() for part in ("system", "user")
        }
        return Prompt(**filled, digest=self.digest(name))

    def digest(self, name: str) -> str:
        """Return the SHA-256 of the two files of a prompt, in hexadecimal."""
        return hashlib.sha256(
            "\0".join(self.files[f"{name}.{part}"] for part in ("system", "user")).encode()
        ).hexdigest()


def fence(*texts: str) -> str:
    """Return a line that stands in none of ``texts``, and that nobody who writes one of them can foresee."""
    return f"=== {hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:12]} ==="


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many: models cut Cyrillic letters into small pieces."""
    latin = sum(character.isascii() for character in text)
    return int(latin / _LATIN_TOKEN + (len(text) - latin) / _OTHER_TOKEN) + 1


def _read(path: Path, wanted: frozenset[str]) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"the prompt {str(path)!r} cannot be read: {error}; restore the file") from error
    found = frozenset(Template(text).get_identifiers())
    if found != wanted or not Template(text).is_valid():
        names = ", ".join(f"${name}" for name in sorted(wanted))
        raise SettingError(
            f"the prompt {str(path)!r} must have the placeholders {names} and no other; {sorted(found)} found"
        )
    return text
