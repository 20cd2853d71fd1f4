"""What is configured, what works, and what is stale, for ``assistant doctor``."""

from __future__ import annotations

import os
from datetime import date

from assistant.bootstrap import check_base, embedding_told, open_assistant, records_url, reranker_told, source_of
from assistant.errors import AssistantError
from assistant.knowledge.generation import Layout, fingerprint
from assistant.knowledge.index import open_index
from assistant.knowledge.loading import load
from assistant.models.examining import examined
from assistant.records.checking import Finding, check, published
from assistant.records.drafted import drafted
from assistant.settings import Settings
from assistant.types import Language


def diagnose(settings: Settings) -> list[Finding]:
    """Return what was found, in the order in which things depend on one another."""
    findings = [_configuration(settings), _data(settings)]
    for subject, look in (
        ("knowledge base", _base),
        ("embedding model", embedding_told),
        ("reranker", reranker_told),
        ("index", _index),
        ("answer", _answer),
        ("language model", examined),
    ):
        try:
            findings.append(Finding(subject, *look(settings)))
        except AssistantError as error:
            findings.append(Finding(subject, False, str(error)))
    return [*findings, *_records(settings)]


def _records(settings: Settings) -> list[Finding]:
    """Return what is wrong with the records, else one line; before the first start there are none."""
    if not settings.database_url and not (settings.data_dir / "records.sqlite").is_file():
        return [Finding("records", True, "none yet: the first start of the pages makes them")]
    found = check(records_url(settings))
    wrong = [Finding(f"records: {each.subject}", False, each.words) for each in found if not each.ok]
    if wrong:
        return wrong
    whole = Finding("records", True, f"whole; {published(records_url(settings))}; see `assistant check`")
    return [whole, Finding("replies", True, drafted(records_url(settings)))]


def _configuration(settings: Settings) -> Finding:
    shown = ", ".join(f"{name}={value}" for name, value in settings.model_dump().items())
    return Finding("settings", True, shown)


def _data(settings: Settings) -> Finding:
    folder = settings.data_dir
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    writable = nearest.is_dir() and os.access(nearest, os.W_OK)
    return Finding("data folder", writable, f"{folder} is {'writable' if writable else 'not writable; change it'}")


def _base(settings: Settings) -> tuple[bool, str]:
    faults = check_base(settings.knowledge_base, today=date.today())
    overdue = sum("review_by" in fault.message for fault in faults)
    words = f"{settings.knowledge_base}: {len(faults)} faults, of which {overdue} about review dates"
    return not faults, words + ("; see `assistant index --check`" if faults else "")


def _index(settings: Settings) -> tuple[bool, str]:
    layout, source = Layout(settings.data_dir), source_of(settings)
    index = open_index(layout, _Named(source.name, source.languages))
    documents, _ = load(settings.knowledge_base)
    current = fingerprint(documents, source.name) == index.generation
    state = "current" if current else "older than the documents: run `assistant index`"
    damage = "".join(f"; {problem}" for problem in index.degraded)
    return current and not index.degraded, f"generation {index.generation}, {len(index.rows)} passages, {state}{damage}"


def _answer(settings: Settings) -> tuple[bool, str]:
    reply = open_assistant(settings).ask("What documents do I need?")
    return True, f"a question was replied to in {reply.timings_ms['total']:.0f} ms with support {reply.support:.2f}"


class _Named:
    """An embedder by name only, to open an index without loading a model."""

    def __init__(self, name: str, languages: frozenset[Language]) -> None:
        self.name = name
        self.languages = languages

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return nothing: nothing is embedded while looking."""
        return []

    def embed_query(self, text: str) -> list[float]:
        """Return nothing: nothing is embedded while looking."""
        return []
