"""The verified answers' pages without a browser: the list, what has changed, and what mentors do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from desk_pages import csrf_of, desk_on, mentor_of, signed_in
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from review_made import FEES, PERMIT, Bench, Changing, Page
from web_fakes import TEXTS

from assistant.records.database import open_database, sqlite_url
from assistant.records.items import ItemState, Wanted
from assistant.records.mentors import Role
from assistant.records.publishing import AnswerState, WrittenVersion
from assistant.types import LANGUAGES, Language, Passage
from assistant.web.desk.review_difference import MOST_WORDS, difference
from assistant.web.desk.review_sections import Chosen, bound
from assistant.web.desk.review_words import answers_words
from assistant.web.desk.routes import add_desk
from assistant.web.desk.words import frame

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Give a desk whose library can be edited, with two mentors who have signed in."""
    database, library, app = open_database(sqlite_url(tmp_path / "records.sqlite")), Changing(), FastAPI()
    desk = replace(desk_on(database), engine=library)
    add_desk(app, desk)
    yield Bench(database, desk, library, signed_in(app), signed_in(app, Role.COORDINATOR))
    database.close()


def made(bench: Bench, *languages: Language, question: str = "When to apply?", section: str = PERMIT) -> str:
    """Make an answer that quotes the first sentence of a section in each language, and return its id."""
    versions = []
    for language in languages or ("en",):
        text = next(each.text for each in _passages(bench, language) if each.section == section)
        citation = bound(bench.desk, 1, Chosen(section, language, text.split("\n")[0]))
        assert citation is not None
        versions.append(WrittenVersion(language=language, question=question, text=f"{HOSTILE} Yes [1]",
                                       citations=(citation,)))  # fmt: skip
    return bench.desk.answers.make(versions, mentor_of(bench.desk).id, country="PL")


def post(bench: Bench, known: str, deed: str, page: Page) -> Page:
    """Send one of the forms of an answer's page."""
    return Page.read(bench.mentor.post(f"/en/desk/answers/{known}/{deed}", data=page.fields))


def opened(bench: Bench, known: str, language: Language = "en") -> Page:
    """Open an answer."""
    return Page.read(bench.mentor.get(f"/{language}/desk/answers/{known}"))


def resume_fields(bench: Bench, known: str) -> Page:
    """Return an answer's page as the form that confirms it would be sent: without that of retiring."""
    html = bench.mentor.get(f"/en/desk/answers/{known}").text
    start = html.index("/resume")
    return Page.read(_Html(html[html.rindex("<form", 0, start) : html.index("</form>", start) + 7]))


class _Html:
    """A part of a reply."""

    def __init__(self, text: str) -> None:
        self.text, self.status_code, self.headers = text, 200, dict[str, str]()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_says_what_there_is(bench: Bench, language: Language) -> None:
    """In every language: question, state, languages and country; those that wait come first."""
    words, speeches = answers_words(language), frame(language).speeches
    assert words.nothing in Page.read(bench.mentor.get(f"/{language}/desk/answers/")).words
    first, second = made(bench, "en", "kk", question="Бірінші?"), made(bench, "ru", question=f"Второй {HOSTILE}?")
    bench.desk.answers.suspend(second, "section_changed")
    page = Page.read(bench.mentor.get(f"/{language}/desk/answers/"))
    assert page.html.index(second) < page.html.index(first)
    for expected in (words.title, words.states["active"], words.states["suspended"], words.because["section_changed"],
                     {"en": "Poland", "ru": "Польша", "kk": "Польша"}[language], f"{speeches['en']}, {speeches['kk']}"):  # fmt: skip
        assert expected in page.words
    assert HOSTILE not in page.html


def test_the_list_is_filtered_searched_and_paged(bench: Bench) -> None:
    """By state, by words in any alphabet, 50 on a page, each once."""
    ids = [made(bench, question=f"Виза {number}?") for number in range(52)]
    bench.desk.answers.retire(ids[0], mentor_of(bench.desk).id)

    def shown(query: str) -> list[str]:
        html = bench.mentor.get(f"/en/desk/answers/{query}").text
        return [each for each in ids if f"answers/{each}" in html]

    assert len(shown("")) == 50
    assert set(shown("")) | set(shown("?after=50")) == set(ids)
    assert shown("?state=retired") == ids[:1]
    assert shown("?words=viza+51") == ids[51:]
    assert answers_words("en").no_fit in Page.read(bench.mentor.get("/en/desk/answers/?words=nothing")).words
    for odd in ("?state=x&after=-1", "?after=" + "9" * 30, "?words=" + "а" * 5000):
        assert bench.mentor.get(f"/en/desk/answers/{odd}").status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_shown_as_students_see_it(bench: Bench, language: Language) -> None:
    """With its quotes highlighted in their section, who vouches for it, and no word of it as HTML."""
    page = opened(bench, made(bench, *LANGUAGES), language)
    assert page.status == 200
    for each in LANGUAGES:
        assert f'class="q1">{TEXTS[each][3]}</mark>' in page.html
    assert "Aigul" in page.words
    assert HOSTILE not in page.html
    assert len(set(page.ids)) == len(page.ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_suspended_answer_shows_what_has_changed(bench: Bench, language: Language) -> None:
    """Words that were removed and added are marked, for eyes and for screen readers."""
    known = made(bench)
    bench.library.edits["en", PERMIT] = TEXTS["en"][2].replace("up to 60 days", "up to 90 days")
    bench.desk.answers.suspend(known, "section_changed")
    page, words = opened(bench, known, language), answers_words(language)
    assert words.because["section_changed"] in page.words
    assert f"{words.removed} 60 {words.added} 90" in page.words
    assert "</span>60</del>" in page.html
    assert "</span>90</ins>" in page.html


def test_an_answer_that_is_still_right_is_served_again(bench: Bench) -> None:
    """It is bound to the section as the mentor saw it, and its item is closed."""
    known = made(bench)
    bench.library.edits["en", PERMIT] = TEXTS["en"][2] + " More."
    bench.desk.answers.suspend(known, "section_changed")
    done = post(bench, known, "resume", resume_fields(bench, known))
    assert done.place == f"/en/desk/answers/{known}?done=resumed"
    (answer,) = bench.desk.answers.active()
    assert answer.versions[0].citations[0].passage.endswith(" More.")
    (row,) = bench.desk.queue.page(Wanted(stage=None)).rows
    assert row.state is ItemState.RESOLVED


def test_a_section_that_changed_while_a_mentor_looked_is_shown_again(bench: Bench) -> None:
    """Nobody confirms what they have not seen."""
    known = made(bench)
    bench.desk.answers.suspend(known, "review_due")
    page = resume_fields(bench, known)
    bench.library.edits["ru", PERMIT] = "Другое."
    refused = post(bench, known, "resume", page)
    assert (refused.status, answers_words("en").refusals["moved"] in refused.words) == (409, True)
    assert [each.id for each in bench.desk.answers.suspended()] == [known]


def test_the_item_of_a_suspended_answer_leads_to_its_page(bench: Bench) -> None:
    """It offers neither to decline it nor to answer it, and the forms are refused if they are sent all the same."""
    known = made(bench)
    bench.desk.answers.suspend(known, "section_changed")
    bench.claim()
    page = bench.mentor.get("/en/desk/items/1").text
    assert f"answers/{known}" in page
    assert "items/1/decline" not in page
    assert bench.mentor.get("/en/desk/items/1/review").status_code == 409
    fields = {"csrf": csrf_of(bench.mentor), "reason": "out_of_scope"}
    assert bench.mentor.post("/en/desk/items/1/decline", data=fields).status_code == 409
    assert [row.state for row in bench.desk.queue.page(Wanted()).rows] == [ItemState.OPEN]


@pytest.mark.parametrize("gone", [True, False])
def test_an_answer_whose_quote_is_gone_is_changed_or_retired(bench: Bench, *, gone: bool) -> None:
    """There is no way to confirm it; changing it demands another quote."""
    known = made(bench)
    if gone:
        bench.library.gone.add(PERMIT)
    else:
        bench.library.edits["en", PERMIT] = "Nothing is as it was."
    bench.desk.answers.suspend(known, "section_gone" if gone else "section_changed")
    page = opened(bench, known)
    assert "/resume" not in page.html
    assert answers_words("en").still_not in page.words
    form = Page.read(bench.mentor.get(f"/en/desk/answers/{known}/change"))
    refused = bench.send(form, "save")
    assert (refused.status, refused.faults) == (422, ("en-quote-1",))
    form = bench.send(form, "en:drop:1")
    form = bench.send(form, "en:cite", en__sentence=f"{FEES}\nen\nThe office takes a fee with every form.")
    form = bench.send(form, "save")
    assert (form.status, form.faults) == (422, ("checked",))  # what it quotes has not the figures of its text
    assert bench.send(form, "save", checked="1").place == f"/en/desk/answers/{known}?done=changed"
    assert bench.desk.answers.active()[0].versions[0].citations[0].section == FEES


def test_an_answer_is_changed_and_a_language_removed(bench: Bench) -> None:
    """What is emptied is gone, wordings that are ticked too; who saw an older answer is told."""
    known = made(bench, "en", "ru")
    address = f"/en/desk/answers/{known}/change"
    form = Page.read(bench.mentor.get(address))
    assert bench.send(form, "save", en__wordings="How soon?\nBy when?").status == 303
    stale = bench.send(form, "save", en__text="Too late [1]")
    assert (stale.status, stale.fields["en-text"]) == (409, "Too late [1]")
    entry = bench.desk.answers.read(known)
    assert entry is not None
    form = Page.read(bench.mentor.get(address))
    cleared = {f"ru__{name}": "" for name in ("question", "text", "quote")}
    bench.send(form, "save", forget=str(entry.wordings[0].id), **cleared)
    (answer,) = bench.desk.answers.active()
    assert [(each.language, each.wordings) for each in answer.versions] == [("en", ("By when?",))]


def test_an_answer_is_retired_for_good(bench: Bench) -> None:
    """It is served no more and can neither be changed nor retired again."""
    known = made(bench)
    fields = {"csrf": csrf_of(bench.mentor), "seen": opened(bench, known).fields["seen"]}
    done = bench.mentor.post(f"/en/desk/answers/{known}/retire", data=fields)
    assert done.headers["location"] == f"/en/desk/answers/{known}?done=retired"
    entry = bench.desk.answers.read(known)
    assert entry is not None
    assert entry.answer.state is AnswerState.RETIRED
    page = opened(bench, known)
    assert "/change" not in page.html
    assert bench.mentor.post(f"/en/desk/answers/{known}/retire", data=fields).status_code == 409


def test_nobody_retires_an_answer_unseen(bench: Bench) -> None:
    """A form that does not say what was seen changes nothing."""
    known = made(bench)
    for seen in ("", "x", "2026-01-01"):
        fields = {"csrf": csrf_of(bench.mentor), "seen": seen}
        assert bench.mentor.post(f"/en/desk/answers/{known}/retire", data=fields).status_code == 409
    assert [each.id for each in bench.desk.answers.active()] == [known]


@pytest.mark.parametrize("known", ["0" * 12, "x", "../items", "%00", "ab" * 40])
def test_an_answer_that_there_is_not_is_said_to_be_missing(bench: Bench, known: str) -> None:
    """Whatever the address holds."""
    assert bench.mentor.get(f"/en/desk/answers/{known}").status_code == 404
    fields = {"csrf": csrf_of(bench.mentor)}
    assert bench.mentor.post(f"/en/desk/answers/{known}/resume", data=fields).status_code in {404, 405}


@given(before=st.text("аб \n.", max_size=60), now=st.text("аб \n.", max_size=60))
def test_a_difference_holds_both_texts_whole(before: str, now: str) -> None:
    """Without what was added it is the older text, without what was removed the newer; what is the same is marked so."""
    pieces = difference(before, now)
    assert "".join(each.text for each in pieces if each.sort != "added") == before
    assert "".join(each.text for each in pieces if each.sort != "removed") == now
    assert before != now or all(each.sort == "same" for each in pieces)


def test_long_texts_are_shown_one_after_the_other() -> None:
    """Beyond the limit nothing is compared."""
    before, now = "a " * MOST_WORDS, "b " * MOST_WORDS
    assert [each.sort for each in difference(before, now + "c")] == ["removed", "added"]
    assert unescape(difference(before, now)[0].text).startswith("a")


def _passages(bench: Bench, language: Language) -> tuple[Passage, ...]:
    document = bench.library.document("host_guides/poland", language)
    assert document is not None
    return document.passages
