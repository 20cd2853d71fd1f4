"""What must not be lost: the records, and what the mentors' pages work with."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from assistant.errors import SettingError
from assistant.records.carrying import finish_waiting
from assistant.records.coverage import Coverage
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.exporting import export
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentors
from assistant.records.messages import Messages
from assistant.records.passwords import Passwords
from assistant.records.queue import Queue
from assistant.records.reviewing import Reviews
from assistant.records.sessions import SignIn
from assistant.records.submitted import import_folder
from assistant.records.verified import VerifiedAnswers
from assistant.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import URL

    from assistant.web.api.service import Engine
    from assistant.web.desk.oidc import Provider
    from assistant.web.desk.parts import Desk, Verify

_log = logging.getLogger(__name__)


def records_url(settings: Settings) -> URL | str:
    """Return the address of the records: the configured one, else a file in the data folder."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return sqlite_url(settings.data_dir / "records.sqlite")


def open_records(settings: Settings) -> Database:
    """Return the records, brought to the newest schema, with what an earlier version kept in a folder of files.

    A restore that was cut off is finished first.

    Raises:
        RecordError: If they cannot be opened or are damaged.
    """
    database = open_database(records_url(settings))
    if finish_waiting(database):
        _log.warning("a restore had been cut off; what was decided since the backup has been carried over now")
    if moved := import_folder(database, settings.data_dir / "submissions"):
        _log.info("%d submissions were moved into the records", moved)
    return database


def open_mentors(settings: Settings) -> Mentors:
    """Return the mentors in the records.

    Raises:
        RecordError: If the records cannot be opened or are damaged.
    """
    return Mentors(open_records(settings))


def open_desk(records: Database, engine: Engine, verify: Verify, provider: Provider | None = None) -> Desk:
    """Return what the mentors' pages work with.

    Args:
        records: Where everything of theirs is kept.
        engine: Answers, searches and gives documents.
        verify: Compares a sentence with the sections that it quotes.
        provider: Vouches for mentors who sign in elsewhere; None if nobody does.
    """
    from assistant.web.desk.coverage_tables import section_ids
    from assistant.web.desk.parts import Desk

    passwords = Passwords()
    return Desk(
        engine=engine,
        verify=verify,
        mentors=Mentors(records, passwords),
        sign_in=SignIn(records, passwords),
        queue=Queue(records),
        reviews=Reviews(records),
        answers=VerifiedAnswers(records),
        lessons=Lessons(records),
        messages=Messages(records),
        coverage=Coverage(records, partial(section_ids, engine)),
        reviewed=partial(export, records),
        provider=provider,
    )


def open_provider(settings: Settings) -> Provider | None:
    """Return the provider of identities with which mentors may sign in; None if none is configured.

    Raises:
        SettingError: If one of its three settings is missing or wrong, or what it needs is not installed.
    """
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
    given = (settings.oidc_issuer, settings.oidc_client_id, secret)
    if not any(given):
        return None
    issuer, client_id, secret = given
    if not issuer or not client_id or not secret:
        needed = "ASSISTANT_OIDC_ISSUER, ASSISTANT_OIDC_CLIENT_ID, ASSISTANT_OIDC_CLIENT_SECRET"
        raise SettingError(f"{needed}: set all three, or none of them")
    from assistant.web.desk.oidc import Provider

    return Provider(issuer, client_id, secret)
