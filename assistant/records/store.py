"""Where submissions lie until a mentor reads them: the protocol, and one file per submission in a folder.

Whoever sends something gets a code and can erase it with that code for good. Only the SHA-256 of the code is kept, so
nobody who reads the folder can withdraw for somebody else. Copies in backups are the operator's to erase.

What is acknowledged is on the disk: a file is written beside its place, synced, renamed into place, and the folder is
synced. A process that dies before leaves at most a ``.part`` file, which is never read and is removed after an hour.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import AwareDatetime, Field, ValidationError

from assistant.errors import RecordError
from assistant.knowledge.data_file import Strict
from assistant.records.ports import TurnKey
from assistant.records.submissions import SUBMISSION_TYPES, Submission, SubmissionKind

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Signs of a code: no 0 and O, no 1, I and L, which people mistake for each other."""

GROUPS, GROUP_LENGTH = 4, 5
"""A code is 20 of 31 signs, 99 random bits, written ``ABCDE-FGHJK-MNPQR-STUVW``."""

LARGEST_BYTES = 1024 * 1024
"""Largest file that is read; the longest submission that the rules allow has about a quarter of that."""

PART_SECONDS = 3600
"""Age after which an unfinished file belongs to nobody: writing one takes seconds at most."""

_CODE_LENGTH = GROUPS * GROUP_LENGTH
_LONGEST_TYPED = 10 * _CODE_LENGTH
_DAMAGED = "damaged"
# Who types a code with a Cyrillic keyboard means the Latin letter that looks the same.
_LOOK_ALIKES = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX")
_BETWEEN = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212]+")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A submission that waits for a mentor.

    Attributes:
        id: SHA-256 of its withdrawal code, in hexadecimal.
        received: When it was stored, in UTC.
        masked: Whether what may identify a person was masked before.
        submission: What was sent.
    """

    id: str
    received: datetime
    masked: bool
    submission: Submission


class Submissions(Protocol):
    """What keeps submissions, safe for threads and processes at once. Every method may raise ``RecordError``."""

    def add(self, submission: Submission, *, masked: bool, about: TurnKey | None = None) -> str:
        """Store a submission and return the code that withdraws it; once returned, nothing but a disk can lose it.

        Args:
            submission: What is stored.
            masked: Whether what may identify a person was masked before.
            about: The turn that it is about, if that was recorded.
        """

    def withdraw(self, code: str) -> bool:
        """Erase the submission with this code for good; return whether there was one.

        Capitals, spaces and dashes do not matter, nor do Cyrillic letters that look like Latin ones.
        """

    def waiting(self, kind: SubmissionKind) -> tuple[Stored, ...]:
        """Return the submissions of a kind, oldest first; damaged ones are set aside and left out."""


def new_code() -> str:
    """Return a fresh withdrawal code of 99 random bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def code_digest(code: str) -> str | None:
    """Return the SHA-256 of a code as somebody has typed it, in hexadecimal; None if it cannot be a code."""
    if len(code) > _LONGEST_TYPED:
        return None
    signs = _BETWEEN.sub("", code).upper().translate(_LOOK_ALIKES)
    if len(signs) != _CODE_LENGTH or not set(signs) <= set(ALPHABET):
        return None
    return hashlib.sha256(signs.encode("ascii")).hexdigest()


class _File(Strict):
    """What a file holds."""

    received: AwareDatetime
    masked: bool
    kind: SubmissionKind
    submission: Annotated[dict[str, Any], Field(min_length=1)]


class FolderSubmissions:
    """Submissions as JSON files of a folder that only its owner can read."""

    def __init__(self, folder: Path, *, sync: Callable[[int], None] = os.fsync) -> None:
        """Open the folder, made if need be.

        Args:
            folder: Holds nothing else.
            sync: Forces an open file or folder onto the disk.

        Raises:
            RecordError: If the folder cannot be made.
        """
        self._folder, self._sync = folder, sync
        with _reported(folder):
            (folder / _DAMAGED).mkdir(mode=0o700, parents=True, exist_ok=True)
            for each in (folder, folder / _DAMAGED):
                each.chmod(0o700)
            self._sync_folder(folder.parent)

    def add(self, submission: Submission, *, masked: bool, about: TurnKey | None = None) -> str:
        """Store a submission in a file of its own and return its code; ``about`` is ignored: a folder has no turns."""
        code = new_code()
        place = self._folder / f"{submission.kind}-{code_digest(code)}.json"
        stored = _File(
            received=datetime.now(UTC),
            masked=masked,
            kind=submission.kind,
            submission=submission.model_dump(mode="json"),
        )
        with _reported(self._folder):
            self._write(place, stored.model_dump_json().encode())
        return code

    def withdraw(self, code: str) -> bool:
        """Erase the file of this code, be it in its place or set aside."""
        digest = code_digest(code)
        found = False
        with _reported(self._folder):
            for kind in SubmissionKind if digest else ():
                for folder in (self._folder, self._folder / _DAMAGED):
                    found = self._erase(folder / f"{kind}-{digest}.json") or found
        return found

    def waiting(self, kind: SubmissionKind) -> tuple[Stored, ...]:
        """Return the readable submissions of a kind, oldest first."""
        with _reported(self._folder):
            self._sweep()
            paths = sorted(self._folder.glob(f"{kind}-*.json"))
        found = filter(None, (self._read(path, kind) for path in paths))
        return tuple(sorted(found, key=lambda stored: (stored.received, stored.id)))

    def _write(self, place: Path, content: bytes) -> None:
        """Write a file in one piece or not at all."""
        part = place.with_suffix(".part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                self._sync(file.fileno())
            part.replace(place)
            self._sync_folder(self._folder)
        except BaseException:
            # Not acknowledged, so it must not be there: the sender may send it again.
            part.unlink(missing_ok=True)
            place.unlink(missing_ok=True)
            raise

    def _read(self, path: Path, kind: SubmissionKind) -> Stored | None:
        """Return what a file holds; None if it has just been withdrawn, cannot be opened, or is damaged."""
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.error("submission %s cannot be read (%s); see to its access", path.name, error.strerror)
            return None
        stored = _stored(path, kind, content)
        if stored is None:
            self._set_aside(path)
        return stored

    def _set_aside(self, path: Path) -> None:
        _log.error("submission %s is damaged; it is set aside in the folder %r", path.name, _DAMAGED)
        with suppress(OSError):  # withdrawn meanwhile, or set aside by another process
            path.replace(path.parent / _DAMAGED / path.name)

    def _erase(self, path: Path) -> bool:
        """Remove a file for good and return whether it was there."""
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        self._sync_folder(path.parent)
        return True

    def _sweep(self) -> None:
        """Remove unfinished files of processes that died: nobody was told that these were stored."""
        for part in self._folder.glob("*.part"):
            with suppress(FileNotFoundError):
                if datetime.now(UTC).timestamp() - part.stat().st_mtime > PART_SECONDS:
                    part.unlink()

    def _sync_folder(self, folder: Path) -> None:
        if os.name == "nt":  # Windows cannot open a folder, and keeps names with the file
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            self._sync(handle)
        finally:
            os.close(handle)


def _stored(path: Path, kind: SubmissionKind, content: bytes) -> Stored | None:
    """Return what the bytes of a file say; None if they are not what was written."""
    if len(content) > LARGEST_BYTES:
        return None
    try:
        file = _File.model_validate_json(content)
        if file.kind is not kind:
            return None
        submission = SUBMISSION_TYPES[kind].model_validate(file.submission)
    except ValidationError:
        return None
    digest = path.stem.removeprefix(f"{kind}-")
    return Stored(id=digest, received=file.received, masked=file.masked, submission=submission)


@contextmanager
def _reported(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a ``RecordError``, without content."""
    try:
        yield
    except OSError as error:
        raise RecordError(
            f"submissions folder {str(folder)!r}: {error.strerror or error}; "
            "free space on its disk, or give this user access"
        ) from error
