"""What a follow-up continues."""

import pytest

from assistant.answering.follow_ups import earlier_question, leans


@pytest.mark.parametrize(
    "question",
    ["And for English?", "А в Германии?", "Ал Түркияда ше?", "what about money", "ol qansha turady?", "Why?"],
)
def test_openings_pronouns_and_few_words_lean(question: str) -> None:
    """A question that says little alone is recognised as one that continues."""
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "What documents do I need for the exchange?",
        "Как переводятся кредиты после обмена?",
        "Кредиттер қалай ауыстырылады екен?",
    ],
)
def test_a_whole_question_does_not_lean(question: str) -> None:
    """A question that stands on its own is not dragged back."""
    assert not leans(question)


def test_a_chain_reaches_back_to_the_question_that_stands() -> None:
    """Follow-ups of follow-ups bring the question that they all continue."""
    history = ["What GPA does Semey Medical University want?", "And for English?"]
    assert earlier_question("And what about the interview?", history) == " ".join(history)
    assert earlier_question("x", []) == ""


def test_the_newest_whole_question_is_enough() -> None:
    """What was asked before the last whole question is left behind."""
    history = ["How much does it cost to live there alone?", "What documents do I need for the exchange?"]
    assert earlier_question("And when?", history) == history[-1]
