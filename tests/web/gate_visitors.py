"""Visitors without a browser: they speak to a page's queue as its script does, and from any local address."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a stream.

    Attributes:
        after: Seconds since the question was sent.
        raw: The event as it was sent.
    """

    after: float
    raw: str

    @property
    def kind(self) -> str:
        """What sort of event it is."""
        return str(json.loads(self.raw)["msg"])


@dataclass(frozen=True)
class Visitor:
    """One session on one page.

    Attributes:
        address: Where the server answers.
        name: The session's name.
        page: Path of the page without slashes at its ends.
        source: The local address from which the requests come.
    """

    address: str
    name: str
    page: str = "en"
    source: str = "127.0.0.1"

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """What Gradio tells of the page."""
        status, body = self.request("GET", f"/{self.page}/config")
        assert status == 200, body
        return dict(json.loads(body))

    @cached_property
    def submitting(self) -> Mapping[str, Any]:
        """The event by which a question is asked."""
        box = next(each["id"] for each in self.config["components"] if each["props"].get("elem_id") == "question")
        return next(each for each in self.config["dependencies"] if [box, "submit"] in each["targets"])

    def named(self, name: str, source: str = "") -> Visitor:
        """Return another visitor of the same page, who knows already what it is made of."""
        other = Visitor(self.address, name, self.page, source or self.source)
        vars(other)["config"] = self.config
        return other

    def heartbeat(self) -> bool:
        """Hold the page open as a tab does, and return whether the server ended that properly."""
        connection = self.connect()
        try:
            connection.request("GET", f"/{self.page}/gradio_api/heartbeat/{self.name}")
            return b"ALIVE" in connection.getresponse().read()
        finally:
            connection.close()

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection from the visitor's address."""
        parts = urlsplit(self.address)
        assert parts.hostname
        return http.client.HTTPConnection(parts.hostname, parts.port, WAIT_SECONDS, (self.source, 0))

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Return status and body of one request; 0 if the connection was closed without an answer."""
        connection = self.connect()
        try:
            sent = {"content-type": "application/json", "origin": self.address} | dict(headers or {})
            connection.request(method, path, body, sent)
            reply = connection.getresponse()
            return reply.status, reply.read()
        except (ConnectionError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def join(self, event: int, data: list[Any]) -> int:
        """Begin an event of the page and return the status."""
        body = {"data": data, "fn_index": event, "session_hash": self.name}
        return self.request("POST", f"/{self.page}/gradio_api/queue/join", json.dumps(body).encode())[0]

    def submit(self, question: str) -> int:
        """Send a question and return the status."""
        asking = self.submitting
        return self.join(asking["id"], [question, *[None] * (len(asking["inputs"]) - 1)])

    def events(self) -> Iterator[Told]:
        """Yield what the server tells until it ends the stream; an end in the middle of a chunk is an error."""
        began = time.monotonic()
        connection = self.connect()
        try:
            connection.request("GET", f"/{self.page}/gradio_api/queue/data?session_hash={self.name}")
            reply = connection.getresponse()
            assert reply.status == 200, reply.status
            for line in iter(reply.readline, b""):
                if line.startswith(b"data:"):
                    yield Told(time.monotonic() - began, line.removeprefix(b"data:").decode().strip())
        finally:
            connection.close()

    def ask(self, question: str) -> list[Told]:
        """Return everything the server tells about a question."""
        assert self.submit(question) == 200
        return list(self.events())


def resident(pid: int) -> float:
    """Return the resident memory of a process in MB (10^6 bytes)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmRSS:"))


@contextmanager
def serving(arguments: Sequence[str], port: int, output: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server with our own interpreter and give it once it answers; end it afterwards.

    Args:
        arguments: What follows the interpreter.
        port: Where it will answer.
        output: Gets what it says.
        environment: What it is told besides the search path of programs.
    """
    command, folder = [sys.executable, *arguments], Path(__file__).parents[2]
    with output.open("wb") as said:
        server = subprocess.Popen(
            command, cwd=folder, env={"PATH": "/usr/bin:/bin", **environment}, stdout=said, stderr=said
        )
    try:
        watcher, deadline = Visitor(f"http://127.0.0.1:{port}", "watcher"), time.monotonic() + 2 * WAIT_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            try:
                if watcher.request("GET", "/health")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.2)
        else:
            pytest.fail(f"the server did not start:\n{output.read_text(errors='replace')}")
        yield server
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
