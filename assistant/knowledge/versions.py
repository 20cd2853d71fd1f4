"""What must be equal in the language versions of a section: its figures, its dates and its links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from assistant.types import Language, Passage

_LINK = re.compile(r"\]\(\s*<?([^()<>\s]{1,500})>?[^)]{0,200}\)")
_ADDRESS = re.compile(r"https?://\S+")
_THOUSANDS_SPACE = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_THOUSANDS_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LIST_NUMBER = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)


def links(text: str) -> Counter[str]:
    """Return the targets of the links in a Markdown text with how often each stands there."""
    return Counter(_LINK.findall(text))


def numbers(text: str, language: Language) -> frozenset[str]:
    """Return the figures of a text: "11,904" and "11 904" are the same, and so are "2,5" and "2.5".

    Numbers of list items, addresses and targets of links are left out.
    """
    plain = _ADDRESS.sub(" ", _LINK.sub("]", _LIST_NUMBER.sub("", text)))
    plain = _THOUSANDS_SPACE.sub("", plain)
    if language == "en":
        plain = _THOUSANDS_COMMA.sub("", plain)
    return frozenset(number.replace(",", ".") for number in _NUMBER.findall(plain))


def differences(model: Passage, other: Passage) -> Iterator[str]:
    """Yield what ``other`` says otherwise than ``model``, another version of the same section, in words."""
    wanted, found = _numbers(model), _numbers(other)
    if wanted != found:
        yield (
            f"section {other.anchor!r}: the figures differ from the version in {model.language!r}: "
            f"missing {_listed(wanted - found)}, only here {_listed(found - wanted)}; correct one of them"
        )
    if links(model.text) != links(other.text):
        only = (links(model.text) - links(other.text)) + (links(other.text) - links(model.text))
        yield (
            f"section {other.anchor!r}: the links differ from the version in {model.language!r}: "
            f"{_listed(only)}; correct one of them"
        )


def _numbers(passage: Passage) -> frozenset[str]:
    return numbers(f"{passage.heading}\n{passage.text}", passage.language)


def _listed(values: Counter[str] | frozenset[str]) -> str:
    return ", ".join(sorted(values)) or "nothing"
