"""The forms in which mentors answer, without a browser: what they show in three languages, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from desk_pages import csrf_of, desk_on, signed_in
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from review_made import FEES, PERMIT, Bench, Changing, Page
from sqlalchemy import delete
from web_fakes import LAST, TEXTS, abstention, answer

from assistant.answering.checked import worded
from assistant.answering.wording import wording, written_date
from assistant.records import schema
from assistant.records.database import open_database, sqlite_url
from assistant.records.flaws import MARK
from assistant.records.items import Decision, ItemState
from assistant.records.mentors import Role
from assistant.records.publishing import CheckedCitation
from assistant.records.reviewing import Judged
from assistant.types import LANGUAGES, Answer, Citation, Language
from assistant.web.desk.review_form import Sheet, blank, helped, read_form
from assistant.web.desk.review_sections import Chosen, cited
from assistant.web.desk.review_words import answers_words, review_words
from assistant.web.desk.routes import add_desk

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FIRST = {language: TEXTS[language][3] for language in LANGUAGES}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Give a desk whose library can be edited, with two mentors who have signed in."""
    monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)
    database, library, app = open_database(sqlite_url(tmp_path / "records.sqlite")), Changing(), FastAPI()
    desk = replace(desk_on(database), engine=library)
    add_desk(app, desk)
    yield Bench(database, desk, library, signed_in(app), signed_in(app, Role.COORDINATOR))
    database.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_item_offers_what_can_be_done_with_it(bench: Bench, language: Language) -> None:
    """An answer can be approved, corrected, replaced or called incomplete by its holder; an abstention only replaced."""
    bench.ask()
    bench.ask("Japan?", reply=abstention())
    words = review_words(language)
    free = Page.read(bench.mentor.get(f"/{language}/desk/items/1"))
    assert words.claim_first in free.words
    for number in (1, 2):
        bench.claim(id=number)
    answered, abstained = (bench.mentor.get(f"/{language}/desk/items/{number}").text for number in (1, 2))
    assert [way for way in words.ways if f"review?way={way}" in answered] == ["approve", "edit", "replace", "missing"]
    assert [way for way in words.ways if f"review?way={way}" in abstained] == ["replace", "missing"]
    assert all(said["name"] in answered for said in words.ways.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_is_approved_after_its_quotes_were_seen(bench: Bench, language: Language) -> None:
    """The form shows the quotes, the preview the student's view; the answer has the reply's text and quotes."""
    bench.ask(language=language)
    bench.claim()
    form = bench.open("approve", language)
    assert form.status == 200
    assert FIRST[language] in form.words
    seen = bench.send(form, "preview", **{f"{language}__question": "Когда подавать?"})
    assert seen.status == 200
    assert review_words(language).preview_title in seen.words
    assert f'class="q1">{FIRST[language]}</mark>' in seen.html
    done = bench.send(seen, "save")
    (made,) = bench.desk.answers.active()
    (version,) = made.versions
    assert (done.status, done.place) == (303, f"/{language}/desk/answers/{made.id}?done=made")
    assert (version.language, version.question, version.text) == (language, "Когда подавать?", answer(language).text)
    assert [each.quote for each in version.citations] == [each.quote for each in answer(language).citations]
    assert Page.read(bench.mentor.get(done.place)).status == 200


def test_what_was_sent_for_a_fixed_reply_is_ignored(bench: Bench) -> None:
    """Who approves cannot change text or quotes by the form."""
    bench.ask()
    bench.claim()
    bench.send(bench.open("approve"), "save", en__text="Other [1]", en__quote="", en__office="Dean")
    assert bench.desk.answers.active()[0].versions[0].text == answer("en").text


def test_the_names_of_students_are_masked_in_the_question(bench: Bench) -> None:
    """The form begins with the masked question, and the wording is masked, too."""
    bench.ask("Меня зовут Айгуль Касымова. Когда подавать?", "ru")
    bench.claim()
    form = bench.open("approve", "ru")
    assert "Касымова" not in form.html
    bench.send(form, "save")
    assert "Касымова" not in str(bench.desk.answers.entries())


@pytest.mark.parametrize("way", ["approve", "edit", "replace"])
def test_no_words_of_a_student_become_a_mentors(bench: Bench, way: str) -> None:
    """They stand beside the form and not in it, so that nothing of them is left when their conversation is erased."""
    bench.ask("Where is the unmistakable office?")
    bench.claim()
    page = Page.read(bench.mentor.get(f"/en/desk/items/1/review?way={way}"))
    assert "unmistakable" in page.words
    assert page.fields["en-question"] == ""
    form = bench.open(way)
    quote = {"en__text": "A [1]", "en__quote": [f"{PERMIT}\nen\n{FIRST['en']}"]} if way == "replace" else {}
    assert bench.send(form, "save", **quote).status == 303
    assert "unmistakable" in str(bench.desk.answers.entries())  # a wording, which is the student's
    with bench.database.writing() as connection:
        connection.execute(delete(schema.conversation))
    assert "unmistakable" not in str(bench.desk.answers.entries())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_form_comes_back_with_everything_typed(bench: Bench, language: Language) -> None:
    """The summary leads to the fields, each field is described by its fault, and nothing is saved."""
    bench.ask(language=language)
    bench.claim()
    typed = {
        "question": "", "text": f"Айтылды {HOSTILE} [7]", "office": "Деканат", "office_date": "2026-13-01",
        "wordings": "бір\nекі", "find": "алым",
    }  # fmt: skip
    fields = {f"{language}__{name}": value for name, value in typed.items()}
    form = bench.send(bench.open("edit", language), "save", note="н" * 2001, **fields)
    assert form.status == 422
    for name, value in typed.items():
        assert form.fields[f"{language}-{name}"] == value
    assert form.fields["note"] == "н" * 2001
    assert len(form.fields[f"{language}-quote"]) == 3
    assert {f"{language}-question", f"{language}-text", f"{language}-office", f"{language}-office_date",
            "note"} == set(form.faults)  # fmt: skip
    assert set(form.faults) <= set(form.ids)
    assert "<script>alert" not in form.html
    for name in ("question", "office_date"):
        described = f'name="{language}-{name}" aria-describedby="'
        after = form.html.split(described, 1)[1]
        assert f"{language}-{name}-fault" in after.split('"', 1)[0]
        assert f'id="{language}-{name}-fault"' in form.html
        assert 'aria-invalid="true"' in after.split(">", 1)[0]
    assert len(set(form.ids)) == len(form.ids)
    assert bench.desk.answers.entries() == ()
    assert bench.desk.queue.item(1).row.state is ItemState.OPEN  # type: ignore[union-attr]


def test_a_quote_is_picked_from_the_sentences_of_a_section(bench: Bench) -> None:
    """Looking for a section offers it, looking at it shows its sentences, and picking one adds quote and mark."""
    bench.ask("Japan?", reply=abstention())
    bench.claim()
    form = bench.send(bench.open("replace"), "en:find", en__find="fee", en__text="There is a fee.")
    assert FEES in form.html
    form = bench.send(form, "en:look", en__section=FEES)
    sentence = "The office takes a fee with every form."
    assert f'value="{FEES}\nen\n{sentence}"' in form.html
    form = bench.send(form, "en:cite", en__sentence=f"{FEES}\r\nen\r\n{sentence}", en__section=FEES)
    assert form.fields["en-text"] == "There is a fee. [1]"
    assert bench.send(form, "save").status == 303
    (citation,) = bench.desk.answers.active()[0].versions[0].citations
    assert (citation.section, citation.quote) == (FEES, sentence)


def test_a_version_quotes_its_own_languages_section(bench: Bench) -> None:
    """The sentences offered for each language are those of that version of the section."""
    bench.ask()
    bench.claim()
    form = bench.open("edit")
    for language in LANGUAGES:
        shown = bench.send(form, f"{language}:look", **{f"{language}__section_id": PERMIT})
        assert f'value="{PERMIT}\n{language}\n{TEXTS[language][2][:20]}' in shown.html


@pytest.mark.parametrize("sent", ["nowhere#at-all", "host_guides/poland", "told/1#stay", "x" * 300])
def test_a_section_that_cannot_be_quoted_offers_nothing(bench: Bench, sent: str) -> None:
    """It is said that there is none."""
    bench.ask()
    bench.claim()
    form = bench.send(bench.open("edit"), "en:look", en__section_id=sent)
    assert review_words("en").sentences_none in form.words


def test_a_quote_that_was_typed_is_refused(bench: Bench) -> None:
    """What does not stand in its section cannot be saved, whatever the form says."""
    bench.ask()
    bench.claim()
    forged = f"{PERMIT}\nen\nEverything is allowed."
    form = bench.send(bench.open("edit"), "save", en__quote=[forged], en__text="All [1]")
    assert (form.status, form.faults) == (422, ("en-quote-1",))
    assert bench.desk.answers.entries() == ()


def test_a_reply_whose_source_has_changed_cannot_be_approved(bench: Bench) -> None:
    """Its lost quote is named; who corrects removes it."""
    bench.ask()
    bench.claim()
    bench.library.edits["en", PERMIT] = TEXTS["en"][2].replace(LAST["en"], "It takes 90 days.")
    form = bench.send(bench.open("approve"), "save")
    assert (form.status, form.faults) == (422, ("en-quote-2",))
    mended = bench.send(bench.open("edit"), "en:drop:2")
    assert "[2]" in mended.fields["en-text"]
    assert len(mended.fields["en-quote"]) == 2
    assert bench.send(mended, "save").status == 303


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_office_answers_where_no_section_does(bench: Bench, language: Language) -> None:
    """Office and date stand in the answer and in its preview; a day to come is refused."""
    bench.ask("Japan?", language, abstention(language))
    bench.claim()
    fields = {f"{language}__{name}": value for name, value in
              {"question": "Кім қол қояды?", "text": "Деканат.", "office": "Деканат"}.items()}  # fmt: skip
    ahead = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    form = bench.send(bench.open("replace", language), "save", **fields, **{f"{language}__office_date": ahead})
    assert form.faults == (f"{language}-office_date",)
    form = bench.send(form, "preview", **{f"{language}__office_date": "2026-09-01"})
    shown = form.html.split('<article class="preview">')[1].split("</article>")[0]
    assert (form.status, shown.count("Деканат.")) == (200, 2)  # the text, and the source on which it stands
    assert "2026" in shown
    assert bench.send(form, "save").status == 303
    (version,) = bench.desk.answers.active()[0].versions
    assert (version.language, version.office, str(version.office_date)) == (language, "Деканат", "2026-09-01")


def test_an_answer_is_written_in_several_languages_at_once(bench: Bench) -> None:
    """Each has its own question, text, quotes and wordings."""
    bench.ask()
    bench.claim()
    typed: dict[str, str | list[str]] = {}
    for language in ("en", "kk"):
        typed |= {f"{language}__question": f"Q {language}", f"{language}__text": f"A {language} [1]",
                  f"{language}__quote": [f"{PERMIT}\n{language}\n{FIRST[language]}"],
                  f"{language}__wordings": f"w {language}\n\n w {language} "}  # fmt: skip
    assert bench.send(bench.open("edit"), "save", **typed).status == 303
    versions = bench.desk.answers.active()[0].versions
    assert [(each.language, each.text, each.citations[0].quote) for each in versions] == [
        ("en", "A en [1]", FIRST["en"]), ("kk", "A kk [1]", FIRST["kk"])
    ]  # fmt: skip
    assert [each.wordings for each in versions] == [("w en", "Permit?"), ("w kk",)]


def noted(language: Language) -> Answer:
    """Return a reply as the assistant gives it: with what must be said below it."""
    notes = wording(language)["note"]
    stale = notes["stale"].format(date=written_date(date(2026, 3, 1), language))
    own = answer(language)
    return replace(own, text="\n\n".join([own.text, f"*{stale}*", f"*{notes['check']}*"]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", ["approve", "edit"])
def test_what_is_said_around_a_reply_is_no_part_of_an_answer(bench: Bench, language: Language, way: str) -> None:
    """The notes on rules and overdue sources are said whenever it is given, so they are not saved with it."""
    bench.ask(language=language, reply=noted(language))
    bench.claim()
    form = bench.open(way, language)
    assert answer(language).text in (form.fields.get(f"{language}-text", answer(language).text))
    assert bench.send(form, "save").status == 303
    assert bench.desk.answers.active()[0].versions[0].text == answer(language).text


def given_again(bench: Bench, *, office: str = "") -> str:
    """Let an answer be made, and be the reply to another student, whose item a mentor holds; return its id."""
    bench.ask()
    bench.claim()
    form = bench.open("replace" if office else "edit")
    own = {"en__text": "The dean signs.", "en__office": office, "en__office_date": "2026-09-01"} if office else {}
    assert bench.send(form, "save", kk__question="Q", kk__text="A [1]", kk__quote=[f"{PERMIT}\nkk\n{FIRST['kk']}"],
                      **own).status == 303  # fmt: skip
    (made,) = bench.desk.answers.active()
    version = made.versions[0]
    cited = [preview_citation(bench, each) for each in version.citations] or [answer("en").citations[0]]
    day = date(2026, 11, 22)
    text = worded(version.text, cited, language="en", checked_on=day, office=office, office_date=version.office_date)
    bench.ask("Permit, please?", reply=replace(answer(), composer="verified", text=text, checked_on=day,
                                               verified=made.id))  # fmt: skip
    bench.claim(id=2)
    return made.id


def preview_citation(bench: Bench, citation: CheckedCitation) -> Citation:
    """Return a quote as students see it."""
    found = cited(bench.desk, citation)
    assert found is not None
    return found


@pytest.mark.parametrize("office", ["", "Dean's office"])
def test_a_reply_that_is_a_mentors_answer_is_corrected_there(bench: Bench, office: str) -> None:
    """The form holds that answer in all its languages and nothing around it; saving changes it, and makes no second."""
    known = given_again(bench, office=office)
    before = bench.desk.answers.active()[0].versions
    form = bench.open("edit", id=2)
    assert [form.fields[f"{each.language}-text"] for each in before] == [each.text for each in before]
    assert form.fields["en-office"] == office
    done = bench.send(form, "save", en__text=f"{before[0].text} Ask early.")
    assert (done.status, done.place) == (303, f"/en/desk/answers/{known}?done=made")
    (made,) = bench.desk.answers.active()
    assert (made.id, [each.text for each in made.versions]) == (known, [f"{before[0].text} Ask early.", "A [1]"])


@pytest.mark.parametrize("office", ["", "Dean's office"])
def test_a_reply_that_is_a_mentors_answer_is_approved_as_it_is(bench: Bench, office: str) -> None:
    """Whoever finds it right changes nothing of it, and the student's words find it from now on."""
    known = given_again(bench, office=office)
    before = bench.desk.answers.active()[0].versions
    assert bench.send(bench.open("approve", id=2), "save").status == 303
    (made,) = bench.desk.answers.active()
    assert (made.id, [each.text for each in made.versions]) == (known, [each.text for each in before])
    assert "Permit, please?" in made.versions[0].wordings
    assert bench.desk.queue.item(2).row.state is ItemState.RESOLVED  # type: ignore[union-attr]


def test_an_answer_that_still_waits_is_not_said_to_be_served(bench: Bench) -> None:
    """Mended in one of its languages while it is suspended, it leads to its page, which says what has changed."""
    known = given_again(bench)
    bench.desk.answers.suspend(known, "section_changed")
    done = bench.send(bench.open("edit", id=2), "save", kk__question="", kk__text="", kk__quote="")
    assert (done.status, done.place) == (303, f"/en/desk/answers/{known}")
    assert answers_words("en").states["suspended"] in Page.read(bench.mentor.get(done.place)).words


def test_what_is_missing_is_said(bench: Bench) -> None:
    """It needs words, closes the item if wished, and what the mentor thinks of the reply is kept."""
    bench.ask("Japan?", reply=abstention())
    bench.claim()
    form = bench.send(bench.open("missing"), "save")
    assert (form.status, form.faults) == (422, ("note",))
    form = bench.send(bench.open("missing"), "save", note="A guide to Japan.", judged="right", reason="source_missing")
    assert (form.status, form.place) == (303, "/en/desk/items/1?done=missing")
    item = bench.desk.queue.item(1)
    assert item is not None
    assert (item.row.state, item.reviews[0].decision) == (ItemState.OPEN, Decision.MISSING)
    bench.send(bench.open("missing"), "save", note="A guide to Japan.", closes="1")
    assert bench.desk.queue.item(1).row.state is ItemState.RESOLVED  # type: ignore[union-attr]
    assert bench.desk.reviews.judged(1, item.reviews[0].mentor) is Judged.INCOMPLETE


def test_who_does_not_hold_the_item_cannot_answer_and_loses_nothing(bench: Bench) -> None:
    """Another mentor sees no form; what somebody sends too late comes back with what they typed."""
    bench.ask()
    assert bench.open("edit").status == 409
    bench.claim()
    form = bench.open("edit")
    bench.mentor.post("/en/desk/items/1/release", data={"csrf": csrf_of(bench.mentor)})
    bench.claim(bench.other)
    late = bench.send(form, "save", en__text="My long text [1]")
    assert (late.status, late.fields["en-text"]) == (409, "My long text [1]")
    assert review_words("en").warning_kept in late.words
    assert bench.desk.answers.entries() == ()


def test_a_claim_that_lapsed_unnoticed_is_taken_again(bench: Bench) -> None:
    """Who wrote for long saves all the same, if nobody else has taken the item."""
    bench.ask()
    bench.claim()
    form = bench.open("approve")
    bench.mentor.post("/en/desk/items/1/release", data={"csrf": csrf_of(bench.mentor)})
    assert bench.send(form, "save").status == 303


def test_an_answer_is_saved_once(bench: Bench) -> None:
    """Sending the form again makes no second answer."""
    bench.ask()
    bench.claim()
    form = bench.open("approve")
    assert bench.send(form, "save").status == 303
    assert bench.send(form, "save").status == 409
    assert len(bench.desk.answers.entries()) == 1


def test_all_alike_are_answered_at_once(bench: Bench) -> None:
    """With the box ticked, what the mentor holds about the same is closed."""
    for question in ("Permit?", "What permit?"):
        bench.ask(question)
    bench.claim(alike="1")
    assert bench.send(bench.open("approve"), "save", alike="1").status == 303
    states = [bench.desk.queue.item(number).row.state for number in (1, 2)]  # type: ignore[union-attr]
    assert states == [ItemState.RESOLVED, ItemState.RESOLVED]
    assert bench.desk.answers.active()[0].versions[0].wordings == ("Permit?", "What permit?")


@given(marks=st.lists(st.integers(1, 6), max_size=8), quotes=st.integers(0, 5), dropped=st.integers(-1, 8))
def test_removing_a_quote_keeps_the_marks_of_the_others(marks: list[int], quotes: int, dropped: int) -> None:
    """Every mark points to the quote that it pointed to before, and nothing points to the one removed."""
    chosen = tuple(Chosen("a/b#c", "en", f"quote {number}") for number in range(1, quotes + 1))
    text = " ".join(f"word [{mark}]" for mark in marks)
    before = Sheet(language="en", text=text, quotes=chosen)
    after = helped(None, blank(before), {"deed": f"en:drop:{dropped}"}).sheet("en")  # type: ignore[arg-type]

    def targets(sheet: Sheet) -> list[str]:
        numbers = [int(mark) for mark in MARK.findall(sheet.text)]
        return [sheet.quotes[number - 1].quote for number in numbers if number <= len(sheet.quotes)]

    assert targets(after) == [quote for quote in targets(before) if quote != f"quote {dropped}"]


@given(st.dictionaries(st.sampled_from(["en-quote", "en-text", "deed", "forget", "reason", "ru-office_date", "judged"]),
                       st.one_of(st.text(max_size=50), st.lists(st.text(max_size=50), max_size=3))))  # fmt: skip
def test_any_form_can_be_read(form: dict[str, str | list[str]]) -> None:
    """Whatever is sent, there is a sheet for every language and a ruling."""
    filled = read_form(form)
    assert [each.language for each in filled.sheets] == list(LANGUAGES)
    assert filled.ruling.judged in {None, *Judged}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_begins_with_the_language_of_the_question(bench: Bench, language: Language) -> None:
    """Its answer stands first and open; each language is named in the words of the page."""
    bench.ask("Рұқсат?", "kk")
    bench.claim()
    page, named = bench.open("replace", language), review_words(language).in_language
    places = [page.html.index(f'<h2 id="{each}-title">{named[each]}</h2>') for each in ("kk", "en", "ru")]
    assert places == sorted(places)
    assert page.html.count('<details class="sheet version" open>') == 1
    assert len(set(named.values())) == 3
