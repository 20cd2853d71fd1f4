"""What has changed between a passage as it was quoted and as it reads now, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_WORDS = 2_000
"""Words of both texts together up to which they are compared; beyond, one is shown after the other."""

_PIECE = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: in both versions, only in the older, or only in the newer."""

    text: str
    sort: Literal["same", "removed", "added"]


def difference(before: str, now: str) -> tuple[Piece, ...]:
    """Return both texts as one: those pieces that are not ``added`` make up ``before``, those not ``removed`` ``now``.

    Takes time up to quadratic in the number of words, which ``MOST_WORDS`` bounds.
    """
    old, new = _PIECE.findall(before), _PIECE.findall(now)
    if len(old) + len(new) > 2 * MOST_WORDS:  # each word comes with the space behind it
        return tuple(_pieces(before, now))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found: list[Piece] = []
    for sort, i, j, k, m in matcher.get_opcodes():
        if sort == "equal":
            found.append(Piece("".join(old[i:j]), "same"))
        else:
            found += _pieces("".join(old[i:j]), "".join(new[k:m]))
    return tuple(found)


def _pieces(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(removed, "removed")
    if added:
        yield Piece(added, "added")
