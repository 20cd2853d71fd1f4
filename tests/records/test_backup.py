"""Backups: whole, private, in one piece; and back again without losing what was there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from audit_contract import without_triggers
from conversations_contract import said
from pydantic import SecretStr
from queue_made import DANA, add_mentors, recorded, turn
from sqlalchemy import URL, insert, inspect, select, text, update
from submissions_contract import experience, feedback

from assistant.bootstrap import open_records
from assistant.errors import RecordError
from assistant.records import backup as backups
from assistant.records import schema
from assistant.records.anonymity import Place
from assistant.records.audit import DatabaseAudit
from assistant.records.backup import backup, restore
from assistant.records.carrying import carried, finish_waiting, put_down
from assistant.records.checking import check
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentor, Mentors, Role
from assistant.records.migrating import head
from assistant.records.publishing import number
from assistant.records.stories import Wish
from assistant.records.submissions import SubmissionKind
from assistant.records.submitted import DatabaseSubmissions
from assistant.settings import Settings

Opening = Callable[[URL], Database]


@pytest.fixture(params=["sqlite_file_url", "whole_postgresql_url"])
def url(request: pytest.FixtureRequest) -> URL:
    """Give the address of an empty database, of each sort."""
    if "postgresql" in request.param and not shutil.which("pg_dump"):
        pytest.skip("no PostgreSQL: pg_dump is not installed (Debian: apt-get install postgresql-client)")
    return request.getfixturevalue(request.param)


def path_of(url: URL) -> Path:
    """Return the file of SQLite."""
    return Path(str(url.database))


def test_a_backup_brings_back_what_was_there(url: URL, tmp_path: Path) -> None:
    """The copy is private and made while the records are open; restored, it has every row, and the old ones are aside."""
    database = open_database(url)
    kept, mail = DatabaseConversations(database), DatabaseSubmissions(database)
    key = kept.begin("kk", "chat")
    kept.record(key.id, said())
    code = mail.add(feedback("before"), masked=True)
    before = kept.read(key.id)
    copy = backup(database, tmp_path / "copies" / "one.backup")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in copy.parent.iterdir()] == ["one.backup"]
    kept.record(key.id, said("after the backup"))
    database.close()
    aside = restore(url, copy, force=True)
    assert aside is not None
    assert aside.exists()
    database = open_database(url)
    assert DatabaseConversations(database).read(key.id) == before
    assert DatabaseSubmissions(database).withdraw(code)
    assert [entry.action for entry in DatabaseAudit(database).entries()] == ["restore", "withdraw"]
    assert [finding for finding in check(url) if not finding.ok] == []
    database.close()
    restore(url, aside, force=True)  # what was set aside is a backup itself
    found = DatabaseConversations(open_database(url)).read(key.id)
    assert found is not None
    assert [turn.question for turn in found.turns] == ["Which GPA?", "after the backup"]


def test_what_was_erased_since_is_erased_again(url: URL, tmp_path: Path) -> None:
    """A backup brings back nothing that a student has erased, however often one is restored."""
    database = open_database(url)
    kept, mail = DatabaseConversations(database), DatabaseSubmissions(database)
    gone, stays = kept.begin("en", "chat"), kept.begin("en", "chat")
    code = mail.add(feedback("gone"), masked=False)
    copy = backup(database, tmp_path / "one.backup")
    kept.erase(gone.code)
    mail.withdraw(code)
    for _ in range(2):
        database.close()
        restore(url, copy, force=True)
        database = open_database(url)
        assert [head.id for head in DatabaseConversations(database).recent(9)] == [stays.id]
        assert DatabaseSubmissions(database).waiting(SubmissionKind.FEEDBACK) == ()
    database.close()


def test_a_restored_copy_signs_nobody_in_and_quotes_nothing_withdrawn(url: URL, tmp_path: Path) -> None:
    """Sessions of the copy end, and its replies forget the lesson of a story that was withdrawn since."""
    database = open_database(url)
    add_mentors(database)
    mail, lessons = DatabaseSubmissions(database), Lessons(database)
    code = mail.add(experience(advice="Take warm boots along with you."), masked=True)
    (story,) = lessons.stories()
    mentor = Mentor(DANA, "Dana", "Dana", "", Role.MENTOR, None)
    found = lessons.read(story.id)
    assert found is not None
    assert lessons.approve(story.id, mentor, Wish(texts=found.texts, place=Place.NONE, seen=True)) == ()
    (told,) = lessons.published()
    near = {"document": f"told/{told.id}", "section": f"told/{told.id}#advice", "text": "Take warm boots"}
    recorded(database, turn(reply={"status": "answered", "text": "Boots [1]", "citations": [near], "nearest": [near]}))
    now = datetime.now(UTC)
    with database.writing() as connection:
        connection.execute(insert(schema.session).values(token="t" * 64, mentor=DANA, begun=now, latest=now))
    copy = backup(database, tmp_path / "one.backup")
    mail.withdraw(code)
    database.close()
    restore(url, copy, force=True)
    database = open_database(url)
    with database.reading() as connection:
        assert connection.scalars(select(schema.session.c.token)).all() == []
        (reply,) = connection.scalars(select(schema.turn.c.reply))
    database.close()
    assert reply == {"status": "answered", "text": "", "citations": [], "nearest": []}


def with_a_lesson(database: Database) -> str:
    """Add two mentors, publish a story as a lesson, and return its id."""
    add_mentors(database)
    with database.writing() as connection:
        connection.execute(update(schema.mentor).where(schema.mentor.c.id == DANA).values(login="dana"))
        connection.execute(update(schema.mentor).where(schema.mentor.c.id != DANA).values(login="aida"))
    lessons = Lessons(database)
    DatabaseSubmissions(database).add(experience(advice="Take warm boots along with you."), masked=True)
    (story,) = lessons.stories()
    found = lessons.read(story.id)
    assert found is not None
    wish = Wish(texts=found.texts, place=Place.NONE, seen=True)
    assert lessons.approve(story.id, Mentor(DANA, "Dana", "Dana", "", Role.MENTOR, None), wish) == ()
    return lessons.published()[0].id


def decided_since(database: Database, lesson: str) -> None:
    """Disable one mentor, give another one a new password, and take a lesson back."""
    mentors = Mentors(database)
    mentors.disable("aida")
    mentors.reset("dana", "a password of many words")
    assert Lessons(database).unpublish(lesson, mentors.known("dana"), "A neighbour was told.") == ()


def stands(database: Database) -> tuple[object, ...]:
    """Return who may sign in and with which password, known browsers, lessons, and whether the story waits again."""
    with database.reading() as connection:
        access = connection.execute(
            select(schema.mentor.c.login, schema.mentor.c.password, schema.mentor.c.disabled).order_by("login")
        ).all()
        browsers = connection.scalars(select(schema.device.c.token)).all()
        items = connection.scalars(select(schema.item.c.state)).all()
    lessons = Lessons(database)
    return (*map(tuple, access), *browsers, lessons.published(), [row.state for row in lessons.stories()], *items)


def test_what_was_decided_for_safety_since_stays_decided(url: URL, tmp_path: Path) -> None:
    """Who was disabled stays out, a new password counts and no old one, and a lesson taken back stays away."""
    database = open_database(url)
    lesson = with_a_lesson(database)
    with database.writing() as connection:
        connection.execute(insert(schema.device).values(token="t" * 64, mentor=DANA, latest=datetime.now(UTC)))
    early, copy = (backup(database, tmp_path / name) for name in ("early.backup", "one.backup"))
    decided_since(database, lesson)
    before = stands(database)
    for each in (copy, copy, early):
        database.close()
        restore(url, each, force=True)
        database = open_database(url)
        assert stands(database) == before
    with database.reading() as connection:
        assert number(connection) == 2  # published, and taken back: the index is told
    assert DatabaseAudit(database).verify().broken is None
    database.close()


@pytest.mark.parametrize("way", ["the next start", "the next restore"])
def test_a_restore_that_was_cut_off_is_finished(
    whole_postgresql_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """PostgreSQL replaced, and the program killed at once: the next start or restore still carries everything over."""
    database = open_database(whole_postgresql_url)
    lesson = with_a_lesson(database)
    code = DatabaseSubmissions(database).add(feedback("gone"), masked=True)
    copy = backup(database, tmp_path / "one.backup")
    decided_since(database, lesson)
    DatabaseSubmissions(database).withdraw(code)
    before = stands(database)
    database.close()

    def killed(_: URL) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(backups, "finish_restored", killed)
        with pytest.raises(KeyboardInterrupt):
            restore(whole_postgresql_url, copy, force=True)
    if way == "the next restore":
        restore(whole_postgresql_url, copy, force=True)
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(whole_postgresql_url.render_as_string(False)))
    database = open_records(settings)
    assert stands(database) == before
    assert DatabaseSubmissions(database).waiting(SubmissionKind.FEEDBACK) == ()
    with database.reading() as connection:
        assert not inspect(connection).has_table("restoring")
    database.close()


def test_a_restore_that_replaced_nothing_carries_nothing_over(whole_postgresql_url: URL, tmp_path: Path) -> None:
    """Where PostgreSQL refuses the archive, what was written down for it does not undo what is decided later."""
    database = open_database(whole_postgresql_url)
    with_a_lesson(database)
    with database.reading() as connection:
        put_down(database, carried(connection))
    Mentors(database).disable("aida")
    assert not finish_waiting(database)
    assert Mentors(database).known("aida").disabled is not None
    with database.reading() as connection:
        assert not inspect(connection).has_table("restoring")
    database.close()


def test_a_new_place_needs_no_force(url: URL, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Where nothing was, a backup is put without a word, and nothing is kept aside."""
    database = open_database(url)
    key = DatabaseConversations(database).begin("en", "chat")
    copy = backup(database, tmp_path / "one.backup")
    database.close()
    if url.get_backend_name() == "sqlite":
        place = sqlite_url(tmp_path / "new" / "records.sqlite")
    else:
        with database.engine.connect() as connection:
            connection.execute(text("DROP TABLE submission, turn, conversation, audit, alembic_version CASCADE"))
            connection.execute(text("DROP FUNCTION audit_only_grows"))
            connection.commit()
        database.close()
        place = url
    assert restore(place, copy) is None
    database = open_database(place)
    assert [head.id for head in DatabaseConversations(database).recent(9)] == [key.id]
    database.close()


def test_nothing_is_overwritten_unasked(url: URL, tmp_path: Path, opening: Opening) -> None:
    """Neither a file by a backup nor records by a restore, unless it is forced."""
    database = opening(url)
    key = DatabaseConversations(database).begin("en", "chat")
    copy = backup(database, tmp_path / "one.backup")
    content = copy.read_bytes()
    with pytest.raises(RecordError, match="overwrites nothing"):
        backup(database, copy)
    with pytest.raises(RecordError, match="holds records; --force"):
        restore(url, copy)
    assert copy.read_bytes() == content
    assert DatabaseConversations(database).read(key.id) is not None


@pytest.mark.parametrize("damage", [lambda content: b"", lambda content: content[: len(content) // 2],
                                    lambda content: b"nothing of ours " * 999])  # fmt: skip
def test_a_damaged_backup_replaces_nothing(
    url: URL, tmp_path: Path, opening: Opening, damage: Callable[[bytes], bytes]
) -> None:
    """What is cut off, empty or something else is refused before anything is touched."""
    database = opening(url)
    key = DatabaseConversations(database).begin("en", "chat")
    copy = backup(database, tmp_path / "one.backup")
    copy.write_bytes(damage(copy.read_bytes()))
    with pytest.raises(RecordError):
        restore(url, copy, force=True)
    with pytest.raises(RecordError, match="there is no file"):
        restore(url, tmp_path / "none", force=True)
    assert DatabaseConversations(database).read(key.id) is not None


def test_a_forged_backup_replaces_nothing(sqlite_file_url: URL, tmp_path: Path, opening: Opening) -> None:
    """A copy whose audit trail was changed is refused, and the row is named."""
    database = opening(sqlite_file_url)
    for each in range(3):
        DatabaseAudit(database).note("a", "b", str(each))
    copy = backup(database, tmp_path / "one.backup")
    forged = opening(sqlite_url(copy))
    without_triggers(forged, "UPDATE audit SET actor = 'x' WHERE number = 2")
    database.close()
    with pytest.raises(RecordError, match="is in use, so the file alone is not whole"):
        restore(sqlite_file_url, copy, force=True)
    forged.close()
    with pytest.raises(RecordError, match="row 2 is not what was written"):
        restore(sqlite_file_url, copy, force=True)


def test_a_failed_backup_leaves_no_file(
    sqlite_file_url: URL, tmp_path: Path, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the copy is found wanting, or the disk fails, nothing that looks like a backup stays."""
    database = opening(sqlite_file_url)
    DatabaseAudit(database).note("a", "b", "c")
    without_triggers(database, "UPDATE audit SET actor = 'x'")
    with pytest.raises(RecordError, match="not whole: audit trail"):
        backup(database, tmp_path / "copies" / "one.backup")

    def failing(_: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(backups, "_sync", failing)
    with pytest.raises(RecordError):
        backup(opening(sqlite_url(tmp_path / "other.sqlite")), tmp_path / "copies" / "one.backup")
    assert list((tmp_path / "copies").iterdir()) == []


def test_records_in_use_are_not_replaced(
    sqlite_file_url: URL, tmp_path: Path, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a program serves them, a restore is refused, and the program goes on writing."""
    monkeypatch.setattr(backups, "_RELEASE_SECONDS", 0.1)
    database = opening(sqlite_file_url)
    key = DatabaseConversations(database).begin("en", "chat")
    copy = backup(database, tmp_path / "one.backup")
    with database.reading(), pytest.raises(RecordError, match="in use; stop the program"):
        restore(sqlite_file_url, copy, force=True)
    assert DatabaseConversations(database).record(key.id, said()) == 1
    assert [path.name for path in path_of(sqlite_file_url).parent.glob("*before*")] == []


def test_a_damaged_file_is_replaced_and_kept(sqlite_file_url: URL, tmp_path: Path) -> None:
    """When the records cannot even be opened, a backup takes their place, and the damaged file and its log are aside."""
    database = open_database(sqlite_file_url)
    key = DatabaseConversations(database).begin("en", "chat")
    copy = backup(database, tmp_path / "one.backup")
    database.close()
    path = path_of(sqlite_file_url)
    path.write_bytes(b"damaged " * 999)
    path.with_name(path.name + "-wal").mkdir()  # nor can anything be made of its log
    assert any(not finding.ok for finding in check(sqlite_file_url))
    aside = restore(sqlite_file_url, copy, force=True)
    assert aside is not None
    assert aside.read_bytes() == b"damaged " * 999
    assert aside.with_name(aside.name + "-wal").is_dir()
    assert DatabaseConversations(open_database(sqlite_file_url)).read(key.id) is not None


def test_a_check_names_what_is_wrong(url: URL, opening: Opening) -> None:
    """All is well at first; a row changed behind the program and a place without records are found."""
    database = opening(url)
    DatabaseAudit(database).note("a", "b", "c")
    findings = {finding.subject: finding for finding in check(url)}
    assert all(finding.ok for finding in findings.values())
    assert findings["schema"].words == f"revision {head()}"
    assert DatabaseAudit(database).verify().newest in findings["audit trail"].words
    without_triggers(database, "UPDATE audit SET subject = 'x'")
    assert [(finding.subject, finding.ok) for finding in check(url) if not finding.ok] == [("audit trail", False)]


def test_a_check_makes_nothing(sqlite_file_url: URL) -> None:
    """Looking at records that are not there says so and leaves no file."""
    (finding,) = check(sqlite_file_url)
    assert (finding.ok, "no records" in finding.words) == (False, True)
    assert not path_of(sqlite_file_url).exists()


def test_rows_that_point_nowhere_are_found(sqlite_file_url: URL, opening: Opening) -> None:
    """A link whose other end is gone, which no program of ours can make, is a finding."""
    database = opening(sqlite_file_url)
    key = DatabaseConversations(database).begin("en", "chat")
    DatabaseConversations(database).record(key.id, said())
    with database.bare() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("DELETE FROM conversation")
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    assert [finding.subject for finding in check(sqlite_file_url) if not finding.ok] == ["links"]


def test_without_the_tools_of_postgresql_it_is_said(
    whole_postgresql_url: URL, opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pg_dump is missing, the message names it and the package."""
    database = opening(whole_postgresql_url)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RecordError, match="'pg_dump' is not installed"):
        backup(database, tmp_path / "one.backup")
    assert list(tmp_path.glob("one*")) == []
