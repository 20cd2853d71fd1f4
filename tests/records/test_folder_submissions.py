"""Submissions as files: the contract, and what damage, a full disk and wrong access do."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from submissions_contract import SubmissionsContract, children, experience, feedback

from assistant.errors import RecordError
from assistant.records.store import ALPHABET, FolderSubmissions, code_digest, new_code
from assistant.records.submissions import SubmissionKind

__all__ = ["children"]  # a fixture of the contract


def opened(folder: Path) -> FolderSubmissions:
    """Open a folder."""
    return FolderSubmissions(folder / "submissions")


class TestFolderSubmissions(SubmissionsContract):
    """Files in a folder keep the contract."""

    opened = staticmethod(opened)


def only_file(folder: Path) -> Path:
    """Return the one submission of a folder."""
    (path,) = (folder / "submissions").glob("*.json")
    return path


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"\xff\x00" * 50,
        lambda content: content.replace(b'"country":"PL"', b'"country":""'),
        lambda content: content.replace(b'"masked":false', b'"masked":false,"more":1'),
        lambda content: content.replace(b'"kind":"experience"', b'"kind":"feedback"'),
        lambda content: b"[" * 900_000,
        lambda content: content.replace(b"Ask early.", b"A" * 2_000_000),
    ],
)
def test_a_damaged_file_is_set_aside_and_reported_without_content(
    tmp_path: Path, damage, caplog: pytest.LogCaptureFixture
) -> None:
    """The others still come, the log names the file only, and the code still erases what was set aside."""
    keeper = opened(tmp_path)
    code = keeper.add(experience(), masked=False)
    path = only_file(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    keeper.add(experience(country="TR"), masked=False)
    assert [stored.submission.country for stored in keeper.waiting(SubmissionKind.EXPERIENCE)] == ["TR"]
    assert (path.parent / "damaged" / path.name).exists()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert path.name in caplog.text
    assert "Ask early" not in caplog.text
    assert keeper.withdraw(code) is True
    assert not (path.parent / "damaged" / path.name).exists()


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    """Folders have mode 0700 and files 0600, whatever the mask and whatever was there before."""
    (tmp_path / "submissions").mkdir(mode=0o755)
    before = os.umask(0)
    try:
        opened(tmp_path).add(feedback(), masked=False)
    finally:
        os.umask(before)
    assert only_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert {each.stat().st_mode & 0o777 for each in (tmp_path / "submissions", tmp_path / "submissions/damaged")} == {
        0o700
    }


def leftovers(folder: Path) -> list[str]:
    """Return the names of all files below a folder."""
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_a_file_over_the_limit_leaves_nothing(tmp_path: Path) -> None:
    """A write that the system refuses half-way becomes a RecordError without text, and no file stays."""
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, 'tests/records')\n"
        "from assistant.errors import RecordError\n"
        "from test_folder_submissions import opened; from submissions_contract import experience\n"
        "try: opened(Path(sys.argv[1])).add(experience(advice='secret ' * 200), masked=False)\n"
        "except RecordError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert "File too large" in done.stdout
    assert "secret" not in done.stdout
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("failing", [1, 2])
def test_a_full_disk_leaves_nothing(tmp_path: Path, failing: int) -> None:
    """If the file or the folder cannot be forced onto the disk, nothing is acknowledged and nothing stays."""
    calls = [-1_000]

    def sync(handle: int) -> None:
        calls[0] += 1
        if calls[0] == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        os.fsync(handle)

    keeper = FolderSubmissions(tmp_path, sync=sync)
    calls[0] = 0
    with pytest.raises(RecordError, match="No space left on device; free space"):
        keeper.add(experience(), masked=False)
    assert leftovers(tmp_path) == []
    assert keeper.withdraw(keeper.add(experience(), masked=False))


def test_a_folder_that_cannot_be_used_is_a_record_error(tmp_path: Path) -> None:
    """A file in the folder's place, and a folder that is gone, are said and not hidden."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(RecordError, match="submissions folder"):
        FolderSubmissions(tmp_path / "file")
    keeper = FolderSubmissions(tmp_path / "gone")
    (tmp_path / "gone/damaged").rmdir()
    (tmp_path / "gone").rmdir()
    with pytest.raises(RecordError):
        keeper.add(feedback(), masked=False)


def test_unfinished_files_are_never_read_and_removed_after_an_hour(tmp_path: Path) -> None:
    """What a killed process left goes away; what another process is just writing stays."""
    keeper = opened(tmp_path)
    old, fresh = (tmp_path / "submissions" / f"feedback-{name}.part" for name in ("old", "fresh"))
    for path in (old, fresh):
        path.write_text("{")
    os.utime(old, (time.time() - 4000, time.time() - 4000))
    assert keeper.waiting(SubmissionKind.FEEDBACK) == ()
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_foreign_thing_in_the_folder_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A folder with the name of a submission is reported and left out."""
    keeper = opened(tmp_path)
    (tmp_path / "submissions/feedback-x.json").mkdir()
    keeper.add(feedback(), masked=False)
    assert len(keeper.waiting(SubmissionKind.FEEDBACK)) == 1
    assert "cannot be read" in caplog.text


def test_codes_are_long_distinct_and_easy_to_copy() -> None:
    """A code has 20 of 31 signs (over 80 bits) in groups, none of them easily mistaken; all signs occur."""
    codes = [new_code() for _ in range(500)]
    assert len(set(codes)) == 500
    assert all([len(group) for group in code.split("-")] == [5, 5, 5, 5] for code in codes)
    assert set("".join(codes)) == {*ALPHABET, "-"}
    assert not set(ALPHABET) & set("01OIL")
    assert len(ALPHABET) ** 20 > 2**80


@given(st.text())
def test_any_text_can_be_tried_as_a_code(text: str) -> None:
    """Whatever is typed gives a digest or nothing, and never an error."""
    digest = code_digest(text)
    assert digest is None or len(digest) == 64
