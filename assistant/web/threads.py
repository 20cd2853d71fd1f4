"""Threads for what may wait for a language model: one that is slow must not take those that everything else needs."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MOST = 64
"""Replies that are under way at once: sixteen on the chat page of each language, sixteen of the API."""

Made = TypeVar("Made")

_THREADS = ThreadPoolExecutor(MOST, "reply")


def in_thread(work: Callable[[], Made]) -> asyncio.Future[Made]:
    """Return what ``work`` will have made; to cancel it ends the wait, not the work."""
    context = contextvars.copy_context()
    return asyncio.get_running_loop().run_in_executor(_THREADS, lambda: context.run(work))
