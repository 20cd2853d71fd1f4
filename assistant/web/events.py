"""What the events of all our Gradio pages have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SESSIONS = 2_000
"""Visitors per page of whom the server keeps anything, the one longest away forgotten first; Gradio's own 10,000 would
fill some gigabytes."""

Updates = dict[Any, Any]
"""What an event changes, by part; parts that are not named stay as they are."""


def private(outputs: Sequence[Any]) -> dict[str, Any]:
    """Return the settings of an event that changes these parts: without a name for programs, and without a spinner."""
    return {"outputs": list(outputs), "api_visibility": "private", "show_progress": "hidden"}
