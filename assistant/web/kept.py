"""What a student's own browser keeps for them: the profile, what they have done of their plan, what they refuse.

The server keeps nothing of it. What comes back from a browser is read as strictly as any input.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

STORAGE = "before-you-go"
"""Name of the entry in the browser's storage; the same on every page, so that they share it."""

REFUSAL = f"{STORAGE}-unrecorded"
"""Name of the entry in which who does not want their conversations to be recorded says so."""

_NO_SECRET = "readable by whoever uses this browser"  # noqa: S105  it hides nothing, and a random one would lose the entry at a restart


def browser_state() -> gr.BrowserState:
    """Return the part that hands a page what the browser keeps, and keeps what the page hands back."""
    return gr.BrowserState({}, storage_key=STORAGE, secret=_NO_SECRET)


def refusal_state() -> gr.BrowserState:
    """Return the part that keeps whether conversations must not be recorded.

    It is an entry of its own, so that who deletes their profile has not allowed it.
    """
    return gr.BrowserState(False, storage_key=REFUSAL, secret=_NO_SECRET)


def table(kept: object, name: str) -> dict[str, Any]:
    """Return one table of what the browser keeps; empty if it keeps none of this name."""
    found = kept.get(name) if isinstance(kept, Mapping) else None
    return {str(key): value for key, value in found.items()} if isinstance(found, Mapping) else {}


def replaced(kept: object, name: str, value: object) -> dict[str, Any]:
    """Return what the browser keeps, with another value under one name."""
    return {**(kept if isinstance(kept, Mapping) else {}), name: value}
