"""The rows of verified answers: how they are written and read, within the caller's transaction."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from assistant.knowledge.transliteration import fold
from assistant.records.filing import Subject, Target, file, topic
from assistant.records.flaws import LONGEST_WORDING, MOST_WORDINGS
from assistant.records.identifying import find, masked
from assistant.records.items import Why
from assistant.records.ports import TurnKey
from assistant.records.publishing import (
    AnswerState,
    Checked,
    CheckedCitation,
    CheckedVersion,
    SuspendedBecause,
    WrittenVersion,
)
from assistant.records.schema import turn, verified, verified_citation, verified_version, verified_wording
from assistant.types import LANGUAGES, Language

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wording:
    """Other words for the question of an answer.

    Attributes:
        id: Never given to another one while it stands.
        language: Of the words.
        text: The words; masked where they are a student's.
        is_students: Whether a student asked so; then it is erased with the conversation.
    """

    id: int
    language: Language
    text: str
    is_students: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A verified answer as mentors see it.

    Attributes:
        answer: As the index gets it.
        country: ISO 3166-1 alpha-2 code of the country that it is about; empty if none.
        topic: Kind of the document that it cites first; empty if it cites none.
        created: When it was made, in UTC.
        changed: When it was last changed, suspended or confirmed.
        because: Why it is suspended; None if it is not.
        wordings: All there are, oldest first, also those in languages without a version.
    """

    answer: Checked
    country: str
    topic: str
    created: datetime
    changed: datetime
    because: SuspendedBecause | None
    wordings: tuple[Wording, ...]


def read(connection: Connection, *conditions: Any) -> tuple[Entry, ...]:
    """Return the answers that meet the conditions on ``verified``, oldest first.

    One that breaks a rule that came after it is reported and left out: it must not keep the others from students.
    """
    found = connection.execute(select(verified).where(*conditions).order_by(verified.c.created, verified.c.id))
    rows = found.mappings().all()
    chosen = select(verified.c.id).where(*conditions)
    citations = _grouped(connection, verified_citation, chosen, lambda row: (row["answer"], row["language"]))
    versions = _grouped(connection, verified_version, chosen, lambda row: row["answer"])
    wordings = _grouped(connection, verified_wording, chosen, lambda row: row["answer"])
    entries = (_entry(row, versions[row["id"]], citations, wordings[row["id"]]) for row in rows)
    return tuple(filter(None, entries))


def add(
    connection: Connection,
    versions: Sequence[WrittenVersion],
    mentor: str,
    now: datetime,
    *,
    country: str = "",
    about: str | None = None,
) -> str:
    """Insert an active answer and return its id; ``about`` is its topic where it cites nothing."""
    made = secrets.token_hex(6)
    row = {"id": made, "state": AnswerState.ACTIVE.value, "created": now, "changed": now, "suspended_because": None}
    connection.execute(insert(verified).values(**row, country=country or None, topic=_topic(versions) or about))
    write_versions(connection, made, versions, mentor, now.date())
    for version in versions:
        add_wordings(connection, made, version)
    return made


def write_versions(
    connection: Connection, id: str, versions: Iterable[WrittenVersion], mentor: str, checked_on: date
) -> None:
    """Put each version in the place of the one in its language, if there is one; wordings are left as they are."""
    for version in versions:
        place = {"answer": id, "language": version.language}
        connection.execute(delete(verified_version).where(_in(verified_version, id, version.language)))
        columns = {"question": version.question, "text": version.text, "office": version.office}
        row = {**place, **columns, "mentor": mentor, "checked_on": checked_on, "office_date": version.office_date}
        connection.execute(insert(verified_version).values(**row))
        if version.citations:
            connection.execute(insert(verified_citation), [{**place, **_columns(each)} for each in version.citations])


def drop_versions(connection: Connection, id: str, keep: Iterable[Language]) -> None:
    """Remove the versions in all languages but those kept; wordings stay, for a version may be written again."""
    others = verified_version.c.language.not_in(tuple(keep))
    connection.execute(delete(verified_version).where(verified_version.c.answer == id, others))


def add_asked(connection: Connection, id: str, asked: Iterable[TurnKey]) -> None:
    """Add the questions of turns, masked, as wordings that are erased with them."""
    for key in asked:
        place = (turn.c.conversation == key.conversation) & (turn.c.number == key.number)
        row = connection.execute(select(turn.c.question, turn.c.language).where(place)).first()
        known = (verified_wording.c.conversation == key.conversation) & (verified_wording.c.turn == key.number)
        is_known = select(verified_wording.c.id).where(verified_wording.c.answer == id, known)
        if row is None or row.language not in LANGUAGES or connection.scalar(is_known) is not None:
            continue
        words = masked(row.question, find(row.question, row.language))
        _add_wording(connection, id, row.language, " ".join(words.split())[:LONGEST_WORDING], key)


def remove_wordings(connection: Connection, id: str, wordings: Iterable[int]) -> None:
    """Remove wordings of an answer."""
    chosen = verified_wording.c.id.in_(tuple(wordings))
    connection.execute(delete(verified_wording).where(verified_wording.c.answer == id, chosen))


def set_state(
    connection: Connection, id: str, state: AnswerState, now: datetime, because: SuspendedBecause | None = None
) -> None:
    """Set how far an answer is served."""
    row = {"state": state.value, "changed": now, "suspended_because": because.value if because else None}
    connection.execute(update(verified).where(verified.c.id == id).values(**row))


def set_topic(connection: Connection, id: str, versions: Sequence[WrittenVersion]) -> None:
    """Let an answer be about what it cites first now, if it cites anything."""
    if found := _topic(versions):
        connection.execute(update(verified).where(verified.c.id == id).values(topic=found))


def file_suspended(connection: Connection, entry: Entry, because: SuspendedBecause, now: datetime) -> int | None:
    """File the item of an answer that waits for a mentor, or open the one there is; return the item's id."""
    why = Why.STALE_SOURCE if because is SuspendedBecause.REVIEW_DUE else Why.CHANGED_SOURCE
    first = entry.answer.versions[0]
    section = first.citations[0].section if first.citations else None
    about = Subject(language=first.language, question=first.question, country=entry.country or None, nearest=section,
                    alike=f"answer {entry.answer.id}")  # fmt: skip
    return file(connection, Target(answer=entry.answer.id), (why,), about, actor="program", at=now)


def _grouped(connection: Connection, table: Any, chosen: Any, key: Callable[[RowMapping], Any]) -> Mapping[Any, Any]:
    """Return the rows of a table that belong to the chosen answers, in the order of their keys, in groups."""
    grouped: dict[Any, list[RowMapping]] = defaultdict(list)
    query = select(table).where(table.c.answer.in_(chosen)).order_by(*table.primary_key.columns)
    for row in connection.execute(query).mappings():
        grouped[key(row)].append(row)
    return grouped


def _entry(
    row: RowMapping, versions: Sequence[RowMapping], citations: Mapping[Any, Any], wordings: Any
) -> Entry | None:
    try:
        return _whole_entry(row, versions, citations, wordings)
    except ValueError as error:  # its words may repeat the answer's
        _log.error("verified answer %s breaks a rule and is left out: %s", row["id"], type(error).__name__)
        return None


def _whole_entry(row: RowMapping, versions: Sequence[RowMapping], citations: Mapping[Any, Any], wordings: Any) -> Entry:
    worded = tuple(
        Wording(each["id"], each["language"], each["wording"], bool(each["conversation"])) for each in wordings
    )
    spoken = {each["language"]: each for each in versions}
    made = tuple(
        _version(spoken[language], citations[row["id"], language], worded)
        for language in LANGUAGES
        if language in spoken
    )
    return Entry(
        answer=Checked(row["id"], AnswerState(row["state"]), made),
        country=row["country"] or "",
        topic=row["topic"] or "",
        created=row["created"],
        changed=row["changed"],
        because=SuspendedBecause(row["suspended_because"]) if row["suspended_because"] else None,
        wordings=worded,
    )


def _version(row: RowMapping, citations: Iterable[RowMapping], wordings: Iterable[Wording]) -> CheckedVersion:
    words = dict.fromkeys(each.text for each in wordings if each.language == row["language"])
    return CheckedVersion(
        language=row["language"],
        question=row["question"],
        text=row["text"],
        citations=tuple(map(_citation, citations)),
        office=row["office"],
        office_date=row["office_date"],
        wordings=tuple(words)[:MOST_WORDINGS],
        mentor=row["mentor"],
        checked_on=row["checked_on"],
    )


def _citation(row: RowMapping) -> CheckedCitation:
    names = ("mark", "section", "quote", "digest", "passage")
    return CheckedCitation(language=row["quoted_language"], **{name: row[name] for name in names})


def _columns(citation: CheckedCitation) -> dict[str, Any]:
    names = ("mark", "section", "quote", "digest", "passage")
    return {"quoted_language": citation.language, **{name: getattr(citation, name) for name in names}}


def add_wordings(connection: Connection, id: str, version: WrittenVersion) -> None:
    """Add the wordings that no mentor has added in that language before, compared without case and alphabet.

    One that a student used is added all the same: theirs may be erased.
    """
    is_mentors = verified_wording.c.conversation.is_(None)
    query = select(verified_wording.c.wording).where(_in(verified_wording, id, version.language), is_mentors)
    known = set(map(fold, connection.scalars(query)))
    for words in dict.fromkeys(version.wordings):
        if fold(words) not in known:
            _add_wording(connection, id, version.language, words, None)


def _add_wording(connection: Connection, id: str, language: str, words: str, key: TurnKey | None) -> None:
    place = (key.conversation, key.number) if key else (None, None)
    row = {"answer": id, "language": language, "wording": words, "conversation": place[0], "turn": place[1]}
    connection.execute(insert(verified_wording).values(**row))


def _in(table: Any, id: str, language: str) -> Any:
    return (table.c.answer == id) & (table.c.language == language)


def _topic(versions: Sequence[WrittenVersion]) -> str | None:
    return next((topic(each.section) for version in versions for each in version.citations), None)
