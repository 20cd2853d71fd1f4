"""What the page shows for a conversation."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fakes import FEES, abstention, answer, fees, hostile

from assistant.types import LANGUAGES, Conversation, Hit, Language, Reply, Turn
from assistant.web.chat import present
from assistant.web.chat.reports import turn_of
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
    offered = present.suggestions(replace(abstention(), nearest=tuple(hits)), texts("en"))
    assert [each.label[0] for each in offered] == ["a", "b", "c"]


def test_a_suggestion_asks_as_students_ask() -> None:
    """Where the section says how students ask for it, those words are asked."""
    hit = abstention().nearest[0]
    asked = replace(hit.passage, asked_as=("how long may I stay?",))
    offered = present.suggestions(replace(abstention(), nearest=(replace(hit, passage=asked),)), texts("en"))
    assert offered[0].question == "how long may I stay?"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_follow_up_of_the_same_document_goes_by_its_heading(language: Language) -> None:
    """Below an answer stands what to read next, and the button asks it as students ask."""
    heading, _, question = FEES[language]
    made = replace(answer(language), follow_ups=(fees(language),))
    bubble = present.screen(talk(made), texts(language)).bubbles[1]
    assert bubble.suggestions == (present.Suggestion(heading, question),)
    assert texts(language).further in bubble.html


def test_a_follow_up_of_another_document_says_which() -> None:
    """The title of the document stands beside the heading only where it is not that of the quotes."""
    elsewhere = replace(fees(), document="host_guides/czechia", context=("Exchange in Czechia",), asked_as=())
    offered = present.suggestions(replace(answer(), follow_ups=(replace(fees(), asked_as=()), elsewhere)), texts("en"))
    assert offered == (
        present.Suggestion("Fees of the office", "Fees of the office, Exchange in Poland"),
        present.Suggestion("Fees of the office · Exchange in Czechia", "Fees of the office, Exchange in Czechia"),
    )


def test_an_answer_without_follow_ups_promises_none() -> None:
    """The words that announce suggestions come with suggestions only."""
    assert WORDS.further not in present.screen(talk(answer()), WORDS).bubbles[1].html


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_below_a_reply_name_their_turn(language: Language) -> None:
    """An answer can be copied, praised, criticised and taken to a mentor; an abstention is nothing to copy."""
    words = texts(language)
    _, first, _, second = present.screen(talk(answer(language), abstention(language)), words).bubbles
    for deed in ("copy", "good", "bad", "mentor"):
        assert f'<button type="button" class="act" id="{deed}-1">{words.deeds[deed]}</button>' in first.html
    assert [f'id="{deed}-2"' in second.html for deed in ("mentor", "bad", "copy", "good")] == [True, True, False, False]


@pytest.mark.parametrize("reply", [replace(answer(), follow_ups=(fees(),)), abstention()], ids=["answer", "abstention"])
def test_nothing_can_be_done_with_a_reply_that_is_not_whole(reply: Reply) -> None:
    """While a reply is on its way it has neither buttons nor suggestions; those of earlier ones stay."""
    shown = present.screen(talk(answer(), reply), WORDS, speaking=reply.text[:9], busy=True).bubbles
    assert 'class="act"' in shown[1].html
    assert 'class="act"' not in shown[3].html
    assert shown[3].suggestions == ()
    assert WORDS.nearest not in shown[3].html
    assert WORDS.further not in shown[3].html
    assert 'class="act"' in present.screen(talk(answer(), reply), WORDS).bubbles[3].html


@pytest.mark.parametrize("busy", [True, False])
def test_a_question_without_a_reply_has_no_buttons(busy: bool) -> None:
    """What is awaited or was stopped cannot be judged."""
    assert 'class="act"' not in present.screen(talk(None), WORDS, busy=busy).bubbles[1].html


def test_the_last_turn_can_be_taken_back() -> None:
    """Asking again and editing begin where the conversation stood before the last question."""
    assert present.without_last(talk(answer(), abstention())) == talk(answer())
    assert present.without_last(Conversation()) == Conversation()


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


def test_a_turn_keeps_its_number_when_older_ones_go() -> None:
    """After more turns than are kept, questions are still numbered over the whole conversation."""
    conversation = Conversation()
    for number in range(present.KEPT_TURNS + 3):
        conversation = present.replied(present.asked(conversation, f"question {number + 1}"), answer())
    shown = present.screen(conversation, texts("en"))
    numbers = [bubble.html.split('id="q-')[1].split('"')[0] for bubble in shown.bubbles if bubble.role == "user"]
    assert numbers == [str(number) for number in range(4, present.KEPT_TURNS + 4)]
    assert f'id="s{present.KEPT_TURNS + 3}-1"' in shown.sources
    assert turn_of(conversation, present.KEPT_TURNS + 3) is conversation.turns[-1]
    assert turn_of(conversation, 3) is None
    assert present.without_last(conversation).dropped == conversation.dropped


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mentors_question_is_offered_in_the_mentors_words(language: Language) -> None:
    """The button says that a mentor checked it, and asks as the mentor put it, never as another student did."""
    checked = replace(fees(), document="answers/a1", heading="Who pays the fees?", asked_as=("student's own words",))
    (offered,) = present.suggestions(replace(answer(), follow_ups=(checked,)), texts(language))
    assert offered == present.Suggestion(
        f"{texts(language).kinds['verified_answer']}: Who pays the fees?", "Who pays the fees?"
    )
