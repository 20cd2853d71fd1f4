"""Runs a real server with replies to be reviewed and answers that wait: ``python serve_review.py PORT PER_MINUTE FOLDER``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from desk_pages import app_of, desk_on, mentor_of
from fastapi import FastAPI
from queue_made import recorded
from review_made import PERMIT, Changing
from starlette.staticfiles import StaticFiles
from web_fakes import TEXTS, answer

from assistant.contract import reply_json
from assistant.records.database import open_database, sqlite_url
from assistant.records.ports import NewTurn
from assistant.records.publishing import WrittenVersion
from assistant.types import LANGUAGES
from assistant.web.app import STATIC, serve
from assistant.web.desk.review_sections import Chosen, bound

REPLIES = 12
"""Replies to review, in the three languages in turn."""


def made(folder: Path) -> FastAPI:
    """Return the desk with replies in its queue and, for each language, an answer whose section has changed."""
    database, library = open_database(sqlite_url(folder / "records.sqlite")), Changing()
    desk = replace(desk_on(database), engine=library)
    for number in range(REPLIES):
        language = LANGUAGES[number % len(LANGUAGES)]
        said = NewTurn(question=f"Permit {number}? " + "ұ" * 60, reply=reply_json(answer(language)), generation="g",
                       settings="s", version="1", language=language, doubtful=True)  # fmt: skip
        recorded(database, said)
    for language in LANGUAGES:
        citation = bound(desk, 1, Chosen(PERMIT, language, TEXTS[language][3]))
        assert citation is not None
        version = WrittenVersion(
            language=language, question=f"Permit, {language}?", text="… [1]", citations=(citation,)
        )
        desk.answers.suspend(desk.answers.make([version], mentor_of(desk).id), "section_changed")
        library.edits[language, PERMIT] = TEXTS[language][2].rpartition(" ")[0] + " 90."  # what no reply quotes
    app = app_of(desk, ("127.0.0.1",))
    app.add_api_route("/health", lambda: {"status": "ok"})
    app.mount("/page", StaticFiles(directory=STATIC))
    return app


if __name__ == "__main__":
    serve(made(Path(sys.argv[3])), "127.0.0.1", int(sys.argv[1]))
