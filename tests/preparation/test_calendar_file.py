"""The calendar file: what two independent readers find in it, and its lines, octet by octet."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from plan_fakes import DEPARTURE, plan, shipped_steps, step

from assistant.preparation.calendar_file import calendar
from assistant.preparation.plan import Plan
from assistant.preparation.plan_text import phase_name, plan_title
from assistant.preparation.profile import Profile
from assistant.types import LANGUAGES, Language

ADDRESS = "https://host"
NOW = datetime(2026, 11, 22, 12, 30, tzinfo=timezone(timedelta(hours=5)))
HARD = "Құжат, виза; «ақша»: жол\nекінші жол, " + "ұзақ атау " * 20 + "соңы"

# What a YAML file can hold: no control characters. A backslash is left out because the reader of icalendar, not its
# writer, takes an escaped one before "n" for a line break.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\\") | st.just("\n"),
    min_size=1,
    max_size=200,
).filter(str.strip)


def written(made: Plan, language: Language = "kk", now: datetime = NOW) -> bytes:
    """Return the calendar file of a plan."""
    return calendar(made, language, address=ADDRESS, now=now)


def lines(raw: bytes) -> list[str]:
    """Return the unfolded lines of a file, after checking each of its octets' places.

    Every line ends in CRLF and no CR or LF stands elsewhere; a line has at most 75 octets without its end; each
    line by itself is UTF-8, so that no fold parts a character; unfolded lines are name, parameters and value.
    """
    assert raw.endswith(b"\r\n")
    folded = raw.removesuffix(b"\r\n").split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in folded)
    assert max(map(len, folded)) <= 75
    unfolded: list[str] = []
    for line in folded:
        text = line.decode("utf-8", errors="strict")
        if text.startswith(" "):
            unfolded[-1] += text[1:]
        else:
            unfolded.append(text)
    assert all(re.match(r"[A-Z-]+(;[A-Z]+=[A-Za-z-]+)*:", line) for line in unfolded)
    return unfolded


def events(raw: bytes) -> list[dict[str, Any]]:
    """Return the events of a file as icalendar reads them."""
    return [
        {
            "uid": str(event["UID"]),
            "day": event.start,
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "categories": [str(each) for each in event["CATEGORIES"].cats],
            "url": str(event["URL"]) if "URL" in event else None,
            "transparent": str(event["TRANSP"]),
            "reminder": event.walk("VALARM")[0]["TRIGGER"].dt,
        }
        for event in Calendar.from_ical(raw).walk("VEVENT")
    ]


def events_by_vobject(raw: bytes) -> list[dict[str, Any]]:
    """Return the events of a file as vobject, which shares no code with icalendar, reads them."""
    read = vobject.readOne(raw.decode())
    assert read.validate()
    return [
        {
            "uid": event.uid.value,
            "day": event.dtstart.value,
            "summary": event.summary.value,
            "description": event.description.value,
            "categories": event.categories.value,
            "url": event.url.value if hasattr(event, "url") else None,
            "transparent": event.transp.value,
            "reminder": event.valarm.trigger.value,
        }
        for event in read.contents.get("vevent", [])
    ]


def test_an_event_says_what_when_and_where_to_read() -> None:
    """Title, day, reason with link, phase in words, no busy time, and a reminder three days before."""
    made = plan(step("visa", "arrange", title="Виза", why="Күту бар.", due={"months_before": 4}))
    link = "https://host/kk/library/regulations/rules#gpa"
    assert events(written(made)) == [
        {
            "uid": "visa-2027-09-01@predeparture-assistant",
            "day": date(2027, 5, 1),
            "summary": "Виза",
            "description": f"Күту бар.\n{link}",
            "categories": [phase_name(made.steps[0].step.phase, "kk")],
            "url": link,
            "transparent": "TRANSPARENT",
            "reminder": timedelta(hours=9) - timedelta(days=3),
        }
    ]


def test_the_file_is_rfc_5545() -> None:
    """The head names version, product and calendar; stamps are in UTC; texts name their language; days are days."""
    found = lines(written(plan(step("a", title=HARD))))
    assert found[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert found[-1] == "END:VCALENDAR"
    assert "PRODID:-//predeparture-assistant//plan//KK" in found
    assert f"X-WR-CALNAME:{plan_title('kk')}" in found
    assert "DTSTAMP:20261122T073000Z" in found
    assert "DTSTART;VALUE=DATE:20261101" in found
    assert "ACTION:DISPLAY" in found
    summary = next(line for line in found if line.startswith("SUMMARY"))
    escaped = HARD.replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")
    assert summary == f"SUMMARY;LANGUAGE=kk:{escaped}"


def test_done_steps_and_steps_without_a_day_are_no_events() -> None:
    """Only what is still to do on a known day goes into a calendar."""
    made = plan(step("done"), step("open"), done=frozenset({"done"}))
    assert [each["uid"] for each in events(written(made))] == ["open-2027-09-01@predeparture-assistant"]
    unknown = written(plan(step("open"), profile=Profile()))
    assert lines(unknown)
    assert events(unknown) == []


def test_a_step_without_a_section_has_no_link() -> None:
    """While the destination has no guide, the reason stands alone."""
    made = plan(step("visa", section="host_guides/{destination}#visa"))
    (event,) = events(written(made))
    assert (event["url"], event["description"]) == (None, "It helps.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_readers_find_the_shipped_plan(language: Language) -> None:
    """Both find each open step, with its own day, title and reason."""
    made = plan(*shipped_steps(), profile=Profile(departure=DEPARTURE, destination="PL", programme="mevlana"))
    raw = written(made, language)
    lines(raw)
    found = events(raw)
    assert found == events_by_vobject(raw)
    assert [(each["day"], each["summary"]) for each in found] == [(s.due, s.step.title[language]) for s in made.steps]
    assert all(each["description"].startswith(s.step.why[language]) for each, s in zip(found, made.steps, strict=True))
    assert len({each["uid"] for each in found}) == len(found) > 60


@given(title=WORDS, why=WORDS)
def test_any_text_comes_back_unchanged(title: str, why: str) -> None:
    """Commas, semicolons, line breaks and any script survive both readers, and no line is too long."""
    made = plan(step("a", title=title, why=why))
    raw = written(made)
    lines(raw)
    kept = made.steps[0].step
    for (event,) in (events(raw), events_by_vobject(raw)):
        assert event["summary"] == kept.title["kk"]
        assert event["description"].startswith(f"{kept.why['kk']}\nhttps://host/")


def test_a_file_taken_in_again_updates_its_events() -> None:
    """UIDs do not depend on the moment, the language or what is done, but do on the departure."""
    steps = shipped_steps()
    profile = Profile(departure=DEPARTURE)
    first = {each["uid"] for each in events(written(plan(*steps, profile=profile)))}
    again = written(plan(*steps, profile=profile, done=frozenset({steps[0].id})), "ru", NOW.astimezone(UTC))
    other = written(plan(*steps, profile=Profile(departure=date(2027, 2, 1))))
    assert {each["uid"] for each in events(again)} < first
    assert not {each["uid"] for each in events(other)} & first


def test_the_same_plan_makes_the_same_file() -> None:
    """Nothing random is in it."""
    made = plan(*shipped_steps())
    assert written(made) == written(made)
