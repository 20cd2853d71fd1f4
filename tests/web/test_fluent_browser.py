"""The real program with a model that writes word by word, in a real browser: what a student sees of it, and who stops it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fluent_model import PARAPHRASES, QUESTIONS, SECTIONS, paraphrasing, sentences_of, write_fluent_base
from gate_visitors import Visitor, serving
from model_server import Messages, ModelServer
from model_server import serving as serving_model
from playwright.sync_api import Browser, expect
from web_visits import CHROMIUM, DESKTOP, PHONE, Visit, free_port, violations, wider_than_window

from assistant.answering.wording import wording
from assistant.bootstrap import build_index
from assistant.types import LANGUAGES, Language
from assistant.web.wording import texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]

KEY = "sk-a-key-of-the-tests"
SECONDS_PER_WORD = 0.05
WATCH = """
window.seen = [];
new MutationObserver(() => {
  const said = [...document.querySelectorAll('#chat .reply .words')].at(-1);
  if (said && window.seen.at(-1) !== said.innerText) window.seen.push(said.innerText);
}).observe(document.body, {childList: true, subtree: true, characterData: true});
"""
"""Notes every state of the last reply that the page shows."""


@dataclass
class Program:
    """The running program with its model, and those who visit it."""

    address: str
    said: Path
    model: ModelServer
    browser: Browser
    visits: list[Visit] = field(default_factory=list)

    def visit(self, language: Language, *, phone: bool = False) -> Visit:
        """Return a visitor of their own on the chat."""
        more: dict[str, Any] = {"has_touch": True, "is_mobile": True} if phone else {}
        visitor = Visit(self.browser, self.address, PHONE if phone else DESKTOP, reduced_motion="reduce", **more)
        self.visits.append(visitor)
        return visitor.open(language)

    def replies(self) -> dict[str, int]:
        """Return what came of the replies, as a monitor is told."""
        _, told = Visitor(self.address, "monitor").request("GET", "/ready")
        return dict(json.loads(told)["model"]["replies"])


@pytest.fixture(scope="module")
def served(real_index: Any, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Run the program over a small base, with a model at a scripted endpoint."""
    folder = tmp_path_factory.mktemp("fluent")
    settings = real_index.copy(folder).model_copy(update={"knowledge_base": write_fluent_base(folder / "base")})
    build_index(settings)
    port, said = free_port(), folder / "said.txt"
    places = ["--data-dir", str(settings.data_dir), "--knowledge-base", str(settings.knowledge_base)]
    with serving_model() as model:
        environment = {
            "ASSISTANT_LLM": "openai:scripted", "ASSISTANT_LLM_BASE_URL": model.url, "ASSISTANT_LLM_API_KEY": KEY,
            "ASSISTANT_LLM_SECONDS": "60", "ASSISTANT_THRESHOLD": "0", "ASSISTANT_REQUESTS_PER_MINUTE": "1000",
        }  # fmt: skip
        with serving(["-m", "assistant", "serve", "--port", str(port), *places], port, said, **environment):
            yield Program(f"http://127.0.0.1:{port}", said, model, browser)


@pytest.fixture
def program(served: Program) -> Iterator[Program]:
    """Give the program with a good model; every visit must end without a fault."""
    served.model.reply = paraphrasing(seconds_per_word=SECONDS_PER_WORD)
    yield served
    for visitor in served.visits:
        visitor.context.close()
    faults = [fault for visitor in served.visits for fault in visitor.faults]
    served.visits.clear()
    assert faults == []


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_appear_one_after_another(program: Program, language: Language, phone: bool, tmp_path: Path) -> None:
    """Each with its mark as soon as it is verified; at the end the sources and a note that a model has written."""
    visitor = program.visit(language, phone=phone)
    page = visitor.page
    page.evaluate(WATCH)
    page.fill("#question textarea", QUESTIONS[language])
    page.keyboard.press("Enter")
    _, second, *_, last = PARAPHRASES[language].values()
    page.get_by_text(second).wait_for()
    assert last not in page.locator("#chat .reply").last.inner_text()
    expect(page.locator("#chat .reply .waiting")).to_be_visible()
    page.screenshot(path=tmp_path / "growing.png")
    page.wait_for_selector("#tools", state="visible")
    seen = [len(text) for text in page.evaluate("window.seen")]
    assert len(seen) >= 3
    assert all(longer > shorter for shorter, longer in itertools.pairwise(seen))
    reply = page.locator("#chat .reply").last
    for sentence in PARAPHRASES[language].values():
        assert sentence in reply.inner_text()
    assert wording(language)["note"]["drafted"] in reply.inner_text()
    expect(page.locator("#chat .reply .waiting")).to_have_count(0)
    found = violations(page, "whole")
    page.screenshot(path=tmp_path / "whole.png")
    reply.locator("a.mark").first.click()
    card = page.locator("#sources .card").first
    expect(card).to_be_visible()
    expect(card.locator(".section-text")).to_contain_text(SECTIONS[language]["applying"].partition(".")[0])
    expect(card.locator("mark").first).to_be_visible()
    found += violations(page, "source")
    page.screenshot(path=tmp_path / "source.png")
    assert found == []
    assert not wider_than_window(page)


def test_a_reply_that_a_model_writes_can_be_stopped(program: Program) -> None:
    """The question stays with a note, nothing half-said, and the model's connection is closed."""
    page = program.visit("en").page
    program.model.reply = paraphrasing(seconds_per_word=0.25)
    page.fill("#question textarea", QUESTIONS["en"])
    page.keyboard.press("Enter")
    page.locator("#chat .reply").wait_for()
    page.locator("#question .stop-button").click()
    page.wait_for_selector("#chat .note")
    assert texts("en").stopped in page.locator("#chat .note").inner_text()
    assert page.locator("#chat .reply").count() == 0
    until(lambda: program.model.at_once == 0, 5)
    page.locator("#question .submit-button").wait_for()
    program.model.reply = paraphrasing()
    page.fill("#question textarea", QUESTIONS["en"])
    page.keyboard.press("Enter")
    page.locator("#chat .references").wait_for()


def silent(_: Messages) -> Iterator[str]:
    """Write nothing, for a long time."""
    for _ in range(2_000):
        time.sleep(0.02)
        yield ""


def mumbling(messages: Messages) -> Iterator[str]:
    """Write one sentence, and go on with nothing."""
    yield f"{next(sentences_of(messages))} And "
    yield from silent(messages)


@pytest.mark.parametrize(
    "reply", [silent, mumbling, paraphrasing(seconds_per_word=0.2)], ids=["silent", "mumbling", "slow"]
)
def test_a_closed_tab_closes_the_connection(program: Program, reply: Any) -> None:
    """Whether the model has written anything or not, nobody pays for what nobody reads."""
    page = program.visit("ru").page
    program.model.reply = reply
    asked = len(program.model.chats())
    page.fill("#question textarea", QUESTIONS["ru"])
    page.keyboard.press("Enter")
    until(lambda: len(program.model.chats()) > asked)
    page.locator("#chat .waiting" if reply is silent else "#chat .reply").wait_for()
    assert program.model.at_once == 1
    begun = time.monotonic()
    page.close()
    until(lambda: program.model.at_once == 0)
    assert time.monotonic() - begun < 5


def test_a_model_that_breaks_off_leaves_the_quotes(program: Program) -> None:
    """What it had begun is taken back; the log says why, and neither what was asked nor the key."""

    def broken(messages: Messages) -> Iterator[str]:
        yield f"{next(sentences_of(messages))} And "
        time.sleep(0.5)
        raise ConnectionResetError

    program.model.reply = broken
    page = program.visit("kk").page
    page.evaluate(WATCH)
    page.fill("#question textarea", QUESTIONS["kk"])
    page.keyboard.press("Enter")
    page.locator("#chat .references").wait_for()
    page.wait_for_selector("#tools", state="visible")
    first, *_ = PARAPHRASES["kk"].values()
    assert any(first in each for each in page.evaluate("window.seen"))
    said = page.locator("#chat .reply").last.inner_text()
    assert first not in said
    assert wording("kk")["note"]["drafted"] not in said
    assert all(each in said for each in PARAPHRASES["kk"])
    log = program.said.read_text(encoding="utf-8")
    assert "the reply is of quotes (cut)" in log
    assert not [word for word in (KEY, *QUESTIONS.values(), *PARAPHRASES["kk"]) if word in log]
    assert program.replies()["cut"]


def until(there: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is there, or fail."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "it is not there in time"
        time.sleep(0.02)
