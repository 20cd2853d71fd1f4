"""Runs a real server with the desk alone, on a database of its own: ``python serve_desk.py PORT PER_MINUTE FOLDER``.

The pages of students are left out, because they take seconds to build.
"""

from __future__ import annotations

import sys
from pathlib import Path

from desk_pages import desk_on
from fastapi import FastAPI
from queue_made import STALE, recorded, turn
from starlette.staticfiles import StaticFiles

from assistant.records.database import open_database, sqlite_url
from assistant.web.app import STATIC, serve
from assistant.web.desk.routes import add_desk
from assistant.web.guard import Guard, Rules
from assistant.web.limits import Limiter

QUESTIONS = 60


def made(folder: Path, per_minute: int) -> FastAPI:
    """Return the desk behind the guard, with questions in its queue."""
    database = open_database(sqlite_url(folder / "records.sqlite"))
    long = turn("Я Айгүл Сериковна, +7 701 123 45 67. " + "Виза керек пе? " * 30 + "x" * 300, country="PL")
    recorded(database, long, turn("GPA?", STALE, doubtful=True))
    recorded(database, *[turn(f"Question {number}?", language="en") for number in range(QUESTIONS)])
    app = FastAPI(openapi_url=None)
    app.add_api_route("/health", lambda: {"status": "ok"})
    app.mount("/page", StaticFiles(directory=STATIC))
    add_desk(app, desk_on(database))
    limiters = {name: Limiter(per_minute) for name in ("sessions", "addresses", "events", "traffic")}
    rules = Rules(hosts=frozenset({"127.0.0.1"}), pages=frozenset(), asking={}, desk=True, **limiters)
    app.add_middleware(Guard, rules=rules)
    return app


if __name__ == "__main__":
    serve(made(Path(sys.argv[3]), int(sys.argv[2])), "127.0.0.1", int(sys.argv[1]))
