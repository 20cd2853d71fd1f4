"""One server with the fake assistant and one browser for all tests that need them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from web_visits import ARGUMENTS, CHROMIUM, DESKTOP, PHONE, Visit, started

from assistant.records.store import FolderSubmissions


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        address: Where it answers.
        sent: Folder with what was sent to the mentors.
    """

    address: str
    sent: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return the running server; it ends with the tests."""
    folder = tmp_path_factory.mktemp("server")
    process, place = started(1_000, folder / "output.txt")
    yield Server(place, folder / "sent")
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture(scope="session")
def address(server: Server) -> str:
    """Return the address of the running server."""
    return server.address


@pytest.fixture
def mail(server: Server) -> FolderSubmissions:
    """Return what was sent to the mentors of the running server."""
    return FolderSubmissions(server.sent)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium, told to fetch nothing by itself."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Return a visitor at a desk whose visit must end without a fault."""
    visitor = Visit(browser, address, DESKTOP)
    yield visitor
    visitor.context.close()
    assert visitor.faults == []


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Visit]:
    """Return a visitor with a phone whose visit must end without a fault."""
    visitor = Visit(browser, address, PHONE, has_touch=True, is_mobile=True, locale="en-US")
    yield visitor
    visitor.context.close()
    assert visitor.faults == []
