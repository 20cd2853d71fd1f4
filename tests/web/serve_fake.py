"""Runs the real server with the fake assistant: ``python serve_fake.py PORT QUESTIONS_PER_MINUTE FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from web_fakes import FakeAssistant, recorder, stories

from assistant.preparation.preparing import read_preparation
from assistant.records.store import FolderSubmissions
from assistant.web.app import create_app, serve

if __name__ == "__main__":
    port, per_minute = int(sys.argv[1]), int(sys.argv[2])
    serve(
        create_app(
            FakeAssistant(),
            FolderSubmissions(Path(sys.argv[3])),
            read_preparation(Path("knowledge_base"))[0],
            recorder=recorder(Path(sys.argv[3]).parent),
            stories=stories(Path(sys.argv[3]).parent),
            allowed_hosts=("127.0.0.1",),
            requests_per_minute=per_minute,
        ),
        "127.0.0.1",
        port,
    )
