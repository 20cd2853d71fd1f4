"""What the records hold of stories and lessons, read for mentors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from assistant.knowledge.published import ToldStory
from assistant.records.anonymity import FEWEST, Place, Stay, shared, stay, stay_of
from assistant.records.items import Holder
from assistant.records.messages import messages_of, rejection_of
from assistant.records.schema import item, lesson, mentor, message, rejection, submission
from assistant.records.stories import Lesson, Story, StoryRow, StoryState
from assistant.records.submissions import Experience, SubmissionKind
from assistant.records.submitted import stored_in
from assistant.records.telling import told_story

_CONTENT = submission.c.content
_NAMES = ("language", "country", "host_institution", "year")
_STAYS = (
    select(
        submission.c.code.label("id"),
        submission.c.received,
        *(_CONTENT[name].as_string().label(name) for name in (*_NAMES, "programme")),
    )
    .where(submission.c.kind == SubmissionKind.EXPERIENCE.value)
    .order_by(submission.c.received, submission.c.code)
)
"""Where and when all stays were, without the stories: thousands of them are compared for each decision."""


def rows(connection: Connection) -> tuple[StoryRow, ...]:
    """Return every story, oldest first; damaged ones are left out."""
    found = _stays(connection)
    lessons = {row["submission"]: read_lesson(row) for row in connection.execute(select(lesson)).mappings()}
    rejected: dict[str, datetime] = dict(connection.execute(select(rejection.c.submission, rejection.c.at)).all())
    newest = select(func.max(message.c.id)).group_by(message.c.submission)
    said = select(message.c.submission, message.c.mentor).where(message.c.id.in_(newest))
    asked = {row.submission: row.mentor is not None for row in connection.execute(said)}
    sharing = {place: Counter(own.at(place) for _, own in found) for place in Place}
    return tuple(
        StoryRow(
            id=row["id"],
            received=row["received"],
            language=row["language"],
            country=row["country"],
            host_institution=row["host_institution"],
            year=own.year,
            **_became(row, lessons.get(row["id"]), rejected.get(row["id"])),
            answered=asked.get(row["id"]) is False,
            asked=asked.get(row["id"], False),
            exposed=_exposed(own, lessons.get(row["id"]), sharing),
        )
        for row, own in found
    )


def read(connection: Connection, story: str, now: datetime) -> Story | None:
    """Return a story with everything about it; None if there is none, or it is damaged."""
    is_it = submission.c.code == story, submission.c.kind == SubmissionKind.EXPERIENCE.value
    row = connection.execute(select(submission).where(*is_it)).mappings().first()
    stored = stored_in(row) if row else None
    if stored is None or not isinstance(stored.submission, Experience):
        return None
    made = connection.execute(select(lesson).where(lesson.c.submission == story)).mappings().first()
    number, holder = _item(connection, story, now)
    return Story(
        id=story,
        received=stored.received,
        masked=stored.masked,
        told=stored.submission,
        shared=shared(stay(stored.submission), [own for _, own in _stays(connection)]),
        lesson=read_lesson(made) if made else None,
        rejection=rejection_of(connection, story),
        messages=messages_of(connection, story),
        item=number,
        holder=holder,
    )


def _item(connection: Connection, story: str, now: datetime) -> tuple[int | None, Holder | None]:
    columns = (item.c.id, item.c.claimed_by, item.c.claimed_until, mentor.c.name)
    query = select(*columns).outerjoin(mentor, mentor.c.id == item.c.claimed_by).where(item.c.submission == story)
    row = connection.execute(query).first()
    if row is None:
        return None, None
    is_held = row.claimed_by and row.claimed_until > now
    return row.id, Holder(row.claimed_by, row.name, row.claimed_until) if is_held else None


def _stays(connection: Connection) -> list[tuple[RowMapping, Stay]]:
    """Return all stories that are not withdrawn, oldest first, each with where and when it was."""
    found = connection.execute(_STAYS).mappings()
    whole = [row for row in found if all(row[name] for name in _NAMES) and str(row["year"]).isdecimal()]
    return [
        (row, stay_of(row["country"], row["host_institution"], int(row["year"]), row["programme"] or ""))
        for row in whole
    ]


def _became(row: RowMapping, made: Lesson | None, rejected: datetime | None) -> dict[str, Any]:
    if made:
        return {"state": StoryState.PUBLISHED, "since": made.published}
    if rejected:
        return {"state": StoryState.REJECTED, "since": rejected}
    return {"state": StoryState.WAITING, "since": row["received"]}


def _exposed(own: Stay, made: Lesson | None, sharing: Mapping[Place, Mapping[tuple[object, ...], int]]) -> int | None:
    """Return how many people share what a lesson tells, if that were enough when it was published and is not now."""
    if made is None or made.place is Place.NONE:
        return None
    people = sharing[made.place][own.at(made.place)]
    return people if people < FEWEST <= made.alike else None


def read_lesson(row: RowMapping) -> Lesson:
    """Return a lesson from a row."""
    fields = {name: row[name] for name in Lesson.__dataclass_fields__}
    return Lesson(**fields | {"place": Place(row["place"])})


def told(of: Lesson) -> ToldStory:
    """Return a lesson as the index holds it."""
    return told_story(of.id, of.language, of.place, of.content, of.published.date())
