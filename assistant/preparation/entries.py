"""What a student enters in a budget: read entry by entry, so that one wrong amount spoils nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TypeVar

from assistant.preparation.figures import CURRENCIES, Kind, Per
from assistant.preparation.profile import Refused, Rule

HOME_CURRENCY = "KZT"
RESERVE_PERCENT = Decimal(10)
MOST_FREE_LINES = 30

_MOST_AMOUNT, _MOST_RATE, _MOST_PERCENT = Decimal(100_000_000), Decimal(10_000), Decimal(100)
_AMOUNT_PLACES, _RATE_PLACES = 2, 4
_SHOWN_CHARACTERS, _NUMBER_CHARACTERS = 60, 30
_NOTHING: tuple[object, ...] = (None, "")
_FREE_FIELDS = frozenset({"name", "amount", "currency", "per", "kind", "income"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeLine:
    """A line that no source has: its name, its amount, and the kind of cost it stands for; or income."""

    name: str
    amount: Decimal
    currency: str
    per: Per
    kind: Kind | None = None
    income: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What was entered and could be taken.

    Attributes:
        own: Amounts by the id of a documented line, in its currency, each time it is paid.
        chosen: Ids of the lines to count in place of others.
        free: The student's own lines.
        rates: Tenge for one unit, by currency; tenge itself included.
        reserve_percent: Reserve on top of the costs.
        refused: What was not taken, and why.
    """

    own: Mapping[str, Decimal]
    chosen: frozenset[str]
    free: tuple[FreeLine, ...]
    rates: Mapping[str, Decimal]
    reserve_percent: Decimal
    refused: tuple[Refused, ...]


class _Wrong(Exception):
    """A value breaks a rule."""

    def __init__(self, rule: Rule, allowed: str = "", part: object = None) -> None:
        """Keep the rule, what would be taken, and which part of the value is wrong if only a part is."""
        self.rule, self.allowed, self.part = rule, allowed, part


def read_entries(
    known: Collection[str],
    *,
    own: Mapping[str, object],
    rates: Mapping[str, object],
    reserve_percent: object,
    free: Sequence[object],
    chosen: Collection[object],
) -> Entries:
    """Return what was entered and what of it was not taken; an empty value says nothing.

    Args:
        known: Ids of the documented lines of the sheet.
        own: Amounts by id, 0 to 100,000,000 with two decimal places at most.
        rates: Tenge by currency, above 0 to 10,000 with four decimal places at most.
        reserve_percent: 0 to 100.
        free: Mappings with the fields of ``FreeLine``.
        chosen: Ids.
    """
    reader = _Reader()
    amounts = {name: reader.take(f"own.{name}", each, partial(_own, known, name)) for name, each in own.items()}
    tenge = {name: reader.take(f"rates.{name}", each, partial(_rate, name)) for name, each in rates.items()}
    percent = reader.take("reserve_percent", reserve_percent, _percent)
    lines = [reader.take(f"free.{place}", each, partial(_free, place)) for place, each in enumerate(free)]
    wanted = [reader.take("chosen", name, partial(_one_of, known)) for name in chosen]
    return Entries(
        own={name: amount for name, amount in amounts.items() if amount is not None},
        chosen=frozenset(name for name in wanted if name is not None),
        free=tuple(line for line in lines if line is not None),
        rates={name: rate for name, rate in tenge.items() if rate} | {HOME_CURRENCY: Decimal(1)},
        reserve_percent=RESERVE_PERCENT if percent is None else percent,
        refused=tuple(reader.refused),
    )


class _Reader:
    """Takes values and keeps those that break a rule."""

    def __init__(self) -> None:
        self.refused: list[Refused] = []

    def take(self, field: str, value: object, read: Callable[[object], T]) -> T | None:
        """Return what was read; None if nothing was said or a rule is broken."""
        if value in _NOTHING:
            return None
        try:
            return read(value)
        except _Wrong as wrong:
            given = shown(wrong.part or value)
            self.refused.append(Refused(field[:_SHOWN_CHARACTERS], given, wrong.rule, wrong.allowed))
            return None


def shown(value: object) -> str:
    """Return a value as it may be repeated to whoever gave it, at most 60 characters."""
    try:
        return " ".join(str(value)[: _SHOWN_CHARACTERS * 2].split())[:_SHOWN_CHARACTERS]
    except ValueError:  # a whole number of more digits than Python writes
        return "…"


def _one_of(known: Collection[str], name: object) -> str:
    if not isinstance(name, str) or name not in known:
        raise _Wrong(Rule.UNKNOWN_FIELD, ", ".join(sorted(known)))
    return name


def _own(known: Collection[str], name: str, value: object) -> Decimal:
    _one_of(known, name)
    return _amount(value)


def _number(value: object, most: Decimal, places: int) -> Decimal:
    """Return a number from 0 to ``most``; a comma is a decimal mark, spaces part thousands.

    "1,500" may mean thousands, so more places than money has are refused and not rounded.
    """
    allowed = f"0–{most}"
    try:
        written = "".join(str(value).split()).replace(",", ".")
        number = Decimal(written) if len(written) <= _NUMBER_CHARACTERS else Decimal("NaN")
    except (InvalidOperation, ValueError):
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise _Wrong(Rule.NO_NUMBER, allowed)
    if not 0 <= number <= most:
        raise _Wrong(Rule.OUT_OF_RANGE, allowed)
    if -int(number.as_tuple().exponent) > places:
        raise _Wrong(Rule.NO_NUMBER, f"{allowed}, {Decimal(1).scaleb(-places)}")
    return abs(round(number, places))


def _amount(value: object) -> Decimal:
    return _number(value, _MOST_AMOUNT, _AMOUNT_PLACES)


def _percent(value: object) -> Decimal:
    return _number(value, _MOST_PERCENT, _AMOUNT_PLACES)


def _rate(currency: str, value: object) -> Decimal:
    foreign = [each for each in CURRENCIES if each != HOME_CURRENCY]
    if currency not in foreign:
        raise _Wrong(Rule.NO_CHOICE, ", ".join(foreign))
    rate = _number(value, _MOST_RATE, _RATE_PLACES)
    if not rate:
        raise _Wrong(Rule.OUT_OF_RANGE, f"0.0001–{_MOST_RATE}")
    return rate


def _free(place: int, value: object) -> FreeLine:
    if place >= MOST_FREE_LINES:
        raise _Wrong(Rule.OUT_OF_RANGE, str(MOST_FREE_LINES))
    if not isinstance(value, Mapping) or set(value) - _FREE_FIELDS:
        raise _Wrong(Rule.UNKNOWN_FIELD, ", ".join(sorted(_FREE_FIELDS)))
    kind, income = value.get("kind"), value.get("income", False)
    if not isinstance(income, bool):
        raise _Wrong(Rule.NO_YES_OR_NO, "true, false")
    return FreeLine(
        name=_name(value.get("name")),
        amount=_part(value.get("amount"), _amount),
        currency=_part(value.get("currency"), partial(_choice, choices=CURRENCIES)),
        per=Per(_part(value.get("per"), partial(_choice, choices=list(Per)))),
        kind=None if kind in _NOTHING else Kind(_part(kind, partial(_choice, choices=list(Kind)))),
        income=income,
    )


def _part(value: object, read: Callable[[object], T]) -> T:
    """Return what was read of a part of a line; what is refused shows that part and not the whole line."""
    try:
        return read(value)
    except _Wrong as wrong:
        raise _Wrong(wrong.rule, wrong.allowed, value) from None


def _name(value: object) -> str:
    name = shown(value) if isinstance(value, str) else ""
    if not name:
        raise _Wrong(Rule.OUT_OF_RANGE, f"1–{_SHOWN_CHARACTERS}")
    return name


def _choice(value: object, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise _Wrong(Rule.NO_CHOICE, ", ".join(choices))
    return str(value)
