"""The program that serves: the index, the records and the pages, with what goes on beside them."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from importlib.metadata import version

from assistant.answering.assistant import Assistant
from assistant.bootstrap.answers import open_assistant
from assistant.bootstrap.building import build_index
from assistant.bootstrap.keeping import open_desk, open_provider, open_records
from assistant.errors import AssistantError, IndexMissing
from assistant.knowledge.progress import Progress, no_progress
from assistant.offline import switch_off_calls_home
from assistant.preparation.preparing import Preparation, read_preparation
from assistant.records.conversations import DatabaseConversations
from assistant.records.messages import Messages
from assistant.records.retention import keep_house
from assistant.records.submitted import DatabaseSubmissions
from assistant.settings import Settings

CURRENT_SECONDS = 5.0
"""How often a serving program looks by itself whether something was published or has changed."""

_log = logging.getLogger(__name__)


def open_preparation(settings: Settings) -> Preparation:
    """Return what the knowledge base holds for the preparation of students; what of it is wrong is logged and empty."""
    preparation, faults = read_preparation(settings.knowledge_base)
    for fault in faults:
        _log.warning("%s", fault)
    return preparation


def settings_digest(settings: Settings) -> str:
    """Return the SHA-256 of all settings but secrets and the address of the records, in hexadecimal.

    It stands beside every recorded reply, so that a reply can be made again as it was made.
    """
    fields = Settings.model_fields
    secret = {name for name, field in fields.items() if "SecretStr" in str(field.annotation)} | {"database_url"}
    told = settings.model_dump(mode="json", exclude=secret)
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def serve_pages(settings: Settings, progress: Progress = no_progress) -> Callable[[], None]:
    """Make ready to serve: build if there is no index, else refresh it beside the one that serves.

    Returns:
        What serves until it is stopped.

    Raises:
        AssistantError: If the first build fails, or the model cannot be opened.
    """
    switch_off_calls_home()
    from assistant.web.app import create_app, serve
    from assistant.web.chat.recording import Recorder

    records = open_records(settings)
    try:
        assistant = open_assistant(settings, records)
        threading.Thread(target=_refresh_beside, args=(settings,), daemon=True).start()
    except IndexMissing:
        build_index(settings, progress=progress)
        assistant = open_assistant(settings, records)
    stopped = threading.Event()  # which nobody sets: the threads end with the program
    threading.Thread(target=_keep_current, args=(assistant, stopped.wait), daemon=True).start()
    threading.Thread(target=keep_house, args=(records, stopped.wait), daemon=True).start()
    app = create_app(
        assistant,
        DatabaseSubmissions(records),
        open_preparation(settings),
        recorder=Recorder(DatabaseConversations(records), settings_digest(settings), version("predeparture-assistant")),
        allowed_hosts=settings.allowed_hosts,
        requests_per_minute=settings.requests_per_minute,
        desk=open_desk(records, assistant, assistant.verdict, open_provider(settings)),
        stories=Messages(records),
    )
    return lambda: serve(app, settings.host, settings.port)


def _keep_current(assistant: Assistant, wait: Callable[[float], bool]) -> None:
    """Take in what is published, and back what has lost its source, even while nobody asks, until told to stop.

    Whatever goes wrong is logged without its words, which may repeat somebody's, and tried again.
    """
    while True:
        try:
            assistant.generation()
        except Exception as error:
            _log.error("what was published is not looked at now: %s", type(error).__name__)
        if wait(CURRENT_SECONDS):
            return


def _refresh_beside(settings: Settings) -> None:
    """Refresh the index while the old one serves; a failure is logged, never shown to a student."""
    try:
        report, faults = build_index(settings)
        for fault in faults:
            _log.warning("%s", fault)
        _log.info("the index is current: %s, %d texts embedded", report.generation, report.embedded)
    except AssistantError as error:
        _log.warning("the index was not refreshed: %s", error)
