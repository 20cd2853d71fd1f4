"""What child processes of the tests do; a module of its own, because each child imports it anew."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection
from pathlib import Path

from assistant.records.audit import DatabaseAudit
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import open_database, sqlite_url
from assistant.records.items import Done, Wanted
from assistant.records.ports import NewTurn
from assistant.records.queue import Queue
from assistant.records.submitted import DatabaseSubmissions

PAUSE = 0.002
"""Seconds between writes; SQLite lets a writer without pauses go before others for long."""

LONG = "ұзақ мәтін " * 20


def opened_file(folder: Path) -> DatabaseSubmissions:
    """Open the file of SQLite in a folder."""
    return DatabaseSubmissions(open_database(sqlite_url(folder / "records.sqlite")))


def opened_server(folder: Path) -> DatabaseSubmissions:
    """Open the database of PostgreSQL whose address stands in a folder."""
    return DatabaseSubmissions(open_database((folder / "url").read_text()))


def open_and_note(address: str) -> None:
    """Open and note once."""
    DatabaseAudit(open_database(address)).note("program", "start", "records")


def record_and_tell(address: str, id: str, said: Connection) -> None:
    """Record turns of a conversation until killed, telling each number as soon as it is known."""
    kept = DatabaseConversations(open_database(address))
    while True:
        turn = NewTurn(question=LONG, reply={"text": LONG}, generation="g", settings="s", version="1")
        said.send(kept.record(id, turn))
        time.sleep(PAUSE)


def note_and_tell(address: str, said: Connection) -> None:
    """Note in the audit trail until killed, telling each number as soon as it is known."""
    trail = DatabaseAudit(open_database(address))
    while True:
        said.send(trail.note("program", "try", "records", {"turns": 1}).number)
        time.sleep(PAUSE)


def claim_all(address: str, mentor: str, said: Connection) -> None:
    """Claim every item once, and tell which ones were got."""
    queue = Queue(open_database(address))
    tried = [row.id for row in queue.page(Wanted(), limit=200).rows]
    said.send([each for each in tried if isinstance(queue.claim(each, mentor), Done)])
