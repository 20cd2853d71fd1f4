"""The plan as a calendar file (RFC 5545) that phones and mail programs take in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event
from icalendar.enums import TRANSP

from assistant.preparation.plan import Plan, PlannedStep
from assistant.preparation.plan_text import phase_name, plan_note, plan_title, section_address
from assistant.types import Language

PRODUCT = "predeparture-assistant"

REMINDER = timedelta(hours=9) - timedelta(days=3)
"""Counted from the midnight with which the day begins: three days before, at nine and not in the night."""


def calendar(plan: Plan, language: Language, *, address: str, now: datetime) -> bytes:
    """Return the open steps of a plan as all-day events, in UTF-8, with CRLF, folded at 75 octets.

    An event keeps its UID as long as step and departure are the same, so that a file taken in again updates it.
    Without a departure there is no event.

    Args:
        plan: The plan.
        language: Language of the texts.
        address: Base address of the pages (``https://host``), for the links.
        now: When the file is made, with its time zone.
    """
    made = Calendar.new(
        prodid=f"-//{PRODUCT}//plan//{language.upper()}",
        name=plan_title(language),
        uid=_uid("plan", plan.departure),
        subcomponents=[
            _event(each, each.due, language, address=address, uid=_uid(each.step.id, plan.departure), now=now)
            for each in plan.steps
            if each.due and not each.done
        ],
    )
    made.add("DESCRIPTION", plan_note(language))
    return bytes(made.to_ical())


def _event(planned: PlannedStep, due: date, language: Language, *, address: str, uid: str, now: datetime) -> Event:
    title, why = planned.step.title[language], planned.step.why[language]
    link = section_address(planned.section, language, address) if planned.section else None
    event = Event.new(
        uid=uid,
        stamp=now.astimezone(UTC),
        start=due,
        summary=title,
        description=f"{why}\n{link}" if link else why,
        url=link,
        categories=[phase_name(planned.step.phase, language)],
        transparency=TRANSP.TRANSPARENT,
        subcomponents=[Alarm.new_display(description=title, trigger=REMINDER)],
    )
    for name in ("SUMMARY", "DESCRIPTION", "CATEGORIES"):
        event[name].params["LANGUAGE"] = language
    return event


def _uid(name: str, departure: date | None) -> str:
    return f"{name}-{departure}@{PRODUCT}"
