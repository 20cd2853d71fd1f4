"""What the index is told when something that a student sent is erased."""

from __future__ import annotations

from sqlalchemy import Connection, select

from assistant.records.publishing import grow
from assistant.records.schema import lesson


def before_withdrawal(connection: Connection, submission: str) -> bool:
    """Tell the index that the lesson made of a submission goes, in the transaction that erases both.

    Args:
        connection: In a writing transaction; lesson and messages go with the submission, by their foreign keys.
        submission: Digest of its code.

    Returns:
        Whether there was a lesson.
    """
    is_told = connection.execute(select(lesson.c.id).where(lesson.c.submission == submission)).first() is not None
    if is_told:
        grow(connection)
    return is_told
