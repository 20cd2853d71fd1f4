"""What binds an answer to the sections that it quotes: their digests, and the passages as they read then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant.knowledge.published import section_digest
from assistant.records.publishing import CheckedCitation, CheckedVersion
from assistant.types import Language

Sections = Mapping[str, Mapping[Language, str]]
"""The texts of sections as they read now, by section and language; a section that is gone has none."""


def bound(version: CheckedVersion, sections: Sections) -> CheckedVersion | None:
    """Return the version with its citations bound to the sections as they read now; None if a quote is gone."""
    found = [_citation(each, sections.get(each.section, {})) for each in version.citations]
    citations = tuple(each for each in found if each)
    return replace(version, citations=citations) if len(citations) == len(found) else None


def _citation(citation: CheckedCitation, texts: Mapping[Language, str]) -> CheckedCitation | None:
    passage = texts.get(citation.language, "")
    if citation.quote not in passage:
        return None
    return replace(citation, passage=passage, digest=section_digest(texts))
