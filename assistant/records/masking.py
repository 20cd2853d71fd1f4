"""What in a story's texts may tell whose it is, words in its place, and how a mentor's text differs from the author's.

Beside what may identify a person (``identifying``) these are the words that tell what the place of a lesson hides:
the institutions' names with the cities in them, years, the country. They are compared without endings and alphabets,
and looked for rather too often: a mentor decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache

from babel import Locale

from assistant.knowledge.transliteration import fold
from assistant.records.anonymity import TOLD, Place
from assistant.records.identifying import MASKS, MOST_PASSES, find
from assistant.records.submissions import Experience
from assistant.records.telling import wording
from assistant.types import LANGUAGES, Language

LONGEST_REPLACEMENT = 6
"""Words that may stand in place of others: enough for "a big city in the west"."""

_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PIECE = re.compile(r"\S+\s*")
_VOWELS = "aeiou"
_ENDING = 5
_SHORT = 4
_GENERIC = (
    "universit", "institut", "akadem", "koleg", "koledzh", "college", "skhol", "shkol", "skola", "mektep", "fakult",
    "national", "natsional", "nakional", "ultik", "memleket", "gosudarstv", "state", "pedagog", "tehn", "tekhn",
    "imeni", "atindagi", "uchil", "hogeskhol", "hohskhul", "higher", "visk", "teacher", "training", "edukat",
    "education", "siens", "skiens", "applied", "aplied", "international", "mezhdunarod", "halikaral", "abroad",
)  # fmt: skip
"""Beginnings, folded, of words that many institutions have in their names."""


class Telltale(StrEnum):
    """What a word would tell that the place of a lesson hides."""

    INSTITUTION = "institution"
    YEAR = "year"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True, order=True)
class Suspect:
    """Words that may tell whose story it is.

    Attributes:
        start: Offset of the first character.
        end: Offset after the last.
        kind: A value of ``FindingKind`` or ``Telltale``.
        mask: What stands for them in the language of the story.
    """

    start: int
    end: int
    kind: str
    mask: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the texts of a lesson must not tell.

    Attributes:
        language: Of the story.
        stems: Beginnings of words, folded, by what they tell.
        years: Whether the year is hidden.
    """

    language: Language
    stems: tuple[tuple[Telltale, str], ...]
    years: bool


class Change(StrEnum):
    """What a mentor did to some words."""

    SAME = "same"
    DELETED = "deleted"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words with what was done to them."""

    change: Change
    text: str


def hidden(story: Experience, place: Place) -> Hidden:
    """Return what the texts of a story must not tell when its place is told so; the home university never is."""
    told = TOLD[place]
    stems = [(Telltale.INSTITUTION, stem) for stem in _stems(_names(story.home_university))]
    if "host_institution" not in told:
        stems += [(Telltale.INSTITUTION, stem) for stem in _stems(_names(story.host_institution))]
    if "country" not in told:
        names = {str(Locale(each).territories.get(story.country, story.country)) for each in LANGUAGES}
        words = [word for name in sorted(names) for word in _WORD.findall(name)]
        stems += [(Telltale.COUNTRY, stem[: max(_SHORT, len(stem) - 1)]) for stem in _stems(words)]
    return Hidden(story.language, tuple(dict.fromkeys(stems)), "year" not in told)


def suspects(text: str, secret: Hidden) -> tuple[Suspect, ...]:
    """Return what may tell whose a text is, in order and without overlaps; masks are never among it."""
    covered = bytearray(len(text))
    for mask in _masks().finditer(text):
        covered[mask.start() : mask.end()] = b"\x01" * (mask.end() - mask.start())
    found: list[Suspect] = []
    for each in (*_identifying(text, secret.language), *_telling(text, secret)):
        if not any(covered[each.start : each.end]):
            covered[each.start : each.end] = b"\x01" * (each.end - each.start)
            found.append(each)
    return tuple(sorted(found))


def masked_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where something was masked already, in order."""
    return tuple(match.span() for match in _masks().finditer(text))


def mask_more(text: str, secret: Hidden) -> str:
    """Return a text with a mask in place of everything suspected; doing so again changes nothing."""
    for _ in range(MOST_PASSES):
        found = suspects(text, secret)
        if not found:
            break
        text = _replaced(text, found)
    return text


def difference(author: str, mentor: str) -> tuple[Piece, ...]:
    """Return both texts as one, word by word, with what the mentor deleted and added; blanks may differ."""
    ours, theirs = _PIECE.findall(author), _PIECE.findall(mentor)
    pieces = []
    for sort, a, b, c, d in _steps(ours, theirs):
        if sort == "equal":
            pieces.append(_piece(Change.SAME, theirs[c:d]))
        else:
            pieces += [_piece(Change.DELETED, ours[a:b])] if b > a else []
            pieces += [_piece(Change.ADDED, theirs[c:d])] if d > c else []
    return tuple(pieces)


def additions(author: str, mentor: str) -> tuple[str, ...]:
    """Return what a mentor wrote beyond deleting, masks, and a few general words in place of others."""
    ours, theirs = _PIECE.findall(author), _PIECE.findall(mentor)
    added = (("".join(theirs[c:d]).strip(), sort) for sort, _, _, c, d in _steps(ours, theirs) if sort != "delete")
    most = {"replace": LONGEST_REPLACEMENT, "insert": 0}
    return tuple(text for text, sort in added if sort in most and len(_masks().sub(" ", text).split()) > most[sort])


def _piece(change: Change, words: list[str]) -> Piece:
    text = "".join(words)
    return Piece(change, text if text[-1:].isspace() else f"{text} ")


def _steps(ours: list[str], theirs: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    bare_ours, bare_theirs = ([piece.rstrip() for piece in pieces] for pieces in (ours, theirs))
    return SequenceMatcher(None, bare_ours, bare_theirs, autojunk=False).get_opcodes()


@cache
def _masks() -> re.Pattern[str]:
    """Return what finds the masks of all languages."""
    words = {word for each in LANGUAGES for word in wording(each).masks.values()}
    words |= {word for each in MASKS.values() for word in each.values()}
    return re.compile("|".join(map(re.escape, sorted(words))))


def _identifying(text: str, language: Language) -> Iterator[Suspect]:
    for each in find(text, language):
        yield Suspect(each.start, each.end, each.kind.value, MASKS[each.kind][language])


def _telling(text: str, secret: Hidden) -> Iterator[Suspect]:
    masks = wording(secret.language).masks
    for match in _YEAR.finditer(text) if secret.years else ():
        yield Suspect(*match.span(), Telltale.YEAR.value, masks[Telltale.YEAR.value])
    for match in _WORD.finditer(text):
        word = _loose(match.group())
        kind = next((kind for kind, stem in secret.stems if _is_case(word, stem)), None)
        if kind:
            yield Suspect(*match.span(), kind.value, masks[kind.value])


def _replaced(text: str, found: Iterable[Suspect]) -> str:
    parts: list[str] = []
    last = 0
    for each in found:
        parts += [text[last : each.start], each.mask]
        last = each.end
    return "".join([*parts, text[last:]])


def _names(institution: str) -> list[str]:
    """Return the words of an institution's name that others do not have in theirs; capitals alone may be short."""
    words = _WORD.findall(institution)
    own = [word for word in words if len(word) >= _SHORT or (len(word) > 1 and word.isupper())]
    return [word for word in own if not _loose(word).startswith(_GENERIC)]


def _stems(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        loose = _loose(word)
        if len(loose) >= _SHORT or (len(loose) > 1 and word.isupper()):
            yield loose.rstrip(_VOWELS) if len(loose.rstrip(_VOWELS)) >= _SHORT else loose


def _loose(word: str) -> str:
    """Return a word without alphabet, accents and spaces; "Вроцлав" is written like "Wrocław" then."""
    return fold(word).replace("ts", "k").replace(" ", "")


def _is_case(word: str, stem: str) -> bool:
    """Return whether a word is a stem with an ending; short stems, as of abbreviations, have none."""
    return word.startswith(stem) and len(word) - len(stem) <= (_ENDING if len(stem) >= _SHORT else 0)
