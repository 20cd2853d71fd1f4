"""What a visitor does with a reply: the message that the page's script sends, read strictly.

Messages of a chat are HTML, so their buttons are no Gradio parts. The script writes what was
pressed into a hidden input, as JSON; whatever else stands there is no action.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

RESTORED_TURNS = 8
"""Questions, at most, that are asked again when a page is loaded again."""

LONGEST_MESSAGE = 40_000
"""Characters of a message, at most: eight questions of the longest kind, escaped."""


class Deed(StrEnum):
    """What can be done."""

    GOOD = "good"
    BAD = "bad"
    MENTOR = "mentor"
    RESTORE = "restore"
    FORGET = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing done.

    Attributes:
        deed: What.
        turn: To which turn, counted from 1; 0 if to none.
        questions: What had been asked before the page was loaded again, oldest first.
    """

    deed: Deed
    turn: int = 0
    questions: tuple[str, ...] = ()


def read_action(message: str) -> Action | None:
    """Return the action that a message describes, or ``None`` if it describes none."""
    try:
        said = json.loads(message[:LONGEST_MESSAGE])
        deed, turn, asked = Deed(said["do"]), said.get("turn", 0), said.get("questions", [])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not isinstance(turn, int) or isinstance(turn, bool) or turn < 0 or not isinstance(asked, list):
        return None
    questions = tuple(each for each in asked if isinstance(each, str) and each.strip())[-RESTORED_TURNS:]
    return Action(deed=deed, turn=turn, questions=questions)
