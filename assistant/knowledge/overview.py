"""One page about the curated base for the office: subjects, languages, age, sources, and how hard the texts are."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources

from assistant.knowledge import style
from assistant.types import LANGUAGES, Document, Fault, Kind, Language, Source

_SOON_DAYS = 90
_LONG_SENTENCE = 35
"""Words of a sentence that is hard to read on a phone."""
_LONG_WORD = 12
"""Letters of a long word."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard the texts of one language are.

    Attributes:
        words: Words of all sections, tables apart.
        sections: Number of sections.
        sentence_words: Median words of a sentence.
        long_sentences: Share of prose sentences over 35 words.
        long_words: Share of words over 12 letters.
    """

    words: int
    sections: int
    sentence_words: float
    long_sentences: float
    long_words: float


@dataclass(frozen=True, slots=True)
class Subject:
    """One row of the page.

    Attributes:
        id: Path without language and ending.
        title: Title in English, else in another language.
        kind: Sort of text.
        source: Source of that version.
        sections: Number of sections.
        words: Words by language; a language that is missing has none.
        asked_as: Known ways of asking, by language.
        days_left: Days until ``review_by``; negative when overdue; None without one.
    """

    id: str
    title: str
    kind: Kind
    source: Source
    sections: int
    words: dict[Language, int]
    asked_as: dict[Language, int]
    days_left: int | None

    @property
    def state(self) -> str:
        """``overdue``, ``soon`` (within 90 days), or ``fresh``."""
        if self.days_left is None or self.days_left > _SOON_DAYS:
            return "fresh"
        return "overdue" if self.days_left < 0 else "soon"


def subjects(documents: Iterable[Document], today: date) -> tuple[Subject, ...]:
    """Return a row for every curated subject, what must be reviewed first on top."""
    versions: dict[str, dict[Language, Document]] = {}
    for document in documents:
        if document.curated:
            versions.setdefault(document.id, {})[document.language] = document
    rows = [_subject(own, today) for own in versions.values()]
    return tuple(sorted(rows, key=lambda row: (row.days_left is None, row.days_left or 0, row.id)))


def _subject(versions: dict[Language, Document], today: date) -> Subject:
    first = next(versions[language] for language in LANGUAGES if language in versions)
    due = first.source.review_by
    return Subject(
        id=first.id, title=first.title, kind=first.kind, source=first.source, sections=len(first.passages),
        words={lang: sum(map(style.words, each.passages)) for lang, each in versions.items()},
        asked_as={lang: sum(len(p.asked_as) for p in each.passages) for lang, each in versions.items()},
        days_left=(due - today).days if due else None,
    )  # fmt: skip


def reading(documents: Iterable[Document], language: Language) -> Reading:
    """Return how hard the curated texts of a language are."""
    passages = [p for each in documents if each.curated and each.language == language for p in each.passages]
    sentences = [style.split_words(p.quote(s)) for p in passages for s in p.sentences if s.form == "prose"]
    lengths = [len(sentence) for sentence in sentences if sentence]
    words = [word for sentence in sentences for word in sentence]
    return Reading(
        words=sum(map(style.words, passages)),
        sections=len(passages),
        sentence_words=statistics.median(lengths) if lengths else 0.0,
        long_sentences=sum(length > _LONG_SENTENCE for length in lengths) / max(1, len(lengths)),
        long_words=sum(len(word) > _LONG_WORD for word in words) / max(1, len(words)),
    )


def render(documents: Sequence[Document], faults: Sequence[Fault], counts: dict[str, int], today: date) -> str:
    """Return the page as HTML that fetches nothing.

    Args:
        documents: The documents of the base.
        faults: What ``assistant index --check`` reports.
        counts: What else the base holds, by name (steps, rules, terms).
        today: The day by which age is judged.
    """
    from jinja2 import Environment, StrictUndefined

    rows = subjects(documents, today)
    template = (resources.files("assistant.knowledge") / "overview.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(template).render(
        rows=rows,
        kinds={kind: [row for row in rows if row.kind is kind] for kind in Kind if any(r.kind is kind for r in rows)},
        readings={language: reading(documents, language) for language in LANGUAGES},
        languages=LANGUAGES, faults=faults, counts=counts, today=today,
        states={state: sum(row.state == state for row in rows) for state in ("overdue", "soon", "fresh")},
    )  # fmt: skip
