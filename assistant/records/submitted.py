"""Submissions in a database, beside the conversations that they are about."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, insert, select

from assistant.records import schema
from assistant.records.audit import note
from assistant.records.conversations import is_id
from assistant.records.database import Database, reported
from assistant.records.filing import file_submission
from assistant.records.ports import TurnKey
from assistant.records.store import FolderSubmissions, Stored, code_digest, new_code
from assistant.records.submissions import SUBMISSION_TYPES, Submission, SubmissionKind
from assistant.records.withdrawing import withdraw

_TABLE = schema.submission
_log = logging.getLogger(__name__)


class DatabaseSubmissions:
    """Submissions in a database; ``store.Submissions`` says what each method does."""

    def __init__(self, database: Database) -> None:
        """Keep them in ``database``."""
        self._database = database

    def add(self, submission: Submission, *, masked: bool, about: TurnKey | None = None) -> str:
        """Store a submission and return the code that withdraws it.

        Args:
            submission: What is stored.
            masked: Whether what may identify a person was masked before.
            about: The turn with which it is erased, and beside which mentors find it; ignored if that is gone.
        """
        code = new_code()
        with self._database.writing() as connection:
            own = {"code": code_digest(code), "received": datetime.now(UTC), "masked": masked}
            row = _columns(submission) | own | _link(connection, about)
            digest = connection.execute(insert(_TABLE).values(**row).returning(_TABLE.c.code)).scalar_one()
            file_submission(connection, digest)
        return code

    def withdraw(self, code: str) -> bool:
        """Erase the submission with this code for good; return whether there was one."""
        digest = code_digest(code)
        if digest is None:
            return False
        with self._database.writing() as connection:
            gone = withdraw(connection, digest)
            if gone is None:
                return False
            note(connection, "student", "withdraw", f"submission {digest}", {"kind": gone})
        self._database.scrub()
        return True

    def waiting(self, kind: SubmissionKind) -> tuple[Stored, ...]:
        """Return the submissions of a kind, oldest first; damaged ones are reported and left out."""
        query = select(_TABLE).where(_TABLE.c.kind == kind.value)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_TABLE.c.received, _TABLE.c.code)).mappings().all()
        return tuple(filter(None, map(stored_in, rows)))


def import_folder(database: Database, folder: Path) -> int:
    """Move what ``FolderSubmissions`` kept in a folder into the database; return how many were moved.

    Codes, times and marks stay as they were. A file is removed once its row is on the disk; a process that dies between
    the two leaves a file that the next import only removes. Damaged files stay in the folder for a person to look at.

    Raises:
        RecordError: If the folder cannot be read, or the database not be written.
    """
    if not folder.is_dir():
        return 0
    kept = FolderSubmissions(folder)
    found = [stored for kind in SubmissionKind for stored in kept.waiting(kind)]
    if not found:
        return 0
    with database.writing() as connection:
        known = {*connection.scalars(select(_TABLE.c.code)), *_withdrawn(connection)}
        fresh = [stored for stored in found if stored.id not in known]
        for stored in fresh:
            connection.execute(insert(_TABLE).values(**_row(stored)))
            file_submission(connection, stored.id)
        note(connection, "program", "import", "submissions", {"moved": len(fresh), "known": len(found) - len(fresh)})
    with reported(database.url):
        for stored in found:
            (folder / f"{stored.submission.kind}-{stored.id}.json").unlink(missing_ok=True)
    return len(fresh)


def _withdrawn(connection: Connection) -> set[str]:
    """Return the digests of withdrawn submissions: a file that an import could not remove must not bring them back."""
    subjects = connection.scalars(select(schema.audit.c.subject).where(schema.audit.c.action == "withdraw"))
    return {subject.removeprefix("submission ") for subject in subjects}


def _link(connection: Connection, about: TurnKey | None) -> dict[str, Any]:
    if about is None or not is_id(about.conversation):
        return {}
    is_there = schema.turn.c.conversation == about.conversation, schema.turn.c.number == about.number
    if connection.execute(select(schema.turn.c.number).where(*is_there)).first() is None:
        return {}
    return {"conversation": about.conversation, "turn": about.number}


def _columns(sent: Submission) -> dict[str, Any]:
    consent_version = getattr(sent, "consent_version", "")
    return {"kind": sent.kind.value, "consent_version": consent_version, "content": sent.model_dump(mode="json")}


def _row(stored: Stored) -> dict[str, Any]:
    own = {"code": stored.id, "received": stored.received, "masked": stored.masked}
    return _columns(stored.submission) | own


def stored_in(row: RowMapping) -> Stored | None:
    """Return what a row holds; None if it is damaged."""
    try:
        sent = SUBMISSION_TYPES[SubmissionKind(row["kind"])].model_validate(row["content"])
    except ValidationError:
        _log.error("submission %s is damaged and left out; its code still withdraws it", row["code"])
        return None
    return Stored(id=row["code"], received=row["received"], masked=row["masked"], submission=sent)
