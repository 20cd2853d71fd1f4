"""What the author of a story sees by code on the share page: pure functions, with a real database behind them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import gradio as gr
import pytest
from web_stories import story

from assistant.errors import RecordError
from assistant.records.anonymity import Place
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentor, Mentors, Role
from assistant.records.messages import Messages, OwnStory
from assistant.records.store import code_digest
from assistant.records.stories import Against, Objection, Rejection, StoryReason, StoryState, Wish
from assistant.records.submissions import SubmissionKind
from assistant.records.submitted import DatabaseSubmissions
from assistant.types import LANGUAGES, Language
from assistant.web.share import views
from assistant.web.share.page import SENDING, build
from assistant.web.share.sending import answer, look_up
from assistant.web.share.words import words

TEXT = "Спрашивайте обо всём заранее <b>и</b> ведите записи."


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty database."""
    opened = open_database(sqlite_url(tmp_path / "records.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def mentor(database: Database) -> Mentor:
    """Give a mentor."""
    return Mentors(database).add("dana@example.org", "Dana <i>", "Office", Role.MENTOR, "seven plain words")


class BrokenStories:
    """A database that cannot be reached."""

    def own(self, code: str) -> OwnStory | None:
        raise RecordError("the disk is gone; mount it")

    def answer(self, code: str, text: str) -> tuple[Objection, ...]:
        raise RecordError("the disk is gone; mount it")


def shown(found: OwnStory | None, language: Language) -> str:
    """Return what the page shows, without its tags."""
    assert found is not None
    html = views.own(found, words(language), language)
    assert "<i>" not in html
    assert "{" not in html
    assert "\n" not in html
    return unescape(re.sub(r"<[^>]*>", " ", html))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_author_is_told_every_state_in_words(database: Database, mentor: Mentor, language: Language) -> None:
    """Waiting, asked, published, and not published with reasons and note, each in the language of the page."""
    said, messages, lessons = words(language), Messages(database), Lessons(database)
    code = DatabaseSubmissions(database).add(story(advice=TEXT), masked=True)
    digest = code_digest(code) or ""
    found, told = asyncio.run(look_up(messages, code.lower(), said))
    assert told == ""
    assert said.waiting in shown(found, language)
    messages.ask(digest, mentor, "Когда <b>это</b> было?")
    assert asyncio.run(answer(messages, code, "Весной.", said)) == (True, said.answered)
    assert asyncio.run(answer(messages, code, " ", said)) == (False, said.against["empty"])
    assert lessons.approve(digest, mentor, Wish(texts={"advice": TEXT}, place=Place.NONE)) == ()
    published = shown(asyncio.run(look_up(messages, code, said))[0], language)
    for each in (said.published.partition("{")[0], "Dana <i>", "Когда <b>это</b> было?", said.you, "Весной."):
        assert each in published
    (lesson,) = lessons.published()
    assert lessons.unpublish(lesson.id, mentor, "why") == ()
    assert lessons.reject(digest, mentor, [StoryReason.UNFIT, StoryReason.SENT_TWICE], "Жаль <i>") == ()
    rejected = shown(asyncio.run(look_up(messages, code, said))[0], language)
    for each in (said.reasons["unfit"], said.reasons["sent_twice"], said.rejected_note, "Жаль <i>"):
        assert each in rejected


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_shown_or_sent_is_told(
    database: Database, language: Language, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong code and a database that fails get honest words, and the log repeats neither code nor text."""
    said, messages = words(language), Messages(database)
    assert asyncio.run(look_up(messages, "ABCDE" * 4, said)) == (None, said.no_story)
    assert asyncio.run(answer(messages, "ABCDE" * 4, "secret", said)) == (False, said.against["gone"])
    assert asyncio.run(look_up(BrokenStories(), "ABCDE" * 4, said)) == (None, said.not_shown)
    assert asyncio.run(answer(BrokenStories(), "ABCDE" * 4, "secret", said)) == (False, said.not_answered)
    assert "secret" not in caplog.text
    assert "ABCDE" not in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", StoryReason)
@pytest.mark.parametrize("kind", SubmissionKind)
def test_every_kind_and_reason_has_words(kind: SubmissionKind, reason: StoryReason, language: Language) -> None:
    """Whatever was sent and for whatever reason it is not published, the page can say it."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    rejection = Rejection("m", at, (reason,), "")
    found = OwnStory(kind=kind, received=at, state=StoryState.REJECTED, since=at, rejection=rejection)
    told = shown(found, language)
    assert words(language).own_kinds[kind] in told
    assert (words(language).reasons[reason] in told) is (kind is SubmissionKind.EXPERIENCE)


def test_whatever_can_speak_against_an_answer_has_words() -> None:
    """The refusals that an author can get are worded in every language."""
    for language in LANGUAGES:
        assert set(words(language).against) == {Against.GONE, Against.EMPTY, Against.TOO_LONG, Against.TOO_MANY}


@pytest.mark.parametrize(("knows", "counted"), [(True, 4), (False, 2)])
def test_looking_up_codes_counts_as_much_as_asking(database: Database, knows: bool, counted: int) -> None:
    """Sending, erasing, looking and answering are limited like questions; a page that knows nothing offers no look."""
    stories = Messages(database) if knows else None

    async def made() -> gr.Blocks:
        return build(DatabaseSubmissions(database), lambda code: False, "en", stories)

    functions = asyncio.run(made()).fns.values()
    assert sum(function.concurrency_id == SENDING for function in functions) == counted
