"""An answer made of literal quotes, each introduced by what kind of text it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from assistant.answering.selection import Quote
from assistant.answering.wording import wording, written_date, written_source_date
from assistant.knowledge.retrieval import Found
from assistant.types import Answer, Citation, Hit, Kind, Language

_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\([^()\s]{1,500}\)")


def compose(
    quotes: Sequence[Quote], *, language: Language, support: float, nearest: Sequence[Hit], today: date
) -> Answer:
    """Return an answer of ``quotes`` in their order.

    Raises:
        CitationError: If there is no quote.
    """
    citations = tuple(
        Citation(
            mark=mark, quote=quote.text, passage=quote.found.hit.passage, kind=quote.found.kind,
            source=quote.found.source, stale=quote.found.source.is_stale(today),
        )
        for mark, quote in enumerate(quotes, start=1)
    )  # fmt: skip
    parts: list[str] = []
    marked = list(zip(quotes, citations, strict=True))
    for _, group in groupby(marked, key=lambda pair: _version(pair[0])):
        own = list(group)
        parts += [_lead(own[0][0].found, language), *(_shown(citation) for _, citation in own)]
        parts += _notes(own[0][0].found, language, today)
    if any(citation.kind is Kind.REGULATION for citation in citations):
        parts.append(f"*{wording(language)['note']['check']}*")
    return Answer(
        language=language, text="\n\n".join(parts), composer="extractive", support=support,
        citations=citations, nearest=tuple(nearest),
    )  # fmt: skip


def _version(quote: Quote) -> tuple[str, Language]:
    """Return the document and the language of a quote: what stands under one lead."""
    passage = quote.found.hit.passage
    return passage.document, passage.language


def _lead(found: Found, language: Language) -> str:
    """Return the line that says what kind of text the quotes of a document come from."""
    passage, source = found.hit.passage, found.source
    title = passage.context[0] if passage.context else passage.heading or source.title
    template = wording(language)["lead"][found.kind.value]
    return template.format(
        institution=source.institution or title,
        title=title,
        date=written_source_date(source.dated, language),
    )


def _notes(found: Found, language: Language, today: date) -> list[str]:
    """Return what must be said beside the quotes: overdue for review, or in another language."""
    texts, notes = wording(language), []
    if found.source.is_stale(today) and found.source.review_by:
        by = written_date(found.source.review_by, language)
        notes.append(f"*{texts['note']['stale'].format(date=by)}*")
    original = found.hit.passage.language
    if original != language:
        notes.append(f"*{texts['note']['original'].format(language=texts['language'][original])}*")
    return notes


def _shown(citation: Citation) -> str:
    """Return a quote as Markdown with its mark; lists and tables keep their lines, links lose their target."""
    text = _LINK.sub(r"\1", citation.quote).strip()
    first = text.lstrip()
    if first.startswith("|"):
        return f"{text}\n\n[{citation.mark}]"
    if "\n" in text and re.match(r"(?:[-*+]|\d+[.)])\s", first):
        return f"{text} [{citation.mark}]"
    return f"> {' '.join(text.split())} [{citation.mark}]"
