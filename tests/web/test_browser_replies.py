"""What can be done with a reply and a conversation, in a real browser on the real server."""

from __future__ import annotations

import json
import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from web_fakes import FEES, LAST, NO_ANSWER, TEXTS
from web_visits import CHROMIUM, NARROW, Visit, violations, wider_than_window

from assistant.records.store import FolderSubmissions
from assistant.records.submissions import Feedback, MentorQuestion, Problem, Submission, SubmissionKind
from assistant.types import LANGUAGES, Language
from assistant.web.shell import PAGES
from assistant.web.wording import texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: no page was tested in a browser"),
]
BOX = "#question textarea"
CODE = re.compile(r"[2-9A-Z]{5}(?:-[2-9A-Z]{5}){3}")
every_language = pytest.mark.parametrize("language", LANGUAGES)


def sent(mail: FolderSubmissions, kind: SubmissionKind, question: str) -> list[Submission]:
    """Return what was sent about one question."""
    return [each.submission for each in mail.waiting(kind) if each.submission.question == question]  # type: ignore[union-attr]


def asked(page: Page) -> list[str]:
    """Return the questions on the page, oldest first."""
    return page.locator("#chat .question").all_inner_texts()


def told(page: Page, words: str) -> str:
    """Wait until the notice holds these words, and return all of it."""
    notice = page.locator("#notice[role=alert]")
    expect(notice).to_contain_text(words)
    return notice.inner_text()


def returning(visit: Visit, language: Language, questions: list[str]) -> Visit:
    """Open a page in a tab where these questions were asked before, oldest first."""
    kept = json.dumps(json.dumps({"questions": questions}))
    path = f"/{language}/"
    visit.page.add_init_script(f"if (location.pathname === '{path}') sessionStorage.setItem('kept:{path}', {kept})")
    return visit.open(language)


@every_language
def test_a_reply_is_praised_copied_and_followed(visit: Visit, mail: FolderSubmissions, language: Language) -> None:
    """Praise is stored once and its button stays pressed; the copy has no words of buttons; a follow-up is asked."""
    words, question = texts(language), f"permit, praised in {language}"
    page = visit.open(language).ask(question).page
    expect(page.locator("#good-1")).not_to_have_attribute("aria-pressed", "true")
    page.click("#good-1")
    told(page, words.thanks.partition("{")[0].strip())
    expect(page.locator("#good-1")).to_have_attribute("aria-pressed", "true")
    page.click("#good-1")
    page.click("#copy-1")
    expect(page.locator("#copy-1")).to_have_text(words.copied)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert TEXTS[language][3] in copied
    assert TEXTS[language][0] in copied
    assert not [deed for deed in words.deeds.values() if deed in copied]
    page.locator("#chat .option", has_text=FEES[language][0]).click()
    page.locator("#chat .references").nth(1).wait_for()
    assert asked(page) == [question, FEES[language][2]]
    (stored,) = sent(mail, SubmissionKind.FEEDBACK, question)
    assert isinstance(stored, Feedback)
    assert (stored.rating, stored.language, stored.sections) == ("good", language, ("host_guides/poland#permit",))


def test_a_reply_can_be_copied_where_the_browser_has_no_clipboard(visit: Visit) -> None:
    """Pages over plain HTTP have none; copying works all the same."""
    visit.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page = visit.open("kk").ask("permit").page
    page.click("#copy-1")
    expect(page.locator("#copy-1")).to_have_text(texts("kk").copied)
    page.focus(BOX)
    page.keyboard.press("Control+V")
    assert TEXTS["kk"][3] in page.input_value(BOX)


@every_language
def test_what_is_wrong_with_a_reply_is_told_from_a_phone(
    phone: Visit, mail: FolderSubmissions, language: Language
) -> None:
    """Cancelling gives the focus back and sends nothing; reasons and words arrive; nothing scrolls sideways."""
    words, question = texts(language), f"permit, wrong in {language}"
    page = phone.open(language).ask(question).page
    page.click("#bad-1")
    expect(page.locator("#slip input").first).to_be_focused()
    assert words.report_title in page.locator("#slip").inner_text()
    assert question in page.locator("#slip").inner_text()
    assert not page.locator("#slip").get_by_label(words.contact).is_visible()
    page.click("#slip-cancel")
    expect(page.locator("#bad-1")).to_be_focused()
    assert not sent(mail, SubmissionKind.FEEDBACK, question)
    page.click("#bad-1")
    page.set_viewport_size(NARROW)
    page.get_by_label(words.problems["outdated"]).check()
    page.get_by_label(words.comment).fill("It moved.")
    assert not wider_than_window(page)
    page.click("#slip-send")
    told(page, words.thanks.partition("{")[0].strip())
    expect(page.locator("#slip")).to_be_hidden()
    (stored,) = sent(mail, SubmissionKind.FEEDBACK, question)
    assert isinstance(stored, Feedback)
    assert (stored.rating, stored.reasons, stored.comment) == ("bad", (Problem.OUTDATED,), "It moved.")


@pytest.mark.parametrize("button", ["#new", "#edit"])
def test_a_form_goes_with_the_reply_that_it_is_about(visit: Visit, button: str) -> None:
    """Who begins anew or edits the question can write again, and nothing is told about another question."""
    page = visit.open("en").ask("permit").page
    page.click("#mentor-1")
    page.locator("#slip").wait_for()
    page.click(button)
    expect(page.locator("#slip")).to_be_hidden()
    expect(page.locator(BOX)).to_be_visible()


@every_language
def test_a_mentor_is_asked_about_an_answer_and_an_abstention(
    visit: Visit, mail: FolderSubmissions, language: Language
) -> None:
    """The code that is shown withdraws the question; a contact is kept with consent and only with it."""
    words, first, second = texts(language), f"permit, mentor in {language}", f"Japan, mentor in {language}"
    page = visit.open(language).ask(first).ask(second, "#chat .abstained").page
    codes = []
    for number, consent in ((1, False), (2, True)):
        page.click(f"#mentor-{number}")
        expect(page.get_by_label(words.comment)).to_be_focused()
        page.get_by_label(words.comment).fill("Please help")
        page.get_by_label(words.contact).fill("me@example.org")
        page.get_by_label(words.consent).set_checked(consent)
        page.click("#slip-send")
        codes += CODE.findall(told(page, words.sent.split("{")[0].strip()))
        expect(page.locator("#slip")).to_be_hidden()
    (answered,), (abstained,) = (sent(mail, SubmissionKind.QUESTION, each) for each in (first, second))
    assert isinstance(answered, MentorQuestion)
    assert isinstance(abstained, MentorQuestion)
    assert (answered.status, answered.contact, answered.consent) == ("answered", "", False)
    assert (abstained.status, abstained.contact, abstained.consent) == ("abstained", "me@example.org", True)
    assert (abstained.reply, abstained.comment) == (NO_ANSWER[language], "Please help")
    assert [mail.withdraw(code) for code in codes] == [True, True]


def test_everything_is_reached_by_keyboard(visit: Visit, mail: FolderSubmissions) -> None:
    """Tab leads from the marks of a reply to its buttons, Enter opens the form, and the form is left by keyboard."""
    page = visit.open("ru").ask("permit by keyboard").page
    page.locator("#chat .references a.mark").last.focus()
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert reached == ["copy-1", "good-1", "bad-1", "mentor-1"]
    page.keyboard.press("Enter")
    expect(page.get_by_label(texts("ru").comment)).to_be_focused()
    page.keyboard.type("Помогите")
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "slip-cancel"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    told(page, texts("ru").sent.split("{")[0].strip())
    expect(page.locator("#mentor-1")).to_be_focused()
    (stored,) = sent(mail, SubmissionKind.QUESTION, "permit by keyboard")
    assert isinstance(stored, MentorQuestion)
    assert stored.comment == "Помогите"


@pytest.mark.parametrize("language", ["en", "kk"])
def test_a_reload_keeps_conversation_and_draft_in_this_tab_only(visit: Visit, language: Language) -> None:
    """What was asked is asked again and what was half typed stands there; another tab has neither."""
    page = visit.open(language).ask("permit").ask("Japan", "#chat .abstained").page
    page.fill(BOX, "half a quest")
    page.reload()
    page.wait_for_selector("#chat .abstained")
    page.locator("#tools").wait_for()
    assert asked(page) == ["permit", "Japan"]
    assert page.locator("#chat .references").count() == 1
    assert page.input_value(BOX) == "half a quest"
    other = visit.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("#welcome")
    other.wait_for_timeout(1_000)
    assert asked(other) == []
    assert other.input_value(BOX) == ""


def test_a_long_conversation_comes_back_with_its_newest_questions(visit: Visit) -> None:
    """Of more questions than are asked again, however long, the eight newest return after a reload."""
    questions = [f"{number} permit " + "абвг " * 390 for number in range(20)]
    page = returning(visit, "ru", questions).page
    page.locator("#tools").wait_for()
    assert [each.split(" ")[0] for each in asked(page)] == [str(number) for number in range(12, 20)]


def test_a_conversation_that_is_being_restored_can_be_stopped(visit: Visit) -> None:
    """Stopping ends the restoring, and nothing appears afterwards."""
    page = returning(visit, "en", ["slow 1", "slow 2"]).page
    page.locator("#question .stop-button").click()
    page.wait_for_selector("#chat .note")
    page.wait_for_timeout(3_000)
    assert asked(page) == ["slow 1"]
    assert page.locator("#chat .references").count() == 0
    visit.ask("permit")
    assert asked(page) == ["slow 1", "permit"]


def test_a_question_is_asked_again_and_edited(visit: Visit) -> None:
    """Asking again makes a new reply, not yet praised; editing puts the question back and drops its turn."""
    page = visit.open("ru").ask("permit").ask("Japan", "#chat .abstained").page
    page.click("#edit")
    expect(page.locator("#chat .question")).to_have_count(1)
    assert page.input_value(BOX) == "Japan"
    page.click("#good-1")
    expect(page.locator("#good-1")).to_have_attribute("aria-pressed", "true")
    page.fill(BOX, "half")
    page.click("#again")
    page.locator("#tools").wait_for(state="hidden")
    page.locator("#tools").wait_for()
    assert asked(page) == ["permit"]
    expect(page.locator("#good-1")).not_to_have_attribute("aria-pressed", "true")


@every_language
def test_a_conversation_is_saved_and_printed(visit: Visit, language: Language) -> None:
    """The file has every quote with its source; on paper there are replies and sources, but nothing to press."""
    words = texts(language)
    page = visit.open(language).ask("permit stale").ask("Japan", "#chat .abstained").ask("permit").page
    with page.expect_download() as download:
        page.click("#save")
    assert re.fullmatch(rf"{words.file_name}-\d{{4}}-\d\d-\d\d\.md", download.value.suggested_filename)
    text = download.value.path().read_text(encoding="utf-8")
    assert text.count("\n- [") == 6
    assert text.count(words.stale) == 3
    for part in (words.name, words.no_answer, TEXTS[language][3], LAST[language], "https://www.gov.pl/", "2026"):
        assert part in text
    page.evaluate("window.print = () => (window.printed = true)")
    page.click("#print")
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#cards .card").first.is_visible()
    assert page.locator("#cards details .card").first.is_visible()
    assert page.locator("#chat .reply").first.is_visible()
    assert not page.locator("#composer").is_visible()
    assert not page.locator("#chat .acts").first.is_visible()
    assert page.locator("button:visible").count() == 0


@every_language
def test_the_profile_of_the_plan_is_shown_above_the_chat_and_forgotten_there(visit: Visit, language: Language) -> None:
    """A country chosen on one page counts on the other; forgetting it lasts."""
    words = texts(language)
    poland = {"en": "Poland", "ru": "Польша", "kk": "Польша"}[language]
    page = visit.page
    page.goto(f"{visit.address}/{language}/plan/")
    page.locator("select[name=destination]").wait_for()
    page.wait_for_timeout(500)  # what the page keeps at its beginning is kept by now
    before = page.evaluate("localStorage.getItem('before-you-go')")
    page.locator("select[name=destination]").select_option("PL")
    page.wait_for_function("before => localStorage.getItem('before-you-go') !== before", arg=before)
    page.wait_for_timeout(300)  # and the rest of the reply has been read
    visit.open(language)
    expect(page.locator(".chips li")).to_have_text([poland])
    assert page.locator(".chips a").get_attribute("href") == f"/{language}/plan/"
    page.get_by_role("button", name=words.profile_forget).click()
    expect(page.locator(".chips")).to_have_count(0)
    page.wait_for_timeout(300)
    visit.open(language).page.wait_for_timeout(500)
    assert page.locator(".chips").count() == 0


@every_language
def test_the_navigation_leads_to_the_four_pages(visit: Visit, language: Language) -> None:
    """Chat, plan, library and sharing are one step away, each in the language of the page."""
    page = visit.open(language).page
    links = page.locator("nav.pages a")
    assert [link.get_attribute("href") for link in links.all()] == [f"/{language}/{place}" for place in PAGES.values()]
    assert links.all_inner_texts() == [texts(language).pages[name] for name in PAGES]
    assert page.locator("nav.pages a[aria-current=page]").inner_text() == texts(language).pages["chat"]


@every_language
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_form(
    browser: Browser, address: str, language: Language, scheme: Literal["light", "dark"]
) -> None:
    """Both forms and the notice are accessible on a narrow phone, and nothing scrolls sideways."""
    visitor = Visit(browser, address, NARROW, color_scheme=scheme, reduced_motion="reduce").open(language)
    page = visitor.ask("permit").page
    found = []
    for deed in ("bad", "mentor"):
        page.click(f"#{deed}-1")
        expect(page.locator("#slip-send")).to_be_visible()
        found += violations(page, deed)
        assert not wider_than_window(page)
        page.click("#slip-cancel")
        expect(page.locator("#slip")).to_be_hidden()
    page.click("#good-1")
    told(page, texts(language).thanks.partition("{")[0].strip())
    found += violations(page, "notice")
    visitor.context.close()
    assert (found, visitor.faults) == ([], [])
