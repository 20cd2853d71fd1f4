"""What every database of the mentors' decisions keeps to."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext

import pytest
from queue_made import AIDA, DANA, SECTION, Clock, add_mentors, count, everything, recorded, turn
from reviewing_children import edit_and_die
from sqlalchemy import select
from submissions_contract import children
from verified_made import NOW, vouched, written

from assistant.errors import ClaimError
from assistant.knowledge.published import section_digest
from assistant.records import schema
from assistant.records.database import Database
from assistant.records.filing import Subject, Target, file
from assistant.records.items import Decision, Done, Item, ItemState, ReviewReason, Why
from assistant.records.ports import NewTurn
from assistant.records.publishing import CheckedCitation, SuspendedBecause, WrittenVersion
from assistant.records.queue import Queue
from assistant.records.reviewing import Judged, Reviews, Ruling, is_second, shown
from assistant.records.verified import VerifiedAnswers
from assistant.types import Language

__all__ = ["children"]  # a fixture of another contract

REPLY = {
    "status": "answered", "composer": "extractive", "reason": None, "support": 0.4, "language": "ru",
    "text": "В правилах: «GPA — 2,67» [1]", "nearest": [],
    "citations": [{"mark": 1, "section": SECTION, "language": "ru", "quote": "GPA — 2,67", "stale": False}],
}  # fmt: skip
TABLES = ("review", "judgement", "item_event", "verified", "verified_version", "verified_citation",
          "verified_wording", "audit", "publication", "item")  # fmt: skip


def asked(question: str = "Какой GPA?", *, doubtful: bool = True, language: Language = "ru") -> NewTurn:
    """Return a turn whose reply quotes a section."""
    return turn(question, REPLY, language=language, doubtful=doubtful, country="IT")


def as_it_stands(**more: object) -> WrittenVersion:
    """Return the reply as a version."""
    text = "GPA — 2,67 и выше."
    quote = CheckedCitation(mark=1, section=SECTION, language="ru", quote="GPA — 2,67", passage=text,
                            digest=section_digest({"ru": text}))  # fmt: skip
    given = {"question": "Какой нужен GPA?", "text": REPLY["text"], "citations": (quote,)} | more
    return WrittenVersion(language="ru", **given)  # type: ignore[arg-type]


class ReviewingContract:
    """Tests of the mentors' decisions; a subclass says in which database."""

    @pytest.fixture
    def clock(self) -> Clock:
        """Give a clock."""
        return Clock()

    @pytest.fixture
    def reviews(self, database: Database, clock: Clock) -> Reviews:
        """Give the decisions of a database with two mentors."""
        add_mentors(database)
        return Reviews(database, clock)

    @pytest.fixture
    def queue(self, database: Database, clock: Clock) -> Queue:
        """Give the queue beside them."""
        return Queue(database, clock)

    @pytest.fixture
    def answers(self, database: Database, clock: Clock) -> VerifiedAnswers:
        """Give the answers beside them."""
        return VerifiedAnswers(database, clock)

    @pytest.fixture
    def held(self, database: Database, queue: Queue, reviews: Reviews) -> Callable[..., int]:
        """Give what files a turn and lets Dana hold its item."""

        def hold(**more: object) -> int:
            recorded(database, asked(**more))  # type: ignore[arg-type]
            number = everything(queue, newest=True)[0].id
            assert isinstance(queue.claim(number, DANA), Done)
            return number

        return hold

    def test_an_approved_reply_becomes_an_answer_with_its_own_quotes(
        self, reviews: Reviews, answers: VerifiedAnswers, queue: Queue, held: Callable[..., int]
    ) -> None:
        """Text and quote are the reply's, the student's words a wording, country and topic the item's."""
        number = held()
        decided = reviews.approve(number, DANA, [as_it_stands()])
        assert (decided.closed, decided.waiting) == ((number,), ())
        entry = answers.read(decided.answer)
        assert entry is not None
        (version,) = entry.answer.versions
        assert (version.text, version.citations[0].quote) == (REPLY["text"], "GPA — 2,67")
        assert (version.wordings, entry.country, entry.topic) == (("Какой GPA?",), "IT", "regulation")
        found = _item(queue, number)
        assert found.row.state is ItemState.RESOLVED
        assert [(each.mentor, each.decision, each.answer) for each in found.reviews] == [
            (DANA, Decision.APPROVED, decided.answer)
        ]
        assert reviews.judged(number, DANA) is Judged.RIGHT

    def test_other_words_are_not_approved(
        self, reviews: Reviews, queue: Queue, database: Database, held: Callable[..., int]
    ) -> None:
        """Approving a text or quotes that are not the reply's changes nothing."""
        number = held()
        other = as_it_stands(text="GPA — 2,5 [1]")
        for versions in ([other], [written("ru")], [written("en")]):
            with pytest.raises(ValueError, match="edit it instead"):
                reviews.approve(number, DANA, versions)
        assert _item(queue, number).row.state is ItemState.OPEN
        assert count(database, "verified") == 0

    @pytest.mark.parametrize(
        ("decision", "judged"), [(Decision.EDITED, Judged.INCOMPLETE), (Decision.REPLACED, Judged.WRONG)]
    )
    def test_a_decision_says_what_the_reply_was_unless_the_mentor_says_otherwise(
        self, reviews: Reviews, queue: Queue, held: Callable[..., int], decision: Decision, judged: Judged
    ) -> None:
        """Corrected is incomplete, replaced is wrong; what the mentor says goes before."""
        for said in (None, Judged.RIGHT):
            number = held()
            deed = reviews.edit if decision is Decision.EDITED else reviews.replace
            deed(number, DANA, [written("ru")], Ruling(judged=said, reasons=(ReviewReason.INACCURATE,), note="см."))
            assert reviews.judged(number, DANA) is (said or judged)
            (review,) = _item(queue, number).reviews
            assert (review.decision, review.reasons, review.note) == (decision, (ReviewReason.INACCURATE,), "см.")

    def test_an_answer_may_be_an_offices_word_in_several_languages(
        self, reviews: Reviews, answers: VerifiedAnswers, held: Callable[..., int]
    ) -> None:
        """Without a quote, its topic is that of the question."""
        decided = reviews.replace(held(), DANA, [vouched(), written("kk")])
        entry = answers.read(decided.answer)
        assert entry is not None
        assert [each.language for each in entry.answer.versions] == ["en", "kk"]
        assert entry.topic == "regulation"

    def test_who_does_not_hold_the_item_decides_nothing(
        self, reviews: Reviews, clock: Clock, database: Database, held: Callable[..., int]
    ) -> None:
        """Neither another mentor nor who let the claim lapse."""
        number, before = held(), _rows(database)
        with pytest.raises(ClaimError):
            reviews.edit(number, AIDA, [written()])
        with pytest.raises(ClaimError):
            reviews.missing(number, AIDA, Ruling(note="?"), closes=True)
        clock.turn(minutes=31)
        with pytest.raises(ClaimError):
            reviews.approve(number, DANA, [as_it_stands()])
        assert _rows(database) == before

    @pytest.mark.parametrize("closes", [True, False])
    def test_what_is_missing_is_said_and_the_item_closed_if_wished(
        self, reviews: Reviews, queue: Queue, answers: VerifiedAnswers, held: Callable[..., int], *, closes: bool
    ) -> None:
        """The note stands in the review, no answer comes of it; an item that stays open is held as before."""
        number = held()
        decided = reviews.missing(number, DANA, Ruling(note="Нет раздела о стипендии."), closes=closes)
        found = _item(queue, number)
        assert (decided.answer, answers.entries()) == ("", ())
        assert found.row.state is (ItemState.RESOLVED if closes else ItemState.OPEN)
        assert found.row.holder is None if closes else found.row.holder is not None
        (review,) = found.reviews
        assert (review.decision, review.reasons) == (Decision.MISSING, (ReviewReason.SOURCE_MISSING,))

    def test_missing_needs_words(self, reviews: Reviews, held: Callable[..., int]) -> None:
        """An empty note is refused."""
        with pytest.raises(ValueError, match="say what"):
            reviews.missing(held(), DANA, Ruling(note="  "), closes=True)

    def test_one_answer_closes_all_alike_that_are_held(
        self, reviews: Reviews, queue: Queue, answers: VerifiedAnswers, database: Database
    ) -> None:
        """Their questions become wordings in their languages; an item about the same that nobody took stays open."""
        recorded(database, asked("Какой GPA?"), asked("какой балл нужен"), asked("GPA қанша", language="kk"))
        first, second, third = (row.id for row in everything(queue))
        queue.claim(first, DANA, alike=True)
        queue.release(third, DANA)
        decided = reviews.edit(first, DANA, [written("ru"), written("kk")], Ruling(alike=True))
        assert decided.closed == (first, second)
        assert answers.active()[0].versions[0].wordings == ("Какой GPA?", "какой балл нужен")
        assert [row.state for row in everything(queue)] == [ItemState.RESOLVED, ItemState.RESOLVED, ItemState.OPEN]
        assert {reviews.judged(each, DANA) for each in (first, second)} == {Judged.INCOMPLETE}

    def test_a_reply_of_the_sample_waits_for_two_mentors(
        self, reviews: Reviews, queue: Queue, answers: VerifiedAnswers, database: Database, held: Callable[..., int]
    ) -> None:
        """The first opinion frees the item, the same mentor again does not close it, a second mentor does."""
        number = held()
        _sample(database, number)
        for _ in range(2):
            queue.claim(number, DANA)
            decided = reviews.approve(number, DANA, [as_it_stands()])
            assert (decided.closed, decided.waiting) == ((), (number,))
        found = _item(queue, number)
        assert found.row.state is ItemState.OPEN
        assert found.row.holder is None
        queue.claim(number, AIDA)
        assert reviews.edit(number, AIDA, [written("ru")]).closed == (number,)
        assert (reviews.judged(number, DANA), reviews.judged(number, AIDA)) == (Judged.RIGHT, Judged.INCOMPLETE)
        assert [each.versions[0].mentor for each in answers.active()] == [AIDA]

    def test_a_second_mentor_who_approves_leaves_the_correction_of_the_first(
        self, reviews: Reviews, queue: Queue, answers: VerifiedAnswers, database: Database, held: Callable[..., int]
    ) -> None:
        """Both judgements stand, and there is one answer."""
        number = held()
        _sample(database, number)
        reviews.replace(number, DANA, [written("ru")])
        queue.claim(number, AIDA)
        reviews.approve(number, AIDA, [as_it_stands()])
        assert [each.versions[0].text for each in answers.active()] == [written("ru").text]
        assert (reviews.judged(number, DANA), reviews.judged(number, AIDA)) == (Judged.WRONG, Judged.RIGHT)

    def test_nobody_sees_the_others_verdict_before_giving_their_own(
        self, reviews: Reviews, queue: Queue, database: Database, held: Callable[..., int]
    ) -> None:
        """To the second mentor neither the review nor its decision in the history is shown until they have judged."""
        number = held()
        _sample(database, number)
        reviews.edit(number, DANA, [written("ru")])
        found = _item(queue, number)
        hidden = shown(found, AIDA)
        assert is_second(found, AIDA)
        assert hidden.reviews == ()
        assert all("decision" not in each.details for each in hidden.history)
        assert shown(found, DANA) == found
        queue.claim(number, AIDA)
        reviews.edit(number, AIDA, [written("ru")])
        assert len(shown(_item(queue, number), AIDA).reviews) == 2

    def test_an_item_that_comes_back_mends_its_answer(
        self, reviews: Reviews, queue: Queue, answers: VerifiedAnswers, held: Callable[..., int]
    ) -> None:
        """A second correction changes the answer of the first, also when it was suspended, and settles its item."""
        number = held()
        first = reviews.edit(number, DANA, [written("ru"), written("kk")]).answer
        answers.suspend(first, SuspendedBecause.SECTION_CHANGED)
        queue.reopen(number, AIDA)
        queue.claim(number, AIDA)
        again = reviews.edit(number, AIDA, [written("ru", text="Не ниже 2,67 [1]."), written("kk")]).answer
        assert again == first
        (active,) = answers.active()
        assert [each.text for each in active.versions] == ["Не ниже 2,67 [1].", written("kk").text]
        assert {row.state for row in everything(queue)} == {ItemState.RESOLVED}

    def test_a_suspended_answer_waits_until_every_version_was_looked_at(
        self, reviews: Reviews, queue: Queue, answers: VerifiedAnswers, held: Callable[..., int]
    ) -> None:
        """Mended in one language through its turn, it stays suspended: the other one is bound to the section of then."""
        number = held()
        known = reviews.edit(number, DANA, [written("ru"), written("kk")]).answer
        answers.suspend(known, SuspendedBecause.SECTION_CHANGED)
        queue.reopen(number, DANA)
        queue.claim(number, DANA)
        reviews.edit(number, DANA, [written("ru", text="Не ниже 2,67 [1].")])
        assert answers.active() == ()
        entry = answers.read(known)
        assert entry is not None
        assert entry.because is SuspendedBecause.SECTION_CHANGED
        states = {row.answer: row.state for row in everything(queue)}
        assert states == {"": ItemState.RESOLVED, known: ItemState.OPEN}
        assert answers.resume(known, DANA, NOW) is None
        assert [each.text for each in answers.active()[0].versions] == ["Не ниже 2,67 [1].", written("kk").text]

    def test_a_decision_stands_whole_or_not_at_all(
        self, database: Database, held: Callable[..., int], reviews: Reviews
    ) -> None:
        """Whichever moment it fails at, nothing is left of it: seven tables, the item and the number are as before."""
        number, before = held(), _rows(database)
        failed = 0
        for moment in range(100):
            broken = Reviews(database, _Breaking(moment))
            try:
                broken.edit(number, DANA, [written("ru")])
                break
            except _Broken:
                failed += 1
                assert _rows(database) == before
        assert failed >= 4
        assert _rows(database) != before

    @pytest.mark.slow
    def test_a_mentor_killed_in_the_middle_leaves_nothing(
        self, database: Database, held: Callable[..., int], reviews: Reviews, children: ForkServerContext
    ) -> None:
        """Whichever moment the process is killed at, the database is as before; the next attempt succeeds."""
        number, before = held(), _rows(database)
        address = database.url.render_as_string(hide_password=False)
        for moment in (0, 2, 3):
            child = children.Process(target=edit_and_die, args=(address, number, DANA, moment))
            child.start()
            child.join()
            assert child.exitcode == -signal.SIGKILL
            assert _rows(database) == before
        assert reviews.edit(number, DANA, [written("ru")]).closed == (number,)

    def test_an_erased_conversation_leaves_the_answer_without_the_students_words(
        self, reviews: Reviews, answers: VerifiedAnswers, database: Database, held: Callable[..., int]
    ) -> None:
        """Item, review and wording are gone; what the mentor wrote stays."""
        decided = reviews.edit(held(), DANA, [written("ru", wordings=("Балл?",))])
        with database.writing() as connection:
            connection.execute(schema.conversation.delete())
        assert [count(database, each) for each in ("item", "review", "judgement")] == [0, 0, 0]
        (answer,) = answers.active()
        assert (answer.id, answer.versions[0].wordings) == (decided.answer, ("Балл?",))


class _Broken(Exception):
    """What a test breaks a deed with."""


class _Breaking:
    """A clock that breaks when it is looked at once too often."""

    def __init__(self, moment: int) -> None:
        self.left = moment

    def __call__(self) -> datetime:
        self.left -= 1
        if self.left < 0:
            raise _Broken
        return datetime.now(UTC)


def _item(queue: Queue, id: int) -> Item:
    found = queue.item(id)
    assert found is not None
    return found


def _sample(database: Database, id: int) -> None:
    """Let an item be of the sample."""
    row = _item(Queue(database), id).row
    with database.writing() as connection:
        target, subject = Target(turn=row.turn), Subject(language=row.language)
        assert file(connection, target, (Why.SAMPLE,), subject, actor="program", at=datetime.now(UTC)) == id


def _rows(database: Database) -> list[object]:
    with database.reading() as connection:
        tables = (schema.metadata.tables[name] for name in TABLES)
        return [connection.execute(select(table)).all() for table in tables]
