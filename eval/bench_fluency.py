"""What a language model costs beside its own seconds, and what it costs whoever has none.

The model is scripted: it quotes the sections that it is sent at 30 tokens a second, over HTTP on loopback.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from eval.bench_figures import Measured, quantile
from eval.bench_process import BenchError, child

if TYPE_CHECKING:
    from assistant.knowledge.index import Index
    from assistant.settings import Settings

TOKENS_A_SECOND = 30.0
_QUESTIONS = 24
_ANSWERS = 60
_SENTENCES = 4
_SECTION = re.compile(r"^\[(\d{1,2})\] [^\n]*\n([^\n]+)", re.MULTILINE)
_LIBRARIES = ("langchain.chat_models", "langchain_openai", "langchain_ollama", "openai", "ollama", "assistant.models")
_BATCH = """
import json, sys
if sys.argv[1] == "without":
    sys.modules["assistant.models"] = None
from assistant.cli import app
app(["ask", "--batch", *sys.argv[2:]], standalone_mode=False)
sys.stderr.write("\\n" + json.dumps(sorted(name for name, module in sys.modules.items() if module)))
"""


@dataclass
class Scripted:
    """A scripted endpoint.

    Attributes:
        url: Where it answers.
        own: Seconds from each request to the end of the first sentence written for it, in the order of the requests.
    """

    url: str = ""
    own: list[float] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)


def fluency(settings: Settings, dataset: Path, where: Sequence[str]) -> Iterator[Measured]:
    """Yield every line.

    Args:
        settings: Where a built index of the shipped base is.
        dataset: Folder with own questions, ``cases.jsonl``.
        where: The same place as arguments of the command line.

    Raises:
        BenchError: If a process fails, or no reply is by the model.
    """
    questions = _questions(dataset)
    yield from _first_sentences(settings, questions)
    yield from _verifying(settings)
    yield from _without(questions, where)


def _questions(dataset: Path) -> list[str]:
    cases = [json.loads(line) for line in (dataset / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    answerable = [case["question"] for case in cases if case.get("answerability", "answerable") == "answerable"]
    return answerable[:: max(1, len(answerable) // _ANSWERS)][:_ANSWERS]


def _first_sentences(settings: Settings, questions: Sequence[str]) -> Iterator[Measured]:
    """Yield the time to the first verified sentence beside the time in which the model itself has written one."""
    from assistant.bootstrap import open_assistant

    shown, own = list[float](), list[float]()
    with scripted() as model:
        given = settings.model_copy(update={"llm": "openai:scripted", "llm_base_url": model.url})
        assistant = open_assistant(given)
        for question in questions:
            if len(shown) == _QUESTIONS:
                break
            model.own.clear()
            begun = time.monotonic()
            replies = assistant.converse(question)
            if getattr(next(replies), "composer", "") == "generative":
                shown.append(time.monotonic() - begun)
                own.append(model.own[0])
            replies.close()  # type: ignore[attr-defined]
    if not shown:
        raise BenchError("no reply was by the scripted model")
    ratios = [mine / theirs for mine, theirs in zip(shown, own, strict=True)]
    yield Measured(
        name="first verified sentence ÷ the model's own", value=median(shown), base=median(own), unit="s", target=1.25,
        note=f"{len(shown)} questions; p95 of the ratio {quantile(ratios, 0.95):.2f}",
    )  # fmt: skip


def _verifying(settings: Settings) -> Iterator[Measured]:
    """Yield the milliseconds that it takes to compare a sentence with what it cites."""
    from assistant.answering.verification.verifying import Verifier
    from assistant.bootstrap import ServingIndex

    index = ServingIndex(settings)()
    verifier, times = Verifier.of(index), []
    for path in sorted(Path("eval/datasets/verification").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[::4]:
            case = json.loads(line)
            cited = [_versions(index, case["section"], case["language"])]
            begun = time.perf_counter()
            verifier.verify(case["sentence"], case["language"], cited)
            times.append(1000 * (time.perf_counter() - begun))
    for name, share, target in (("p50", 0.5, 40.0), ("p95", 0.95, 150.0)):
        yield Measured(
            name=f"verification of a sentence, {name}", value=quantile(times[20:], share), unit="ms", target=target,
            note=f"{len(times) - 20} sentences",
        )  # fmt: skip


def _versions(index: Index, section: str, language: str) -> list[Any]:
    rows = (index.rows[row] for row in index.versions[section])
    return sorted((index.shelf.read(row)[0] for row in rows), key=lambda passage: passage.language != language)


def _without(questions: Sequence[str], where: Sequence[str]) -> Iterator[Measured]:
    """Yield how many replies differ where no library for language models can be had, and which of them are loaded."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.jsonl"
        lines = [json.dumps({"id": n, "question": question}) for n, question in enumerate(questions)]
        path.write_text("\n".join(lines), encoding="utf-8")
        runs = [child(["-c", _BATCH, way, str(path), *where]) for way in ("with", "without")]
    replies = [[_timeless(line) for line in run.stdout.splitlines()] for run in runs]
    differing = sum(one != other for one, other in zip(*replies, strict=True))
    yield Measured(
        name="replies that differ without assistant.models", value=differing, unit="replies", target=0,
        note=f"{len(questions)} questions, no model configured",
    )  # fmt: skip
    loaded = [
        name for name in json.loads(runs[0].stderr.splitlines()[-1]) for each in _LIBRARIES
        if name == each or name.startswith(f"{each}.")
    ]  # fmt: skip
    yield Measured(
        name="modules of models loaded without one", value=len(loaded), unit="modules", target=0,
        note=", ".join(loaded[:3]),
    )  # fmt: skip


def _timeless(line: str) -> dict[str, Any]:
    return {name: value for name, value in json.loads(line).items() if name != "timings_ms"}


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Run the scripted endpoint in threads of its own."""
    model = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def do_POST(self) -> None:
            begun = time.monotonic()
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            try:
                _write(self, model, body["messages"][-1]["content"], begun)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _write(handler: BaseHTTPRequestHandler, model: Scripted, prompt: str, begun: float) -> None:
    """Write the first sentences of the sections, a piece of four characters for each token."""
    found = _SECTION.findall(prompt)[:_SENTENCES]
    said = [f"{_first(body)} [{number}]. " for number, body in found] or ["None. "]  # of a follow-up, say
    ends, text, sent = len(said[0]) - 2, "".join(said), 0
    while sent < len(text) and not model.ending.wait(1 / TOKENS_A_SECOND):
        _event(handler, {"content": text[sent : sent + 4]})
        sent += 4
        if sent - 4 < ends <= sent:
            model.own.append(time.monotonic() - begun)
    _event(handler, {}, "stop")
    handler.wfile.write(b"data: [DONE]\n\n")


def _first(body: str) -> str:
    return re.split(r"(?<=[.!?])\s", body.strip())[0].rstrip(".!?")


def _event(handler: BaseHTTPRequestHandler, delta: dict[str, str], reason: str | None = None) -> None:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]}
    handler.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
    handler.wfile.flush()
