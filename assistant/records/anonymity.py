"""How exactly a lesson may say where and when a stay was, so that nobody can tell whose it is.

The measure is k-anonymity over the stories that were received and not withdrawn: a place may be told when at least
``FEWEST`` people share it. Names that are written differently count as different, so that too few are counted and
never too many.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from assistant.records.submissions import Experience

FEWEST = 5
"""People who must share what is told of a place."""

_WORD = re.compile(r"\w+")


class Place(StrEnum):
    """How exactly country, host institution and year are told, the most exact first."""

    FULL = "full"
    COUNTRY_YEAR = "country_year"
    COUNTRY = "country"
    NONE = "none"


TOLD: Mapping[Place, frozenset[str]] = {
    Place.FULL: frozenset({"country", "host_institution", "year"}),
    Place.COUNTRY_YEAR: frozenset({"country", "year"}),
    Place.COUNTRY: frozenset({"country"}),
    Place.NONE: frozenset(),
}
"""The fields of an ``Experience`` that each place tells."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Where and when somebody was, as it is compared with others: in small letters, without signs between words."""

    country: str
    host_institution: str
    year: int
    programme: str

    def at(self, place: Place) -> tuple[object, ...]:
        """Return what a place tells of it."""
        told = TOLD[place]
        institution = self.host_institution if "host_institution" in told else None
        return self.country if "country" in told else None, institution, self.year if "year" in told else None


@dataclass(frozen=True, slots=True)
class Shared:
    """How many people share each place with a story, its own author included.

    Attributes:
        people: By place; never fewer for a less exact one.
        programme: The same of those who went with the same programme; 0 where none was said.
    """

    people: Mapping[Place, int]
    programme: Mapping[Place, int]

    @property
    def finest(self) -> Place:
        """The most exact place that may be told without asking anybody."""
        return next((place for place in Place if self.is_safe(place)), Place.NONE)

    def is_safe(self, place: Place) -> bool:
        """Return whether a place tells nobody; one that says nothing never does."""
        return place is Place.NONE or self.people[place] >= FEWEST

    def tells_programme(self, place: Place) -> bool:
        """Return whether the programme may stand beside a place."""
        return self.programme[place] >= FEWEST


def stay(story: Experience) -> Stay:
    """Return where and when a story was."""
    return stay_of(story.country, story.host_institution, story.year, story.programme)


def stay_of(country: str, host_institution: str, year: int, programme: str) -> Stay:
    """Return where and when somebody was, from the words of a story."""
    return Stay(_key(country), _key(host_institution), year, _key(programme))


def shared(own: Stay, received: Iterable[Stay]) -> Shared:
    """Return how many of the stays received, among which is the ``own``, share each place with it."""
    same: dict[Place, list[Stay]] = {}
    found = list(received)
    for place in reversed(Place):  # whoever shares a place shares every less exact one
        found = [each for each in found if each.at(place) == own.at(place)]
        same[place] = found
    return Shared(
        {place: len(found) for place, found in same.items()},
        {place: sum(each.programme == own.programme != "" for each in found) for place, found in same.items()},
    )


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
