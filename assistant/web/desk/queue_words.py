"""The words of the queue and of an item's page: tables ``queue`` and ``item``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.types import Language
from assistant.web.desk.words import table


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueWords:
    """The words of the list, and the names of what items and reviews can be.

    Attributes:
        alike_link: How many are alike, with ``{count}``; so are ``alike_only`` with ``{id}``, ``until`` with ``{time}``
            and ``caption`` with ``{order}``.
        stages: By ``Stage`` value; ``whys``, ``reasons`` and ``decisions`` by those of ``Why``, ``ReviewReason`` and
            ``Decision``.
        keys: What the keys do, and the words around them.
    """

    title: str
    intro: str
    states: str
    filters: str
    state: str
    all: str
    why: str
    language: str
    topic: str
    country: str
    order: str
    oldest: str
    newest: str
    search: str
    search_hint: str
    mine: str
    any: str
    show: str
    clear: str
    caption: str
    number: str
    question: str
    age: str
    alike: str
    alike_link: str
    alike_only: str
    holder: str
    free: str
    you: str
    until: str
    deeds: str
    folded: str
    unfold: str
    fold: str
    take: str
    give: str
    no_question: str
    none_country: str
    nothing: str
    nothing_help: str
    no_fit: str
    no_fit_help: str
    next: str
    first: str
    pages: str
    stages: Mapping[str, str]
    whys: Mapping[str, str]
    reasons: Mapping[str, str]
    decisions: Mapping[str, str]
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWords:
    """The words of an item's page.

    Attributes:
        held: Who holds it, with ``{name}`` and ``{time}``; ``held_by_you`` with ``{time}``.
        said: What was done, by the action in an item's history.
        refusals: Why a deed was not done, by ``Refusal`` value.
        actions: What happened, by the action in an item's history; ``actors`` who did it, where it was no mentor.
        composers: How a reply was made, by ``Composer``.
        abstentions: Why there was no answer, by ``Reason`` value.
        signs: Name and help of each figure behind a reply, by the name it has in the reply.
    """

    title: str
    back: str
    about: str
    state: str
    why: str
    opened: str
    closed: str
    language: str
    topic: str
    country: str
    holder: str
    held: str
    held_by_you: str
    claim: str
    claim_help: str
    claim_alike: str
    release: str
    release_alike: str
    question: str
    masked: str
    original: str
    no_question: str
    conversation: str
    conversation_help: str
    turn: str
    this: str
    reply: str
    no_reply: str
    abstained: str
    quotes: str
    stale: str
    section: str
    signals: str
    signals_help: str
    found: str
    found_help: str
    score: str
    nothing_found: str
    sent: str
    sent_at: str
    rated_bad: str
    rated_good: str
    asked: str
    comment: str
    contact: str
    story: str
    story_link: str
    answer_link: str
    answer: str
    others: str
    others_caption: str
    history: str
    reviews: str
    decline: str
    decline_help: str
    reasons: str
    note: str
    note_hint: str
    decline_all: str
    decline_do: str
    no_reason: str
    long_note: str
    reopen: str
    refused_kept: str
    gone: str
    gone_help: str
    more_actions: str
    said: Mapping[str, str]
    refusals: Mapping[str, str]
    actions: Mapping[str, str]
    actors: Mapping[str, str]
    composers: Mapping[str, str]
    abstentions: Mapping[str, str]
    signs: Mapping[str, Mapping[str, str]]


def queue_words(language: Language) -> QueueWords:
    """Return the words of the list."""
    return table(language, "queue", QueueWords)


def item_words(language: Language) -> ItemWords:
    """Return the words of an item's page."""
    return table(language, "item", ItemWords)
