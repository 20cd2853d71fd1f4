"""How fast the records are when they are full, as ratios to the same when they are empty.

Run by hand: ``python tests/records/records_bench.py [conversations [address of one empty database, of another]]``. Filling writes rows in bulk; what is
timed is what the program calls, one call at a time, each with its own transaction on the disk. The median is told.
"""

from __future__ import annotations

import hashlib
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, text

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
    with database.writing() as connection:
        connection.execute(text("ANALYZE"))  # PostgreSQL does so by itself after a while


def calls_of(database: Database) -> dict[str, tuple[Callable[[], object], int]]:
    """Return what is timed, by name, and how often."""
    kept, mail = DatabaseConversations(database), DatabaseSubmissions(database)
    keys = [kept.begin("kk", "chat") for _ in range(CALLS)]
    verdict, _ = read_feedback({"question": "?", "language": "kk", "rating": "bad"})
    assert verdict
    then = datetime.now(UTC) - timedelta(days=85)
    middle = ConversationHead(id="8" * 32, language="kk", page="chat", begun=then, latest=then, turns=0)
    recording, erasing = iter(keys), iter(keys)
    return {
        "begin": (lambda: kept.begin("kk", "chat"), CALLS),
        "record a turn": (lambda: kept.record(next(recording).id, SAID), CALLS),
        "send feedback": (lambda: mail.add(verdict, masked=False), CALLS),
        "list the newest 50": (lambda: kept.recent(50), CALLS),
        "list 50 from the middle": (lambda: kept.recent(50, middle), CALLS),
        "read one": (lambda: kept.read(keys[0].id), CALLS),
        "list feedback": (lambda: mail.waiting(SubmissionKind.FEEDBACK), 5),
        "erase by code": (lambda: kept.erase(next(erasing).code), CALLS),
        "expire, nothing to do": (lambda: expire(database, datetime.now(UTC)), CALLS),
        "open": (lambda: open_database(database.url).close(), 5),
        "check": (lambda: check(database.url), 2),
    }


def compare(empty: Database, full: Database) -> Iterator[str]:
    """Yield a line per call; calls alternate between the two, so that what else the machine does meets both alike."""
    calls, others = calls_of(empty), calls_of(full)
    for name, (call, times) in calls.items():
        pairs = [(_milliseconds(call), _milliseconds(others[name][0])) for _ in range(times)]
        first, second = (statistics.median(each) for each in zip(*pairs, strict=True))
        yield f"{name:26} {first:9.2f} ms {second:9.2f} ms  x {second / first:.2f}"


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def main(count: int, addresses: Sequence[str]) -> None:
    """Fill one of two databases and print what the same calls take in both."""
    with tempfile.TemporaryDirectory() as folder:
        files = [sqlite_url(Path(folder) / name / "records.sqlite") for name in ("empty", "full")]
        empty, full = map(open_database, addresses or files)
        begun = time.perf_counter()
        fill(full, count)
        lines = [f"{count} conversations of {TURNS} turns in {time.perf_counter() - begun:.0f} s"]
        if full.path:
            lines.append(f"{full.path.stat().st_size / 2**20:.0f} MiB")
        lines += compare(empty, full)
        empty.close()
        full.close()
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2:4])
