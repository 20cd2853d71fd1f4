"""A scripted server of OpenAI-compatible embeddings over real HTTP, on loopback; it can fail in many ways.

The vector of a text is made of hashes of its words, so that equal words meet and the same text always has the same.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Vectors = list[list[float]]


@dataclass
class EmbeddingServer:
    """The running server.

    Attributes:
        url: Base address.
        behaviour: A key of ``BEHAVIOURS``; everything is well if empty.
        dimension: Length of the vectors.
        seed: Another model stands behind the name if it is another.
        asked: What was sent, in order: the path, the headers in small letters, the body.
        closing: Set when the test is over, so that nothing hangs any longer.
    """

    url: str
    behaviour: str = ""
    dimension: int = 48
    seed: int = 0
    asked: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def texts(self) -> list[str]:
        """Every text that was sent, in order."""
        return [text for _, _, body in self.asked for text in body["input"]]

    def vector(self, text: str) -> list[float]:
        """Return the vector of a text, not of unit length."""
        bag = [0.01] * self.dimension
        for word in text.lower().split():
            digest = hashlib.blake2b(f"{self.seed} {word}".encode(), digest_size=4).digest()
            bag[int.from_bytes(digest, "big") % self.dimension] += 1.0
        return bag


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    script: EmbeddingServer

    def do_POST(self) -> None:
        """Answer as the script says."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.script.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        texts = body["input"]
        vectors = [self.script.vector(text) for text in texts] if isinstance(texts[0], str) else []
        BEHAVIOURS.get(self.script.behaviour, _well)(self, vectors)

    def reply(self, status: int, text: str, kind: str = "application/json", **headers: str) -> None:
        """Send a whole reply."""
        data = text.encode()
        self.send_response(status)
        for name, value in ({"content-type": kind, "content-length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _body(vectors: Vectors) -> str:
    data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
    return json.dumps({"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}})


def _well(handler: Handler, vectors: Vectors) -> None:
    handler.reply(200, _body(vectors))


def _status(status: int, **headers: str) -> Callable[[Handler, Vectors], None]:
    def behave(handler: Handler, vectors: Vectors) -> None:
        del vectors
        secret = f'{{"error": {{"message": "the texts were {handler.script.asked[-1][2]["input"]}"}}}}'
        handler.reply(status, secret, **headers)

    return behave


def _hang(handler: Handler, vectors: Vectors) -> None:
    del vectors
    handler.script.closing.wait(20)


def _drip(handler: Handler, vectors: Vectors) -> None:
    """Send a byte now and then: no single read is ever slow."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", "100000")
    handler.end_headers()
    for letter in _body(vectors)[:100]:
        if handler.script.closing.wait(0.05):
            return
        try:
            handler.wfile.write(letter.encode())
            handler.wfile.flush()
        except OSError:
            return


def _cut(handler: Handler, vectors: Vectors) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", "100000")
    handler.end_headers()
    handler.wfile.write(_body(vectors)[:50].encode())
    handler.close_connection = True


def _with(change: Callable[[Vectors], Any]) -> Callable[[Handler, Vectors], None]:
    return lambda handler, vectors: handler.reply(200, _body(change(vectors)))


def _huge(handler: Handler, vectors: Vectors) -> None:
    handler.reply(200, " " * (len(vectors) * 600_000) + _body(vectors))


BEHAVIOURS: dict[str, Callable[[Handler, Vectors], None]] = {
    "500": _status(500),
    "503": _status(503, **{"retry-after": "0"}),
    "429": _status(429, **{"retry-after": "0"}),
    "401": _status(401),
    "400": _status(400),
    "redirect": _status(307, location="http://127.0.0.2:9/v1/embeddings"),
    "hang": _hang,
    "drip": _drip,
    "cut": _cut,
    "huge": _huge,
    "html": lambda handler, _: handler.reply(200, "<html><body>Sign in</body></html>", "text/html"),
    "no-json": lambda handler, _: handler.reply(200, "{]"),
    "no-data": lambda handler, _: handler.reply(200, '{"object": "list"}'),
    "too-few": _with(lambda vectors: vectors[1:]),
    "too-many": _with(lambda vectors: [*vectors, vectors[0]]),
    "longer": _with(lambda vectors: [[*vector, 1.0] for vector in vectors]),
    "ragged": _with(lambda vectors: [vectors[0][:-1], *vectors[1:]]),
    "zero": _with(lambda vectors: [[0.0] * len(vector) for vector in vectors]),
    "nan": _with(lambda vectors: [[float("nan")] * len(vector) for vector in vectors]),
    "words": _with(lambda vectors: [["a"] * len(vector) for vector in vectors]),
    "empty": _with(lambda vectors: [[] for _ in vectors]),
}
"""How it may behave, by name."""


class _Quiet(ThreadingHTTPServer):
    """Says nothing of those who hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


@contextmanager
def embedding() -> Iterator[EmbeddingServer]:
    """Run a server as long as the block."""
    handler = type("Scripted", (Handler,), {})
    httpd = _Quiet(("127.0.0.1", 0), handler)
    script = EmbeddingServer(f"http://127.0.0.1:{httpd.server_address[1]}/v1")
    handler.script = script  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.closing.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join(5)
