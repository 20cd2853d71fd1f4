"""A scripted server that speaks OpenAI's Chat Completions and Ollama's protocol over real HTTP, on loopback.

The model's name selects how it behaves (``BEHAVIOURS``); with ``reply`` every other name answers by a function.
"""

from __future__ import annotations

import json
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = list[dict[str, Any]]
Reply = Callable[[Messages], Iterator[str]]

TEXT = ("The GPA ", "must be ", "at least 2.67. ", "Орташа балл ", "кемінде 2,67.")
"""What a good model writes, piece by piece."""

WHOLE = "".join(TEXT)
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
MEGABYTES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    Attributes:
        path: What was asked for.
        body: What was sent, read as JSON; empty if nothing.
        headers: What was sent beside it, names in small letters.
    """

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class ModelServer:
    """The running server.

    Attributes:
        url: Base address for OpenAI's protocol; ``root`` is the one for Ollama's.
        reply: What a model of another name answers; the good text if None.
        requests: What was asked, in order.
        gone: Set when somebody hung up before the reply was whole.
        context: What it tells of itself under ``/v1/models``, ``/props`` and ``/api/show``; nothing if empty.
        pace: Seconds between two pieces where that matters.
    """

    root: str
    reply: Reply | None = None
    requests: list[Asked] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    context: dict[str, Any] = field(default_factory=dict)
    pace: float = 0.05
    closing: threading.Event = field(default_factory=threading.Event)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Base address for OpenAI's protocol."""
        return f"{self.root}/v1"

    def chats(self) -> list[Asked]:
        """Return the requests for texts."""
        return [each for each in self.requests if each.path.endswith(("/chat/completions", "/api/chat"))]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    model: ModelServer

    def do_GET(self) -> None:
        """Tell of oneself."""
        self._note({})
        self.close_connection = True
        told = self.model.context.get(self.path)
        try:
            if told == "drip":
                self._head("application/json")
                self._drip(b" ")
            elif told is None:
                self._json(404, {"error": {"message": "there is no such thing"}})
            else:
                self._json(200, told)
        except OSError:
            self.model.gone.set()

    def do_POST(self) -> None:
        """Write a text."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._note(body)
        self.close_connection = True
        with self.model.lock:
            self.model.at_once += 1
            self.model.most_at_once = max(self.model.most_at_once, self.model.at_once)
        try:
            if self.path == "/api/show":
                self._json(200, self.model.context.get(self.path, {}))
            elif self.path == "/api/chat":
                _ollama(self, body)
            else:
                BEHAVIOURS.get(body["model"], _reply)(self, body)
        except OSError:
            self.model.gone.set()
        finally:
            with self.model.lock:
                self.model.at_once -= 1

    def _note(self, body: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.model.requests.append(Asked(self.path, body, headers))

    def _head(self, kind: str = "text/event-stream", status: int = 200, **headers: str) -> None:
        """Begin a reply that ends with the connection."""
        self.send_response(status)
        for name, value in {"content-type": kind, "connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.flush()

    def _json(self, status: int, data: object, **headers: str) -> None:
        raw = json.dumps(data).encode()
        self._head("application/json", status, content_length=str(len(raw)), **headers)
        self.wfile.write(raw)

    def _event(self, data: object) -> None:
        said = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        self.wfile.write(f"data: {said}\n\n".encode())
        self.wfile.flush()

    def _text(self, text: str) -> None:
        self._event(_chunk({"content": text}))

    def _end(self, reason: str | None, body: dict[str, Any]) -> None:
        if reason:
            self._event(_chunk({}, reason))
        if (body.get("stream_options") or {}).get("include_usage"):
            self._event({**_chunk({}), "choices": [], "usage": USAGE})
        self._event("[DONE]")

    def wait(self, seconds: float = 60.0) -> None:
        """Do nothing, until somebody hangs up, the server ends, or so many seconds are over."""
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            while not self.model.closing.is_set() and time.monotonic() < until:
                if selector.select(0.02) and not self.connection.recv(1):
                    raise ConnectionResetError

    def _drip(self, part: bytes) -> None:
        while not self.model.closing.is_set():
            self.wfile.write(part)
            self.wfile.flush()
            self.wait(self.model.pace)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


Behaviour = Callable[[Handler, dict[str, Any]], None]


def _chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }


def _good(handler: Handler, body: dict[str, Any], texts: Iterator[str] | tuple[str, ...] = TEXT, end: str | None = "stop") -> None:  # fmt: skip
    handler._head()
    handler._event(_chunk({"role": "assistant", "content": ""}))
    for text in texts:
        handler._text(text)
    handler._end(end, body)


def _reply(handler: Handler, body: dict[str, Any]) -> None:
    reply = handler.model.reply
    _good(handler, body, reply(body["messages"]) if reply else TEXT)


def _status(status: int, **headers: str) -> Behaviour:
    """Refuse, and say again all that was sent, as some servers do."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        said = {"message": f"no: {handler.headers['authorization']} {body['messages']}", "type": "x", "code": "y"}
        handler._json(status, {"error": said}, **headers)

    return behave


def _once(fault: Behaviour) -> Behaviour:
    """Show a fault at the first request, and write well after that."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        earlier = [each for each in handler.model.chats() if each.body["model"] == body["model"]]
        (_good if len(earlier) > 1 else fault)(handler, body)

    return behave


def _strict(*refused: str, status: int = 400) -> Behaviour:
    """Refuse requests with certain options."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        (_status(status) if set(refused) & set(body) else _good)(handler, body)

    return behave


def _hang(handler: Handler, body: dict[str, Any]) -> None:
    handler.wait()


def _slow(handler: Handler, body: dict[str, Any]) -> None:
    handler._head()
    handler._event(_chunk({"role": "assistant", "content": ""}))
    handler.wait()


def _silent_drip(handler: Handler, body: dict[str, Any]) -> None:
    """Keep the connection alive with comments and empty pieces."""
    handler._head()
    handler._drip(b": wait\n\ndata: " + json.dumps(_chunk({"content": ""})).encode() + b"\n\n")


def _drip(handler: Handler, body: dict[str, Any]) -> None:
    handler._head()
    handler._drip(b"data: " + json.dumps(_chunk({"content": "a"})).encode() + b"\n\n")


def _drip_bytes(handler: Handler, body: dict[str, Any]) -> None:
    """Send a piece byte by byte."""
    handler._head()
    handler._drip(b"d")


def _stall(handler: Handler, body: dict[str, Any]) -> None:
    handler._head()
    handler._text(TEXT[0])
    handler.wait()


def _cut(handler: Handler, body: dict[str, Any]) -> None:
    handler._head()
    for text in TEXT[:3]:
        handler._text(text)


def _cut_chunked(handler: Handler, body: dict[str, Any]) -> None:
    """End within a body that tells its own end."""
    handler._head(transfer_encoding="chunked")
    said = f"data: {json.dumps(_chunk({'content': TEXT[0]}))}\n\n".encode()
    handler.wfile.write(f"{len(said):x}\r\n".encode() + said + b"\r\n")


def _reset(handler: Handler, body: dict[str, Any]) -> None:
    """Break the connection off in the middle of a piece."""
    handler._head()
    handler._text(TEXT[0])
    handler.wfile.write(b'data: {"id": "1", "choi')
    handler.wfile.flush()
    time.sleep(0.05)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def _no_reply(handler: Handler, body: dict[str, Any]) -> None:
    """Hang up without a word."""


def _no_finish(handler: Handler, body: dict[str, Any]) -> None:
    _good(handler, body, end=None)


def _length(handler: Handler, body: dict[str, Any]) -> None:
    _good(handler, body, TEXT[:2], end="length")


def _filtered(handler: Handler, body: dict[str, Any]) -> None:
    _good(handler, body, TEXT[:2], end="content_filter")


def _no_usage(handler: Handler, body: dict[str, Any]) -> None:
    """End well, and then keep the connection open."""
    _good(handler, {}, end="stop")
    handler.wait()


def _endless(handler: Handler, body: dict[str, Any]) -> None:
    handler._head()
    for _ in range(MEGABYTES * 1_000):
        handler._text("a" * 1_000)


def _endless_line(handler: Handler, body: dict[str, Any]) -> None:
    handler._head()
    handler.wfile.write(b'data: {"choices": [{"delta": {"content": "')
    for _ in range(MEGABYTES * 10):
        handler.wfile.write(b"a" * 100_000)


def _html(handler: Handler, body: dict[str, Any]) -> None:
    raw = b"<!doctype html><title>Sign in</title><p>Please sign in to the network."
    handler._head("text/html", content_length=str(len(raw)))
    handler.wfile.write(raw)


def _events(*said: object) -> Behaviour:
    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler._head()
        for each in said:
            handler._event(each)

    return behave


def _wrong_type(handler: Handler, body: dict[str, Any]) -> None:
    """Answer whole although a stream was asked for."""
    message = {"role": "assistant", "content": WHOLE}
    handler._json(200, {**_chunk({}), "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


def _packed(handler: Handler, body: dict[str, Any]) -> None:
    handler._head(content_encoding="gzip")
    handler.wfile.write(b"\x1f\x8b")


def _elsewhere(handler: Handler, body: dict[str, Any]) -> None:
    handler._head(status=307, location=f"http://localhost:{handler.model.root.rpartition(':')[2]}/v1/chat/completions")


def _surrogate(handler: Handler, body: dict[str, Any]) -> None:
    handler._head()
    handler._event(json.dumps(_chunk({"content": "a\ud83d"})))
    handler._event(json.dumps(_chunk({"content": "b"})))
    handler._end("stop", body)


def _ollama(handler: Handler, body: dict[str, Any]) -> None:
    """Speak Ollama's protocol: a line of JSON for each piece."""
    if body["model"] in {"status-500", "status-401", "status-404", "hang"}:
        BEHAVIOURS[body["model"]](handler, body)
        return
    handler._head("application/x-ndjson")
    common = {"model": body["model"], "created_at": "2026-01-01T00:00:00Z"}
    for text in TEXT:
        piece = common | {"message": {"role": "assistant", "content": text}, "done": False}
        handler.wfile.write(json.dumps(piece).encode() + b"\n")
    if body["model"] == "error-event":
        handler.wfile.write(b'{"error": "the model has crashed"}\n')
    if body["model"] in {"cut", "error-event"}:
        return
    counted = {"prompt_eval_count": 11, "eval_count": 7}
    end = {"message": {"role": "assistant", "content": ""}, "done": True}
    reason = "length" if body["model"] == "length" else "stop"
    handler.wfile.write(json.dumps(common | end | counted | {"done_reason": reason}).encode() + b"\n")


BEHAVIOURS: dict[str, Behaviour] = {
    "good": _good,
    "no-usage": _no_usage,
    "old": _strict("stream_options", "seed", "max_completion_tokens", status=422),
    "thinker": _strict("temperature", "max_tokens"),
    "status-400": _status(400),
    "status-401": _status(401),
    "status-403": _status(403),
    "status-404": _status(404),
    "status-429": _status(429, retry_after="0.1"),
    "status-429-long": _status(429, retry_after="60"),
    "status-500": _status(500),
    "status-503": _status(503),
    "status-429-once": _once(_status(429, retry_after="0.3")),
    "status-500-once": _once(_status(500)),
    "hang": _hang,
    "slow": _slow,
    "silent-drip": _silent_drip,
    "drip": _drip,
    "drip-bytes": _drip_bytes,
    "stall": _stall,
    "cut": _cut,
    "cut-chunked": _cut_chunked,
    "reset": _reset,
    "no-reply": _no_reply,
    "no-finish": _no_finish,
    "length": _length,
    "filtered": _filtered,
    "endless": _endless,
    "endless-line": _endless_line,
    "html": _html,
    "empty-choices": _events({**_chunk({}), "choices": []}, "[DONE]"),
    "only-done": _events("[DONE]"),
    "bad-chunk": _events(_chunk({"content": TEXT[0]}), '{"choices": [{"delta": {"content": '),
    "wrong-shape": _events('{"choices": "none"}', "[DONE]"),
    "error-event": _events(_chunk({"content": TEXT[0]}), {"error": {"message": "out of memory", "code": 500}}),
    "empty": _events(_chunk({"role": "assistant", "content": ""}), _chunk({}, "stop"), "[DONE]"),
    "blank": _events(_chunk({"content": " \n\n "}), _chunk({}, "stop"), "[DONE]"),
    "wrong-type": _wrong_type,
    "packed": _packed,
    "elsewhere": _elsewhere,
    "surrogate": _surrogate,
}
"""How the server behaves, by the model's name."""


@contextmanager
def serving(reply: Reply | None = None) -> Iterator[ModelServer]:
    """Run a server in threads of its own.

    Args:
        reply: Answers to models of other names than ``BEHAVIOURS`` has: it gets the messages as they were sent and
            yields the text piece by piece.
    """
    model = ModelServer("", reply)

    class Server(ThreadingHTTPServer):
        daemon_threads, block_on_close, request_queue_size = True, False, 64

        def handle_error(self, *_: object) -> None:
            """Say nothing: hanging up in the middle is what the tests do."""

    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"model": model}))
    model.root = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
