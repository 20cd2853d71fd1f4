"""The commands that say who may work at the mentors' desk."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.bootstrap import open_records
from assistant.cli import app
from assistant.records.audit import DatabaseAudit
from assistant.records.mentors import Mentors, Role
from assistant.records.passwords import Passwords
from assistant.records.sessions import SignedIn, SignIn
from assistant.settings import Settings

PASSWORD = "seven plain words"
ADD = ("add", "Aigul@example.org", "--name", "Aigul Serik", "--office", "International office")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings whose data folder is the test's own."""
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    return Settings(data_dir=tmp_path / "data")


def run(*arguments: str, typed: str = PASSWORD + "\n") -> tuple[int, str]:
    """Return the exit code of a ``mentor`` command and all that it wrote."""
    result = CliRunner().invoke(app, ["mentor", *arguments], input=typed)
    return result.exit_code, result.output


def may_sign_in(settings: Settings, password: str = PASSWORD) -> bool:
    """Return whether the password opens the desk."""
    records = open_records(settings)
    tried = SignIn(records, Passwords()).enter("aigul@example.org", password, device=None, address="192.0.2.1")
    records.close()
    return isinstance(tried, SignedIn)


def test_there_is_nobody_at_first(settings: Settings) -> None:
    """No account and no password comes with the program."""
    assert run("list", "--json") == (0, '{"mentors": []}\n')
    assert run("list") == (0, "0 mentors\n")


def test_a_mentor_is_added_changed_and_shown(settings: Settings) -> None:
    """Add, list, disable, enable, reset: each does what it says, says so, and stands in the audit trail."""
    assert run(*ADD, "--password-stdin") == (0, "added aigul@example.org (mentor)\n")
    assert may_sign_in(settings)
    told = {"login": "aigul@example.org", "name": "Aigul Serik", "office": "International office"}
    assert json.loads(run("list", "--json")[1]) == {"mentors": [told | {"role": "mentor", "disabled": None}]}
    assert run("disable", "aigul@example.org") == (0, "disabled aigul@example.org\n")
    assert "disabled since" in run("list")[1]
    assert not may_sign_in(settings)
    assert run("enable", "AIGUL@example.org")[0] == 0
    assert run("reset", "aigul@example.org", "--password-stdin", typed="quite another phrase\n")[0] == 0
    assert not may_sign_in(settings)
    assert may_sign_in(settings, "quite another phrase")
    trail = DatabaseAudit(open_records(settings)).entries()
    deeds = [each.action for each in trail if each.actor == "operator"]
    assert deeds == ["add", "disable", "enable", "reset"]
    assert PASSWORD not in str(trail)


def test_coordinators_and_mentors_without_a_password(settings: Settings) -> None:
    """A role can be given; who signs in with the organisation's account alone needs no password."""
    assert run(*ADD, "--role", "coordinator", "--no-password")[0] == 0
    (added,) = Mentors(open_records(settings)).all()
    assert added.role is Role.COORDINATOR
    assert not may_sign_in(settings, "")


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "said"),
    [
        ((*ADD, "--password-stdin"), "short\n", 1, "shorter than 12 characters"),
        ((*ADD, "--password-stdin"), "", 1, "shorter than 12 characters"),
        ((*ADD, "--password-stdin"), "aigul@example.org\n", 1, "too much like the login"),
        ((*ADD, "--password-stdin"), "Password-2026\n", 1, "guessed first"),
        (("add", "no login", "--name", "A", "--office", "B", "--password-stdin"), PASSWORD, 1, "is no login"),
        (("add", "aigul", "--name", "", "--office", "B", "--password-stdin"), PASSWORD, 1, "is no name"),
        (("add", "aigul", "--name", "A", "--password-stdin"), PASSWORD, 2, "--office"),
        ((*ADD, "--role", "admin", "--password-stdin"), PASSWORD, 2, "admin"),
        ((*ADD, "--password", PASSWORD), "", 2, "--password"),
        (ADD, PASSWORD, 1, "there is no terminal"),
        (("reset", "nobody", "--password-stdin"), PASSWORD, 1, "'nobody' is no mentor's login"),
        (("disable", "nobody"), "", 1, "'nobody' is no mentor's login"),
        (("enable", "nobody"), "", 1, "'nobody' is no mentor's login"),
    ],
)
def test_what_cannot_be_done_is_said(
    settings: Settings, arguments: tuple[str, ...], typed: str, code: int, said: str
) -> None:
    """One sentence and exit code 1, or 2 for a wrong option; nothing is stored."""
    found, words = run(*arguments, typed=typed)
    assert found == code
    assert said in words.replace("\n", " ").replace("│", "")
    assert "Traceback" not in words
    assert Mentors(open_records(settings)).all() == ()


def test_a_login_is_taken_once(settings: Settings) -> None:
    """However it is written."""
    run(*ADD, "--password-stdin")
    code, words = run(*ADD, "--password-stdin")
    assert code == 1
    assert "is taken" in words


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), ("a different one", 1)])
def test_the_password_is_asked_for_twice_and_not_shown(settings: Settings, second: str, code: int) -> None:
    """In a terminal; nothing of it is written there, and two different ones are refused."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "assistant", "mentor", *ADD], stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    written = _until(ours, "Password")
    os.write(ours, f"{PASSWORD}\n".encode())
    written += _until(ours, "once more")
    os.write(ours, f"{second}\n".encode())
    written += _until(ours, None)
    assert child.wait(60) == code
    os.close(ours)
    assert PASSWORD not in written
    assert ("added" if code == 0 else "the two passwords are different") in written


def _until(terminal: int, words: str | None) -> str:
    """Return what is written to a terminal until some words appear, or until it is closed."""
    written, end = "", time.monotonic() + 60
    while time.monotonic() < end and (words is None or words not in written):
        try:
            piece = os.read(terminal, 1_000)
        except OSError:  # the child has gone
            break
        if not piece:
            break
        written += piece.decode()
    time.sleep(0.2)
    return written
