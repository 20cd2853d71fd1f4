"""One item as the template prints it: the question, the conversation, the reply with its quotes, and what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from assistant.records.items import Event, Item, Review, Stage
from assistant.records.ports import RecordedTurn
from assistant.records.store import Stored
from assistant.records.submissions import Experience, Feedback, MentorQuestion
from assistant.types import Language
from assistant.web import rendering
from assistant.web.desk.moments import clock, moment
from assistant.web.desk.queue_view import Line, Shown, line, shown
from assistant.web.desk.queue_words import ItemWords, item_words, queue_words
from assistant.web.library.shelf import address as library_address
from assistant.web.wording import texts

LONGEST_FOUND = 1_200
"""Characters of a section that is shown among what else was found; its link leads to all of it."""

_OF_NEAREST = ("score", "coverage", "bm25", "section_cosine", "sentence_cosine")


@dataclass(frozen=True, slots=True)
class Quote:
    """A literal quote of a reply: its mark, its text and language, its section, and whether that was outdated."""

    mark: int
    text: str
    speech: str
    section: str
    href: str
    stale: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A section that was found and not quoted."""

    section: str
    href: str
    speech: str
    score: str
    text: Markup


@dataclass(frozen=True, slots=True)
class Sign:
    """A figure behind a reply: its name, the figure, and what it means."""

    name: str
    value: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply as it was recorded.

    Attributes:
        text: Safe HTML.
        abstained: Why there was no answer, in words; empty if there was one.
        support: How sure the program was, from 0 to 1; empty if that is not known.
        stale: Whether a source of it was outdated.
    """

    speech: str
    text: Markup
    abstained: str
    quotes: tuple[Quote, ...]
    support: str
    stale: bool
    signs: tuple[Sign, ...]
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of the conversation around an item."""

    number: int
    speech: str
    question: Shown
    reply: Markup
    this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Something that a student sent.

    Attributes:
        sort: What it is, in words.
        problems: What is not good about the reply, in words.
        story: Digest of a participant's story; empty for anything else.
    """

    sort: str
    at: str
    speech: str
    question: Shown
    problems: tuple[str, ...] = ()
    comment: Shown
    contact: str = ""
    story: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the history."""

    at: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An earlier review."""

    at: str
    who: str
    decision: str
    reasons: tuple[str, ...]
    note: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """The page.

    Attributes:
        line: The item as in the list.
        open: Whether it waits for an answer.
        held: Who holds it until when, in words; empty if it is free.
        others_held: How many others alike the reader could hold together with it.
        around: The conversation, empty if the item is its only turn.
        span: Which questions of the conversation are shown, in words.
    """

    line: Line
    open: bool
    closed: str
    held: str
    question: Shown
    reply: Reply | None
    around: tuple[Said, ...]
    span: str
    sent: tuple[Sent, ...]
    history: tuple[Told, ...]
    reviews: tuple[Reviewed, ...]
    others: tuple[Line, ...]
    answer: str


def item_view(item: Item, *, language: Language, mentor: str, now: datetime) -> ItemView:
    """Return the page in a language, for a mentor."""
    row, words = item.row, item_words(language)
    return ItemView(
        line=line(row, language, mentor, now),
        open=row.stage in {Stage.OPEN, Stage.IN_REVIEW},
        closed=moment(row.closed, language) if row.closed else "",
        held=_held(item, language, mentor, words),
        question=shown(row.question, language),
        reply=_reply(item.turn.reply, language, words) if item.turn and item.turn.reply else None,
        around=tuple(_said(each, item, language) for each in item.around) if item.turns > 1 else (),
        span=_span(item, words),
        sent=tuple(_sent(each, language, words) for each in item.sent),
        history=tuple(_told(each, language, words) for each in item.history),
        reviews=tuple(_reviewed(each, language) for each in item.reviews),
        others=tuple(line(each, language, mentor, now) for each in item.others),
        answer=row.answer,
    )


def _held(item: Item, language: Language, mentor: str, words: ItemWords) -> str:
    holder = item.row.holder
    if holder is None:
        return ""
    said = words.held_by_you if holder.mentor == mentor else words.held
    return said.format(name=holder.name, time=clock(holder.until))


def _span(item: Item, words: ItemWords) -> str:
    numbers = [each.number for each in item.around]
    first, last = (numbers[0], numbers[-1]) if numbers else (0, 0)
    return words.conversation_help.format(first=first, last=last, count=item.turns)


def _said(turn: RecordedTurn, item: Item, language: Language) -> Said:
    text = str((turn.reply or {}).get("text", ""))
    is_this = item.row.turn is not None and turn.number == item.row.turn.number
    return Said(turn.number, _speech(turn), shown(turn.question, language), Markup(rendering.html(text)), is_this)  # noqa: S704


def _speech(turn: RecordedTurn) -> str:
    return turn.language or str((turn.reply or {}).get("language", ""))


def _reply(reply: Mapping[str, Any], language: Language, words: ItemWords) -> Reply:
    quotes = tuple(_quotes(reply, language))
    reason = str(reply.get("reason") or "")
    told = words.abstentions.get(reason, reason)
    return Reply(
        speech=str(reply.get("language", "")),
        text=Markup(rendering.html(str(reply.get("text", "")))),  # noqa: S704  rendered without any HTML of its own
        abstained=words.abstained.format(reason=told) if reply.get("status") == "abstained" else "",
        quotes=quotes,
        support=_figure(reply.get("support")),
        stale=any(each.stale for each in quotes),
        signs=tuple(_signs(reply, words)),
        found=tuple(_found(reply, {each.section for each in quotes}, language, words)),
    )


def _parts(reply: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = reply.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _quotes(reply: Mapping[str, Any], language: Language) -> Iterator[Quote]:
    for each in _parts(reply, "citations"):
        section = str(each.get("section", ""))
        yield Quote(
            int(each.get("mark", 0)), str(each.get("quote", "")), str(each.get("language", "")), section,
            _section_href(section, language), bool(each.get("stale")),
        )  # fmt: skip


def _found(reply: Mapping[str, Any], quoted: set[str], language: Language, words: ItemWords) -> Iterator[Found]:
    for each in _parts(reply, "nearest"):
        section = str(each.get("section", ""))
        if section and section not in quoted:
            text = Markup(rendering.html(str(each.get("text", ""))[:LONGEST_FOUND]))  # noqa: S704
            score = words.score.format(score=_figure(each.get("score")))
            yield Found(section, _section_href(section, language), str(each.get("language", "")), score, text)


def _section_href(section: str, language: Language) -> str:
    document, _, anchor = section.partition("#")
    return library_address(language, document, anchor=anchor)


def _signs(reply: Mapping[str, Any], words: ItemWords) -> Iterator[Sign]:
    """Yield the figures that were recorded, with their meaning."""
    first: Mapping[str, Any] = next(iter(_parts(reply, "nearest")), {})
    signals = first.get("signals")
    figures = {"score": first.get("score"), **(signals if isinstance(signals, Mapping) else {})}
    composer = str(reply.get("composer") or "")
    known = {"support": _figure(reply.get("support")), "composer": words.composers.get(composer, composer)}
    known |= {name: _figure(figures.get(name)) for name in _OF_NEAREST}
    for name, value in known.items():
        if value:
            yield Sign(words.signs[name]["name"], value, words.signs[name]["help"])
    drafting = reply.get("drafting")
    if isinstance(drafting, Mapping):
        yield from _of_model(drafting, words)


def _of_model(drafting: Mapping[str, Any], words: ItemWords) -> Iterator[Sign]:
    """Yield what came of a language model's text, and which of its sentences were not shown."""
    said, outcome = words.signs["drafted"], str(drafting.get("outcome", ""))
    what = said.get(outcome, said["failed"]).format(kept=drafting.get("kept", 0))
    yield Sign(said["name"], what, said["help"])
    dropped = drafting.get("dropped")
    if isinstance(dropped, list) and dropped:
        sentences = " · ".join(map(str, dropped))
        unsaid = words.signs["dropped"]
        value = unsaid["value"].format(count=len(dropped), sentences=sentences)
        yield Sign(unsaid["name"], value, unsaid["help"])


def _figure(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _sent(stored: Stored, language: Language, words: ItemWords) -> Sent:
    sent, nothing = stored.submission, Shown("", "")
    at = moment(stored.received, language)
    if isinstance(sent, Experience):
        return Sent(sort=words.story, at=at, speech=sent.language, question=nothing, comment=nothing, story=stored.id)
    problems = texts(language).problems
    return Sent(
        sort=_sort(sent, words),
        at=at,
        speech=sent.language,
        question=shown(sent.question, language),
        problems=tuple(problems[each] for each in sent.reasons) if isinstance(sent, Feedback) else (),
        comment=shown(sent.comment, language),
        contact=sent.contact if isinstance(sent, MentorQuestion) else "",
    )


def _sort(sent: Feedback | MentorQuestion, words: ItemWords) -> str:
    if isinstance(sent, MentorQuestion):
        return words.asked
    return words.rated_bad if sent.rating == "bad" else words.rated_good


def _told(event: Event, language: Language, words: ItemWords) -> Told:
    """Return a line of the history; a mentor who is gone stays nameless."""
    names = queue_words(language)
    action = words.actions.get(event.action, event.action)
    given = {**names.whys, **names.reasons, **names.decisions}
    values = [each for name in ("why", "decision", "reasons") for each in str(event.details.get(name, "")).split(", ")]
    details = ", ".join(given.get(each, each) for each in values if each)
    what = words.more_actions.format(action=action, details=details) if details else action
    return Told(moment(event.at, language), event.name or words.actors.get(event.actor, ""), what)


def _reviewed(review: Review, language: Language) -> Reviewed:
    names = queue_words(language)
    return Reviewed(
        moment(review.at, language), review.name, names.decisions[review.decision],
        tuple(names.reasons[each] for each in review.reasons), review.note, review.answer,
    )  # fmt: skip
