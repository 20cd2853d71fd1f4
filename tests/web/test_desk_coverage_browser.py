"""The coverage page in a real browser: contrast, phones, and files that are saved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk_pages import LOGINS, PASSWORD
from playwright.sync_api import Browser, Page
from web_visits import CHROMIUM, DESKTOP, NARROW, Visit, started, violations, wider_than_window

from assistant.records.mentors import Role
from assistant.types import LANGUAGES, Language

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a running server with a desk."""
    process, address = started(10_000, tmp_path_factory.mktemp("desk") / "output.txt", "serve_desk.py")
    yield address
    process.terminate()
    process.wait(timeout=30)


def enter(visit: Visit, language: Language) -> Page:
    """Sign the coordinator in and open the page."""
    page = visit.page
    page.goto(f"{visit.address}/{language}/desk/coverage/")
    page.fill("input[name=login]", LOGINS[Role.COORDINATOR])
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#h_agreement")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_accessible_on_desk_and_phone(browser: Browser, place: str, language: Language) -> None:
    """It breaks no rule of axe in light and dark, with all figures open; nothing is wider than a narrow phone."""
    for scheme, size in (("light", DESKTOP), ("dark", NARROW)):
        visit = Visit(browser, place, size, color_scheme=scheme)
        page = enter(visit, language)
        assert page.locator("svg.plot").count() >= 2
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert violations(page, f"{language} {scheme}") == []
        assert not wider_than_window(page), f"{language} {scheme}"
        letters = page.locator("svg.plot text").first.evaluate("each => each.getBoundingClientRect().height")
        assert letters > 11, f"{language} {scheme}"
        visit.context.close()
        assert visit.faults == []


def test_bars_are_drawn_and_files_saved(browser: Browser, place: str) -> None:
    """Each part of a bar has a place on the page; the links save a table, a section and the reviewed questions."""
    visit = Visit(browser, place, DESKTOP)
    page = enter(visit, "en")
    boxes = [bar.bounding_box() for bar in page.locator("svg.plot rect.bar").all()]
    assert all(box and box["width"] > 0 and box["height"] > 0 for box in boxes)
    for link, name in (
        ("a[href$='weeks.csv?period=90']", "coverage-weeks-90.csv"),
        ("a[href$='section.md']", "section.md"),
        ("a[href$='reviewed.jsonl']", "reviewed.jsonl"),
    ):
        with page.expect_download() as saved:
            page.locator(link).first.click()
        assert saved.value.suggested_filename.endswith(name) or saved.value.suggested_filename.startswith(
            "new_section."
        )
    visit.context.close()
    assert visit.faults == []
