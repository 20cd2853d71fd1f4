"""From an empty database and from an older one to the newest schema, and back only when nothing is lost unasked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from conversations_contract import said
from sqlalchemy import URL, bindparam, inspect, text

from assistant.errors import RecordError
from assistant.records.audit import DatabaseAudit
from assistant.records.checking import check
from assistant.records.columns import UtcTime
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database, connect, open_database
from assistant.records.mentors import Mentors, Role
from assistant.records.migrating import STEPS, _config, current, downgrade, head, upgrade
from assistant.records.passwords import Passwords
from assistant.records.schema import metadata

NEXT = '''
"""A later step."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "later", "{head}"


def upgrade():
    op.add_column("conversation", sa.Column("mood", sa.Text, nullable=False, server_default="calm"))


def downgrade():
    op.drop_column("conversation", "mood")
'''


@pytest.fixture(params=["sqlite_file_url", "postgresql_url"])
def url(request: pytest.FixtureRequest) -> URL:
    """Give the address of an empty database, of each sort."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """Give the steps of a later program, which has one more."""
    steps = tmp_path / "100% later"
    shutil.copytree(STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    (steps / "versions" / "later.py").write_text(NEXT.format(head=head()))
    return steps


def test_the_steps_make_the_tables_of_the_program(database: Database) -> None:
    """What the queries are written for is what the migrations leave, column by column."""
    with database.writing() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_filled_database_is_brought_to_a_later_schema(database: Database, later: Path) -> None:
    """A later step runs once, keeps every row, and can run again without doing anything."""
    kept = DatabaseConversations(database)
    key = kept.begin("kk", "chat")
    kept.record(key.id, said())
    before = kept.read(key.id)
    for _ in range(2):
        with database.writing() as connection:
            upgrade(connection, later)
    with database.reading() as connection:
        assert connection.scalars(text("SELECT mood FROM conversation")).all() == ["calm"]
        assert current(connection) == "later"
    assert kept.read(key.id) == before


def test_a_filled_first_version_is_brought_to_this_one(url: URL) -> None:
    """Conversations recorded before there was a desk keep every row, and are told what they were about."""
    first = connect(url)
    if first.path:
        first.path.parent.mkdir(parents=True, exist_ok=True)
    long = f"notes/own#{'a' * 300}"
    cited = {"section": "regulations/abai#gpa", "stale": True}
    replies = [
        {"language": "kk", "citations": [cited, cited], "nearest": []},
        {"language": "ru", "citations": [], "nearest": [{"section": "notes/own#top"}]},
        None,
        {"language": "en", "citations": [{"section": long}, {"section": f"{long}!"}], "nearest": []},
    ]
    with first.writing() as connection:
        command.upgrade(_config(STEPS, connection), "0001")
        now = datetime(2026, 11, 22, tzinfo=UTC)
        old = (text("INSERT INTO conversation VALUES ('c', 'x', 'kk', 'chat', :at, :at)"), {"at": now})
        connection.execute(*old)
        row = (
            "INSERT INTO turn (conversation, number, question, reply, generation, settings, version, created) "
            "VALUES ('c', :number, 'q', :reply, 'g', 's', '1', :at)"
        )
        for number, reply in enumerate(replies, start=1):
            told = {"number": number, "reply": None if reply is None else json.dumps(reply), "at": now}
            connection.execute(text(row).bindparams(bindparam("at", type_=UtcTime)), told)
    first.close()
    database = open_database(url)
    with database.reading() as connection:
        about = connection.execute(text("SELECT language, topic, nearest FROM turn ORDER BY number")).all()
        used = connection.execute(text("SELECT turn, section, stale FROM turn_section")).all()
    database.close()
    assert [tuple(each) for each in about] == [
        ("kk", "regulation", "regulations/abai#gpa"), ("ru", "other", "notes/own#top"), (None, None, None),
        ("en", "other", long[:200]),
    ]  # fmt: skip
    assert {(turn, section, bool(stale)) for turn, section, stale in used} == {
        (1, "regulations/abai#gpa", True), (4, long[:200], False),
    }  # fmt: skip


def test_going_back_to_the_first_version_refuses_to_lose_mentors(database: Database) -> None:
    """The desk's tables go only when they are empty, or when it is forced."""
    Mentors(database, Passwords()).add("a@b.kz", "A", "Office", Role.MENTOR, "seven plain words")
    with pytest.raises(RecordError, match="1 in mentor"), database.writing() as connection:
        downgrade(connection, "0001")
    with database.writing() as connection:
        downgrade(connection, "0001", force=True)
        assert current(connection) == "0001"
        assert "mentor" not in inspect(connection).get_table_names()


def test_a_later_schema_is_refused_in_one_sentence(database: Database, later: Path) -> None:
    """A program never writes into tables that it does not know, and says what to do."""
    with database.writing() as connection:
        upgrade(connection, later)
    with pytest.raises(RecordError) as told:
        open_database(database.url)
    assert str(told.value) == (
        f"the records have schema 'later', this program knows up to {head()!r}; update the program"
    )
    assert [finding.subject for finding in check(database.url) if not finding.ok] == ["schema"]


def test_a_failing_step_leaves_the_schema_before(database: Database, later: Path) -> None:
    """A step that fails half-way is rolled back with all it did."""
    broken = (
        (later / "versions" / "later.py")
        .read_text()
        .replace("\n\n\ndef downgrade", "\n    op.drop_table('none')\n\n\ndef downgrade")
    )
    (later / "versions" / "later.py").write_text(broken)
    with pytest.raises(RecordError, match="none"), database.writing() as connection:
        upgrade(connection, later)
    with database.reading() as connection:
        assert current(connection) == head()
        assert "mood" not in {each["name"] for each in inspect(connection).get_columns("conversation")}


def test_going_back_refuses_to_lose_rows(database: Database) -> None:
    """Filled tables are named with their counts, and everything is as it was."""
    kept = DatabaseConversations(database)
    key = kept.begin("en", "chat")
    kept.record(key.id, said())
    DatabaseAudit(database).note("a", "b", "c")
    with pytest.raises(RecordError, match="1 in conversation, 1 in turn, 1 in audit"), database.writing() as connection:
        downgrade(connection, "base")
    found = kept.read(key.id)
    assert found is not None
    assert len(found.turns) == 1


def test_going_back_works_when_empty_or_forced(database: Database, opening: Callable[[URL], Database]) -> None:
    """Empty tables go without a word, filled ones when it is forced, and the way up is open again."""
    for force in (False, True):
        if force:
            DatabaseAudit(database).note("a", "b", "c")
        with database.writing() as connection:
            downgrade(connection, "base", force=force)
            assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        assert DatabaseAudit(opening(database.url)).entries() == ()
