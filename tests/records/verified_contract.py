"""What every database of verified answers keeps to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from queue_made import AIDA, DANA, Clock, add_mentors, count, everything, recorded, turn
from sqlalchemy import delete, select
from verified_made import EDITED, GPA, LOWERED, NOW, QUOTES, quoting, vouched, written

from assistant.errors import ClaimError
from assistant.knowledge.published import section_digest
from assistant.records import schema
from assistant.records.audit import DatabaseAudit
from assistant.records.binding import Sections
from assistant.records.database import Database
from assistant.records.items import ItemState, ReviewReason, Why
from assistant.records.publishing import AnswerState, SuspendedBecause, grow_if_worded
from assistant.records.queue import Queue
from assistant.records.reviewing import Reviews
from assistant.records.verified import Unchanged, VerifiedAnswers
from assistant.records.verified_rows import Entry
from assistant.types import Language


class VerifiedContract:
    """Tests of verified answers; a subclass says in which database."""

    @pytest.fixture
    def clock(self) -> Clock:
        """Give a clock."""
        return Clock()

    @pytest.fixture
    def answers(self, database: Database, clock: Clock) -> VerifiedAnswers:
        """Give the answers of a database with two mentors."""
        add_mentors(database)
        return VerifiedAnswers(database, clock)

    @pytest.fixture
    def queue(self, database: Database, clock: Clock) -> Queue:
        """Give the queue beside them."""
        return Queue(database, clock)

    def test_an_answer_is_served_as_it_was_written_in_the_order_of_languages(
        self, answers: VerifiedAnswers, clock: Clock
    ) -> None:
        """What was made comes back whole, with who vouches for it and since when."""
        made = answers.make([written("kk"), written("en", wordings=("How good?",))], DANA, country="IT")
        (found,) = answers.active()
        assert (found.id, found.state) == (made, AnswerState.ACTIVE)
        assert [each.language for each in found.versions] == ["en", "kk"]
        english = found.versions[0]
        assert (english.text, english.citations) == (written("en").text, (quoting("en"),))
        assert english.wordings == ("How good?",)
        assert found.versions[1].wordings == ()
        assert (english.mentor, english.checked_on) == (DANA, clock().date())
        entry = _entry(answers, made)
        assert (entry.country, entry.topic, entry.created, entry.because) == ("IT", "regulation", clock(), None)

    def test_an_office_vouches_where_nothing_is_quoted(self, answers: VerifiedAnswers) -> None:
        """Office and date come back, without a citation."""
        answers.make([vouched()], DANA)
        (version,) = answers.active()[0].versions
        assert (version.office, str(version.office_date), version.citations) == ("Dean's office", "2026-09-01", ())

    def test_every_change_counts_and_stands_in_the_audit_trail(
        self, answers: VerifiedAnswers, database: Database
    ) -> None:
        """Each of five changes grows the number by one and adds its row."""
        numbers = [answers.number()]
        made = answers.make([written()], DANA)
        numbers.append(answers.number())
        answers.change(made, [written(text="At least 2.67 [1].")], AIDA)
        numbers.append(answers.number())
        answers.suspend(made, SuspendedBecause.SECTION_CHANGED)
        numbers.append(answers.number())
        answers.resume(made, DANA, NOW)
        numbers.append(answers.number())
        answers.retire(made, DANA)
        numbers.append(answers.number())
        assert numbers == list(range(numbers[0], numbers[0] + 6))
        deeds = [(each.actor, each.action) for each in DatabaseAudit(database).entries() if each.subject.endswith(made)]
        expected = [(DANA, "make"), (AIDA, "change"), ("program", "suspend"), (DANA, "resume"), (DANA, "retire")]
        assert deeds == expected

    def test_a_version_that_reads_as_before_keeps_who_vouched_for_it(
        self, answers: VerifiedAnswers, clock: Clock
    ) -> None:
        """Who changes one language vouches for that one only; a language left out is gone."""
        made = answers.make([written("en"), written("ru"), written("kk")], DANA)
        first = clock().date()
        clock.turn(days=3)
        answers.change(made, [written("en"), written("kk", text="Кемінде 2,67 [1].")], AIDA)
        english, kazakh = answers.active()[0].versions
        assert (english.mentor, english.checked_on) == (DANA, first)
        assert (kazakh.mentor, kazakh.checked_on) == (AIDA, clock().date())

    def test_who_saw_an_older_answer_changes_nothing(self, answers: VerifiedAnswers, clock: Clock) -> None:
        """Two mentors who open the same answer do not overwrite one another unseen."""
        made = answers.make([written()], DANA)
        seen = _entry(answers, made).changed
        clock.turn(minutes=1)
        assert answers.change(made, [written(text="One [1]")], DANA, seen=seen) is None
        assert answers.change(made, [written(text="Two [1]")], AIDA, seen=seen) is Unchanged.CHANGED
        assert answers.retire(made, AIDA, seen=seen) is Unchanged.CHANGED
        assert answers.active()[0].versions[0].text == "One [1]"

    def test_a_retired_answer_stays_retired(self, answers: VerifiedAnswers) -> None:
        """It is neither served, changed, suspended nor resumed; it can still be read."""
        made = answers.make([written()], DANA)
        answers.retire(made, DANA)
        before = answers.number()
        answers.suspend(made, SuspendedBecause.REVIEW_DUE)
        assert answers.change(made, [written()], DANA) is Unchanged.RETIRED
        assert answers.resume(made, DANA, NOW) is Unchanged.RETIRED
        assert answers.change("0" * 12, [written()], DANA) is Unchanged.GONE
        assert (answers.active(), answers.suspended(), answers.number()) == ((), (), before)
        assert _entry(answers, made).answer.state is AnswerState.RETIRED

    @pytest.mark.parametrize(
        ("because", "why"),
        [
            (SuspendedBecause.SECTION_CHANGED, Why.CHANGED_SOURCE),
            (SuspendedBecause.SECTION_GONE, Why.CHANGED_SOURCE),
            (SuspendedBecause.REVIEW_DUE, Why.STALE_SOURCE),
        ],
    )
    def test_a_suspended_answer_waits_in_the_queue_once(
        self, answers: VerifiedAnswers, queue: Queue, because: SuspendedBecause, why: Why
    ) -> None:
        """Suspending twice opens one item, and the answer is no longer served."""
        made = answers.make([written("ru"), written("kk")], DANA)
        answers.suspend(made, because)
        answers.suspend(made, because)
        (row,) = everything(queue)
        assert (row.answer, row.whys, row.language, row.question) == (made, (why,), "ru", "Which GPA?")
        assert (answers.active(), [each.id for each in answers.suspended()]) == ((), [made])
        assert _entry(answers, made).because is because

    def test_a_confirmed_answer_is_bound_to_the_section_as_it_reads_now(
        self, answers: VerifiedAnswers, queue: Queue, clock: Clock
    ) -> None:
        """Digest and passage are the new ones, the mentor vouches from today, the item is closed, wordings stay."""
        made = answers.make([written(wordings=("How good?",))], DANA)
        answers.suspend(made, SuspendedBecause.SECTION_CHANGED)
        clock.turn(days=40)
        assert answers.resume(made, AIDA, EDITED) is None
        version = answers.active()[0].versions[0]
        (citation,) = version.citations
        assert (citation.digest, citation.passage) == (section_digest(EDITED[GPA]), EDITED[GPA]["en"])
        assert (version.mentor, version.checked_on, version.wordings) == (AIDA, clock().date(), ("How good?",))
        assert [row.state for row in everything(queue)] == [ItemState.RESOLVED]

    def test_an_answer_suspended_again_has_the_same_item(self, answers: VerifiedAnswers, queue: Queue) -> None:
        """Its closed item opens again, with its history."""
        made = answers.make([written()], DANA)
        for _ in range(2):
            answers.suspend(made, SuspendedBecause.SECTION_CHANGED)
            answers.resume(made, DANA, NOW)
        answers.suspend(made, SuspendedBecause.REVIEW_DUE)
        (row,) = everything(queue)
        assert row.state is ItemState.OPEN
        assert set(row.whys) == {Why.CHANGED_SOURCE, Why.STALE_SOURCE}

    @pytest.mark.parametrize("sections", [LOWERED, {}, {GPA: {"ru": QUOTES["ru"]}}])
    def test_an_answer_whose_quote_is_gone_cannot_be_confirmed(
        self, answers: VerifiedAnswers, queue: Queue, sections: Sections
    ) -> None:
        """It stays suspended with its old passage, and its item stays open."""
        made = answers.make([written()], DANA)
        answers.suspend(made, SuspendedBecause.SECTION_CHANGED)
        assert answers.resume(made, DANA, sections) is Unchanged.QUOTE_GONE
        assert answers.suspended()[0].versions[0].citations == (quoting(),)
        assert [row.state for row in everything(queue)] == [ItemState.OPEN]

    def test_a_suspended_answer_that_is_changed_or_retired_leaves_the_queue(
        self, answers: VerifiedAnswers, queue: Queue
    ) -> None:
        """A changed one is served again, a retired one is not; both items are closed."""
        changed, retired = answers.make([written()], DANA), answers.make([written("ru")], DANA)
        for made in (changed, retired):
            answers.suspend(made, SuspendedBecause.SECTION_CHANGED)
        answers.change(changed, [written()], AIDA)
        answers.retire(retired, AIDA)
        assert [(each.id, each.versions[0].mentor) for each in answers.active()] == [(changed, AIDA)]
        assert {row.state for row in everything(queue)} == {ItemState.RESOLVED, ItemState.DECLINED}

    def test_a_suspended_answer_is_not_closed_away_in_the_queue(
        self, answers: VerifiedAnswers, queue: Queue, database: Database, clock: Clock
    ) -> None:
        """Its item can be neither declined nor answered by itself: the answer would stay suspended, and nobody see it."""
        made = answers.make([written()], DANA)
        answers.suspend(made, "section_changed")
        (row,) = everything(queue)
        queue.claim(row.id, DANA)
        with pytest.raises(ClaimError, match="on the page of that"):
            queue.decline(row.id, DANA, [ReviewReason.OUT_OF_SCOPE])
        with pytest.raises(ClaimError, match="on the page of that"):
            Reviews(database, clock).replace(row.id, DANA, [vouched()])
        assert [each.id for each in everything(queue)] == [row.id]

    def test_an_answer_whose_item_another_mentor_holds_is_left_alone(
        self, answers: VerifiedAnswers, queue: Queue, clock: Clock
    ) -> None:
        """Nobody decides about it while another mentor does; a lapsed claim hinders nobody."""
        made = answers.make([written()], DANA)
        answers.suspend(made, SuspendedBecause.SECTION_CHANGED)
        queue.claim(everything(queue)[0].id, DANA)
        assert answers.resume(made, AIDA, NOW) is Unchanged.HELD
        assert answers.retire(made, AIDA) is Unchanged.HELD
        assert answers.change(made, [written()], AIDA) is Unchanged.HELD
        clock.turn(minutes=31)
        assert answers.resume(made, AIDA, NOW) is None

    def test_only_a_suspended_answer_is_resumed(self, answers: VerifiedAnswers) -> None:
        """An active one stays as it is."""
        made = answers.make([written()], DANA)
        assert answers.resume(made, AIDA, NOW) is Unchanged.NOT_SUSPENDED
        assert answers.active()[0].versions[0].mentor == DANA

    def test_the_words_of_students_are_masked_and_leave_with_their_conversation(
        self, answers: VerifiedAnswers, database: Database
    ) -> None:
        """A name in the question is not stored; erasing the conversation takes the wording and counts as a change."""
        (key,) = recorded(database, turn("Меня зовут Айгуль Касымова. Какой нужен балл?", language="ru"))
        made = answers.make([written("ru", wordings=("Какой балл?",))], DANA, asked=[key])
        students, mentors = sorted(_entry(answers, made).wordings, key=lambda each: not each.is_students)
        assert "Касымова" not in students.text
        assert "нужен балл" in students.text
        assert (mentors.text, mentors.is_students) == ("Какой балл?", False)
        before = answers.number()
        with database.writing() as connection:
            grow_if_worded(connection, ["f" * 32])
            assert connection.scalar(select(schema.publication.c.number)) == before
            grow_if_worded(connection, [key.conversation])
            connection.execute(delete(schema.conversation).where(schema.conversation.c.id == key.conversation))
        assert answers.active()[0].versions[0].wordings == ("Какой балл?",)
        assert answers.number() == before + 1

    def test_a_mentor_removes_any_wording_and_adds_none_twice(
        self, answers: VerifiedAnswers, database: Database
    ) -> None:
        """Wordings that are forgotten are gone, new ones come once however they are written."""
        (key,) = recorded(database, turn("what gpa do i need", language="en"))
        made = answers.make([written(wordings=("How good?",))], DANA, asked=[key])
        ids = {each.text: each.id for each in _entry(answers, made).wordings}
        again = written(wordings=("How good?", "HOW GOOD", "Minimum mark?"))
        answers.change(made, [again], DANA, forget=[ids["what gpa do i need"]])
        assert answers.active()[0].versions[0].wordings == ("How good?", "Minimum mark?")

    def test_a_question_asked_in_a_language_without_version_waits_for_one(
        self, answers: VerifiedAnswers, database: Database
    ) -> None:
        """It is kept, shown in no version, and belongs to the one that is written later."""
        (key,) = recorded(database, turn("қандай GPA керек", language="kk"))
        made = answers.make([written("en")], DANA, asked=[key, key])
        assert answers.active()[0].versions[0].wordings == ()
        answers.change(made, [written("en"), written("kk")], DANA)
        assert answers.active()[0].versions[1].wordings == ("қандай GPA керек",)

    @pytest.mark.parametrize("languages", [[], ["en", "ru", "en"]])
    def test_an_answer_needs_a_version_and_no_language_twice(
        self, answers: VerifiedAnswers, database: Database, languages: list[Language]
    ) -> None:
        """Nothing is written then."""
        with pytest.raises(ValueError, match="versions in"):
            answers.make([replace(written(), language=each) for each in languages], DANA)
        assert count(database, "verified") == 0

    def test_an_answer_that_fails_halfway_leaves_nothing(self, answers: VerifiedAnswers, database: Database) -> None:
        """A mentor whom the database does not know breaks the transaction, and the number stays."""
        before = answers.number()
        with pytest.raises(Exception, match="records database"):
            answers.make([written()], "f" * 32)
        tables = ("verified", "verified_version", "verified_citation", "audit")
        assert [count(database, each) for each in tables] == [0, 0, 0, 0]
        assert answers.number() == before


def _entry(answers: VerifiedAnswers, id: str) -> Entry:
    found = answers.read(id)
    assert found is not None
    return found
