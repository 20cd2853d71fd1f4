"""What a question asks for: a date, a sum, papers, a permission … by words in the three languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from assistant.knowledge.transliteration import fold

RULES = frozenset({"when", "how_long", "papers", "may", "must", "refuse", "extend"})
"""Aspects of which rules decide, and not what happened to somebody."""


@lru_cache(maxsize=4096)
def aspects(text: str) -> frozenset[str]:
    """Return what a question asks for: the names in ``aspects.toml`` of which it holds a word."""
    words = f" {fold(text)} "
    return frozenset(name for name, ways in _aspects().items() if any(way in words for way in ways))


@lru_cache(maxsize=1)
def _aspects() -> Mapping[str, tuple[str, ...]]:
    path = resources.files("assistant.answering") / "aspects.toml"
    data: dict[str, list[str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: tuple(f" {fold(way)}{' ' * way.endswith('|')}" for way in ways) for name, ways in data.items()}
