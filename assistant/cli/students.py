"""The student of a profile file, and the files of their plan."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from assistant.cli.printing import clean
from assistant.errors import QuestionError
from assistant.types import Language

if TYPE_CHECKING:
    from assistant.preparation.plan import Plan
    from assistant.preparation.preparing import Preparation
    from assistant.preparation.profile import Profile, Refused
    from assistant.settings import Settings

MOST_BYTES = 256 * 1024
"""Size of a file with a profile, at most; what lies behind is not read."""


class Student(NamedTuple):
    """A student, what the knowledge base holds, and in which language and where from it is told."""

    profile: Profile
    refused: tuple[Refused, ...]
    preparation: Preparation
    language: Language
    address: str


def student_of(path: Path, language: Language, settings: Settings) -> Student:
    """Return the student of a file, and name on standard error what of the profile was not taken.

    Raises:
        QuestionError: If the file cannot be read or holds no profile.
    """
    from datetime import date

    from assistant.bootstrap import open_preparation
    from assistant.preparation.profile import read_profile
    from assistant.preparation.refused_text import refused_words

    profile, refused = read_profile(_read_profile(path), today=date.today())
    for each in refused:
        typer.echo(f"assistant: {clean(refused_words(each, language))}", err=True)
    address = f"http://{settings.host}:{settings.port}"
    return Student(profile, refused, open_preparation(settings), language, address)


def _read_profile(path: Path) -> Mapping[str, Any]:
    """Return the object in a JSON file.

    Raises:
        QuestionError: If it cannot be read or is no profile.
    """
    from assistant.contract import given_profile

    try:
        raw = sys.stdin.buffer.read(MOST_BYTES) if str(path) == "-" else _beginning(path)
        return given_profile(json.loads(raw.decode("utf-8-sig")))
    except OSError as error:
        raise QuestionError(f"cannot read {str(path)!r}: {error.strerror}; give a file with a profile") from error
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"cannot read {str(path)!r} as a profile: {error}; see --help for an example") from error


def write_plan(made: Plan, student: Student, ics: Path | None, markdown: Path | None) -> None:
    """Write a plan to the files that are wanted.

    Raises:
        QuestionError: If a calendar is wanted and there is no departure, or a file cannot be written.
    """
    from datetime import UTC, datetime

    from assistant.preparation.calendar_file import calendar
    from assistant.preparation.plan_text import departure_words
    from assistant.preparation.plan_text import markdown as written

    language, address = student.language, student.address
    if ics and made.departure is None:
        raise QuestionError(f'--ics {str(ics)!r}: {departure_words(made, language)} Add "departure": "2027-09"')
    try:
        if ics:
            ics.write_bytes(calendar(made, language, address=address, now=datetime.now(UTC)))
        if markdown:
            markdown.write_text(written(made, language, address=address), encoding="utf-8")
    except OSError as error:
        raise QuestionError(f"cannot write {error.filename!r}: {error.strerror}; give another file") from error


def _beginning(path: Path) -> bytes:
    """Return as much of a file as a profile may have."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
