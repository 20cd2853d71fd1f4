"""Embeddings from an OpenAI-compatible endpoint: strings in, unit vectors out, within the time or not at all."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import httpx
import numpy as np
from langchain_core.embeddings import Embeddings
from langchain_openai import OpenAIEmbeddings
from numpy.typing import NDArray
from pydantic import SecretStr

from assistant.errors import ModelError
from assistant.models.breaker import Breaker
from assistant.models.endpoint import Endpoint
from assistant.models.quiet import quieten
from assistant.models.wire import PLACEHOLDER, Line, Wire
from assistant.types import Language

PROBE = "What documents do I need? Какие документы нужны? Қандай құжаттар керек?"
_BATCH = 64
_BYTES_A_TEXT = 524_288
_REMEMBERED = 32
_SAME = 0.999
"""Least cosine between two vectors of one text by which a model is taken for the one it was."""
_LONGEST_WAIT = 30.0
_FAULTS = {
    "unreachable": "cannot be reached",
    "late": "has not answered in time",
    "refused": "refuses the key (401 or 403)",
    "limited": "is asked too often (429)",
    "failed": "fails (5xx)",
    "rejected": "does not take the texts (4xx): is the model's name right, are the texts too long for it?",
    "malformed": "gives no proper vectors",
    "dimension": "gives vectors of another length than those of the index: run `assistant index`",
    "resting": "did not answer just now and is left alone for a while",
}
_WORTH_ANOTHER_TRY = frozenset({"unreachable", "limited", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long an endpoint is waited for.

    Attributes:
        connect: Seconds until there must be a connection.
        seconds: Seconds of one try, whatever trickles in meanwhile.
        tries: Times that it is asked.
        pause: Seconds before the second try; doubled before each further one.
    """

    connect: float = 3.0
    seconds: float
    tries: int = 1
    pause: float = 1.0


QUESTIONS = Limits(seconds=3.0)
"""A student waits, and can be answered without."""
BUILDING = Limits(seconds=60.0, tries=3)
"""Nobody waits, and there is no index without."""


class _Failure(Exception):
    """One try has failed; ``fault`` is a key of ``_FAULTS``."""

    def __init__(self, fault: str, wait: float | None = None) -> None:
        super().__init__(fault)
        self.fault, self.wait = fault, wait


class EndpointEmbedder(Embeddings):
    """A model that an endpoint runs; safe to use from any thread.

    After a failure it is left alone for half a minute, so that not every question waits for it in vain.

    Attributes:
        name: Identity under which vectors are kept.
        languages: Languages it may vote in.
        endpoint: Where it runs.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        key: SecretStr | None,
        *,
        name: str,
        languages: frozenset[Language],
        dimension: int,
        limits: Limits,
        mask: Callable[[str], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Contact nobody yet.

        Args:
            endpoint: Where the model runs.
            key: Proves who asks; None for a server of one's own.
            name: Identity under which vectors are kept.
            languages: Languages it may vote in.
            dimension: Length of its vectors; 0 if that is not known yet.
            limits: How long it is waited for.
            mask: Takes out of a question what nobody else shall read.
            clock: Seconds, for the breaker.
        """
        quieten(key)
        self.name, self.languages, self.endpoint = name, languages, endpoint
        self._dimension, self._limits, self._mask = dimension, limits, mask
        self._breaker = Breaker(clock, failures=1)
        self._client = _client(endpoint, key, limits)
        self._questions: OrderedDict[bytes, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector per text, in order, shape ``(len(texts), dimension)``.

        Raises:
            ModelError: If the endpoint does not give them in time.
        """
        return [row for start in range(0, len(texts), _BATCH) for row in self._asked(texts[start : start + _BATCH])]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question, shape ``(dimension,)``.

        One reply asks for the same vector several times; it is kept under a digest, from which no question can be read.

        Raises:
            ModelError: If the endpoint does not give it in time.
        """
        sent = self._mask(text)
        key = hashlib.blake2b(sent.encode("utf-8", "replace"), digest_size=16).digest()
        with self._lock:
            known = self._questions.get(key)
        if known is None:
            known = self._asked([sent])[0]
            with self._lock:
                self._questions[key] = known
                while len(self._questions) > _REMEMBERED:
                    self._questions.popitem(last=False)
        return known

    def _asked(self, texts: list[str]) -> list[list[float]]:
        permit = self._breaker.enter()
        if permit is None:
            raise self._error("resting")
        worked: bool | None = None
        try:
            vectors = self._tried(texts)
            worked = True
        except _Failure as failure:
            worked = False
            raise self._error(failure.fault) from None  # what a library says may quote the texts
        finally:
            self._breaker.leave(permit, worked=worked)
        return vectors

    def _tried(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors, after as many tries as the limits allow."""
        for left in range(self._limits.tries - 1, -1, -1):
            try:
                return self._checked(self._once(texts), len(texts))
            except _Failure as failure:
                if not left or failure.fault not in _WORTH_ANOTHER_TRY:
                    raise
                waited = self._limits.tries - 1 - left
                pause = self._limits.pause * 2**waited * random.uniform(0.5, 1.5)  # noqa: S311  no secret hangs on it
                time.sleep(min(max(pause, failure.wait or 0.0), _LONGEST_WAIT))
        raise AssertionError("the last try returns or raises")

    def _once(self, texts: list[str]) -> object:
        """Return what the endpoint gives for one request, read in a thread that is cut off when the time is over."""
        line = Line(len(texts) * _BYTES_A_TEXT)
        results: SimpleQueue[object] = SimpleQueue()

        def ask() -> None:
            try:
                with line.used():
                    results.put(self._client.embed_documents(texts))
            except Exception as error:  # the libraries raise whatever they meet in a reply
                results.put(error)

        threading.Thread(target=ask, name="embeddings", daemon=True).start()
        try:
            result = results.get(timeout=self._limits.seconds)
        except Empty:
            line.cut()
            raise _Failure("late") from None
        if isinstance(result, Exception):
            raise _Failure(_fault(result, line), line.retry_after) from None
        return result

    def _checked(self, given: object, count: int) -> list[list[float]]:
        """Return what was given as unit vectors, if that is what it is."""
        try:
            matrix: NDArray[np.float64] = np.array(given, dtype=np.float64)
        except (TypeError, ValueError):
            raise _Failure("malformed") from None
        if matrix.ndim != 2 or len(matrix) != count or not matrix.size or not np.isfinite(matrix).all():
            raise _Failure("malformed")
        if self._dimension and matrix.shape[1] != self._dimension:
            raise _Failure("dimension")
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        if not (lengths > 0).all():
            raise _Failure("malformed")
        unit: list[list[float]] = (matrix / lengths).tolist()
        return unit

    def _error(self, fault: str) -> ModelError:
        return ModelError(f"the embedding model {self.endpoint.name!r} at {self.endpoint.host} {_FAULTS[fault]}")


def identity(endpoint: Endpoint, probe: list[float]) -> str:
    """Return the name under which the vectors of an endpoint's model are kept.

    It tells model, host and dimension apart, and two models that one name stood for at different times by the vector
    of ``PROBE``.
    """
    digest = hashlib.blake2b(digest_size=6)
    for part in (endpoint.url, endpoint.model, str(len(probe)), np.round(probe, 3).tolist()):
        digest.update(f"{part}\0".encode())
    return f"{re.sub(r'[^A-Za-z0-9._-]', '_', endpoint.model)[:40]}-{digest.hexdigest()}"


def is_same(one: list[float], other: list[float]) -> bool:
    """Return whether two unit vectors of ``PROBE`` are by one model; computing in another order changes a little."""
    return len(one) == len(other) and float(np.dot(one, other)) >= _SAME


def _client(endpoint: Endpoint, key: SecretStr | None, limits: Limits) -> OpenAIEmbeddings:
    """Return LangChain's embeddings over our wire; they hold no key, ask once, and send strings and no tokens."""
    wire = Wire(endpoint.url, key, connect=limits.connect, read=limits.seconds)
    options: dict[str, Any] = {
        "model": endpoint.model, "base_url": endpoint.url, "api_key": SecretStr(PLACEHOLDER), "max_retries": 0,
        "http_client": httpx.Client(transport=wire, follow_redirects=False), "openai_proxy": None,
        "check_embedding_ctx_length": False, "chunk_size": _BATCH,
        "model_kwargs": {"encoding_format": "float"},  # few servers know the other one
    }  # fmt: skip
    return OpenAIEmbeddings(**options)


def _fault(error: Exception, line: Line) -> str:
    """Return what was wrong, by what was seen on the line; what the library says of it may quote the texts."""
    if line.unreachable:
        return "unreachable"
    status = line.status
    if status is None or line.broken:
        return "late" if isinstance(error, TimeoutError) else "unreachable" if status is None else "malformed"
    if status in {401, 403}:
        return "refused"
    if status == 429:
        return "limited"
    if status >= 500:
        return "failed"
    return "rejected" if status >= 400 else "malformed"
