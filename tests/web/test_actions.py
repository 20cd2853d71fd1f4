"""What the page's script may say, and what is no action."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.web.chat.actions import RESTORED_TURNS, Action, Deed, read_action

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("deed", list(Deed))
def test_a_deed_with_its_turn_is_read(deed: Deed) -> None:
    """Every deed is read with the turn it is about; what else the script says is ignored."""
    assert read_action(json.dumps({"do": deed.value, "turn": 3, "n": 7})) == Action(deed=deed, turn=3)


def test_questions_to_restore_keep_their_order_and_only_the_newest_are_taken() -> None:
    """Of a long conversation, the eight newest questions are asked again, the oldest of them first."""
    asked = [f"question {number}" for number in range(RESTORED_TURNS + 4)]
    action = read_action(json.dumps({"do": "restore", "questions": asked}))
    assert action == Action(deed=Deed.RESTORE, questions=tuple(asked[-8:]))


def test_what_is_no_question_is_left_out() -> None:
    """Numbers, lists and blank texts among the questions are skipped."""
    action = read_action(json.dumps({"do": "restore", "questions": [1, None, ["a"], "  ", "GPA?", {"b": 1}]}))
    assert action == Action(deed=Deed.RESTORE, questions=("GPA?",))


@pytest.mark.parametrize(
    "message",
    [
        "", "{", "null", "[]", "7", '"good"', "{}", '{"do": "burn"}', '{"do": []}', '{"do": null, "turn": 1}',
        '{"do": "good", "turn": -1}', '{"do": "good", "turn": true}', '{"do": "good", "turn": 1.0}',
        '{"do": "good", "turn": "1"}', '{"do": "good", "turn": NaN}', '{"do": "restore", "questions": "GPA?"}',
        '{"do": "restore", "questions": {"0": "GPA?"}}', "[" * 50_000, '{"do": "good", "turn": ' + "9" * 30_000 + "}",
    ],
)  # fmt: skip
def test_anything_else_is_no_action(message: str) -> None:
    """Broken JSON, unknown deeds, odd turns and odd lists describe nothing, and nothing is raised."""
    assert read_action(message) is None


def test_a_message_longer_than_any_of_the_script_is_no_action() -> None:
    """What the script never sends is cut off and so cannot be read."""
    assert read_action(json.dumps({"do": "restore", "questions": ["x" * 50_000]})) is None


@given(st.text() | JSON.map(json.dumps))
def test_no_text_is_ever_an_error(message: str) -> None:
    """Any text, JSON or not, is an action or none."""
    assert read_action(message) is None


@given(deed=JSON, turn=JSON, questions=JSON)
def test_no_shape_of_a_message_is_ever_an_error(deed: object, turn: object, questions: object) -> None:
    """Whatever stands in the three places, an action has a known deed, a turn from 0 on and texts as questions."""
    for do in (deed, "restore"):
        action = read_action(json.dumps({"do": do, "turn": turn, "questions": questions}))
        if action is not None:
            assert action.deed in set(Deed)
            assert action.turn >= 0
            assert all(isinstance(each, str) and each.strip() for each in action.questions)
