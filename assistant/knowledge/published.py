"""What mentors have checked and participants have told, as documents that the index holds beside the base.

They come from the records, never from a folder, so that what is withdrawn there is nowhere else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from assistant.knowledge.markdown import read_curated
from assistant.types import Confidence, Document, Kind, Language, Passage, Source

ANSWERS = "answers"
"""Folder of the mentors' answers among the ids of documents; there is no such folder on the disk."""

TOLD = "told"
"""The same of the stories that participants told."""

_HEADING = re.compile(r"^(\s{0,3})(#{1,6}\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuote:
    """What a mentor's answer quotes.

    Attributes:
        mark: Its number in the text.
        section: The section it stands in.
        language: Version of the section in which it stands letter for letter.
        quote: The quoted words.
        digest: ``section_digest`` of the section when the answer was checked.
    """

    mark: int
    section: str
    language: Language
    quote: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedAnswer:
    """An answer that a mentor has checked, in one language.

    Attributes:
        id: Names it in all its languages.
        language: Language of question, text and wordings.
        question: What it answers, in the mentor's words.
        text: Markdown with marks.
        checked_on: When a mentor last vouched for it.
        wordings: In which words else students ask this.
        quotes: What the marks refer to; empty if an office vouches for it.
        office: Who says so where no section does; else empty.
        office_date: Since when, or when they said so.
        changed: When it was last changed, by which it is known again; None where nobody changes answers.
    """

    id: str
    language: Language
    question: str
    text: str
    checked_on: date
    wordings: tuple[str, ...] = ()
    quotes: tuple[CheckedQuote, ...] = ()
    office: str = ""
    office_date: date | None = None
    changed: datetime | None = None

    @property
    def document(self) -> str:
        """Id of the document that stands for it in the index."""
        return f"{ANSWERS}/{self.id}"


def section_digest(texts: Mapping[Language, str]) -> str:
    """Return a digest of a section's text in all its languages: it changes when any of them does."""
    digest = hashlib.sha256()
    for language in sorted(texts):
        digest.update(f"{language}\0{texts[language]}\0".encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """A participant's story as mentors published it.

    Attributes:
        id: Names it.
        language: Language in which it was told.
        title: What stands above it.
        parts: Anchor, heading and text of each part that tells something, in order.
        country: ISO 3166-1 code of the host country; empty if it is not told.
        programme: Exchange programme; empty if it is not told.
        year: Year of the stay; None if it is not told.
        published: When it was published.
    """

    id: str
    language: Language
    title: str
    parts: tuple[tuple[str, str, str], ...]
    published: date
    country: str = ""
    programme: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """Everything that the records give to the index.

    Attributes:
        number: Grows with every change of it.
        answers: What mentors have checked.
        stories: What participants have told.
    """

    number: int = 0
    answers: tuple[CheckedAnswer, ...] = ()
    stories: tuple[ToldStory, ...] = ()


def documents(published: Published) -> tuple[Document, ...]:
    """Return the documents of what was published, answers first."""
    return (*map(_answer, published.answers), *map(_story, published.stories))


Doubt = Literal["section_gone", "section_changed", "review_due"]
"""Why an answer can no longer be given as it was checked."""

Version = tuple[Passage, Source]


def doubt(answer: CheckedAnswer, sections: Mapping[str, Mapping[Language, Version]], today: date) -> Doubt | None:
    """Return why an answer cannot be given any more; None if every section that it quotes reads as it did.

    Args:
        answer: The answer.
        sections: Versions of the sections by language, with their sources, by section.
        today: A section that should have been checked again by now makes an answer due, unless a mentor vouched for
            it after that day.
    """
    for quote in answer.quotes:
        versions = sections.get(quote.section)
        if not versions:
            return "section_gone"
        digest = section_digest({language: passage.text for language, (passage, _) in versions.items()})
        if (
            digest != quote.digest
            or quote.language not in versions
            or quote.quote not in versions[quote.language][0].text
        ):
            return "section_changed"
        dates = [source.review_by for _, source in versions.values() if source.review_by]
        if any(answer.checked_on <= day < today for day in dates):
            return "review_due"
    return None


def _answer(answer: CheckedAnswer) -> Document:
    """Return the document of a mentor's answer: its question is the heading, its wordings are ways of asking."""
    source = Source(
        institution=answer.office,
        title=answer.office or answer.question,
        dated=(answer.office_date or answer.checked_on).isoformat(),
        reviewed_on=answer.checked_on,
        confidence=Confidence.CHECKED,
    )
    text = f"## {_one_line(answer.question)} {{#answer}}\n\n{_plain(answer.text)}\n"
    asked = {"answer": answer.wordings}
    return _document(answer.document, answer.language, Kind.VERIFIED_ANSWER, answer.question, source, text, asked)


def _story(story: ToldStory) -> Document:
    """Return the document of a participant's story, one section for each part."""
    source = Source(
        country=story.country,
        programme=story.programme,
        title=story.title,
        dated=str(story.year) if story.year else "undated",
        reviewed_on=story.published,
        confidence=Confidence.EXPERIENCE,
    )
    sections = (f"## {_one_line(heading)} {{#{anchor}}}\n\n{_plain(text)}\n" for anchor, heading, text in story.parts)
    return _document(f"{TOLD}/{story.id}", story.language, Kind.LESSON, story.title, source, "\n".join(sections), {})


def _document(
    id: str,
    language: Language,
    kind: Kind,
    title: str,
    source: Source,
    text: str,
    asked_as: Mapping[str, Sequence[str]],
) -> Document:
    ways = {anchor: tuple(wordings) for anchor, wordings in asked_as.items()}
    reading = read_curated(text, document=id, language=language, title=_one_line(title), asked_as=ways)
    return Document(
        id=id, language=language, kind=kind, title=_one_line(title), source=source, text=text,
        passages=reading.passages, path=f"{id}.{language}.md", curated=True,
    )  # fmt: skip


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Return a text in which no line begins a section of its own."""
    return _HEADING.sub(r"\1\\\2", text.strip())
