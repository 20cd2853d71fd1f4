"""Sentences made by program from the quotes of sections: shortened, altered in one word, moved, stitched together."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from assistant.knowledge.index import Index
from assistant.types import Language, Passage
from eval.verification import Row, versions

_SEED = 7
_ASIDE = re.compile(r"\s*\([^()]{1,120}\)")
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()\s]{1,300}\)")
_COUNTED = re.compile(r"\d|\b(?:two|three|four|два|две|три|екі|үш|төрт)\b")
_SHORTEST, _LONGEST = 30, 400


def made(rows: Sequence[Row], index: Index) -> Iterator[Row]:
    """Yield what can be made of the sections that rows cite; the kind ``quote`` is supported, the others are not."""
    draw = random.Random(_SEED)  # noqa: S311  no secret
    wanted = sorted({(row.section, row.language) for row in rows})
    quotes = {key: _quotes(versions(index, *key)[0]) for key in wanted}
    for (section, language), own in quotes.items():
        other = draw.choice(
            [key for key in wanted if key[1] == language and key[0] != section] or [(section, language)]
        )
        for place, (kind, sentence) in enumerate(
            _made(own, quotes[other] if other[0] != section else [], language, draw)
        ):
            name = f"made-{language}-{section}-{place}"
            yield Row(
                id=name, language=language, section=section, sentence=sentence, supported=kind == "quote", kind=kind
            )


def _quotes(passage: Passage) -> list[str]:
    """Return the sentences of a passage without links and what stands in brackets."""
    prose = (passage.quote(each) for each in passage.sentences if each.form == "prose")
    plain = (_ASIDE.sub("", _LINK.sub(r"\1", quote)) for quote in prose)
    return [quote for quote in plain if _SHORTEST <= len(quote) <= _LONGEST]


def _made(
    own: Sequence[str], other: Sequence[str], language: Language, draw: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield kinds and sentences: each quote with one change of each kind that it allows, and mixtures."""
    for quote in own:
        yield "quote", quote
        for kind, changes in _changes(language).items():
            if kind in ("unit", "rate") and not _COUNTED.search(quote):
                continue
            changed = (pattern.sub(instead, quote, count=1) for pattern, instead in changes if pattern.search(quote))
            yield from ((kind, sentence) for sentence in list(changed)[:1])
    if other:
        yield "swapped", draw.choice(other)
    if len(own) > 1:
        first, second = (each.split() for each in draw.sample(list(own), 2))
        yield "stitched", " ".join([*first[: len(first) // 2], *second[len(second) // 2 :]])


@lru_cache(maxsize=3)
def _changes(language: Language) -> dict[str, list[tuple[re.Pattern[str], str]]]:
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))[language]
    return {kind: [(re.compile(a), b) for a, b in table["changes"]] for kind, table in data.items()}
