"""The form in which mentors write an answer: what they typed, the buttons that help them, and what is wrong with it.

It needs no script: each button sends the whole form, and the page comes back with everything that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.knowledge.cleaning import clean
from assistant.records.flaws import MARK, Flaw, flaws
from assistant.records.items import ReviewReason
from assistant.records.publishing import WrittenVersion
from assistant.records.reviewing import Judged, Ruling
from assistant.types import LANGUAGES, Language
from assistant.web.desk.gate import Form
from assistant.web.desk.parts import Desk
from assistant.web.desk.review_sections import Chosen, bound, found, read_chosen, section

LONGEST_NOTE = 2_000
CHECKED = "checked"
"""The field with which a mentor says that figures, dates and names which no quote has were checked."""
_AHEAD = timedelta(days=1)
"""How far a date may lie ahead of UTC: in Kazakhstan the day has begun by then."""

_SPACES = re.compile(r"\s+")

_FIELDS: Mapping[Flaw, str] = {
    Flaw.QUESTION_EMPTY: "question",
    Flaw.QUESTION_LONG: "question",
    Flaw.OFFICE_LONG: "office",
    Flaw.OFFICE_MISSING: "office",
    Flaw.OFFICE_BESIDE_QUOTES: "office",
    Flaw.OFFICE_UNDATED: "office_date",
    Flaw.NO_AUTHORITY: "section",
    Flaw.MANY_CITATIONS: "section",
    Flaw.WORDING_LONG: "wordings",
    Flaw.MANY_WORDINGS: "wordings",
}
"""At which field a flaw is told; any other at the text."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the form.

    Attributes:
        field: Id of the field at which it is told.
        rule: Which rule is broken: a ``Flaw`` value, or a key of ``ReviewWords.faults``.
        mark: Of which quote; 0 if it is about none.
    """

    field: str
    rule: str
    mark: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The answer in one language as it was typed.

    Attributes:
        office_date: As typed, ``YYYY-MM-DD``.
        wordings: One a line.
        quotes: In the order of their marks.
        find: Words by which sections are looked for; ``found`` the ids that they gave.
        section: The section whose sentences are offered.
        fixed: Whether text and quotes are those of the reply and cannot be changed.
    """

    language: Language
    question: str = ""
    text: str = ""
    office: str = ""
    office_date: str = ""
    wordings: str = ""
    quotes: tuple[Chosen, ...] = ()
    find: str = ""
    found: tuple[str, ...] = ()
    section: str = ""
    fixed: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether there is no version in this language."""
        return not (self.question or self.text or self.quotes or self.office)

    @property
    def own_words(self) -> tuple[str, ...]:
        """The wordings, each once."""
        return tuple(dict.fromkeys(filter(None, (_one_line(line) for line in self.wordings.splitlines()))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The whole form.

    Attributes:
        sheets: One for each language.
        judged: What the mentor thinks of the reply; empty for what the decision usually means.
        forget: Ids of wordings to be removed.
        closes: Whether an item whose source is missing is done with.
        checked: Whether the mentor has checked the figures, dates and names that its quotes do not have.
        seen: When the answer that is changed was last changed, as the mentor saw it.
    """

    sheets: tuple[Sheet, ...]
    judged: str = ""
    reasons: tuple[ReviewReason, ...] = ()
    note: str = ""
    alike: bool = False
    forget: tuple[int, ...] = ()
    closes: bool = False
    checked: bool = False
    seen: str = ""

    def sheet(self, language: Language) -> Sheet:
        """Return the answer in a language."""
        return next(each for each in self.sheets if each.language == language)

    @property
    def ruling(self) -> Ruling:
        """What goes with the decision."""
        judged = Judged(self.judged) if self.judged in set(Judged) else None
        return Ruling(judged=judged, reasons=self.reasons, note=self.note, alike=self.alike)


def blank(*sheets: Sheet) -> Filled:
    """Return a form in which some languages are filled in already."""
    given = {each.language: each for each in sheets}
    return Filled(sheets=tuple(given.get(language, Sheet(language=language)) for language in LANGUAGES))


def read_form(form: Form, fixed: Sheet | None = None) -> Filled:
    """Return the form as it was sent.

    Args:
        form: Its fields.
        fixed: The reply as it stands, if that is approved: its text and quotes count, not what was sent for them.
    """
    reasons, forget = _all(form, "reason"), _all(form, "forget")
    return Filled(
        sheets=tuple(_read_sheet(form, language, fixed) for language in LANGUAGES),
        judged=_one(form, "judged"),
        reasons=tuple(each for each in ReviewReason if each in reasons),
        note=_text(form, "note"),
        alike=_one(form, "alike") == "1",
        forget=tuple(int(each) for each in forget if each.isascii() and each.isdigit() and len(each) < 10),
        closes=_one(form, "closes") == "1",
        checked=_one(form, CHECKED) == "1",
        seen=_one(form, "seen"),
    )


def helped(desk: Desk, filled: Filled, form: Form) -> Filled:
    """Return the form after the button that helps to write: ``ru:find``, ``ru:look``, ``ru:cite``, ``ru:drop:2``."""
    name, _, deed = _one(form, "deed").partition(":")
    if name not in LANGUAGES:
        return filled
    sheet = filled.sheet(name)
    if not sheet.fixed:
        sheet = _helped(desk, sheet, deed, read_chosen(_raw(form, f"{name}-sentence")))
    return replace(filled, sheets=tuple(sheet if each.language == name else each for each in filled.sheets))


def read_versions(desk: Desk, filled: Filled, today: date) -> tuple[tuple[WrittenVersion, ...], tuple[Fault, ...]]:
    """Return the versions that were written, or what is wrong with them.

    Args:
        desk: Knows the sections.
        filled: The form.
        today: In UTC.
    """
    written = [sheet for sheet in filled.sheets if not sheet.is_blank]
    faults = [fault for sheet in written for fault in sheet_faults(desk, sheet, today)]
    if not written:
        faults.append(Fault(field_id(filled.sheets[0].language, "question"), "no_version"))
    if len(filled.note) > LONGEST_NOTE:
        faults.append(Fault("note", "note_long"))
    return (() if faults else tuple(version(desk, sheet) for sheet in written)), tuple(faults)


def version(desk: Desk, sheet: Sheet) -> WrittenVersion:
    """Return what a sheet without faults says."""
    citations = (bound(desk, mark, chosen) for mark, chosen in enumerate(sheet.quotes, start=1))
    return WrittenVersion(
        language=sheet.language,
        question=sheet.question,
        text=sheet.text,
        citations=tuple(filter(None, citations)),
        office=sheet.office,
        office_date=read_date(sheet.office_date),
        wordings=sheet.own_words,
    )


def sheet_faults(desk: Desk, sheet: Sheet, today: date) -> Iterator[Fault]:
    """Yield what is wrong with the answer in one language."""
    day = read_date(sheet.office_date)
    marks = tuple(range(1, len(sheet.quotes) + 1))
    if sheet.office_date and day is None:
        yield Fault(field_id(sheet.language, "office_date"), "date_bad")
    if day and day > today + _AHEAD:
        yield Fault(field_id(sheet.language, "office_date"), "date_ahead")
    for mark, chosen in enumerate(sheet.quotes, start=1):
        if bound(desk, mark, chosen) is None:
            yield Fault(field_id(sheet.language, f"quote-{mark}"), "quote_gone", mark)
    for flaw in flaws(sheet.question, sheet.text, marks, sheet.office, day, sheet.own_words):
        if not (flaw is Flaw.OFFICE_UNDATED and sheet.office_date):
            yield Fault(field_id(sheet.language, _FIELDS.get(flaw, "text")), flaw.value)


def field_id(language: str, name: str) -> str:
    """Return the id and name of a field of the answer in a language."""
    return f"{language}-{name}"


def read_date(text: str) -> date | None:
    """Return the day that was typed; None if it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _helped(desk: Desk, sheet: Sheet, deed: str, chosen: Chosen | None) -> Sheet:
    action, _, mark = deed.partition(":")
    if action == "find":
        return replace(sheet, found=found(desk, sheet.find or sheet.question, sheet.language))
    if action == "cite" and chosen and section(desk, chosen.section):
        mark = str(len(sheet.quotes) + 1)
        return replace(sheet, quotes=(*sheet.quotes, chosen), text=f"{sheet.text} [{mark}]".strip())
    if action == "drop" and mark.isascii() and mark.isdigit():
        return _without(sheet, int(mark[:3]))
    return sheet


def _without(sheet: Sheet, mark: int) -> Sheet:
    """Return the sheet without a quote: its mark leaves the text, and those after it count one less."""

    def renumbered(found: re.Match[str]) -> str:
        number = int(found[1])
        return "" if number == mark else f"[{number - 1}]" if number > mark else found[0]

    quotes = tuple(chosen for number, chosen in enumerate(sheet.quotes, start=1) if number != mark)
    if len(quotes) == len(sheet.quotes):
        return sheet
    return replace(sheet, quotes=quotes, text=MARK.sub(renumbered, sheet.text).strip())


def _read_sheet(form: Form, language: Language, fixed: Sheet | None) -> Sheet:
    def typed(name: str) -> str:
        return _text(form, field_id(language, name))

    sheet = Sheet(
        language=language,
        question=_one_line(typed("question")),
        text=typed("text"),
        office=_one_line(typed("office")),
        office_date=typed("office_date"),
        wordings=typed("wordings"),
        quotes=tuple(filter(None, map(read_chosen, _all(form, field_id(language, "quote"))))),
        find=_one_line(typed("find")),
        found=tuple(_all(form, field_id(language, "found"))),
        section=_one_line(typed("section_id")) or typed("section"),
    )
    if fixed is None or fixed.language != language:
        return sheet
    own = {name: getattr(fixed, name) for name in ("text", "quotes", "office", "office_date", "fixed")}
    return replace(sheet, **own)


def _one(form: Form, name: str) -> str:
    return _raw(form, name).strip()


def _raw(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else value[0] if value else ""


def _all(form: Form, name: str) -> Iterable[str]:
    value = form.get(name, ())
    return (value,) if isinstance(value, str) else tuple(value)


def _text(form: Form, name: str) -> str:
    """Return a text without what is no text, with the line breaks of everything else here."""
    return clean(_raw(form, name).replace("\r\n", "\n")).strip()


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
