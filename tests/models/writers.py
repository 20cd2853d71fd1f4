"""Writers with short times for the tests, and what came of a text."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from model_server import ModelServer
from pydantic import SecretStr

from assistant.answering.generative.writing import Prompt, Usage
from assistant.errors import WritingError
from assistant.models.chat import ChatWriter
from assistant.models.endpoint import Endpoint
from assistant.models.progress import Times

SHORT = Times(connect=1.0, first=1.0, pause=1.0, grace=0.3, context=0.6, backoff=(0.01, 0.03))
PROMPT = Prompt(system="You answer shortly.", user="What GPA do I need?")
SECONDS = 3.0
MOST_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Ended:
    """How a text ended.

    Attributes:
        pieces: What was yielded.
        fault: Its fault; empty if it is whole.
        words: What the fault says.
        seconds: How long it took.
        usage: What it cost.
    """

    pieces: tuple[str, ...]
    fault: str
    words: str
    seconds: float
    usage: Usage


def writer_of(
    server: ModelServer | str, model: str, *, times: Times = SHORT, key: str | None = None, most_at_once: int = 4
) -> ChatWriter:
    """Return a writer for OpenAI's protocol."""
    url = server if isinstance(server, str) else server.url
    secret = SecretStr(key) if key else None
    return ChatWriter(Endpoint("openai", model, url), secret, times=times, most_at_once=most_at_once)


def ollama_of(server: ModelServer, model: str) -> ChatWriter:
    """Return a writer for Ollama's protocol."""
    return ChatWriter(Endpoint("ollama", model, server.root), times=SHORT)


def ended(writer: ChatWriter, *, seconds: float = SECONDS, most_tokens: int = MOST_TOKENS) -> Ended:
    """Return how a text ends."""
    writing, pieces, begun = (
        writer.write(PROMPT, most_tokens=most_tokens, seconds=seconds),
        list[str](),
        time.monotonic(),
    )
    try:
        for piece in writing:
            pieces.append(piece)
    except WritingError as error:
        return Ended(tuple(pieces), error.fault, str(error), time.monotonic() - begun, writing.usage)
    return Ended(tuple(pieces), "", "", time.monotonic() - begun, writing.usage)


def ended_at_once(writer: ChatWriter, times: int) -> list[Ended]:
    """Return how so many texts end that are asked for at once."""
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: ended(writer), range(times)))


@contextmanager
def nobody() -> Iterator[str]:
    """Give an address at which every connection is refused, and which nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@contextmanager
def silence() -> Iterator[str]:
    """Give an address at which no connection is ever answered: its queue is full."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(full.getsockname())
            waiting.append(client)
        time.sleep(0.05)
        yield f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        for client in waiting:
            client.close()
