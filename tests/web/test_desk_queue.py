"""The queue's pages without a browser: what they show in three languages, and what a mentor can do there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from desk_pages import csrf_of, desk_on, signed_in
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from queue_made import ABSTAINED, ANSWERED, QUOTE, STALE, Clock, everything, recorded, turn
from starlette.testclient import TestClient

from assistant.errors import WritingError
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.items import ItemState, ReviewReason, Stage, Why
from assistant.records.mentors import Role
from assistant.records.ports import NewTurn
from assistant.records.queue import Queue
from assistant.records.submissions import read_feedback, read_question
from assistant.records.submitted import DatabaseSubmissions
from assistant.types import LANGUAGES, Language
from assistant.web.desk.queue_view import query_of, read_place, read_wanted, written_place
from assistant.web.desk.queue_words import item_words, queue_words
from assistant.web.desk.routes import add_desk
from assistant.web.desk.words import frame

FAULTS = re.findall("``([a-z]+)``", WritingError.__doc__ or "")
"""Everything that can go wrong with a language model."""
WHO = "Я Айгүл Сериковна, +7 701 123 45 67. Виза керек пе?"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@dataclass(frozen=True, slots=True)
class Place:
    """A desk with its database, and two mentors who have signed in."""

    database: Database
    queue: Queue
    clock: Clock
    mentor: TestClient
    other: TestClient

    def add(self, *said: NewTurn) -> None:
        """Record turns."""
        recorded(self.database, *said)

    def post(self, client: TestClient, deed: str, id: int = 1, language: Language = "en", **fields: Any) -> Any:
        """Send a form of an item's page."""
        return client.post(f"/{language}/desk/items/{id}/{deed}", data={"csrf": csrf_of(client), **fields})


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Give a desk without any pages for students."""
    monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)
    database, clock = open_database(sqlite_url(tmp_path / "records.sqlite")), Clock()
    queue = Queue(database, clock)
    app = FastAPI()
    add_desk(app, replace(desk_on(database), queue=queue))
    yield Place(database, queue, clock, signed_in(app), signed_in(app, Role.COORDINATOR))
    database.close()


def words_of(html: str) -> str:
    """Return what a reader sees of a page, without its details."""
    closed = re.sub(r"(?s)<details>.*?</details>", "", html)
    return " ".join(unescape(re.sub(r"(?s)<(script|style|head)\b.*?</\1>|<[^>]*>", " ", closed)).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_says_what_waits_and_why(place: Place, language: Language) -> None:
    """In every language: question, reason, language, topic, country, age, group and holder of each item."""
    place.add(turn(WHO, country="PL"), turn("Visa?", STALE, language="en", doubtful=True), turn("Виза?", country="PL"))
    html, words = place.mentor.get(f"/{language}/desk/").text, queue_words(language)
    read = words_of(html)
    assert f'<html lang="{language}">' in html
    for expected in (words.title, words.whys["abstained"], words.whys["low_support"], words.whys["stale_source"], frame(language).speeches["en"],
                     words.folded, words.alike_link.format(count=2), words.stages["open"] + " 3"):  # fmt: skip
        assert expected in read
    assert re.findall(r'<tr role="row" data-item="(\d+)"', html) == ["1", "2"]
    alone = place.mentor.get(f"/{language}/desk/?each=1").text
    assert re.findall(r'<tr role="row" data-item="(\d+)"', alone) == ["1", "2", "3"]
    assert words.fold in alone
    assert {"en": "Poland", "ru": "Польша", "kk": "Польша"}[language] in read


def test_who_asked_is_masked_with_the_original_one_click_away(place: Place) -> None:
    """Names and numbers stand in no list and not openly on the page, but behind a fold of it."""
    place.add(turn(WHO))
    for address in ("/ru/desk/", "/ru/desk/items/1"):
        html = place.mentor.get(address).text
        assert "Айгүл" not in words_of(html)
        assert "701" not in words_of(html)
        assert "[имя]" in words_of(html)
    assert "Айгүл Сериковна, +7 701" in place.mentor.get("/ru/desk/items/1").text


def test_pages_lead_through_the_whole_queue(place: Place) -> None:
    """Following the link to the next page shows every item once, and filters go along."""
    place.add(*[turn(f"Question {number}") for number in range(60)], turn("Other", ANSWERED, doubtful=True))
    address, seen = "/en/desk/?why=abstained", []
    while address:
        html = place.mentor.get(address).text
        seen += [int(found) for found in re.findall(r'data-item="(\d+)"', html)]
        found = re.search(r'<a href="([^"]*)" rel="next"', html)
        address = unescape(found[1]) if found else ""
    assert seen == list(range(1, 61))
    assert place.mentor.get("/en/desk/?why=abstained&order=newest").text.index('data-item="60"')


def test_filters_are_kept_in_the_form(place: Place) -> None:
    """What was asked for stands in the form again, whatever signs it has."""
    place.add(turn())
    html = place.mentor.get(
        "/kk/desk/", params={"words": '"><b>', "why": "asked", "country": "TR", "stage": "all", "mine": "1"}
    ).text
    assert 'value="&#34;&gt;&lt;b&gt;"' in html
    for chosen in ("asked", "TR", "all"):
        assert f'<option value="{chosen}" selected>' in html
    assert 'name="mine" value="1" checked' in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_queue_says_something_useful(place: Place, language: Language) -> None:
    """With nothing there it tells what comes there; with nothing that fits, to take a filter away."""
    words = queue_words(language)
    assert words.nothing_help in place.mentor.get(f"/{language}/desk/").text
    place.add(turn())
    read = place.mentor.get(f"/{language}/desk/?why=experience").text
    assert words.no_fit in read
    assert words.clear in read


ODD = st.text(max_size=12) | st.sampled_from(["-1", "9" * 30, "1-1", f"{10**17}-1", "%", "\x00", "all", "experience"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["stage", "why", "language", "topic", "country", "alike", "mine", "words", "order", "after"]),
        ODD,
    )
)
def test_any_address_is_answered(place: Place, query: dict[str, str]) -> None:
    """Whatever somebody types into the address, there is a list."""
    assert place.mentor.get("/en/desk/", params=query).status_code == 200


@given(
    st.sampled_from([*Stage, None]), st.sampled_from([*Why, None]), st.text(max_size=50).map(str.strip), st.booleans()
)
def test_wishes_survive_the_address(stage: Stage | None, why: Why | None, words: str, newest: bool) -> None:
    """What a link says is what is shown."""
    wanted = read_wanted({}, "m")
    wanted = replace(wanted, stage=stage, why=why, words=words, newest=newest, mine="m", alike=7, country="PL")
    assert read_wanted(query_of(wanted), "m") == wanted


def test_a_place_survives_the_address(place: Place) -> None:
    """The place after which a page goes on is exact to the microsecond."""
    place.add(turn())
    (row,) = everything(place.queue)
    assert read_place(written_place(row.place)) == row.place


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_item_shows_everything(place: Place, language: Language) -> None:
    """Reply, quotes with their sections, figures with what they mean, what else was found, what was sent, history."""
    nearest = [
        {
            "section": "host_guides/poland#visa",
            "language": "ru",
            "score": 0.41,
            "text": "Визу оформляют.",
            "signals": {"section_cosine": 0.52},
        }
    ]
    (key,) = recorded(place.database, turn("GPA?", STALE | {"nearest": nearest}))
    verdict, _ = read_feedback(
        {"question": "GPA?", "language": "ru", "rating": "bad", "reasons": ["outdated"], "comment": "Уже 2,8"}
    )
    asked, _ = read_question({"question": "GPA?", "language": "ru", "contact": "a@b.kz", "consent": True})
    assert verdict
    assert asked
    for each in (verdict, asked):
        DatabaseSubmissions(place.database).add(each, masked=False, about=key)
    html, words = place.mentor.get(f"/{language}/desk/items/1").text, item_words(language)
    read = words_of(html)
    everything_there = words_of(re.sub("</?details[^>]*>", "", html))
    for expected in (f"{QUOTE} [1]", words.stale, "0.73", "0.41", "0.52", words.signs["support"]["help"],
                     words.signs["section_cosine"]["name"], "Уже 2,8", words.composers["extractive"], words.history):  # fmt: skip
        assert expected in everything_there
    assert words.signs["support"]["name"] + ": 0.73" in everything_there
    assert f'href="/{language}/library/regulations/smu#gpa"' in html
    assert f'href="/{language}/library/host_guides/poland#visa"' in html
    assert "Визу оформляют." in html
    assert "a@b.kz" not in read
    assert "a@b.kz" in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", ["used", "unsupported", "none", "space", "left", *FAULTS])
def test_what_came_of_a_models_text_is_shown(place: Place, language: Language, outcome: str) -> None:
    """In words, folded away, with the sentences that were not shown, whatever they hold."""
    drafting = {"model": "openai:x", "outcome": outcome, "kept": 3, "dropped": ["GPA is 9 <b>always</b>.", "No visa."]}
    recorded(place.database, turn("GPA?", STALE | {"drafting": drafting}))
    html, words = place.mentor.get(f"/{language}/desk/items/1").text, item_words(language)
    said = words.signs["drafted"][outcome].format(kept=3)
    assert len(FAULTS) > 10
    everything_there = words_of(re.sub("</?details[^>]*>", "", html))
    for expected in (words.signs["drafted"]["name"], said, words.signs["dropped"]["name"], "2: GPA is 9"):
        assert expected in everything_there
        assert expected not in words_of(html)
    assert "<b>always" not in html


def test_without_a_model_nothing_is_said_about_one(place: Place) -> None:
    """A reply that no model was asked for has no figure of it."""
    recorded(place.database, turn("GPA?", STALE))
    assert item_words("en").signs["drafted"]["name"] not in place.mentor.get("/en/desk/items/1").text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", ["0", "77", "x", "-1", "1.0", "9" * 40, "%00", "１"])
def test_what_is_not_there_is_said(place: Place, language: Language, id: str) -> None:
    """An unknown item is answered with 404 in the language of the page, read or claimed."""
    for reply in (place.mentor.get(f"/{language}/desk/items/{id}"), place.mentor.post(
        f"/{language}/desk/items/{id}/claim", data={"csrf": csrf_of(place.mentor)})):  # fmt: skip
        assert reply.status_code == 404
        assert item_words(language).gone in reply.text


def test_nothing_that_students_write_becomes_markup(place: Place) -> None:
    """Scripts and images in questions, replies, sections and comments are shown as they are written."""
    hostile = ABSTAINED | {
        "text": HOSTILE,
        "nearest": [{"section": "a/b#c", "text": HOSTILE, "score": 1, "language": "en"}],
    }
    (key,) = recorded(place.database, turn(HOSTILE, hostile))
    verdict, _ = read_feedback({"question": HOSTILE, "language": "ru", "rating": "bad", "comment": HOSTILE})
    assert verdict
    DatabaseSubmissions(place.database).add(verdict, masked=False, about=key)
    for address in ("/en/desk/", "/en/desk/items/1"):
        html = place.mentor.get(address).text
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;" in html


def test_who_takes_a_question_has_it_alone(place: Place) -> None:
    """After a claim the page says until when; to the others it says by whom, and their claim is refused."""
    place.add(turn())
    reply = place.post(place.mentor, "claim")
    assert (reply.status_code, reply.headers["location"]) == (303, "/en/desk/items/1?done=claimed")
    mine, theirs = (client.get("/en/desk/items/1").text for client in (place.mentor, place.other))
    assert "You have taken this question until" in mine
    assert "items/1/release" in mine
    assert "Aigul has taken this question until" in theirs
    assert "items/1/claim" not in theirs
    assert "items/1/decline" not in theirs
    refused = place.post(place.other, "claim", language="ru")
    assert refused.status_code == 409
    assert item_words("ru").refusals["held"] in refused.text
    assert place.post(place.other, "release").status_code == 409
    assert place.post(place.mentor, "release").headers["location"] == "/en/desk/items/1?done=released"
    assert place.post(place.other, "claim").status_code == 303


def test_opening_the_page_renews_the_claim(place: Place) -> None:
    """Who reads what they hold, holds it for another half an hour; who merely looks at it, does not."""
    place.add(turn())
    place.post(place.mentor, "claim")
    for client, expected in ((place.mentor, True), (place.other, False)):
        place.clock.turn(minutes=20)
        client.get("/en/desk/items/1")
        place.clock.turn(minutes=20)
        assert (everything(place.queue)[0].holder is not None) is expected


def test_declining_asks_for_a_reason(place: Place) -> None:
    """Without one the form comes back with what was typed; with one the item is closed and can be opened again."""
    place.add(turn())
    place.post(place.mentor, "claim")
    refused = place.post(place.mentor, "decline", note="Ескертпе <b>")
    assert refused.status_code == 422
    assert "Choose at least one reason." in refused.text
    assert "Ескертпе &lt;b&gt;</textarea>" in refused.text
    long = place.post(place.mentor, "decline", reason="incomplete", note="я" * 2001)
    assert long.status_code == 422
    assert 'value="incomplete" checked' in long.text
    done = place.post(place.mentor, "decline", reason=["incomplete", "out_of_scope", "nonsense"], note="Ескертпе")
    assert done.status_code == 303
    found = place.queue.item(1)
    assert found is not None
    assert (found.row.state, found.reviews[0].reasons, found.reviews[0].note) == (
        ItemState.DECLINED, (ReviewReason.INCOMPLETE, ReviewReason.OUT_OF_SCOPE), "Ескертпе",
    )  # fmt: skip
    html = place.other.get("/kk/desk/items/1").text
    assert "Ескертпе" in html
    assert queue_words("kk").reasons["out_of_scope"] in html
    assert place.post(place.other, "reopen").status_code == 303
    assert place.post(place.other, "reopen").status_code == 409
    assert everything(place.queue)[0].state is ItemState.OPEN


def test_who_has_lost_a_question_loses_no_word(place: Place) -> None:
    """If the claim has lapsed and somebody else has taken it, declining is refused with everything typed still there."""
    place.add(turn())
    place.post(place.mentor, "claim")
    place.clock.turn(minutes=31)
    place.post(place.other, "claim")
    refused = place.post(place.mentor, "decline", reason="incomplete", note="Жазғаным")
    assert refused.status_code == 409
    for kept in ("Жазғаным</textarea>", 'value="incomplete" checked', item_words("en").refused_kept):
        assert kept in refused.text
    assert everything(place.queue)[0].state is ItemState.OPEN


def test_a_lapsed_question_that_nobody_took_is_still_theirs_to_decline(place: Place) -> None:
    """Who writes for longer than a claim lasts declines at the first try, as in the form of answering."""
    place.add(turn())
    place.post(place.mentor, "claim")
    place.clock.turn(minutes=31)
    assert place.post(place.mentor, "decline", reason="incomplete").status_code == 303
    assert everything(place.queue)[0].state is ItemState.DECLINED
    late = place.post(place.other, "decline", reason="incomplete", note="Жазғаным")
    assert late.status_code == 409
    assert item_words("en").refusals["closed"] in late.text
    assert "Жазғаным</textarea>" in late.text


def test_a_group_is_taken_and_closed_together(place: Place) -> None:
    """All questions about the same are claimed by one button and declined by one form."""
    place.add(*[turn(f"Visa {number}?") for number in range(3)])
    assert 'name="alike" value="1"' in place.mentor.get("/en/desk/items/2").text
    place.post(place.mentor, "claim", id=2, alike="1")
    assert len(everything(place.queue, stage=Stage.IN_REVIEW)) == 3
    assert place.mentor.get("/en/desk/?alike=2").text.count("data-item=") == 3
    place.post(place.mentor, "decline", id=2, alike="1", reason="out_of_scope")
    assert len(everything(place.queue, stage=Stage.DECLINED)) == 3


def test_the_words_of_all_languages_fit(place: Place) -> None:
    """Every reason, state and decision has words, and every text takes what is put into it."""
    for language in LANGUAGES:
        names, words = queue_words(language), item_words(language)
        assert set(names.whys) == set(Why)
        assert set(names.stages) == set(Stage)
        assert set(names.reasons) == set(ReviewReason)
        filled: list[Callable[..., str]] = [words.held.format, words.held_by_you.format, words.conversation_help.format]
        for each in filled:
            assert "{" not in each(name="N", time="T", first=1, last=2, count=3)
