"""Conversations are recorded, refused and erased, in a real browser on the real server with a real database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from gate_visitors import serving
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from web_fakes import NO_ANSWER, TEXTS
from web_visits import CHROMIUM, DESKTOP, NARROW, Visit, free_port, violations, wider_than_window

from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.ports import RecordedTurn
from assistant.records.retention import DAYS
from assistant.records.schema import submission
from assistant.types import LANGUAGES, Language
from assistant.web.chat.words import KeepingWords, keeping_words
from assistant.web.share.words import words as share_words
from assistant.web.wording import texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: no page was tested in a browser"),
]
CODE = re.compile(r"[2-9A-Z]{5}(?:-[2-9A-Z]{5}){3}")
every_language = pytest.mark.parametrize("language", LANGUAGES)


@dataclass(frozen=True, slots=True)
class Kept:
    """A server, and what it keeps."""

    address: str
    records: Database
    output: Path

    def turns(self, question: str) -> list[list[RecordedTurn]]:
        """Return the conversations in which something was asked that holds these words, newest first."""
        kept = DatabaseConversations(self.records)
        found = [kept.read(head.id) for head in kept.recent(200)]
        return [list(each.turns) for each in found if each and any(question in turn.question for turn in each.turns)]

    def linked(self, question: str) -> list[bool]:
        """Return of all that was sent about a question whether it hangs on a recorded turn."""
        with self.records.reading() as connection:
            rows = connection.execute(select(submission.c.content, submission.c.conversation)).all()
        return [row.conversation is not None for row in rows if row.content["question"] == question]


@contextmanager
def running(folder: Path, *more: str) -> Iterator[Kept]:
    """Give a running server on a database in a folder."""
    records = open_database(sqlite_url(folder / "records.sqlite"))
    port, script = free_port(), str(Path(__file__).with_name("serve_recording.py"))
    with serving([script, str(port), str(folder), *more], port, folder / "output.txt", PYTHONPATH="."):
        yield Kept(f"http://127.0.0.1:{port}", records, folder / "output.txt")
    records.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Return a server whose database works."""
    with running(tmp_path_factory.mktemp("recording")) as server:
        yield server


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Return a server whose database cannot be written."""
    with running(tmp_path_factory.mktemp("failing"), "broken") as server:
        yield server


@pytest.fixture
def student(browser: Browser, kept: Kept) -> Iterator[Visit]:
    """Return a student whose visit must end without a fault."""
    visitor = Visit(browser, kept.address, DESKTOP)
    yield visitor
    visitor.context.close()
    assert visitor.faults == []


def code_of(page: Page, words: KeepingWords) -> str:
    """Open what holds the code of the conversation, and return the code."""
    page.locator("#kept summary", has_text=words.code).click()
    (code,) = CODE.findall(page.locator("#kept").inner_text())
    return code


def refuse(page: Page, words: KeepingWords) -> None:
    """Tick the box, and wait until the page has answered."""
    page.get_by_label(words.refuse).check()
    expect(page.locator("#kept")).to_contain_text(re.compile(f"{words.refused}|{words.no_longer}"))
    page.wait_for_timeout(300)  # what the browser keeps has been written


@every_language
def test_it_is_said_before_the_first_question(student: Visit, kept: Kept, language: Language) -> None:
    """The first screen says what is kept, for how long and what for; the rest can be opened; nothing is kept yet."""
    words, before = keeping_words(language), len(DatabaseConversations(kept.records).recent(200))
    page = student.open(language).page
    expect(page.locator("#kept p").first).to_have_text(words.privacy.format(days=DAYS))
    assert not page.locator("#kept li").first.is_visible()
    page.locator("#kept summary").click()
    expect(page.locator("#kept li")).to_have_count(len(words.points))
    assert page.locator("#kept li").last.is_visible()
    expect(page.get_by_label(words.refuse)).not_to_be_checked()
    assert not page.locator("#unkeep").is_visible()
    assert len(DatabaseConversations(kept.records).recent(200)) == before


@every_language
def test_what_is_asked_is_recorded_and_erased_by_the_button(student: Visit, kept: Kept, language: Language) -> None:
    """Both turns are there with their replies, and gone at once when the button is pressed; then it begins anew."""
    words, mark = keeping_words(language), f"erased in {language}"
    page = student.open(language).ask(f"permit, {mark}").ask(f"Japan, {mark}", "#chat .abstained").page
    expect(page.locator("#kept p").first).to_have_text(words.kept.format(days=DAYS))
    (turns,) = kept.turns(mark)
    assert [(turn.number, turn.question, turn.language) for turn in turns] == [
        (1, f"permit, {mark}", language), (2, f"Japan, {mark}", language),
    ]  # fmt: skip
    replies = [turn.reply or {} for turn in turns]
    assert TEXTS[language][3] in replies[0]["text"]
    assert (replies[1]["text"], turns[1].country) == (NO_ANSWER[language], "JP")
    assert {turn.generation for turn in turns} == {"fake-1"}
    page.get_by_role("button", name=words.erase).click()
    expect(page.locator("#notice[role=alert]")).to_have_text(words.erased)
    assert kept.turns(mark) == []
    expect(page.locator("#unkeep")).to_be_hidden()
    assert page.locator("#chat .question").count() == 2
    student.ask(f"permit again, {mark}")
    page.locator("#unkeep").wait_for()
    assert [[turn.question for turn in each] for each in kept.turns(mark)] == [[f"permit again, {mark}"]]


@every_language
def test_a_conversation_is_erased_later_by_its_code(student: Visit, kept: Kept, language: Language) -> None:
    """The code that is shown erases the conversation on the other page, with what was told about it."""
    words, question = keeping_words(language), f"permit, by code in {language}"
    page = student.open(language).ask(question).page
    page.locator("#unkeep").wait_for()
    page.click("#good-1")
    expect(page.locator("#notice")).to_contain_text(CODE)
    assert kept.linked(question) == [True]
    code = code_of(page, words)
    student.leave(f"{kept.address}/{language}/share/")
    said = share_words(language)
    page.get_by_label(said.code, exact=True).fill(code.lower())
    page.get_by_role("button", name=said.withdraw).click()
    page.get_by_text(said.withdrawn).wait_for()
    assert kept.turns(question) == []
    assert kept.linked(question) == []
    assert code not in kept.output.read_text()


@every_language
def test_who_refuses_is_not_recorded(student: Visit, kept: Kept, language: Language) -> None:
    """Nothing is recorded from the tick on, also after a reload and on pages in other languages; reports still arrive."""
    words, mark = keeping_words(language), f"private in {language}"
    page = student.open(language).page
    page.wait_for_timeout(500)
    refuse(page, words)
    student.ask(f"permit, {mark}")
    expect(page.locator("#kept p").first).to_have_text(words.refused)
    assert not page.locator("#unkeep").is_visible()
    page.click("#bad-1")
    page.click("#slip-send")
    expect(page.locator("#notice")).to_contain_text(CODE)
    assert kept.linked(f"permit, {mark}") == [False]
    page.reload()
    page.locator("#tools").wait_for()
    expect(page.get_by_label(words.refuse)).to_be_checked()
    student.ask(f"Japan, {mark}", "#chat .abstained")
    other: Language = "ru" if language != "ru" else "kk"
    student.leave(f"{kept.address}/{other}/")
    expect(page.get_by_label(keeping_words(other).refuse)).to_be_checked()
    student.ask(f"permit elsewhere, {mark}")
    page.wait_for_timeout(300)
    assert kept.turns(mark) == []


def test_a_tick_counts_at_once_and_can_be_taken_back(student: Visit, kept: Kept) -> None:
    """Who ticks and asks in the same breath is not recorded; what was recorded before stays until it is deleted."""
    words = keeping_words("en")
    page = student.open("en").ask("permit, tick 1").page
    page.locator("#unkeep").wait_for()
    page.get_by_label(words.refuse).check()
    student.ask("permit, tick 2")
    expect(page.locator("#kept p").first).to_have_text(f"{words.kept.format(days=DAYS)} {words.no_longer}")
    page.get_by_label(words.refuse).uncheck()
    expect(page.locator("#kept p").first).to_have_text(words.kept.format(days=DAYS))
    page.wait_for_timeout(300)
    student.ask("permit, tick 3")
    page.wait_for_timeout(300)
    assert [[turn.question for turn in each] for each in kept.turns("tick")] == [["permit, tick 1", "permit, tick 3"]]
    page.click("#good-2")
    expect(page.locator("#notice")).to_contain_text(CODE)
    assert kept.linked("permit, tick 2") == [False]


def test_deleting_a_profile_does_not_allow_recording(student: Visit, kept: Kept) -> None:
    """The refusal is kept beside the profile and not with it."""
    page = student.open("en").page
    page.wait_for_timeout(500)
    refuse(page, keeping_words("en"))
    student.leave(f"{kept.address}/en/plan/")
    page.locator("#forget").click()
    page.wait_for_timeout(800)
    student.leave(f"{kept.address}/en/")
    expect(page.get_by_label(keeping_words("en").refuse)).to_be_checked()
    student.ask("permit, after deleting the profile")
    page.wait_for_timeout(300)
    assert kept.turns("after deleting the profile") == []


def test_a_reload_records_nothing_twice(student: Visit, kept: Kept) -> None:
    """What is asked again after a reload was recorded before; the next question begins a record of its own."""
    page = student.open("en").ask("permit, reload 1").page
    page.locator("#unkeep").wait_for()
    page.reload()
    page.locator("#tools").wait_for()
    page.locator("#keeping").wait_for()
    assert not page.locator("#unkeep").is_visible()
    student.ask("permit, reload 2")
    page.locator("#unkeep").wait_for()
    assert [[turn.question for turn in each] for each in kept.turns("reload")] == [
        ["permit, reload 2"], ["permit, reload 1"],
    ]  # fmt: skip


def test_asking_again_and_editing_are_further_turns(student: Visit, kept: Kept) -> None:
    """No reply that a student saw is missing; what is told is about the newest; a new conversation is a new record."""
    page = student.open("en").ask("permit, further").page
    page.locator("#unkeep").wait_for()
    page.click("#again")
    page.locator("#tools").wait_for(state="hidden")
    page.locator("#tools").wait_for()
    page.click("#edit")
    expect(page.locator("#chat .question")).to_have_count(0)
    student.ask("permit, edited further")
    expect(page.locator("#keeping")).to_be_visible()
    page.wait_for_timeout(300)
    assert [[turn.question for turn in each] for each in kept.turns("further")] == [
        ["permit, further", "permit, further", "permit, edited further"]
    ]
    page.click("#mentor-1")
    page.click("#slip-send")
    expect(page.locator("#notice")).to_contain_text(CODE)
    with kept.records.reading() as connection:
        rows = connection.execute(select(submission.c.turn, submission.c.content)).all()
    assert [row.turn for row in rows if row.content["question"] == "permit, edited further"] == [3]
    page.click("#new")
    page.wait_for_selector("#welcome")
    expect(page.locator("#unkeep")).to_be_hidden()
    student.ask("permit, begun further")
    page.locator("#unkeep").wait_for()
    assert [len(each) for each in kept.turns("further")] == [1, 3]


@every_language
def test_a_database_that_fails_takes_no_reply_away(browser: Browser, failing: Kept, language: Language) -> None:
    """The reply is shown, the next one too, and the log tells what failed without a word of the student."""
    visitor = Visit(browser, failing.address, DESKTOP).open(language)
    page = visitor.ask("permit, private words").ask("Japan, private words", "#chat .abstained").page
    assert TEXTS[language][3] in page.locator("#chat .reply").first.inner_text()
    assert not page.locator("#unkeep").is_visible()
    page.click("#good-1")
    expect(page.locator("#notice")).to_contain_text(texts(language).not_sent)
    visitor.context.close()
    assert visitor.faults == []
    said = failing.output.read_text()
    assert "a turn was not recorded" in said
    assert "private words" not in said
    assert failing.turns("private words") == []


@every_language
def test_what_is_said_about_keeping_is_accessible_on_a_phone(browser: Browser, kept: Kept, language: Language) -> None:
    """Opened and closed, before and after the first question, nothing scrolls sideways and axe finds nothing."""
    words = keeping_words(language)
    visitor = Visit(browser, kept.address, NARROW, reduced_motion="reduce").open(language)
    page, found = visitor.page, []
    page.locator("#kept summary").click()
    found += violations(page, "first screen")
    assert not wider_than_window(page)
    visitor.ask("permit")
    page.locator("#unkeep").wait_for()
    code_of(page, words)
    found += violations(page, "kept")
    assert not wider_than_window(page)
    visitor.context.close()
    assert found == []
