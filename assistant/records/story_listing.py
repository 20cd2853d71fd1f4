"""What the records hold of stories and lessons, read for mentors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from assistant.knowledge.published import ToldStory
from assistant.records.anonymity import FEWEST, Place, Stay, shared, stay
from assistant.records.items import Holder
from assistant.records.messages import messages_of, rejection_of
from assistant.records.schema import item, lesson, mentor, message, rejection, submission
from assistant.records.store import Stored
from assistant.records.stories import Lesson, Story, StoryRow, StoryState
from assistant.records.submissions import Experience, SubmissionKind
from assistant.records.submitted import stored_in
from assistant.records.telling import told_story


def rows(connection: Connection) -> tuple[StoryRow, ...]:
    """Return every story, oldest first; damaged ones are left out."""
    stored = _stored(connection)
    lessons = {row["submission"]: read_lesson(row) for row in connection.execute(select(lesson)).mappings()}
    rejected: dict[str, datetime] = dict(connection.execute(select(rejection.c.submission, rejection.c.at)).all())
    newest = select(func.max(message.c.id)).group_by(message.c.submission)
    said = select(message.c.submission, message.c.mentor).where(message.c.id.in_(newest))
    asked = {row.submission: row.mentor is not None for row in connection.execute(said)}
    sharing = {place: Counter(stay(told).at(place) for _, told in stored) for place in Place}
    return tuple(
        StoryRow(
            id=each.id,
            received=each.received,
            language=told.language,
            country=told.country,
            host_institution=told.host_institution,
            year=told.year,
            **_became(each, lessons.get(each.id), rejected.get(each.id)),
            answered=asked.get(each.id) is False,
            asked=asked.get(each.id, False),
            exposed=_exposed(stay(told), lessons.get(each.id), sharing),
        )
        for each, told in stored
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
        shared=shared(stay(stored.submission), [stay(told) for _, told in _stored(connection)]),
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


def _stored(connection: Connection) -> list[tuple[Stored, Experience]]:
    """Return all stories that are not withdrawn, oldest first."""
    query = select(submission).where(submission.c.kind == SubmissionKind.EXPERIENCE.value)
    found = connection.execute(query.order_by(submission.c.received, submission.c.code)).mappings()
    stored = filter(None, map(stored_in, found))
    return [(each, each.submission) for each in stored if isinstance(each.submission, Experience)]


def _became(stored: Stored, made: Lesson | None, rejected: datetime | None) -> dict[str, Any]:
    if made:
        return {"state": StoryState.PUBLISHED, "since": made.published}
    if rejected:
        return {"state": StoryState.REJECTED, "since": rejected}
    return {"state": StoryState.WAITING, "since": stored.received}


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
