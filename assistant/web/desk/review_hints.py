"""What an answer says beside its quotes: each sentence compared with the quoted sections, as hints for its mentor.

A mentor may know better than the library, so nothing is refused for a hint. Only a figure, date or name that the quoted
sections do not have must be ticked off as checked before the answer is saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.answering.generative.drafted import FEWEST_WORDS, Sentence, Stream
from assistant.answering.verification.mismatches import Mismatch
from assistant.answering.verification.pointing import pointed
from assistant.answering.verification.verifying import Verdict
from assistant.records.publishing import WrittenVersion
from assistant.types import Document, Language, Passage
from assistant.web.desk.parts import Desk
from assistant.web.desk.review_sections import section
from assistant.web.desk.review_words import review_words

_HEADING = re.compile(r"^ {0,3}#{1,6} .*$", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\([^()\s]{1,500}\)")
_WEIGHTY = frozenset(("number", "unit", "side", "rate", "name"))
"""Kinds of mismatches that must be ticked off: figures, dates and names, on which students act."""
_TELLING = frozenset(("number", "rate", "name"))
"""Kinds of doubts that say where to look: of those about negation and duty, half are about faithful sentences."""
LEAST = 0.4
"""Support below which a sentence is told to be unclear. What a student may be shown needs more, but a mentor writes
freely: of the faithful sentences for development this marks .09, of the altered ones, with what contradicts, .71."""


class Sort(StrEnum):
    """How a sentence stands to the quoted sections."""

    SAID = "said"
    NEAR = "near"
    CHECK = "check"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence beside the quoted sections.

    Attributes:
        sentence: As plain text.
        sort: Whether they say it, come near it, contradict it, or do not say it clearly.
        told: What to look at, in words.
        weighty: Whether it must be ticked off.
    """

    sentence: str
    sort: Sort
    told: tuple[str, ...] = ()
    weighty: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """All sentences of an answer in one language that state something; none if it quotes nothing."""

    hints: tuple[Hint, ...] = ()

    @property
    def said(self) -> tuple[Hint, ...]:
        """What the quoted sections say."""
        return tuple(each for each in self.hints if each.sort is Sort.SAID)

    @property
    def open(self) -> tuple[Hint, ...]:
        """What a mentor should look at."""
        return tuple(each for each in self.hints if each.sort in {Sort.CHECK, Sort.UNCLEAR})

    @property
    def weighty(self) -> bool:
        """Whether something must be ticked off."""
        return any(each.weighty for each in self.hints)


NOTHING = Compared()


def compared(desk: Desk, version: WrittenVersion, language: Language) -> Compared:
    """Return the sentences of an answer beside the sections that it quotes, with words in a language of the desk."""
    sections = dict.fromkeys(each.section for each in version.citations)
    cited = tuple(filter(None, (_versions(desk, each, version.language) for each in sections)))
    return Compared(tuple(_Reading(desk, version, cited, language).hints())) if cited else NOTHING


@dataclass(frozen=True, slots=True)
class _Reading:
    """One answer with the language versions of each section that it quotes."""

    desk: Desk
    version: WrittenVersion
    cited: tuple[tuple[Passage, ...], ...]
    language: Language

    def hints(self) -> Iterator[Hint]:
        """Yield a hint for each sentence that states something; an item is read with what introduces its list."""
        quoted = {_folded(each) for citation in self.version.citations for each in _sentences(citation.quote)}
        lead = ""
        for each in _sentences(self.version.text):
            if _folded(each) in quoted:
                yield Hint(each.text, Sort.SAID)
                continue
            verdict = self._verdict(each.text)
            if each.item and lead and not verdict.supported:
                verdict = self._verdict(f"{lead} {each.text}")
            if hint := self._hint(each.text, verdict):
                yield hint
            if not each.item:
                lead = each.text if each.text.endswith(":") and not _contradicts(verdict) else ""

    def _verdict(self, sentence: str) -> Verdict:
        return self.desk.verify(sentence, self.version.language, self.cited)

    def _hint(self, text: str, verdict: Verdict) -> Hint | None:
        """Return the hint of a sentence; None if it states nothing that could be compared."""
        if verdict.supported:
            return Hint(text, Sort.SAID)
        if _contradicts(verdict):
            weighty = any(each.kind in _WEIGHTY for each in verdict.faults)
            return Hint(text, Sort.CHECK, tuple(self._told(text, verdict.faults)), weighty)
        if not _states(text):
            return None
        if verdict.support >= LEAST:
            return Hint(text, Sort.NEAR)
        telling = [each for each in verdict.faults if each.kind in _TELLING]
        return Hint(text, Sort.UNCLEAR, tuple(self._told(text, telling)))

    def _told(self, sentence: str, faults: Sequence[Mismatch]) -> Iterator[str]:
        """Yield what to look at, kind by kind; the same words, or a part of them, are told once."""
        words = review_words(self.language)
        places = [(each.kind, pointed(sentence, self.version.language, each)) for each in faults]
        told: set[str] = set()
        for kind in dict.fromkeys(each.kind for each in faults):
            own = dict.fromkeys(place for each, place in places if each == kind)
            new = [each for each in own if each and each not in told and not _is_part(each, places)]
            told.update(own)
            if new:
                named = ", ".join(words.hints["word"].format(word=each) for each in new)
                yield words.absent[kind].format(words=named)
            if "" in own:
                yield words.differing[kind]


def _is_part(place: str, places: Sequence[tuple[str, str]]) -> bool:
    return any(place != other and place in other for _, other in places)


def _contradicts(verdict: Verdict) -> bool:
    """Return whether a verdict names what is wrong, and not only what makes a sentence doubtful."""
    return bool(verdict.faults) and verdict.support == 0


def _states(text: str) -> bool:
    """Return whether a sentence is more than a few words, a question, or what introduces a list."""
    return len(text.split()) >= FEWEST_WORDS and not text.endswith(("?", ":"))


def _sentences(markdown: str) -> list[Sentence]:
    """Return the sentences of a text without marks and markup; headings state nothing."""
    stream, text = Stream(), _LINK.sub(r"\1", _HEADING.sub("", markdown))
    return [*stream.add(text), *stream.end()]


def _folded(sentence: Sentence) -> str:
    return sentence.text.casefold().rstrip(".;: ")


def _versions(desk: Desk, id: str, language: Language) -> tuple[Passage, ...]:
    """Return the language versions of a section, that of the answer first, each below what its document is about."""
    home = section(desk, id)
    own = sorted(home.versions, key=lambda each: each != language) if home else ()
    return tuple(_placed(*home.versions[each]) for each in own) if home else ()


def _placed(document: Document, passage: Passage) -> Passage:
    """Return a passage with its source among the titles above it: who says something may name that."""
    source = document.source
    about = filter(None, (source.institution, source.programme, source.title, source.dated))
    return replace(passage, context=(*about, *passage.context))
