"""What a follow-up continues, and what may follow a reply."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes import document
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.follow_ups import FOLLOW_UPS, earlier_question, leans, neighbours
from assistant.types import Answer, Citation, Hit, Kind, Passage, Source

GUIDE = document("host_guides/poland", *(f"Sentence number {number}." for number in range(6)))
OTHER = document("regulations/gpa", "The exchange asks for a GPA.", "It asks for a certificate.")


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


def answer(quoted: Sequence[Passage], nearest: Sequence[Passage] = ()) -> Answer:
    """Return an answer that quotes these sections, and found those."""
    citations = tuple(
        Citation(mark=mark, quote=each.text.strip(), passage=each, kind=Kind.REGULATION, source=Source(), stale=False)
        for mark, each in enumerate(quoted, start=1)
    )
    hits = tuple(Hit(passage=each, score=0.5, signals={}) for each in nearest)
    return Answer(language="en", text="x", composer="extractive", support=0.9, citations=citations, nearest=hits)


def names(passages: Sequence[Passage]) -> list[str]:
    """Return the sections by document and anchor, without the folder."""
    return [each.section.partition("/")[2] for each in passages]


def test_after_an_answer_come_the_next_two_sections_then_what_was_near() -> None:
    """Reading on is offered first, then what was found nearest; the section before no longer fits."""
    made = answer(GUIDE.passages[2:3], [GUIDE.passages[2], *OTHER.passages])
    assert names(neighbours(made, GUIDE)) == ["poland#s3", "poland#s4", "gpa#s0"]


def test_the_section_before_comes_last() -> None:
    """At the end of a document, with nothing else near, the section before is offered."""
    assert names(neighbours(answer(GUIDE.passages[5:]), GUIDE)) == ["poland#s4"]
    assert names(neighbours(answer(GUIDE.passages[4:5], OTHER.passages[:1]), GUIDE)) == [
        "poland#s5", "gpa#s0", "poland#s3",
    ]  # fmt: skip


def test_quoted_sections_are_passed_over() -> None:
    """The two sections to read on are the next two that the answer does not quote."""
    made = answer([GUIDE.passages[0], GUIDE.passages[1], GUIDE.passages[3]])
    assert names(neighbours(made, GUIDE)) == ["poland#s2", "poland#s4"]


def test_a_section_is_offered_once() -> None:
    """What is next and near at once stands in one place only."""
    made = answer(GUIDE.passages[:1], [GUIDE.passages[1], GUIDE.passages[4]])
    assert names(neighbours(made, GUIDE)) == ["poland#s1", "poland#s2", "poland#s4"]


def test_without_the_document_only_what_was_near_is_offered() -> None:
    """A document that has gone, or has lost the section, gives no neighbours; nothing is raised."""
    made = answer(GUIDE.passages[2:3], OTHER.passages)
    assert names(neighbours(made, None)) == ["gpa#s0", "gpa#s1"]
    shorter = replace(GUIDE, passages=GUIDE.passages[3:])
    assert names(neighbours(made, shorter)) == ["gpa#s0", "gpa#s1"]


def test_text_before_any_heading_is_not_offered() -> None:
    """A section without a heading has no name that a button could say."""
    bare = replace(GUIDE, passages=(GUIDE.passages[0], replace(GUIDE.passages[1], heading="")))
    assert neighbours(answer(GUIDE.passages[:1]), bare) == ()


@given(
    quoted=st.lists(st.sampled_from((*GUIDE.passages, *OTHER.passages)), min_size=1, max_size=5),
    near=st.lists(st.sampled_from((*GUIDE.passages, *OTHER.passages)), max_size=5),
    known=st.booleans(),
)
def test_at_most_three_others_are_offered_each_once(quoted: list[Passage], near: list[Passage], known: bool) -> None:
    """Whatever is quoted and near, no more than three sections follow, all different, none of them quoted."""
    home = {GUIDE.id: GUIDE, OTHER.id: OTHER}[quoted[0].document]
    offered = [each.section for each in neighbours(answer(quoted, near), home if known else None)]
    assert len(offered) <= FOLLOW_UPS
    assert len(set(offered)) == len(offered)
    assert not set(offered) & {each.section for each in quoted}
