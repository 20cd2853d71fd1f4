"""The pages of participants' stories without a browser: what they show in three languages and what one can do there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from desk_pages import app_of, csrf_of, desk_on, mentor_of, signed_in
from httpx import Response
from starlette.testclient import TestClient
from web_stories import story

from assistant.records.anonymity import Place as Told
from assistant.records.audit import DatabaseAudit
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.mentors import Role
from assistant.records.store import code_digest
from assistant.records.stories import Against, StoryReason, StoryState
from assistant.records.submissions import STORY
from assistant.records.submitted import DatabaseSubmissions
from assistant.types import LANGUAGES, Language
from assistant.web.desk.experience_words import experience_words, people
from assistant.web.desk.parts import Desk
from assistant.web.share.form import FIELDS

TEXTS = {
    "language_hard": "В Лодзи лекции шли быстро, помогла Айгуль Сериковна.",
    "advice": "Спрашивайте обо всём заранее <script>alert(1)</script> и ведите записи.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A desk with its database, and two mentors who have signed in, one of them a coordinator."""

    database: Database
    desk: Desk
    mentor: TestClient
    coordinator: TestClient

    def send(self, **changed: Any) -> tuple[str, str]:
        """Send a story and return its code and the digest by which its page is found."""
        code = DatabaseSubmissions(self.database).add(story(**TEXTS | changed), masked=True)
        return code, code_digest(code) or ""

    def post(self, client: TestClient, digest: str, deed: str, language: Language = "en", **fields: Any) -> Response:
        """Send a form of a story's page."""
        data = {"csrf": csrf_of(client), **fields}
        return client.post(f"/{language}/desk/experiences/{digest}/{deed}", data=data)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Give a desk without any pages for students."""
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    desk = desk_on(database)
    app = app_of(desk)
    with signed_in(app) as mentor, signed_in(app, Role.COORDINATOR) as coordinator:
        yield Place(database, desk, mentor, coordinator)
    database.close()


def shown(reply: Response, status: int = 200) -> str:
    """Return a page's text without its tags and with single blanks."""
    assert reply.status_code == status, reply.text
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", reply.text)).split())


def typed(**changed: str) -> dict[str, str]:
    """Return the texts of the form, some of them changed."""
    return {f"text_{name}": text for name, text in (TEXTS | changed).items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_shows_what_waits_and_what_became_of_the_rest(place: Place, language: Language) -> None:
    """Stories stand under their state with language, time and messages; an unknown state shows what waits."""
    words, (_, waiting), (code, rejected) = experience_words(language), place.send(), place.send(year=2019)
    place.desk.lessons.reject(rejected, mentor_of(place.desk), [StoryReason.UNFIT])
    place.desk.messages.ask(rejected, mentor_of(place.desk), "Why?")
    assert place.desk.messages.answer(code, "Because.") == ()
    address = f"/{language}/desk/experiences/"
    first = shown(place.mentor.get(address))
    assert words.caption.format(count=1) in first
    assert first == shown(place.mentor.get(f"{address}?state=nonsense&page=x"))
    assert f'href="{address}{waiting}"' in place.mentor.get(address).text
    every = shown(place.mentor.get(f"{address}?state=all"))
    assert words.caption.format(count=2) in every
    assert words.states["rejected"] in every
    assert words.answered in every
    assert words.nothing in shown(place.mentor.get(f"{address}?state=published"))


def test_a_long_list_has_pages(place: Place) -> None:
    """Fifty stories stand on a page; a page that there is not is the last one."""
    for _ in range(51):
        place.send()
    first, last = (place.mentor.get(f"/en/desk/experiences/?page={page}") for page in ("1", "99"))
    assert [page.text.count('<tr role="row">') for page in (first, last)] == [51, 2]
    assert 'rel="next"' in first.text
    assert 'rel="prev"' in last.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_is_shown_with_all_that_may_tell_whose_it_is(place: Place, language: Language) -> None:
    """The author's text stands letter for letter with marks, the places with their people, the preview, the forms."""
    words, (_, digest) = experience_words(language), place.send()
    reply = place.mentor.get(f"/{language}/desk/experiences/{digest}")
    text = shown(reply)
    assert f'<mark class="suspect" title="{words.suspect}: {words.telltales["institution"]}">Лодзи</mark>' in reply.text
    assert ">Айгуль Сериковна</mark>" in reply.text
    assert "<script>" not in reply.text
    assert "<script>alert(1)</script>" in text
    assert f"{people(1, language)}: {words.telling}" in text
    assert f"{people(1, language)}: {words.says_nothing} ({words.suggested})" in text
    assert all(label in text for label in (*words.places.values(), *words.reasons.values(), words.approve, words.mask))
    assert words.reason not in text
    assert words.reason in shown(place.coordinator.get(f"/{language}/desk/experiences/{digest}"))
    assert "Рассказ об учёбе по обмену" in text


def test_people_are_counted_in_the_right_form() -> None:
    """The word for people follows the number as each language wants it."""
    assert [people(count, "ru") for count in (1, 3, 7, 21)] == ["1 человек", "3 человека", "7 человек", "21 человек"]
    assert [people(count, "en") for count in (1, 7)] == ["1 person", "7 people"]
    assert people(7, "kk") == "7 адам"


def test_masking_everything_marked_changes_nothing_but_the_form(place: Place) -> None:
    """The button puts masks in place of what is marked and shows the difference; nothing is published or stored."""
    _, digest = place.send()
    reply = place.post(place.mentor, digest, "lesson", do="mask", place="none", **typed())
    assert reply.status_code == 200
    assert ">В [вуз] лекции шли быстро, помогла [имя].</textarea>" in reply.text
    assert re.search(r"<del>.{0,60}</span>Лодзи </del>", reply.text)
    assert re.search(r"<ins>.{0,80}</span>\[вуз\] </ins>", reply.text)
    assert "suspected" not in reply.text
    found = place.desk.lessons.read(digest)
    assert found is not None
    assert (found.state, found.texts) == (StoryState.WAITING, TEXTS)


def test_the_preview_is_what_gets_published(place: Place) -> None:
    """What the preview shows as sections is letter for letter what the index gets."""
    _, digest = place.send()
    left = typed(language_hard="В большом городе лекции шли быстро, помогла преподавательница.", advice="нет")
    reply = place.post(place.mentor, digest, "lesson", do="preview", place="none", **left)
    assert experience_words("en").short in shown(reply)
    done = place.post(place.mentor, digest, "lesson", do="approve", place="none", **left)
    assert (done.status_code, done.headers["location"]) == (303, f"/en/desk/experiences/{digest}?done=approved")
    (told,) = place.desk.lessons.published()
    preview = reply.text.partition('<article class="preview"')[2].partition("</article>")[0]
    assert f"<h3>{told.title}</h3>" in preview
    headings = re.findall(r"<h4>(.*?)</h4><div class=\"section-text\"><p>(.*?)</p>", preview)
    assert headings == [(heading, text) for _, heading, text in told.parts]
    assert len(headings) == 1
    after = place.mentor.get(done.headers["location"])
    assert experience_words("en").done["approved"] in shown(after)
    assert f">{told.parts[0][2]}</textarea>" in after.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_refused_comes_back_with_everything_typed(place: Place, language: Language) -> None:
    """Written words, too exact a place and unseen marks are told in words with links, and nothing typed is lost."""
    words, (_, digest) = experience_words(language), place.send()
    written = typed(advice=f"{TEXTS['advice']} И это лучший вуз.")
    reply = place.post(place.mentor, digest, "lesson", language, do="approve", place="full", **written)
    text = shown(reply, 409)
    for against in (Against.ADDED, Against.TOO_EXACT, Against.SUSPECTS):
        assert words.against[against.value] in text
    targets = re.findall(r'<li><a href="#([a-z_-]+)"', reply.text)
    assert targets == ["field-advice", "field-seen", "field-place"]
    assert all(f'id="{target}"' in reply.text for target in targets)
    assert "И это лучший вуз.</textarea>" in reply.text
    assert re.search(r'value="full" checked aria-invalid="true"', reply.text)
    assert place.desk.lessons.published() == ()


def test_a_coordinator_can_tell_more_with_a_reason(place: Place) -> None:
    """The coordinator's reason publishes a place that one person shares, and stands in the audit trail."""
    _, digest = place.send()
    fields = {"do": "approve", "place": "full", "seen": "1", **typed()}
    assert (
        place.post(place.coordinator, digest, "lesson", exact="The author asked for it.", **fields).status_code == 303
    )
    (told,) = place.desk.lessons.published()
    assert told.title == "University of Lodz (Польша), 2025: рассказ об учёбе по обмену"
    assert "The author asked for it." in str(DatabaseAudit(place.database).entries())


def test_a_lesson_is_taken_back_for_a_reason(place: Place) -> None:
    """Without a reason it stays; with one it is gone and the story waits again."""
    _, digest = place.send()
    place.post(place.mentor, digest, "lesson", do="approve", place="none", seen="1", **typed())
    assert len(place.desk.lessons.published()) == 1
    refused = place.post(place.mentor, digest, "unpublish", why=" ")
    assert experience_words("en").against["no_reason"] in shown(refused, 409)
    assert place.post(place.mentor, digest, "unpublish", why="A teacher was recognised.").status_code == 303
    assert place.desk.lessons.published() == ()
    assert [row.id for row in place.desk.lessons.waiting()] == [digest]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rejecting_and_asking(place: Place, language: Language) -> None:
    """Reasons and note, question and answer are shown again; a rejection without a reason is refused."""
    words, (code, digest) = experience_words(language), place.send()
    assert words.against["no_reason"] in shown(place.post(place.mentor, digest, "reject", language, note="Жаль"), 409)
    assert words.against["empty"] in shown(place.post(place.mentor, digest, "ask", language, text=" "), 409)
    assert place.post(place.mentor, digest, "ask", language, text="<b>Когда</b> это было?").status_code == 303
    place.desk.messages.answer(code, "Весной.")
    reasons = {"reason": ["identifies", "too_little", "nonsense"], "note": "Жаль"}
    assert place.post(place.mentor, digest, "reject", language, **reasons).status_code == 303
    text = shown(place.mentor.get(f"/{language}/desk/experiences/{digest}?done=rejected"))
    for told in (
        words.done["rejected"],
        words.rejected,
        "Жаль",
        "<b>Когда</b> это было?",
        "Весной.",
        words.from_author,
    ):
        assert told in text
    found = place.desk.lessons.read(digest)
    assert found is not None
    assert found.rejection is not None
    assert found.rejection.reasons == (StoryReason.IDENTIFIES, StoryReason.TOO_LITTLE)


def test_what_another_mentor_reads_is_not_decided(place: Place) -> None:
    """Who holds it is named, and the deed of somebody else changes nothing."""
    _, digest = place.send()
    found = place.desk.lessons.read(digest)
    assert found is not None
    place.desk.queue.claim(found.item or 0, mentor_of(place.desk, Role.COORDINATOR).id)
    assert "Dana is reading this story until" in shown(place.mentor.get(f"/en/desk/experiences/{digest}"))
    reply = place.post(place.mentor, digest, "lesson", do="approve", place="none", seen="1", **typed())
    assert experience_words("en").against["held"] in shown(reply, 409)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_withdrawn_story_is_told_so(place: Place, language: Language) -> None:
    """Its page and every deed on it say that it is gone, and so do addresses of nothing."""
    code, digest = place.send()
    DatabaseSubmissions(place.database).withdraw(code)
    words = experience_words(language)
    for address in (digest, "f" * 64, "nonsense"):
        assert words.gone in shown(place.mentor.get(f"/{language}/desk/experiences/{address}"), 404)
        for deed in ("lesson", "reject", "ask", "unpublish"):
            fields = {"text": "?", "reason": "unfit", "why": "?", "do": "approve"}
            assert words.gone in shown(place.post(place.mentor, address, deed, language, **fields), 404)


def test_the_words_know_every_value(place: Place) -> None:
    """States, places, reasons and refusals have words in every language, and none too many."""
    for language in LANGUAGES:
        words = experience_words(language)
        assert words.states.keys() == set(StoryState)
        assert words.places.keys() == set(Told)
        assert words.told.keys() == set(FIELDS) - set(STORY)
        assert words.reasons.keys() == set(StoryReason)
        assert words.against.keys() == set(Against)
