"""Reviewing in a real browser: from the item to the verified answer, without scripts, on desks and phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from desk_pages import LOGINS, PASSWORD
from playwright.sync_api import Browser, Page, expect
from serve_review import REPLIES
from web_fakes import TEXTS
from web_visits import CHROMIUM, DESKTOP, NARROW, Visit, started, violations, wider_than_window

from assistant.records.mentors import Role
from assistant.types import LANGUAGES, Language
from assistant.web.desk.review_words import answers_words, review_words

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")]

Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a running server with a desk."""
    process, address = started(10_000, tmp_path_factory.mktemp("review") / "output.txt", "serve_review.py")
    yield address
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def enter(browser: Browser, place: str) -> Iterator[Enter]:
    """Give what signs a mentor in, in a window of their own, whose visit must end without a fault."""
    visits: list[Visit] = []

    def sign_in(language: Language = "en", role: Role = Role.MENTOR, **settings: object) -> Page:
        visit = Visit(browser, place, settings.pop("size", DESKTOP), **settings)  # type: ignore[arg-type]
        visits.append(visit)
        page = visit.page
        page.goto(f"{place}/{language}/desk/")
        page.fill("input[name=login]", LOGINS[role])
        page.fill("input[type=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("table.items")
        return page

    yield sign_in
    for visit in visits:
        visit.context.close()
        assert [each for each in visit.faults if "422" not in each] == []  # with which a form comes back


def opened(page: Page, place: str, language: Language, item: int, way: str) -> None:
    """Take an item and open one of its forms."""
    page.goto(f"{place}/{language}/desk/items/{item}")
    if page.locator(".deeds [data-deed=claim]").count():
        page.click(".deeds [data-deed=claim] >> nth=0")
    page.click(f"a[href$='way={way}']")
    page.wait_for_selector("form.answer")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_accessible_on_desk_and_phone(enter: Enter, place: str, language: Language) -> None:
    """Forms, faults, preview, list, answer and difference break no rule of axe and are no wider than a narrow phone."""
    item = LANGUAGES.index(language) + 1
    for scheme, size in (("light", DESKTOP), ("dark", NARROW)):
        page = enter(language, size=size, color_scheme=scheme)

        def look(stage: str, page: Page = page, scheme: str = scheme) -> None:
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            assert violations(page, f"{language} {scheme} {stage}") == []
            assert not wider_than_window(page), f"{language} {scheme} {stage}"

        opened(page, place, language, item, "edit")
        look("edit")
        page.select_option(f"#{language}-section", index=1)
        page.click(f"button[value='{language}:look']")
        page.wait_for_selector(f"#{language}-sentences")
        look("sentences")
        page.fill(f"#{language}-question", "")
        page.click("button[value=save]")
        page.wait_for_selector("#faults")
        look("faults")
        page.fill(f"#{language}-question", "?")
        page.click("button.plain[value=preview]")
        page.wait_for_selector("#preview")
        look("preview")
        opened(page, place, language, item, "missing")
        look("missing")
        page.goto(f"{place}/{language}/desk/answers/?state=suspended")
        look("list")
        page.click("table.items a >> nth=0")
        page.wait_for_selector(".difference")
        look("answer")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scripts", [True, False])
def test_a_reply_is_corrected_with_a_picked_quote(
    enter: Enter, place: str, language: Language, *, scripts: bool
) -> None:
    """A mentor removes a quote, picks another, writes, looks at the preview and saves, with or without scripts."""
    page = enter(language, java_script_enabled=scripts)
    words = review_words(language)
    opened(page, place, language, REPLIES - 5 + LANGUAGES.index(language) + (0 if scripts else 3), "edit")
    page.click(f"button[value='{language}:drop:2']")
    expect(page.locator(f"#{language}-text")).not_to_contain_text("[3]")
    page.select_option(f"#{language}-section", index=1)
    page.click(f"button[value='{language}:look']")
    page.locator(f"#{language}-sentences input").first.check()
    page.click(f"button[value='{language}:cite']")
    expect(page.locator(f"#{language}-quote-3")).to_be_visible()
    page.fill(f"#{language}-question", "?")
    page.fill(f"#{language}-text", "A [1] B [2] C [3]")
    page.click("button.plain[value=preview]")
    expect(page.get_by_role("heading", name=words.preview_title)).to_be_visible()
    page.click("button[value=save]")
    page.wait_for_url("**/answers/*?done=made")
    expect(page.get_by_role("status")).to_have_text(answers_words(language).said["made"])
    expect(page.locator(".preview .reply")).to_contain_text("A 1 B 2 C 3")


def test_a_summary_leads_to_the_fields(enter: Enter, place: str) -> None:
    """A click on a fault puts the focus on the field, which is described by it."""
    page = enter()
    opened(page, place, "en", 1, "edit")
    page.fill("#en-question", "")
    page.fill("#en-text", "Typed and kept")
    page.click("button[value=save]")
    page.click("#faults a[href='#en-question']")
    expect(page.locator("#en-question")).to_be_focused()
    expect(page.locator("#en-question")).to_have_accessible_description(
        f"{review_words('en').question_hint} {review_words('en').faults['question_empty']}"
    )
    expect(page.locator("#en-text")).to_have_value("Typed and kept")


def test_the_enter_key_saves_nothing(enter: Enter, place: str) -> None:
    """In a field it shows the preview."""
    page = enter()
    opened(page, place, "en", 4, "approve")
    page.fill("#en-question", "When?")
    page.press("#en-question", "Enter")
    expect(page.locator("#preview")).to_be_visible()
    page.goto(f"{place}/en/desk/items/4")
    expect(page.locator("a[href$='way=approve']")).to_be_visible()


def test_a_suspended_answer_is_compared_and_confirmed(enter: Enter, place: str) -> None:
    """From the queue to the answer, the difference, and the answer served again."""
    page, words = enter(), answers_words("en")
    page.goto(f"{place}/en/desk/?why=changed_source&language=en")
    page.click("tr[data-item] a[data-open]")
    page.click("#h_question ~ p a[href*='/desk/answers/']")
    expect(page.locator(".difference del")).to_have_text(f"{words.removed} fees.")
    expect(page.locator(".difference ins")).to_have_text(f"{words.added} 90.")
    page.get_by_role("button", name=words.still).click()
    expect(page.get_by_role("status")).to_have_text(words.said["resumed"])
    expect(page.locator(".facts")).to_contain_text(words.states["active"])
    assert TEXTS["en"][3] in page.locator(".preview .section-text mark").all_inner_texts()
