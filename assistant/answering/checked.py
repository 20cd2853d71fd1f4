"""A mentor's answer as a reply: verbatim, with the quotes it stands on and the words around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from assistant.answering.matching import Match
from assistant.answering.wording import wording, written_date
from assistant.knowledge.index import Index
from assistant.knowledge.published import CheckedAnswer
from assistant.types import Abstention, Answer, Citation, Hit, Kind, Language, Passage, Reply


def reply(match: Match, index: Index, nearest: Sequence[Hit], *, support: float) -> Answer:
    """Return a mentor's answer as a reply: verbatim, with the quotes it stands on."""
    answer = match.answer
    citations = tuple(_citations(answer, index)) or (_own(match, index),)
    text = worded(
        answer.text, citations, language=answer.language, checked_on=answer.checked_on, office=answer.office,
        office_date=answer.office_date,
    )  # fmt: skip
    return Answer(
        language=answer.language, text=text, composer="verified", support=support, citations=citations,
        nearest=tuple(nearest), checked_on=answer.checked_on, verified=answer.id,
    )  # fmt: skip


def worded(
    text: str,
    citations: Iterable[Citation],
    *,
    language: Language,
    checked_on: date,
    office: str = "",
    office_date: date | None = None,
) -> str:
    """Return a mentor's answer with the words around it, as students read it.

    Args:
        text: Markdown with the marks of its quotes.
        citations: What it quotes, or the answer itself if an office stands for it.
        language: Of the answer.
        checked_on: When a mentor last vouched for it.
        office: Who says so where nothing is quoted; else empty.
        office_date: Since when the office says so; as long as it was checked if None.
    """
    texts = wording(language)
    parts = [texts["lead"][Kind.VERIFIED_ANSWER.value].format(date=written_date(checked_on, language)), text.strip()]
    if office:
        since = written_date(office_date or checked_on, language)
        parts.append(f"{texts['note']['office'].format(office=office, date=since)} [1]")
    if any(citation.kind is Kind.REGULATION for citation in citations):
        parts.append(f"*{texts['note']['check']}*")
    return "\n\n".join(parts)


def beside(reply: Reply, match: Match) -> Reply:
    """Return a reply that also offers the question that a mentor has answered, first of what one may ask next."""
    if isinstance(reply, Abstention):
        return replace(reply, nearest=(match.hit, *reply.nearest))
    return replace(reply, follow_ups=(match.hit.passage, *reply.follow_ups))


def _citations(answer: CheckedAnswer, index: Index) -> Iterable[Citation]:
    """Yield the quotes of an answer from the sections as they are; the overlay has compared their digests."""
    for quote in answer.quotes:
        rows = (index.rows[row] for row in index.versions[quote.section])
        passage, kind, source = index.shelf.read(next(row for row in rows if row.language == quote.language))
        yield Citation(mark=quote.mark, quote=quote.quote, passage=passage, kind=kind, source=source, stale=False)


def _own(match: Match, index: Index) -> Citation:
    """Return the answer itself as the quote, for which the office stands."""
    document = index.shelf.document(match.answer.document, match.answer.language)
    assert document is not None  # noqa: S101  the match was found in this index
    passage: Passage = document.passages[0]
    return Citation(
        mark=1, quote=passage.text.strip(), passage=passage, kind=document.kind, source=document.source, stale=False
    )
