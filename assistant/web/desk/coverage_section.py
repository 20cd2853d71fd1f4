"""The file in which a mentor writes a section for a group of questions, as the knowledge base takes it.

What must be filled in is empty and marked TODO, so that ``assistant index --check`` names it and nothing else.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from assistant.knowledge.transliteration import fold
from assistant.records.covered import Asked, Example
from assistant.types import Kind, Language
from assistant.web.desk.coverage_words import coverage_words

MOST_ASKED = 6
"""Lines under ``asked_as``, as the knowledge base wishes."""

MOST_OTHERS = 12
"""Questions in other languages that are told."""

LONGEST = 200
"""Characters of a question that are taken over."""

_FOLDERS = {
    Kind.REGULATION: "regulations", Kind.HOST_GUIDE: "host_guides", Kind.ADAPTATION: "adaptation",
    Kind.RESEARCH: "research", Kind.RETURN: "return", Kind.LESSON: "lessons",
}  # fmt: skip
_TO_FILL = ("source_title", "source_url", "source_date", "reviewed_on", "review_by", "confidence")
_NO_LATIN = re.compile(r"[^a-z0-9]+")
_NO_HEADING = re.compile(r"[#{}<>\[\]`*_|\\]+")


def section_file(of: Asked, language: Language) -> tuple[Language, str]:
    """Return the language and the text of the file.

    Args:
        of: What the section must answer.
        language: Of the page; the file is in it if somebody asked in it, else in the language most asked in.
    """
    spoken = _spoken(of.questions, language)
    asked = [each for each in of.questions if each.language == spoken]
    heading = _heading(asked) or coverage_words(spoken).file["heading"]
    head = "\n".join(_head(of, asked, spoken, anchor_of(heading), language))
    body = f"## {heading} {{#{anchor_of(heading)}}}\n\nTODO: {coverage_words(spoken).file['text']}"
    return spoken, f"---\n{head}\n---\n{body}\n"


def anchor_of(heading: str) -> str:
    """Return an anchor for a heading: its first words in Latin letters."""
    words = [each for each in _NO_LATIN.split(fold(heading[:LONGEST])) if each]
    return "-".join(words[:5])[:40].strip("-") or "new-section"


def _spoken(questions: Sequence[Example], language: Language) -> Language:
    counts = Counter(each.language for each in questions)
    return language if language in counts or not counts else counts.most_common(1)[0][0]


def _heading(asked: Sequence[Example]) -> str:
    """Return the newest question as a heading; empty if there is none of which anything is left."""
    cleaned = (" ".join(_NO_HEADING.sub(" ", each.text[:LONGEST]).split()).rstrip(" .!?…") for each in asked)
    return next((f"{each}?" for each in cleaned if each), "")


def _head(of: Asked, asked: Sequence[Example], spoken: Language, anchor: str, page: Language) -> Iterator[str]:
    hints = coverage_words(page).file
    kind = Kind(of.topic) if of.topic in _FOLDERS else None
    yield f"# {hints['save'].format(folder=_FOLDERS[kind] if kind else 'adaptation', language=spoken)}"
    if of.section:
        yield f"# {hints['nearest'].format(section=of.section)}"
    yield f"title:  # TODO: {hints['title']}"
    yield f"kind: {kind.value}" if kind else f"kind:  # TODO: {hints['kind']}"
    if kind is Kind.REGULATION:
        yield f"institution:  # TODO: {hints['institution']}"
    if of.country:
        yield f"country: {of.country}"
    yield from (f"{field}:  # TODO: {hints[field]}" for field in _TO_FILL)
    yield from _asked_as(of, asked, spoken, anchor, hints["others"])


def _asked_as(of: Asked, asked: Sequence[Example], spoken: Language, anchor: str, others_said: str) -> Iterator[str]:
    if asked:
        yield "asked_as:"
        yield f"  {json.dumps(anchor)}:"
        yield from (f"    - {_quoted(each.text)}" for each in asked[:MOST_ASKED])
    others = [each for each in of.questions if each.language != spoken]
    if others:
        yield f"# {others_said}"
        yield from (f"# {each.language}: {_quoted(each.text)}" for each in others[:MOST_OTHERS])


def _quoted(text: str) -> str:
    """Return a question as YAML takes it whatever signs it has."""
    return json.dumps(text[:LONGEST], ensure_ascii=False)
