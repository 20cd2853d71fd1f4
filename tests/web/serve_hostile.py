"""Runs the real server over documents full of attacks: ``python serve_hostile.py PORT FOLDER``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from gate_attacks import batches
from web_fakes import FakeAssistant, guide, passage, recorder, source

from assistant.answering.assistant import Entry
from assistant.preparation.preparing import read_preparation
from assistant.records.store import FolderSubmissions
from assistant.types import Answer, Citation, Document, Hit, Kind, Language, Passage, Reply
from assistant.web.app import create_app, serve

GROUPS = batches()


class HostileAssistant(FakeAssistant):
    """Answers question ``<n> …`` by quoting the attacks of group ``n``, each a section, a title and a source."""

    def ask(self, question: str, **about: Any) -> Reply:
        """Return an answer that quotes every attack of the group."""
        number = int(question.split(" ", 1)[0])
        sections = _sections(number)
        return Answer(
            language="en",
            text="\n\n".join(f"«{each.text}» [{mark}]" for mark, each in enumerate(sections, start=1)),
            composer="extractive",
            support=0.9,
            citations=tuple(_citation(mark, each) for mark, each in enumerate(sections, start=1)),
            follow_ups=sections[:3],
        )

    def document(self, id: str, language: Language) -> Document | None:
        """Return the group's attacks as a document."""
        folder, _, number = id.partition("/")
        if folder != "attacks" or not number.isdecimal() or int(number) >= len(GROUPS):
            return None
        sections, first = _sections(int(number)), _line(GROUPS[int(number)][0])
        return replace(
            guide("en"), id=id, kind=Kind.OTHER, title=first, passages=sections, text="", curated=False,
            source=replace(source("en"), institution=first, title=first, url=first, programme=first),
        )  # fmt: skip

    def search(self, question: str, **about: Any) -> tuple[Hit, ...]:
        """Return the group's sections."""
        return tuple(Hit(passage=each, score=0.5, signals={}) for each in _sections(int(question.split(" ", 1)[0])))

    def outcomes(self) -> None:
        """Return nothing: there is no language model."""

    def catalogue(self) -> tuple[Entry, ...]:
        """Return every group."""
        documents = filter(None, (self.document(f"attacks/{number}", "en") for number in range(len(GROUPS))))
        return tuple(Entry(id=d.id, language="en", kind=d.kind, title=d.title, source=d.source) for d in documents)


def _sections(number: int) -> tuple[Passage, ...]:
    """Return each attack of a group as a section that says nothing else."""
    return tuple(
        replace(passage("en", each, _line(each)), document=f"attacks/{number}", anchor=f"s{place}", asked_as=(each,))
        for place, each in enumerate(GROUPS[number])
    )


def _citation(mark: int, section: Passage) -> Citation:
    name = section.heading
    named = replace(source("en"), institution=name, title=name, url=name, programme=name, country=name)
    return Citation(mark=mark, quote=section.text, passage=section, kind=Kind.OTHER, source=named, stale=True)


def _line(attack: str) -> str:
    """Return an attack as a title: the loader leaves no line breaks in one."""
    return " ".join(attack.split())


if __name__ == "__main__":
    app = create_app(
        HostileAssistant(),
        FolderSubmissions(Path(sys.argv[2])),
        read_preparation(Path("knowledge_base"))[0],
        recorder=recorder(Path(sys.argv[2]).parent),
        allowed_hosts=("127.0.0.1",),
        requests_per_minute=10_000,
    )
    serve(app, "127.0.0.1", int(sys.argv[1]))
