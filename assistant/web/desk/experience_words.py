"""The words of the stories' pages: table ``experience``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale

from assistant.types import Language
from assistant.web.desk.words import table


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceWords:
    """The words of the list and of a story's page.

    Attributes:
        caption: With ``{count}``; so are ``page`` with ``{number}`` and ``{count}``, ``story`` with ``{name}``,
            ``since`` and ``kept_until`` with ``{time}``, ``held`` with ``{name}`` and ``{time}``, ``exposed`` with
            ``{people}``.
        people: "{count} people", by plural form.
        places: What each place tells, by ``Place`` value.
        told: What the author said of the stay, by its field; ``states`` by ``StoryState`` value, ``reasons`` by
            ``StoryReason``, ``against`` by ``Against``, ``telltales`` by ``Telltale``, ``done`` by what was done.
    """

    title: str
    intro: str
    state: str
    all: str
    show: str
    caption: str
    name: str
    language: str
    received: str
    messages: str
    asked: str
    answered: str
    none: str
    nothing: str
    page: str
    pages: str
    next: str
    previous: str
    exposed: str
    back: str
    story: str
    since: str
    kept_until: str
    held: str
    facts: str
    facts_note: str
    author_masked: str
    author_left: str
    place: str
    place_note: str
    fine: str
    telling: str
    says_nothing: str
    suggested: str
    reason: str
    reason_note: str
    texts: str
    texts_note: str
    author: str
    masked: str
    suspect: str
    lesson_text: str
    short: str
    suspected: str
    difference: str
    deleted: str
    added: str
    seen: str
    preview: str
    mask: str
    approve: str
    change: str
    preview_title: str
    preview_note: str
    nothing_left: str
    talk: str
    talk_note: str
    from_author: str
    ask: str
    ask_note: str
    ask_do: str
    reject: str
    reject_note: str
    why: str
    note: str
    note_hint: str
    reject_do: str
    rejected: str
    unpublish: str
    unpublish_note: str
    unpublish_why: str
    unpublish_do: str
    faults: str
    gone: str
    gone_note: str
    people: Mapping[str, str]
    states: Mapping[str, str]
    told: Mapping[str, str]
    places: Mapping[str, str]
    reasons: Mapping[str, str]
    against: Mapping[str, str]
    telltales: Mapping[str, str]
    done: Mapping[str, str]


def experience_words(language: Language) -> ExperienceWords:
    """Return the words of the stories' pages."""
    return table(language, "experience", ExperienceWords)


def people(count: int, language: Language) -> str:
    """Return a number of people in words, in the right plural form."""
    forms = experience_words(language).people
    return forms[str(Locale(language).plural_form(count))].format(count=count)
