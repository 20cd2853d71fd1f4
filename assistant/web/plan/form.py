"""The form of the profile: nothing in it is asked that nothing uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel import Locale
from babel.dates import format_skeleton

from assistant.preparation.eligibility import CEFR, LEVELLED, UNSCORED, YES_OR_NO, Fact, LanguageTest
from assistant.preparation.profile import LONGEST_STAY_MONTHS, SCORES, Funding
from assistant.preparation.steps import LEVELS, PROGRAMMES
from assistant.types import Language
from assistant.web.plan.controls import Choice, entries, number, radios, select
from assistant.web.plan.words import PlanTexts

MONTHS_BACK, MONTHS_AHEAD = LONGEST_STAY_MONTHS, 30
"""Departures that can be chosen, in months from the present one.

As far back as a profile takes one: a month that the list no longer holds would be lost with the next entry.
"""

LONGEST_STAY = 12
SEMESTERS = 10
CERTIFICATES = 2
"""Proofs of language that the form has room for."""

OTHER = "other"
NO_CERTIFICATE = "none"
YES, NO = "yes", "no"
_FACTS = frozenset(fact.value for fact in YES_OR_NO)
_FURTHER = tuple(fact.value for fact in Fact if fact in YES_OR_NO or fact is Fact.CREDITS_COMPLETED)


def profile_given(items: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form's entries say, as ``read_profile`` takes it.

    Args:
        items: Texts by the name of their control.
    """
    given: dict[str, Any] = {name: value for name, value in items.items() if not name.startswith(("test-", "score-"))}
    for name in given.keys() & (_FACTS | {"school_practice"}):
        given[name] = {YES: True, NO: False}.get(given[name], given[name])
    tests = [(items.get(f"test-{place}"), items.get(f"score-{place}")) for place in range(1, CERTIFICATES + 1)]
    held = [{"test": test, "score": score or None} for test, score in tests if test and test != NO_CERTIFICATE]
    if held or any(test == NO_CERTIFICATE for test, _ in tests):
        given["certificates"] = held
    return given


def form(
    items: Mapping[str, Any],
    words: PlanTexts,
    *,
    today: date,
    countries: Sequence[str],
    universities: Sequence[Choice],
) -> str:
    """Return the form as HTML, filled with what was entered.

    Args:
        items: Entries by the name of their control.
        words: The words of the page.
        today: Day from which the months of departure are counted.
        countries: Codes of the countries that can be chosen.
        universities: Home universities whose rules are known, with their names.
    """

    def listed(name: str, choices: Sequence[Choice]) -> str:
        return select(name, words.fields[name], [("", words.unknown), *choices], items.get(name))

    def seen(name: str, choices: Sequence[Choice]) -> str:
        return radios(name, words.fields[name], [("", words.unknown), *choices], items.get(name, ""))

    where = [
        listed("destination", _countries(countries, words.language)),
        listed("programme", _worded(PROGRAMMES, words.programmes)),
        listed("departure", _months(today, words.language)),
        listed("months", _counted(LONGEST_STAY)),
        seen("school_practice", _yes_or_no(words)),
    ]
    who = [
        listed("home_university", [(OTHER, words.other_university), *universities]),
        seen("level", _worded(LEVELS, words.levels)),
        listed("semester", _counted(SEMESTERS)),
        number("gpa", words.fields["gpa"], items.get("gpa", ""), hint=words.hints["gpa"]),
        *_certificates(items, words),
        seen("funding", _worded([each.value for each in Funding], words.funding)),
    ]
    return entries("profile", _group(words.groups["where"], where) + _group(words.groups["who"], who))


def further(items: Mapping[str, Any], words: PlanTexts, wanted: Sequence[str]) -> str:
    """Return what only some programmes ask; what would settle nothing now is asked only if it was answered.

    Args:
        items: Entries by the name of their control.
        words: The words of the page.
        wanted: Fields that would settle something.
    """
    controls = [
        radios(name, words.fields[name], [("", words.unknown), *_yes_or_no(words)], items.get(name, ""))
        if name in _FACTS
        else number(name, words.fields[name], items.get(name, ""), mode="numeric")
        for name in _FURTHER
        if name in wanted or name in items
    ]
    if not controls:
        return ""
    return entries("profile-further", _group(words.groups["further"], controls, words.hints["further"]))


def _certificates(items: Mapping[str, Any], words: PlanTexts) -> list[str]:
    """Return the inputs for proofs of language: test and score, side by side."""
    tests = _worded([test.value for test in LanguageTest], words.tests)
    none: list[Choice] = [(NO_CERTIFICATE, words.no_certificate)]
    rows = []
    for place in range(1, CERTIFICATES + 1):
        test, score = f"test-{place}", f"score-{place}"
        first = [("", words.unknown), *(none if place == 1 else []), *tests]
        row = select(test, words.fields["test" if place == 1 else "another_test"], first, items.get(test))
        row += number(score, words.fields["score"], items.get(score, ""), hint=_scores(items.get(test), words))
        rows.append(f'<div class="pair">{row}</div>')
    return rows


def _scores(test: object, words: PlanTexts) -> str:
    """Return which scores a test has, to stand under the label of its input."""
    if test in {each.value for each in UNSCORED}:
        return words.hints["no_score"]
    if test in {each.value for each in LEVELLED}:
        return f"{CEFR[0]}–{CEFR[-1]}"
    known = {each.value: span for each, span in SCORES.items()}
    return f"{known[str(test)][0]:g}–{known[str(test)][1]:g}" if test in known else ""


def _group(title: str, controls: Sequence[str], hint: str = "") -> str:
    note = f'<p class="hint">{hint}</p>' if hint else ""
    return f'<section class="group"><h2>{title}</h2>{note}<div class="fields">{"".join(controls)}</div></section>'


def _worded(values: Sequence[str], words: Mapping[str, str]) -> list[Choice]:
    return [(value, words[value]) for value in values]


def _yes_or_no(words: PlanTexts) -> list[Choice]:
    return [(YES, words.yes), (NO, words.no)]


def _counted(most: int) -> list[Choice]:
    return [(str(number), str(number)) for number in range(1, most + 1)]


def _countries(codes: Sequence[str], language: Language) -> list[Choice]:
    names = Locale(language).territories
    return sorted(((code, str(names.get(code, code))) for code in codes), key=lambda choice: choice[1])


def _months(today: date, language: Language) -> list[Choice]:
    """Return the months in which one may depart, nearest first."""
    months = []
    for ahead in range(-MONTHS_BACK, MONTHS_AHEAD + 1):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        day = date(year, month + 1, 1)
        written = format_skeleton("yMMMM", day, locale="en_GB" if language == "en" else language)
        months.append((f"{day:%Y-%m}", written))
    return months
