"""The queries behind the coverage page; each counts in the database and reads an index or the rows of few items."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Label,
    Row,
    Text,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    select,
)

from assistant.knowledge.transliteration import fold
from assistant.records.covered import EXAMPLES, MOST_GROUPS, Asked, Example, Field, Group, SectionUse, Tally, Week, Work
from assistant.records.identifying import find, masked
from assistant.records.items import Decision, ItemState, ReviewReason, Why
from assistant.records.publishing import AnswerState
from assistant.records.schema import item, item_why, mentor, review, turn, turn_section, verified
from assistant.types import LANGUAGES, Language

_WEAK = (Why.ABSTAINED.value, Why.LOW_SUPPORT.value)
_VERIFIED = "verified"  # the composer of answers that mentors have checked
_NO_SECTION = ""  # what stands for the nearest section of questions that came near none
_AT_ONCE = 12  # questions read of a group to find ``EXAMPLES`` with different words
_HOUR = timedelta(hours=1)


def weeks(connection: Connection, since: datetime) -> tuple[Week, ...]:
    """Return the questions since a moment by week and language."""
    asked = _asked(connection, since, _day(connection, turn.c.created), func.coalesce(turn.c.language, ""))
    filed = _filed(connection, since, _day(connection, item_why.c.at), item.c.language)
    found: dict[tuple[date, str], Tally] = defaultdict(Tally)
    for (day, language), tally in (*asked, *filed):
        found[_monday(day), language] += tally
    return tuple(Week(*key, tally) for key, tally in sorted(found.items(), key=lambda pair: pair[0]))


def fields(connection: Connection, since: datetime) -> tuple[Field, ...]:
    """Return the questions since a moment by topic and country."""
    keys = tuple((func.coalesce(table.c.topic, ""), func.coalesce(table.c.country, "")) for table in (turn, item))
    found: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for (topic, country), tally in (*_asked(connection, since, *keys[0]), *_filed(connection, since, *keys[1])):
        found[topic, country] += tally
    return tuple(Field(*key, tally) for key, tally in sorted(found.items()))


def groups(connection: Connection, since: datetime) -> tuple[tuple[Group, ...], int]:
    """Return the largest groups of weak questions since a moment, and how many groups there are in all."""
    weak = _weak(since)
    key = (weak.c.key, weak.c.country, weak.c.topic)
    spoken = [_how_many(weak, weak.c.language == each).label(each) for each in LANGUAGES]
    query = select(
        *key, *spoken,
        func.count(distinct(weak.c.id)).label("count"),
        _how_many(weak, weak.c.why == Why.ABSTAINED.value).label("abstained"),
        _how_many(weak, weak.c.why == Why.LOW_SUPPORT.value).label("low"),
        _how_many(weak, weak.c.state == ItemState.OPEN.value).label("open"),
        func.min(weak.c.at).label("first"), func.max(weak.c.at).label("last"), func.max(weak.c.id).label("item"),
        func.count().over().label("groups"),
    ).group_by(*key).order_by(func.count(distinct(weak.c.id)).desc(), *key).limit(MOST_GROUPS)  # fmt: skip
    rows = connection.execute(query).all()
    examples = _examples(connection, weak, {row.key for row in rows})
    return tuple(_group(row, examples.get((row.key, row.country), ())) for row in rows), rows[0].groups if rows else 0


def asked(connection: Connection, since: datetime, id: int, most: int) -> Asked | None:
    """Return what was asked since a moment in the group of an item, at most so many; None if it is in none."""
    weak = _weak(since)
    row = connection.execute(select(weak.c.key, weak.c.country, weak.c.topic).where(weak.c.id == id)).first()
    if row is None:
        return None
    same = and_(weak.c.key == row.key, weak.c.country == row.country)
    newest = select(weak.c.id).distinct().where(same).order_by(weak.c.id.desc()).limit(most * 4)
    found = connection.execute(_questions(newest.subquery()))
    return Asked(_section(row), row.topic, row.country, _different(found, most))


def sections(connection: Connection, since: datetime) -> tuple[SectionUse, ...]:
    """Return the sections that replies have quoted since a moment, most used first."""
    used = (
        select(
            turn_section.c.section, func.count().label("used"),
            func.sum(case((turn_section.c.stale, 1), else_=0)).label("stale"),
            func.max(turn_section.c.at).label("latest"),
        ).where(turn_section.c.at >= since).group_by(turn_section.c.section)
    )  # fmt: skip
    disputed = _disputed(connection, since)
    found = (
        SectionUse(row.section, row.used, int(row.stale), disputed.get(row.section, 0), row.latest)
        for row in connection.execute(used)
    )
    return tuple(sorted(found, key=lambda each: (-each.used, each.section)))


def work(connection: Connection, since: datetime) -> Work:
    """Return what mentors have done since a moment."""
    opened = connection.scalar(select(func.count()).where(item.c.opened >= since)) or 0
    closed = select(item.c.state, func.count()).where(item.c.closed >= since).group_by(item.c.state)
    decided = select(review.c.decision, func.count()).where(review.c.at >= since).group_by(review.c.decision)
    states = select(verified.c.state, func.count()).group_by(verified.c.state)
    return Work(
        opened=opened,
        closed={ItemState(state): count for state, count in connection.execute(closed)},
        hours=_median_hours(connection, since),
        decisions={Decision(decision): count for decision, count in connection.execute(decided)},
        reasons=_reasons(connection, since),
        mentors=_by_mentor(connection, since),
        answers={AnswerState(state): count for state, count in connection.execute(states)},
    )


def _asked(connection: Connection, since: datetime, *keys: ColumnElement[Any]) -> list[tuple[Sequence[Any], Tally]]:
    """Return the questions since a moment by keys, with what became of them; only an index is read."""
    named = _named(keys)
    query = select(
        *named, func.count(), func.count(turn.c.composer), func.count(turn.c.reason),
        func.sum(case((turn.c.composer == _VERIFIED, 1), else_=0)),
    ).where(turn.c.created >= since).group_by(*named)  # fmt: skip
    return [(row[: len(keys)], Tally(*map(int, row[len(keys) :]))) for row in connection.execute(query)]


def _filed(connection: Connection, since: datetime, *keys: ColumnElement[Any]) -> list[tuple[Sequence[Any], Tally]]:
    """Return the answers with low support and the disliked replies since a moment by keys."""
    named = _named(keys)
    counted = (Why.LOW_SUPPORT.value, Why.THUMBS_DOWN.value)
    query = select(*named, *(func.sum(case((item_why.c.why == why, 1), else_=0)) for why in counted))
    query = query.join_from(item_why, item, item.c.id == item_why.c.item)
    query = query.where(item_why.c.why.in_(counted), item_why.c.at >= since).group_by(*named)
    return [(row[: len(keys)], Tally(low=int(row[-2]), disliked=int(row[-1]))) for row in connection.execute(query)]


def _named(keys: Iterable[ColumnElement[Any]]) -> list[Label[Any]]:
    """Return keys with names by which PostgreSQL sees that they are the ones grouped by."""
    return [key.label(f"key{number}") for number, key in enumerate(keys)]


def _day(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the day of a moment in UTC; the two databases say it differently."""
    utc = column if connection.dialect.name == "sqlite" else func.timezone("UTC", column)
    return func.date(utc)


def _monday(day: date | str) -> date:
    """Return the first day of the week of a day as a database gives it."""
    given = date.fromisoformat(day) if isinstance(day, str) else day
    return given - timedelta(days=given.weekday())


def _weak(since: datetime) -> CTE:
    """Return the items of questions not answered or with low support, once for each of these reasons.

    What they have in common is ``key``: section and country as in the queue, empty where no section came near.
    """
    key = case((item.c.topic.is_(None), literal(_NO_SECTION)), else_=item.c.alike).label("key")
    plain = [func.coalesce(column, "").label(column.name) for column in (item.c.country, item.c.topic)]
    query = select(key, *plain, item.c.id, item.c.language, item.c.state, item_why.c.why, item_why.c.at)
    query = query.join_from(item_why, item, item.c.id == item_why.c.item)
    return query.where(item_why.c.why.in_(_WEAK), item_why.c.at >= since).cte("weak")


def _how_many(weak: CTE, condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many items of a group fulfil a condition."""
    return func.count(distinct(case((condition, weak.c.id))))


def _group(row: Row[Any], examples: tuple[Example, ...]) -> Group:
    names = ("item", "topic", "country", "count", "abstained", "low", "open", "first", "last")
    languages: dict[Language, int] = {each: getattr(row, each) for each in LANGUAGES if getattr(row, each)}
    told = {name: getattr(row, name) for name in names}
    return Group(section=_section(row), languages=languages, examples=examples, **told)


def _section(row: Any) -> str:
    """Return the section of a key, behind which the country stands if one is known."""
    return str(row.key.removesuffix(f" {row.country}") if row.country else row.key)


def _examples(connection: Connection, weak: CTE, keys: set[str]) -> Mapping[tuple[str, str], tuple[Example, ...]]:
    """Return the newest questions of the groups with these keys, by key and country."""
    part = (weak.c.key, weak.c.country)
    order = func.row_number().over(partition_by=part, order_by=weak.c.id.desc()).label("place")
    ranked = select(*part, weak.c.id, order).where(weak.c.key.in_(keys)).subquery()
    newest = select(ranked).where(ranked.c.place <= _AT_ONCE).subquery()
    found: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(_questions(newest, newest.c.key, newest.c.country)):
        found[row.key, row.country].append(row)
    return {key: _different(rows, EXAMPLES) for key, rows in found.items()}


def _questions(chosen: Any, *more: ColumnElement[Any]) -> Any:
    """Return the query for the questions of chosen items, newest first."""
    is_it = (turn.c.conversation == item.c.conversation) & (turn.c.number == item.c.turn)
    query = select(item.c.id, item.c.language, turn.c.question, *more)
    return query.join_from(chosen, item, item.c.id == chosen.c.id).join(turn, is_it).order_by(item.c.id.desc())


def _different(rows: Iterable[Row[Any]], most: int) -> tuple[Example, ...]:
    """Return at most so many questions of which no two have the same words, masked, each in one line."""
    found: dict[str, Example] = {}
    for row in rows:
        if len(found) == most:
            break
        text = " ".join(masked(row.question, find(row.question, row.language)).split())
        if text:
            found.setdefault(fold(text) or text, Example(row.id, row.language, text))
    return tuple(found.values())


def _disputed(connection: Connection, since: datetime) -> dict[str, int]:
    """Return how many replies that got a thumbs down quote each section."""
    is_it = (turn_section.c.conversation == item.c.conversation) & (turn_section.c.turn == item.c.turn)
    query = select(turn_section.c.section, func.count()).select_from(item_why)
    query = query.join(item, item.c.id == item_why.c.item).join(turn_section, is_it)
    query = query.where(item_why.c.why == Why.THUMBS_DOWN.value, turn_section.c.at >= since)
    return dict(connection.execute(query.group_by(turn_section.c.section)).all())


def _median_hours(connection: Connection, since: datetime) -> float | None:
    """Return the median time from opening to closing in hours; the databases share no function for it."""
    query = select(item.c.opened, item.c.closed).where(item.c.closed >= since)
    spans = [(row.closed - row.opened) / _HOUR for row in connection.execute(query)]
    return statistics.median(spans) if spans else None


def _reasons(connection: Connection, since: datetime) -> Mapping[ReviewReason, int]:
    """Return how often each reason was given; equal lists of reasons are counted by the database."""
    given = cast(review.c.reasons, Text).label("given")
    query = select(given, func.count()).where(review.c.at >= since).group_by(given)
    found: Counter[ReviewReason] = Counter()
    for reasons, count in connection.execute(query):
        for reason in set(json.loads(reasons)):
            found[ReviewReason(reason)] += count
    return {reason: found[reason] for reason in ReviewReason if reason in found}


def _by_mentor(connection: Connection, since: datetime) -> tuple[tuple[str, int], ...]:
    query = select(mentor.c.name, mentor.c.login, func.count().label("reviews"))
    query = query.join_from(review, mentor, mentor.c.id == review.c.mentor).where(review.c.at >= since)
    rows = connection.execute(query.group_by(mentor.c.id, mentor.c.name, mentor.c.login)).all()
    return tuple((f"{row.name} ({row.login})", row.reviews) for row in sorted(rows, key=lambda row: (-row[2], row[0])))
