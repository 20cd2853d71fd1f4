"""Which of our languages a visitor is spoken to in."""

from __future__ import annotations

from assistant.types import LANGUAGES, Language


def preferred_language(accept_language: str) -> Language:
    """Return the language of ours that a browser likes best, by the weights it gives; else English."""
    best: tuple[float, Language] = (0.0, "en")
    for entry in accept_language[:500].lower().split(","):
        tag, _, weight = entry.partition(";q=")
        language = next((known for known in LANGUAGES if tag.strip().split("-")[0] == known), None)
        if language and (likes := _weight(weight)) > best[0]:
            best = (likes, language)
    return best[1]


def _weight(text: str) -> float:
    """Return the weight of one entry of Accept-Language, 0 to 1; 1 if none is written."""
    try:
        return min(1.0, max(0.0, float(text))) if text.strip() else 1.0
    except ValueError:
        return 0.0
