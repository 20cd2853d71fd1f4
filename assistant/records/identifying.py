"""What may identify a person in what students write, and the text with words in its place.

The rules look for more rather than for less: a mentor reads the text before anybody else does, and what is masked
wrongly costs a word, what is not masked may cost a person. They are a help and no promise: ``persons`` says which
names they miss, and a description ("the only girl from Semey in Konya") identifies without any of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assistant.records.identifiers import (
    find_birth_dates,
    find_documents,
    find_emails,
    find_links,
    find_phones,
    find_places,
)
from assistant.records.persons import find_persons
from assistant.types import Language


class FindingKind(StrEnum):
    """What was found; where two overlap, the one that stands first here is kept."""

    EMAIL = "email"
    LINK = "link"
    DOCUMENT = "document"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    PLACE = "place"
    NAME = "name"


MASKS: Mapping[FindingKind, Mapping[Language, str]] = {
    FindingKind.EMAIL: {"en": "[e-mail]", "ru": "[эл. почта]", "kk": "[эл. пошта]"},
    FindingKind.LINK: {"en": "[link]", "ru": "[ссылка]", "kk": "[сілтеме]"},
    FindingKind.DOCUMENT: {"en": "[document number]", "ru": "[номер документа]", "kk": "[құжат нөмірі]"},
    FindingKind.BIRTH_DATE: {"en": "[date of birth]", "ru": "[дата рождения]", "kk": "[туған күні]"},
    FindingKind.PHONE: {"en": "[phone]", "ru": "[телефон]", "kk": "[телефон нөмірі]"},
    FindingKind.PLACE: {"en": "[address]", "ru": "[адрес]", "kk": "[мекенжай]"},
    FindingKind.NAME: {"en": "[name]", "ru": "[имя]", "kk": "[есім]"},
}
"""The word that stands for what was found, by kind and language."""

MOST_PASSES = 30
"""Passes after which masking stops; texts that people write need one or two."""

_MASK = re.compile("|".join(re.escape(word) for words in MASKS.values() for word in words.values()))
_FINDERS: Mapping[FindingKind, Callable[[str], Iterable[tuple[int, int]]]] = {
    FindingKind.EMAIL: find_emails,
    FindingKind.LINK: find_links,
    FindingKind.DOCUMENT: find_documents,
    FindingKind.BIRTH_DATE: find_birth_dates,
    FindingKind.PHONE: find_phones,
    FindingKind.PLACE: find_places,
    FindingKind.NAME: find_persons,
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that may identify a person.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last character.
        kind: What it is.
        language: Language of the page, in which a mask is worded.
    """

    start: int
    end: int
    kind: FindingKind
    language: Language


def find(text: str, language: Language) -> tuple[Finding, ...]:
    """Return what may identify a person in ``text``, in order and without overlaps, in time linear in its length.

    The rules of all three languages are used whatever the language is, because students mix them.

    Args:
        text: Clean text.
        language: Language in which the masks are to be worded.
    """
    covered = bytearray(len(text))
    for mask in _MASK.finditer(text):
        _cover(covered, *mask.span())
    found = [Finding(start, end, kind, language) for start, end, kind in _free(text, covered)]
    return tuple(sorted(found))


def masked(text: str, findings: Iterable[Finding]) -> str:
    """Return ``text`` with a word in brackets for each finding, and for what can only be found after that.

    Once "Айгүл@dana" has become "[name]@dana", the second half is seen too. Masking the result again changes nothing.
    """
    left = tuple(findings)
    for _ in range(MOST_PASSES):
        if not left:
            break
        text = _replaced(text, left)
        left = find(text, left[0].language)
    return text


def _replaced(text: str, findings: Iterable[Finding]) -> str:
    parts: list[str] = []
    last = 0
    for finding in sorted(findings):
        parts += [text[last : finding.start], MASKS[finding.kind][finding.language]]
        last = finding.end
    return "".join([*parts, text[last:]])


def _free(text: str, covered: bytearray) -> Iterator[tuple[int, int, FindingKind]]:
    """Yield what no finding of an earlier kind covers, and cover it."""
    for kind, finder in _FINDERS.items():
        for start, end in finder(text):
            if not any(covered[start:end]):
                _cover(covered, start, end)
                yield start, end, kind


def _cover(covered: bytearray, start: int, end: int) -> None:
    covered[start:end] = b"\x01" * (end - start)
