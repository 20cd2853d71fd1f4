"""Building the index in a child process beside the one that serves."""

from __future__ import annotations

import logging
import multiprocessing
import os
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.bootstrap.embedders import building_embedder
from assistant.errors import AssistantError, IndexError_, LibraryDamaged
from assistant.knowledge.generation import BuildReport, Layout, build, building
from assistant.knowledge.library import Library
from assistant.knowledge.loading import load
from assistant.knowledge.progress import Progress, no_progress
from assistant.offline import switch_off_calls_home
from assistant.settings import Settings
from assistant.types import Fault

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_log = logging.getLogger(__name__)


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
        embedder = building_embedder(settings, progress)
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
