"""What the pages of the desk work with; ``bootstrap`` puts it together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answering.verification.verifying import Verdict
from assistant.records.coverage import Coverage
from assistant.records.exporting import ReviewedQuestion
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentors
from assistant.records.messages import Messages
from assistant.records.queue import Queue
from assistant.records.reviewing import Reviews
from assistant.records.sessions import SignIn
from assistant.records.verified import VerifiedAnswers
from assistant.types import Language, Passage
from assistant.web.api.service import Engine
from assistant.web.desk.oidc import Provider

Verify = Callable[[str, Language, Sequence[Sequence[Passage]]], Verdict]
"""Returns whether sections, each given as its language versions, support a sentence in a language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that the desk's pages read and change.

    Attributes:
        engine: Answers, searches and gives documents, as it does for students.
        verify: Compares a sentence with the sections that it quotes.
        mentors: Who may work at the desk.
        sign_in: Sessions and the counters of guesses.
        queue: What waits for a mentor.
        reviews: What mentors decide about it.
        answers: What they have checked.
        lessons: What participants told, and what becomes of it.
        coverage: What students ask and do not get.
        reviewed: Gives the reviewed questions to the mentor with this id, and notes that they took them.
        messages: What mentors and participants write to each other.
        provider: Vouches for mentors who sign in elsewhere; None if none is configured.
    """

    engine: Engine
    verify: Verify
    mentors: Mentors
    sign_in: SignIn
    queue: Queue
    reviews: Reviews
    answers: VerifiedAnswers
    lessons: Lessons
    messages: Messages
    coverage: Coverage
    reviewed: Callable[[str], tuple[ReviewedQuestion, ...]]
    provider: Provider | None = None
