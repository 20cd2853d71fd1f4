"""The source panel: the whole section behind each mark, with the quoted words highlighted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import escape

from babel.dates import format_date, format_skeleton

from assistant.types import Answer, Citation, Confidence, Conversation, Kind, Language, Passage
from assistant.web import rendering
from assistant.web.rendering import Allowed, Mark
from assistant.web.wording import Texts

_LOCALES: dict[Language, str] = {"en": "en_GB", "ru": "ru", "kk": "kk"}


@dataclass(frozen=True, slots=True)
class Card:
    """The citations of one reply that quote the same section, in order of their marks."""

    citations: tuple[Citation, ...]

    @property
    def passage(self) -> Passage:
        """The section all of them quote."""
        return self.citations[0].passage


def target(turn: int, mark: int) -> str:
    """Return the id on the page of one mark of one turn, both counted from 1."""
    return f"s{turn}-{mark}"


def cards(answer: Answer) -> tuple[Card, ...]:
    """Return one card per quoted section, in the order in which they are first quoted."""
    groups: dict[tuple[str, str], list[Citation]] = {}
    for citation in answer.citations:
        key = (citation.passage.section, citation.passage.language)
        groups.setdefault(key, []).append(citation)
    return tuple(Card(tuple(group)) for group in groups.values())


def heading(passage: Passage) -> str:
    """Return the section's own heading, else the title of its document, else its id."""
    return passage.heading or (passage.context[-1] if passage.context else passage.document)


def allowed(turn: int, answer: Answer) -> Allowed:
    """Return what the text of this answer may link to: its own marks and its own sources."""
    marks = {c.mark: Mark(target(turn, c.mark), heading(c.passage)) for c in answer.citations}
    return Allowed(marks=marks, addresses=frozenset(c.source.url for c in answer.citations))


def badge(citation: Citation, texts: Texts) -> tuple[str, str]:
    """Return the kind that decides how far to trust the quote, with the words for it."""
    kind = citation.kind
    if citation.source.confidence is Confidence.EXPERIENCE:
        kind = Kind.LESSON
    elif citation.source.confidence is Confidence.NOT_REVIEWED:
        kind = Kind.OTHER
    return kind.value, texts.kinds[kind.value]


def panel(conversation: Conversation, texts: Texts) -> str:
    """Return the panel's HTML: the cards of the last reply, and those of earlier ones folded below.

    If the last reply quotes nothing, nothing stands open: an abstention has no evidence.
    """
    last = conversation.dropped + len(conversation.turns)
    parts = [
        _reply(number, turn.question, turn.reply, texts, open_now=number == last)
        for number, turn in reversed(list(enumerate(conversation.turns, start=conversation.dropped + 1)))
        if isinstance(turn.reply, Answer)
    ]
    open_now = bool(conversation.turns) and isinstance(conversation.turns[-1].reply, Answer)
    hint = texts.sources_hint if open_now else texts.no_sources
    return f'<div class="sources"><p class="hint">{escape(hint)}</p>{"".join(parts)}</div>'


def _reply(turn: int, question: str, answer: Answer, texts: Texts, *, open_now: bool) -> str:
    """Return the cards of one reply; those of earlier replies folded under their question."""
    body = "".join(_card(turn, card, answer, texts) for card in cards(answer))
    if open_now:
        return f'<section class="reply-sources">{body}</section>'
    words = f"<b>{escape(texts.earlier)}</b> {rendering.one_line(question)}"
    return f'<details class="reply-sources"><summary>{words}</summary>{body}</details>'


def _card(turn: int, card: Card, answer: Answer, texts: Texts) -> str:
    """Return one section with its marks, badges, text and origin."""
    passage = card.passage
    numbers = "".join(
        f'<span class="no" id="{target(turn, c.mark)}" tabindex="-1">{c.mark}</span>' for c in card.citations
    )
    quotes = ((c.mark, c.quote) for c in card.citations)
    links = Allowed(addresses=allowed(turn, answer).addresses, library=passage.language)
    text = rendering.highlighted(passage.text, quotes, links)
    speech = f' lang="{passage.language}"'
    return (
        f'<article class="card">{_badges(card.citations[0], answer, texts)}'
        f"<h3>{numbers}<span{speech}>{rendering.one_line(heading(passage))}</span></h3>"
        f'{_path(passage)}<div class="section-text"{speech}>{text}</div>'
        f"{_translations(card, answer, texts)}{_origin(card.citations[0], texts)}</article>"
    )


def _translations(card: Card, answer: Answer, texts: Texts) -> str:
    """Return the quotes in the language of the reply as a model has translated them, labelled as that."""
    told = "".join(
        f'<p lang="{answer.language}"><b>[{c.mark}]</b> {rendering.one_line(c.translation)}</p>'
        for c in card.citations
        if c.translation
    )
    return f'<div class="translated"><p class="label">{escape(texts.translated)}</p>{told}</div>' if told else ""


def _badges(citation: Citation, answer: Answer, texts: Texts) -> str:
    """Return the labels of a section as badges, and a warning if it is stale."""
    classes = (badge(citation, texts)[0], "original")
    labels = zip(classes, _labels(citation, answer, texts), strict=False)
    badges = " ".join(f'<span class="badge {name}">{escape(words)}</span>' for name, words in labels)
    stale = f'<p class="stale">{escape(texts.stale)}</p>' if citation.stale else ""
    return f'<p class="badges">{badges}</p>{stale}'


def _labels(citation: Citation, answer: Answer, texts: Texts) -> list[str]:
    """Return what sort of text this is, and its language if it is not the answer's."""
    foreign = citation.passage.language != answer.language
    return [badge(citation, texts)[1], *([texts.originals[citation.passage.language]] if foreign else [])]


def _path(passage: Passage) -> str:
    """Return the titles above the section, outermost first."""
    above = [title for title in passage.context if title and title != heading(passage)]
    words = " › ".join(rendering.one_line(title) for title in above)
    return f'<p class="path" lang="{passage.language}">{words}</p>' if words else ""


def _origin(citation: Citation, texts: Texts) -> str:
    """Return who issued the source, its title and address, its date and when it was checked."""
    source = citation.source
    checked = _day(source.reviewed_on, texts) if source.reviewed_on else ""
    title = source.title or source.url or citation.passage.document
    rows = [
        (texts.institution, rendering.one_line(source.institution)),
        (texts.source, rendering.link(source.url, title)),
        (texts.dated, escape(written_date(source.dated, texts))),
        (texts.reviewed, escape(checked or texts.never_reviewed)),
    ]
    passage = citation.passage
    listed = "".join(_row(name, value) for name, value in rows if value)
    if citation.kind is Kind.VERIFIED_ANSWER:  # stands in no document
        return f"<dl>{listed}</dl>"
    whole = rendering.section_link(passage.section, passage.language, texts.whole_document)
    return f'<dl>{listed}</dl><p class="whole">{whole}</p>'


def written_date(dated: str, texts: Texts) -> str:
    """Return a source's date as people write it; one that is no date stays as it stands."""
    if dated in {"", "undated"}:
        return texts.undated
    try:
        if len(dated) == len("2026-03"):
            return format_skeleton("yMMMM", date.fromisoformat(f"{dated}-01"), locale=_LOCALES[texts.language])
        return _day(date.fromisoformat(dated), texts)
    except ValueError:
        return dated


def _day(day: date, texts: Texts) -> str:
    """Return a day with its month in words."""
    return format_date(day, "long", locale=_LOCALES[texts.language])


def _row(name: str, value: str) -> str:
    """Return one line of the origin; ``value`` is HTML."""
    return f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>"


def references(turn: int, answer: Answer, texts: Texts) -> str:
    """Return the short list under a reply: each quoted section with its marks, as links to its card."""
    entries: Iterable[str] = (
        f"<li>{_marks(turn, card)} "
        f'<span lang="{card.passage.language}">{rendering.one_line(heading(card.passage))}</span> '
        f"<small>{escape(' · '.join(_labels(card.citations[0], answer, texts)))}</small></li>"
        for card in cards(answer)
    )
    return f'<div class="references"><p>{escape(texts.quoted_from)}</p><ul>{"".join(entries)}</ul></div>'


def _marks(turn: int, card: Card) -> str:
    """Return the marks of a card as links to it."""
    title = rendering.one_line(heading(card.passage))
    return "".join(
        f'<a class="mark" href="#{target(turn, c.mark)}" title="{title}">{c.mark}</a>' for c in card.citations
    )
