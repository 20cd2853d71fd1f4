"""A real server with the fake assistant, and visitors with a real browser who note every fault."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Response,
    ViewportSize,
)

from assistant.types import Language

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = ViewportSize(width=390, height=844)
NARROW = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=800)


def free_port() -> int:
    """Return a port nobody listens on.

    It lies below those that Linux gives to clients, so that no client can take it between this look and the server's
    start, nor connect to itself while the server is down.
    """
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return port


def started(per_minute: int, output: Path, script: str = "serve_fake.py") -> tuple[subprocess.Popen[bytes], str]:
    """Return the running server and its address, or fail with what it said."""
    port, folder = free_port(), Path(__file__).parent
    with output.open("wb") as said:
        server = subprocess.Popen(
            [sys.executable, str(folder / script), str(port), str(per_minute), str(output.with_name("sent"))],
            cwd=folder.parents[1],
            env={"PYTHONPATH": os.pathsep.join(map(str, (folder.parents[1], folder.parent))), "PATH": "/usr/bin:/bin"},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=1).close()
            return server, address
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.25)
    server.kill()
    server.wait()
    pytest.fail(f"the server did not start:\n{output.read_text(errors='replace')}")


class Visit:
    """A visitor with an own session, who notes everything that must not happen."""

    def __init__(self, browser: Browser, address: str, size: ViewportSize, **settings: Any) -> None:
        """Open a window of this size."""
        self.address = address
        self.faults: list[str] = []
        self._is_leaving = False
        self.context: BrowserContext = browser.new_context(viewport=size, **settings)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self._request(request.url))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("response", self._response)

    def _request(self, url: str) -> None:
        """Note every request that leaves the server."""
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"outside request {url}")

    def _console(self, message: ConsoleMessage) -> None:
        """Note errors of the console, but not that leaving a page ends its requests."""
        ended = "AbortError" in message.text or (self._is_leaving and "errored out" in message.text)
        if message.type == "error" and not ended:
            self.faults.append(f"console {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        """Note and close every dialog."""
        self.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _response(self, response: Response) -> None:
        """Note every failed request."""
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.url}")

    def open(self, language: Language) -> Visit:
        """Open a page and wait until it can be used."""
        self.page.goto(f"{self.address}/{language}/")
        self.page.wait_for_selector("#question textarea")
        return self

    def leave(self, address: str) -> None:
        """Go to another page, whatever this one is still loading."""
        self._is_leaving = True
        self.page.goto(address)
        self._is_leaving = False

    def ask(self, question: str, then: str = "#chat .references") -> Visit:
        """Ask a question and wait for one more of what shall follow."""
        before = self.page.locator(then).count()
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")
        self.page.locator(then).nth(before).wait_for()
        self.page.wait_for_selector("#tools", state="visible")
        return self


def wider_than_window(page: Page) -> bool:
    """Return whether the page could be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def violations(page: Page, stage: str) -> list[str]:
    """Return what axe objects to at this stage."""
    found = Axe().run(page).response["violations"]
    return [f"{stage}: {each['id']} {[node['target'] for node in each['nodes']][:4]}" for each in found]
