"""The nouns of the house: documents, passages, hits, replies, conversations.

All values are frozen. A ``Citation`` cannot be built unless its quote stands in its passage,
and an ``Answer`` cannot be built without a citation, so what cannot be shown cannot exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from assistant.errors import CitationError

Language = Literal["en", "ru", "kk"]
LANGUAGES: tuple[Language, ...] = ("en", "ru", "kk")


class Kind(StrEnum):
    """What sort of text a document is, which decides how a quote from it is introduced."""

    REGULATION = "regulation"
    HOST_GUIDE = "host_guide"
    ADAPTATION = "adaptation"
    RESEARCH = "research"
    RETURN = "return"
    LESSON = "lesson"
    VERIFIED_ANSWER = "verified_answer"
    OTHER = "other"


class Confidence(StrEnum):
    """How well the facts of a document are founded."""

    OFFICIAL = "official"
    SECONDARY = "secondary"
    DATED = "dated"
    RESEARCH = "research"
    EXPERIENCE = "experience"
    CHECKED = "checked"
    NOT_REVIEWED = "not_reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a document's facts come from and how fresh they are.

    Attributes:
        institution: Who issued the rule or text, in the document's language; empty if nobody did.
        aliases: Other names by which students call the institution or programme.
        country: ISO 3166-1 alpha-2 code of the country the document is about; empty if none.
        programme: The exchange programme it is about; empty if none.
        title: Title of the source; for a user's own file, its file name.
        url: ``https`` address of the source; empty if it has none.
        dated: Date of the source as written: ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD`` or ``undated``.
        reviewed_on: Day on which the text was last checked against the source.
        review_by: Day by which it must be checked again.
        confidence: How well the facts are founded.
    """

    institution: str = ""
    aliases: tuple[str, ...] = ()
    country: str = ""
    programme: str = ""
    title: str = ""
    url: str = ""
    dated: str = "undated"
    reviewed_on: date | None = None
    review_by: date | None = None
    confidence: Confidence = Confidence.NOT_REVIEWED

    def is_stale(self, today: date) -> bool:
        """Return whether ``review_by`` has passed on ``today``; unreviewed sources are not stale."""
        return self.review_by is not None and self.review_by < today


SentenceForm = Literal["prose", "item", "row", "heading"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit that is embedded and quoted: a sentence, a whole list item or a whole table row.

    Attributes:
        start: Offset of its first character in the passage's text.
        end: Offset after its last character.
        form: ``prose`` for running text, ``item`` of a list, ``row`` of a table (never the
            header or the delimiter row), ``heading`` for a sub-heading inside the section.
        block: Ordinal of the paragraph, list or table it belongs to, from 0 within the passage.
    """

    start: int
    end: int
    form: SentenceForm
    block: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list or table of a passage, as offsets into the passage's text."""

    start: int
    end: int
    form: Literal["paragraph", "list", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One section in one language.

    Attributes:
        document: Path inside the knowledge base without language and ending (``regulations/smu``).
        anchor: The section's anchor inside the document, equal in all languages.
        language: Language of the text.
        heading: The section's heading; empty for text before any heading.
        context: Titles above the heading, outermost first: document title, parent headings.
        start: Offset of ``text`` in the document's text.
        text: The section below its heading, exactly as it stands in the document (Markdown).
        sentences: What can be quoted, in reading order; offsets are into ``text``.
        blocks: The paragraphs, lists and tables of ``text``, in order.
        asked_as: Ways in which students ask what the section answers; searched, never quoted.
    """

    document: str
    anchor: str
    language: Language
    heading: str
    context: tuple[str, ...]
    start: int
    text: str
    sentences: tuple[Sentence, ...]
    blocks: tuple[Block, ...]
    asked_as: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        """The language-independent id of the section: ``document#anchor``."""
        return f"{self.document}#{self.anchor}"

    def quote(self, sentence: Sentence) -> str:
        """Return the sentence's literal text."""
        return self.text[sentence.start : sentence.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One subject in one language.

    Attributes:
        id: Path inside the knowledge base without language and ending.
        language: Language of this version.
        kind: What sort of text it is.
        title: Title in this language.
        source: Where its facts come from.
        text: The whole text, NFC, without front matter; passages hold offsets into it.
        passages: Its sections in reading order.
        path: File it was read from, relative to the knowledge base, with ``/``.
        curated: Whether the file has reviewed front matter, or is the user's own.
    """

    id: str
    language: Language
    kind: Kind
    title: str
    source: Source
    text: str
    passages: tuple[Passage, ...]
    path: str
    curated: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in the knowledge base: where, and what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return ``path:line: message``, which editors and terminals turn into a link."""
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which documents a search may return; an empty set means any."""

    kinds: frozenset[Kind] = frozenset()
    countries: frozenset[str] = frozenset()
    programmes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a student has said about themselves, as far as it decides which documents are meant.

    A question that names another country, institution or programme is about that one all the same.

    Attributes:
        country: Host country, as its ISO 3166-1 alpha-2 code; empty if unknown.
        institution: Document about the home university (``regulations/abai_kaznpu``); empty if unknown.
        programme: Document about the exchange programme; empty if unknown.
    """

    country: str = ""
    institution: str = ""
    programme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A section found for a question, in the version that the reader should see.

    Attributes:
        passage: The version in the language of the question, else the best original.
        score: Fused score, 0 to 1 within one search.
        signals: What the score is made of, by name (see ``retrieval.Signal``).
        sentence_scores: One score per sentence of ``passage``, in order, same scale for all hits.
    """

    passage: Passage
    score: float
    signals: dict[str, float]
    sentence_scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A literal quote with its passage and source.

    Attributes:
        translation: The quote in the reader's language, by a language model, where its section has no version in it;
            empty if there is none.

    Raises:
        CitationError: If ``quote`` is empty or does not stand letter for letter in the passage.
    """

    mark: int
    quote: str
    passage: Passage
    kind: Kind
    source: Source
    stale: bool
    translation: str = ""

    def __post_init__(self) -> None:
        """Refuse a quote that its passage does not contain."""
        if not self.quote.strip() or self.quote not in self.passage.text:
            raise CitationError(
                f"quote {self.quote[:80]!r} does not stand in {self.passage.section!r}; "
                "a quote is cut from its passage by offsets, never written"
            )


Composer = Literal["verified", "generative", "extractive"]


class Reason(StrEnum):
    """Why the assistant abstains."""

    NO_SOURCE = "no_source"
    OTHER_COUNTRY = "other_country"
    OTHER_INSTITUTION = "other_institution"
    OTHER_PROGRAMME = "other_programme"
    OTHER_YEAR = "other_year"
    PERSONAL_DATA = "personal_data"
    OUT_OF_SCOPE = "out_of_scope"
    INSTRUCTION = "instruction"
    EMPTY_BASE = "empty_base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """What a language model did for a reply, whether or not its words were used.

    Attributes:
        model: Which model, as the operator configured it.
        prompt: SHA-256 of the words it was given, in hexadecimal.
        outcome: ``used``; else why the reply is of quotes: ``unsupported``, ``none`` (it found no answer), ``space``
            (nothing fits into its context), ``left`` (nobody waited any more), or the fault of a ``WritingError``.
        kept: Sentences that were verified.
        dropped: Sentences that nothing they cite supports, as they were written.
        tokens_in: Tokens read; None if the endpoint does not tell.
        tokens_out: Tokens written; None if the endpoint does not tell.
        seconds: Seconds that it took.
    """

    model: str
    prompt: str
    outcome: str
    kept: int = 0
    dropped: tuple[str, ...] = ()
    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply that stands on quotes.

    Attributes:
        nearest: Sections found for the question, best first, quoted or not.
        follow_ups: Neighbours of the quoted sections that one may want to read next.
        checked_on: When a mentor checked it, if one did.
        verified: Id of the mentor's answer that it is; empty if it is none.
        drafting: What a language model did for it; None if none was asked.

    Raises:
        CitationError: If there is no citation, or the marks are not 1, 2, 3 … in order.
    """

    language: Language
    text: str
    composer: Composer
    support: float
    citations: tuple[Citation, ...]
    nearest: tuple[Hit, ...] = ()
    follow_ups: tuple[Passage, ...] = ()
    checked_on: date | None = None
    verified: str = ""
    drafting: Drafting | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an answer that nothing supports."""
        marks = [citation.mark for citation in self.citations]
        if not marks or marks != list(range(1, len(marks) + 1)):
            raise CitationError(f"marks {marks!r} must be 1, 2, 3 …; an answer needs a citation")

    @property
    def whole(self) -> bool:
        """Whether nothing more comes; while a model writes, an answer grows by verified sentences."""
        return self.composer != "generative" or self.drafting is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """An honest refusal: why, what is nearest, whom to ask. It carries no citation."""

    language: Language
    text: str
    reason: Reason
    support: float
    nearest: tuple[Hit, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)


Reply = Answer | Abstention


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of the student with the reply it got, if it got one."""

    question: str
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns so far; nothing about a visitor lives anywhere else.

    Attributes:
        turns: The newest turns, oldest first.
        dropped: How many older ones are no longer kept; so a turn's number never changes.
    """

    turns: tuple[Turn, ...] = ()
    dropped: int = 0

    def with_turn(self, turn: Turn) -> Conversation:
        """Return a conversation that also holds ``turn``."""
        return Conversation((*self.turns, turn), self.dropped)

    @property
    def questions(self) -> tuple[str, ...]:
        """The student's questions, oldest first."""
        return tuple(turn.question for turn in self.turns)
