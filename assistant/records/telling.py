"""How a story reads as a lesson: its title, the headings of its parts, and what stands for hidden words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale

from assistant.knowledge.published import ToldStory
from assistant.records.anonymity import TOLD, Place, Shared
from assistant.records.filing import country_code
from assistant.records.submissions import STORY, Experience
from assistant.types import Language

WORDING = Path(__file__).with_name("wording") / "lessons.toml"

SHORTEST = 15
"""Characters of an answer that tells something; shorter ones ("all good") are left out of a lesson."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of lessons in one language.

    Attributes:
        full: Title of a lesson by how exactly its place is told; so are the next three.
        masks: What stands for a hidden ``institution``, ``year`` or ``country``.
        headings: Question above each part, by field of the story.
    """

    full: str
    country_year: str
    country: str
    none: str
    masks: Mapping[str, str]
    headings: Mapping[str, str]


@cache
def wording(language: Language) -> Wording:
    """Return the words of lessons in a language."""
    return Wording(**tomllib.loads(WORDING.read_text(encoding="utf-8"))[language])


def content_of(story: Experience, texts: Mapping[str, str], place: Place, people: Shared) -> dict[str, Any]:
    """Return what a lesson holds of a story, and nothing that its place hides.

    Args:
        story: What the participant sent.
        texts: Its texts as the mentor leaves them, by field; those that tell too little are left out.
        place: How exactly the place is told.
        people: How many share it; the programme is told where enough do.
    """
    told: dict[str, Any] = {field: getattr(story, field) for field in sorted(TOLD[place])}
    if people.tells_programme(place):
        told["programme"] = story.programme
    return told | {field: texts[field] for field in STORY if tells(texts.get(field, ""))}


def tells(text: str) -> bool:
    """Return whether a text is long enough for a lesson."""
    return len(text.strip()) >= SHORTEST


def told_story(id: str, language: Language, place: Place, content: Mapping[str, Any], published: date) -> ToldStory:
    """Return a lesson as the index holds it.

    Args:
        id: Of the lesson.
        language: In which the story was told.
        place: How exactly its place is told.
        content: As ``content_of`` made it.
        published: On which day, in UTC.
    """
    words, country = wording(language), str(content.get("country", ""))
    named = {"institution": content.get("host_institution"), "year": content.get("year")}
    return ToldStory(
        id=id,
        language=language,
        title=getattr(words, place.value).format(country=country_name(country, language), **named),
        parts=tuple(
            (field.replace("_", "-"), words.headings[field], content[field]) for field in STORY if content.get(field)
        ),
        published=published,
        country=country_code(country) or "",
        programme=str(content.get("programme", "")),
        year=content.get("year"),
    )


def country_name(country: str, language: Language) -> str:
    """Return a country in words; one that is no code stays as it is."""
    return str(Locale(language).territories.get(country, country))
