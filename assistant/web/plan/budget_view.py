"""What the stay costs: documented ranges with their dates, own figures beside them, and what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from typing import Any

from babel.numbers import format_decimal

from assistant.preparation.budget import Line, Sheet, Totals, sheet
from assistant.preparation.entries import RESERVE_PERCENT
from assistant.preparation.figures import CURRENCIES, Budget, Per, Range
from assistant.preparation.profile import Profile
from assistant.web.plan.controls import Choice, entries, number, select, text, tick
from assistant.web.plan.words import PlanTexts
from assistant.web.rendering import section_link

FREE_LINES = 4
"""Lines of one's own that the sheet has room for."""

INCOME = "income"
NAMELESS = "–"
"""Name of a line whose amount was entered before its name."""

HOME = CURRENCIES[0]


def budget_sheet(budget: Budget, profile: Profile, given: Mapping[str, str]) -> Sheet:
    """Return the budget that the entries of the page make; those for lines of another stay wait and are no fault."""
    elsewhere = _elsewhere(budget, profile)
    return sheet(
        budget,
        profile,
        own={name: amount for name, amount in _named(given, "own-").items() if name not in elsewhere},
        rates=_named(given, "rate-"),
        reserve_percent=given.get("reserve") or RESERVE_PERCENT,
        free=_free(given),
        chosen=[name for name in _named(given, "pick-") if name not in elsewhere],
    )


def _elsewhere(budget: Budget, profile: Profile) -> frozenset[str]:
    """Return the ids of the figures that are for other countries, programmes or ways of paying."""
    costs = (cost.id for destination in budget.destinations for cost in destination.lines)
    made = sheet(budget, profile)
    here = {line.figure.id for line in (*made.costs, *made.income) if line.figure}
    return frozenset(costs).union(grant.id for grant in budget.income) - here


def lines(budget: Budget, profile: Profile, given: Mapping[str, str], words: PlanTexts) -> str:
    """Return the documented lines and room for own ones as HTML."""
    made = budget_sheet(budget, profile, given)
    usual = {line.figure.id for line in sheet(budget, profile).costs if line.figure and line.counted}
    documented = [line for line in made.costs if line.figure]
    income = [line for line in made.income if line.figure]
    parts = [f'<p class="hint">{escape(_about(made, words))}</p>']
    if documented:
        parts.append(_group(words.groups["costs"], [_line(line, given, words, usual) for line in documented]))
    if income:
        parts.append(_group(words.groups["income"], [_line(line, given, words) for line in income]))
    kinds = [(kind.value, name[words.language]) for kind, name in budget.kinds.items()]
    own = [_own(place, given, words, kinds) for place in range(1, FREE_LINES + 1)]
    parts.append(_group(words.groups["own_lines"], own))
    return entries("budget", "".join(parts))


def rates(budget: Budget, profile: Profile, given: Mapping[str, str], words: PlanTexts) -> str:
    """Return the rates of the currencies that stand in the sheet, and the reserve, as HTML."""
    asked = [
        number(f"rate-{currency}", words.rate.format(currency=currency), given.get(f"rate-{currency}", ""))
        for currency in budget_sheet(budget, profile, given).totals
        if currency != HOME
    ]
    reserve = number("reserve", words.fields["reserve"], given.get("reserve", f"{RESERVE_PERCENT}"))
    controls = f'<div class="fields">{"".join([*asked, reserve])}</div>'
    return entries("budget-rates", _group(words.groups["rates"], [controls], words.hints["rates"]))


def totals(made: Sheet, words: PlanTexts) -> str:
    """Return the sums as HTML, what no source gives, and whether money is missing."""
    if not made.totals:
        return f'<p class="hint">{escape(words.no_sums)}</p>'
    rows = "".join(_sums(currency, each, words) for currency, each in made.totals.items())
    if made.in_tenge and list(made.totals) != [HOME]:
        rows += _sums(HOME, made.in_tenge, words, whole=True)
    names = ("currency", "costs", "reserve", "income", "gap")
    heads = "".join(f'<th scope="col">{escape(words.sums[name])}</th>' for name in names)
    missing = ", ".join(name[words.language] for name in made.no_figure.values())
    counted = "; ".join(_name(line, words) for line in made.costs if line.counted)
    notes = [words.gap_note, *([f"{words.counted} {counted}."] if counted else [])]
    if missing:
        notes.append(f"{words.no_figure} {missing}.")
    if made.without_rate:
        notes.append(words.without_rate.format(currencies=", ".join(made.without_rate)))
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{heads}'
        f"</tr></thead><tbody>{rows}</tbody></table></div><ul>{listed}</ul>"
    )


def _about(made: Sheet, words: PlanTexts) -> str:
    """Return for how long, and that it is only counted for a country if one is chosen."""
    length = words.budget_months.format(months=made.months)
    assumed = f" {words.budget_assumed}" if made.months_assumed else ""
    return f"{length}{assumed}" if made.destination else f"{words.no_destination} {length}{assumed}"


def _line(line: Line, given: Mapping[str, str], words: PlanTexts, usual: Collection[str] | None = None) -> str:
    """Return one documented line: its range, the words of its source, the student's own figure.

    A cost that is not counted unless it is chosen, because another one covers the same, has a box to choose it.
    """
    figure, language = line.figure, words.language
    if figure is None:
        return ""
    amount = f"{_range(figure.amount, words)} {figure.currency} {words.per[figure.per.value]}"
    dated = words.undated if figure.dated == "undated" else figure.dated
    pick = ""
    if usual is not None and figure.id not in usual:
        name = f"pick-{figure.id}"
        pick = f"<p>{tick(name, escape(words.count_this), ticked=name in given)}</p>"
    link = section_link(figure.section, language, words.read_section)
    clause = f"<blockquote>{escape(figure.clause[language])}</blockquote>{link}"
    own = f"own-{figure.id}"
    return (
        f'<div class="line"><div class="what"><b>{escape(figure.title[language])}</b>{pick}'
        f'<span class="range">{escape(amount)} <small>({escape(dated)})</small></span>'
        f"<details><summary>{escape(words.clause)}</summary>{clause}</details></div>"
        f"{number(own, f'{words.own} ({figure.currency})', given.get(own, ''))}</div>"
    )


def _own(place: int, given: Mapping[str, str], words: PlanTexts, named: Sequence[Choice]) -> str:
    """Return the controls of one line of the student's own."""
    name = f"free-{place}-"
    kinds: list[Choice] = [("", words.other_cost), *named, (INCOME, words.income)]
    per = [(each.value, words.per[each.value]) for each in Per]
    controls = [
        text(f"{name}name", words.fields["line_name"], given.get(f"{name}name", "")),
        number(f"{name}amount", words.fields["line_amount"], given.get(f"{name}amount", "")),
        *(
            select(f"{name}{part}", words.fields[f"line_{part}"], choices, given.get(f"{name}{part}"))
            for part, choices in (("currency", [(each, each) for each in CURRENCIES]), ("per", per), ("kind", kinds))
        ),
    ]
    return f'<div class="own-line">{"".join(controls)}</div>'


def _free(given: Mapping[str, str]) -> list[dict[str, Any] | None]:
    """Return the student's own lines in their places; None for one without an amount, which counts for nothing yet."""
    found: list[dict[str, Any] | None] = []
    for place in range(1, FREE_LINES + 1):
        line: dict[str, Any] = {
            name: given.get(f"free-{place}-{name}", "") for name in ("name", "amount", "currency", "per", "kind")
        }
        kind = line.pop("kind")
        line |= {"income": True} if kind == INCOME else {"kind": kind}
        chosen = {"currency": line["currency"] or HOME, "per": line["per"] or Per.MONTH.value}
        found.append({**line, **chosen, "name": line["name"].strip() or NAMELESS} if line["amount"] else None)
    return found


def _named(given: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)}


def _group(title: str, parts: Sequence[str], hint: str = "") -> str:
    note = f'<p class="hint">{escape(hint)}</p>' if hint else ""
    return f'<section class="group"><h2>{escape(title)}</h2>{note}{"".join(parts)}</section>'


def _name(line: Line, words: PlanTexts) -> str:
    return line.figure.title[words.language] if line.figure else line.name


def _sums(currency: str, each: Totals, words: PlanTexts, *, whole: bool = False) -> str:
    """Return one row of the sums; in tenge everything together."""
    name = f"{words.sums['whole']} ({currency})" if whole else currency
    cells = "".join(f"<td>{_range(part, words)}</td>" for part in (each.costs, each.reserve, each.income, each.gap))
    return f'<tr{" class=whole" if whole else ""}><th scope="row">{escape(name)}</th>{cells}</tr>'


def _range(amounts: Range, words: PlanTexts) -> str:
    low, high = (_written(amount, words) for amount in (amounts.low, amounts.high))
    return low if low == high else f"{low} – {high}"


def _written(amount: Decimal, words: PlanTexts) -> str:
    """Return an amount as the language writes it, without cents; a half counts as one, so that a row's sums agree."""
    locale = "en_GB" if words.language == "en" else words.language
    return str(format_decimal(amount.quantize(Decimal(1), ROUND_HALF_UP), locale=locale)).replace("-", "\N{MINUS SIGN}")
