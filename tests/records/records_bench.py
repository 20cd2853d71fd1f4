"""How fast the records are when they are full, as ratios to the same when they are empty.

Run by hand: ``python tests/records/records_bench.py [conversations] [address]``. Filling writes rows in bulk; what is
timed is what the program calls, one call at a time, each with its own transaction on the disk. The median is told.
"""

from __future__ import annotations

import hashlib
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from assistant.records.checking import check
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.ports import ConversationHead, NewTurn
from assistant.records.retention import expire
from assistant.records.schema import conversation, turn
from assistant.records.submissions import SubmissionKind, read_feedback
from assistant.records.submitted import DatabaseSubmissions

CALLS = 60
TURNS = 2
REPLY = {"status": "answered", "composer": "extractive", "text": "Жауап мәтіні. " * 40, "support": 0.7}
SAID = NewTurn(question="Виза қанша тұрады?", reply=REPLY, generation="g", settings="s", version="0.1.0")


def fill(database: Database, count: int) -> None:
    """Write so many conversations of two turns, spread over the last 170 days."""
    now = datetime.now(UTC)
    for start in range(0, count, 5_000):
        heads, turns = [], []
        for number in range(start, min(count, start + 5_000)):
            key, then = secrets.token_hex(16), now - timedelta(days=170 * (1 - number / count))
            code = hashlib.sha256(key.encode()).hexdigest()
            heads.append({"id": key, "code": code, "language": "kk", "page": "chat", "begun": then, "latest": then})
            turns += [
                {"conversation": key, "number": each, "question": SAID.question, "reply": REPLY, "composer": "extractive",
                 "support": 0.7, "reason": None, "generation": "g", "settings": "s", "version": "0.1.0", "created": then}
                for each in range(1, TURNS + 1)
            ]  # fmt: skip
        with database.writing() as connection:
            connection.execute(insert(conversation), heads)
            connection.execute(insert(turn), turns)


def timed(call: Callable[[], object], calls: int = CALLS) -> float:
    """Return the median of the milliseconds that a call takes."""
    taken = []
    for _ in range(calls):
        begun = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def measure(database: Database) -> dict[str, float]:
    """Return milliseconds by what is done."""
    kept, mail = DatabaseConversations(database), DatabaseSubmissions(database)
    keys = [kept.begin("kk", "chat") for _ in range(CALLS)]
    verdict, _ = read_feedback({"question": "?", "language": "kk", "rating": "bad"})
    assert verdict
    then = datetime.now(UTC) - timedelta(days=85)
    middle = ConversationHead(id="8" * 32, language="kk", page="chat", begun=then, latest=then, turns=0)
    recording, erasing = iter(keys), iter(keys)
    return {
        "begin": timed(lambda: kept.begin("kk", "chat")),
        "record a turn": timed(lambda: kept.record(next(recording).id, SAID)),
        "send feedback": timed(lambda: mail.add(verdict, masked=False)),
        "list the newest 50": timed(lambda: kept.recent(50)),
        "list 50 from the middle": timed(lambda: kept.recent(50, middle)),
        "read one": timed(lambda: kept.read(keys[0].id)),
        "list feedback": timed(lambda: mail.waiting(SubmissionKind.FEEDBACK), 5),
        "erase by code": timed(lambda: kept.erase(next(erasing).code)),
        "expire, nothing to do": timed(lambda: expire(database, datetime.now(UTC)), 20),
        "open": timed(lambda: open_database(database.url).close(), 3),
        "check": timed(lambda: check(database.url), 1),
    }


def main(count: int, address: str | None) -> None:
    """Measure empty, fill, measure again, and print both with their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(address or sqlite_url(Path(folder) / "records.sqlite"))
        empty = measure(database)
        begun = time.perf_counter()
        fill(database, count)
        lines = [f"{count} conversations of {TURNS} turns in {time.perf_counter() - begun:.0f} s"]
        if database.path:
            lines.append(f"{database.path.stat().st_size / 2**20:.0f} MiB")
        for name, milliseconds in measure(database).items():
            ratio = milliseconds / empty[name]
            lines.append(f"{name:26} {empty[name]:9.2f} ms {milliseconds:9.2f} ms  x {ratio:.2f}")
        database.close()
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else None)
