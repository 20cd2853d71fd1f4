"""What the report's case browser shows of each case, as plain data for its script."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from assistant.types import LANGUAGES
from eval.cases import Unit
from eval.material import Material
from eval.measures import Passages
from eval.scoring import Row
from eval.systems import Cited, Reply

FIRST_HITS = 3
"""Hits whose text is kept even if nothing cites them."""


def browser(material: Material) -> dict[str, Any]:
    """Return what the case browser shows; each text that is needed stands there once, and is meant by its place."""
    places: dict[tuple[str, str], int] = {}

    def place(unit: str, language: str) -> int:
        return places.setdefault((unit, language), len(places)) if (unit, language) in material.passages else -1

    cases = [_shown(material, row, place) for row in material.rows]
    texts: list[Unit] = [material.passages[key] for key in places]
    return {"cases": cases, "passages": [[each.id, each.language, each.title, each.text] for each in texts]}


def _shown(material: Material, row: Row, place: Callable[[str, str], int]) -> dict[str, Any]:
    """Return a case as the browser shows it."""
    case, reply = material.cases[row["id"]], material.replies[row["id"]]
    gold = [unit for unit, value in material.qrels.get(case.id, {}).items() if value > 0]
    hits = [
        [
            unit,
            language,
            round(score, 4),
            int(unit in gold),
            place(unit, language) if n < FIRST_HITS or unit in gold else -1,
        ]
        for n, (unit, language, score) in enumerate(reply.hits)
    ]
    missed = [unit for unit in gold if unit not in {hit[0] for hit in hits}]
    versions = [next((lang for lang in (case.reply_language, *LANGUAGES, "") if (unit, lang) in material.passages), "")
                for unit in missed]  # fmt: skip
    found = [
        material.passages[unit, language].text
        for unit, language, _ in reply.hits
        if (unit, language) in material.passages
    ]
    return {
        "id": case.id, "lang": case.lang, "kind": case.answerability, "tags": list(case.tags), "question": case.asked,
        "history": [[turn.role, turn.content] for turn in case.history], "outcome": row["outcome"],
        "worth": row["metrics"]["truthfulness"], "status": reply.status, "reason": reply.error or reply.reason or "",
        "support": row["support"], "own": _own_words(reply),
        "cited": [_citation(each, place(each.unit, each.language), material.passages) for each in reply.citations],
        "gold": [[quote, _fate(quote, reply, found)] for quote in case.gold_quotes],
        "answers": list(case.gold_answers),
        "facts": [[fact.text, int(fact.vital), int(any(w.casefold() in quote.quote.casefold() for w in fact.any_of
                  for quote in reply.citations))] for fact in case.nuggets],
        "hits": hits, "missed": [[unit, lang, place(unit, lang)] for unit, lang in zip(missed, versions, strict=True)],
    }  # fmt: skip


def _citation(cited: Cited, place: int, passages: Passages) -> list[Any]:
    """Return mark, place of the text, and begin and end of the quote in it, or the quote itself if it is not there."""
    at = passages[cited.unit, cited.language].text.find(cited.quote) if place >= 0 else -1
    return [cited.mark, place, at, at + len(cited.quote)] if at >= 0 else [cited.mark, place, cited.quote]


def _fate(quote: str, reply: Reply, found: Sequence[str]) -> str:
    """Return what became of a gold quote."""
    if any(quote in each.quote for each in reply.citations):
        return "quoted"
    if any(each.quote in quote for each in reply.citations if each.quote):
        return "quoted in part"
    return "found, not quoted" if any(quote in text for text in found) else "not found"


def _own_words(reply: Reply) -> str:
    """Return the text of a reply unless it is only its quotes and marks."""
    rest = reply.text
    for each in reply.citations:
        rest = rest.replace(each.quote, "")
    return reply.text if re.sub(r"\[\d+\]|[>\s]", "", rest) else ""
