"""What a sentence names: countries, institutions, programmes, proper names, addresses, and the things of an exchange.

Names in the catalogue are compared by key in any language; other proper names by their letters, in one alphabet, with
any ending; things ("registrar's office", "motivation letter") by the words in ``mentions.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from typing import Any

from assistant.answering.names import EVERYDAY, HOME, names_in
from assistant.answering.verification.phrases import Phrases, tokens
from assistant.knowledge.transliteration import fold
from assistant.types import LANGUAGES, Language

_CAPITAL = "A-ZÀ-ÖØ-ÞĀ-ŽА-ЯЁӘҒҚҢӨҰҮҺІ"
_BODY = "[Uu]niversit|[Cc]ollege|[Ii]nstitut|[Aa]cadem|[Уу]ниверситет|[Ии]нститут|[Аа]кадеми|[Кк]олледж"
_BODIES = tuple(
    map(fold, ("universit", "college", "institut", "academ", "университет", "институт", "академи", "колледж"))
)
PROPER = re.compile(
    rf"(?<=[^.!?:\s])[\s(]{{1,3}}[«\"“'(]?([{_CAPITAL}][\w’'-]{{0,40}})"
    rf"|(?<!\w)([{_CAPITAL}][\w’'-]{{0,40}}(?:\s[{_CAPITAL}]\w{{1,20}}){{0,2}})(?=\s(?:{_BODY}))"
    rf"|(?<!\w)([{_CAPITAL}]{{2,10}}\d{{0,4}})(?![a-z{_CAPITAL}])|(?<![\w.,!?])[«“\"]([^«»“”\"\n]{{2,60}})[»”\"]"
)
"""Words with a capital inside a sentence, names in front of "university" and the like, acronyms, quoted words."""
_HOST = re.compile(r"\b[a-z0-9-]{2,40}(?:\.[a-z0-9-]{2,40}){1,4}\b", re.IGNORECASE)
_LINK = re.compile(r"\]\([^()\s]{1,300}\)")
_POLISH = re.compile(r"\bpolish\b")  # to better a text, not the language
_SUFFIX = re.compile(r"[-’'][a-zа-яёәғқңөұүһі]+\b")
_KAZAKH_PLACE = re.compile(r"(?<=\w{3})[дт](?:ағ|ег)[ыі](?:лар|лер)?(?:дың|дің|ға|ге|ды|ді|дан|ден)?\b")
"""The ending of what is at a place, "Лодзьдегі", which is longer than the endings of names."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORT = 4
_LEAST = 3
_ENDING = 3


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text names.

    Attributes:
        keys: Countries, institutions and programmes by their key in the catalogue.
        proper: Folded words of other proper names, quoted words and acronyms.
        hosts: Addresses of sites.
        terms: Things of an exchange, by their key in ``mentions.toml``.
        implied: Things that belong to a country it names.
        words: Every folded word, with which proper names of another text are compared.
    """

    keys: frozenset[str]
    proper: frozenset[str]
    hosts: frozenset[str]
    terms: frozenset[str]
    implied: frozenset[str]
    words: frozenset[str]

    def joined(self, other: Mentions) -> Mentions:
        """Return what two texts together name."""
        return Mentions(*(getattr(self, each.name) | getattr(other, each.name) for each in fields(self)))

    def holds(self, name: str) -> bool:
        """Return whether a folded proper name stands in the text, with any ending."""
        if name in self.words:
            return True
        if len(name) < _SHORT:
            return False
        stem = name[: max(_LEAST, len(name) - _ENDING)]
        return any(word.startswith(stem) and abs(len(word) - len(name)) <= 2 * _ENDING for word in self.words)


@lru_cache(maxsize=4096)
def mentions(text: str, language: Language) -> Mentions:
    """Return what ``text`` names; targets of links are not read."""
    text = _POLISH.sub("better", _LINK.sub("]", text))
    hosts = frozenset(
        found.group().casefold().removeprefix("www.") for found in _HOST.finditer(text) if _is_host(found.group())
    )
    rest = _HOST.sub(lambda found: " " if _is_host(found.group()) else found.group(), text)
    keys = frozenset(name.key for name in names_in(text) if not _YEAR.fullmatch(name.key))
    implied = frozenset(term for term, country in _data()["of_country"].items() if country in keys)
    return Mentions(
        keys=keys - {HOME, EVERYDAY},
        proper=frozenset(_proper(rest)),
        hosts=hosts,
        terms=frozenset(each.key for each in things(language).find(tokens(text))),
        implied=implied,
        words=frozenset(fold(text).split()),
    )


def _is_host(written: str) -> bool:
    return any(character.isalpha() for character in written.rpartition(".")[2])


def _proper(text: str) -> set[str]:
    written = (_name(found) for found in PROPER.finditer(text))
    everyday = _everyday()
    unknown = (each for each in written if fold(each) not in everyday and not names_in(each))
    plain = (_KAZAKH_PLACE.sub("", _SUFFIX.sub("", each)) for each in unknown)
    words = {word for each in plain for word in fold(each).split()}
    return {word for word in words if len(word) > 1 and not word.isdigit() and not word.startswith(_BODIES)}


def _name(found: re.Match[str]) -> str:
    """Return what was found; of several words before "university" the first may only begin a sentence."""
    before = found.group(2)
    return str(before.partition(" ")[2] or before) if before else next(part for part in found.groups() if part)


@lru_cache(maxsize=len(LANGUAGES))
def things(language: Language) -> Phrases:
    """Return the words for the things of an exchange, by their key in ``mentions.toml``."""
    return Phrases({term: ways[language] for term, ways in _data()["terms"].items()})


@lru_cache(maxsize=1)
def _everyday() -> frozenset[str]:
    return frozenset(map(fold, _data()["not_names"]))


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    path = resources.files("assistant.answering.verification") / "mentions.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
