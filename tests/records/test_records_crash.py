"""What survives when writers are killed: everything that was acknowledged, and a chain without a gap."""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
from records_children import note_and_tell, record_and_tell
from sqlalchemy import URL
from submissions_contract import KILLS, children

from assistant.records.audit import DatabaseAudit
from assistant.records.checking import check
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database

__all__ = ["children"]  # a fixture of the contract


def drained(heard: Connection) -> list[int]:
    """Return what a killed child had told."""
    told = []
    while True:
        try:
            told.append(heard.recv())
        except (EOFError, OSError):
            return told


@pytest.mark.slow
@pytest.mark.parametrize(("sort", "kills"), [("sqlite_file_url", KILLS), ("postgresql_url", 10)])
def test_two_killed_writers_lose_nothing_acknowledged(
    sort: str,
    kills: int,
    request: pytest.FixtureRequest,
    children: ForkServerContext,
    opening: Callable[[URL], Database],
) -> None:
    """After many kills of both, every turn and every note that was told is there, once, and all checks are green."""
    url = request.getfixturevalue(sort)
    address, database = url.render_as_string(hide_password=False), opening(url)
    talk = DatabaseConversations(database).begin("kk", "chat").id
    turns, notes = [], []
    for kill in range(kills):
        pairs: list[tuple[Any, Connection]] = []
        for work, arguments in ((record_and_tell, (address, talk)), (note_and_tell, (address,))):
            heard, said = children.Pipe(duplex=False)
            child = children.Process(target=work, args=(*arguments, said))
            child.start()
            said.close()
            pairs.append((child, heard))
        first = [heard.recv() for _, heard in pairs]
        threading.Event().wait(0.0013 * kill)  # kills fall at different moments of a write
        for child, _ in pairs:
            child.kill()
        for child, _ in pairs:
            child.join()
        turns += [first[0], *drained(pairs[0][1])]
        notes += [first[1], *drained(pairs[1][1])]
    found = DatabaseConversations(database).read(talk)
    assert found is not None
    assert [turn.number for turn in found.turns] == list(range(1, len(found.turns) + 1))
    # A write may be on the disk whose number the dying process could not tell any more.
    assert len(turns) == len(set(turns)) <= len(found.turns) <= len(turns) + kills
    assert max(turns) <= len(found.turns)
    assert len(notes) == len(set(notes)) <= DatabaseAudit(database).verify().rows <= len(notes) + kills
    assert [finding for finding in check(url) if not finding.ok] == []
