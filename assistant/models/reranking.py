"""A cross-encoder from a folder: reads question and section together and tells how well one answers the other."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.models.breaker import Breaker

SECONDS = 2.0
"""How long a search waits for it."""
_BATCH = 4
_FAILURES = 3


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder; safe to use from any thread, one search at a time.

    When it was too slow three times within half a minute it is left alone for as long.
    """

    def __init__(self, folder: Path, *, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        """Load the model.

        Raises:
            ModelError: If the folder holds no model that gives one number for a pair of texts.
        """
        if not (folder / "config.json").is_file():
            raise ModelError(
                f"ASSISTANT_RERANKER_MODEL={str(folder)!r} is not a folder with a sentence-transformers CrossEncoder"
            )
        import torch
        from sentence_transformers import CrossEncoder
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))  # all of them hinder one another where others work
        try:
            self._model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
        except Exception as error:  # a foreign file may raise anything
            raise ModelError(f"cannot load the reranker {str(folder)!r}: {error}") from error
        if self._model.num_labels != 1:
            raise ModelError(f"the reranker {str(folder)!r} gives {self._model.num_labels} numbers for a pair, not one")
        self.name = folder.name
        self._sigmoid = torch.nn.Sigmoid()
        self._seconds, self._clock = seconds, clock
        self._breaker = Breaker(clock, failures=_FAILURES)
        self._busy = threading.Lock()

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return how well each text answers the question, 0 to 1, shape ``(len(texts),)``.

        Raises:
            ModelError: If the model fails, is busy with another question, or has not done within its time.
        """
        permit = self._breaker.enter()
        if permit is None:
            raise ModelError("the reranker was too slow just now and is left alone for a while")
        worked: bool | None = False
        try:
            result = self._within(question, texts)
            worked = True
        except _Busy:
            worked = None  # that says nothing about it
            raise ModelError("the reranker is busy with another question") from None
        finally:
            self._breaker.leave(permit, worked=worked)
        return result

    def _within(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return what a thread computes that stops by itself, after the pairs at hand, when the time is over."""
        until = time.monotonic() + self._seconds
        results: SimpleQueue[NDArray[np.float64] | Exception] = SimpleQueue()

        def compute() -> None:
            try:
                results.put(self._computed(question, texts, until))
            except Exception as error:  # the libraries raise whatever they meet
                results.put(error)
            finally:
                self._busy.release()

        if not self._busy.acquire(timeout=self._seconds / 2):
            raise _Busy
        threading.Thread(target=compute, name="reranker", daemon=True).start()
        try:
            result = results.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            raise ModelError("the reranker has not done within its time") from None
        if isinstance(result, Exception):
            raise ModelError(f"the reranker has failed ({type(result).__name__})") from None
        return result

    def _computed(self, question: str, texts: Sequence[str], until: float) -> NDArray[np.float64]:
        """Return the relevance of the texts, a few at a time, the short ones together."""
        found = np.zeros(len(texts))
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), _BATCH):
            if time.monotonic() > until:
                raise TimeoutError
            places = order[start : start + _BATCH]
            pairs = [(question, texts[place]) for place in places]
            found[places] = self._model.predict(
                pairs, batch_size=_BATCH, activation_fn=self._sigmoid, show_progress_bar=False
            )
        if not np.isfinite(found).all():
            raise ValueError("no numbers")
        return found


class _Busy(Exception):
    """Another question is being read."""
