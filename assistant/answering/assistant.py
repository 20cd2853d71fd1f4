"""The assistant: a question and its conversation to a verified reply. It keeps nothing between questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from assistant.answering import checked
from assistant.answering.extractive import compose
from assistant.answering.finding import SELF_SUFFICIENT, Evidence, Finder
from assistant.answering.follow_ups import earlier_question, leans, neighbours
from assistant.answering.generative.writing import Leave
from assistant.answering.language import detect
from assistant.answering.likeness import Likeness
from assistant.answering.matching import Match, Matcher
from assistant.answering.names import Name, missing
from assistant.answering.refusals import refusal, without_instructions
from assistant.answering.selection import Quote, select
from assistant.answering.subjects import merely_mentioned
from assistant.answering.support import Calibration
from assistant.answering.verification.verifying import Verdict, Verifier
from assistant.answering.wording import wording
from assistant.errors import QuestionError
from assistant.knowledge.cleaning import clean
from assistant.knowledge.index import Index
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.types import (
    Abstention,
    Answer,
    Circumstances,
    Conversation,
    Document,
    Filters,
    Hit,
    Kind,
    Language,
    Passage,
    Reason,
    Reply,
    Source,
)

if TYPE_CHECKING:  # without a model nothing of it is imported
    from assistant.answering.generative.fluency import Fluency
    from assistant.answering.generative.outcomes import Outcomes

LONGEST_QUESTION = 2000
_NEAREST = 3
_NEW = Conversation()
_ANY = Filters()
_UNKNOWN = Circumstances()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document in one language, without its text."""

    id: str
    language: Language
    kind: Kind
    title: str
    source: Source


class Assistant:
    """Answers questions with literal quotes from an index, or abstains; safe to use from any thread."""

    def __init__(
        self,
        index: Callable[[], Index],
        *,
        calibration: Calibration,
        today: Callable[[], date] = date.today,
        fluency: Fluency | None = None,
    ) -> None:
        """Answer from the index that ``index`` gives at each question, in the words of a model if there is one."""
        self._index = index
        self._finder = Finder(calibration)
        self._today = today
        self._matcher: Matcher | None = None
        self._fluency = fluency

    def ask(
        self,
        question: str,
        *,
        conversation: Conversation = _NEW,
        page_language: Language | None = None,
        filters: Filters = _ANY,
        about: Circumstances = _UNKNOWN,
    ) -> Reply:
        """Return an answer that stands on quotes, or an abstention, in the language of the question.

        Args:
            question: What the student typed.
            conversation: The turns before it.
            page_language: Decides the language where the words do not.
            filters: Which documents may be quoted.
            about: What the student has said about themselves; it counts where the question names nothing else.

        Raises:
            QuestionError: If the question is empty or longer than 2,000 characters.
        """
        growing = self.converse(
            question, conversation=conversation, page_language=page_language, filters=filters, about=about
        )
        *_, whole = growing
        return whole

    def converse(
        self,
        question: str,
        *,
        conversation: Conversation = _NEW,
        page_language: Language | None = None,
        filters: Filters = _ANY,
        about: Circumstances = _UNKNOWN,
        leave: Leave | None = None,
    ) -> Iterator[Reply]:
        """Yield the reply as it grows, everything in it verified; the last is whole, and what ``ask`` returns.

        Args:
            question: What the student typed.
            conversation: The turns before it.
            page_language: Decides the language where the words do not.
            filters: Which documents may be quoted.
            about: What the student has said about themselves.
            leave: Ends the work of a language model when nobody waits for the reply any more.

        Raises:
            QuestionError: If the question is empty or longer than 2,000 characters.
        """
        started = time.perf_counter()
        text = _asked(question)
        history = _cleaned(conversation.questions)
        language = self._language(text, history, page_language)
        index = self._index()
        reason = Reason.EMPTY_BASE if not index.rows else refusal(text)
        if reason is not None:
            reply: Reply = self._abstain(reason, language, 0.0, (), ())
            yield replace(reply, timings_ms={"total": 1000 * (time.perf_counter() - started)})
            return
        leave = leave or Leave()
        evidence = self._evidence(index, text, history, language, filters, about, leave)
        retrieved = time.perf_counter()
        match = self._matcher_of(index).best(evidence, about) if index.answers and filters == _ANY else None
        for reply in self._worded(index, evidence, self._answered(index, evidence.query.text, evidence, match), leave):
            timings = {
                "retrieve": 1000 * (retrieved - started),
                "compose": 1000 * (time.perf_counter() - retrieved),
            }
            yield replace(reply, timings_ms=timings | {"total": 1000 * (time.perf_counter() - started)})

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        history: Sequence[str] = (),
        page_language: Language | None = None,
        filters: Filters | None = None,
    ) -> tuple[Hit, ...]:
        """Return up to ``k`` sections for a question, best first, with the signals behind each.

        Raises:
            QuestionError: If the question is empty or longer than 2,000 characters.
        """
        text = _asked(question)
        history = _cleaned(history)
        language = self._language(text, history, page_language)
        earlier = earlier_question(text, history)
        query = Query(text=text, language=language, reader=language, earlier=earlier, leans=leans(text))
        index = self._index()
        return tuple(each.hit for each in search(index, self._finder.named(index, query), k=k, filters=filters))

    def evidence(
        self,
        question: str,
        *,
        conversation: Conversation = _NEW,
        page_language: Language | None = None,
        about: Circumstances = _UNKNOWN,
    ) -> Evidence:
        """Return what ``ask`` would decide on: what it finds, and how sure it is that this answers.

        Raises:
            QuestionError: If the question is empty or longer than 2,000 characters.
        """
        text = _asked(question)
        history = _cleaned(conversation.questions)
        language = self._language(text, history, page_language)
        return self._finder.evidence(self._index(), text, history, language, None, about)

    def document(self, id: str, language: Language) -> Document | None:
        """Return a document of the index in one language, or None."""
        return self._index().shelf.document(id, language)

    def generation(self) -> str:
        """Return the name of the index that answers at this moment; empty for one in memory."""
        return self._index().generation

    def verdict(self, sentence: str, language: Language, cited: Sequence[Sequence[Passage]]) -> Verdict:
        """Return whether sections support a sentence.

        Args:
            sentence: Plain text without marks.
            language: In which it is written.
            cited: For each section its language versions, that of the sentence first.
        """
        return Verifier.of(self._index()).verify(sentence, language, cited)

    def outcomes(self) -> Outcomes | None:
        """Return what a language model has done for replies since the start; None if there is none."""
        return self._fluency.generator.outcomes() if self._fluency else None

    def catalogue(self) -> tuple[Entry, ...]:
        """Return every document of the index in every language, in the order of the index, without reading a text."""
        return tuple(
            Entry(id=document, language=language, kind=kind, title=title, source=source)
            for document, language, kind, title, source in self._index().shelf.sources()
            if kind is not Kind.VERIFIED_ANSWER  # an answer to one question is no document to read
        )

    def _language(self, text: str, history: Sequence[str], page: Language | None) -> Language:
        fallback = page or "en"
        for earlier in history[-2:]:
            fallback = detect(earlier, fallback=fallback)
        return detect(text, fallback=fallback)

    def _matcher_of(self, index: Index) -> Matcher:
        """Return what compares questions with the mentors' answers of an index."""
        known = self._matcher
        if known is None or known.index is not index:

            def read(question: str, language: Language) -> Evidence:
                return self._finder.read(index, Query(text=question, language=language, reader=language))

            known = self._matcher = Matcher(index, read)
        return known

    def _evidence(
        self,
        index: Index,
        text: str,
        history: Sequence[str],
        language: Language,
        filters: Filters,
        about: Circumstances,
        leave: Leave,
    ) -> Evidence:
        """Return what is found for a question, or for it as a model has rewritten it, whichever supports more."""
        found = self._finder.evidence(index, text, history, language, filters, about)
        if self._fluency is None or not history or found.support >= SELF_SUFFICIENT:
            return found
        alone = self._fluency.rewriter.rewritten(text, history, language, leave)
        if alone is None:
            return found
        rewritten = self._finder.evidence(index, alone, (), language, filters, about)
        return rewritten if rewritten.support > found.support else found

    def _worded(self, index: Index, evidence: Evidence, own: Reply, leave: Leave) -> Iterator[Reply]:
        """Yield a reply of quotes in the words of a model, as they are verified; as it is if there is no model."""
        if self._fluency is None or not isinstance(own, Answer):
            yield own
            return
        reply = own
        if own.composer == "extractive":
            subjects = self._finder.subjects(index)
            for reply in self._fluency.generator.answers(index, subjects, evidence, own, leave):
                yield reply
        if any(citation.passage.language != reply.language for citation in reply.citations):
            yield self._fluency.translator.translated(reply, leave)
        elif reply is own:
            yield own

    def _answered(self, index: Index, text: str, evidence: Evidence, match: Match | None) -> Reply:
        """Return a mentor's answer if it is one to this question, else our own, with the mentor's offered beside it."""
        own = self._reply(index, text, evidence, evidence.query.language)
        if match is None:
            return own
        model = Likeness.shipped()
        if match.likeness >= model.serve:
            nearest = tuple(each.hit for each in evidence.found[:_NEAREST])
            return _with_neighbours(checked.reply(match, index, nearest, support=match.likeness), index)
        return checked.beside(own, match) if match.likeness >= model.suggest else own

    def _reply(self, index: Index, text: str, evidence: Evidence, language: Language) -> Reply:
        nearest = tuple(each.hit for each in evidence.found[:_NEAREST])
        quotes = select(evidence.found)
        gaps = missing(text, [_said_by(quote) for quote in quotes])
        if gaps:
            return self._abstain(gaps[0].reason, language, evidence.support, gaps, nearest)
        if quotes and evidence.curated:
            gaps = merely_mentioned(evidence.query.whole, quotes, self._finder.subjects(index), index)
            if gaps:
                return self._abstain(gaps[0].reason, language, evidence.support, gaps, nearest)
        if not quotes or not self._finder.suffices(evidence):
            return self._abstain(Reason.NO_SOURCE, language, evidence.support, (), nearest)
        answer = compose(quotes, language=language, support=evidence.support, nearest=nearest, today=self._today())
        return _with_neighbours(answer, index)

    def _abstain(
        self,
        reason: Reason,
        language: Language,
        support: float,
        names: Sequence[Name],
        nearest: Sequence[Hit],
    ) -> Abstention:
        texts = wording(language)
        said = texts["abstain"][reason.value].format(names=", ".join(dict.fromkeys(n.label(language) for n in names)))
        return Abstention(
            language=language, text=f"{said} {texts['ask'][_whom(reason)]}", reason=reason, support=support,
            nearest=tuple(nearest),
        )  # fmt: skip


def _with_neighbours(answer: Answer, index: Index) -> Answer:
    """Return an answer with the sections around its first quote as what one may ask next."""
    first = answer.citations[0].passage
    return replace(answer, follow_ups=neighbours(answer, index.shelf.document(first.document, first.language)))


def cleaned_question(question: str) -> str:
    """Return a question as it may be searched: cleaned, on one line.

    Raises:
        QuestionError: If nothing is left of it, or it is longer than 2,000 characters.
    """
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(question)} characters; at most {LONGEST_QUESTION} are read: shorten it"
        )
    text = " ".join(clean(question).split())
    if not any(character.isalnum() for character in text):
        raise QuestionError(f"the question {question[:40]!r} has no letter or digit; ask it in words")
    return text


def _asked(question: str) -> str:
    """Return a question as it is searched and answered: cleaned, without what instructs the assistant.

    Raises:
        QuestionError: If nothing is left of it, or it is longer than 2,000 characters.
    """
    return without_instructions(cleaned_question(question))


def _cleaned(history: Sequence[str]) -> tuple[str, ...]:
    """Return the earlier questions as they may be searched."""
    return tuple(" ".join(clean(each[:LONGEST_QUESTION]).split()) for each in history)


def _said_by(quote: Quote) -> str:
    """Return a quote with everything that says what it is about.

    The rest of a reviewed section is no evidence, because its sentences are written to stand alone; those of a user's
    own document are not, so there the whole section counts.
    """
    passage, source = quote.found.hit.passage, quote.found.source
    about = [source.institution, *source.aliases, source.programme, source.title, source.dated]
    said = passage.text if quote.found.kind is Kind.OTHER else quote.text
    return "\n".join([*about, *passage.context, passage.heading, said])


def _whom(reason: Reason) -> str:
    """Return the key of the text that says whom to ask."""
    return {
        Reason.OTHER_COUNTRY: "host",
        Reason.OTHER_INSTITUTION: "institution",
        Reason.PERSONAL_DATA: "none",
        Reason.OUT_OF_SCOPE: "none",
        Reason.INSTRUCTION: "none",
    }.get(reason, "office")
