"""Names in a question (countries, institutions, programmes, years) and whether its evidence holds them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from babel import Locale

from assistant.knowledge.transliteration import fold
from assistant.types import LANGUAGES, Language, Reason

HOME = "KZ"
EVERYDAY = "erasmus"
"""Students say "Erasmus" of any exchange, so its evidence need not name it."""
_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d]|[.,]\d)")
_KOREA = re.compile(r"\bКорее\b", re.IGNORECASE)  # folding makes "core" of it
_FUTURE = re.compile(
    r"\bболашақ(?!\w*\s+(?:бағдарлама|стипенди|шәкіртақы|грант))"
    r"|\bБолашақ(?=\s+(?:педагог|мұғалім|маман|ұстаз|студент|ғалым|жұмыс))"
)
"""The Kazakh word for "future" is also a programme's name: it is one with a capital letter, or beside such a word."""
_ENGLISH = "anglisk"  # every exchange asks for the language: "английский" never names the country
_LANGUAGE_WORD = re.compile(r"iazik\w*|til(?:i\w*|den|dik)?|languages?|[abc][12]")
_WRITTEN = re.compile(r"\w[\w.]*")
_STOP = re.compile(r"[.!?…]\s+$")
_POLISHED = frozenset(map(fold, ("my", "your", "the", "this", "it", "up")))
_SHORT = 5
_KAZAKH_ENDING = re.compile(r"lik\w{0,4}|n?[dt][ae](?:gi|n)?|[gkn][ae]|[dtn](?:[ae]n|in|i)|[mbp]en|si(?:n\w{0,3})?")
_RUSSIAN_ENDING = re.compile(r"[aeiou]|[oei]i|iu|iei|[oeai]m|[aei]h|[ai]mi|iah|aia|uiu|oe|ie|ogo|omu|i?sk\w{1,4}")
"""What a name may carry, folded: Kazakh endings after the whole name, Russian ones in place of its last vowel. No
other letters may follow, so that "research" is not a case of "Ресей", nor "child" one of "Чили"."""
_VOWELS = "aeiou"
_START = 2
_SHORT_ENDINGS = frozenset(
    ("a", "e", "u", "i", "om", "oi", "da", "de", "ta", "te", "ga", "ge", "ka", "ke", "dan", "den", "nin", "din")
)


@dataclass(frozen=True, slots=True)
class Name:
    """One thing that can be named in several ways.

    Attributes:
        key: Country code, or the key in ``names.toml``.
        reason: Why the assistant abstains when the evidence does not hold it.
        ways: How it may be written, the usual way first.
    """

    key: str
    reason: Reason
    ways: tuple[str, ...]

    def label(self, language: Language) -> str:
        """Return how the name is written in a language: countries by CLDR, others by their script."""
        if self.reason is Reason.OTHER_COUNTRY:
            return str(Locale(language).territories.get(self.key, self.ways[0]))
        cyrillic = [way for way in self.ways if not way.isascii()]
        return cyrillic[0] if cyrillic and language != "en" else self.ways[0]


@dataclass(frozen=True, slots=True)
class _Form:
    """A way of naming: folded words, of which the last may carry an ending."""

    name: Name
    words: tuple[str, ...]
    exact: bool
    capital: bool
    adjective: bool = False


@lru_cache(maxsize=512)
def names_in(text: str) -> tuple[Name, ...]:
    """Return what ``text`` names, each once, in the order of the catalogue; years last."""
    text = _FUTURE.sub(" ", _KOREA.sub("Кореи", text))
    folded = fold(text).split()
    capitals = _capitalised(text)
    found: list[Name] = []
    place = 0
    while place < len(folded):
        form = _form_at(folded, place, capitals)
        if form and not _is_language(form, folded, place):
            found.append(form.name)
        place += len(form.words) if form else 1
    years = [Name(year, Reason.OTHER_YEAR, (year,)) for year in _YEAR.findall(text)]
    return tuple(dict.fromkeys([*found, *years]))


def country(code: str) -> Name | None:
    """Return the country of an ISO 3166-1 code, or None if there is none such."""
    return next((f.name for f in _forms() if f.name.key == code and f.name.reason is Reason.OTHER_COUNTRY), None)


def missing(question: str, evidence: Iterable[str]) -> tuple[Name, ...]:
    """Return what ``question`` names and no text of ``evidence`` does; the home country is always known."""
    asked = [name for name in names_in(question) if name.key not in (HOME, EVERYDAY)]
    if not asked:
        return ()
    text = "\n".join(evidence)
    held = {name.key for name in names_in(text)} | set(_YEAR.findall(text))
    return tuple(name for name in asked if name.key not in held)


def replaced(earlier: str, question: str) -> str:
    """Return ``earlier`` without the names that ``question`` puts others of the same sort in place of."""
    sorts = {name.reason for name in names_in(question)}
    old = [form for form in _forms() if form.name.reason in sorts]
    kept = []
    for word in earlier.split():
        folded = fold(word).split()
        gone = folded and any(_word_matches(form, part, folded[-1]) for form in old for part in form.words)
        if not gone:
            kept.append(word)
    return " ".join(kept)


def _word_matches(form: _Form, part: str, word: str) -> bool:
    return len(part) > 3 and _inflected(part, word, form.exact)


def _form_at(words: list[str], place: int, capitals: frozenset[str]) -> _Form | None:
    """Return the longest way of naming that begins at a place, so that "Erasmus Mundus" is not "Erasmus"."""
    exact, beginnings = _not_names()
    if words[place] in exact or words[place].startswith(beginnings):
        return None
    for form in _forms_by_start().get(words[place][:_START], ()):
        if _stands(form, words, place) and (not form.capital or words[place] in capitals):
            return form
    return None


def _is_language(form: _Form, words: list[str], place: int) -> bool:
    """Return whether what looks like a country is a language: "немецкий язык", "қытай тілі", "I learn German"."""
    if form.name.reason is not Reason.OTHER_COUNTRY:
        return False
    word, following = words[place], words[place + 1 : place + 2]
    if word.startswith(_ENGLISH):
        return True
    named = form.adjective or "sk" in word[-5:]
    if not following:
        return named and len(words) > 1
    if word == "polish" and following[0] in _POLISHED:
        return True
    if not _LANGUAGE_WORD.fullmatch(following[0]):
        return False
    return named or (word == form.words[-1] and following[0].startswith("til"))


def _stands(form: _Form, words: list[str], place: int) -> bool:
    """Return whether a form stands at a place, each word with an ending if the form allows one."""
    there = words[place : place + len(form.words)]
    return len(there) == len(form.words) and all(
        _inflected(part, word, form.exact) for part, word in zip(form.words, there, strict=True)
    )


def _inflected(part: str, word: str, exact: bool) -> bool:
    """Return whether ``word`` is ``part``, or a case of it: "германией", "германияда", "иранда"."""
    if word == part:
        return True
    if exact or len(part) < _SHORT - 2:
        return False
    if len(part) < _SHORT:
        return word.startswith(part) and word[len(part) :] in _SHORT_ENDINGS
    if word.startswith(part) and _KAZAKH_ENDING.fullmatch(word[len(part) :]):
        return True
    stem = part[:-2] if part.endswith("eia") else part[:-1] if part[-1] in _VOWELS else part
    if word == stem and part.endswith("ia") and not part.endswith("eia"):  # folding writes "Японии" with one letter
        return True
    return word.startswith(stem) and _RUSSIAN_ENDING.fullmatch(word[len(stem) :]) is not None


@lru_cache(maxsize=1)
def _not_names() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the everyday words that are no names, and how others of them begin."""
    words: list[str] = _catalogue()["not_names"]
    return (
        frozenset(fold(word) for word in words if not word.endswith("-")),
        tuple(fold(word.rstrip("-")) for word in words if word.endswith("-")),
    )


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Any]:
    with (resources.files("assistant.answering") / "names.toml").open("rb") as file:
        return tomllib.load(file)


@lru_cache(maxsize=1)
def _forms_by_start() -> dict[str, list[_Form]]:
    """Return the forms by the first letters of their first word."""
    found: dict[str, list[_Form]] = {}
    for form in _forms():
        found.setdefault(form.words[0][:_START], []).append(form)
    return found


@lru_cache(maxsize=1)
def _forms() -> tuple[_Form, ...]:
    """Return every way of naming, longest first, so that "Erasmus Mundus" is seen before "Erasmus"."""
    catalogue = _catalogue()
    forms: list[_Form] = []
    for code, ways in _territories().items():
        extra = catalogue["countries"].get(code, [])
        adjectives = catalogue["adjectives"].get(code, [])
        name = Name(code, Reason.OTHER_COUNTRY, (*extra, *sorted(ways), *adjectives))
        forms += _make(name, (*extra, *sorted(ways)), also_word=code in catalogue["also_words"])
        forms += _make(name, adjectives, adjective=True)
    for sort, reason in (("institutions", Reason.OTHER_INSTITUTION), ("programmes", Reason.OTHER_PROGRAMME)):
        for key, ways in catalogue[sort].items():
            forms += _make(Name(key, reason, tuple(ways)), ways, also_word=key in catalogue["also_words"])
    return tuple(sorted(set(forms), key=lambda form: (-len(form.words), form.words, form.name.key)))


def _make(name: Name, ways: Iterable[str], *, also_word: bool = False, adjective: bool = False) -> list[_Form]:
    """Return the forms of a name; short ones, and those that are common words too, need a capital letter."""
    forms = []
    for way in ways:
        words = tuple(fold(way).split())
        if words and len("".join(words)) > 1:
            short = len("".join(words)) < _SHORT
            latin = way.isascii()
            forms.append(_Form(name, words, exact=latin, capital=short or also_word, adjective=adjective))
    return forms


@lru_cache(maxsize=1)
def _territories() -> dict[str, set[str]]:
    """Return the names of the countries in the three languages by code, from CLDR."""
    names: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}:
                plain = re.sub(r"\s*\(.*?\)", "", name)
                if fold(plain):
                    names.setdefault(code, set()).add(plain)
    return names


def _capitalised(text: str) -> frozenset[str]:
    """Return the folded words whose capital letter says something: not at the start of a sentence, nor if all have one.

    A question of one word is a name if it has a capital; an abbreviation has its capitals at the start, too.
    """
    words = list(_WRITTEN.finditer(text))
    if text.isupper() and len(words) > 2:
        return frozenset()
    telling = [
        match.group()
        for place, match in enumerate(words)
        if match.group()[0].isupper()
        and (
            len(words) == 1
            or not (place == 0 or _STOP.search(text, words[place - 1].start(), match.start()))
            or _is_abbreviation(match.group())
        )
    ]
    return frozenset(part for word in telling for part in fold(word).split())


def _is_abbreviation(word: str) -> bool:
    return len(word) > 1 and word[:2].isupper()
