"""The pages in a real browser under attack, and cut off from every name: nothing runs, nothing goes out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from gate_attacks import batches, question
from gate_visitors import serving
from playwright.sync_api import Browser
from web_visits import CHROMIUM, DESKTOP, Visit, free_port

from assistant.types import LANGUAGES, Language
from assistant.web.wording import texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: no page was tested in a browser"),
]

GROUPS = batches()
AT_ONCE = 8
"""Questions that a page asks again by itself when it is loaded again."""

ACTIVE = """areas => [...document.querySelectorAll(areas)].flatMap(area => [...area.querySelectorAll("*")]).filter(e =>
  ["IMG", "IFRAME", "SCRIPT", "OBJECT", "EMBED", "VIDEO", "AUDIO", "LINK", "META", "BASE", "FORM", "INPUT", "STYLE",
   "TEMPLATE", "SVG", "MATH", "DETAILS"].includes(e.tagName.toUpperCase())
  || [...e.attributes].some(a => a.name.startsWith("on") || a.name === "style" && /url|expression/.test(a.value))
  || (e.hasAttribute("href") && !/^(#|\\/[a-z])/.test(e.getAttribute("href")) && !(/^https:/.test(e.href) && e.rel.includes("noopener noreferrer nofollow") && !/["<>]/.test(e.innerText)))
).map(e => e.outerHTML.slice(0, 200))"""
"""What could run, fetch or lead away inside areas that hold nothing but foreign text."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server whose documents are attacks."""
    port, folder = free_port(), tmp_path_factory.mktemp("hostile")
    script = str(Path(__file__).with_name("serve_hostile.py"))
    with serving([script, str(port), str(folder / "sent")], port, folder / "output.txt", PYTHONPATH="."):
        yield f"http://127.0.0.1:{port}"


def test_the_attacks_are_many_and_all_different() -> None:
    """No group hides that a string came twice."""
    strings = [each for group in GROUPS for each in group]
    assert len(set(strings)) == len(strings) >= 1_500


def again(visitor: Visit, questions: list[str]) -> None:
    """Open the chat as after a reload: the page asks all these questions by itself."""
    visitor.page.goto(f"{visitor.address}/en/library/")  # the same tab without a stream that the next step would cut
    kept = json.dumps({"draft": "", "questions": questions})
    visitor.page.evaluate("kept => sessionStorage.setItem('kept:/en/', kept)", kept)
    visitor.open("en").page.locator("#chat .references").nth(len(questions) - 1).wait_for(timeout=60_000)
    visitor.page.wait_for_selector("#tools", state="visible")


def test_attacks_as_questions_replies_and_sources_stay_text(browser: Browser, hostile: str) -> None:
    """Every attack is asked, quoted, a title, a heading, an address and a suggestion: none runs, fetches or links."""
    found: list[str] = []
    visitor = Visit(browser, hostile, DESKTOP)
    for start in range(0, len(GROUPS), AT_ONCE):
        asked = [question(n, group) for n, group in enumerate(GROUPS)][start : start + AT_ONCE]
        again(visitor, asked)
        shown = visitor.page.locator("#chat .question").all_inner_texts()
        assert [text.split(" ", 1)[0] for text in shown] == [each.split(" ", 1)[0] for each in asked]
        found += visitor.page.evaluate(ACTIVE, "#chat .question, #chat .reply, #cards .section-text, #cards dl")
    visitor.context.close()
    assert visitor.faults == []
    assert found == []


def test_a_blank_line_in_a_question_lets_no_markdown_through(browser: Browser, hostile: str) -> None:
    """A question of two paragraphs stays text, also where it stands above the sources of an earlier reply."""
    visitor = Visit(browser, hostile, DESKTOP)
    again(visitor, ["0 first\n\n![x](https://evil.example/x.png)", "0 second"])
    images = visitor.page.locator("#sources img").count()
    visitor.context.close()
    assert (images, visitor.faults) == (0, [])


def test_attacks_in_the_library_stay_text(browser: Browser, hostile: str) -> None:
    """Every attack is a section of a document in the library, and groups are searched for: nothing runs."""
    found: list[str] = []
    visitor = Visit(browser, hostile, DESKTOP)
    for number, group in enumerate(GROUPS):
        visitor.page.goto(f"{hostile}/en/library/attacks/{number}")
        assert visitor.page.locator(".section-text").count() == len(group)
        found += visitor.page.evaluate(ACTIVE, ".section-text, dl.facts")
    for number, group in list(enumerate(GROUPS))[::6]:
        visitor.page.goto(f"{hostile}/en/library/?q={quote(question(number, group))}")
        found += visitor.page.evaluate(ACTIVE, "main ol, main li")
    visitor.context.close()
    assert visitor.faults == []
    assert found == []


LISTENER = """
import sys
def heard(event, arguments):
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        name = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        name = arguments[1][0]
    else:
        return
    with open(%r, "a") as log:
        log.write(f"{event} {name}\\n")
sys.addaudithook(heard)
"""
"""Runs in every Python process of the program before anything else, and writes down every name it looks up."""


def test_the_whole_program_asks_for_no_name(browser: Browser, real_index: Any, tmp_path: Path) -> None:
    """While all pages are walked in all languages, neither the server nor the browser looks for anyone but this machine."""
    log, port, settings = tmp_path / "names.txt", free_port(), real_index.copy(tmp_path)
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "sitecustomize.py").write_text(LISTENER % str(log))
    places = ["--data-dir", str(settings.data_dir), "--knowledge-base", str(settings.knowledge_base)]
    told = {"PYTHONPATH": str(tmp_path / "hooks"), "HOME": str(tmp_path)}
    log.touch()
    subprocess.run([sys.executable, "-c", "import socket; socket.getaddrinfo('localhost', 1)"], env=told, check=True)
    assert log.read_text() == "socket.getaddrinfo localhost\n"
    with serving(["-m", "assistant", "serve", "--port", str(port), *places], port, tmp_path / "output.txt", **told):
        faults = [fault for language in LANGUAGES for fault in walked(browser, f"http://127.0.0.1:{port}", language)]
    assert faults == []
    names = {line.split(" ", 1)[1] for line in log.read_text().splitlines()}
    assert names <= {"localhost", "127.0.0.1"}


def walked(browser: Browser, address: str, language: Language) -> list[str]:
    """Ask, open every tab of the plan, look at the form and read in the library; return what went wrong."""
    visitor = Visit(browser, address, DESKTOP)
    page = visitor.open(language).page
    visitor.ask(texts(language).topics[0].questions[0], "#chat .reply")
    visitor.leave(f"{address}/{language}/plan/")
    page.get_by_role("tab").first.wait_for()
    for tab in page.get_by_role("tab").all():
        tab.click()
    visitor.leave(f"{address}/{language}/share/")
    page.locator("#check").click()
    page.wait_for_selector("#notice a")
    visitor.leave(f"{address}/{language}/library/?q=visa")
    page.goto(f"{address}/{language}/library/")
    page.locator("main a[href*='/library/']").first.click()
    visitor.context.close()
    return visitor.faults
