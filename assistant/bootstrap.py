"""The composition root: the only module that names concrete adapters."""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.answering.assistant import Assistant
from assistant.answering.support import Calibration
from assistant.errors import (
    AssistantError,
    DocumentError,
    IndexError_,
    IndexMissing,
    LibraryDamaged,
    ModelError,
    SettingError,
)
from assistant.knowledge.checking import check_loaded
from assistant.knowledge.embedding import Embedder, ModelFiles, OnnxEmbedder, TorchEmbedder
from assistant.knowledge.generation import BuildReport, Layout, build, building
from assistant.knowledge.glossary import read_glossary
from assistant.knowledge.index import Index, open_index, without_library
from assistant.knowledge.library import Library, Progress, no_progress
from assistant.knowledge.loading import load
from assistant.knowledge.overview import render
from assistant.knowledge.published import CheckedAnswer, CheckedQuote, Doubt, Published
from assistant.offline import switch_off_calls_home
from assistant.preparation.eligibility import check_programmes, read_programmes
from assistant.preparation.figures import check_budget
from assistant.preparation.preparing import Preparation, read_preparation
from assistant.preparation.readiness import check_readiness
from assistant.preparation.steps import check_steps, read_steps
from assistant.records.conversations import DatabaseConversations
from assistant.records.coverage import Coverage
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.exporting import export
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentors
from assistant.records.messages import Messages
from assistant.records.passwords import Passwords
from assistant.records.publishing import Checked, CheckedVersion
from assistant.records.queue import Queue
from assistant.records.retention import keep_house
from assistant.records.reviewing import Reviews
from assistant.records.sessions import SignIn
from assistant.records.submitted import DatabaseSubmissions, import_folder
from assistant.records.verified import VerifiedAnswers
from assistant.serving import LiveIndex
from assistant.settings import Settings
from assistant.types import Document, Fault

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from sqlalchemy import URL

    from assistant.web.api.service import Engine
    from assistant.web.desk.oidc import Provider
    from assistant.web.desk.parts import Desk

CURRENT_SECONDS = 5.0
"""How often a serving program looks by itself whether something was published or has changed."""

_log = logging.getLogger(__name__)


def model_files(settings: Settings) -> ModelFiles:
    """Return the configured embedding model's files.

    Raises:
        ModelError: If there is no such model.
    """
    languages = frozenset(settings.embedding_languages) if settings.embedding_languages else None
    return ModelFiles(settings.embedding_model, languages)


def question_embedder(settings: Settings) -> Embedder:
    """Return the embedder for questions: the exported model if there is one, else the model itself."""
    files = model_files(settings)
    folder = Layout(settings.data_dir).models / files.name
    try:
        return OnnxEmbedder(files.name, files.languages, folder)
    except ModelError:
        return TorchEmbedder(files, threads=1)


def build_index(
    settings: Settings, *, progress: Progress = no_progress, rebuild: bool = False
) -> tuple[BuildReport, tuple[Fault, ...]]:
    """Build or refresh the index in a child process; return what it did and what could not be read.

    Raises:
        AssistantError: What the child raised, or that it ended without a word.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_build_child, args=(settings, rebuild, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        while True:
            tag, value = ours.recv()
            if tag == "progress":
                progress(*value)
            elif tag == "done":
                return value  # type: ignore[no-any-return]
            else:
                raise value
    except EOFError as error:
        child.join()
        raise IndexError_(
            f"the build ended with exit code {child.exitcode}; the old index still serves. "
            "A negative code is a signal: -9 often means that memory ran out"
        ) from error
    finally:
        child.join()


def _build_child(settings: Settings, rebuild: bool, out: Connection) -> None:
    """Build in this process and tell the parent; ends when the parent is gone."""
    switch_off_calls_home()

    def progress(*value: Any) -> None:
        out.send(("progress", value))

    try:
        out.send(("done", _build_here(settings, rebuild, progress)))
    except BrokenPipeError:
        os._exit(1)
    except AssistantError as error:
        out.send(("error", error))


def _build_here(settings: Settings, rebuild: bool, progress: Progress) -> tuple[BuildReport, tuple[Fault, ...]]:
    layout = Layout(settings.data_dir)
    with building(layout):
        _set_damaged_library_aside(layout)
        documents, faults = load(
            settings.knowledge_base, progress=lambda done, total, _: progress("reading", done, total)
        )
        files = model_files(settings)
        embedder = TorchEmbedder(files)
        folder = layout.models / files.name
        if not (folder / "model.onnx").is_file():
            progress("preparing the model", 0, 1)
            embedder.export_onnx(folder)
            progress("preparing the model", 1, 1)
        return build(layout, documents, embedder, progress=progress, rebuild=rebuild), faults


def _set_damaged_library_aside(layout: Layout) -> None:
    """Rename a library that cannot be opened, so that a new one is made and nothing is thrown away."""
    if not layout.library.exists():
        return
    try:
        Library(layout.library).close()
    except LibraryDamaged as error:
        aside = layout.library.with_suffix(f".damaged-{date.today().isoformat()}-{os.getpid()}")
        _log.warning("%s; it is kept as %s", error, aside.name)
        for suffix in ("", "-wal", "-shm"):
            path = layout.library.with_name(layout.library.name + suffix)
            if path.exists():
                path.rename(aside.with_name(aside.name + suffix))


def check_base(folder: Path, *, today: date) -> tuple[Fault, ...]:
    """Return every fault of a knowledge base, by path and line: of its documents, glossary and data files.

    Raises:
        DocumentError: If there is no such folder.
    """
    return _faults(folder, *load(folder), today)


def _faults(folder: Path, documents: Sequence[Document], faults: Iterable[Fault], today: date) -> tuple[Fault, ...]:
    sections = frozenset(passage.section for document in documents for passage in document.passages)
    steps = read_steps(folder).value
    step_ids = frozenset(step.id for step in steps.steps) if steps else frozenset()
    found = [
        *check_loaded(folder, documents, faults, today=today),
        *check_steps(folder, sections),
        *check_programmes(folder, (passage for document in documents for passage in document.passages)),
        *check_readiness(folder, sections, step_ids),
        *check_budget(folder, documents),
    ]
    return tuple(sorted(found, key=lambda fault: (fault.path, fault.line, fault.message)))


def write_base_report(folder: Path, path: Path, *, today: date) -> None:
    """Write a page about a knowledge base for the people who keep it.

    Raises:
        DocumentError: If there is no such folder, or the page cannot be written.
    """
    documents, faults = load(folder)
    steps, glossary = read_steps(folder).value, read_glossary(folder).value
    programmes = [read.value for read in read_programmes(folder) if read.value]
    counts = {
        "preparation steps": len(steps.steps) if steps else 0,
        "programmes with rules": len(programmes),
        "rules": sum(len(programme.rules) for programme in programmes),
        "glossary terms": len(glossary.terms) if glossary else 0,
    }
    page = render(documents, _faults(folder, documents, faults, today), counts, today)
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_text(page, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise DocumentError(f"cannot write the report to {str(path)!r}: {error}; give another file") from error


class ServingIndex:
    """The index that serves; opened again when another one has been switched to."""

    def __init__(self, settings: Settings) -> None:
        """Open what is there, or search the documents in memory when the library is damaged.

        Raises:
            IndexMissing: If nothing was built yet.
            ModelError: If the embedding model is not to be had.
        """
        self._layout = Layout(settings.data_dir)
        self._settings = settings
        self._embedder = question_embedder(settings)
        self._lock = threading.Lock()
        self._stamp = self._read_stamp()
        self._index = self._open()

    def __call__(self) -> Index:
        """Return the index of this moment."""
        stamp = self._read_stamp()
        if stamp != self._stamp and self._lock.acquire(blocking=False):
            try:
                self._index, self._stamp = self._open(), stamp
            except AssistantError as error:
                _log.warning("the new index cannot be opened, the old one goes on: %s", error)
            finally:
                self._lock.release()
        return self._index

    def _open(self) -> Index:
        try:
            return open_index(self._layout, self._embedder)
        except LibraryDamaged as error:
            _log.warning("%s; searching the documents in memory by their words until then", error)
            documents, _ = load(self._settings.knowledge_base)
            return without_library(self._layout, documents, self._embedder)

    def _read_stamp(self) -> tuple[int, int]:
        try:
            found = self._layout.current.stat()
            return found.st_mtime_ns, found.st_ino
        except OSError:
            return (0, 0)


class RecordsPublisher:
    """What the records publish: answers that mentors have checked, stories that participants told."""

    def __init__(self, records: Database) -> None:
        """Read from and suspend in ``records``."""
        self._answers, self._lessons = VerifiedAnswers(records), Lessons(records)

    def number(self) -> int:
        """Return a number that grows with every change of what is published."""
        return self._answers.number()

    def published(self) -> Published:
        """Return what is published now; the number is read first, so that a change meanwhile is seen later."""
        number = self.number()
        answers = (_checked(answer, each) for answer in self._answers.active() for each in answer.versions)
        return Published(number, tuple(answers), self._lessons.published())

    def suspend(self, answer: str, because: Doubt) -> None:
        """Take an answer back until a mentor has looked at it."""
        self._answers.suspend(answer, because)


def _checked(answer: Checked, version: CheckedVersion) -> CheckedAnswer:
    """Return one version of a mentor's answer as the index takes it."""
    quotes = (
        CheckedQuote(mark=c.mark, section=c.section, language=c.language, quote=c.quote, digest=c.digest)
        for c in version.citations
    )
    return CheckedAnswer(
        id=answer.id, language=version.language, question=version.question, text=version.text,
        checked_on=version.checked_on, wordings=version.wordings, quotes=tuple(quotes),
        office=version.office, office_date=version.office_date,
    )  # fmt: skip


def open_assistant(settings: Settings, records: Database | None = None) -> Assistant:
    """Return the assistant over the index that serves.

    Args:
        settings: Where everything is.
        records: What mentors and participants have published in them is answered, too; only the documents if None.

    Raises:
        IndexMissing: If nothing was built yet.
        AssistantError: If the index or the model cannot be opened.
    """
    switch_off_calls_home()
    calibration = Calibration.shipped()
    if settings.threshold is not None:
        calibration = calibration.with_threshold(settings.threshold)
    base = ServingIndex(settings)
    index = LiveIndex(base, RecordsPublisher(records)) if records else base
    return Assistant(index, calibration=calibration, today=date.today)


def records_url(settings: Settings) -> URL | str:
    """Return the address of the records: the configured one, else a file in the data folder."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return sqlite_url(settings.data_dir / "records.sqlite")


def open_records(settings: Settings) -> Database:
    """Return the records, brought to the newest schema, with what an earlier version kept in a folder of files.

    Raises:
        RecordError: If they cannot be opened or are damaged.
    """
    database = open_database(records_url(settings))
    if moved := import_folder(database, settings.data_dir / "submissions"):
        _log.info("%d submissions were moved into the records", moved)
    return database


def open_preparation(settings: Settings) -> Preparation:
    """Return what the knowledge base holds for the preparation of students; what of it is wrong is logged and empty."""
    preparation, faults = read_preparation(settings.knowledge_base)
    for fault in faults:
        _log.warning("%s", fault)
    return preparation


def open_desk(records: Database, engine: Engine, provider: Provider | None = None) -> Desk:
    """Return what the mentors' pages work with.

    Args:
        records: Where everything of theirs is kept.
        engine: Answers, searches and gives documents.
        provider: Vouches for mentors who sign in elsewhere; None if nobody does.
    """
    from assistant.web.desk.coverage_tables import section_ids
    from assistant.web.desk.parts import Desk

    passwords = Passwords()
    return Desk(
        engine=engine,
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


def open_mentors(settings: Settings) -> Mentors:
    """Return the mentors in the records.

    Raises:
        RecordError: If the records cannot be opened or are damaged.
    """
    return Mentors(open_records(settings))


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
    threading.Thread(target=_keep_current, args=(assistant,), daemon=True).start()
    threading.Thread(target=keep_house, args=(records, threading.Event().wait), daemon=True).start()
    app = create_app(
        assistant,
        DatabaseSubmissions(records),
        open_preparation(settings),
        recorder=Recorder(DatabaseConversations(records), settings_digest(settings), version("predeparture-assistant")),
        allowed_hosts=settings.allowed_hosts,
        requests_per_minute=settings.requests_per_minute,
        desk=open_desk(records, assistant, open_provider(settings)),
        stories=Messages(records),
    )
    return lambda: serve(app, settings.host, settings.port)


def _keep_current(assistant: Assistant) -> None:
    """Take in what is published, and back what has lost its source, even while nobody asks."""
    while True:
        assistant.generation()
        time.sleep(CURRENT_SECONDS)


def _refresh_beside(settings: Settings) -> None:
    """Refresh the index while the old one serves; a failure is logged, never shown to a student."""
    try:
        report, faults = build_index(settings)
        for fault in faults:
            _log.warning("%s", fault)
        _log.info("the index is current: %s, %d texts embedded", report.generation, report.embedded)
    except AssistantError as error:
        _log.warning("the index was not refreshed: %s", error)
