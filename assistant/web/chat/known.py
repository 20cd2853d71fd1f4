"""What a student's browser tells the chat about them."""

from __future__ import annotations

from datetime import date

from assistant.preparation.profile import circumstances, read_profile
from assistant.types import Circumstances
from assistant.web import kept


def about(known: object) -> Circumstances:
    """Return what a browser keeps of a student's circumstances."""
    return circumstances(read_profile(kept.table(known, "profile"), today=date.today())[0])
