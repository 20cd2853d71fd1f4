"""Which items the mentors' queue shows: pages by place and never by number, counts, and what is behind one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    asc,
    desc,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from assistant.knowledge.transliteration import fold
from assistant.records.columns import UtcTime
from assistant.records.conversations import recorded
from assistant.records.items import (
    AROUND,
    OTHERS,
    Counts,
    Decision,
    Event,
    Holder,
    Item,
    ItemPage,
    ItemRow,
    ItemState,
    Place,
    Review,
    ReviewReason,
    Stage,
    Wanted,
    Why,
)
from assistant.records.ports import RecordedTurn, TurnKey
from assistant.records.schema import item, item_event, item_why, mentor, review, submission, turn, verified_version
from assistant.records.store import Stored
from assistant.records.submissions import LONGEST_TEXT
from assistant.records.submitted import stored_in

MOST_ROWS = 200
_IS_OPEN = item.c.state == ItemState.OPEN.value
_ORDER_OF_WHYS = {why.value: place for place, why in enumerate(Why)}


def page(connection: Connection, wanted: Wanted, now: datetime, after: Place | None, limit: int) -> ItemPage:
    """Return at most ``limit`` rows that are wanted, from the place ``after`` on."""
    most = max(1, min(limit, MOST_ROWS))
    query = select(item).where(*_conditions(wanted, now))
    if after is not None:
        place = tuple_(item.c.opened, item.c.id)
        there = tuple_(literal(after.opened, UtcTime), literal(after.id))
        query = query.where(place < there if wanted.newest else place > there)
    ordered = [desc if wanted.newest else asc] * 2
    query = query.order_by(*(way(column) for way, column in zip(ordered, (item.c.opened, item.c.id), strict=True)))
    found = rows(connection, query.limit(most + 1), now)
    return ItemPage(found[:most], found[most - 1].place if len(found) > most else None)


def rows(connection: Connection, query: Select[Any], now: datetime) -> tuple[ItemRow, ...]:
    """Return the items that a query selects, in its order, with what lies beside them."""
    found = connection.execute(query).mappings().all()
    if not found:
        return ()
    ids = [row["id"] for row in found]
    beside = {row["id"]: row for row in connection.execute(_BESIDE.where(item.c.id.in_(ids))).mappings()}
    whys, sizes = _whys(connection, ids), _sizes(connection, {row["alike"] for row in found})
    return tuple(_row({**row, **beside[row["id"]]}, whys[row["id"]], sizes.get(row["alike"], 0), now) for row in found)


def counts(connection: Connection, now: datetime) -> Counts:
    """Return how many items there are by stage, and of the open ones by reason and country."""
    by_state: dict[str, int] = dict(connection.execute(select(item.c.state, func.count()).group_by(item.c.state)).all())
    in_review = connection.scalar(select(func.count()).where(*_held(now))) or 0
    by_why = select(item_why.c.why, func.count()).where(item_why.c.open).group_by(item_why.c.why)
    by_country = select(item.c.country, func.count()).where(_IS_OPEN, item.c.country.is_not(None))
    return Counts(
        stages={each: in_review if each is Stage.IN_REVIEW else by_state.get(each.value, 0) for each in Stage},
        whys={Why(why): count for why, count in connection.execute(by_why)},
        countries=dict(connection.execute(by_country.group_by(item.c.country)).all()),
    )


def read(connection: Connection, id: int, now: datetime) -> Item | None:
    """Return everything about an item; None if there is none."""
    found = rows(connection, select(item).where(item.c.id == id), now)
    if not found:
        return None
    row = found[0]
    around = _around(connection, row.turn)
    return Item(
        row=row,
        turn=next((each for each in around if row.turn and each.number == row.turn.number), None),
        around=around,
        turns=_turns(connection, row.turn),
        sent=_sent(connection, row),
        history=_history(connection, id),
        reviews=_reviews(connection, id),
        others=_others(connection, id, now),
    )


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found = list(_staged(wanted.stage, now))
    plain = {item.c.language: wanted.language, item.c.topic: wanted.topic, item.c.country: wanted.country}
    found += [column == value for column, value in plain.items() if value]
    if wanted.why:
        found.append(select(item_why.c.item).where(item_why.c.item == item.c.id, item_why.c.why == wanted.why).exists())
    if wanted.alike is not None:
        found.append(item.c.alike == alike_of(wanted.alike))
    if wanted.mine:
        found += [*_held(now), item.c.claimed_by == wanted.mine]
    if wanted.words.strip():
        folded = fold(wanted.words[:LONGEST_TEXT])
        found.append(item.c.asked.contains(folded, autoescape=True) if folded else false())
    if wanted.is_folded:
        found.append(~_comes_before(wanted).exists())
    return found


def _comes_before(wanted: Wanted) -> Select[Any]:
    """Return the query for an item about the same, as far as this one, that comes before it; an index answers it."""
    other = item.alias("earlier")
    theirs, its = tuple_(other.c.opened, other.c.id), tuple_(item.c.opened, item.c.id)
    is_alike = other.c.alike == item.c.alike, other.c.state == item.c.state
    return select(other.c.id).where(*is_alike, theirs > its if wanted.newest else theirs < its)


def alike_of(id: int) -> Any:
    """Return the query for what an item has in common with those about the same."""
    other = item.alias("other")
    return select(other.c.alike).where(other.c.id == id).scalar_subquery()


def _staged(stage: Stage | None, now: datetime) -> Sequence[ColumnElement[bool]]:
    if stage is None:
        return ()
    return _held(now) if stage is Stage.IN_REVIEW else (item.c.state == stage.value,)


def _held(now: datetime) -> Sequence[ColumnElement[bool]]:
    """Return what holds of an item that somebody has in review; closing it ends the claim."""
    return (item.c.claimed_until > now,)


_CONTENT = submission.c.content
_BESIDE = select(
    item.c.id,
    mentor.c.name.label("holder"),
    func.coalesce(
        turn.c.question,
        _CONTENT["question"].as_string(),
        verified_version.c.question,
        _CONTENT["host_institution"].as_string(),
        "",
    ).label("question"),
).select_from(
    item.outerjoin(mentor, mentor.c.id == item.c.claimed_by)
    .outerjoin(turn, (turn.c.conversation == item.c.conversation) & (turn.c.number == item.c.turn))
    .outerjoin(submission, submission.c.code == item.c.submission)
    .outerjoin(
        verified_version,
        (verified_version.c.answer == item.c.answer) & (verified_version.c.language == item.c.language),
    )
)


def _whys(connection: Connection, ids: Sequence[int]) -> dict[int, list[Why]]:
    found: dict[int, list[Why]] = {each: [] for each in ids}
    query = select(item_why.c.item, item_why.c.why).where(item_why.c.item.in_(ids))
    for each, why in sorted(connection.execute(query), key=lambda pair: _ORDER_OF_WHYS[pair[1]]):
        found[each].append(Why(why))
    return found


def _sizes(connection: Connection, alike: set[str]) -> dict[str, int]:
    query = select(item.c.alike, func.count()).where(item.c.alike.in_(alike), _IS_OPEN).group_by(item.c.alike)
    return dict(connection.execute(query).all())


def _row(row: Mapping[str, Any], whys: Sequence[Why], alike: int, now: datetime) -> ItemRow:
    held = row["state"] == ItemState.OPEN and row["claimed_by"] and row["claimed_until"] > now
    return ItemRow(
        id=row["id"],
        state=ItemState(row["state"]),
        whys=tuple(whys),
        opened=row["opened"],
        closed=row["closed"],
        language=row["language"],
        country=row["country"] or "",
        topic=row["topic"] or "",
        question=row["question"],
        alike=alike,
        holder=Holder(row["claimed_by"], row["holder"], row["claimed_until"]) if held else None,
        turn=TurnKey(row["conversation"], row["turn"]) if row["conversation"] else None,
        submission=row["submission"] or "",
        answer=row["answer"] or "",
    )


def _around(connection: Connection, key: TurnKey | None) -> tuple[RecordedTurn, ...]:
    if key is None:
        return ()
    near = turn.c.number.between(key.number - AROUND, key.number + AROUND)
    query = select(turn).where(turn.c.conversation == key.conversation, near).order_by(turn.c.number)
    return tuple(map(recorded, connection.execute(query).mappings()))


def _turns(connection: Connection, key: TurnKey | None) -> int:
    if key is None:
        return 0
    return connection.scalar(select(func.count()).where(turn.c.conversation == key.conversation)) or 0


def _sent(connection: Connection, row: ItemRow) -> tuple[Stored, ...]:
    """Return what was sent about an item, damaged rows left out."""
    about = [submission.c.code == row.submission]
    if row.turn:
        about = [(submission.c.conversation == row.turn.conversation) & (submission.c.turn == row.turn.number)]
    query = select(submission).where(or_(*about)).order_by(submission.c.received, submission.c.code)
    return tuple(filter(None, map(stored_in, connection.execute(query).mappings())))


def _history(connection: Connection, id: int) -> tuple[Event, ...]:
    query = select(item_event, func.coalesce(mentor.c.name, "").label("name"))
    query = query.outerjoin(mentor, mentor.c.id == item_event.c.actor).where(item_event.c.item == id)
    names = ("number", "at", "actor", "name", "action", "details")
    found = connection.execute(query.order_by(item_event.c.number)).mappings()
    return tuple(Event(**{name: row[name] for name in names}) for row in found)


def _reviews(connection: Connection, id: int) -> tuple[Review, ...]:
    query = select(review, mentor.c.name).join(mentor, mentor.c.id == review.c.mentor).where(review.c.item == id)
    return tuple(map(_review, connection.execute(query.order_by(review.c.id)).mappings()))


def _review(row: RowMapping) -> Review:
    return Review(
        id=row["id"],
        mentor=row["mentor"],
        name=row["name"],
        at=row["at"],
        decision=Decision(row["decision"]),
        reasons=tuple(map(ReviewReason, row["reasons"])),
        note=row["note"],
        answer=row["answer"] or "",
    )


def _others(connection: Connection, id: int, now: datetime) -> tuple[ItemRow, ...]:
    found: tuple[ItemRow, ...] = ()
    for state in ItemState:  # one by one, each in the order of an index, however large the group is
        query = select(item).where(item.c.alike == alike_of(id), item.c.state == state.value, item.c.id != id)
        newest = query.order_by(desc(item.c.opened), desc(item.c.id))
        found += rows(connection, newest.limit(OTHERS - len(found)), now)
    return found
