"""The pages in a real browser, on the real server, with a fake assistant behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ViewportSize
from web_visits import CHROMIUM, DESKTOP, NARROW, PHONE, Visit, started, violations, wider_than_window

from assistant.types import LANGUAGES, Language
from assistant.web.wording import texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: no page was tested in a browser"),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_answered_with_sources(visit: Visit, language: Language) -> None:
    """In each language a reply has marks, and a mark opens its highlighted quote beside it."""
    page = visit.open(language).ask("permit").page
    assert page.evaluate("document.documentElement.lang") == language
    assert page.title() == texts(language).name
    page.locator("#chat .reply a.mark").nth(1).click()
    assert page.locator("#cards .no.shown").inner_text() == "2"
    assert page.locator("#cards mark.q2").first.is_visible()
    assert page.locator("#cards dl a").get_attribute("rel") == "noopener noreferrer nofollow"
    assert "#" not in page.url


def test_long_sources_stay_in_their_column(visit: Visit) -> None:
    """Sources that are longer than the window scroll inside the panel; they do not flow into a second column."""
    page = visit.open("en").page
    page.set_viewport_size(ViewportSize(width=1280, height=420))
    visit.ask("permit stale original")
    panel, cards = page.locator("#sources").bounding_box(), page.locator("#cards").bounding_box()
    assert panel is not None
    assert cards is not None
    assert panel["x"] < cards["x"]
    assert cards["x"] + cards["width"] <= panel["x"] + panel["width"]
    assert cards["height"] > panel["height"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_abstention_offers_a_section_to_ask_about(visit: Visit, language: Language) -> None:
    """An abstention shows no evidence; choosing a near section asks about it."""
    page = visit.open(language).ask("Japan", "#chat .abstained").page
    assert page.locator("#cards .card").count() == 0
    assert page.locator("#chat .abstained a.mark").count() == 0
    assert texts(language).no_answer in page.locator("#chat .abstained").inner_text()
    page.locator("#chat .option").first.click()
    page.wait_for_selector("#chat .references")
    assert page.locator("#chat .question").count() == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_shows_sources_in_a_sheet(phone: Visit, language: Language) -> None:
    """On a phone a mark opens a sheet, closing it returns to the mark, nothing scrolls sideways."""
    page = phone.open(language).page
    assert not wider_than_window(page)
    phone.ask("permit stale original")
    assert not page.locator("#sources").is_visible()
    page.locator("#chat a.mark").first.click()
    assert page.locator("#sources").is_visible()
    assert not wider_than_window(page)
    page.click("#close-sources")
    assert not page.locator("#sources").is_visible()
    assert page.evaluate("document.activeElement.className") == "mark"
    page.set_viewport_size(NARROW)
    assert not wider_than_window(page)


def test_a_kazakh_page_stays_kazakh_in_an_english_browser(phone: Visit) -> None:
    """Gradio does not know Kazakh; the page's language holds all the same."""
    page = phone.open("kk").ask("permit").page
    assert page.evaluate("document.documentElement.lang") == "kk"
    assert page.locator("[role=log]").get_attribute("aria-label") == texts("kk").conversation
    assert page.locator("#question .submit-button").inner_text() == texts("kk").send
    assert page.locator("#chat [aria-label*='<div']").count() == 0


def test_an_example_is_asked_by_keyboard(visit: Visit) -> None:
    """An example can be reached and asked without a mouse, with a visible focus."""
    page = visit.open("en").page
    example = page.locator("#topics button").first
    example.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .references")
    assert page.locator("#chat .question").inner_text() == texts("en").topics[0].questions[0]
    assert not page.locator("#welcome").is_visible()


def test_the_skip_link_leads_to_the_question(visit: Visit) -> None:
    """The first stop of the keyboard jumps over the head of the page."""
    page = visit.open("en").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_a_reply_can_be_stopped(visit: Visit) -> None:
    """Stopping leaves the question and a note, and the next question is answered."""
    page = visit.open("en").page
    page.fill("#question textarea", "slow permit")
    page.keyboard.press("Enter")
    page.locator("#question .stop-button").click()
    page.wait_for_selector("#chat .note")
    assert texts("en").stopped in page.locator("#chat .note").inner_text()
    page.locator("#question .submit-button").wait_for()  # until then Enter would be pressed on a stopped box
    visit.ask("permit")


def test_a_conversation_can_be_begun_anew(visit: Visit) -> None:
    """A new conversation forgets everything."""
    page = visit.open("en").ask("permit").page
    page.click("#new")
    page.wait_for_selector("#welcome")
    assert page.locator("#chat .question").count() == 0
    assert page.locator("#cards .card").count() == 0


def test_what_cannot_be_asked_is_given_back(visit: Visit) -> None:
    """An empty question and a failure are told below the input, which keeps the words."""
    page = visit.open("en").page
    page.click("#question .submit-button")
    page.wait_for_selector("#notice[role=alert]")
    assert texts("en").empty_question in page.locator("#notice").inner_text()
    page.fill("#question textarea", "broken")
    page.keyboard.press("Enter")
    page.get_by_text(texts("en").failed).wait_for()
    assert page.input_value("#question textarea") == "broken"


def test_two_visitors_never_see_one_another(browser: Browser, address: str) -> None:
    """Conversations at the same time stay apart, also after more questions."""
    visitors = [Visit(browser, address, DESKTOP).open("en") for _ in range(2)]
    for round_number in range(2):
        for name, visitor in zip("AB", visitors, strict=True):
            visitor.ask(f"visitor {name} asks {round_number}")
    for name, visitor in zip("AB", visitors, strict=True):
        questions = visitor.page.locator("#chat .question").all_inner_texts()
        assert questions == [f"visitor {name} asks 0", f"visitor {name} asks 1"]
        assert visitor.faults == []
        visitor.context.close()


@pytest.mark.parametrize(
    "attack",
    [
        "hostile",
        "hostile <img src=https://evil.example/q.png onerror=alert(9)>",
        "hostile ![x](https://evil.example/q.png) [x](javascript:alert(9)) <script>alert(9)</script>",
        'hostile "><svg/onload=alert(9)> {{7*7}} `<b>` </div></article><iframe src=//evil.example>',
        "hostile <style>@import 'https://evil.example/s.css'</style> <a href=https://evil.example>x</a>",
    ],
)
def test_hostile_words_stay_words(visit: Visit, attack: str) -> None:
    """Attacks in a question and in a document open no dialog, fetch nothing and make no link."""
    page = visit.open("en").ask(attack).page
    page.locator("#chat a.mark").first.click()
    page.wait_for_timeout(300)
    assert page.locator("#chat .question").inner_text() == attack
    assert page.locator("#chat, #cards").locator("img, iframe, script").count() == 0
    assert page.locator("a[href*='evil.example'], a[href^='javascript']").count() == 0
    assert "<script>alert('document')</script>" in page.locator("#cards .section-text").inner_text()


def test_too_many_questions_are_told_when_to_come_back(browser: Browser, tmp_path: Path) -> None:
    """The limit is explained on the page, in its language."""
    server, place = started(2, tmp_path / "output.txt")
    visitor = Visit(browser, place, PHONE).open("ru").ask("permit").ask("permit")
    visitor.page.fill("#question textarea", "permit")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text(texts("ru").wait.split("{", 1)[0]).first.wait_for()
    visitor.context.close()
    server.terminate()
    assert server.wait(timeout=30) is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(
    browser: Browser, address: str, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    """At the beginning, with an answer, an open source and an abstention, in light and dark."""
    visitor = Visit(browser, address, size, color_scheme=scheme, reduced_motion="reduce").open("ru")
    found = violations(visitor.page, "beginning")
    visitor.ask("permit stale original")
    visitor.page.locator("#chat a.mark").first.click()
    found += violations(visitor.page, "source")
    visitor.page.keyboard.press("Escape")
    visitor.ask("Japan", "#chat .abstained")
    found += violations(visitor.page, "abstention")
    visitor.context.close()
    assert found == []
