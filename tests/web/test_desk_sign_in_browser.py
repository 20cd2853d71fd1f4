"""Signing in, the own account and the page of the mentors in a real browser: forms, cookies, phones, contrast."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk_pages import LOGINS, PASSWORD
from playwright.sync_api import Browser, Page, expect
from web_visits import CHROMIUM, DESKTOP, NARROW, Visit, started, violations, wider_than_window

from assistant.records.mentors import Role
from assistant.types import LANGUAGES, Language
from assistant.web.desk import account, people, signing_in
from assistant.web.desk.words import frame
from assistant.web.wording import texts

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a running server with a desk."""
    process, address = started(10_000, tmp_path_factory.mktemp("desk") / "output.txt", "serve_desk.py")
    yield address
    process.terminate()
    process.wait(timeout=30)


def enter(page: Page, language: Language, role: Role = Role.COORDINATOR, password: str = PASSWORD) -> None:
    """Fill in the sign-in page that is shown and send it, as one does without a mouse."""
    said = signing_in.words(language)
    page.get_by_label(said.login).fill(LOGINS[role])
    page.get_by_label(said.password, exact=True).fill(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_and_out_again(browser: Browser, place: str, language: Language) -> None:
    """From a page of the desk to the sign-in page, back to that page, and out; no script can read the cookies."""
    visit = Visit(browser, place, DESKTOP)
    page, said = visit.page, frame(language)
    page.goto(f"{place}/{language}/desk/people/")
    expect(page).to_have_url(f"{place}/{language}/desk/sign-in?next=/{language}/desk/people/")
    enter(page, language)
    expect(page.get_by_role("heading", level=1)).to_have_text(people.words(language).title)
    assert page.evaluate("document.cookie") == ""
    cookies = visit.context.cookies()
    assert {(each["httpOnly"], each["sameSite"], each["path"]) for each in cookies} == {(True, "Strict", "/")}
    page.get_by_role("button", name=said.sign_out, exact=True).click()
    expect(page).to_have_url(f"{place}/{language}/desk/sign-in")
    page.go_back()
    expect(page.get_by_label(signing_in.words(language).login)).to_be_visible()  # nothing of the page was kept
    visit.context.close()
    assert visit.faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible(browser: Browser, place: str, language: Language) -> None:
    """Sign-in with and without a fault, account, mentors and a refusal: no rule of axe is broken, no phone scrolls aside."""
    for scheme, size in (("light", DESKTOP), ("dark", NARROW)):
        visit = Visit(browser, place, size, color_scheme=scheme)
        page = visit.page

        def looked_at(stage: str, page: Page = page, told: str = f"{language} {scheme}") -> None:
            assert violations(page, f"{told} {stage}") == []
            assert not wider_than_window(page), f"{told} {stage}"

        page.goto(f"{place}/{language}/desk/account/")
        looked_at("sign-in")
        enter(page, language, password="wrong")
        expect(page.get_by_role("alert")).to_have_text(signing_in.words(language).wrong)
        looked_at("wrong")
        enter(page, language)
        expect(page.get_by_role("heading", level=1)).to_have_text(account.words(language).title)
        looked_at("account")
        page.fill("#old_password", PASSWORD)
        page.fill("#new_password", "short")
        page.fill("#repeat_password", "short")
        page.keyboard.press("Enter")
        expect(page.locator("#new_password")).to_have_accessible_description(
            f"{account.words(language).new_hint.format(count=12)} {account.words(language).short}"
        )
        looked_at("weak")
        page.get_by_role("link", name=frame(language).places["people"]).click()
        looked_at("people")
        visit.context.clear_cookies()
        page.locator("form.out button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(frame(language).problems["signed_out"]["title"])
        looked_at("refused")
        visit.context.close()
        assert [each for each in visit.faults if not each.startswith(("401", "422", "console Failed"))] == []


def test_what_was_typed_survives_the_end_of_a_session(browser: Browser, place: str) -> None:
    """The refusal offers it again; after signing in in a new tab it is sent with two presses, and nothing is typed twice."""
    visit = Visit(browser, place, DESKTOP)
    page, said = visit.page, frame("en")
    page.goto(f"{place}/en/desk/account/")
    enter(page, "en")
    page.wait_for_url(f"{place}/en/desk/account/")
    form = page.locator("form[action$=sign-out-everywhere]")
    form.evaluate("form => form.insertAdjacentHTML('beforeend', '<textarea name=answer>two\\nlines</textarea>')")
    visit.context.clear_cookies()
    form.locator("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said.problems["signed_out"]["title"])
    page.get_by_text(said.required).click()
    expect(page.locator(".kept")).to_have_text("two\nlines")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=said.sign_in).click()
    enter(opened.value, "en")
    opened.value.wait_for_url(f"{place}/en/desk/")
    page.get_by_role("button", name=said.again).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said.problems["stale"]["title"])
    page.get_by_role("button", name=said.again).click()
    expect(page).to_have_url(f"{place}/en/desk/sign-in")
    visit.context.close()
    assert [each for each in visit.faults if not each.startswith(("401", "403", "console Failed"))] == []


def test_no_script_is_needed(browser: Browser, place: str) -> None:
    """Signing in, changing the password and signing out work in a browser that runs none."""
    visit = Visit(browser, place, NARROW, java_script_enabled=False)
    page = visit.page
    page.goto(f"{place}/en/desk/account/")
    enter(page, "en", Role.MENTOR)
    page.wait_for_url(f"{place}/en/desk/account/")
    for old, new in ((PASSWORD, "eight other plain words"), ("eight other plain words", PASSWORD)):
        page.fill("#old_password", old)
        page.fill("#new_password", new)
        page.fill("#repeat_password", new)
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text(account.words("en").changed)
    page.get_by_role("button", name=frame("en").sign_out, exact=True).click()
    expect(page).to_have_url(f"{place}/en/desk/sign-in")
    visit.context.close()
    assert visit.faults == []


def test_another_site_can_neither_use_nor_begin_a_session(browser: Browser, place: str) -> None:
    """A form on another origin that is sent while a mentor is signed in carries no cookie and is refused."""
    visit = Visit(browser, place, DESKTOP)
    page = visit.page
    page.goto(f"{place}/en/desk/account/")
    enter(page, "en")
    page.wait_for_url(f"{place}/en/desk/account/")
    for action in ("account/sign-out-everywhere", "sign-in"):
        foreign = visit.context.new_page()
        foreign.set_content(
            f'<form method="post" action="{place}/en/desk/{action}"><input name="login"><button>x</button></form>'
        )
        foreign.get_by_role("button").click()
        expect(foreign.locator("body")).to_contain_text(texts("en").refused)  # by the guard, before the desk
    page.goto(f"{place}/en/desk/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text(account.words("en").title)
    visit.context.close()
