"""What has come of the newest replies that a language model was asked for, as the records tell."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import URL, select

from assistant.records.database import connect
from assistant.records.schema import turn

NEWEST = 500
"""Replies that are looked at."""


def drafted(url: str | URL, newest: int = NEWEST) -> str:
    """Return in words how many of the newest replies a model was asked for, by outcome, and what it said falsely.

    Raises:
        RecordError: If the records cannot be read, or are not of the newest schema.
    """
    database = connect(url)
    try:
        with database.reading() as connection:
            latest = select(turn.c.reply).order_by(turn.c.created.desc(), turn.c.number.desc()).limit(newest)
            replies = connection.scalars(latest).all()
    finally:
        database.close()
    drafts = [draft for reply in replies if isinstance(draft := (reply or {}).get("drafting"), dict)]
    if not drafts:
        return f"no language model took part in the newest {len(replies)}"
    outcomes = Counter(str(draft.get("outcome")) for draft in drafts)
    told = ", ".join(f"{outcome} {outcomes[outcome]}" for outcome in sorted(outcomes, key=lambda o: (-outcomes[o], o)))
    dropped = sum(len(draft.get("dropped") or ()) for draft in drafts)
    return (
        f"a language model was asked for {len(drafts)} of the newest {len(replies)}: {told}; "
        f"{dropped} of its sentences were not shown, because nothing they cite supports them"
    )
