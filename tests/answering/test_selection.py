"""What is quoted of what was found, and under which lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fakes import document

from assistant.answering.extractive import compose
from assistant.answering.selection import MOST_QUOTES, select
from assistant.knowledge.index import in_memory
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import Found, search
from assistant.types import Kind

GRANT = "The grant of {} is paid each month. It reaches the account of {} late. Ask the desk of {} about the grant."


def found(question: str, *documents: object, k: int = 6) -> tuple[Found, ...]:
    """Return what is found in a base of ``documents``, every hit with the scores of its sentences."""
    query = Query(text=question, language="en", reader="en")
    return search(in_memory(documents), query, k=k, detailed=k)  # type: ignore[arg-type]


def test_a_best_section_without_sentences_leaves_the_next_ones() -> None:
    """A reviewed section of which nothing can be quoted is passed over."""
    hits = found("grant paid", *(document(f"regulations/{n}", GRANT.format(n, n, n)) for n in ("one", "two")))
    empty = replace(hits[0], hit=replace(hits[0].hit, sentence_scores=()))
    quotes = select([empty, *hits[1:]])
    assert quotes
    assert {quote.found.hit.passage.document for quote in quotes} == {hits[1].hit.passage.document}


def test_own_documents_are_quoted_at_most_four_times() -> None:
    """Of the user's own documents no more than four quotes are given, however many sentences answer."""
    texts = [" ".join(f"The grant of course {m}{n} is paid each month." for n in range(6)) for m in "ab"]
    quotes = select(found("grant paid each month", *(document(f"own{t[20]}", t, kind=Kind.OTHER) for t in texts)))
    assert 1 < len(quotes) <= MOST_QUOTES


def test_sections_of_one_document_stand_under_one_lead() -> None:
    """The line that says what kind of text it is comes once for each document."""
    texts = [GRANT.format("A", "B", "C"), "No grant is paid in the month of return. Banks close. Keep each receipt."]
    quotes = select(found("grant paid each month", document("regulations/one", *texts)))
    assert {quote.found.hit.passage.anchor for quote in quotes} == {"s0", "s1"}
    reply = compose(quotes, language="en", support=1.0, nearest=(), today=date(2026, 11, 22))
    assert reply.text.count("Title of regulations/one") == 1
