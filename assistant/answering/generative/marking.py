"""From verified sentences to an answer: each sentence gets the marks of the quotes that carry it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from assistant.answering.generative.drafted import Sentence
from assistant.answering.verification.verifying import Evidence, Verdict
from assistant.answering.wording import wording, written_date
from assistant.knowledge.retrieval import Found
from assistant.types import Answer, Citation, Kind, Language

Titled = Callable[[str, str], bool]
"""Returns whether a sentence does not say what its document is about, nor did the question."""


def marked(
    own: Answer, parts: Sequence[tuple[Sentence, Verdict]], found: Sequence[Found], titled: Titled, *, today: date
) -> Answer:
    """Return an answer of sentences with the quotes that carry them, in place of the quotes of ``own``.

    Args:
        own: The reply of quotes to the same question.
        parts: The sentences with their verdicts, in order; each verdict has evidence.
        found: The sections that the evidence stands in.
        titled: Says of which sentences the reader must be told what document they come from.
        today: Decides which sources are overdue for review.

    Raises:
        CitationError: If there is no sentence.
    """
    sources = {each.hit.passage.section: each for each in found}
    citations: list[Citation] = []
    text, last = "", ""
    for sentence, verdict in parts:
        passage = verdict.evidence[0].passage
        marks = dict.fromkeys(_mark(each, sources, citations, today) for each in verdict.evidence)
        about = passage.context[0] if passage.context and titled(sentence.text, passage.document) else ""
        text += f"{_before(sentence) if text else ''}{'- ' if sentence.item else ''}{sentence.text} "
        text += f"*({about})* " if about and about != last else ""
        text += "".join(f"[{mark}]" for mark in marks)
        last = about
    return replace(own, text=text, composer="generative", citations=tuple(citations))


def with_notes(answer: Answer) -> Answer:
    """Return an answer with what must be said below it."""
    return replace(answer, text="\n\n".join([answer.text, *_notes(answer.citations, answer.language)]))


def _before(sentence: Sentence) -> str:
    """Return what parts a sentence from the one before it; an item begins a line."""
    return "\n" if sentence.item and sentence.before == " " else sentence.before


def _mark(evidence: Evidence, sources: dict[str, Found], citations: list[Citation], today: date) -> int:
    """Return the mark of a quote, which is added to the citations unless it is there."""
    passage = evidence.passage
    quote = passage.text[evidence.start : evidence.end]
    for citation in citations:
        if citation.passage.section == passage.section and quote in citation.quote:
            return citation.mark
    found = sources[passage.section]
    mark = len(citations) + 1
    stale = found.source.is_stale(today)
    citations.append(
        Citation(mark=mark, quote=quote, passage=passage, kind=found.kind, source=found.source, stale=stale)
    )
    return mark


def _notes(citations: Sequence[Citation], language: Language) -> Iterator[str]:
    """Yield what must be said: experience, overdue sources, other languages, changing rules, and who wrote it."""
    texts = wording(language)["note"]
    if told := "".join(f"[{each.mark}]" for each in citations if each.kind is Kind.LESSON):
        yield f"*{texts['experience'].format(marks=told)}*"
    overdue = [each.source.review_by for each in citations if each.stale and each.source.review_by]
    if overdue:
        yield f"*{texts['stale'].format(date=written_date(min(overdue), language))}*"
    for original in dict.fromkeys(each.passage.language for each in citations if each.passage.language != language):
        yield f"*{texts['original'].format(language=wording(language)['language'][original])}*"
    if any(each.kind is Kind.REGULATION for each in citations):
        yield f"*{texts['check']}*"
    yield f"*{texts['drafted']}*"
