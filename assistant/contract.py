"""The JSON of replies, searches, verdicts and plans: a contract, versioned and tested against ``docs/json.md``.

The command line and the API write the same shapes, because both are made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.preparation.plan import Plan, make_plan, plan_data
from assistant.preparation.preparing import Preparation
from assistant.preparation.profile import Profile, Refused
from assistant.preparation.refused_text import refused_data
from assistant.preparation.verdicts import Verdict, verdict_data
from assistant.types import Abstention, Citation, Drafting, Hit, Language, Reply

if TYPE_CHECKING:
    from assistant.answering.generative.outcomes import Outcomes

MOST_FIELDS = 100
DEEPEST = 4
"""Levels of lists and objects in a profile; certificates need three."""


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
            "checked_on": None,
            "reason": reply.reason.value,
            "citations": [],
        } | common
    citations = [citation_json(citation) for citation in reply.citations]
    own = {"status": "answered", "composer": reply.composer, "reason": None, "citations": citations}
    told: dict[str, Any] = {"verified": reply.verified} if reply.verified else {}
    told |= {"drafting": drafting_json(reply.drafting)} if reply.drafting else {}
    return own | {"checked_on": reply.checked_on.isoformat() if reply.checked_on else None} | common | told


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
    } | ({"translation": citation.translation} if citation.translation else {})


def drafting_json(drafting: Drafting) -> dict[str, Any]:
    """Return what a language model did for a reply as plain data; only replies for which one was asked have it."""
    return {
        "model": drafting.model,
        "prompt": drafting.prompt,
        "outcome": drafting.outcome,
        "kept": drafting.kept,
        "dropped": list(drafting.dropped),
        "tokens_in": drafting.tokens_in,
        "tokens_out": drafting.tokens_out,
        "seconds": drafting.seconds,
    }


def outcomes_json(outcomes: Outcomes) -> dict[str, Any]:
    """Return what a language model has done since the start as plain data: counts, no address and no question."""
    metered = outcomes.metered
    return {
        "name": outcomes.name,
        "replies": dict(outcomes.replies),
        "dropped": outcomes.dropped,
        "median_seconds": outcomes.median_seconds,
        "requests": metered.tries,
        "faults": dict(metered.faults),
        "tokens_in": metered.tokens_in,
        "tokens_out": metered.tokens_out,
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


def eligibility_json(verdicts: Sequence[Verdict], refused: Sequence[Refused], language: Language) -> dict[str, Any]:
    """Return verdicts as plain data, with what of the profile was not taken."""
    return {
        "verdicts": [verdict_data(verdict, language) for verdict in verdicts],
        "refused": [refused_data(each, language) for each in refused],
    }


def plan_json(plan: Plan, refused: Sequence[Refused], language: Language) -> dict[str, Any]:
    """Return a plan as plain data, with what of the profile was not taken."""
    return plan_data(plan, language) | {"refused": [refused_data(each, language) for each in refused]}


def planned(preparation: Preparation, profile: Profile, done: Sequence[str], *, today: date) -> Plan:
    """Return the plan of a student; ids of ``done`` that no step has are ignored."""
    return make_plan(preparation.steps, profile, today=today, done=frozenset(done), guides=preparation.guides)


def given_profile(value: object) -> Mapping[str, Any]:
    """Return what JSON gives as a profile, if it has the form of one; its fields are read by ``read_profile``.

    Raises:
        ValueError: If it is no object, or larger or deeper than any profile.
    """
    if not isinstance(value, dict):
        raise ValueError('a profile is an object such as {"gpa": 3.1}')
    if len(value) > MOST_FIELDS:
        raise ValueError(f"a profile of {len(value)} fields is too large; at most {MOST_FIELDS} are read")
    if _is_deeper(value, DEEPEST):
        raise ValueError(f"a profile of more than {DEEPEST} levels is too deep; write it as in the example")
    return value


def _is_deeper(value: object, levels: int) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _is_deeper(part, levels - 1) for part in parts)
