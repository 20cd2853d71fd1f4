"""Opening the records: addresses, damage, other programs' files, many at once, and what stays on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from conversations_contract import age, said
from records_children import open_and_note
from sqlalchemy import URL, text
from submissions_contract import children, experience, feedback

from assistant.errors import RecordError
from assistant.records.audit import DatabaseAudit
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database, connect, open_database, sqlite_url
from assistant.records.ports import TurnKey
from assistant.records.retention import expire
from assistant.records.submitted import DatabaseSubmissions

__all__ = ["children"]  # a fixture of the contract

Opening = Callable[[URL], Database]


@pytest.fixture(params=["sqlite_file_url", "postgresql_url"])
def url(request: pytest.FixtureRequest) -> URL:
    """Give the address of an empty database, of each sort."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    "address",
    ["", "records.sqlite", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true",
     "mysql://user:hidden@host/name", "postgresql+psycopg2://user:hidden@host/name", "postgresql+nothing://u:hidden@h/n",
     "sqlite+aiosqlite:///x", "postgresql://u:hidden@h:port/n", "\x00", "://" * 20_000],
)  # fmt: skip
def test_an_address_that_keeps_nothing_is_refused(address: str) -> None:
    """What is no file and no PostgreSQL is refused with an example, and no password is repeated."""
    with pytest.raises(RecordError) as told:
        open_database(address)
    assert "sqlite:////" in str(told.value)
    assert "hidden" not in str(told.value)
    assert len(str(told.value)) < 400


def test_a_server_that_does_not_answer_is_a_record_error(tmp_path: Path) -> None:
    """Nothing is shown of the password, and the way out is."""
    with pytest.raises(RecordError) as told:
        open_database(f"postgresql://user:hidden@/name?host={tmp_path}")
    assert "hidden" not in str(told.value)
    assert "see that it can be reached" in str(told.value)


def test_only_the_owner_can_read_the_file(tmp_path: Path, opening: Opening) -> None:
    """File and log have mode 0600, whatever the mask, and whatever mode the file had before."""
    (tmp_path / "records.sqlite").touch(mode=0o644)
    before = os.umask(0)
    try:
        DatabaseAudit(opening(sqlite_url(tmp_path / "records.sqlite"))).note("a", "b", "c")
        DatabaseAudit(opening(sqlite_url(tmp_path / "new" / "records.sqlite"))).note("a", "b", "c")
    finally:
        os.umask(before)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"records.sqlite", "records.sqlite-wal", "records.sqlite-shm"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["кеңсе 100%.sqlite", "a?b&c=d#e.sqlite", "x'y\".sqlite"])
def test_a_file_may_have_any_name(tmp_path: Path, opening: Opening, name: str) -> None:
    """Signs that mean something in an address are letters in a name."""
    DatabaseAudit(opening(sqlite_url(tmp_path / name))).note("a", "b", "c")
    assert (tmp_path / name).stat().st_size > 0


def test_settings_of_sqlite_hold_on_every_connection(sqlite_file_url: URL, opening: Opening) -> None:
    """Whichever thread asks, writes are forced onto the disk, links are kept, and erased bytes are overwritten."""
    database = opening(sqlite_file_url)

    def asked(_: int) -> tuple[object, ...]:
        with database.bare() as connection:
            names = ("busy_timeout", "journal_mode", "synchronous", "foreign_keys", "secure_delete")
            return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(asked, range(12))) == {(30_000, "wal", 2, 1, 1)}


def test_many_can_begin_at_once(url: URL, children: ForkServerContext, opening: Opening) -> None:
    """Six processes open an empty database together: each finds it whole, and it is made once."""
    address = url.render_as_string(hide_password=False)
    starting = [children.Process(target=open_and_note, args=(address,)) for _ in range(6)]
    for each in starting:
        each.start()
    for each in starting:
        each.join()
    assert [each.exitcode for each in starting] == [0] * 6
    assert DatabaseAudit(opening(url)).verify().rows == 6


@pytest.mark.parametrize("statement", ["CREATE TABLE note (id INTEGER)", "CREATE TABLE turn (id INTEGER)"])
def test_a_database_of_another_program_is_left_alone(url: URL, opening: Opening, statement: str) -> None:
    """Tables that are not ours are never mixed with ours."""
    if url.database and url.get_backend_name() == "sqlite":
        Path(url.database).parent.mkdir()
    with connect(url).writing() as connection:
        connection.execute(text(statement))
    with pytest.raises(RecordError, match="holds other tables"):
        opening(url)


@pytest.mark.parametrize("damage", [b"no database at all " * 300, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_said(tmp_path: Path, damage: bytes) -> None:
    """A file of something else is refused and left as it is."""
    path = tmp_path / "records.sqlite"
    path.write_bytes(damage)
    with pytest.raises(RecordError, match=r"records\.sqlite"):
        open_database(sqlite_url(path))
    assert path.read_bytes() == damage


def test_a_writer_does_not_wait_for_ever(url: URL, opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits longer than the limit for the writer before gets an error, and the next one writes again."""
    monkeypatch.setattr("assistant.records.database.BUSY_MS", 100)
    monkeypatch.setattr("assistant.records.database._PRAGMAS", ("busy_timeout=100", "journal_mode=WAL"))
    database, other = opening(url), opening(url)
    with ThreadPoolExecutor(1) as pool, database.writing():
        waiting = pool.submit(DatabaseAudit(other).note, "a", "b", "c")
        with pytest.raises(RecordError, match="records database"):
            waiting.result(timeout=20)
    DatabaseAudit(other).note("a", "b", "c")
    assert DatabaseAudit(database).verify().rows == 1


def test_damaged_pages_are_found_at_opening(sqlite_file_url: URL) -> None:
    """A file whose pages were overwritten is refused, with the way out."""
    database = open_database(sqlite_file_url)
    path = database.path
    assert path is not None
    kept = DatabaseConversations(database)
    for _ in range(50):
        kept.record(kept.begin("en", "chat").id, said("long " * 300))
    database.close()
    content = bytearray(path.read_bytes())
    for page in range(5, len(content) // 4096 - 1):
        content[page * 4096 : page * 4096 + 200] = os.urandom(200)
    path.write_bytes(content)
    with pytest.raises(RecordError, match="records database"):
        open_database(sqlite_file_url)


def test_a_full_disk_is_a_record_error_without_content(sqlite_file_url: URL, opening: Opening) -> None:
    """When nothing can be written, what was to be stored stands in no message, and later writes work."""
    database = opening(sqlite_file_url)
    kept = DatabaseConversations(database)
    key = kept.begin("en", "chat")
    limited = open_database(sqlite_file_url)
    with limited.bare() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # not less than there are
    with pytest.raises(RecordError, match="full") as told:
        DatabaseConversations(limited).record(key.id, said("secret " * 20_000))
    assert "secret" not in str(told.value)
    limited.close()
    assert kept.record(key.id, said("short")) == 1


def on_disk(folder: Path, marker: str) -> bool:
    """Return whether a marker stands in any file of a folder."""
    return any(marker.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_was_erased_stands_in_no_file(sqlite_file_url: URL, opening: Opening) -> None:
    """Twenty markers in questions, long replies, feedback and stories are found on the disk until they are erased."""
    database = opening(sqlite_file_url)
    folder = Path(str(sqlite_file_url.database)).parent
    kept, mail = DatabaseConversations(database), DatabaseSubmissions(database)
    erasing: list[tuple[str, Callable[[], object]]] = []
    for number in range(20):
        marker, filling = f"белгі-{number:02}-мазмұн", "толтыру " * 40 * number
        key = kept.begin("kk", "chat")
        if number % 4 == 0:
            kept.record(key.id, said(filling + marker))
            erasing.append((marker, lambda key=key: kept.erase(key.code)))
        elif number % 4 == 1:
            kept.record(key.id, said("?", {"text": filling * 10 + marker}))
            age(database, key.id, 300)
            erasing.append((marker, lambda: expire(database, datetime.now(UTC))))
        elif number % 4 == 2:
            kept.record(key.id, said("?"))
            mail.add(feedback(marker), masked=False, about=TurnKey(key.id, 1))
            erasing.append((marker, lambda key=key: kept.erase(key.code)))
        else:
            code = mail.add(experience(advice=marker), masked=False)
            erasing.append((marker, lambda code=code: mail.withdraw(code)))
    assert all(on_disk(folder, marker) for marker, _ in erasing)
    for marker, erase in erasing:
        erase()
        assert not on_disk(folder, marker), marker
