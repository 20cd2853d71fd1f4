"""Hints on a mentor's answer in a real browser: quiet, accessible, on desks and phones, with or without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_pages import LOGINS, PASSWORD
from playwright.sync_api import Browser, Page, expect
from web_fakes import LAST, TEXTS
from web_visits import CHROMIUM, DESKTOP, NARROW, Visit, started, violations, wider_than_window

from assistant.records.mentors import Role
from assistant.types import LANGUAGES, Language
from assistant.web.desk.review_words import answers_words, review_words

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")]

Enter = Callable[..., Page]
WRONG: dict[Language, str] = {
    "en": "The decision takes up to 45 days. Apply by 5 May at the embassy in Japan, which must always be paid per week.",
    "ru": "Решение принимают в срок до 45 дней. Подайте заявление до 5 мая в посольство в Японии, сбор платят каждую неделю.",
    "kk": "Шешім 45 күнге дейін қабылданады. Өтінішті 5 мамырға дейін Жапониядағы елшілікке беріңіз, алым апта сайын төленеді.",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a running server with a desk."""
    process, address = started(10_000, tmp_path_factory.mktemp("hints") / "output.txt", "serve_review.py")
    yield address
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def enter(browser: Browser, place: str) -> Iterator[Enter]:
    """Give what signs a mentor in and opens the form for an answer, in a window whose visit must end without a fault."""
    visits: list[Visit] = []

    def sign_in(language: Language, item: int, **settings: object) -> Page:
        visit = Visit(browser, place, settings.pop("size", DESKTOP), **settings)  # type: ignore[arg-type]
        visits.append(visit)
        page = visit.page
        page.goto(f"{place}/{language}/desk/")
        page.fill("input[name=login]", LOGINS[Role.MENTOR])
        page.fill("input[type=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("table.items")
        page.goto(f"{place}/{language}/desk/items/{item}")
        if page.locator(".deeds [data-deed=claim]").count():
            page.click(".deeds [data-deed=claim] >> nth=0")
        page.click("a[href$='way=edit']")
        page.fill(f"#{language}-question", "?")
        return page

    yield sign_in
    for visit in visits:
        visit.context.close()
        assert [each for each in visit.faults if "422" not in each] == []  # with which a form comes back


def looked_at(page: Page, stage: str, shots: Path) -> None:
    """Demand that a page breaks no rule of axe and cannot be scrolled sideways."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.screenshot(path=shots / f"{stage}.png", full_page=True)
    assert violations(page, stage) == []
    assert not wider_than_window(page), stage


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mentor_is_told_what_no_quote_says_and_may_publish_it(
    enter: Enter, tmp_path: Path, language: Language, scheme: str
) -> None:
    """The preview names it, saving asks for the tick, which is reached from the summary, and then it is saved."""
    is_dark, words = scheme == "dark", review_words(language)
    item = LANGUAGES.index(language) + 1 + (len(LANGUAGES) if is_dark else 0)
    size = NARROW if is_dark else DESKTOP
    page = enter(language, item, size=size, color_scheme=scheme, java_script_enabled=True)
    first, last = TEXTS[language][3], LAST[language]
    page.fill(f"#{language}-text", f"{first} [1] {last} [2]\n\n- {WRONG[language]} [3]")
    page.click("button.plain[value=preview]")
    hints = page.get_by_role("region", name=words.hints["title"])
    expect(hints).to_contain_text("45")
    expect(hints.locator("li.check")).to_have_count(2)
    expect(hints.locator("li.check").first).to_contain_text(words.hints["check"])
    expect(hints.locator("summary")).to_have_text(words.hints["supported"].format(count=2))
    looked_at(page, f"{language} {scheme} hints", tmp_path)
    page.click("button:not(.plain)[value=save]")
    page.click("#faults a[href='#checked']")
    expect(page.locator("#checked")).to_be_focused()
    expect(page.locator("#checked")).to_have_accessible_description(words.faults["unchecked"])
    looked_at(page, f"{language} {scheme} tick", tmp_path)
    page.get_by_label(words.hints["checked"]).check()
    page.click("button:not(.plain)[value=save]")
    page.wait_for_url("**/answers/*?done=made")
    expect(page.get_by_role("status")).to_have_text(answers_words(language).said["made"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_all_is_said_one_line_says_so(enter: Enter, tmp_path: Path, language: Language) -> None:
    """Without a script: no list, no tick, one short line below the preview."""
    page = enter(language, 2 * len(LANGUAGES) + LANGUAGES.index(language) + 1, size=NARROW, java_script_enabled=False)
    page.fill(f"#{language}-text", f"{TEXTS[language][3]} [1] {LAST[language]} [2] {TEXTS[language][3]} [3]")
    page.click("button.plain[value=preview]")
    expect(page.locator("p.hints")).to_have_text(review_words(language).hints["all"])
    expect(page.locator(".hints")).to_have_count(1)
    expect(page.locator("#checked")).to_have_count(0)
    page.screenshot(path=tmp_path / f"{language} all.png", full_page=True)
