"""The stories of participants at the desk in a real browser: phones, contrast, and publishing without a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from desk_pages import LOGINS, PASSWORD
from playwright.sync_api import Browser, Page, expect
from web_stories import story
from web_visits import CHROMIUM, DESKTOP, NARROW, Visit, started, violations, wider_than_window

from assistant.records.database import Database, open_database, sqlite_url
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentors, Role
from assistant.records.messages import Messages
from assistant.records.store import code_digest
from assistant.records.submitted import DatabaseSubmissions
from assistant.types import LANGUAGES, Language
from assistant.web.desk.experience_words import experience_words

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")]

TEXTS = {
    "language_hard": "В Лодзи в 2025 году лекции шли быстро, помогла Айгуль Сериковна.",
    "money_helped": "Стипендия пришла через месяц, деньги на первый месяц стоит взять с собой.",
    "advice": "Спрашивайте обо всём заранее. " + "щ" * 300,
}

Enter = Callable[..., Page]


@dataclass(frozen=True, slots=True)
class Place:
    """A running server with a desk, and its database."""

    address: str
    database: Database

    def send(self) -> str:
        """Send a story and return the digest by which its page is found."""
        return code_digest(DatabaseSubmissions(self.database).add(story(**TEXTS), masked=True)) or ""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give a running server with a desk."""
    folder = tmp_path_factory.mktemp("stories")
    process, address = started(10_000, folder / "output.txt", "serve_desk.py")
    database = open_database(sqlite_url(folder / "sent" / "records.sqlite"))
    yield Place(address, database)
    database.close()
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def enter(browser: Browser, place: Place) -> Iterator[Enter]:
    """Give what signs a mentor in and opens a page, in a window of their own."""
    visits: list[Visit] = []

    def sign_in(path: str, language: Language = "en", **settings: object) -> Page:
        visit = Visit(browser, place.address, settings.pop("size", DESKTOP), **settings)  # type: ignore[arg-type]
        visits.append(visit)
        page = visit.page
        page.goto(f"{place.address}/{language}/desk/")
        page.fill("input[name=login]", LOGINS[Role.MENTOR])
        page.fill("input[type=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("table.items")
        page.goto(f"{place.address}/{language}/desk/experiences/{path}")
        return page

    yield sign_in
    for visit in visits:
        visit.context.close()
        refused = [fault for fault in visit.faults if "409" not in fault]  # a refused form has this status
        assert refused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_accessible_on_desk_and_phone(enter: Enter, place: Place, language: Language) -> None:
    """List, story, refusal and difference break no rule of axe in light and dark, and fit a narrow phone."""
    digest = place.send()
    by = next(each for each in Mentors(place.database).all() if each.role is Role.MENTOR)
    Messages(place.database).ask(digest, by, "Когда это было? " + "щ" * 200)
    for scheme, size in (("light", DESKTOP), ("dark", NARROW)):
        page = enter("", language, size=size, color_scheme=scheme)
        found, wide = violations(page, "list"), [wider_than_window(page)]
        page.goto(f"{place.address}/{language}/desk/experiences/{digest}")
        found, wide = found + violations(page, "story"), [*wide, wider_than_window(page)]
        page.check("input[name=place][value=full]")
        page.click("button[value=approve]")
        expect(page.locator("[role=alert]")).to_contain_text(experience_words(language).against["too_exact"])
        found, wide = found + violations(page, "refused"), [*wide, wider_than_window(page)]
        page.check("input[name=place][value=none]")
        page.click("button[value=mask]")
        expect(page.locator(".changes ins").first).to_be_visible()
        found, wide = found + violations(page, "masked"), [*wide, wider_than_window(page)]
        assert found == [], scheme
        assert not any(wide), (scheme, wide)


def test_a_story_is_masked_published_and_taken_back_without_scripts(enter: Enter, place: Place) -> None:
    """Masking, looking at the preview, publishing and taking back need no script."""
    digest, words = place.send(), experience_words("en")
    page = enter(digest, java_script_enabled=False)
    page.click("button[value=mask]")
    expect(page.locator("#field-language_hard")).to_have_value("В [вуз] в [год] году лекции шли быстро, помогла [имя].")
    page.locator("#field-advice").fill("")
    page.click("button[value=approve]")
    expect(page.locator("[role=status]")).to_have_text(words.done["approved"])
    told = [text for each in Lessons(place.database).published() for _, _, text in each.parts]
    assert told == ["В [вуз] в [год] году лекции шли быстро, помогла [имя].", TEXTS["money_helped"]]
    expect(page.locator(".preview .section-text").first).to_have_text(told[0])
    page.locator("#field-why").fill("A neighbour recognised the author.")
    page.get_by_role("button", name=words.unpublish_do).click()
    expect(page.locator("[role=status]")).to_have_text(words.done["unpublished"])
    assert Lessons(place.database).published() == ()
    page.check("input[name=reason][value=too_little]")
    page.get_by_role("button", name=words.reject_do).click()
    expect(page.locator("[role=status]")).to_have_text(words.done["rejected"])


def test_a_refusal_leads_to_its_field(enter: Enter, place: Place) -> None:
    """The summary's link moves to the field that is wrong, which says so, and what was typed is there."""
    page = enter(place.send())
    page.locator("#field-money_helped").fill(f"{TEXTS['money_helped']} Это лучший вуз.")
    page.click("button[value=approve]")
    page.locator("[role=alert] a").first.click()
    field = page.locator("#field-money_helped")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_in_viewport()
    assert field.input_value().endswith("Это лучший вуз.")
    expect(page.locator("#n_money_helped .fault")).to_contain_text("Это лучший вуз.")
