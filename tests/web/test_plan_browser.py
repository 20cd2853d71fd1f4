"""The page "My plan" in a real browser, with the preparation of the shipped knowledge base."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from web_visits import CHROMIUM, DESKTOP, NARROW, Visit, violations, wider_than_window

from assistant.types import LANGUAGES, Language
from assistant.web.plan.words import plan_texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: no page was tested in a browser"),
]

TABS = ("profile", "requirements", "timeline", "readiness", "budget")
FIRST = {
    "profile": "#profile-form select", "requirements": "#requirements .programme", "timeline": "#timeline .steps",
    "readiness": "#statements fieldset", "budget": "#rates input",
}  # fmt: skip
"""What stands on each part of the page once it can be used."""

LABELS = {"test_1": "test-1"}
BOXES = "#timeline .phase[open] .steps input"
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(params=["desktop", "phone"])
def visitor(request: pytest.FixtureRequest) -> Visit:
    """Return a visitor at a desk, and one with a phone; the visit of each must end without a fault."""
    found: Visit = request.getfixturevalue("visit" if request.param == "desktop" else "phone")
    return found


def plan(visitor: Visit, language: Language) -> Page:
    """Open the page and wait for its form."""
    visitor.page.goto(f"{visitor.address}/{language}/plan/")
    visitor.page.wait_for_selector(FIRST["profile"])
    return visitor.page


def reload(page: Page) -> None:
    """Open the page anew once the browser keeps what was entered."""
    before = None
    while before != stored(page):
        before = stored(page)
        page.wait_for_timeout(400)
    page.reload()
    page.wait_for_selector(FIRST["profile"])


def tab(page: Page, name: str) -> None:
    """Open a part of the page and wait for what stands there."""
    page.locator("#plan button[role=tab]").nth(TABS.index(name)).click()
    page.locator(FIRST[name]).first.wait_for()


def choose(page: Page, **entries: str) -> None:
    """Choose from the lists of the form."""
    for name, value in entries.items():
        page.select_option(f"#f-{LABELS.get(name, name)}", value)


def write(page: Page, name: str, value: str) -> None:
    """Type into an input and leave it."""
    page.locator(f"#f-{name}").fill(value)
    page.keyboard.press("Tab")


def stored(page: Page) -> str:
    """Return what the browser keeps for this site under the name of the pages."""
    return str(page.evaluate("localStorage.getItem('before-you-go') || ''"))


def settled(page: Page, before: str) -> None:
    """Wait until the browser keeps something else than before."""
    for _ in range(100):
        if stored(page) != before:
            return
        page.wait_for_timeout(50)
    pytest.fail("the browser keeps what it kept before")


@every_language
def test_a_profile_is_judged_and_slips_are_explained(visitor: Visit, language: Language) -> None:
    """A wrong mark and a score in words are explained beside the form; the requirements say met, not met and cannot tell."""
    words, page = plan_texts(language), plan(visitor, language)
    choose(
        page,
        destination="PL",
        programme="erasmus_icm_ka171",
        home_university="al_farabi_kaznu",
        semester="5",
        test_1="ielts",
    )
    write(page, "gpa", "6")
    write(page, "score-1", "five")
    expect(page.locator("#profile-notes li")).to_have_count(2)
    expect(page.locator("#profile-notes")).to_contain_text(words.refused)
    expect(page.locator("#profile-notes")).to_contain_text("five")
    assert page.locator("#profile-notes").get_attribute("aria-live") == "polite"
    write(page, "gpa", "2,2")
    write(page, "score-1", "6")
    expect(page.locator("#profile-notes .refused")).to_have_count(0)
    tab(page, "requirements")
    for standing in ("met", "not_met", "cannot_tell"):
        expect(page.locator(f"#requirements .standing.{standing}").first).to_contain_text(
            re.compile(re.escape(words.verdicts[standing]) + "|" + re.escape(words.standings[standing]))
        )
    link = page.locator("#requirements .programme[open] a.here").first
    assert (link.get_attribute("href") or "").startswith(f"/{language}/library/regulations/")
    assert not wider_than_window(page)


def test_the_form_can_be_filled_in_by_keyboard(visit: Visit) -> None:
    """Lists, visible choices, figures and the parts of the page are reached and used without a mouse."""
    page = plan(visit, "en")
    page.locator("#f-destination").focus()
    page.keyboard.type("Pol")
    page.keyboard.press("Tab")
    page.keyboard.type("Mev")
    page.locator("#f-level-").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#f-gpa").focus()
    page.keyboard.type("3.1")
    page.keyboard.press("Tab")
    assert page.input_value("#f-destination") == "PL"
    assert page.is_checked("#f-level-bachelor")
    page.locator("#plan button[role=tab]").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(FIRST["requirements"]).first.wait_for()
    reload(page)
    expect(page.locator("#f-gpa")).to_have_value("3.1")
    assert page.input_value("#f-destination") == "PL"
    assert page.input_value("#f-programme") == "mevlana"


@every_language
def test_steps_are_ticked_and_stay_ticked(visitor: Visit, language: Language) -> None:
    """Two steps ticked at once are counted, keep the focus, and stand after a reload."""
    page = plan(visitor, language)
    choose(page, departure="2027-09", destination="PL")
    tab(page, "timeline")
    first, second = page.locator(BOXES).nth(0), page.locator(BOXES).nth(1)
    names = [each.get_attribute("id") for each in (first, second)]
    first.click()
    second.click()
    expect(page.locator("#progress progress")).to_have_attribute("value", "2")
    assert page.evaluate("document.activeElement.id") == names[1]
    reload(page)
    tab(page, "timeline")
    expect(page.locator("#timeline .steps input:checked")).to_have_count(2)
    assert [each.get_attribute("id") for each in page.locator("#timeline .steps input:checked").all()] == names
    expect(page.locator("#progress progress")).to_have_attribute("value", "2")


@every_language
def test_the_plan_can_be_taken_away(visit: Visit, language: Language) -> None:
    """The links give a calendar and a text with the steps in the language of the page, and the button prints."""
    page = plan(visit, language)
    choose(page, departure="2027-09", destination="PL")
    tab(page, "timeline")
    title = page.locator("#timeline .steps b").first.inner_text()
    for number, (name, head) in enumerate((("ics", "BEGIN:VCALENDAR"), ("md", "# "))):
        with page.expect_download() as found:
            page.locator("#timeline .files a").nth(number).click()
        text = found.value.path().read_text(encoding="utf-8")
        assert text.startswith(head)
        assert title in text.replace("\n ", "").replace("\\,", ",")  # lines are folded, commas escaped
        assert found.value.suggested_filename.endswith(name)
    page.evaluate("window.print = () => document.body.dataset.printed = 'yes'")
    page.click("#timeline #print")
    assert page.evaluate("document.body.dataset.printed") == "yes"


@every_language
def test_twelve_answers_make_a_plot_and_what_helps(visitor: Visit, language: Language) -> None:
    """Every answer lengthens the plot of its challenge, and headings to read stand below it."""
    page = plan(visitor, language)
    tab(page, "readiness")
    expect(page.locator("#standings .bar.none")).to_have_count(4)
    groups = page.locator("#statements fieldset")
    assert groups.count() == 12
    for number in range(12):
        groups.nth(number).locator("input").nth(number % 4).check()
    expect(page.locator("#standings .bar.none")).to_have_count(0)
    expect(page.locator("#standings .bar small")).to_have_text(["(3/3)"] * 4)
    expect(page.locator("#standings h2")).to_have_text(plan_texts(language).helps_title)
    assert page.locator("#standings li").count() >= 4
    assert not wider_than_window(page)


@every_language
def test_money_is_added_up_while_it_is_entered(visitor: Visit, language: Language) -> None:
    """Own figures, rates and the reserve change the sums, and the input that has the focus keeps it."""
    page = plan(visitor, language)
    choose(page, destination="PL", months="5")
    tab(page, "budget")
    before = page.locator("#totals").inner_text()
    page.locator("#lines .line input[type=text]").first.fill("2000")
    page.keyboard.press("Tab")
    expect(page.locator("#totals")).not_to_have_text(before)
    for currency in ("EUR", "USD", "PLN"):
        write(page, f"rate-{currency}", "100")
    expect(page.locator("#totals tr.whole")).to_have_count(1)
    together = page.locator("#totals tr.whole").inner_text()
    page.locator("#f-reserve").fill("20")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#totals tr.whole")).not_to_have_text(together)
    assert page.evaluate("document.activeElement.id") == "f-rate-PLN"
    assert page.input_value("#f-rate-PLN") == "100"
    assert not wider_than_window(page)


def test_a_line_of_ones_own_asks_for_its_rate_at_once(visit: Visit) -> None:
    """Who names no country can enter lines in euro, and gets room for the rate without opening the part anew."""
    page = plan(visit, "kk")
    tab(page, "budget")
    expect(page.locator("#f-rate-EUR")).to_have_count(0)
    write(page, "free-1-name", "Жатақхана")
    choose(page, **{"free-1-currency": "EUR"})
    write(page, "free-1-amount", "100")
    page.locator("#f-rate-EUR").wait_for()
    write(page, "rate-EUR", "500")
    expect(page.locator("#totals tr.whole")).to_contain_text(re.compile(r"275\s000"))


def test_what_is_typed_while_the_page_answers_is_kept(visit: Visit) -> None:
    """A slow answer that makes the inputs anew takes away neither the focus nor the letters typed meanwhile."""
    page = plan(visit, "en")
    choose(page, destination="PL")
    tab(page, "budget")
    page.route("**/gradio_api/queue/data*", lambda route: (page.wait_for_timeout(700), route.continue_()))
    page.locator("#f-rate-EUR").fill("500")
    page.keyboard.press("Tab")
    page.keyboard.type("48", delay=30)
    expect(page.locator("#totals")).not_to_contain_text("EUR, ")
    page.keyboard.type("0")
    page.keyboard.press("Tab")
    page.unroute_all(behavior="wait")
    expect(page.locator("#totals")).to_contain_text("PLN.")
    expect(page.locator("#f-rate-EUR")).to_have_value("500")
    expect(page.locator("#f-rate-USD")).to_have_value("480")


@every_language
def test_everything_entered_can_be_deleted(visitor: Visit, language: Language) -> None:
    """One button empties form, steps, answers and sums, and the browser's storage with them."""
    page = plan(visitor, language)
    empty = stored(page)
    choose(page, departure="2027-09", destination="PL")
    write(page, "gpa", "3")
    tab(page, "timeline")
    page.locator(BOXES).first.click()
    expect(page.locator("#progress progress")).to_have_attribute("value", "1")
    tab(page, "profile")
    full = stored(page)
    page.click("#forget")
    settled(page, full)
    expect(page.locator("#f-gpa")).to_have_value("")
    assert page.input_value("#f-destination") == ""
    assert len(stored(page)) <= max(len(empty), 64)
    reload(page)
    assert page.input_value("#f-destination") == ""
    tab(page, "timeline")
    expect(page.locator("#progress progress")).to_have_attribute("value", "0")


def test_what_is_deleted_does_not_come_back_with_the_next_entry(visit: Visit) -> None:
    """After deleting, a new entry brings back nothing of what stood there before."""
    page = plan(visit, "en")
    choose(page, destination="PL", departure="2027-09")
    tab(page, "timeline")
    page.locator(BOXES).first.click()
    tab(page, "profile")
    page.click("#forget")
    expect(page.locator("#f-destination")).to_have_value("")
    choose(page, destination="TR")
    tab(page, "timeline")
    expect(page.locator("#timeline .steps input:checked")).to_have_count(0)
    reload(page)
    expect(page.locator("#f-destination")).to_have_value("TR")
    assert page.input_value("#f-departure") == ""


@every_language
def test_the_profile_narrows_the_chat_until_it_is_forgotten(visit: Visit, language: Language) -> None:
    """The chat shows what it takes into account; forgetting it there empties the form here."""
    page = plan(visit, language)
    before = stored(page)
    choose(page, destination="PL")
    settled(page, before)
    before = stored(page)
    choose(page, home_university="abai_kaznpu")
    settled(page, before)
    visit.open(language)
    expect(page.locator("#profile .chips li")).to_have_count(2)
    page.locator("#profile button.act").click()
    expect(page.locator("#profile .chips")).to_have_count(0)
    plan(visit, language)
    expect(page.locator("#f-destination")).to_have_value("")


def test_two_visitors_see_nothing_of_one_another(browser: Browser, address: str) -> None:
    """What one enters stands in no form, list or sum of the other."""
    one, other = (Visit(browser, address, DESKTOP) for _ in range(2))
    mine, theirs = plan(one, "en"), plan(other, "en")
    choose(mine, destination="PL", departure="2027-09")
    choose(theirs, destination="TR")
    for page in (mine, theirs):
        tab(page, "timeline")
    mine.locator(BOXES).first.click()
    expect(mine.locator("#progress progress")).to_have_attribute("value", "1")
    reload(theirs)
    expect(theirs.locator("#f-destination")).to_have_value("TR")
    tab(theirs, "timeline")
    expect(theirs.locator("#progress progress")).to_have_attribute("value", "0")
    assert theirs.locator("#timeline .due").count() == 0
    for visitor in (one, other):
        assert visitor.faults == []
        visitor.context.close()


@pytest.mark.parametrize("part", ["requirements", "timeline", "budget"])
def test_a_change_followed_at_once_by_another_part_counts_there(visit: Visit, part: str) -> None:
    """What is typed last and left by opening another part is in that part, and stays."""
    page = plan(visit, "en")
    page.select_option("#f-destination", "PL")
    page.select_option("#f-departure", "2027-09")
    page.locator("#f-gpa").fill("1")
    tab(page, part)
    shown = {"requirements": "#requirements .standing.not_met", "timeline": "#timeline .due", "budget": "#lines .line"}
    page.locator(shown[part]).first.wait_for(state="attached")
    reload(page)
    expect(page.locator("#f-gpa")).to_have_value("1")
    assert page.input_value("#f-departure") == "2027-09"


@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [
        ("en", DESKTOP, "light"), ("en", NARROW, "dark"), ("ru", DESKTOP, "dark"),
        ("ru", NARROW, "light"), ("kk", DESKTOP, "light"), ("kk", NARROW, "dark"),
    ],
    ids=["en-desktop", "en-narrow-dark", "ru-desktop-dark", "ru-narrow", "kk-desktop", "kk-narrow-dark"],
)  # fmt: skip
def test_axe_finds_nothing_on_any_part(
    browser: Browser, address: str, language: Language, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    """Filled in and with a slip, every part can be used with a screen reader, and none scrolls sideways."""
    visitor = Visit(browser, address, size, color_scheme=scheme, reduced_motion="reduce")
    page, found = plan(visitor, language), []
    choose(page, destination="PL", programme="erasmus_icm_ka171", departure="2027-02")
    page.check("#f-funding-scholarship")
    write(page, "gpa", "6")
    expect(page.locator("#profile-notes li")).to_have_count(1)
    for name in TABS:
        tab(page, name)
        if name == "readiness":
            page.locator("#statements input").nth(2).check()
            expect(page.locator("#standings .bar.none")).to_have_count(3)
        found += violations(page, name)
        assert not wider_than_window(page), name
    assert visitor.faults == []
    visitor.context.close()
    assert found == []


def test_a_tab_takes_over_what_another_has_entered(visit: Visit) -> None:
    """An entry in one tab is not undone by another that was open before: it takes it over when it is looked at."""
    page = visit.page
    page.goto(f"{visit.address}/en/plan/")
    page.wait_for_selector("#f-gpa")
    other = visit.context.new_page()
    other.goto(f"{visit.address}/en/plan/")
    other.wait_for_selector("#f-gpa")
    other.select_option("#f-destination", "PL")
    page.wait_for_timeout(1_000)
    with page.expect_navigation():
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("#f-gpa")
    page.wait_for_function("document.querySelector('#f-destination').value === 'PL'")
    other.close()
