"""What would be stored of a story: as it was written, and with words in place of what may identify a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from assistant.records.fields import Refused
from assistant.records.identifying import Finding, FindingKind, find, masked
from assistant.records.submissions import Experience, read_experience
from assistant.web.share.form import TEXTS

CONSENT_VERSION = "2026-11-22.3"
"""Which wording of the consent the page shows; a new one whenever ``consent_points`` say something else."""


@dataclass(frozen=True, slots=True)
class Review:
    """A story that was checked and is not sent yet.

    Attributes:
        story: As it was written.
        masked: The same with a word in brackets for each finding.
        found: Findings in ``story`` by field, only of fields that have any.
    """

    story: Experience
    masked: Experience
    found: Mapping[str, tuple[Finding, ...]]

    def stored(self, *, mask: bool) -> Experience:
        """Return what is stored under this choice."""
        return self.masked if mask else self.story

    @property
    def counts(self) -> Mapping[FindingKind, int]:
        """How many items of each kind were found, in the order of the kinds."""
        counter = Counter(finding.kind for findings in self.found.values() for finding in findings)
        return {kind: counter[kind] for kind in FindingKind if counter[kind]}


def look_through(given: Mapping[str, Any], *, today: date) -> tuple[Review | None, tuple[Refused, ...]]:
    """Return the story that a form gives with all that was found in it, or None and what was refused.

    A text that only masking makes too long is refused as well.
    """
    story, refused = read_experience(given, today=today)
    if story is None:
        return None, refused
    texts = {field: str(getattr(story, field)) for field in TEXTS}
    looked = {field: find(text, story.language) for field, text in texts.items()}
    found = {field: findings for field, findings in looked.items() if findings}
    hidden = {field: masked(texts[field], findings) for field, findings in found.items()}
    clean, refused = read_experience({**story.model_dump(), **hidden}, today=today)
    return (Review(story, clean, MappingProxyType(found)) if clean else None), refused
