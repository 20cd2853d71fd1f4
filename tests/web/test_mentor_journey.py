"""The whole way, with the real program and real browsers: what a mentor corrects is what the next student gets."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from desk_pages import PASSWORD
from fakes import BASE
from gate_visitors import serving
from playwright.sync_api import Browser, Page, expect
from test_share_browser import check, fill_in
from web_visits import CHROMIUM, DESKTOP, PHONE, Visit, free_port

from assistant.bootstrap import open_mentors
from assistant.records.mentors import Role
from assistant.settings import Settings
from assistant.types import LANGUAGES, Language
from assistant.web.desk.review_words import answers_words
from assistant.web.share.words import words as share_words
from assistant.web.wording import texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]

LOGIN = "aigul@example.org"
ASKED: dict[Language, str] = {
    "en": "What GPA does the exchange ask for?",
    "ru": "Какой GPA нужен для обмена?",
    "kk": "Алмасуға қандай GPA керек?",
}
ANSWERED: dict[Language, str] = {
    "en": "Count all semesters, not the last one: 2.67 is enough. [1]",
    "ru": "Считаются все семестры, а не последний: достаточно 2,67. [1]",
    "kk": "Соңғы семестр емес, барлық семестр есептеледі: 2,67 жетеді. [1]",
}
OTHER_WORDS: dict[Language, str] = {
    "en": "Is a GPA of 2.67 enough for the exchange?",
    "ru": "GPA 2,67 достаточно для обмена?",
    "kk": "Алмасуға GPA 2,67 жете ме?",
}
"""How the next student asks; the mentor knows this way of asking and has written it down."""

STORIES: dict[Language, str] = {
    "en": "The zubrowka choir sang with us every Friday evening and taught us the language.",
    "ru": "Местный хор пел с нами каждую пятницу вечером и научил нас языку.",
    "kk": "«Зубровка» хоры жұма сайын кешке бізбен бірге ән айтып, тілге үйретті.",
}
ABOUT_IT: dict[Language, str] = {
    "en": "zubrowka choir every Friday evening",
    "ru": "местный хор пел каждую пятницу вечером",
    "kk": "Зубровка хоры жұма сайын кешке ән айтып",
}


@dataclass
class Program:
    """The running program."""

    address: str
    settings: Settings
    browser: Browser
    visits: list[Visit] = field(default_factory=list)

    def visit(self, *, phone: bool = False) -> Visit:
        """Return a visitor of their own."""
        more: dict[str, Any] = {"has_touch": True, "is_mobile": True} if phone else {}
        visitor = Visit(self.browser, self.address, PHONE if phone else DESKTOP, **more)
        self.visits.append(visitor)
        return visitor

    def ask(self, language: Language, question: str, *, phone: bool = False) -> str:
        """Return what a new student is replied."""
        visitor = self.visit(phone=phone).open(language)
        visitor.ask(question, "#chat .reply")
        said = visitor.page.locator("#chat .reply").last.inner_text()
        visitor.context.close()
        return said

    def ask_until(self, language: Language, question: str, wanted: str, *, there: bool = True) -> str:
        """Ask until a text is in the reply, or is not any more, for at most some seconds."""
        for _ in range(8):
            said = self.ask(language, question)
            if (wanted in said) is there:
                break
            time.sleep(1)
        return said

    def desk(self, language: Language) -> Page:
        """Return a page on which a mentor has signed in."""
        page = self.visit().page
        page.goto(f"{self.address}/{language}/desk/")
        page.fill("input[name=login]", LOGIN)
        page.fill("input[type=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("table.items, .empty, main h1")
        page.wait_for_url(f"{self.address}/{language}/desk/**")
        return page

    def index(self) -> None:
        """Build the index anew, as an operator does after a document was changed."""
        places = ["--data-dir", str(self.settings.data_dir), "--knowledge-base", str(self.settings.knowledge_base)]
        subprocess.run([sys.executable, "-m", "assistant", "index", *places], check=True, capture_output=True)


@pytest.fixture
def program(browser: Browser, real_index: Any, tmp_path: Path) -> Iterator[Program]:
    """Give the program, serving a small base of its own, with one mentor."""
    settings: Settings = real_index.copy(tmp_path)
    base = tmp_path / "base"
    for name, text in BASE.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(text, encoding="utf-8")
    settings = settings.model_copy(update={"knowledge_base": base})
    open_mentors(settings).add(LOGIN, "Aigul S.", "International office", Role.MENTOR, PASSWORD)
    port = free_port()
    places = ["--data-dir", str(settings.data_dir), "--knowledge-base", str(base)]
    command = ["-m", "assistant", "serve", "--port", str(port), *places]
    with serving(command, port, tmp_path / "output.txt", ASSISTANT_REQUESTS_PER_MINUTE="1000"):
        running = Program(f"http://127.0.0.1:{port}", settings, browser)
        yield running
        for visitor in running.visits:
            visitor.context.close()
        assert [fault for visitor in running.visits for fault in visitor.faults] == []


def complain(program: Program, language: Language) -> None:
    """Ask, say that the reply is not right, and why."""
    visitor = program.visit().open(language)
    visitor.ask(ASKED[language], "#chat .reply")
    page = visitor.page
    page.click("#bad-1")
    page.locator("#slip textarea").first.fill("Which semesters count?")
    page.click("#slip-send")
    expect(page.locator("#notice")).to_contain_text(texts(language).thanks.partition("{")[0].strip()[:12])
    visitor.context.close()


def correct(page: Page, address: str, language: Language, other: Language) -> str:
    """Take the first item and write an answer in two languages; return the id of the answer."""
    page.goto(f"{address}/{language}/desk/")
    page.click("table.items tbody a >> nth=0")
    page.click(".deeds [data-deed=claim] >> nth=0")
    page.click("a[href$='way=replace']")
    for spoken in (language, other):
        sheet = page.locator(f"details.version:has(#{spoken}-question)")
        if sheet.get_attribute("open") is None:
            sheet.locator("> summary").click()
        page.fill(f"#{spoken}-section_id", "regulations/exchange#gpa")
        page.click(f"button[value='{spoken}:look']")
        page.locator(f"#{spoken}-sentences input").first.check()
        page.click(f"button[value='{spoken}:cite']")
        page.fill(f"#{spoken}-question", ASKED[spoken])
        page.fill(f"#{spoken}-text", ANSWERED[spoken])
        page.fill(f"#{spoken}-wordings", OTHER_WORDS[spoken])
    page.click("button[value=save]")
    page.wait_for_url("**/answers/*?done=made")
    return page.url.rpartition("/")[2].partition("?")[0]


@pytest.mark.parametrize(("language", "other"), [("en", "ru"), ("ru", "kk"), ("kk", "en")])
def test_what_a_mentor_corrects_is_what_the_next_student_gets(
    program: Program, language: Language, other: Language
) -> None:
    """Poor answer, complaint, correction, the next students in two languages, a changed source, the answer taken back."""
    complain(program, language)
    page = program.desk(language)
    answer = correct(page, program.address, language, other)
    own, foreign = (ANSWERED[each].partition(":")[0] for each in (language, other))

    said = program.ask_until(language, OTHER_WORDS[language], own)
    assert own in said
    assert texts(language).kinds["verified_answer"] in said
    assert foreign in program.ask(other, OTHER_WORDS[other], phone=True)

    section = program.settings.knowledge_base / "regulations" / f"exchange.{language}.md"
    changed = section.read_text(encoding="utf-8").replace("2.67", "3.0").replace("2,67", "3,0")
    section.write_text(changed, encoding="utf-8")
    program.index()
    said = program.ask_until(language, OTHER_WORDS[language], own, there=False)
    assert own not in said
    assert foreign not in program.ask(other, OTHER_WORDS[other])

    page.goto(f"{program.address}/{language}/desk/?why=changed_source")
    expect(page.locator("table.items tbody tr")).to_have_count(1)
    page.goto(f"{program.address}/{language}/desk/answers/{answer}")
    expect(page.locator(".difference ins").first).to_contain_text("3")
    expect(page.locator("dl.facts")).to_contain_text(answers_words(language).states["suspended"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_is_published_quoted_withdrawn_and_gone(program: Program, language: Language) -> None:
    """Told, masked, approved by a mentor, quoted in the chat, withdrawn by its code, and found no more."""
    visitor = program.visit()
    share = visitor.page
    share.goto(f"{program.address}/{language}/share/")
    share.wait_for_selector("#check")
    fill_in(share, language, f"{STORIES[language]}\naigul@example.kz")
    check(share)
    share.locator("#consent input").check()
    share.locator("#send").click()
    code = share.locator("#sent .code").inner_text()

    page = program.desk(language)
    page.goto(f"{program.address}/{language}/desk/experiences/")
    page.click("main a[href*='/experiences/'] >> nth=0")
    page.wait_for_selector("input[name=place]")
    assert "aigul@" not in page.content()
    page.check("input[name=place][value=none]")
    page.click("button[value=approve]")
    if page.locator("#field-seen input").count():
        page.check("#field-seen input")
        page.click("button[value=approve]")
    expect(page.get_by_role("status")).to_be_visible()

    said = program.ask_until(language, ABOUT_IT[language], STORIES[language])
    assert STORIES[language] in said
    assert texts(language).kinds["lesson"] in said

    box_of_code = share.locator("#code input, #code textarea").first
    box_of_code.fill(code)
    box_of_code.press("Enter")
    expect(share.locator("#own")).to_be_visible()
    share.locator("#erase").click()
    expect(share.locator("#withdraw")).to_contain_text(share_words(language).withdrawn)
    said = program.ask_until(language, ABOUT_IT[language], STORIES[language], there=False)
    assert STORIES[language] not in said
