"""The way to an endpoint: to one host only, on a connection per request that any thread can cut."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Literal, cast

import httpx
from pydantic import SecretStr

PLACEHOLDER = "none"
"""Sent as the key where there is none: servers of one's own want some, and do not look at it."""


Step = Literal["", "sent", "connected"]


def _nothing(step: Step) -> None:
    """Do nothing."""


class Line:
    """One request on its way, and what was seen of its reply.

    Attributes:
        most_bytes: Where the reply is cut off.
        tell: Is told of each step.
        connected: Whether there was a connection.
        unreachable: Whether none could be had.
        status: Status of the reply; None before there is one.
        retry_after: Seconds that the endpoint asks to be left alone for; None if it does not say.
        broken: Whether the connection ended within the reply.
        full: Whether the reply was cut off for its length.
    """

    def __init__(self, most_bytes: int, tell: Callable[[Step], None] = _nothing) -> None:
        self.most_bytes, self.tell = most_bytes, tell
        self.connected = self.unreachable = self.broken = self.full = False
        self.status: int | None = None
        self.retry_after: float | None = None
        self._socket: socket.socket | None = None
        self._cut = False
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Let what this thread sends meanwhile go over this line."""
        token = _LINE.set(self)
        try:
            yield
        finally:
            _LINE.reset(token)

    def cut(self) -> None:
        """Break the connection, now or as soon as there is one; harmless at any time, from any thread."""
        with self._lock:
            self._cut = True
            self._shut()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Keep the socket as soon as there is one; called by httpcore at every step."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._cut:
                    self._shut()
        elif event.endswith("send_request_headers.started"):
            self.connected = True
            self.tell("connected")

    def _shut(self) -> None:
        """Wake whoever reads; to close the socket would not, and it is closed by the one who opened it."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def saw(self, response: httpx.Response) -> None:
        """Note how the reply begins."""
        self.status = response.status_code
        with contextlib.suppress(ValueError):
            seconds = float(response.headers.get("retry-after", ""))
            self.retry_after = seconds if math.isfinite(seconds) and seconds >= 0 else None


_LINE: ContextVar[Line] = ContextVar("line")


class _Counted(httpx.SyncByteStream):
    """The body of a reply, up to so many bytes."""

    def __init__(self, stream: httpx.SyncByteStream, line: Line, close: Callable[[], None]) -> None:
        self._stream, self._line, self._close = stream, line, close

    def __iter__(self) -> Iterator[bytes]:
        left = self._line.most_bytes
        try:
            for part in self._stream:
                left -= len(part)
                if left < 0:
                    self._line.full = True
                    raise httpx.ReadError("the reply is too long")
                yield part
        except httpx.TransportError:
            self._line.broken = True
            raise

    def close(self) -> None:
        self._stream.close()
        self._close()


class Wire(httpx.BaseTransport):
    """Sends what a library has made; only here the key is known.

    Every request has a connection of its own: it can be cut without harm to another, and a handshake is nothing
    beside the seconds that a model takes. Proxies and redirections are not followed, so that what is sent reaches the
    configured host or nobody.
    """

    def __init__(self, url: str, key: SecretStr | None, *, connect: float, read: float) -> None:
        """Lead to the host of ``url``; a connection must be there, and a part of a reply, within so many seconds."""
        self._origin = _origin(httpx.URL(url))
        self._key = key
        self._timeout = {"connect": connect, "read": read, "write": read, "pool": connect}
        self._tls = httpx.create_ssl_context()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over the line of this thread."""
        line = _LINE.get()
        if _origin(request.url) != self._origin:
            raise httpx.UnsupportedProtocol("this host is not the configured endpoint")
        line.tell("sent")
        door = httpx.HTTPTransport(verify=self._tls, trust_env=False)
        try:
            response = door.handle_request(self._signed(request, line))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            line.unreachable = True
            raise
        line.saw(response)
        counted = _Counted(cast(httpx.SyncByteStream, response.stream), line, door.close)
        if "content-encoding" in response.headers:  # was not asked for; what it unpacks to is not counted
            counted.close()
            raise httpx.DecodingError("the reply is packed")
        return httpx.Response(response.status_code, headers=response.headers, stream=counted)

    def _signed(self, request: httpx.Request, line: Line) -> httpx.Request:
        """Return the request with the key, which the library that made it, and its errors, never hold."""
        key = self._key.get_secret_value() if self._key else PLACEHOLDER
        headers = httpx.Headers(request.headers)
        headers.update({"authorization": f"Bearer {key}", "accept-encoding": "identity"})
        return httpx.Request(
            request.method, request.url, headers=headers, stream=request.stream,
            extensions={"timeout": self._timeout, "trace": line.trace},
        )  # fmt: skip


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
