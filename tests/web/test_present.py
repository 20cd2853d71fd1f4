"""What the page shows for a conversation."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from web_fakes import abstention, answer, hostile

from assistant.types import Conversation, Hit, Reply, Turn
from assistant.web.chat import present
from assistant.web.wording import texts

WORDS = texts("en")


def talk(*replies: Reply | None) -> Conversation:
    """Return a conversation with these replies."""
    return Conversation(tuple(Turn(f"question {n}", reply) for n, reply in enumerate(replies)))


def test_an_answer_has_marks_and_references() -> None:
    """A whole answer shows its marks as links and lists what it quotes."""
    shown = present.screen(talk(answer()), WORDS)
    assert [bubble.role for bubble in shown.bubbles] == ["user", "assistant"]
    assert shown.bubbles[1].html.count('class="mark"') == 6  # three in the text, three in the list
    assert shown.bubbles[1].suggestions == ()


def test_an_answer_being_spoken_has_no_references_yet() -> None:
    """The list of references comes when the answer is whole."""
    shown = present.screen(talk(answer()), WORDS, speaking="The guide", busy=True)
    assert "references" not in shown.bubbles[1].html
    assert "The guide" in shown.bubbles[1].html


def test_an_abstention_looks_different_and_offers_sections() -> None:
    """An abstention is labelled, says what the engine says of it, and quotes nothing."""
    bubble = present.screen(talk(abstention()), WORDS).bubbles[1]
    for words in (WORDS.no_answer, WORDS.nearest):
        assert words.replace("'", "&#x27;") in bubble.html
    assert 'class="mark"' not in bubble.html
    assert [each.label for each in bubble.suggestions] == ["Residence permit · Exchange in Poland"]


def test_suggestions_are_few_different_and_best_first() -> None:
    """At most three sections are offered, each once, in the order of their nearness."""
    hit = abstention().nearest[0]
    hits = [Hit(passage=replace(hit.passage, heading=name), score=0.1, signals={}) for name in "aabcd"]
    offered = present.suggestions(replace(abstention(), nearest=tuple(hits)))
    assert [each.label[0] for each in offered] == ["a", "b", "c"]


def test_a_suggestion_asks_as_students_ask() -> None:
    """Where the section says how students ask for it, those words are asked."""
    hit = abstention().nearest[0]
    asked = replace(hit.passage, asked_as=("how long may I stay?",))
    offered = present.suggestions(replace(abstention(), nearest=(replace(hit, passage=asked),)))
    assert offered[0].question == "how long may I stay?"


def test_a_question_is_text() -> None:
    """HTML and Markdown in a question are shown, not obeyed."""
    shown = present.screen(Conversation((Turn("<b>**x**</b> ![i](https://e.example/i.png)"),)), WORDS)
    assert "&lt;b&gt;**x**&lt;/b&gt; ![i](https://e.example/i.png)" in shown.bubbles[0].html


def test_a_stopped_question_says_so_and_a_waiting_one_waits() -> None:
    """A question without a reply is either under way or was stopped."""
    assert WORDS.stopped in present.screen(talk(None), WORDS).bubbles[1].html
    assert "waiting" in present.screen(talk(None), WORDS, busy=True).bubbles[1].html


def test_a_conversation_keeps_its_newest_turns() -> None:
    """A long conversation forgets its beginning, not its end."""
    conversation = Conversation()
    for number in range(present.KEPT_TURNS + 5):
        conversation = present.asked(conversation, f"question {number}")
    assert len(conversation.turns) == present.KEPT_TURNS
    assert conversation.questions[-1] == f"question {present.KEPT_TURNS + 4}"


def test_a_hostile_answer_stays_text() -> None:
    """Nothing of a hostile document becomes a tag in the chat."""
    made = present.screen(talk(hostile()), WORDS).bubbles[1].html
    assert "<img" not in made
    assert "<script" not in made
    assert 'href="http' not in made


@given(st.text(alphabet="ab. \n|[1]!?»", max_size=300))
def test_frames_grow_to_the_whole(text: str) -> None:
    """The beginnings grow, are few, and the last one is the whole text."""
    made = present.frames(text)
    assert made[-1] == text
    assert len(made) <= present.FRAMES + 1
    assert all(later.startswith(earlier) for earlier, later in pairwise(made))


def test_a_table_is_never_cut() -> None:
    """A table appears at once."""
    table = "| A. | B. |\n|---|---|\n| c. | d. |"
    assert all(table in frame or "|" not in frame for frame in present.frames(f"One. Two.\n\n{table}\n\nThree."))
