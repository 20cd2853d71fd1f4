"""Runs the real server on one database: ``python serve_recording.py PORT FOLDER [broken]``; if broken, nothing is kept."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import event
from web_fakes import FakeAssistant

from assistant.preparation.preparing import read_preparation
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import open_database, sqlite_url
from assistant.records.submitted import DatabaseSubmissions
from assistant.web.app import create_app, serve
from assistant.web.chat.recording import Recorder

if __name__ == "__main__":
    records = open_database(sqlite_url(Path(sys.argv[2]) / "records.sqlite"))
    if sys.argv[3:]:  # as on a file system that has turned read-only
        event.listen(records.engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=1"))
        records.engine.dispose()
    app = create_app(
        FakeAssistant(),
        DatabaseSubmissions(records),
        read_preparation(Path("knowledge_base"))[0],
        recorder=Recorder(DatabaseConversations(records), "settings-1", "0.1.0"),
        allowed_hosts=("127.0.0.1",),
        requests_per_minute=10_000,
    )
    serve(app, "127.0.0.1", int(sys.argv[1]))
