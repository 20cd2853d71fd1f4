"""What the templates of the forms print beside the form itself: sections to choose from, sentences, faults in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assistant.types import LANGUAGES, Language
from assistant.web.desk.parts import Desk
from assistant.web.desk.review_form import Fault, Filled, Sheet
from assistant.web.desk.review_sections import Chosen, labels, section
from assistant.web.desk.review_words import review_words
from assistant.web.desk.words import frame


@dataclass(frozen=True, slots=True)
class Told:
    """A fault in words, at its field, with the language of the answer in which it is; empty if it is in none."""

    field: str
    words: str
    language: str


def told(faults: Iterable[Fault], language: Language) -> tuple[Told, ...]:
    """Return faults in words."""
    words = review_words(language).faults
    return tuple(Told(each.field, words[each.rule].format(mark=each.mark), _of(each, language)) for each in faults)


def form_view(
    desk: Desk, filled: Filled, language: Language, offered: Iterable[str], *, first: Language
) -> dict[str, Any]:
    """Return each language's answer, the ``first`` before the others, with its choices.

    These are sections with their headings, and the sentences of the chosen one.
    """
    known = tuple(offered)
    return {
        "main": first,
        "names": frame(language).speeches,
        "sheets": sorted(filled.sheets, key=lambda sheet: sheet.language != first),
        "offered": {each.language: _offered(desk, each, known, language) for each in filled.sheets},
        "quotable": {each.language: _quotable(desk, each) for each in filled.sheets},
    }


def _offered(desk: Desk, sheet: Sheet, known: tuple[str, ...], language: Language) -> tuple[tuple[str, str], ...]:
    chosen = (each.section for each in sheet.quotes)
    return labels(desk, filter(None, [sheet.section, *sheet.found, *chosen, *known]), language)


def _quotable(desk: Desk, sheet: Sheet) -> tuple[Chosen, ...]:
    home = section(desk, sheet.section) if sheet.section else None
    return home.quotable(sheet.language) if home else ()


def _of(fault: Fault, language: Language) -> str:
    spoken = next((each for each in LANGUAGES if fault.field.startswith(f"{each}-")), None)
    return frame(language).speeches[spoken] if spoken else ""
