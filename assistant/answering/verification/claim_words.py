"""The words of hard facts, as they stand in ``claims.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

from assistant.answering.verification.phrases import Phrases
from assistant.types import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases of one language.

    Attributes:
        months: By two digits.
        units: What is counted, by key.
        rates: For how long a price or load is, by unit.
        before: On which side of the value behind them something lies: ``below``, ``above``, ``either``.
        behind: The same for the value before them.
        quantities: Words that are a quantity by themselves, by value and unit.
    """

    months: Phrases
    units: Phrases
    rates: Phrases
    before: Phrases
    behind: Phrases
    quantities: Phrases


@lru_cache(maxsize=len(LANGUAGES))
def lexicon(language: Language) -> Lexicon:
    """Return the phrases of a language."""
    data = _data()

    def read(name: str) -> Phrases:
        return Phrases({key: ways.get(language, ()) for key, ways in data[name].items()})

    quantities = Phrases(data["quantities"][language])
    return Lexicon(read("months"), read("units"), read("rates"), read("before"), read("behind"), quantities)


@lru_cache(maxsize=3 * len(LANGUAGES))
def values(table: str, language: Language) -> dict[str, Decimal]:
    """Return the value of each word of ``numbers``, ``inflected`` or ``compounds``."""
    written: dict[str, list[str]] = _data()[table].get(language, {})
    return {word: Decimal(value) for value, words in written.items() for word in words}


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    path = resources.files("assistant.answering.verification") / "claims.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
