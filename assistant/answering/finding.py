"""What is found for a question, alone or with the one it continues, and how well that supports an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering.follow_ups import earlier_question, leans
from assistant.answering.selection import rules_first
from assistant.answering.subjects import Subjects, asked_names
from assistant.answering.support import Calibration, features_of
from assistant.knowledge.index import Index
from assistant.knowledge.published import TOLD
from assistant.knowledge.ranking import Query
from assistant.knowledge.retrieval import Found, search
from assistant.types import Circumstances, Filters, Kind, Language

_HITS = 6
_DETAILED = 3
_UNKNOWN = Circumstances()
SELF_SUFFICIENT = 0.8
"""A question that does not lean on another and has this support alone is not read in context."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question, before it is decided whether that suffices.

    Attributes:
        query: What was searched for: the question alone, or with the one it continues.
        found: Sections, the best first.
        features: What ``support`` is computed from.
        support: Probability, 0 to 1, that what was found answers the question.
    """

    query: Query
    found: tuple[Found, ...]
    features: dict[str, float]
    support: float

    @property
    def curated(self) -> bool:
        """Whether the best of what was found comes from the curated base, with its versions and ways of asking.

        What a participant told has neither, so it is judged as a user's own document is.
        """
        return self.found[0].kind is not Kind.OTHER and not self.found[0].hit.passage.document.startswith(f"{TOLD}/")


class Finder:
    """Finds the evidence for questions in an index; keeps nothing of a question."""

    def __init__(self, calibration: Calibration) -> None:
        """Judge what is found by a calibration."""
        self._calibration = calibration
        self._subjects: tuple[Index, Subjects] | None = None

    def evidence(
        self,
        index: Index,
        text: str,
        history: Sequence[str],
        language: Language,
        filters: Filters | None = None,
        about: Circumstances = _UNKNOWN,
    ) -> Evidence:
        """Return what is found for a cleaned question alone or in context, whichever supports an answer better.

        Args:
            index: Where to find it.
            text: The question.
            history: The questions before it, oldest first, cleaned.
            language: Language of question and reader.
            filters: Which documents may be found.
            about: What the student has said about themselves.
        """
        alone = self.read(index, Query(text=text, language=language, reader=language), filters, about)
        earlier = earlier_question(text, history)
        if not earlier or (not leans(text) and alone.support >= SELF_SUFFICIENT):
            return alone
        if leans(text):  # "And for English?" says little alone: the two questions are one
            return self.read(index, replace(alone.query, earlier=earlier, leans=True), filters, about)
        query = Query(text=text, language=language, reader=language, earlier=earlier)
        together = self.read(index, query, filters, about)
        return together if together.support > alone.support else alone

    def read(
        self, index: Index, query: Query, filters: Filters | None = None, about: Circumstances = _UNKNOWN
    ) -> Evidence:
        """Return what is found for one query."""
        found = search(index, self.named(index, query, about), k=_HITS, filters=filters, detailed=_DETAILED)
        found = rules_first(query.whole, found)
        evidence = Evidence(query, found, features_of(query.whole, found), 0.0)
        return replace(evidence, support=self._support(evidence))

    def named(self, index: Index, query: Query, about: Circumstances = _UNKNOWN) -> Query:
        """Return the query with the documents that are, and that are not, about what the question names.

        What it does not name, the student's circumstances do.
        """
        names = asked_names(f"{query.earlier} {query.text}")
        subjects = self.subjects(index)
        own = subjects.of_student(about, names)
        return replace(
            query,
            wanted=subjects.wanted(names) | subjects.wanted(own),
            unwanted=subjects.foreign(names) | (subjects.foreign(own) - subjects.lessons),
            narrower=subjects.narrower([*names, *own]),
        )

    def subjects(self, index: Index) -> Subjects:
        """Return what the documents of an index are about, read once for each index."""
        known = self._subjects
        if known is None or known[0] is not index:
            known = self._subjects = (index, Subjects.read(index))
        return known[1]

    def suffices(self, evidence: Evidence) -> bool:
        """Return whether what was found supports an answer well enough."""
        return self._calibration.suffices(evidence.support, curated=evidence.curated)

    def _support(self, evidence: Evidence) -> float:
        if not evidence.found:
            return 0.0
        return self._calibration.support(evidence.features, curated=evidence.curated)
