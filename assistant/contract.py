"""The JSON of replies and searches: a contract, versioned and tested against ``docs/json.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.types import Abstention, Citation, Hit, Reply


def reply_json(reply: Reply) -> dict[str, Any]:
    """Return a reply as plain data; an abstention has no citations, an answer no reason."""
    common = {
        "language": reply.language,
        "text": reply.text,
        "support": round(reply.support, 6),
        "nearest": [hit_json(hit) for hit in reply.nearest],
        "timings_ms": {name: round(value, 3) for name, value in reply.timings_ms.items()},
    }
    if isinstance(reply, Abstention):
        return {
            "status": "abstained",
            "composer": None,
            "reason": reply.reason.value,
            "citations": [],
        } | common
    citations = [citation_json(citation) for citation in reply.citations]
    return {"status": "answered", "composer": reply.composer, "reason": None, "citations": citations} | common


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation as plain data."""
    passage, source = citation.passage, citation.source
    return {
        "mark": citation.mark,
        "document": passage.document,
        "section": passage.section,
        "language": passage.language,
        "kind": citation.kind.value,
        "quote": citation.quote,
        "source_url": source.url or None,
        "reviewed_on": source.reviewed_on.isoformat() if source.reviewed_on else None,
        "stale": citation.stale,
    }


def hit_json(hit: Hit, *, explain: bool = False) -> dict[str, Any]:
    """Return a hit as plain data, with the signals behind its score if asked."""
    data: dict[str, Any] = {
        "document": hit.passage.document,
        "section": hit.passage.section,
        "language": hit.passage.language,
        "score": round(hit.score, 6),
        "text": hit.passage.text,
    }
    if explain:
        data["signals"] = {name: round(value, 6) for name, value in hit.signals.items()}
    return data


def search_json(hits: Sequence[Hit], *, explain: bool = False) -> dict[str, Any]:
    """Return a search as plain data."""
    return {"hits": [hit_json(hit, explain=explain) for hit in hits]}
