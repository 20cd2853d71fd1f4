"""Which words are names of persons, may be, or are not: lists beside this module, and endings.

All words are compared folded (``assistant.knowledge.transliteration.fold``), so that Айгүл, Айгуль and Aigul are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files

from babel import Locale

from assistant.knowledge.transliteration import fold
from assistant.types import LANGUAGES

SHORTEST_STEM = 4
"""Letters that must stay when an ending is taken off; shorter words meet by chance."""

_PATRONYMIC = re.compile(r"[a-z]{2,}(?:(?:ov|ev|[kmt]i)ich|(?:ov|ev)na|inichna|uli|kizi)", re.ASCII)
_STEPPE = re.compile(r"[a-z]{2,}(?:bae|baie|beko|h?ano|gali?e|kali?e|gozhi|meto|kulo|gulo)va?", re.ASCII)
_FAMILY = re.compile(r"[a-z]{3,}(?:ov|ev|ova|eva)", re.ASCII)
_WOMAN = re.compile(r"[a-z]{3,}ina", re.ASCII)  # without its endings: "в Ольштыне" is no Ольштына
# Endings that stand for a letter of the word itself: Мадиной, Юлией, Сергею.
_ENDINGS = {"endings": "", "endings_a": "a", "endings_ia": "ia", "endings_i": "i"}


def is_given(forms: frozenset[str]) -> tuple[bool, bool]:
    """Return whether a word, by its forms, is a given name for certain, and whether it may be one."""
    certain, possible = given_names()
    return not certain.isdisjoint(forms), not possible.isdisjoint(forms)


def is_certain(folded: str) -> bool:
    """Return whether a word can only be a person's: a patronymic, or a surname such as Оразбаева."""
    bare = _bare(folded)
    return bool(_PATRONYMIC.fullmatch(bare) or _STEPPE.fullmatch(bare))


def is_family(folded: str) -> bool:
    """Return whether a word ends as surnames and patronymics do."""
    return is_certain(folded) or bool(_FAMILY.fullmatch(_bare(folded)) or _WOMAN.fullmatch(folded))


@lru_cache(maxsize=4096)
def is_role(folded: str) -> bool:
    """Return whether a word says what somebody is to others: a coordinator, a sister."""
    # Two endings: "мұғалімімнің" is a possessive and a case.
    return any(form in folded_words("roles") for once in forms_of(folded) for form in forms_of(once))


@lru_cache(maxsize=4096)
def is_other(folded: str) -> bool:
    """Return whether a word is written with a capital and is no person: a country, town, programme, month."""
    forms = forms_of(folded) if len(folded) > SHORTEST_STEM else {folded}
    return folded not in given_names()[0] and not (_countries() | folded_words("others")).isdisjoint(forms)


@lru_cache(maxsize=4096)
def forms_of(folded: str) -> frozenset[str]:
    """Return a folded word and what it may be without its Russian or Kazakh ending."""
    return frozenset(
        {folded}.union(
            folded[: -len(off)] + on
            for section, on in _ENDINGS.items()
            for off in listed(section)
            if folded.endswith(off) and len(folded) - len(off) + len(on) >= SHORTEST_STEM
        )
    )


@cache
def listed(section: str) -> frozenset[str]:
    """Return the words of a section of ``name_words.txt`` as they are written there."""
    return _sections()[section]


@cache
def folded_words(section: str) -> frozenset[str]:
    """Return the folded words of a section of ``name_words.txt``."""
    return frozenset(map(fold, listed(section)))


@cache
def given_names() -> tuple[frozenset[str], frozenset[str]]:
    """Return the folded given names that are nothing else, and those that are also ordinary words or places."""
    lines = _lines("given_names.txt")
    possible = {form for line in lines if line.startswith("?") for form in _spellings(line[1:])}
    certain = {form for line in lines if not line.startswith("?") for form in _spellings(line)}
    return frozenset(certain - possible), frozenset(possible)


@lru_cache(maxsize=4096)
def _bare(folded: str) -> str:
    """Return the shortest form of a word that looks like a surname or patronymic; the word itself if none does."""
    shapes = (_PATRONYMIC, _STEPPE, _FAMILY)
    matching = (form for form in sorted(forms_of(folded), key=len) if any(shape.fullmatch(form) for shape in shapes))
    return next(matching, folded)


@cache
def _countries() -> frozenset[str]:
    names = (name for code in LANGUAGES for name in Locale(code).territories.values())
    return frozenset(fold(name) for name in names if " " not in name)


def _lines(name: str) -> list[str]:
    text = files("assistant.records").joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _sections() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    section: set[str] = set()
    for line in _lines("name_words.txt"):
        if line.startswith("= "):
            section = found.setdefault(line[2:], set())
        else:
            section.update(line.split())
    return {name: frozenset(held) for name, held in found.items()}


def _spellings(line: str) -> Iterator[str]:
    """Yield the folded forms of names, with spellings that folding keeps apart: Zhanar, Janar; Erlan, Yerlan."""
    for name in map(fold, line.split()):
        for form in (name, name.replace("zh", "i"), name.replace("h", "kh").replace("zkh", "zh").replace("skh", "sh")):
            yield form
            yield form.removeprefix("i") if form.startswith("ie") else f"i{form}" if form.startswith("e") else form
