"""An answer exactly as students will see it: the same words around it, the same quotes, the same panel of sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup

from assistant.answering.checked import worded
from assistant.records.publishing import CheckedCitation, WrittenVersion
from assistant.types import (
    LANGUAGES,
    Answer,
    Block,
    Citation,
    Confidence,
    Conversation,
    Kind,
    Language,
    Passage,
    Source,
    Turn,
)
from assistant.web import rendering
from assistant.web.chat import sources
from assistant.web.desk.parts import Desk
from assistant.web.desk.review_form import CHECKED, Fault, Filled
from assistant.web.desk.review_hints import NOTHING, Compared, compared
from assistant.web.desk.review_sections import cited
from assistant.web.wording import texts


@dataclass(frozen=True, slots=True)
class Preview:
    """An answer in one language as safe HTML.

    Attributes:
        language: Of the answer.
        question: What it answers.
        text: With its marks as links.
        references: The short list of what is quoted.
        panel: The sections with their quotes highlighted.
        lost: Marks of quotes that do not stand in their sections any more; they are shown as it read then.
        compared: Its sentences beside the quoted sections, where a mentor writes it.
    """

    language: Language
    question: str
    text: Markup
    references: Markup
    panel: Markup
    lost: tuple[int, ...]
    compared: Compared = NOTHING


def previews(
    desk: Desk, filled: Filled, versions: Iterable[WrittenVersion], today: date, language: Language
) -> tuple[Preview, ...]:
    """Return what a mentor has written as students will see it, with hints in a language of the desk.

    A reply that is approved as it stands gets none: the program wrote it from its quotes.
    """
    return tuple(
        replace(
            preview(desk, each, today),
            compared=NOTHING if filled.sheet(each.language).fixed else compared(desk, each, language),
        )
        for each in versions
    )


def unchecked(filled: Filled, shown: Iterable[Preview]) -> tuple[Fault, ...]:
    """Return that something must be ticked off before it is saved; nothing if it is, or nothing must."""
    is_due = not filled.checked and any(each.compared.weighty for each in shown)
    return (Fault(CHECKED, "unchecked"),) if is_due else ()


def preview(desk: Desk, version: WrittenVersion, checked_on: date) -> Preview:
    """Return the answer in one language as students see it."""
    found = {each.mark: cited(desk, each) for each in version.citations}
    lost = tuple(mark for mark, citation in found.items() if citation is None)
    citations = tuple(found[each.mark] or _former(each) for each in version.citations)
    answer = _answer(version, citations, checked_on)
    number, words = LANGUAGES.index(version.language) + 1, texts(version.language)
    said = Conversation((Turn(version.question, answer),), dropped=number - 1)
    return Preview(
        language=version.language,
        question=version.question,
        text=Markup(rendering.html(answer.text, sources.allowed(number, answer))),  # noqa: S704  rendered safely
        references=Markup(sources.references(number, answer, words)),  # noqa: S704
        panel=Markup(sources.panel(said, words)),  # noqa: S704
        lost=lost,
    )


def _answer(version: WrittenVersion, citations: tuple[Citation, ...], checked_on: date) -> Answer:
    """Return the reply that students get."""
    text = worded(
        version.text, citations, language=version.language, checked_on=checked_on, office=version.office,
        office_date=version.office_date,
    )  # fmt: skip
    return Answer(
        language=version.language, text=text, composer="verified", support=1.0,
        citations=citations or (_own(version, checked_on),),
    )  # fmt: skip


def _former(citation: CheckedCitation) -> Citation:
    """Return a quote from its section as it read when the answer was checked."""
    document, _, anchor = citation.section.partition("#")
    passage = _passage(document, anchor, citation.language, "", citation.passage)
    return Citation(
        mark=citation.mark, quote=citation.quote, passage=passage, kind=Kind.OTHER, source=Source(), stale=True
    )


def _own(version: WrittenVersion, checked_on: date) -> Citation:
    """Return the answer itself as the quote, for which the office stands."""
    source = Source(
        institution=version.office,
        title=version.office or version.question,
        dated=(version.office_date or checked_on).isoformat(),
        reviewed_on=checked_on,
        confidence=Confidence.CHECKED,
    )
    passage = _passage("answers/preview", "answer", version.language, version.question, version.text)
    return Citation(mark=1, quote=version.text, passage=passage, kind=Kind.VERIFIED_ANSWER, source=source, stale=False)


def _passage(document: str, anchor: str, language: Language, heading: str, text: str) -> Passage:
    return Passage(
        document=document, anchor=anchor, language=language, heading=heading, context=(), start=0, text=text,
        sentences=(), blocks=(Block(0, len(text), "paragraph"),),
    )  # fmt: skip
