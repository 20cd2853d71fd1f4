"""What a student tells the mentors about a reply."""

from __future__ import annotations

from dataclasses import replace

import pytest
from web_fakes import abstention, answer, citation, fees

from assistant.records.submissions import LONGEST_COMMENT, LONGEST_CONTACT, Feedback, MentorQuestion, Problem
from assistant.types import LANGUAGES, Conversation, Language, Turn
from assistant.web.chat.actions import Deed
from assistant.web.chat.reports import CONSENT_VERSION, Filled, Slip, praise, report, turn_of
from assistant.web.wording import texts

WORDS = texts("en")
BAD, MENTOR = Slip(Deed.BAD, 1), Slip(Deed.MENTOR, 1)


@pytest.mark.parametrize(("number", "question"), [(1, "a"), (2, "b"), (0, None), (3, None), (-1, None)])
def test_a_turn_is_found_by_its_number_from_one_on(number: int, question: str | None) -> None:
    """The buttons count from 1; what they do not name is no turn, not the last one."""
    turn = turn_of(Conversation((Turn("a"), Turn("b"))), number)
    assert (turn.question if turn else None) == question


@pytest.mark.parametrize("language", LANGUAGES)
def test_praise_tells_question_reply_and_the_sections_quoted_once_each(language: Language) -> None:
    """Three quotes of one section and one of another are two sections, in the order of the quotes."""
    made = answer(language)
    further = citation(4, fees(language).text, fees(language))
    turn = Turn("permit?", replace(made, citations=(*made.citations, further)))
    told = praise(turn, texts(language))
    assert told == Feedback(
        question="permit?",
        reply=made.text,
        sections=("host_guides/poland#permit", "host_guides/poland#fees"),
        language=language,
        rating="good",
    )


def test_a_complaint_has_its_reasons_and_its_words() -> None:
    """What was ticked and written is told; a contact is never part of a complaint."""
    filled = Filled(problems=["wrong", "outdated"], comment=" It moved. ", contact="me@example.org", consent=True)
    told = report(BAD, Turn("permit?", answer()), filled, WORDS)
    assert isinstance(told, Feedback)
    assert (told.rating, told.reasons, told.comment) == ("bad", (Problem.WRONG, Problem.OUTDATED), "It moved.")
    assert "me@example.org" not in told.model_dump_json()


@pytest.mark.parametrize(
    ("turn", "status"),
    [(Turn("q", answer()), "answered"), (Turn("q", abstention()), "abstained"), (Turn("q"), None)],
)
def test_a_question_to_the_mentors_says_what_the_assistant_replied(turn: Turn, status: str | None) -> None:
    """Mentors see whether there was an answer, an abstention, or no reply."""
    told = report(MENTOR, turn, Filled(comment="Please help"), WORDS)
    assert isinstance(told, MentorQuestion)
    assert (told.status, told.reply) == (status, turn.reply.text if turn.reply else "")
    assert bool(told.sections) is (status == "answered")


def test_a_contact_is_kept_with_consent_and_its_wording() -> None:
    """Who agrees can be reached, and it is known to which wording they agreed."""
    told = report(MENTOR, Turn("q", answer()), Filled(contact="me@example.org", consent=True), WORDS)
    assert isinstance(told, MentorQuestion)
    assert (told.contact, told.consent, told.consent_version) == ("me@example.org", True, CONSENT_VERSION)


def test_a_contact_without_consent_is_dropped() -> None:
    """Who does not agree leaves no trace of the contact."""
    told = report(MENTOR, Turn("q", answer()), Filled(contact="me@example.org"), WORDS)
    assert isinstance(told, MentorQuestion)
    assert (told.contact, told.consent, told.consent_version) == ("", False, "")
    assert "me@example.org" not in told.model_dump_json()


@pytest.mark.parametrize(
    ("slip", "filled"),
    [
        (BAD, Filled(comment="x" * (LONGEST_COMMENT + 1))),
        (MENTOR, Filled(comment="x" * (LONGEST_COMMENT + 1))),
        (MENTOR, Filled(contact="x" * (LONGEST_CONTACT + 1), consent=True)),
        (BAD, Filled(problems=["burnt"])),
    ],
)
def test_what_the_form_does_not_allow_is_not_told(slip: Slip, filled: Filled) -> None:
    """Longer texts than the inputs take, and reasons that are not on the page, make no report."""
    assert report(slip, Turn("q", answer()), filled, WORDS) is None


def test_the_longest_comment_and_contact_are_told() -> None:
    """Exactly as much as the inputs take is taken."""
    filled = Filled(comment="x" * LONGEST_COMMENT, contact="y" * LONGEST_CONTACT, consent=True)
    assert report(MENTOR, Turn("q", answer()), filled, WORDS) is not None
    assert report(BAD, Turn("q", answer()), filled, WORDS) is not None
