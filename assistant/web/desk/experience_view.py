"""A story as its page prints it: the author's texts with marks, the mentor's texts, the places, the lesson."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from assistant.knowledge.published import Published, ToldStory, documents
from assistant.records.anonymity import Place, Shared
from assistant.records.masking import (
    Hidden,
    Piece,
    Suspect,
    difference,
    hidden,
    masked_spans,
    suspects,
)
from assistant.records.stories import LONGEST_TOLD, Against, Objection, Story, StoryState, Wish
from assistant.records.submissions import STORY
from assistant.records.telling import country_name, tells
from assistant.types import Language
from assistant.web import rendering
from assistant.web.desk.experience_words import ExperienceWords, people
from assistant.web.desk.moments import clock, moment
from assistant.web.library.facts import Facts, facts
from assistant.web.library.shelf import Reader
from assistant.web.share.form import CHOICES, PARTS
from assistant.web.share.words import Words
from assistant.web.share.words import words as share_words

NO_WORDS = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """Some words of the author's text, with what a mark around them says; empty for none."""

    text: str
    title: str = NO_WORDS
    masked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One answer of a story.

    Attributes:
        name: Its field.
        label: The question that the author answered, in the language of the page.
        author: The author's text.
        text: As the mentor leaves it.
        short: Whether it is too short for a lesson.
        changes: How the two differ; empty if they do not.
        suspected: What in the mentor's text may still tell whose it is, each once.
        faults: What speaks against the mentor's text, in words.
    """

    name: str
    label: str
    author: tuple[Marked, ...]
    text: str
    short: bool
    changes: tuple[Piece, ...]
    suspected: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A place that can be told: its name, how many share it and what that means, whether it is chosen or suggested."""

    value: str
    label: str
    people: str
    verdict: str
    safe: bool
    chosen: bool
    suggested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A lesson as the library prints it: its facts, and heading and text of each section."""

    facts: Facts
    sections: tuple[tuple[str, Markup], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A story with the form of publishing it.

    Attributes:
        name: Where and when it was, in words.
        state: In words; ``since`` is since when, ``kept_until`` until when a rejected one is kept.
        held: Who else holds it, in words; empty if nobody does.
        exposed: That too few share what its lesson tells now, in words; empty if enough do.
        told: What the author said of the stay: label and value.
        areas: The answers by area, those of ``PARTS``: its heading and fields.
        faults: What speaks against the deed: the id of its field, and words.
        preview: The lesson as it would be; None if nothing is left of the story.
    """

    name: str
    state: str
    since: str
    kept_until: str
    held: str
    exposed: str
    told: tuple[tuple[str, str], ...]
    areas: tuple[tuple[str, tuple[Field, ...]], ...]
    choices: tuple[Choice, ...]
    suspected: bool
    faults: tuple[tuple[str, str], ...]
    preview: Preview | None


def story_view(
    story: Story,
    wish: Wish,
    draft: ToldStory,
    objections: tuple[Objection, ...],
    words: ExperienceWords,
    *,
    language: Language,
    mentor: str,
) -> StoryView:
    """Return a story as its page prints it.

    Args:
        story: The story.
        wish: How the mentor wants to publish it.
        draft: The lesson that this would make.
        objections: What speaks against what the mentor just wanted to do.
        words: The words of the page.
        language: Of the page.
        mentor: Id of who reads it.
    """
    secret, said = hidden(story.told, wish.place), share_words(language)
    areas = tuple(_areas(story, wish, secret, objections, words, said))
    holder, rejection = story.holder, story.rejection
    return StoryView(
        name=name_of(story.told.host_institution, story.told.country, story.told.year, language),
        state=words.states[story.state.value],
        since=words.since.format(time=moment(_since(story), language)),
        kept_until=words.kept_until.format(time=moment(rejection.kept_until, language))
        if rejection and story.state is StoryState.REJECTED
        else "",
        held=words.held.format(name=holder.name, time=clock(holder.until))
        if holder and holder.mentor != mentor
        else "",
        exposed=_exposed(story, words, language),
        told=tuple(_told(story, words, said, language)),
        areas=areas,
        choices=tuple(_choice(place, wish.place, story.shared, words, language) for place in Place),
        suspected=any(field.suspected for _, fields in areas for field in fields),
        faults=tuple((each.field and f"field-{each.field}", in_words(each, words, said)) for each in objections),
        preview=_preview(draft, language) if draft.parts else None,
    )


def name_of(institution: str, country: str, year: int, language: Language) -> str:
    """Return where and when a stay was, in one line."""
    return f"{institution}, {country_name(country, language)}, {year}"


def in_words(objection: Objection, words: ExperienceWords, said: Words) -> str:
    """Return what speaks against a deed, with the field and the words in question."""
    told = words.against[objection.against.value]
    told = f"{told} {objection.words}" if objection.words else told
    return f"{said.labels[objection.field]} {told}" if objection.field in STORY else told


def _since(story: Story) -> datetime:
    if story.lesson:
        return story.lesson.published
    return story.rejection.at if story.rejection else story.received


def _exposed(story: Story, words: ExperienceWords, language: Language) -> str:
    if story.lesson is None or story.shared.is_safe(story.lesson.place):
        return ""
    return words.exposed.format(people=people(story.shared.people[story.lesson.place], language))


def _told(story: Story, words: ExperienceWords, said: Words, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what the author said of the stay, without the answers that tell the story."""
    for name in (field for fields in PARTS.values() for field in fields if field not in STORY):
        value = getattr(story.told, name)
        if not value:
            continue
        shown = country_name(value, language) if name == "country" else str(value)
        yield words.told[name], said.choices(name).get(shown, shown) if name in CHOICES else shown


def _areas(
    story: Story,
    wish: Wish,
    secret: Hidden,
    objections: tuple[Objection, ...],
    words: ExperienceWords,
    said: Words,
) -> Iterator[tuple[str, tuple[Field, ...]]]:
    texts = story.texts
    for part, names in PARTS.items():
        fields = tuple(
            _field(name, texts[name], wish.texts.get(name, ""), secret, objections, words, said)
            for name in names
            if name in texts
        )
        if fields:
            yield said.parts[part], fields


def _field(
    name: str,
    author: str,
    text: str,
    secret: Hidden,
    objections: tuple[Objection, ...],
    words: ExperienceWords,
    said: Words,
) -> Field:
    left = dict.fromkeys(text[each.start : each.end] for each in suspects(text, secret))
    return Field(
        name=name,
        label=said.labels[name],
        author=tuple(_marked(author, suspects(author, secret), words, said)),
        text=text,
        short=not tells(text),
        changes=difference(author, text) if len(text) <= LONGEST_TOLD and author.split() != text.split() else (),
        suspected=tuple(left),
        faults=tuple(
            f"{words.against[each.against.value]} {each.words}".strip() for each in objections if each.field == name
        ),
    )


def _marked(text: str, found: tuple[Suspect, ...], words: ExperienceWords, said: Words) -> Iterator[Marked]:
    """Yield the pieces of a text: masks and what is suspected with a mark, all else as it stands."""
    kinds: Mapping[str, str] = {**said.kinds, **words.telltales}
    marks = [(each.start, each.end, f"{words.suspect}: {kinds[each.kind]}", False) for each in found]
    marks += [(start, end, words.masked, True) for start, end in masked_spans(text)]
    last = 0
    for start, end, title, is_mask in sorted(marks):
        yield Marked(text[last:start])
        yield Marked(text[start:end], title, is_mask)
        last = end
    yield Marked(text[last:])


def _choice(place: Place, chosen: Place, shared: Shared, words: ExperienceWords, language: Language) -> Choice:
    is_safe = shared.is_safe(place)
    verdict = words.says_nothing if place is Place.NONE else words.fine if is_safe else words.telling
    return Choice(
        value=place.value,
        label=words.places[place.value],
        people=people(shared.people[place], language),
        verdict=verdict,
        safe=is_safe,
        chosen=place is chosen,
        suggested=place is shared.finest,
    )


def _preview(draft: ToldStory, language: Language) -> Preview:
    (document,) = documents(Published(stories=(draft,)))
    reader = Reader(language, datetime.now(UTC).date())
    return Preview(
        facts=facts(document, (document.language,), reader),
        sections=tuple(
            (passage.heading, Markup(rendering.html(passage.text)))  # noqa: S704  made by the strict renderer
            for passage in document.passages
        ),
    )


def is_about_place(objections: tuple[Objection, ...]) -> bool:
    """Return whether something speaks against the place, so that the page marks it."""
    return any(each.against in {Against.TOO_EXACT, Against.COORDINATOR} for each in objections)
