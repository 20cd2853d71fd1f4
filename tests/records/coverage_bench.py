"""How fast the coverage page opens when the records are full, as ratios to the same when they are empty.

Run by hand: ``PYTHONPATH=.:tests:tests/web:tests/records python tests/records/coverage_bench.py [items [conversations]]``, for
PostgreSQL with the addresses of two empty databases after these. What is timed: the page as mentors open it, whose
figures are kept; the page that counts them first; each query by itself. Calls alternate between the two databases.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desk_pages import desk_on, signed_in
from fastapi import FastAPI
from queue_bench import COUNTRIES, TOPICS, _milliseconds, fill_queue
from records_bench import fill
from sqlalchemy import bindparam, insert, select, text, update
from starlette.testclient import TestClient

from assistant.records import coverage_rows as rows
from assistant.records.coverage import Coverage
from assistant.records.covered import Period
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.schema import turn, turn_section
from assistant.web.desk.routes import add_desk

CALLS, COUNTED = 60, 15
SECTIONS = 500


@dataclass(frozen=True, slots=True)
class Place:
    """A database with its figures and a mentor who has signed in."""

    database: Database
    figures: Coverage
    client: TestClient


def fill_uses(database: Database, chance: random.Random) -> None:
    """Tell of every turn what it was about, and let it quote two sections; one in five was not answered."""
    with database.reading() as connection:
        keys = connection.execute(select(turn.c.conversation, turn.c.number, turn.c.created)).all()
    said = (turn.c.conversation == bindparam("of")) & (turn.c.number == bindparam("at_number"))
    about, uses = [], []
    for key in keys:
        lost = chance.random() < 0.2
        about.append({
            "of": key.conversation, "at_number": key.number, "language": chance.choice(("en", "ru", "kk")),
            "country": chance.choice(COUNTRIES), "topic": chance.choice(TOPICS),
            "composer": None if lost else "extractive", "reason": "no_source" if lost else None,
        })  # fmt: skip
        uses += [
            {"conversation": key.conversation, "turn": key.number, "section": f"host_guides/a{number}#visa",
             "stale": chance.random() < 0.1, "at": key.created}
            for number in chance.sample(range(SECTIONS), 2)
        ]  # fmt: skip
    with database.writing() as connection:
        if keys:
            connection.execute(update(turn).where(said), about)
            connection.execute(insert(turn_section), uses)
        connection.execute(text("DELETE FROM sqlite_stat1" if database.path else "ANALYZE"))
    database.close()


def opened(database: Database, items: int, conversations: int) -> Place:
    """Return a filled database with its desk."""
    desk = desk_on(database)
    fill(database, conversations)
    fill_queue(database, items, random.Random(0))
    fill_uses(database, random.Random(1))
    app = FastAPI()
    add_desk(app, desk)
    return Place(database, desk.coverage, signed_in(app))


def calls_of(place: Place) -> dict[str, tuple[Callable[[], object], int]]:
    """Return what is timed, by name, and how often."""
    client, figures, since = place.client, place.figures, Period.YEAR.since(datetime.now(UTC))

    def anew() -> object:
        figures._kept.clear()  # as if a minute had passed and nothing older were there
        return client.get("/kk/desk/coverage/?period=365").raise_for_status()

    def query(name: str) -> Callable[[], object]:
        def ask() -> object:
            with place.database.reading() as connection:
                return getattr(rows, name)(connection, since)

        return ask

    opening = {period: f"/kk/desk/coverage/?period={period}" for period in Period}
    pages = {
        f"page, {period}": (lambda path=path: client.get(path).raise_for_status(), CALLS)
        for period, path in opening.items()
    }
    queries = {name: (query(name), COUNTED) for name in ("weeks", "fields", "groups", "sections", "work")}
    return {**pages, "page, counted anew": (anew, COUNTED), **queries}


def compare(empty: Place, full: Place) -> Iterator[str]:
    """Yield a line per call: median and 95th percentile of each, and their ratios."""
    calls, others = calls_of(empty), calls_of(full)
    yield f"{'ms':22} {'empty':>16} {'full':>16}   ratio of p95"
    for name, (call, times) in calls.items():
        call(), others[name][0]()  # the first who asks waits for the figures; that is "counted anew"
        pairs = [(_milliseconds(call), _milliseconds(others[name][0])) for _ in range(times)]
        told = [(statistics.median(each), statistics.quantiles(each, n=20)[-1]) for each in zip(*pairs, strict=True)]
        shown = "  ".join(f"{median:7.2f} {p95:8.2f}" for median, p95 in told)
        yield f"{name:22} {shown}   {told[1][1] / told[0][1]:.2f}"


def main(items: int, conversations: int, addresses: Sequence[str]) -> None:
    """Fill one of two databases and print what the same calls take in both."""
    with tempfile.TemporaryDirectory() as folder:
        files = [sqlite_url(Path(folder) / name / "records.sqlite") for name in ("empty", "full")]
        databases = list(map(open_database, addresses or files))
        sizes = ((0, 0), (items, conversations))
        places = [opened(database, *size) for database, size in zip(databases, sizes, strict=True)]
        sys.stdout.write(f"{items} open items, {conversations} conversations\n")
        for line in compare(*places):
            sys.stdout.write(f"{line}\n")
        for place in places:
            place.client.close()
            place.database.close()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 10_000, int(given[1]) if len(given) > 1 else 100_000, given[2:4])
