"""How fast the mentors' queue opens when it is full, as ratios to the same when it is empty or holds one page.

Run by hand: ``PYTHONPATH=.:tests:tests/web python tests/records/queue_bench.py [items [conversations]]``, for PostgreSQL
with the addresses of three empty databases after these. Filling writes rows in bulk; what is timed is what the desk calls, and its pages' whole HTML
through the application. Calls alternate between the three databases; median and 95th percentile of each are told.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desk_pages import desk_on, signed_in
from fastapi import FastAPI
from records_bench import fill
from sqlalchemy import insert, select, text
from starlette.testclient import TestClient

from assistant.knowledge.transliteration import fold
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.items import Stage, Wanted, Why
from assistant.records.queue import CLAIM, Queue
from assistant.records.schema import item, item_event, item_why, mentor, turn
from assistant.web.desk.queue_view import address, item_address
from assistant.web.desk.routes import add_desk

CALLS = 60
WORDS = "виза паспорт грант стипендия жатақхана сақтандыру visa credits transcript language budget insurance".split()
COUNTRIES = ("PL", "TR", "KR", "DE", None, None)
TOPICS = ("regulation", "host_guide", "adaptation", None)
_WHYS = [why for why in Why if why is not Why.EXPERIENCE]


@dataclass(frozen=True, slots=True)
class Place:
    """A database with its queue and a mentor who has signed in."""

    database: Database
    queue: Queue
    client: TestClient
    some: int
    mentor: str


def fill_queue(database: Database, count: int, chance: random.Random) -> None:
    """File so many items, each about a turn of its own, half as many closed ones, and 20 that a mentor holds."""
    now = datetime.now(UTC)
    with database.reading() as connection:
        keys = connection.execute(
            select(turn.c.conversation, turn.c.number, turn.c.created).limit(count * 3 // 2)
        ).all()
        holder = connection.scalar(select(mentor.c.id).limit(1))
    rows, whys, events = [], [], []
    for number, key in enumerate(keys, start=1):
        closed = number > count
        group = int(chance.paretovariate(0.6)) % 3_000
        rows.append({
            "id": number, "state": "resolved" if closed else "open", "opened": key.created, "language": chance.choice(("en", "ru", "kk")),
            "country": chance.choice(COUNTRIES), "topic": chance.choice(TOPICS), "alike": f"host_guides/a{group}#visa",
            "asked": fold(" ".join(chance.choices(WORDS, k=8))), "conversation": key.conversation, "turn": key.number,
            "claimed_by": holder if number <= 20 and count > 100 else None,
            "claimed_until": now + CLAIM if number <= 20 and count > 100 else None, "closed": now if closed else None,
        })  # fmt: skip
        whys += [
            {"item": number, "why": why.value, "at": key.created, "open": not closed}
            for why in chance.sample(_WHYS, chance.randint(1, 2))
        ]
        events.append(
            {"item": number, "number": 1, "at": key.created, "actor": "program", "action": "opened", "details": {}}
        )
    with database.writing() as connection:
        for table, made in ((item, rows), (item_why, whys), (item_event, events)):
            if made:
                connection.execute(insert(table), made)
        # PostgreSQL counts its rows by itself after a while; SQLite never does, so what it plans by is taken from it.
        connection.execute(text("DELETE FROM sqlite_stat1" if database.path else "ANALYZE"))
    database.close()


def opened(database: Database, items: int, conversations: int) -> Place:
    """Return a filled database with its desk."""
    desk = desk_on(database)
    fill(database, conversations)
    fill_queue(database, items, random.Random(0))
    app = FastAPI()
    add_desk(app, desk)
    own = next(each.id for each in desk.mentors.all())
    return Place(database, desk.queue, signed_in(app), max(1, items // 2), own)


def calls_of(place: Place) -> dict[str, Callable[[], object]]:
    """Return what is timed, by name."""
    queue, client = place.queue, place.client
    first = queue.page(Wanted(), limit=50)
    later = first.next
    middle = item_address("kk", place.some)
    return {
        "page: open, oldest first": lambda: queue.page(Wanted()),
        "page: open, one of each group": lambda: queue.page(Wanted(folded=True)),
        "page: the second": lambda: queue.page(Wanted(), later),
        "page: all, newest first": lambda: queue.page(Wanted(stage=None, newest=True)),
        "page: why and country": lambda: queue.page(Wanted(why=Why.SAMPLE, country="PL")),
        "page: language and topic": lambda: queue.page(Wanted(language="kk", topic="regulation")),
        "page: words": lambda: queue.page(Wanted(words="insurance виза")),
        "page: words, no match": lambda: queue.page(Wanted(words="nothing is called so")),
        "page: alike": lambda: queue.page(Wanted(alike=place.some)),
        "page: in review": lambda: queue.page(Wanted(stage=Stage.IN_REVIEW)),
        "page: mine": lambda: queue.page(Wanted(mine=place.mentor)),
        "counts": queue.counts,
        "item": lambda: queue.item(place.some),
        "claim": lambda: queue.claim(place.some, place.mentor),
        "release": lambda: queue.release(place.some, place.mentor),
        "HTML: list": lambda: client.get(address("kk", Wanted(folded=True))).raise_for_status(),
        "HTML: list, by why": lambda: client.get(address("kk", Wanted(why=Why.ABSTAINED))).raise_for_status(),
        "HTML: item": lambda: client.get(middle),
    }


def compare(places: Sequence[Place]) -> Iterator[str]:
    """Yield a line per call: 95th percentiles, and their ratios to the first and second database; then the medians' ratio."""
    calls = [calls_of(place) for place in places]
    yield f"{'p95 in ms':26} {'empty':>8} {'one page':>8} {'full':>8} {'/ empty':>8} {'/ page':>8}   medians: / page"
    for name in calls[0]:
        times: list[list[float]] = [[] for _ in places]
        for _ in range(CALLS):
            for mine, each in zip(times, calls, strict=True):
                mine.append(_milliseconds(each[name]))
        p95 = [statistics.quantiles(mine, n=20)[-1] for mine in times]
        medians = [statistics.median(mine) for mine in times]
        shown = " ".join(f"{each:8.2f}" for each in p95)
        ratios = f"{p95[2] / p95[0]:8.2f} {p95[2] / p95[1]:8.2f}"
        yield f"{name:26} {shown} {ratios}   {medians[1]:.2f} → {medians[2]:.2f}: {medians[2] / medians[1]:.2f}"


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def main(items: int, conversations: int, addresses: Sequence[str]) -> None:
    """Fill two of three databases and print what the same calls take in all."""
    with tempfile.TemporaryDirectory() as folder:
        files = [sqlite_url(Path(folder) / name / "records.sqlite") for name in ("empty", "page", "full")]
        databases = list(map(open_database, addresses or files))
        sizes = ((0, 0), (50, 40), (items, conversations))
        places = [opened(database, *size) for database, size in zip(databases, sizes, strict=True)]
        sys.stdout.write(f"{items} open items, {conversations} conversations\n")
        for line in compare(places):
            sys.stdout.write(f"{line}\n")
        for place in places:
            place.client.close()
            place.database.close()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 10_000, int(given[1]) if len(given) > 1 else 100_000, given[2:5])
