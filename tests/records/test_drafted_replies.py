"""What doctor tells of the replies that a language model was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from conversations_contract import REPLY, said
from sqlalchemy import URL

from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.drafted import drafted


@pytest.fixture(params=["sqlite_file_url", "postgresql_url"])
def url(request: pytest.FixtureRequest) -> URL:
    """Give the address of an empty database, of each sort."""
    return request.getfixturevalue(request.param)


def reply(outcome: str, *dropped: str) -> dict[str, Any]:
    """Return a recorded reply for which a model was asked."""
    return REPLY | {"drafting": {"model": "openai:x", "outcome": outcome, "kept": 1, "dropped": list(dropped)}}


def test_without_a_model_it_is_said_that_none_took_part(database: Database, url: URL) -> None:
    """Replies of quotes and questions without a reply count, too."""
    kept = DatabaseConversations(database)
    talk = kept.begin("kk", "chat").id
    for recorded in (REPLY, None):
        kept.record(talk, said(reply=recorded))
    assert drafted(url) == "no language model took part in the newest 2"


def test_replies_are_counted_by_outcome_and_false_sentences_are_too(database: Database, url: URL) -> None:
    """The commonest outcome comes first; no word of a reply is told."""
    kept = DatabaseConversations(database)
    talk = kept.begin("kk", "chat").id
    recorded = [reply("used", "Secret."), reply("used"), reply("late"), reply("unsupported", "A.", "B."), REPLY]
    for each in recorded:
        kept.record(talk, said(reply=each))
    told = drafted(url)
    assert told.startswith("a language model was asked for 4 of the newest 5: used 2, late 1, unsupported 1; 3 of its")
    assert "Secret" not in told


def test_only_the_newest_count(database: Database, url: URL) -> None:
    """What an operator has mended is not told for ever."""
    kept = DatabaseConversations(database)
    talk = kept.begin("kk", "chat").id
    for outcome in ("failed", "used", "used"):
        kept.record(talk, said(reply=reply(outcome)))
    assert "failed" in drafted(url)
    assert "failed" not in drafted(url, newest=2)
