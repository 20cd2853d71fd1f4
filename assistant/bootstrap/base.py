"""The knowledge base for the people who keep it: every fault of it, and a page about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from assistant.errors import DocumentError
from assistant.knowledge.checking import check_loaded
from assistant.knowledge.glossary import read_glossary
from assistant.knowledge.loading import load
from assistant.knowledge.overview import render
from assistant.preparation.eligibility import check_programmes, read_programmes
from assistant.preparation.figures import check_budget
from assistant.preparation.readiness import check_readiness
from assistant.preparation.steps import check_steps, read_steps
from assistant.types import Document, Fault


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
