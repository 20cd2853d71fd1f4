"""The page "Share your experience" in a real browser, on the real server, with a real folder behind it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from web_stories import story
from web_visits import CHROMIUM, DESKTOP, NARROW, PHONE, Visit, violations, wider_than_window

from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentor, Mentors, Role
from assistant.records.messages import Messages
from assistant.records.store import FolderSubmissions, Stored, code_digest
from assistant.records.stories import StoryReason
from assistant.records.submissions import Experience, SubmissionKind
from assistant.records.submitted import DatabaseSubmissions
from assistant.types import LANGUAGES, Language
from assistant.web.share.form import countries
from assistant.web.share.words import words

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: no page was tested in a browser"),
]


class Server(Protocol):
    """The running server of ``conftest``."""

    sent: Path


STORY = "Мне помогла Айгуль Сериковна.\nПочта: aigul@example.kz <b>x</b> $$x$$"
POLAND = {language: {code: name for name, code in countries(language)}["PL"] for language in LANGUAGES}


def opened(visit: Visit, language: Language) -> Page:
    """Return the page, ready to be filled in."""
    visit.page.goto(f"{visit.address}/{language}/share/")
    visit.page.wait_for_selector("#check")
    return visit.page


def box(page: Page, field: str) -> Locator:
    """Return the input of one field."""
    return page.locator(f"#field-{field} :is(input, textarea)").first


def fill_in(page: Page, language: Language, story: str = STORY) -> None:
    """Fill in what is needed and one answer."""
    box(page, "country").click()
    page.get_by_role("option", name=POLAND[language], exact=True).click()
    box(page, "host_institution").fill("University of Lodz")
    box(page, "year").fill("2025")
    box(page, "months").fill("5")
    box(page, "level").check()
    box(page, "reasons").fill(story)
    box(page, "reasons").blur()
    expect(page.locator("#share .block.status")).to_have_text(words(language).saved)


def check(page: Page) -> None:
    """Go on to the check and wait until its heading has the focus."""
    page.click("#check")
    page.wait_for_selector("#review .arrived:focus")


def stories(mail: FolderSubmissions, about: str) -> list[Stored]:
    """Return the stored stories in which something stands; all tests share the folder."""
    waiting = mail.waiting(SubmissionKind.EXPERIENCE)
    return [each for each in waiting if isinstance(each.submission, Experience) and about in each.submission.reasons]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_is_checked_masked_sent_once_and_withdrawn(
    visit: Visit, mail: FolderSubmissions, language: Language
) -> None:
    """In each language a double click stores one masked story, whose code erases it again."""
    page, said, own = opened(visit, language), words(language), f"Story of {language} one."
    fill_in(page, language, f"{own}\n{STORY}")
    check(page)
    assert not page.locator("#form").is_visible()
    assert page.locator("#story mark").count() == 2
    assert "<b>x</b> $$x$$" in page.locator("#story").inner_text()
    assert f"{said.kinds['name']}: 1" in page.locator("#findings").inner_text()
    page.locator("#consent input").check()
    page.locator("#send").dblclick()
    code = page.locator("#sent .code").inner_text()
    (stored,) = stories(mail, own)
    assert stored.masked
    assert "aigul" not in str(stored.submission)
    page.click("#copy-code")
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.locator("#code input, #code textarea").first.fill(code.lower())
    page.click("#erase")
    expect(page.locator("#withdraw .block.told")).to_have_text(said.withdrawn)
    assert stories(mail, own) == []
    opened(visit, language)
    assert box(page, "reasons").input_value() == ""


def test_names_may_be_left_by_who_has_the_right(visit: Visit, mail: FolderSubmissions) -> None:
    """Choosing to leave the marked words shows them without masks and stores them as they are."""
    page = opened(visit, "ru")
    fill_in(page, "ru", f"Назвать можно. {STORY}")
    check(page)
    assert page.locator("#story del").count() == 2
    page.locator("#masking input").nth(1).check()
    expect(page.locator("#story del")).to_have_count(0)
    assert page.locator("#story mark").count() == 2
    page.locator("#consent input").check()
    page.click("#send")
    page.wait_for_selector("#sent .code")
    (stored,) = stories(mail, "Назвать можно.")
    assert not stored.masked
    assert "aigul@example.kz" in str(stored.submission)


def test_nothing_is_sent_without_consent(visit: Visit, mail: FolderSubmissions) -> None:
    """Without the tick the page says so in an alert and stores nothing; going back loses nothing."""
    page = opened(visit, "en")
    fill_in(page, "en", "No consent was given here.")
    check(page)
    page.click("#send")
    expect(page.locator("#review [role=alert]")).to_have_text(words("en").rules["no_consent"])
    assert stories(mail, "No consent") == []
    page.click("#back")
    expect(box(page, "reasons")).to_be_visible()
    assert box(page, "reasons").input_value() == "No consent was given here."
    assert box(page, "country").input_value() == POLAND["en"]


def test_a_store_that_fails_is_told_and_loses_nothing(visit: Visit, mail: FolderSubmissions, server: Server) -> None:
    """If nothing can be stored, the page says that nothing was sent, and the draft outlives a reload."""
    page = opened(visit, "kk")
    fill_in(page, "kk", "Дискіде орын жоқ.")
    check(page)
    page.locator("#consent input").check()
    aside = server.sent.with_name("sent-aside")
    server.sent.rename(aside)
    try:
        page.click("#send")
        expect(page.locator("#review [role=alert]")).to_have_text(words("kk").not_sent)
    finally:
        aside.rename(server.sent)
    assert stories(mail, "Дискіде") == []
    opened(visit, "kk")
    expect(box(page, "reasons")).to_have_value("Дискіде орын жоқ.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_listed_with_links_to_marked_fields(phone: Visit, language: Language) -> None:
    """The list of refusals gets the focus, its links lead to fields that say why themselves, and nothing is lost."""
    page, said = opened(phone, language), words(language)
    box(page, "year").fill("2525")
    box(page, "advice").fill("Не теряйте это.")
    page.click("#check")
    page.wait_for_selector("#notice .arrived:focus")
    items = page.locator("#notice a").all_inner_texts()
    assert f"{said.labels['year']}: {said.rules['out_of_range'].format(allowed='1992–2026')}" in items
    year = box(page, "year")
    assert year.get_attribute("aria-invalid") == "true"
    assert page.locator(f"#{year.get_attribute('aria-describedby')}").inner_text() in items
    page.locator("#notice a", has_text=said.labels["year"]).click()
    expect(year).to_be_focused()
    assert box(page, "advice").input_value() == "Не теряйте это."
    assert violations(page, "refused") == []
    assert box(page, "programme").get_attribute("aria-invalid") is None


def test_a_draft_survives_reload_and_language_and_ends_when_deleted(visit: Visit) -> None:
    """What was typed is back after a reload in any language, until the draft is deleted."""
    page = opened(visit, "en")
    fill_in(page, "en", "A draft of mine.")
    opened(visit, "kk")
    expect(box(page, "reasons")).to_have_value("A draft of mine.")
    expect(box(page, "country")).to_have_value(POLAND["kk"])
    expect(box(page, "level")).to_be_checked()
    box(page, "months").fill("7")  # left only by pressing the button
    page.click("#delete")
    expect(page.locator("#share .block.status")).to_have_text(words("kk").deleted)
    expect(box(page, "months")).to_have_value("")
    opened(visit, "kk")
    page.wait_for_timeout(500)
    assert box(page, "reasons").input_value() == ""
    assert not box(page, "level").is_checked()


def test_who_only_pauses_has_the_draft_kept(visit: Visit) -> None:
    """Typing and waiting is enough: one need not leave the field before the page is closed."""
    page = opened(visit, "ru")
    box(page, "best").press_sequentially("Дорога")
    expect(page.locator("#share .block.status")).to_have_text(words("ru").saved)
    expect(box(page, "best")).to_be_focused()
    opened(visit, "ru")
    expect(box(page, "best")).to_have_value("Дорога")


def test_visitors_never_see_one_another(browser: Browser, address: str, visit: Visit) -> None:
    """Another visitor's form is empty and their check is their own, while the first one's story stands open."""
    page = opened(visit, "en")
    fill_in(page, "en", "Only I may see this.")
    check(page)
    other = Visit(browser, address, DESKTOP)
    their = opened(other, "en")
    assert box(their, "reasons").input_value() == ""
    assert "Only I may see this." not in their.content()
    fill_in(their, "en", "And this is theirs.")
    check(their)
    assert "Only I may see this." not in their.content()
    assert "And this is theirs." not in page.content()
    other.context.close()
    assert other.faults == []


def test_an_unknown_code_is_told_by_keyboard(visit: Visit) -> None:
    """A code that never was gets one honest reply, also when Enter is pressed."""
    page = opened(visit, "en")
    page.locator("#code input, #code textarea").first.fill("ABCDE-FGHJK-MNPQR-STUVW")
    page.keyboard.press("Enter")
    expect(page.locator("#withdraw [role=alert]")).to_have_text(words("en").no_story)
    page.click("#erase")
    expect(page.locator("#withdraw [role=alert]")).to_have_text(words("en").no_such_code)


@pytest.fixture
def records(server: Server) -> Iterator[Database]:
    """Give the database of the running server."""
    database = open_database(sqlite_url(server.sent.with_name("records.sqlite")))
    yield database
    database.close()


def mentor(database: Database) -> Mentor:
    """Return a mentor, added by the first test that needs one."""
    mentors = Mentors(database)
    known = next(iter(mentors.all()), None)
    return known or mentors.add("dana@example.org", "Дана", "Office", Role.MENTOR, "seven plain words")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_author_sees_what_became_of_a_story_and_answers(
    phone: Visit, records: Database, language: Language
) -> None:
    """By code: state, question, answer, rejection with its words; all of it fits and passes axe."""
    code = DatabaseSubmissions(records).add(story(advice="Спрашивайте заранее."), masked=True)
    lessons, messages, by = Lessons(records), Messages(records), mentor(records)
    digest, page, said = code_digest(code) or "", opened(phone, language), words(language)
    page.locator("#code input, #code textarea").first.fill(code.lower())
    page.click("#look")
    expect(page.locator("#own")).to_contain_text(said.waiting)
    page.wait_for_selector("#own .arrived:focus")
    assert not page.locator("#answer").is_visible()
    assert messages.ask(digest, by, "Когда <b>это</b> было?") == ()
    page.locator("#code input, #code textarea").first.press("Enter")
    expect(page.locator("#own dd")).to_have_text("Когда <b>это</b> было?")
    found, wide = violations(page, "own"), wider_than_window(page)
    page.click("#send-answer")
    expect(page.locator("#withdraw [role=alert]")).to_have_text(said.against["empty"])
    page.locator("#answer textarea").fill("Весной.\nВ апреле.")
    page.click("#send-answer")
    expect(page.locator("#withdraw [role=alert]")).to_have_text(said.answered)
    expect(page.locator("#own dd").nth(1)).to_have_text("Весной.\nВ апреле.", use_inner_text=True)
    expect(page.locator("#answer textarea")).to_have_value("")
    assert [each.text for each in getattr(messages.own(code), "messages", ())] == [
        "Когда <b>это</b> было?",
        "Весной.\nВ апреле.",
    ]
    assert lessons.reject(digest, by, [StoryReason.TOO_LITTLE], "Расскажите <i>больше</i>.") == ()
    page.click("#look")
    expect(page.locator("#own li")).to_have_text(said.reasons["too_little"])
    expect(page.locator("#own")).to_contain_text("Расскажите <i>больше</i>.")
    assert "{" not in page.locator("#own").inner_text()
    assert found == []
    assert not wide


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_is_accessible_and_fits(
    browser: Browser, address: str, language: Language, size: ViewportSize
) -> None:
    """Form, open list, check and thanks pass axe without findings and never scroll sideways, down to 360 pixels."""
    visitor = Visit(browser, address, size)
    page = opened(visitor, language)
    found, wide = violations(page, "form"), [wider_than_window(page)]
    box(page, "language_level_now").click()
    page.wait_for_selector("[role=option]")
    page.wait_for_timeout(500)  # the list fades in
    found += violations(page, "list")
    page.keyboard.press("Escape")
    fill_in(page, language)
    check(page)
    found, wide = found + violations(page, "check"), [*wide, wider_than_window(page)]
    page.set_viewport_size(NARROW)
    wide.append(wider_than_window(page))
    page.locator("#consent input").check()
    page.click("#send")
    page.wait_for_selector("#sent .code")
    found, wide = found + violations(page, "thanks"), [*wide, wider_than_window(page)]
    opened(visitor, language)
    wide.append(wider_than_window(page))
    visitor.context.close()
    assert found == []
    assert not any(wide)
    assert visitor.faults == []


def test_headings_stand_in_order(visit: Visit) -> None:
    """No heading is skipped on the way down, in the form as in the check."""
    page = opened(visit, "ru")
    levels = "[...document.querySelectorAll('h1,h2,h3,h4')].filter(e => e.offsetParent).map(e => +e.tagName[1])"
    stages = [page.evaluate(levels)]
    fill_in(page, "ru")
    check(page)
    stages.append(page.evaluate(levels))
    for found in stages:
        assert found[0] == 1
        assert found.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(found))
