"""A participant's story for tests of pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from assistant.records.submissions import Experience, read_experience

STORY = {
    "country": "PL",
    "host_institution": "University of Lodz",
    "year": 2025,
    "months": 5,
    "level": "bachelor",
    "language": "ru",
    "consent": True,
    "consent_version": "2026-11-22",
}


def story(**changed: Any) -> Experience:
    """Return a story with some fields changed; it must tell something."""
    made, refused = read_experience(STORY | changed, today=date(2026, 11, 22))
    assert made, refused
    return made
