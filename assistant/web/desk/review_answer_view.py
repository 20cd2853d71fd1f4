"""Verified answers as the templates print them: the list, and one with what has changed in its sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from babel.dates import format_date

from assistant.knowledge.published import section_digest
from assistant.knowledge.transliteration import fold
from assistant.records.binding import Sections
from assistant.records.publishing import AnswerState, CheckedCitation, CheckedVersion
from assistant.records.verified_rows import Entry, Wording
from assistant.types import Language
from assistant.web.desk.moments import moment
from assistant.web.desk.parts import Desk
from assistant.web.desk.review_difference import Piece, difference
from assistant.web.desk.review_preview import Preview, preview
from assistant.web.desk.review_sections import now
from assistant.web.desk.review_words import answers_words
from assistant.web.desk.words import frame
from assistant.web.library.facts import country_name

ON_PAGE = 50
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the list."""

    id: str
    question: str
    speech: Language
    state: str
    because: str
    languages: tuple[str, ...]
    country: str
    changed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """The list.

    Attributes:
        state: The state that was asked for; empty for all.
        words: The words that were looked for.
        counts: How many answers there are by state.
        count: How many fit.
        filtered: Whether anything was asked for.
        next: Address of the next page; empty on the last.
    """

    state: str
    words: str
    counts: Mapping[str, int]
    count: int
    lines: tuple[Line, ...]
    filtered: bool
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What has become of the section of one quote."""

    mark: int
    language: Language
    section: str
    quoted_language: Language
    is_gone: bool
    is_same: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """An answer in one language: as students see it, who vouches for it, and its wordings."""

    preview: Preview
    checked: str
    wordings: tuple[Wording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """One answer.

    Attributes:
        seen: When it was last changed, as a form carries it.
        lost: Whether a quote does not stand in its section any more.
        digests: The sections with their digests as they read now, as a form carries them.
    """

    id: str
    state: str
    because: str
    country: str
    created: str
    changed: str
    seen: str
    versions: tuple[VersionView, ...]
    differences: tuple[Difference, ...]
    lost: bool
    digests: tuple[str, ...]


def list_view(entries: Sequence[Entry], query: Mapping[str, str], language: Language) -> ListView:
    """Return the answers that an address asks for, those first that waited for a mentor, then the newest."""
    state = query.get("state", "") if query.get("state", "") in set(AnswerState) else ""
    words, after = query.get("words", "").strip()[:LONGEST_WORDS], _count(query.get("after", ""))
    fitting = [each for each in entries if (not state or each.answer.state == state) and _holds(each, words)]
    ordered = sorted(fitting, key=lambda each: (each.because is None, -each.changed.timestamp(), each.answer.id))
    wishes = {name: value for name, value in (("state", state), ("words", words)) if value}
    further = urlencode({**wishes, "after": after + ON_PAGE}) if len(ordered) > after + ON_PAGE else ""
    return ListView(
        state=state,
        words=words,
        counts={each.value: sum(entry.answer.state is each for entry in entries) for each in AnswerState},
        count=len(ordered),
        lines=tuple(_line(each, language) for each in ordered[after : after + ON_PAGE]),
        filtered=bool(wishes),
        next=f"/{language}/desk/answers/?{further}" if further else "",
    )


def answer_view(desk: Desk, entry: Entry, language: Language) -> AnswerView:
    """Return one answer in a language of the desk."""
    sections = now(desk, entry.answer)
    versions = tuple(_version(desk, each, entry, language) for each in entry.answer.versions)
    return AnswerView(
        id=entry.answer.id,
        state=entry.answer.state.value,
        because=entry.because.value if entry.because else "",
        country=_country(entry, language),
        created=moment(entry.created, language),
        changed=moment(entry.changed, language),
        seen=entry.changed.isoformat(),
        versions=versions,
        differences=tuple(
            _difference(each, version.language, sections)
            for version in entry.answer.versions
            for each in version.citations
        )
        if entry.because
        else (),
        lost=any(each.preview.lost for each in versions),
        digests=digests(sections),
    )


def digests(sections: Sections) -> tuple[str, ...]:
    """Return sections with their digests, as a form carries what the mentor saw."""
    return tuple(f"{each} {section_digest(texts)}" for each, texts in sections.items())


def _version(desk: Desk, version: CheckedVersion, entry: Entry, language: Language) -> VersionView:
    mentor = desk.mentors.get(version.mentor)
    day = format_date(version.checked_on, "d MMM y", locale=language)
    said = answers_words(language).checked.format(name=mentor.name if mentor else version.mentor, date=day)
    wordings = tuple(each for each in entry.wordings if each.language == version.language)
    return VersionView(preview(desk, version, version.checked_on), said, wordings)


def _difference(citation: CheckedCitation, language: Language, sections: Sections) -> Difference:
    text = sections.get(citation.section, {}).get(citation.language)
    return Difference(
        mark=citation.mark,
        language=language,
        section=citation.section,
        quoted_language=citation.language,
        is_gone=text is None,
        is_same=text == citation.passage,
        pieces=difference(citation.passage, citation.passage if text is None else text),
    )


def _line(entry: Entry, language: Language) -> Line:
    versions = entry.answer.versions
    first = entry.answer.version(language) or versions[0]
    return Line(
        id=entry.answer.id,
        question=first.question,
        speech=first.language,
        state=entry.answer.state.value,
        because=entry.because.value if entry.because else "",
        languages=tuple(frame(language).speeches[each.language] for each in versions),
        country=_country(entry, language),
        changed=moment(entry.changed, language),
    )


def _country(entry: Entry, language: Language) -> str:
    return country_name(entry.country, language)


def _holds(entry: Entry, words: str) -> bool:
    """Return whether the words stand in a question or text, in any case and alphabet."""
    wanted = fold(words)
    return any(wanted in fold(f"{each.question}\n{each.text}") for each in entry.answer.versions)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
