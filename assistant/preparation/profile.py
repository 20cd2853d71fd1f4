"""What a student has told about themselves: read field by field, so that one wrong figure spoils nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from math import isfinite
from types import MappingProxyType
from typing import Any

from assistant.preparation.eligibility import CEFR, LEVELLED, UNSCORED, YES_OR_NO, Fact, LanguageTest
from assistant.preparation.steps import LEVELS, PROGRAMMES
from assistant.types import Circumstances

ASSUMED_MONTHS = 5
"""Length of a stay that nobody has named: one semester."""

FARTHEST_MONTHS = 36
"""Months from now to a departure, at most; a later one is a slip of the finger."""

SCORES: Mapping[LanguageTest, tuple[float, float]] = MappingProxyType(
    {
        LanguageTest.IELTS: (0, 9),
        LanguageTest.TOEFL_IBT: (0, 120),
        LanguageTest.DUOLINGO: (10, 160),
        LanguageTest.HSK: (1, 9),
    }
)
"""Lowest and highest score of the tests that have scores."""

LONGEST_STAY_MONTHS = 12
"""Months since a departure, at most: who left earlier is no longer away, or meant another year."""

REGULATIONS = "regulations"
"""Folder of the documents about universities and programmes."""

_SHOWN_CHARACTERS = 60
_CERTIFICATES = 10
_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-\d{2})?", re.ASCII)
_NAME = re.compile(r"[a-z0-9_]{1,60}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_NOTHING: tuple[object, ...] = (None, "", [], ())


class Funding(StrEnum):
    """Who pays for most of the stay."""

    SCHOLARSHIP = "scholarship"
    HOME = "home"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A proof of language that a student holds.

    Attributes:
        test: Which.
        score: Its score, or the CEFR level of tests that have levels; None where there is none.
    """

    test: LanguageTest
    score: float | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known about a student; None where nothing was said.

    Attributes:
        home_university: By the name of its document (``abai_kaznpu``).
        programme: Exchange programme, one of ``PROGRAMMES``.
        destination: Host country, as its ISO 3166-1 alpha-2 code.
        departure: First day of the month of departure.
        months: Length of the stay in months, 1 to 24.
        level: One of ``LEVELS``.
        gpa: Grade point average on the scale to 4.
        year_of_study: 1 to 7.
        semester: Semester of study, 1 to 14.
        credits_completed: ECTS credits earned so far, 0 to 400.
        certificates: Proofs of language; empty if the student has none.
        funding: Who pays for most of the stay.
        school_practice: Whether there will be practice at a school of the host country.
        said: What was answered with yes or no.
    """

    home_university: str | None = None
    programme: str | None = None
    destination: str | None = None
    departure: date | None = None
    months: int | None = None
    level: str | None = None
    gpa: float | None = None
    year_of_study: int | None = None
    semester: int | None = None
    credits_completed: int | None = None
    certificates: tuple[Certificate, ...] | None = None
    funding: Funding | None = None
    school_practice: bool | None = None
    said: Mapping[Fact, bool] = field(default_factory=lambda: MappingProxyType({}))


class Rule(StrEnum):
    """Why a value is not taken; the pages and the command line have words for each."""

    UNKNOWN_FIELD = "unknown_field"
    NO_NUMBER = "no_number"
    NO_WHOLE_NUMBER = "no_whole_number"
    OUT_OF_RANGE = "out_of_range"
    NO_CHOICE = "no_choice"
    NO_MONTH = "no_month"
    PAST = "past"
    TOO_FAR = "too_far"
    NO_YES_OR_NO = "no_yes_or_no"
    NO_TEST = "no_test"


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that was left out of a profile.

    Attributes:
        field: Which field.
        value: What was given, at most 60 characters.
        rule: The rule it breaks.
        allowed: What would be taken, as it is written: ``0–4``, ``B1, B2``, ``2027-09``; empty if that says nothing.
    """

    field: str
    value: str
    rule: Rule
    allowed: str = ""


class _Wrong(Exception):
    """A value breaks a rule."""

    def __init__(self, rule: Rule, allowed: str = "", part: object = None) -> None:
        """Keep the rule, what would be taken, and which part of the value is wrong if only a part is."""
        self.rule, self.allowed, self.part = rule, allowed, part


def read_profile(given: Mapping[str, Any], *, today: date) -> tuple[Profile, tuple[Refused, ...]]:
    """Return the profile that plain data describes, and what of it was not taken.

    A field that is absent, None or empty says nothing; an empty list of ``certificates`` says that there is none.

    Args:
        given: Values by field, as JSON has them; the facts asked with yes or no stand beside the others
            (``{"gpa": 3.1, "departure": "2027-09", "nominated": true, "certificates": [{"test": "hsk"}]}``).
        today: Day from which a departure is judged to be in the past.
    """
    taken: dict[str, Any] = {}
    said: dict[Fact, bool] = {}
    refused: list[Refused] = []
    for name, value in given.items():
        try:
            if name in _YES_OR_NO:
                if value is not None and value != "":
                    said[Fact(name)] = _yes_or_no(value)
            elif name == "departure" and value not in _NOTHING:
                taken[name] = _month(value, today)
            elif name == "certificates" and value is not None:
                taken[name] = _certificates(value)
            elif name in _READERS and value not in _NOTHING:
                taken[name] = _READERS[name](value)
            elif name not in {*_READERS, "departure", "certificates"}:
                raise _Wrong(Rule.UNKNOWN_FIELD)
        except _Wrong as wrong:
            shown = _shown(value if wrong.part is None else wrong.part)
            refused.append(Refused(str(name)[:_SHOWN_CHARACTERS], shown, wrong.rule, wrong.allowed))
    return Profile(**taken, said=MappingProxyType(said)), tuple(refused)


def profile_data(profile: Profile) -> dict[str, Any]:
    """Return a profile as plain data that ``read_profile`` takes; what is unknown is left out."""
    data: dict[str, Any] = {name: value for name in _READERS if (value := getattr(profile, name)) is not None}
    if profile.departure:
        data["departure"] = f"{profile.departure:%Y-%m}"
    if profile.certificates is not None:
        data["certificates"] = [{"test": each.test.value, "score": each.score} for each in profile.certificates]
    return data | {fact.value: answer for fact, answer in profile.said.items()}


def circumstances(profile: Profile) -> Circumstances:
    """Return what of a profile decides which documents a question means."""
    return Circumstances(
        country=profile.destination or "",
        institution=f"{REGULATIONS}/{profile.home_university}" if profile.home_university else "",
        programme=f"{REGULATIONS}/{profile.programme}" if profile.programme else "",
    )


def without(profile: Profile, name: str) -> Profile:
    """Return the profile without what was said in one field."""
    if name in _YES_OR_NO:
        return replace(profile, said=MappingProxyType({f: v for f, v in profile.said.items() if f != name}))
    return replace(profile, **{name: None})  # type: ignore[arg-type]


def _shown(value: object) -> str:
    """Return a value as it may be repeated to whoever gave it."""
    if isinstance(value, Mapping):
        value = value.get("score") or value.get("test")
    try:
        return " ".join(str(value).split())[:_SHOWN_CHARACTERS]
    except ValueError:  # a whole number of more digits than Python writes
        return "…"


def _number(low: float, high: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool):
            raise _Wrong(Rule.NO_NUMBER, f"{low:g}–{high:g}")
        try:
            number = float(str(value).strip().replace(",", "."))
        except ValueError:
            raise _Wrong(Rule.NO_NUMBER, f"{low:g}–{high:g}") from None
        if not isfinite(number) or not low <= number <= high:
            raise _Wrong(Rule.OUT_OF_RANGE, f"{low:g}–{high:g}")
        return number

    return read


def _count(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number = _number(low, high)(value)
        if number != int(number):
            raise _Wrong(Rule.NO_WHOLE_NUMBER, f"{low}–{high}")
        return int(number)

    return read


def _choice(choices: Sequence[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise _Wrong(Rule.NO_CHOICE, ", ".join(choices))
        return str(value)

    return read


def _written(pattern: re.Pattern[str], example: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _Wrong(Rule.NO_CHOICE, example)
        return value

    return read


def _funding(value: Any) -> Funding:
    return Funding(_choice([each.value for each in Funding])(value))


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(Rule.NO_YES_OR_NO, "true, false")
    return value


def _month(value: Any, today: date) -> date:
    found = _MONTH.fullmatch(str(value).strip())
    example = f"{today.year + 1}-09"
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        raise _Wrong(Rule.NO_MONTH, example)
    ahead = (int(found[1]) - today.year) * 12 + int(found[2]) - today.month
    if ahead < -LONGEST_STAY_MONTHS:
        raise _Wrong(Rule.PAST, f"{today:%Y-%m}")
    if ahead > FARTHEST_MONTHS:
        raise _Wrong(Rule.TOO_FAR, str(FARTHEST_MONTHS))
    return date(int(found[1]), int(found[2]), 1)


def _certificates(value: Any) -> tuple[Certificate, ...]:
    if not isinstance(value, list | tuple) or len(value) > _CERTIFICATES:
        raise _Wrong(Rule.NO_TEST, ", ".join(LanguageTest))
    taken = []
    for each in value:
        try:
            taken.append(_certificate(each))
        except _Wrong as wrong:
            raise _Wrong(wrong.rule, wrong.allowed, each) from None
    return tuple(taken)


def _certificate(value: Any) -> Certificate:
    named = value.get("test") if isinstance(value, Mapping) else None
    if named not in list(LanguageTest):
        raise _Wrong(Rule.NO_TEST, ", ".join(LanguageTest))
    test, score = LanguageTest(named), value.get("score")
    if test in UNSCORED or score in _NOTHING:
        return Certificate(test)
    if test in LEVELLED:
        return Certificate(test, _choice(CEFR)(str(score).strip().upper()))
    return Certificate(test, _number(*SCORES[test])(score))


_YES_OR_NO = frozenset(fact.value for fact in YES_OR_NO)
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "home_university": _written(_NAME, "abai_kaznpu"),
    "programme": _choice(PROGRAMMES),
    "destination": _written(_COUNTRY, "PL"),
    "months": _count(1, 24),
    "level": _choice(LEVELS),
    "gpa": _number(0, 4),
    "year_of_study": _count(1, 7),
    "semester": _count(1, 14),
    "credits_completed": _count(0, 400),
    "funding": _funding,
    "school_practice": _yes_or_no,
}
