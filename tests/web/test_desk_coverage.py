"""The coverage page without a browser: figures, plots, files, and who may take what."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from desk_pages import app_of, desk_on, mentor_of, signed_in
from fakes import write_base
from hypothesis import given
from hypothesis import strategies as st
from queue_made import ANSWERED, STALE, recorded, turn
from starlette.testclient import TestClient
from test_desk_queue import HOSTILE, WHO, words_of

from assistant.bootstrap import check_base
from assistant.knowledge.front_matter import parse
from assistant.records.audit import DatabaseAudit
from assistant.records.covered import Asked, Example
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.items import Done, ReviewReason
from assistant.records.mentors import Role
from assistant.records.ports import NewTurn
from assistant.types import LANGUAGES, Language
from assistant.web.desk.coverage_plots import rounded_up
from assistant.web.desk.coverage_section import section_file
from assistant.web.desk.coverage_tables import BOM, FORMULA, NAMED, Table, escaped
from assistant.web.desk.coverage_words import coverage_words
from assistant.web.desk.parts import Desk
from assistant.web.desk.words import frame


@dataclass(frozen=True, slots=True)
class Place:
    """A desk with its database, and two mentors who have signed in."""

    database: Database
    desk: Desk
    mentor: TestClient
    coordinator: TestClient

    def add(self, *said: NewTurn) -> None:
        """Record turns."""
        recorded(self.database, *said)

    def exports(self) -> list[tuple[str, str]]:
        """Return who took what out, as the audit trail tells it."""
        trail = DatabaseAudit(self.database).entries(limit=1000)
        return [(each.actor, each.subject) for each in trail if each.action == "export"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Give a desk alone."""
    monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    desk = desk_on(database)
    app = app_of(desk)
    yield Place(database, desk, signed_in(app), signed_in(app, Role.COORDINATOR))
    database.close()


def rows_of(text: str) -> list[list[str]]:
    """Return the rows of a file in CSV."""
    return list(csv.reader(io.StringIO(text.removeprefix(BOM))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_what_is_not_answered(place: Place, language: Language) -> None:
    """In every language: figures, plots with their words, the groups with examples, sections, and how to go on."""
    place.add(
        turn("Виза?", country="PL"), turn("Visa?", country="PL", language="en"), turn("GPA?", STALE, doubtful=True)
    )
    html, words = place.mentor.get(f"/{language}/desk/coverage/").text, coverage_words(language)
    read = words_of(html)
    poland = {"en": "Poland", "ru": "Польша", "kk": "Польша"}[language]
    for expected in (words.title, words.groups_help, words.agreement_few.format(count=0, least=10), poland, "Visa?",
                     words.group_said.format(count=2, abstained=2, low=0, open=2), words.write, words.in_queue):  # fmt: skip
        assert expected in read
    assert f'<html lang="{language}">' in html
    assert words.weeks_plot.format(language=frame(language).speeches["ru"], asked=1, low=0, abstained=1) in unescape(
        html
    )
    assert 'href="/page/coverage.css"' in html
    assert "<script" not in html


def test_an_empty_desk_has_an_empty_page(place: Place) -> None:
    """Before anybody asks, the page says so, and draws nothing."""
    read = words_of(place.mentor.get("/en/desk/coverage/?period=nonsense").text)
    assert coverage_words("en").nothing in read
    assert coverage_words("en").groups_none in read
    assert 'class="plot"' not in place.mentor.get("/en/desk/coverage/").text


def test_the_plot_and_its_table_tell_the_same(place: Place) -> None:
    """The parts of the bars are as long as the table's figures: two thirds answered, one third not."""
    place.add(turn(reply=ANSWERED), turn(reply=ANSWERED), turn())
    html = place.mentor.get("/en/desk/coverage/").text
    (fields,) = re.findall(r'(?s)<svg class="plot"[^>]*><title id="fields_regulation">.*?</svg>', html)
    (other,) = re.findall(r'(?s)<svg class="plot"[^>]*><title id="fields_host_guide">.*?</svg>', html)
    widths = [float(re.findall(r'class="bar"[^>]*? width="([\d.]+)"', each)[0]) for each in (fields, other)]
    assert widths[0] == pytest.approx(2 * widths[1])
    rows = rows_of(place.mentor.get("/en/desk/coverage/fields.csv").text)
    assert [(row[0], row[2]) for row in rows[1:]] == [("Rules", "2"), ("Country guides", "1")]


def test_who_asked_is_masked_everywhere(place: Place) -> None:
    """No name or number stands on the page, in a table, or in the file for a section; what is hostile stays words."""
    place.add(turn(WHO), turn(HOSTILE))
    page = place.mentor.get("/ru/desk/coverage/").text
    for text in (page, place.mentor.get("/ru/desk/coverage/groups.csv").text,
                 place.mentor.get("/ru/desk/coverage/groups/1/section.md").text):  # fmt: skip
        assert "Айгүл" not in text
        assert "701 123" not in text
        assert "[имя]" in text
    assert HOSTILE not in page


def test_the_link_to_the_queue_shows_the_group(place: Place) -> None:
    """It leads to the items about the same, also closed ones."""
    place.add(turn("Один?", country="PL"), turn("Два?", country="PL"), turn("Три?"))
    place.desk.queue.claim(1, mentor_of(place.desk).id)
    place.desk.queue.decline(1, mentor_of(place.desk).id, [ReviewReason.OUT_OF_SCOPE])
    html = place.mentor.get("/en/desk/coverage/").text
    href = unescape(re.findall(r'href="(/en/desk/\?[^"]*alike=[^"]*)"', html)[0])
    listed = place.mentor.get(href).text
    assert re.findall(r'data-item="(\d+)"', listed) == ["1", "2"]


@pytest.mark.parametrize("name", NAMED)
def test_each_table_is_a_file(place: Place, name: str) -> None:
    """It is saved and not shown, opens in Excel as UTF-8, has a head and rows as long, and is noted in the audit trail."""
    place.add(turn("Виза?", country="PL"), turn("GPA?", STALE, doubtful=True))
    reply = place.coordinator.get(f"/kk/desk/coverage/{name}.csv?period=30")
    assert reply.status_code == 200
    assert reply.headers["content-disposition"] == f'attachment; filename="coverage-{name}-30.csv"'
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.content.startswith(b"\xef\xbb\xbf")
    assert len({len(row) for row in rows_of(reply.text)}) == 1
    who = mentor_of(place.desk, Role.COORDINATOR).id
    assert place.exports() == [(who, f"coverage {name}")]


def test_mentors_are_told_apart_to_coordinators_alone(place: Place) -> None:
    """Neither the page nor a file tells a mentor how many reviews others wrote, and reviewed questions are not theirs."""
    for language in LANGUAGES:
        title = coverage_words(language).mentors
        assert title not in place.mentor.get(f"/{language}/desk/coverage/").text
        assert title in place.coordinator.get(f"/{language}/desk/coverage/").text
    for address in ("mentors.csv", "reviewed.jsonl"):
        assert place.mentor.get(f"/en/desk/coverage/{address}").status_code == 403
        assert place.coordinator.get(f"/en/desk/coverage/{address}").status_code == 200
    who = mentor_of(place.desk, Role.COORDINATOR).id
    assert place.exports() == [(who, "coverage mentors"), (who, "reviewed questions")]


def test_reviewed_questions_are_taken_out(place: Place) -> None:
    """A coordinator gets one line for each reviewed question, the same as the command writes."""
    place.add(turn("Пицца?"))
    mentor = mentor_of(place.desk).id
    assert isinstance(place.desk.queue.claim(1, mentor), Done)
    place.desk.queue.decline(1, mentor, [ReviewReason.OUT_OF_SCOPE])
    reply = place.coordinator.get("/kk/desk/coverage/reviewed.jsonl")
    told = json.loads(reply.text)
    assert (told["question"], told["unanswerable"]) == ("Пицца?", True)
    assert 'filename="reviewed.jsonl"' in reply.headers["content-disposition"]


@pytest.mark.parametrize("address", ["nothing.csv", "groups/0/section.md", "groups/9/section.md", "groups/²/section.md",
                                     f"groups/{'9' * 40}/section.md", "groups/2/section.md"])  # fmt: skip
def test_what_is_not_there_is_said(place: Place, address: str) -> None:
    """A table or group that there is none of is 404 and leaves no line in the audit trail."""
    place.add(turn(), turn("Good?", STALE))
    assert place.mentor.get(f"/en/desk/coverage/{address}").status_code == 404
    assert place.exports() == []


@given(st.text(max_size=20), st.sampled_from(["", *FORMULA]))
def test_no_cell_is_a_formula(text: str, first: str) -> None:
    """Whatever a student wrote, no cell begins as a formula does, and the words are all there."""
    cell = first + text
    found = Table(name="x", title="x", head=("a",), rows=((cell,),)).csv
    assert found.startswith(BOM)
    assert not str(escaped(cell)).startswith(FORMULA)
    assert str(escaped(cell)).endswith(cell)
    assert escaped(-5) == -5


@given(st.integers(0, 10**9))
def test_the_scale_is_round_and_close(count: int) -> None:
    """Its end is at least the count, at most two and a half times it, and its half is a whole number."""
    top = rounded_up(count)
    assert top >= count
    assert top % 2 == 0
    assert top <= max(2, 2.5 * count)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", ["host_guides/poland#visa", "regulations/exchange#gpa", ""])
def test_the_check_names_what_is_to_be_filled_in(tmp_path: Path, language: Language, section: str) -> None:
    """Put into the base as it comes, the check names each field marked TODO with its line, and nothing else in it."""
    base = write_base(tmp_path / "base")
    before = check_base(base, today=date(2026, 11, 22))
    topic = {"h": "host_guide", "r": "regulation", "": ""}[section[:1]]
    questions = (
        Example(3, "kk", "Виза: керек пе? {#x}"), Example(2, "ru", 'Нужна ли "виза" # или нет'), Example(1, "en", "- Visa?"),
    )  # fmt: skip
    spoken, text = section_file(Asked(section, topic, "PL", questions), language)
    assert spoken == language
    path = f"adaptation/new.{spoken}.md"
    (base / path).parent.mkdir(exist_ok=True)
    (base / path).write_text(text, encoding="utf-8")
    new = [each for each in check_base(base, today=date(2026, 11, 22)) if each not in before]
    assert {each.path for each in new} == {path}
    lines = text.splitlines()
    marked = [number for number, line in enumerate(lines, start=1) if "  # TODO" in line]
    assert sorted(each.line for each in new) == marked
    for fault in new:
        assert lines[fault.line - 1].partition(":")[0] in fault.message


def test_the_file_is_a_document_once_it_is_filled_in() -> None:
    """With the fields filled in, head and heading are what the knowledge base asks for, with the questions in it."""
    questions = tuple(Example(number, "ru", f"Вопрос {number}: как?") for number in range(9, 0, -1))
    other = Example(10, "en", "How?")
    _, text = section_file(Asked("regulations/exchange#gpa", "regulation", "KZ", (*questions, other)), "ru")
    filled = {"source_url": "https://example.org/", "source_date": "2026", "reviewed_on": "2026-11-22",
              "review_by": "2027-05-01", "confidence": "official"}  # fmt: skip
    text = re.sub(r"(?m)^(\w+):  # TODO.*$", lambda found: f"{found[1]}: {filled.get(found[1], 'слово')}", text)
    parsed = parse(text)
    assert parsed.faults == ()
    assert parsed.matter is not None
    ((anchor, asked),) = parsed.matter.asked_as.items()
    assert asked == tuple(each.text for each in questions[:6])
    assert parsed.body.startswith(f"## Вопрос 9: как? {{#{anchor}}}\n")
    assert re.fullmatch("[a-z0-9-]+", anchor)
    assert '# en: "How?"' in text
    assert "regulations/exchange#gpa" in text


@given(st.lists(st.tuples(st.sampled_from(LANGUAGES), st.text(max_size=80).map(lambda text: " ".join(text.split())))))
def test_no_question_breaks_the_file(asked: list[tuple[Language, str]]) -> None:
    """Whatever students typed, the head stays readable and its only faults are the fields to fill in."""
    storable = [(language, text) for language, text in asked if text.isprintable() and text]
    questions = tuple(Example(number, *each) for number, each in enumerate(storable))
    _, text = section_file(Asked("", "", "", questions), "kk")
    marked = {number for number, line in enumerate(text.splitlines(), start=1) if "  # TODO" in line}
    assert {fault.line for fault in parse(text).faults} == marked
