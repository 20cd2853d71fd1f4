"""The queue in a real browser: keys, phones, contrast, and that everything works without a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from desk_pages import LOGINS, PASSWORD
from playwright.sync_api import Browser, Page, expect
from web_visits import CHROMIUM, DESKTOP, NARROW, PHONE, Visit, started, violations, wider_than_window

from assistant.records.mentors import Role
from assistant.types import LANGUAGES, Language
from assistant.web.desk.queue_words import queue_words

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")]

Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a running server with a desk."""
    process, address = started(10_000, tmp_path_factory.mktemp("desk") / "output.txt", "serve_desk.py")
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
        page.goto(f"{place}/{language}/desk/?each=1")
        page.fill("input[name=login]", LOGINS[role])
        page.fill("input[type=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("table.items")
        page.wait_for_load_state()  # its keys come with its script
        return page

    yield sign_in
    for visit in visits:
        visit.context.close()
        assert visit.faults == []


def focused(page: Page) -> str | None:
    """Return which item's row has the focus."""
    return page.evaluate("document.activeElement.closest('tr[data-item]')?.dataset.item ?? null")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_accessible_on_desk_and_phone(enter: Enter, language: Language) -> None:
    """List and item break no rule of axe in light and dark, and nothing is wider than a narrow phone."""
    for scheme, size in (("light", DESKTOP), ("dark", NARROW)):
        page = enter(language, size=size, color_scheme=scheme)
        for stage in ("list", "item", "decline"):
            if stage == "item":
                page.locator("tr[data-item] a[data-open]").first.click()
                page.wait_for_selector("#h_question")
            if stage == "decline":
                if page.locator(".deeds [data-deed=claim]").count():
                    page.click(".deeds [data-deed=claim]")
                page.wait_for_selector("#h_decline")
                page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            assert violations(page, f"{language} {scheme} {stage}") == []
            assert not wider_than_window(page), f"{language} {scheme} {stage}"


def test_a_phone_shows_short_cards_and_folded_filters(enter: Enter) -> None:
    """On a phone a card is at most 150 pixels high unless its question is long, and filters wait behind a fold."""
    phone = enter("ru", size=PHONE)
    heights = phone.locator("tr[data-item]").evaluate_all("(rows) => rows.map((row) => row.offsetHeight)")
    assert max(heights[1:]) <= 150
    expect(phone.locator("#country")).to_be_hidden()
    phone.click(".filters summary")
    phone.select_option("#country", "PL")
    phone.click(".filters button")
    expect(phone.locator("#country")).to_have_value("PL")
    expect(phone.locator("#country")).to_be_visible()
    assert phone.locator("tr[data-item]").count() == 1
    phone.click("nav.languages a[lang=kk]")
    expect(phone.locator("#country")).to_have_value("PL")
    expect(enter().locator("#country")).to_be_visible()


def test_keys_walk_open_take_and_give_back(enter: Enter) -> None:
    """The keys j and k go down and up, o opens, c takes, r gives back, / leads to the search."""
    page = enter()
    page.keyboard.press("j")
    assert focused(page) == "1"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == "2"
    page.keyboard.press("o")
    page.wait_for_url("**/items/2")
    page.keyboard.press("c")
    page.wait_for_url("**/items/2?done=claimed")
    expect(page.locator(".deeds [data-deed=release]")).to_be_visible()
    page.keyboard.press("r")
    page.wait_for_url("**/items/2?done=released")
    page.goto(f"{page.url.split('items')[0]}?each=1")
    page.keyboard.press("/")
    expect(page.locator("#words")).to_be_focused()


def test_keys_are_in_nobodys_way(enter: Enter) -> None:
    """They do nothing in a field, beside another key, or once they are switched off, which is remembered."""
    page = enter()
    page.focus("#words")
    page.keyboard.type("jock")
    assert page.input_value("#words") == "jock"
    assert focused(page) is None
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+j")
    page.keyboard.press("Alt+k")
    assert focused(page) is None
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.uncheck("#keys_use")
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert focused(page) is None
    page.click("[data-keys-open]")
    page.check("#keys_use")
    page.click("#keys button")
    page.locator("body").press("j")
    assert focused(page) == "1"


def test_everything_works_without_scripts(enter: Enter) -> None:
    """Without JavaScript a mentor filters, goes on a page, takes a question and declines it."""
    page = enter("kk", java_script_enabled=False)
    assert page.locator("[data-keys-open]").is_hidden()
    page.fill("#words", "question")
    page.click(".filters button")
    assert page.locator("tr[data-item]").count() == 50
    page.click("a[rel=next]")
    assert page.locator("tr[data-item]").count() == 10
    page.locator("tr[data-item] a[data-open]").last.click()
    page.click(".deeds [data-deed=claim]")
    page.locator("summary", has_text="Жауапсыз қалдыру").click()
    page.check("input[name=reason][value=out_of_scope]")
    page.click("text=Жауапсыз жабу")
    expect(page.locator("p.notice", has_text="Сұрақ жабылды.")).to_be_visible()


def test_two_mentors_see_who_has_what(enter: Enter) -> None:
    """What one takes, the other sees as taken, in the list and on its page."""
    mine, theirs = enter(), enter("ru", role=Role.COORDINATOR)
    mine.locator("tr[data-item='5'] [data-deed=claim]").click()
    mine.wait_for_url("**/items/5?done=claimed")
    theirs.reload()
    row = theirs.locator("tr[data-item='5']")
    expect(row).to_contain_text("Aigul")
    expect(row).to_contain_text(queue_words("ru").stages["in_review"])
    assert row.locator("[data-deed]").count() == 0
    mine.click(".deeds [data-deed=release]")
