"""Kills the serving program at random moments while students ask and rate and mentors review, and counts what is lost.

``python tests/web/kill_drill.py --kills 50 [--database-url URL]`` prints the figures; ``test_kill_drill`` runs a short one.
What a visitor was told is done must be in the records after every restart, the records must pass their check, and the
program must start by itself and answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import httpx
from fakes import write_base
from gate_visitors import Visitor, serving
from sqlalchemy import select
from web_visits import free_port

from assistant.bootstrap import build_index, open_mentors, open_records
from assistant.records.checking import check
from assistant.records.mentors import Role
from assistant.records.schema import item_event, submission, turn
from assistant.records.store import code_digest
from assistant.settings import Settings, load_settings

PASSWORD = "seven plain words"
STUDENTS, MENTORS = 4, 4
_CODE = re.compile(r"[2-9A-Z]{5}(?:-[2-9A-Z]{5}){3}")
_LOST = (OSError, http.client.HTTPException, httpx.HTTPError, AssertionError, ValueError, KeyError, TypeError)
"""What a client meets whose server is killed; what it was told before still counts."""


@dataclass
class Told:
    """What visitors were told is done.

    Attributes:
        questions: Whose replies were shown whole.
        codes: That were given for what was sent.
        reviews: Items with the mentor who was told that they had closed them.
    """

    questions: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    reviews: list[tuple[int, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How much was told."""
        return len(self.questions) + len(self.codes) + len(self.reviews)


def asked(visitor: Visitor, question: str) -> bool:
    """Ask and return whether the reply came whole."""
    return any(each.kind == "process_completed" and json.loads(each.raw)["success"] for each in visitor.ask(question))


def rated(visitor: Visitor, turn_number: int) -> str:
    """Say that a reply helped and return the code that was given; empty if none was."""
    bridge = next(each["id"] for each in visitor.config["components"] if each["props"].get("elem_id") == "bridge")
    event = next(each for each in visitor.config["dependencies"] if [bridge, "change"] in each["targets"])
    sent = [json.dumps({"do": "good", "turn": turn_number}), *[None] * (len(event["inputs"]) - 1)]
    assert visitor.join(event["id"], sent) == 200
    said = "".join(each.raw for each in visitor.events())
    found = _CODE.search(said)
    return found[0] if found else ""


def asking(address: str, name: str, told: Told, stop: threading.Event) -> None:
    """Ask and rate until stopped."""
    visitor, number = Visitor(address, name), 0
    while not stop.is_set():
        number += 1
        question = f"Is there a lake near the zebra stables, {name}-{number}?"
        try:
            if not asked(visitor, question):
                continue
            told.questions.append(question)
            if code := rated(visitor, number):
                told.codes.append(code)
        except _LOST:
            time.sleep(0.05)


def reviewing(address: str, login: str, told: Told, stop: threading.Event) -> None:
    """Claim and decline what is in the queue until stopped."""
    headers = {"origin": address, "sec-fetch-site": "same-origin"}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        try:
            client.post("/en/desk/sign-in", data={"login": login, "password": PASSWORD})
            found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/en/desk/account/").text)
            csrf = found[1] if found else ""
            while not stop.is_set():
                page = client.get("/en/desk/").text
                waiting = re.findall(r"/en/desk/items/(\d+)", page)
                if not waiting:
                    time.sleep(0.05)
                    continue
                chosen = random.choice(waiting)
                client.post(f"/en/desk/items/{chosen}/claim", data={"csrf": csrf})
                form = {"csrf": csrf, "reason": "out_of_scope", "note": login}
                reply = client.post(f"/en/desk/items/{chosen}/decline", data=form)
                if reply.status_code == 303 and "done" in reply.headers.get("location", ""):
                    told.reviews.append((int(chosen), login))
        except _LOST:
            return


def missing(settings: Settings, told: Told, logins: dict[str, str]) -> list[str]:
    """Return what was told and is not in the records."""
    records = open_records(settings)
    try:
        with records.reading() as connection:
            questions = set(connection.scalars(select(turn.c.question)))
            codes = set(connection.scalars(select(submission.c.code)))
            closed = {
                (row.item, row.actor) for row in connection.execute(select(item_event.c.item, item_event.c.actor))
            }
    finally:
        records.close()
    lost = [each for each in told.questions if each not in questions]
    lost += [each for each in told.codes if code_digest(each) not in codes]
    return lost + [f"review of {each}" for each, login in told.reviews if (each, logins[login]) not in closed]


@dataclass
class Drill:
    """What a drill found: how many kills, how much was told, what was lost, and what the check objected to."""

    kills: int = 0
    told: int = 0
    lost: list[str] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)


def drilled(folder: Path, kills: int, database_url: str = "") -> Drill:
    """Return what happened in so many kills."""
    url = {"database_url": database_url} if database_url else {}
    settings = load_settings(knowledge_base=write_base(folder / "base"), data_dir=folder / "data", **url)
    build_index(settings)
    mentors = open_mentors(settings)
    logins = {
        f"mentor{n}@example.org": mentors.add(f"mentor{n}@example.org", f"M{n}", "Office", Role.MENTOR, PASSWORD).id
        for n in range(MENTORS)
    }
    found, told = Drill(), Told()
    environment = {"ASSISTANT_DATABASE_URL": database_url} if database_url else {}
    for number in range(kills):
        _killed_once(settings, folder, environment, told, sorted(logins), found, number)
        found.lost = missing(settings, told, logins)
        place = database_url or f"sqlite:///{settings.data_dir / 'records.sqlite'}"
        found.objections += [each.words for each in check(place) if not each.ok]
        found.kills, found.told = number + 1, told.count
        sys.stderr.write(f"{found.kills} kills, told {found.told}, lost {len(found.lost)}\n")
        if found.lost or found.objections:
            break
    return found


def _killed_once(
    settings: Settings,
    folder: Path,
    environment: dict[str, str],
    told: Told,
    logins: Sequence[str],
    found: Drill,
    n: int,
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = ["-m", "assistant", "serve", "--port", str(port), "--data-dir", str(settings.data_dir)]
    command += ["--knowledge-base", str(settings.knowledge_base)]
    began = time.monotonic()
    more = {"ASSISTANT_REQUESTS_PER_MINUTE": "100000", **environment}
    with serving(command, port, folder / "output.txt", **more) as server:
        assert asked(Visitor(address, f"first-{n}"), "What GPA does the exchange ask for?")
        found.starts.append(time.monotonic() - began)
        stop = threading.Event()
        work = [threading.Thread(target=asking, args=(address, f"k{n}s{i}", told, stop)) for i in range(STUDENTS)]
        work += [threading.Thread(target=reviewing, args=(address, login, told, stop)) for login in logins]
        for each in work:
            each.start()
        time.sleep(random.uniform(0.8, 4.0))
        server.kill()
        stop.set()
        for each in work:
            each.join(timeout=60)


def main() -> Iterator[str]:
    """Yield the figures of a drill in words."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--kills", type=int, default=50)
    told.add_argument("--database-url", default="")
    given = told.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = drilled(Path(folder), given.kills, given.database_url)
    starts = sorted(found.starts)
    yield f"kills {found.kills}, told {found.told}, lost {len(found.lost)}, objections {found.objections}"
    yield f"seconds until it answers after a start: median {starts[len(starts) // 2]:.1f}, longest {starts[-1]:.1f}"


if __name__ == "__main__":
    for line in main():
        print(line)  # noqa: T201
