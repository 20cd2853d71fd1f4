"""Whether a mentor has already answered what is asked.

Mentors' answers are documents of kind ``verified_answer`` in the index; the search finds them by question, wordings and
text. Whether the one that is found answers *this* question is decided by ``likeness``, because what differs in one word
may need another answer. Above ``serve`` the answer is given; above ``suggest`` its question is offered, and the student
decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.answering.aspects import aspects
from assistant.answering.finding import Evidence
from assistant.answering.follow_ups import leans
from assistant.answering.likeness import Likeness
from assistant.answering.names import HOME, Name, country
from assistant.answering.subjects import asked_names
from assistant.knowledge.index import Index
from assistant.knowledge.lexical import query_mass
from assistant.knowledge.published import CheckedAnswer
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import search
from assistant.knowledge.transliteration import fold, gram_set
from assistant.types import (
    Circumstances,
    Filters,
    Hit,
    Kind,
    Language,
    Reason,
)

MOST = 8
LONG = 30
CANDIDATES = 8
_FIRST = 3
_ABSENT = 6
_STEM = 5
_LONGER = 4
_ANSWERS = Filters(kinds=frozenset({Kind.VERIFIED_ANSWER}))


@dataclass(frozen=True, slots=True)
class Match:
    """A mentor's answer that may be one to a question.

    Attributes:
        answer: It, in the language of the question.
        hit: Its passage, as the search found it.
        likeness: Probability, 0 to 1, that it answers this question.
        signals: What that was computed from.
    """

    answer: CheckedAnswer
    hit: Hit
    likeness: float
    signals: Mapping[str, float]


class Matcher:
    """Compares questions with the mentors' answers of one index; what it reads of an answer, it reads once."""

    def __init__(self, index: Index, read: _Reader, model: Likeness | None = None) -> None:
        """Compare by a model.

        Args:
            index: Holds the answers.
            read: Finds the evidence for a question, as if it stood alone.
            model: The shipped one if not given.
        """
        self._index = index
        self._read = read
        self._model = model or Likeness.shipped()
        self._known: dict[tuple[str, Language], _Known] = {}
        self._by_section: dict[tuple[str, Language], list[str]] = {}
        for (document, language), answer in index.answers.items():
            for section in {quote.section for quote in answer.quotes}:
                self._by_section.setdefault((section, language), []).append(document)

    @property
    def index(self) -> Index:
        """The index whose answers are compared."""
        return self._index

    def best(self, evidence: Evidence, about: Circumstances) -> Match | None:
        """Return the answer that is most like one to a question; None if nothing comes near or forbids itself."""
        found = self.matches(evidence, about)
        return max(found, key=lambda match: match.likeness, default=None)

    def matches(self, evidence: Evidence, about: Circumstances) -> tuple[Match, ...]:
        """Return the answers that come near a question and are about the same country, institution and programme."""
        query, own = evidence.query, _names_of(about)
        names = frozenset(asked_names(query.whole))
        matches = []
        for place, (document, hit) in enumerate(self._candidates(evidence).items()):
            answer = self._index.answers.get((document, query.language))
            if answer is None:
                continue
            known = self._knowledge_of(answer)
            if _conflict(names | own, known.names) or _is_elsewhere(names, own, known.countries):
                continue  # of another country, institution or programme: never the same answer
            unsaid = known.names - names - own
            signals = self._signals(evidence, known, place) | {
                "new_names": float(len(names - known.names - known.mentioned)),
                "gone_names": float(len(unsaid)),
            }
            # Who worded it so may have told their country elsewhere; the same words of somebody else need not mean it.
            exact = fold(query.whole) in known.folded and not unsaid
            matches.append(Match(answer, hit, 1.0 if exact else self._model.of(signals), signals))
        return tuple(matches)

    def _candidates(self, evidence: Evidence) -> dict[str, Hit]:
        """Return the documents of the answers to compare: those that the search finds, then those of the evidence."""
        query = evidence.query
        asked = Query(text=query.whole, language=query.language, reader=query.language)
        hits = {
            each.hit.passage.document: each.hit for each in search(self._index, asked, k=CANDIDATES, filters=_ANSWERS)
        }
        for each in evidence.found[:_FIRST]:
            for document in self._by_section.get((each.hit.passage.section, query.language), ()):
                hits.setdefault(document, self._hit(document, query.language))
        return hits

    def _hit(self, document: str, language: Language) -> Hit:
        rows = self._index.versions[f"{document}#answer"]
        row = next(self._index.rows[row] for row in rows if self._index.rows[row].language == language)
        return Hit(passage=self._index.shelf.read(row)[0], score=0.0, signals={})

    def _knowledge_of(self, answer: CheckedAnswer) -> _Known:
        key = (answer.document, answer.language)
        if (kept := self._known.get(key)) is not None:
            return kept
        known = _Known.read(self._index, answer, self._read(answer.question, answer.language))
        if known.vectors or not self._index.reads(answer.language):  # else the embedder did not answer, but may later
            self._known[key] = known
        return known

    def _signals(self, evidence: Evidence, known: _Known, place: int) -> dict[str, float]:
        query, text = evidence.query, evidence.query.whole
        scores = {each.hit.passage.section: each.hit.score for each in evidence.found}
        own = max((scores[section] for section in known.sections if section in scores), default=0.0)
        other = max((score for section, score in scores.items() if section not in known.sections), default=0.0)
        ranks = [rank for rank, section in enumerate(scores) if section in known.sections]
        asked, words, held = aspects(text), _longer(text), gram_set(text)
        mass = query_mass(self._index.lexical, text)
        shares = [(_share(mass, gram_set(each)), _share(own_mass, held)) for each, own_mass in known.masses.items()]
        (said, repeated), nearest = max(zip(shares, known.masses, strict=True), key=lambda each: sum(each[0]))
        theirs = aspects(known.questions[0]) | aspects(nearest)
        stems = {word[:_STEM] for word in _longer(nearest)}
        mine = {word[:_STEM] for word in words}
        vector = meaning(self._index, text, query.language)
        near = self._index.cosines(np.array(known.vectors), vector) if vector is not None and known.vectors else ()
        return {
            "meaning": float(max(near, default=0.0)),
            "evidence": _cosine(scores, known.scores),
            "margin": own - other,
            "rank": float(min(ranks, default=_ABSENT)),
            "said": said,
            "repeated": repeated,
            "new_words": float(min(len(mine - stems), MOST)),
            "gone_words": float(min(len(stems - mine), MOST)),
            "unheld": sum(not known.holds(word) for word in words) / max(1, len(words)),
            "new_aspects": float(len(asked - theirs)),
            "gone_aspects": float(len(theirs - asked)),
            "length": float(min(len(fold(text).split()), LONG)),
            "support": evidence.support,
            "place": float(min(place, CANDIDATES)),
        }


class _Reader(Protocol):
    """Finds the evidence for a question, as if it stood alone."""

    def __call__(self, question: str, language: Language) -> Evidence:
        """Return the evidence for a question in a language."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """What is compared of an answer.

    Attributes:
        questions: The mentor's question, then the wordings that can be understood without an earlier question.
        folded: The same, folded.
        masses: The weight of each n-gram of these, by rarity.
        sections: Sections that it quotes.
        scores: Sections that the base gives for its question, with their scores.
        names: What its question names.
        countries: The countries that its question names, else those of the documents that it quotes, else the one that
            its text names; text that names several compares them, and is for everybody.
        mentioned: What its text and sections name beside that.
        words: Folded words of its questions and sections; ``stems`` are their beginnings.
        vectors: What its questions mean.
    """

    questions: tuple[str, ...]
    folded: frozenset[str]
    masses: Mapping[str, Mapping[int, float]]
    sections: frozenset[str]
    scores: Mapping[str, float]
    names: frozenset[Name]
    countries: frozenset[Name]
    mentioned: frozenset[Name]
    words: frozenset[str]
    stems: frozenset[str]
    vectors: tuple[NDArray[np.float32], ...]

    @classmethod
    def read(cls, index: Index, answer: CheckedAnswer, evidence: Evidence) -> _Known:
        """Return what is compared of an answer, for whose own question there is this evidence."""
        questions = (answer.question, *(each for each in answer.wordings if not leans(each)))
        sections = frozenset(quote.section for quote in answer.quotes)
        held = "\n".join([*questions, answer.text, *_texts(index, sections, answer.language)])
        words = frozenset(fold(held).split())
        names = frozenset(asked_names(answer.question))
        vectors = (meaning(index, question, answer.language) for question in questions)
        return cls(
            questions=questions,
            folded=frozenset(map(fold, questions)),
            masses={question: query_mass(index.lexical, question) for question in questions},
            sections=sections,
            scores={each.hit.passage.section: each.hit.score for each in evidence.found},
            names=names,
            countries=_countries(names)
            or _countries(_homes(index, sections))
            or _only(_countries(asked_names(answer.text))),
            mentioned=frozenset(asked_names("\n".join([*questions, answer.text]))),
            words=words,
            stems=frozenset(word[:_STEM] for word in words),
            vectors=tuple(vector for vector in vectors if vector is not None),
        )

    def holds(self, word: str) -> bool:
        """Return whether a folded word, or one with the same beginning, stands anywhere in it."""
        return word in self.words or (len(word) >= _STEM and word[:_STEM] in self.stems)


def meaning(index: Index, text: str, language: Language) -> NDArray[np.float32] | None:
    """Return the vector of a question, by the embedder or the projection; None where neither reads it."""
    return next(iter(index.meanings([text], language)), None)


def _longer(text: str) -> frozenset[str]:
    return frozenset(word for word in fold(text).split() if len(word) >= _LONGER)


def _share(mass: Mapping[int, float], held: frozenset[int]) -> float:
    """Return the share of a text's n-grams, by rarity, that is held."""
    return sum(weight for code, weight in mass.items() if code in held) / (sum(mass.values()) or 1.0)


def _conflict(asked: frozenset[Name], answered: frozenset[Name]) -> bool:
    """Return whether one names a country, institution or programme where the other names another of that sort."""
    sorts = {name.reason for name in asked - answered} & {name.reason for name in answered - asked}
    return any(not {n for n in asked & answered if n.reason is sort} for sort in sorts)


def _is_elsewhere(asked: frozenset[Name], own: frozenset[Name], countries: frozenset[Name]) -> bool:
    """Return whether a question is about another country than these; it is the student's own if it names no place."""
    is_placed = any(name.reason is Reason.OTHER_INSTITUTION for name in asked)
    about = _countries(asked) or (frozenset() if is_placed else _countries(own))
    return bool(about and countries and not about & countries)


def _countries(names: Iterable[Name]) -> frozenset[Name]:
    return frozenset(name for name in names if name.reason is Reason.OTHER_COUNTRY and name.key != HOME)


def _only(countries: frozenset[Name]) -> frozenset[Name]:
    """Return the only country; none if there are several."""
    return countries if len(countries) == 1 else frozenset()


def _homes(index: Index, sections: Iterable[str]) -> Iterable[Name]:
    """Yield the countries that the documents of sections are about."""
    for section in sections:
        for row in index.versions.get(section, ()):
            if name := country(index.shelf.read(index.rows[row])[2].country):
                yield name


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    dot = sum(value * other.get(section, 0.0) for section, value in one.items())
    lengths = math.hypot(*one.values(), 0.0) * math.hypot(*other.values(), 0.0)
    return dot / lengths if lengths else 0.0


def _texts(index: Index, sections: frozenset[str], language: Language) -> Iterable[str]:
    """Yield everything that the sections say in a language, with titles and ways of asking."""
    for section in sections:
        for row in (index.rows[row] for row in index.versions.get(section, ())):
            if row.language == language:
                passage = index.shelf.read(row)[0]
                yield "\n".join([*passage.context, passage.heading, passage.text, *passage.asked_as])


def _names_of(about: Circumstances) -> frozenset[Name]:
    """Return the country that a student has told: it need not be asked again."""
    place = country(about.country) if about.country else None
    return frozenset([place] if place else [])
