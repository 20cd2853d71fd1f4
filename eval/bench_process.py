"""What a user waits for and an operator pays for: cold starts and the memory of the serving process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from eval.bench_figures import Measured, Say

_TIMES = 5
_START_SECONDS = 120
_LIBRARIES = """
import json, sys
from assistant.cli import app
app(["ask", *sys.argv[1:]], standalone_mode=False)
names = [n for n, m in list(sys.modules.items())
         if not n.startswith(("assistant", "__")) and getattr(m, "__spec__", None) is not None]
sys.stderr.write(json.dumps(names))
"""
_IMPORT = """
import importlib, json, sys
for name in json.loads(sys.stdin.read()):
    try:
        importlib.import_module(name)
    except ImportError:  # a module that only its package can load
        pass
"""


class BenchError(Exception):
    """A process that is measured failed; the message holds what it said."""


def cold_start(question: str, where: Sequence[str]) -> Measured:
    """Return the time from nothing to an answer beside the import of the libraries that it loads."""
    names = child(["-c", _LIBRARIES, question, *where]).stderr.splitlines()[-1]
    answers, imports = [], []
    for _ in range(_TIMES):
        answers.append(_seconds(["-m", "assistant", "ask", question, *where]))
        imports.append(_seconds(["-c", _IMPORT], given=names))
    return Measured(
        name="`assistant ask` cold ÷ import of its libraries", value=median(answers), base=median(imports),
        unit="s", target=2, note=f"medians of {_TIMES}; {len(json.loads(names))} modules",
    )  # fmt: skip


def help_time() -> Measured:
    """Return how long `assistant --help` takes."""
    times = [_seconds(["-m", "assistant", "--help"]) for _ in range(_TIMES)]
    return Measured(name="`assistant --help`", value=median(times), unit="s", target=0.5, note=f"median of {_TIMES}")


def serving_memory(question: str, where: Sequence[str], say: Say) -> Measured:
    """Return the resident memory of the serving process once it has answered a question.

    Raises:
        BenchError: If it does not serve or answer.
    """
    with serving(["-m", "assistant", "serve", *where, "--port"]) as (server, address):
        ready = _resident(server.pid)
        reply = ask_page(address, question)
        after = _resident(server.pid)
        say(f"serve: {ready:.0f} MB when ready, {after:.0f} MB after a reply of {len(reply)} bytes")
    return Measured(
        name="resident memory of `assistant serve`", value=after, unit="MB", target=700, note=f"{ready:.0f} when ready"
    )


def ask_page(address: str, question: str) -> str:
    """Return the last event of the English page's chat after ``question`` was submitted there.

    Raises:
        BenchError: If the page does not complete the event.
    """
    config = json.loads(_fetch(f"{address}/en/config"))
    submits = [d for d in config["dependencies"] if any(event == "submit" for _, event in d["targets"])]
    body = {
        "data": [question, *[None] * (len(submits[0]["inputs"]) - 1)],
        "fn_index": submits[0]["id"],
        "session_hash": "bench",
    }
    _fetch(f"{address}/en/gradio_api/queue/join", json.dumps(body).encode(), address)
    for line in _fetch(f"{address}/en/gradio_api/queue/data?session_hash=bench").splitlines():
        event = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
        if event.get("msg") == "process_completed" and event.get("success"):
            return line
    raise BenchError("the page did not complete the question; was its first submit event changed?")


def _fetch(url: str, body: bytes | None = None, origin: str = "") -> str:
    headers = {"content-type": "application/json", "origin": origin} if body else {}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  our own server
    with urllib.request.urlopen(request, timeout=_START_SECONDS) as reply:  # noqa: S310  the same
        return str(reply.read().decode())


@contextmanager
def serving(arguments: Sequence[str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Give the server that our interpreter runs with these arguments and a port, and its address; end it afterwards."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, *arguments, str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(server, address)
        yield server, address
    finally:
        server.terminate()
        server.communicate(timeout=_START_SECONDS)


def _wait(server: subprocess.Popen[str], address: str) -> None:
    """Return once the server answers.

    Raises:
        BenchError: If it ends, or is silent for two minutes.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            _fetch(f"{address}/health")
            return
        except OSError:
            time.sleep(0.2)
    server.kill()
    raise BenchError(f"the server did not answer: {server.communicate()[1][-500:]}")


def _resident(pid: int) -> float:
    """Return the resident memory of a process in MB (10^6 bytes), as Linux tells it."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kilobytes * 1024 / 1e6


def _seconds(arguments: Sequence[str], given: str = "") -> float:
    started = time.perf_counter()
    child(arguments, given)
    return time.perf_counter() - started


def child(arguments: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
    """Return a finished child process of our own interpreter.

    Raises:
        BenchError: If it failed.
    """
    done = subprocess.run([sys.executable, *arguments], input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"`{' '.join(arguments)[:200]}` ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done
