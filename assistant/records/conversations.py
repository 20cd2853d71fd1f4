"""Conversations in a database: every question with what was replied, until the student or time erases it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, desc, func, insert, select, tuple_, update

from assistant.records.audit import note
from assistant.records.database import Database
from assistant.records.filing import country_code, file_turn, language_of, nearest, topic
from assistant.records.ports import (
    ConversationHead,
    ConversationKey,
    ConversationRecord,
    NewTurn,
    RecordedTurn,
    TurnKey,
)
from assistant.records.publishing import grow_if_worded
from assistant.records.schema import conversation, submission, turn
from assistant.records.store import code_digest, new_code
from assistant.types import Language

_HEAD_FIELDS = ("id", "language", "page", "begun", "latest", "turns")
_ID = re.compile("[0-9a-f]{32}")
_TURNS = select(func.count()).where(turn.c.conversation == conversation.c.id).scalar_subquery().label("turns")
_HEADS = select(*conversation.c, _TURNS)


class DatabaseConversations:
    """Conversations in a database."""

    def __init__(self, database: Database) -> None:
        """Keep them in ``database``."""
        self._database = database

    def begin(self, language: Language, page: str) -> ConversationKey:
        """Begin a conversation."""
        key = ConversationKey(secrets.token_hex(16), new_code())
        with self._database.writing() as connection:
            now = datetime.now(UTC)
            row = {"id": key.id, "code": code_digest(key.code), "language": language, "page": page}
            connection.execute(insert(conversation).values(**row, begun=now, latest=now))
        return key

    def record(self, id: str, said: NewTurn) -> int | None:
        """Add a turn, filed for the mentors where they should look at it, and return its number.

        None if there is no such conversation, or it has been erased.
        """
        if not is_id(id):
            return None
        with self._database.writing() as connection:
            now = datetime.now(UTC)
            touched = update(conversation).where(conversation.c.id == id).values(latest=now)
            page_language = connection.execute(touched.returning(conversation.c.language)).scalar_one_or_none()
            if page_language is None:
                return None
            key = TurnKey(id, _turns(connection, id) + 1)
            language = language_of(said, page_language)
            row = {"conversation": id, "number": key.number, "created": now, "language": language}
            connection.execute(insert(turn).values(**row, **_columns(said)))
            file_turn(connection, key, said, language, now)
        return key.number

    def read(self, id: str) -> ConversationRecord | None:
        """Return a conversation; None if there is none."""
        if not is_id(id):
            return None
        with self._database.reading() as connection:
            head = connection.execute(_HEADS.where(conversation.c.id == id)).mappings().first()
            if head is None:
                return None
            turns = connection.execute(select(turn).where(turn.c.conversation == id).order_by(turn.c.number)).mappings()
            return ConversationRecord(_head(head), tuple(map(recorded, turns)))

    def erase(self, code: str) -> bool:
        """Erase the conversation with this code for good, with its turns and all that was sent about them."""
        digest = code_digest(code)
        if digest is None:
            return False
        with self._database.writing() as connection:
            found = connection.scalar(select(conversation.c.id).where(conversation.c.code == digest))
            if found is None:
                return False
            sent = select(func.count()).select_from(submission).where(submission.c.conversation == found)
            gone = {"turns": _turns(connection, found), "submissions": connection.scalar(sent) or 0}
            grow_if_worded(connection, [found])
            connection.execute(delete(conversation).where(conversation.c.id == found))
            note(connection, "student", "erase", f"conversation {found}", gone)
        self._database.scrub()
        return True

    def recent(self, limit: int, before: ConversationHead | None = None) -> tuple[ConversationHead, ...]:
        """Return at most ``limit`` conversations, newest first; those that began before ``before``, if given."""
        place = tuple_(conversation.c.begun, conversation.c.id)
        query = _HEADS.order_by(desc(conversation.c.begun), desc(conversation.c.id)).limit(limit)
        if before is not None:
            query = query.where(place < tuple_(before.begun, before.id))
        with self._database.reading() as connection:
            return tuple(map(_head, connection.execute(query).mappings()))


def is_id(text: str) -> bool:
    """Return whether a text can be the id of a conversation; it may come from a browser."""
    return _ID.fullmatch(text) is not None


def _turns(connection: Connection, id: str) -> int:
    """Return how many turns a conversation has, which is the number of its last one."""
    return connection.scalar(select(func.count()).select_from(turn).where(turn.c.conversation == id)) or 0


def _columns(said: NewTurn) -> dict[str, Any]:
    reply: Mapping[str, Any] = said.reply or {}
    return {
        "question": said.question, "reply": said.reply, "generation": said.generation, "settings": said.settings,
        "version": said.version, "composer": reply.get("composer"), "support": reply.get("support"),
        "reason": reply.get("reason"), "country": country_code(said.country), "topic": topic(nearest(reply)),
        "nearest": nearest(reply),
    }  # fmt: skip


def _head(row: RowMapping) -> ConversationHead:
    return ConversationHead(**{name: row[name] for name in _HEAD_FIELDS})


def recorded(row: RowMapping) -> RecordedTurn:
    """Return the turn that a row holds."""
    names = ("number", "question", "reply", "generation", "settings", "version", "created", "language")
    return RecordedTurn(**{name: row[name] for name in names}, country=row["country"] or "")
