"""The budget of a stay: documented costs and scholarships, the student's own figures, a reserve, and what is missing.

Money is ``Decimal`` throughout. Sizes and decimal places of what is entered are limited so that no sum is ever rounded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from assistant.knowledge.data_file import InLanguages
from assistant.preparation.entries import RESERVE_PERCENT, FreeLine, read_entries
from assistant.preparation.figures import CURRENCIES, Budget, Cost, Figure, Grant, Kind, Per, Range
from assistant.preparation.profile import ASSUMED_MONTHS, Funding, Profile, Refused
from assistant.types import Language

EXPECTED = tuple(kind for kind in Kind if kind not in (Kind.FEES, Kind.BOOKS))
"""What every stay has to be planned for; where nothing is counted for one of these, the sheet says so."""

_MONTHS_A_SEMESTER, _MONTHS_A_YEAR = 6, 12


_ZERO = Range(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One cost or one source of income.

    Attributes:
        name: What it is, in the student's words; empty for a documented figure.
        figure: The documented figure; None for a line that the student added.
        covers: What a cost pays for.
        each: The amount each time it is paid; the student's own one has no width.
        currency: ISO 4217 code.
        per: How often it is paid.
        times: How many times it is paid during the stay.
        own: Whether the amount is the student's.
        counted: Whether it is in the totals; of costs that cover the same, one is.
    """

    name: str = ""
    figure: Figure | None = None
    covers: tuple[Kind, ...] = ()
    each: Range
    currency: str
    per: Per
    times: int
    own: bool
    counted: bool = True

    @property
    def total(self) -> Range:
        """The amount over the whole stay."""
        return self.each.times(self.times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a sheet in one currency."""

    costs: Range
    reserve: Range
    income: Range

    @property
    def gap(self) -> Range:
        """What is missing: costs and reserve less income; below 0 where money is left."""
        return (self.costs + self.reserve).less(self.income)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The budget of one stay.

    Attributes:
        destination: Country code of the host country; None if it is unknown.
        months: Length of the stay.
        months_assumed: Whether nobody has named the length.
        costs: What is paid, documented lines first.
        income: What is received, documented lines first.
        no_figure: Kinds of cost for which nothing is counted, with their names.
        reserve_percent: Reserve on top of the costs, in percent.
        totals: Sums by currency, in the order of ``CURRENCIES``.
        in_tenge: The sums in tenge; None where a rate is missing.
        without_rate: Currencies of the sheet without a rate.
        refused: Entries that were not taken.
    """

    destination: str | None
    months: int
    months_assumed: bool
    costs: tuple[Line, ...]
    income: tuple[Line, ...]
    no_figure: Mapping[Kind, InLanguages]
    reserve_percent: Decimal
    totals: Mapping[str, Totals]
    in_tenge: Totals | None
    without_rate: tuple[str, ...]
    refused: tuple[Refused, ...]


def sheet(
    budget: Budget,
    profile: Profile,
    own: Mapping[str, object] = MappingProxyType({}),
    rates: Mapping[str, object] = MappingProxyType({}),
    reserve_percent: object = RESERVE_PERCENT,
    *,
    free: Sequence[object] = (),
    chosen: Collection[object] = (),
) -> Sheet:
    """Return the budget of a student's stay; an entry that breaks a rule is left out and named in ``refused``.

    Args:
        budget: The documented figures.
        profile: The student; ``destination`` and ``months`` decide the costs, ``funding`` and ``programme`` the income.
        own: The student's amounts by the id of a documented line, in its currency, each time it is paid.
        rates: Tenge for one unit, by currency.
        reserve_percent: Reserve on top of the costs, 0 to 100 percent.
        free: The student's own lines, each with ``name``, ``amount``, ``currency``, ``per`` and, if wanted, the
            ``kind`` of cost it stands for, or ``income: true``.
        chosen: Ids of lines to count in place of others that cover the same.
    """
    costs, grants = _documented(budget, profile)
    entered = read_entries(
        [figure.id for figure in (*costs, *grants)],
        own=own, rates=rates, reserve_percent=reserve_percent, free=free, chosen=chosen,
    )  # fmt: skip
    months = profile.months or ASSUMED_MONTHS
    added = [_free_line(line, months) for line in entered.free if not line.income]
    earned = [_free_line(line, months) for line in entered.free if line.income]
    counted = _counted(costs, (entered.own, entered.chosen), {kind for line in added for kind in line.covers})
    paid = (*(_line(cost, entered.own.get(cost.id), months, cost.id in counted) for cost in costs), *added)
    received = (*(_line(grant, entered.own.get(grant.id), months) for grant in grants), *earned)
    totals = _totals(paid, received, entered.reserve_percent)
    without = tuple(currency for currency in totals if currency not in entered.rates)
    covered = {kind for line in paid if line.counted for kind in line.covers}
    return Sheet(
        destination=profile.destination, months=months, months_assumed=profile.months is None,
        costs=paid, income=received, no_figure={k: budget.kinds[k] for k in EXPECTED if k not in covered},
        reserve_percent=entered.reserve_percent, totals=totals,
        in_tenge=None if without else _in_tenge(totals, entered.rates), without_rate=without, refused=entered.refused,
    )  # fmt: skip


def sheet_data(sheet: Sheet, language: Language) -> dict[str, Any]:
    """Return a sheet as plain data in one language; amounts are written as texts, so that none is rounded."""
    return {
        "destination": sheet.destination,
        "months": sheet.months,
        "months_assumed": sheet.months_assumed,
        "costs": [_line_data(line, language) for line in sheet.costs],
        "income": [_line_data(line, language) for line in sheet.income],
        "no_figure": [{"kind": kind.value, "name": name[language]} for kind, name in sheet.no_figure.items()],
        "reserve_percent": _written(sheet.reserve_percent),
        "totals": {currency: _totals_data(totals) for currency, totals in sheet.totals.items()},
        "in_tenge": _totals_data(sheet.in_tenge) if sheet.in_tenge else None,
        "without_rate": list(sheet.without_rate),
        "refused": [
            {"field": each.field, "value": each.value, "rule": each.rule.value, "allowed": each.allowed}
            for each in sheet.refused
        ],
    }


def _documented(budget: Budget, profile: Profile) -> tuple[tuple[Cost, ...], tuple[Grant, ...]]:
    """Return the costs of the host country and, for a student with a scholarship, what the programme pays there."""
    country = profile.destination
    costs = next((each.lines for each in budget.destinations if each.country == country), ())
    grants = tuple(
        grant
        for grant in budget.income
        if profile.funding is Funding.SCHOLARSHIP
        and grant.programme == profile.programme
        and (not grant.destination or country in grant.destination)
    )
    return costs, grants


def _counted(costs: Iterable[Cost], preferred: Sequence[Collection[str]], covered: set[Kind]) -> set[str]:
    """Return the ids of the costs in the totals: none that covers what a line before it covers.

    The student's own lines come first (``covered``), then own amounts, then chosen lines, then the file's order.
    """
    taken, counted = set(covered), set()
    for cost in sorted(costs, key=lambda each: [each.id not in ids for ids in preferred]):
        wanted = not cost.optional or any(cost.id in ids for ids in preferred)
        if wanted and not taken & set(cost.covers):
            counted.add(cost.id)
            taken |= set(cost.covers)
    return counted


def _line(figure: Figure, amount: Decimal | None, months: int, counted: bool = True) -> Line:
    if isinstance(figure, Grant) and figure.up_to_months:
        months = min(months, figure.up_to_months)
    return Line(
        figure=figure, covers=figure.covers if isinstance(figure, Cost) else (),
        each=figure.amount if amount is None else Range(amount, amount),
        currency=figure.currency, per=figure.per, times=_times(figure.per, months),
        own=amount is not None, counted=counted,
    )  # fmt: skip


def _free_line(entered: FreeLine, months: int) -> Line:
    return Line(
        name=entered.name, covers=(entered.kind,) if entered.kind and not entered.income else (),
        each=Range(entered.amount, entered.amount), currency=entered.currency, per=entered.per,
        times=_times(entered.per, months), own=True,
    )  # fmt: skip


def _times(per: Per, months: int) -> int:
    """Return how often something is paid in a stay; a semester is counted for each six months begun."""
    match per:
        case Per.MONTH:
            return months
        case Per.SEMESTER:
            return -(-months // _MONTHS_A_SEMESTER)
        case Per.YEAR:
            return -(-months // _MONTHS_A_YEAR)
        case Per.ONCE:
            return 1


def _totals(costs: Iterable[Line], income: Iterable[Line], percent: Decimal) -> dict[str, Totals]:
    paid, received = _by_currency(costs), _by_currency(income)
    return {
        currency: Totals(
            costs=(cost := paid.get(currency, _ZERO)),
            reserve=cost.times(percent / 100),
            income=received.get(currency, _ZERO),
        )
        for currency in CURRENCIES
        if currency in paid or currency in received
    }


def _by_currency(lines: Iterable[Line]) -> dict[str, Range]:
    sums: dict[str, Range] = {}
    for line in lines:
        if line.counted:
            sums[line.currency] = sums.get(line.currency, _ZERO) + line.total
    return sums


def _in_tenge(totals: Mapping[str, Totals], tenge: Mapping[str, Decimal]) -> Totals:
    sums = [_ZERO, _ZERO, _ZERO]
    for currency, each in totals.items():
        parts = (each.costs, each.reserve, each.income)
        sums = [total + part.times(tenge[currency]) for total, part in zip(sums, parts, strict=True)]
    return Totals(costs=sums[0], reserve=sums[1], income=sums[2])


def _line_data(line: Line, language: Language) -> dict[str, Any]:
    figure = line.figure
    data = {
        "id": figure.id if figure else None,
        "name": figure.title[language] if figure else line.name,
        "covers": [kind.value for kind in line.covers],
        "each": _range_data(line.each),
        "currency": line.currency,
        "per": line.per.value,
        "times": line.times,
        "total": _range_data(line.total),
        "own": line.own,
        "counted": line.counted,
    }
    if not figure:
        return data
    documented = _range_data(figure.amount)
    source = {"section": figure.section, "clause": figure.clause[language], "dated": figure.dated}
    return data | {"documented": documented, "source": source}


def _totals_data(totals: Totals) -> dict[str, Any]:
    return {name: _range_data(getattr(totals, name)) for name in ("costs", "reserve", "income", "gap")}


def _range_data(amounts: Range) -> dict[str, str]:
    return {"low": _written(amounts.low), "high": _written(amounts.high)}


def _written(number: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end."""
    shown = f"{number:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
