"""What mentors are told of their sentences before they publish: hints beside the preview, and one tick for figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from desk_pages import VERIFIER, desk_on, signed_in
from fastapi import FastAPI
from review_made import FEES, PERMIT, Bench, Changing, Page
from web_fakes import TEXTS

from assistant.answering.verification.mismatches import Mismatch, MismatchKind
from assistant.answering.verification.verifying import Verdict
from assistant.records.database import open_database, sqlite_url
from assistant.records.mentors import Role
from assistant.records.publishing import WrittenVersion
from assistant.types import LANGUAGES, Language, Passage
from assistant.web.desk.review_hints import LEAST, Compared, Sort, compared
from assistant.web.desk.review_sections import Chosen, bound
from assistant.web.desk.review_words import review_words
from assistant.web.desk.routes import add_desk

FIRST = {language: TEXTS[language][3] for language in LANGUAGES}
WRONG: dict[Language, tuple[str, str]] = {
    "en": ("The decision takes up to 90 days.", "“90 days”"),
    "ru": ("Решение принимают в срок до 90 дней.", "«90 дней»"),
    "kk": ("Шешім 90 күнге дейін қабылданады.", "«90 күнге»"),
}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Give a desk whose library can be edited, with two mentors who have signed in."""
    monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)
    database, library, app = open_database(sqlite_url(tmp_path / "records.sqlite")), Changing(), FastAPI()
    desk = replace(desk_on(database), engine=library)
    add_desk(app, desk)
    yield Bench(database, desk, library, signed_in(app), signed_in(app, Role.COORDINATOR))
    database.close()


class Judge:
    """Gives the same verdict on every sentence, and remembers what it was asked."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict, self.asked = verdict, list[str]()

    def __call__(self, sentence: str, language: Language, cited: Sequence[Sequence[Passage]]) -> Verdict:
        self.asked.append(sentence)
        return self.verdict


def beside(bench: Bench, text: str, verdict: Verdict | Judge | None = None, language: Language = "en") -> Compared:
    """Compare a text that quotes the first sentence on the permit, by the real verifier or with a verdict."""
    citation = bound(bench.desk, 1, Chosen(PERMIT, language, FIRST[language]))
    assert citation is not None
    judge = Judge(verdict) if isinstance(verdict, Verdict) else verdict or VERIFIER.verify
    version = WrittenVersion(language=language, question="?", text=f"{text} [1]", citations=(citation,))
    return compared(replace(bench.desk, verify=judge), version, language)


def written(bench: Bench, text: str, language: Language = "en") -> Page:
    """Open the form for a new answer and type a text with a quote."""
    bench.ask(language=language)
    bench.claim()
    form = bench.open("replace", language)
    quote = f"{PERMIT}\n{language}\n{FIRST[language]}"
    form.fields.update({f"{language}-question": "?", f"{language}-text": text, f"{language}-quote": quote})
    return form


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_that_no_quote_has_is_named(bench: Bench, language: Language) -> None:
    """It is told in the words of the sentence, in the language of the desk, whatever the answer is written in."""
    text, place = WRONG[language]
    (hint,) = beside(bench, text, language=language).hints
    words = review_words(language)
    told = words.absent["number"].format(words=place)
    assert (hint.sentence, hint.sort, hint.told, hint.weighty) == (text, Sort.CHECK, (told,), True)
    seen = bench.send(written(bench, f"{FIRST[language]} [1] {text}", language), "preview")
    assert seen.status == 200
    for expected in (words.hints["title"], words.hints["check"], told, words.hints["supported"].format(count=1)):
        assert expected in seen.words
    assert words.hints["all"] not in seen.words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_mismatch_has_its_words(language: Language) -> None:
    """With words of the sentence where it may be about some, and without."""
    words, kinds = review_words(language), set(get_args(MismatchKind))
    assert set(words.differing) == kinds
    assert set(words.absent) == kinds - {"negation", "modality", "opposite"}  # which are about no words
    assert all("{words}" in each for each in words.absent.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_quotes_say_gets_one_short_line(bench: Bench, language: Language) -> None:
    """A quote, with its mark before or behind the stop, needs no hint."""
    first, words = FIRST[language], review_words(language)
    seen = bench.send(written(bench, f"{first} [1] {first.removesuffix('.')} [1].", language), "preview")
    assert words.hints["all"] in seen.words
    assert words.hints["title"] not in seen.words
    assert bench.send(seen, "save").status == 303


def test_the_tick_is_demanded_once_and_then_the_answer_is_saved(bench: Bench) -> None:
    """Who saves without it gets the form back with the hints and everything typed; who ticks it publishes."""
    form = written(bench, f"{FIRST['en']} [1] {WRONG['en'][0]}")
    assert "checked" not in form.ids
    asked = bench.send(form, "save")
    assert (asked.status, asked.faults) == (422, ("checked",))
    assert {"preview", "checked"} <= set(asked.ids)
    assert WRONG["en"][1] in asked.words
    assert asked.fields["en-text"] == form.fields["en-text"]
    assert bench.desk.answers.entries() == ()
    assert bench.send(asked, "save", checked="1").status == 303
    assert WRONG["en"][0] in bench.desk.answers.active()[0].versions[0].text


def test_a_published_answer_is_compared_when_it_is_changed(bench: Bench) -> None:
    """Its form gives the same hints and asks for the same tick."""
    bench.send(written(bench, f"{FIRST['en']} [1]"), "save")
    (known,) = bench.desk.answers.active()
    form = Page.read(bench.mentor.get(f"/en/desk/answers/{known.id}/change"))
    typed = {"en__text": f"{WRONG['en'][0]} [1]"}
    assert WRONG["en"][1] in bench.send(form, "preview", **typed).words
    assert bench.send(form, "save", **typed).faults == ("checked",)
    assert bench.send(form, "save", **typed, checked="1").status == 303


def test_a_reply_that_is_approved_gets_no_hints(bench: Bench) -> None:
    """Its text is the program's, made of its quotes; the mentor looks at those."""
    bench.ask()
    bench.claim()
    seen = bench.send(bench.open("approve"), "preview")
    assert "preview" in seen.ids
    assert "hints" not in seen.html


def test_an_answer_of_an_office_is_compared_with_nothing(bench: Bench) -> None:
    """Where nothing is quoted there is nothing to compare with."""
    version = WrittenVersion(
        language="en", question="?", text="It takes 90 days.", office="Dean's office", office_date=date(2026, 9, 1)
    )
    assert compared(bench.desk, version, "en").hints == ()


def test_sentences_are_told_by_how_far_they_are_supported(bench: Bench) -> None:
    """Below an even chance a sentence is unclear; above it, nothing is said; what is supported is said to be."""
    text = "The office decides about every single application."
    doubts = (Mismatch("number", "loose_figures"), Mismatch("negation", "denies"))
    cases = {
        Sort.SAID: Verdict(True, 0.95), Sort.NEAR: Verdict(False, LEAST, doubts),
        Sort.UNCLEAR: Verdict(False, LEAST - 0.01, doubts), Sort.CHECK: Verdict(False, 0.0, doubts),
    }  # fmt: skip
    found = {sort: beside(bench, text, verdict).hints[0] for sort, verdict in cases.items()}
    assert {sort: hint.sort for sort, hint in found.items()} == {sort: sort for sort in Sort}
    words = review_words("en").differing
    assert found[Sort.UNCLEAR].told == (words["number"],)  # where doubts of negation say little
    assert found[Sort.CHECK].told == (words["number"], words["negation"])
    assert [beside(bench, text, verdict).weighty for verdict in cases.values()] == [False, False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "Good luck!",
        "Is it far from the station to the office?",
        "You need these papers:",
        "## A heading of many words here\n\nYes",
    ],
)
def test_what_states_nothing_gets_no_hint(bench: Bench, text: str) -> None:
    """A greeting, a question, what introduces a list, and a heading are left alone."""
    assert beside(bench, text, Verdict(False, 0.1)).hints == ()


def test_an_item_is_read_with_what_introduces_its_list(bench: Bench) -> None:
    """Alone it may be too short to say anything; what introduces it falsely is told once and not with every item."""
    judge = Judge(Verdict(False, 0.3))
    beside(
        bench, "You need these papers:\n\n- Your own passport.\n- A photo. It is small.\n\nThat is all there is.", judge
    )
    assert judge.asked == [
        "You need these papers:", "Your own passport.", "You need these papers: Your own passport.", "A photo.",
        "You need these papers: A photo.", "It is small.", "That is all there is.",
    ]  # fmt: skip
    judge = Judge(Verdict(False, 0.0, (Mismatch("number", "5"),)))
    beside(bench, "You need 5 papers:\n\n- Your own passport.", judge)
    assert judge.asked == ["You need 5 papers:", "Your own passport."]


def test_words_that_are_part_of_others_are_told_once(bench: Bench) -> None:
    """A month in a date is no name beside it."""
    (hint,) = beside(bench, "Apply by 5 May while your stay is legal.").hints
    assert hint.told == (review_words("en").absent["number"].format(words="“5 May”"),)


def test_who_issued_a_section_may_be_named(bench: Bench) -> None:
    """The institution, title and date of a source count as said by its sections; others do not."""
    assert not beside(bench, "The Office for Foreigners decides within 60 days.").weighty
    (hint,) = beside(bench, "The Embassy of Narnia decides within 60 days.").hints
    assert hint.told == (review_words("en").absent["name"].format(words="“Embassy”, “Narnia”"),)


def test_each_quoted_section_counts(bench: Bench) -> None:
    """A sentence may stand on any of the sections that the answer quotes."""
    quotes = [bound(bench.desk, mark, chosen) for mark, chosen in enumerate(
        (Chosen(FEES, "en", "The office takes a fee with every form."), Chosen(PERMIT, "en", FIRST["en"])), start=1)]  # fmt: skip
    known = tuple(filter(None, quotes))
    text = "The decision takes up to 60 days. [1] [2]"
    both = WrittenVersion(language="en", question="?", text=text, citations=known)
    one = WrittenVersion(language="en", question="?", text="The decision takes up to 60 days. [1]", citations=known[:1])
    assert not compared(bench.desk, both, "en").weighty
    assert compared(bench.desk, one, "en").weighty


def test_hostile_words_stay_words_in_a_hint(bench: Bench) -> None:
    """A sentence is shown as text."""
    seen = bench.send(written(bench, "<img src=x onerror=alert(77)> costs 77 euros in all. [1]"), "preview")
    assert "<img src=x" not in seen.html
    assert "77 euros" in seen.words
