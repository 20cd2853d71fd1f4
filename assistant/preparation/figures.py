"""The figures of a budget (``budget.yaml``): what a stay costs, what scholarships pay, each quoted from a section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import Field, model_validator

from assistant.knowledge.data_file import Id, InLanguages, Read, SectionId, Strict, read_data
from assistant.preparation.steps import Country, Programme
from assistant.types import LANGUAGES, Document, Fault, Language

PATH = PurePosixPath("budget.yaml")
CURRENCIES = ("KZT", "EUR", "USD", "CNY", "CZK", "GBP", "HUF", "KRW", "PLN", "RUB", "TRY")
"""ISO 4217 codes of the money that a stay is paid in, tenge first."""

_GROUP = r"[ \u00a0\u202f,.]"
"""What stands between thousands in one of the three languages."""

_YEAR = re.compile(r"\d{4}", re.ASCII)

Amount = Annotated[Decimal, Field(ge=0, le=100_000_000, decimal_places=2)]
Currency = Annotated[str, Field(pattern=f"^({'|'.join(CURRENCIES)})$")]
Dated = Annotated[str, Field(pattern=r"^(undated|\d{4}(/\d{2}|-\d{2}(-\d{2})?)?)$")]


class Kind(StrEnum):
    """What money is spent on."""

    HOUSING = "housing"
    FOOD = "food"
    TRANSPORT = "transport"
    PHONE = "phone"
    INSURANCE = "insurance"
    VISA = "visa"
    RESIDENCE_PERMIT = "residence_permit"
    TRAVEL = "travel"
    DEPOSIT = "deposit"
    FEES = "fees"
    BOOKS = "books"


class Per(StrEnum):
    """How often an amount is paid."""

    MONTH = "month"
    ONCE = "once"
    SEMESTER = "semester"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Range:
    """An amount of money in one currency that lies between two bounds, ``low`` being at most ``high``."""

    low: Decimal
    high: Decimal

    def __add__(self, other: Range) -> Range:
        """Return the range of the sum."""
        return Range(self.low + other.low, self.high + other.high)

    def times(self, factor: Decimal | int) -> Range:
        """Return the range multiplied by a factor of at least 0."""
        return Range(self.low * factor, self.high * factor)

    def less(self, other: Range) -> Range:
        """Return the range of the difference: least when all of ``other`` is there, greatest when least of it is."""
        return Range(self.low - other.high, self.high - other.low)


class Figure(Strict):
    """An amount, or a range of amounts, that a section states.

    Attributes:
        id: Its name, unique in the file.
        title: What it is for.
        low: Least amount, in ``currency``.
        high: Greatest amount; where it is left out, the same as ``low``.
        currency: ISO 4217 code.
        per: How often it is paid.
        dated: Date of the figure: a year, month or day, years as ``2024/25``, or ``undated``.
        section: The section that states it.
        clause: The words of that section that hold the figures, letter for letter.
    """

    id: Id
    title: InLanguages
    low: Amount
    high: Amount = Decimal(0)
    currency: Currency
    per: Per
    dated: Dated
    section: SectionId
    clause: InLanguages

    @property
    def amount(self) -> Range:
        """The amount each time it is paid."""
        return Range(self.low, self.high)

    @model_validator(mode="before")
    @classmethod
    def _one_amount_is_both(cls, written: object) -> object:
        return {"high": written["low"], **written} if isinstance(written, Mapping) and "low" in written else written

    @model_validator(mode="after")
    def _is_a_range(self) -> Figure:
        if self.low > self.high:
            raise ValueError(f"runs from {self.low} down to {self.high}; swap low and high")
        return self


class Cost(Figure):
    """What a student pays.

    Attributes:
        covers: What is paid with it; of lines that cover the same, a budget counts one.
        optional: Whether it is counted only if the student wants it.
    """

    covers: Annotated[tuple[Kind, ...], Field(min_length=1)]
    optional: bool = False


class Grant(Figure):
    """What a scholarship pays.

    Attributes:
        programme: The programme that pays it.
        destination: Countries for which it is documented; empty for all.
        up_to_months: Months for which it is paid at most; None if nothing is said.
    """

    programme: Programme
    destination: tuple[Country, ...] = ()
    up_to_months: Annotated[int, Field(ge=1, le=24)] | None = None


class Destination(Strict):
    """The costs of one host country; of lines that cover the same, the first is counted unless another is chosen."""

    country: Country
    lines: tuple[Cost, ...]


class Budget(Strict):
    """The whole file: the names of the kinds, the costs by country, the scholarships."""

    kinds: dict[Kind, InLanguages]
    destinations: tuple[Destination, ...]
    income: tuple[Grant, ...] = ()

    @model_validator(mode="after")
    def _names_every_kind(self) -> Budget:
        if missing := [kind.value for kind in Kind if kind not in self.kinds]:
            raise ValueError(f"has no names for {', '.join(missing)}; add them to 'kinds'")
        return self


def read_budget(folder: Path) -> Read:
    """Return the figures of a knowledge base: ``value`` is a ``Budget``, or None if there is none or it is wrong."""
    return read_data(folder, PATH, Budget)


def check_budget(folder: Path, documents: Sequence[Document]) -> tuple[Fault, ...]:
    """Return what is wrong with the figures: their form, names given twice, and what their sections do not say."""
    read = read_budget(folder)
    texts = {(p.section, p.language): p.text for document in documents for p in document.passages}
    return (*read.faults, *(_unfounded(read, texts) if read.value else ()))


def states(text: str, number: Decimal) -> bool:
    """Return whether a number stands in a text digit by digit, with or without marks between its thousands."""
    whole, _, part = f"{number.normalize():f}".partition(".")
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1]
    decimals = rf"[.,]{part}0?" if part else r"(?:[.,]00?)?"
    found = rf"(?<!\d)(?<!\d{_GROUP}){f'{_GROUP}?'.join(groups)}{decimals}(?![.,]?\d|{_GROUP}\d{{3}}(?!\d))"
    return re.search(found, text, re.ASCII) is not None


def _unfounded(read: Read, texts: Mapping[tuple[str, Language], str]) -> Iterator[Fault]:
    """Yield the fault of every figure that its section does not state."""
    seen: set[str] = set()
    for at, figure in _figures(read.value):
        if figure.id in seen:
            yield read.fault(f"figure {figure.id!r} stands here twice; a name is given once; rename one", *at, "id")
        seen.add(figure.id)
        for message, field in _not_said(figure, texts):
            yield read.fault(f"figure {figure.id!r}: {message}", *at, *field)
    countries = [each.country for each in read.value.destinations]
    for place, country in enumerate(countries):
        if country in countries[:place]:
            yield read.fault(f"country {country} stands here twice; join its lines", "destinations", place, "country")


def _figures(budget: Budget) -> Iterator[tuple[tuple[str | int, ...], Figure]]:
    """Yield every figure with its place in the file."""
    for place, destination in enumerate(budget.destinations):
        for number, cost in enumerate(destination.lines):
            yield ("destinations", place, "lines", number), cost
    for number, grant in enumerate(budget.income):
        yield ("income", number), grant


def _not_said(figure: Figure, texts: Mapping[tuple[str, Language], str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what the section of a figure does not say, with the field that claims it."""
    months = [Decimal(figure.up_to_months)] if isinstance(figure, Grant) and figure.up_to_months else []
    year = _YEAR.match(figure.dated)
    for language in LANGUAGES:
        text, clause = texts.get((figure.section, language)), figure.clause[language]
        if text is None:
            yield f"there is no section {figure.section!r} in {language!r}; correct the path", ("section",)
            continue
        if clause not in text:
            yield f"the clause does not stand in {figure.section!r}; copy it letter for letter", ("clause", language)
        for number in dict.fromkeys([figure.low, figure.high, *months]):
            if not states(clause, number):
                yield f"the clause does not hold {number}; correct the figure or the clause", ("clause", language)
        if year and year[0] not in text:
            yield f"{figure.section!r} does not name the year {year[0]}; correct the date", ("dated",)
