"""The reviewed head of a curated document: what it must hold, and every fault with its line.

Scalars are taken as they are written, not as YAML guesses them: ``NO`` is Norway and not false,
``2025`` is a year and not a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from babel import Locale
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from assistant.knowledge.lined_yaml import Lines, Trouble, read_fields
from assistant.types import Confidence, Fault, Kind, Source

_NOT_WRITTEN = frozenset({Kind.OTHER, Kind.VERIFIED_ANSWER, Confidence.CHECKED, Confidence.NOT_REVIEWED})
_FENCE = "---"
_NO_FENCES = "no front matter; a curated file begins with a line '---', the fields, and another '---'"
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SOURCE_DATE = re.compile(r"\d{4}(?:-\d{2}){0,2}", re.ASCII)
_WEB_ADDRESS = re.compile(r"https?://[^\s/.]+\.[^\s]+")


def _iso_day(value: object) -> object:
    """Return the day that ``value`` writes as YYYY-MM-DD."""
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        raise ValueError("is not a day; write it as YYYY-MM-DD, such as 2026-11-22")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a day of the calendar; write it as YYYY-MM-DD") from None


Text = Annotated[str, Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_iso_day)]


class FrontMatter(BaseModel):
    """The front matter of one curated document in one language.

    Attributes:
        title: Title in this language.
        kind: What sort of text it is; never ``other``, which is for the user's own files.
        institution: Who issued the rule; required for a regulation.
        aliases: Other names a student would type for the institution or programme.
        country: ISO 3166-1 alpha-2 code of the country it is about.
        programme: The exchange programme it is about.
        source_title: Title of the source.
        source_url: web address of the source.
        source_date: ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD`` or ``undated``.
        reviewed_on: Day on which the text was checked against the source.
        review_by: Day by which it must be checked again, later than ``reviewed_on``.
        confidence: How well the facts are founded; never ``not_reviewed``.
        asked_as: Ways in which students ask, per section anchor.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    title: Text
    kind: Kind
    institution: str = Field(default="", validate_default=True)
    aliases: tuple[Text, ...] = ()
    country: str = ""
    programme: str = ""
    source_title: Text
    source_url: Text
    source_date: Text
    reviewed_on: Day
    review_by: Day
    confidence: Confidence
    asked_as: dict[str, tuple[Text, ...]] = Field(default_factory=dict)

    @field_validator("kind", "confidence")
    @classmethod
    def _is_for_reviewed(cls, value: Kind | Confidence) -> Kind | Confidence:
        if value in _NOT_WRITTEN:
            raise ValueError(f"is for unreviewed files; choose one of {_choices(type(value))}")
        return value

    @field_validator("institution")
    @classmethod
    def _issuer_is_named(cls, institution: str, info: ValidationInfo) -> str:
        if info.data.get("kind") is Kind.REGULATION and not institution:
            raise ValueError("is empty, but a regulation needs its issuer; name the institution")
        return institution

    @field_validator("country")
    @classmethod
    def _is_territory(cls, country: str) -> str:
        is_code = re.fullmatch("[A-Z]{2}", country) is not None
        if country and not (is_code and country in Locale("en").territories):
            raise ValueError("is not a country code (ISO 3166-1); write two capitals such as KZ")
        return country

    @field_validator("source_url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        if not _WEB_ADDRESS.fullmatch(url):
            raise ValueError(
                "is not a web address; write it whole, beginning with https:// (http:// where the site has no other)"
            )
        return url

    @field_validator("source_date")
    @classmethod
    def _is_source_date(cls, written: str) -> str:
        if written != "undated" and not _is_partial_date(written):
            raise ValueError("is not a date; write YYYY, YYYY-MM, YYYY-MM-DD or the word undated")
        return written

    @field_validator("review_by")
    @classmethod
    def _is_after_review(cls, review_by: date, info: ValidationInfo) -> date:
        reviewed_on = info.data.get("reviewed_on")
        if reviewed_on is not None and review_by <= reviewed_on:
            raise ValueError(f"is not after reviewed_on ({reviewed_on}); set the day of the next review")
        return review_by

    def source(self) -> Source:
        """Return where the facts come from, as the rest of the program knows it."""
        return Source(
            institution=self.institution,
            aliases=self.aliases,
            country=self.country,
            programme=self.programme,
            title=self.source_title,
            url=self.source_url,
            dated=self.source_date,
            reviewed_on=self.reviewed_on,
            review_by=self.review_by,
            confidence=self.confidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A curated file, taken apart.

    Attributes:
        matter: The front matter; None if it has a fault.
        body: The text below the front matter; the whole text if there is no front matter.
        body_line: Line of the file, from 1, on which ``body`` begins.
        lines: Line of each key, by its path (``("asked_as", "gpa")``).
        faults: Everything wrong with the front matter, by line.
    """

    matter: FrontMatter | None
    body: str
    body_line: int
    lines: Lines
    faults: tuple[Fault, ...]


def parse(text: str, *, path: str = "") -> Parsed:
    """Return the front matter and the body of ``text``, with every fault and its line.

    Args:
        text: The whole file, clean.
        path: Name of the file in the faults.
    """
    raw, body, body_line = split_off(text)
    lines: Lines = {}
    matter, troubles = (None, [(1, _NO_FENCES)]) if raw is None else _validated(raw, lines)
    faults = tuple(Fault(path, line, message) for line, message in sorted(set(troubles)))
    return Parsed(matter=None if faults else matter, body=body, body_line=body_line, lines=lines, faults=faults)


def _validated(raw: str, lines: Lines) -> tuple[FrontMatter | None, list[Trouble]]:
    """Return the front matter that ``raw`` writes and what is wrong with it; fills ``lines``."""
    values, troubles = read_fields(raw, lines)
    if values is None:
        return None, troubles
    known = FrontMatter.model_fields
    given = {name: value for name, value in values.items() if value is not None or name not in known}
    try:
        return FrontMatter.model_validate(given), troubles
    except ValidationError as error:
        return None, troubles + [_trouble(detail, lines) for detail in error.errors(include_url=False)]


def split_off(text: str) -> tuple[str | None, str, int]:
    """Return the raw front matter, the body, and the line on which the body begins.

    The raw front matter is None where the text does not begin with a line ``---`` or where no
    second such line closes it; the body is then the whole text.
    """
    opening, _, rest = text.partition("\n")
    if opening.rstrip() != _FENCE:
        return None, text, 1
    lines = rest.split("\n")
    closing = next((number for number, line in enumerate(lines) if line.rstrip() == _FENCE), None)
    if closing is None:
        return None, text, 1
    return "\n".join(lines[:closing]), "\n".join(lines[closing + 1 :]), closing + 3


def _trouble(detail: ErrorDetails, lines: Lines) -> Trouble:
    """Return one fault of validation with the line of its field."""
    path = detail["loc"]
    line = next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), 1)
    name = ".".join(str(part) for part in path)
    return line, _message(name, detail)


def _message(name: str, detail: ErrorDetails) -> str:
    """Return value, rule and way out of one fault of validation."""
    shown = f"{name}: {str(detail['input'])[:80]!r}"
    match detail["type"]:
        case "missing":
            return f"{name} is missing; a curated document needs it; add a line '{name}: …'"
        case "extra_forbidden":
            return f"{name!r} is not a field; the fields are {', '.join(FrontMatter.model_fields)}; rename it"
        case "value_error":
            return f"{shown} {detail['ctx']['error']}"
        case "enum":
            return f"{shown} is not known; choose one of {_choices(Kind if name == 'kind' else Confidence)}"
        case "string_too_short":
            return f"{name} is empty; it needs a text; write one or leave the line out if it is optional"
        case "tuple_type":
            return f"{shown} is not a list; write '[first, second]' or lines that begin with '- '"
        case _:
            return f"{shown} has the wrong form ({detail['msg']}); write it as in the README's example"


def _choices(kinds: type[Kind | Confidence]) -> str:
    """Return the values that a curated document may have."""
    return ", ".join(kind for kind in kinds if kind not in _NOT_WRITTEN)


def _is_partial_date(written: str) -> bool:
    """Return whether ``written`` is a year, a month or a day of the calendar."""
    if not _SOURCE_DATE.fullmatch(written):
        return False
    try:
        date.fromisoformat(written + "-01-01"[len(written) - 4 :])
    except ValueError:
        return False
    return True
