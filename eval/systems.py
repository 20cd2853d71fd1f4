"""What is evaluated: the assistant through its public interface, and the built-in baselines.

A system gets a case and gives a ``Reply``: ranked units, and an answer of quotes or silence. ``oracle`` and
``always_abstain`` know the labels, or nothing: they tell whether the harness itself measures rightly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from assistant.settings import Settings
from eval.cases import ANSWERED, Case, Unit
from eval.errors import EvalError

if TYPE_CHECKING:
    from assistant.answering.generative.fluency import Fluency
    from assistant.knowledge.index import Index

SystemName = Literal["assistant", "generative", "verified", "bm25", "dense", "oracle", "always_abstain"]
ASSISTANTS = frozenset({"assistant", "generative", "verified"})
"""Systems that are the assistant itself: by quotes alone, in the words of the configured model, or with the answers
that mentors have published in the records."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote of a reply.

    Attributes:
        mark: Its number in the reply's text.
        unit: Id of the unit that it is cut from.
        document: Document of that unit.
        language: Language of the version that is quoted.
        quote: The literal text.
    """

    mark: int
    unit: str
    document: str
    language: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a system made of a case.

    Attributes:
        query: What was asked, with the earlier questions in front.
        hits: Id, language and score of the units found, best first.
        status: Whether it answered.
        language: Language of the reply.
        text: The reply, with the marks of its citations in square brackets.
        reason: Why it abstained.
        support: How sure it is that the corpus answers: a probability, or any score that rises with it.
        composer: What composed the text.
        citations: The quotes, in the order of their marks.
        timings_ms: Time by stage.
        drafting: What a language model did for it, ``contract.drafting_json``; None if none was asked.
        error: Why the system refused the question; empty if it did not.
    """

    query: str
    hits: tuple[tuple[str, str, float], ...] = ()
    status: Literal["answered", "abstained"] = "abstained"
    language: str = ""
    text: str = ""
    reason: str | None = None
    support: float = 0.0
    composer: str | None = None
    citations: tuple[Cited, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    drafting: dict[str, Any] | None = None
    error: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return the reply as plain data."""
        return asdict(self)


class System(Protocol):
    """What replies to cases."""

    def reply(self, case: Case) -> Reply:
        """Return the reply to a case."""
        ...


def quoting(case: Case, query: str, ranked: Sequence[tuple[Unit, float]]) -> Reply:
    """Return a reply that quotes the best of ``ranked`` whole, as a baseline does."""
    hits = tuple((unit.id, unit.language, score) for unit, score in ranked)
    if not ranked:
        return Reply(query=query, language=case.reply_language)
    unit, score = ranked[0]
    cited = Cited(1, unit.id, unit.document, unit.language, unit.text)
    return Reply(
        query=query, hits=hits, status="answered", language=case.reply_language, text=f"> {unit.text} [1]",
        support=score, composer="quote", citations=(cited,),
    )  # fmt: skip


def _query(case: Case) -> str:
    """Return the question with the one before it in front."""
    return " ".join([*case.earlier[-1:], case.asked])


def _best(units: Sequence[Unit], scores: Sequence[float], k: int, language: str) -> list[tuple[Unit, float]]:
    """Return the best ``k`` units, each id once, in the language asked for where that version is among them."""
    order = sorted(range(len(units)), key=lambda place: (-scores[place], place))
    found: dict[str, tuple[Unit, float]] = {}
    for place in order:
        unit = units[place]
        if unit.id not in found:
            if len(found) == k:
                break
            found[unit.id] = (unit, float(scores[place]))
        elif unit.language == language != found[unit.id][0].language:
            found[unit.id] = (unit, found[unit.id][1])
    return list(found.values())


class Bm25:
    """Plain BM25 over lower-cased words, as a search engine does out of the box."""

    def __init__(self, units: Sequence[Unit], k: int) -> None:
        """Index ``units``; replies carry ``k`` hits."""
        import bm25s

        self._units, self._k = units, k
        words = [_WORD.findall(f"{unit.title} {unit.text}".lower()) for unit in units]
        self._vocabulary = {word: place for place, word in enumerate(dict.fromkeys(w for each in words for w in each))}
        self._index = bm25s.BM25()
        ids = [[self._vocabulary[word] for word in each] for each in words]
        self._index.index(bm25s.tokenization.Tokenized(ids=ids, vocab=self._vocabulary), show_progress=False)

    def reply(self, case: Case) -> Reply:
        """Return the best units by BM25; it always answers with the first."""
        query = _query(case)
        known = [self._vocabulary[w] for w in _WORD.findall(query.lower()) if w in self._vocabulary]
        scores = list(self._index.get_scores_from_ids(known)) if known else [0.0] * len(self._units)
        ranked = [each for each in _best(self._units, scores, self._k, case.lang) if each[1] > 0]
        return quoting(case, query, ranked)


class Dense:
    """The tutorial's pipeline: the nearest vectors of a small English model, one for each text."""

    def __init__(self, units: Sequence[Unit], k: int, library: Path) -> None:
        """Embed ``units``, or take their vectors from ``library``, which keeps them; replies carry ``k`` hits."""
        from langchain_classic.embeddings import CacheBackedEmbeddings

        from assistant.knowledge.embedding import ModelFiles, TorchEmbedder
        from assistant.knowledge.library import Library
        from assistant.knowledge.vector_cache import VectorCache
        from assistant.offline import switch_off_calls_home

        switch_off_calls_home()
        self._units, self._k = units, k
        self._embedder = TorchEmbedder(ModelFiles())
        kept = CacheBackedEmbeddings(self._embedder, VectorCache(Library(library), self._embedder.name))
        texts = [f"{unit.title} {unit.text}".strip() for unit in units]
        self._matrix = np.array(kept.embed_documents(texts), dtype=np.float32)

    def reply(self, case: Case) -> Reply:
        """Return the nearest units; it always answers with the first."""
        query = _query(case)
        scores = self._matrix @ np.array(self._embedder.embed_query(query), dtype=np.float32)
        return quoting(case, query, _best(self._units, scores.tolist(), self._k, case.lang))


class Oracle:
    """Knows the labels: what a perfect system would reply. Every figure of it must be perfect."""

    def __init__(self, units: Sequence[Unit], qrels: dict[str, dict[str, int]]) -> None:
        """Know the judgements of every case."""
        self._qrels = qrels
        self._units: dict[str, list[Unit]] = {}
        for unit in units:
            self._units.setdefault(unit.id, []).append(unit)

    def reply(self, case: Case) -> Reply:
        """Return the gold quotes of a case that should be answered, else silence."""
        judged = sorted(self._qrels.get(case.id, {}).items(), key=lambda each: -each[1])
        gold = [unit for unit, score in judged if score > 0]
        versions = [self._version(each, case) for each in gold]
        hits = tuple((unit.id, unit.language, 1.0 - place / 1000) for place, unit in enumerate(versions))
        if case.answerability not in ANSWERED or not versions:
            return Reply(query=_query(case), hits=hits, language=case.reply_language, reason="no_source")
        cited = [
            Cited(0, unit.id, unit.document, unit.language, quote)
            for unit in versions
            for quote in (self._quotes(case, unit) or [unit.text])
        ]
        marked = tuple(Cited(n, c.unit, c.document, c.language, c.quote) for n, c in enumerate(cited, start=1))
        return Reply(
            query=_query(case), hits=hits, status="answered", language=case.reply_language, support=1.0,
            text="\n\n".join(f"> {c.quote} [{c.mark}]" for c in marked), composer="oracle", citations=marked,
        )  # fmt: skip

    def _version(self, id: str, case: Case) -> Unit:
        """Return the version of a unit that holds most of what is wanted, in the reply's language if it can be."""
        return max(
            self._units[id],
            key=lambda unit: (len(self._quotes(case, unit)), unit.language == case.reply_language),
        )

    @staticmethod
    def _quotes(case: Case, unit: Unit) -> list[str]:
        """Return the gold quotes, and the lines with a nugget, that stand in a unit."""
        found = [quote for quote in case.gold_quotes if quote in unit.text]
        for nugget in case.nuggets:
            if not any(way.casefold() in quote.casefold() for quote in found for way in nugget.any_of):
                lines = (line for line in unit.text.splitlines() if line.strip())
                found += [line for line in lines if any(w.casefold() in line.casefold() for w in nugget.any_of)][:1]
        return list(dict.fromkeys(found))


class AlwaysAbstain:
    """Finds nothing and says nothing."""

    def reply(self, case: Case) -> Reply:
        """Return silence."""
        return Reply(query=_query(case), language=case.reply_language, reason="no_source")


class AssistantSystem:
    """The assistant as the pages open it, but on the day of each case: what is stale then stays so in every run."""

    def __init__(
        self, settings: Settings, k: int, unit_of: dict[str, Unit] | None, composer: SystemName = "assistant"
    ) -> None:
        """Open the assistant of ``settings``.

        Args:
            settings: Where its index and its records lie, and which language model is configured.
            k: Hits of a reply.
            unit_of: The dataset's text by the id of the document it was written to; None if the sections of the
                knowledge base are the units.
            composer: Which of ``ASSISTANTS`` it is.

        Raises:
            EvalError: If a model is asked for and none is configured.
        """
        from assistant.answering.assistant import Assistant
        from assistant.answering.support import Calibration
        from assistant.bootstrap import ServingIndex
        from assistant.offline import switch_off_calls_home

        switch_off_calls_home()
        calibration = Calibration.shipped()
        if settings.threshold is not None:
            calibration = calibration.with_threshold(settings.threshold)
        self._day: date | None = None
        index: Callable[[], Index] = ServingIndex(settings)
        self._assistant = Assistant(
            _with_published(index, settings) if composer == "verified" else index,
            calibration=calibration,
            today=lambda: self._day or date.today(),
            fluency=_model(settings) if composer == "generative" else None,
        )
        self._k, self._unit_of = k, unit_of

    def reply(self, case: Case) -> Reply:
        """Return what the assistant finds and says; a refused question is a reply with an error."""
        from assistant.contract import reply_json
        from assistant.errors import QuestionError
        from assistant.types import Conversation, Turn

        query = " | ".join([*case.earlier, case.asked])
        self._day = case.asked_on
        try:
            conversation = Conversation(tuple(Turn(each) for each in case.earlier))
            said = reply_json(self._assistant.ask(case.asked, conversation=conversation))
            hits = self._assistant.search(case.asked, history=case.earlier, k=self._k)
        except QuestionError as error:
            return Reply(query=query, error=str(error))
        found: dict[str, tuple[str, str, float]] = {}
        for hit in hits:
            unit, language = self._unit(hit.passage.document, hit.passage.section, hit.passage.language)
            found.setdefault(unit, (unit, language, round(hit.score, 6)))
        cited = tuple(
            Cited(c["mark"], unit, c["document"], language, c["quote"])
            for c in said["citations"]
            for unit, language in [self._unit(c["document"], c["section"], c["language"])]
        )
        return Reply(
            query=query, hits=tuple(found.values()), status=said["status"], language=said["language"],
            text=said["text"], reason=said["reason"], support=said["support"], composer=said["composer"],
            citations=cited, timings_ms=said["timings_ms"], drafting=said.get("drafting"),
        )  # fmt: skip

    def _unit(self, document: str, section: str, language: str) -> tuple[str, str]:
        """Return id and language of a unit: of a dataset's text, those that the dataset gives it."""
        if self._unit_of is None:
            return section, language
        unit = self._unit_of[document]
        return unit.id, unit.language


def _with_published(index: Callable[[], Index], settings: Settings) -> Callable[[], Index]:
    """Return the index with what the mentors have published in the records of these settings."""
    from assistant.bootstrap import RecordsPublisher, open_records
    from assistant.serving import LiveIndex

    return LiveIndex(index, RecordsPublisher(open_records(settings)))


def _model(settings: Settings) -> Fluency:
    """Return what the configured model does for replies."""
    from assistant.bootstrap import open_fluency

    if (fluency := open_fluency(settings)) is None:
        raise EvalError("the system 'generative' needs a language model; set ASSISTANT_LLM, see the README")
    return fluency


def baseline(name: SystemName, units: Sequence[Unit], qrels: dict[str, dict[str, int]], k: int, work: Path) -> System:
    """Return a built-in baseline over ``units``; what takes long to make is kept in ``work``."""
    if name == "bm25":
        return Bm25(units, k)
    if name == "dense":
        return Dense(units, k, work / "dense.sqlite")
    return Oracle(units, qrels) if name == "oracle" else AlwaysAbstain()
