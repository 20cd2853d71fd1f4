"""The index of the moment: what is published is taken in, what has lost its source is given back."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fakes import FakeEmbedder, document
from sqlalchemy import update

from assistant.bootstrap import RecordsPublisher
from assistant.errors import RecordError
from assistant.knowledge.index import Index, in_memory
from assistant.knowledge.published import CheckedAnswer, CheckedQuote, Doubt, Published, section_digest
from assistant.records import schema
from assistant.records.database import open_database, sqlite_url
from assistant.records.mentors import Mentors, Role
from assistant.records.publishing import CheckedCitation, WrittenVersion
from assistant.records.verified import VerifiedAnswers
from assistant.serving import RETRY_SECONDS, LiveIndex, Publisher
from assistant.types import Source

DAY = date(2026, 11, 22)
TEXT = "The exchange asks for a GPA of 2.67."


def answer(text: str = TEXT) -> CheckedAnswer:
    """Return an answer that quotes the only section as it read."""
    quote = CheckedQuote(mark=1, section="rules#s0", language="en", quote=text, digest=section_digest({"en": text}))
    return CheckedAnswer(
        id="a1", language="en", question="Which marks?", text=f"{text} [1]", checked_on=DAY, quotes=(quote,)
    )


class Records:
    """Publishes what a test puts into it."""

    def __init__(self, *answers: CheckedAnswer) -> None:
        self.now = Published(1, answers)
        self.suspended: list[tuple[str, str]] = []
        self.is_broken = False
        self.reads = 0

    def number(self) -> int:
        if self.is_broken:
            raise RecordError("the disk is gone")
        return self.now.number

    def published(self) -> Published:
        self.reads += 1
        return self.now

    def suspend(self, answer: str, because: Doubt, seen: datetime | None) -> None:
        self.suspended.append((answer, because))
        self.publish(*(each for each in self.now.answers if each.id != answer))

    def publish(self, *answers: CheckedAnswer) -> None:
        self.now = Published(self.now.number + 1, answers)


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def live(records: Publisher, bases: list[Index], clock: Clock | None = None) -> LiveIndex:
    """Return the index over the first of ``bases``."""
    return LiveIndex(lambda: bases[0], records, today=lambda: DAY, clock=clock or Clock())


def base(text: str = TEXT) -> Index:
    """Return an index with one section."""
    return in_memory([document("rules", text)])


def test_what_is_published_is_there_after_a_second() -> None:
    """A new answer is served as soon as it is looked again, and not looked for in between."""
    records, clock = Records(), Clock()
    index = live(records, [base()], clock)
    assert index().answers == {}
    records.publish(answer())
    assert index().answers == {}
    clock.seconds = 1.0
    assert set(index().answers) == {("answers/a1", "en")}
    reads = records.reads
    clock.seconds = 9.0
    assert index() is index()
    assert records.reads == reads


def test_an_answer_whose_section_changes_is_suspended_at_once() -> None:
    """With the index in which its section reads otherwise, the answer is gone, and the mentors are told why."""
    records, bases = Records(answer()), [base()]
    index = live(records, bases)
    assert index().answers
    bases[0] = base("The exchange asks for a GPA of 3.0.")
    assert index().answers == {}
    assert records.suspended == [("a1", "section_changed")]


def test_broken_records_do_not_silence_the_index() -> None:
    """While the records cannot be read, what was read before goes on."""
    records, clock = Records(answer()), Clock()
    index = live(records, [base()], clock)
    assert index().answers
    records.is_broken, clock.seconds = True, 5.0
    assert index().answers
    assert live(records, [base()])().answers == {}


def test_what_could_not_be_suspended_is_tried_again() -> None:
    """Records that are busy for a moment must not leave an answer out that no mentor is told of."""

    class Busy(Records):
        def suspend(self, answer: str, because: Doubt, seen: datetime | None) -> None:
            if self.is_broken:
                raise RecordError("the database is locked")
            super().suspend(answer, because, seen)

        def number(self) -> int:
            return self.now.number

    records, clock = Busy(answer("Another text.")), Clock()
    records.is_broken = True
    index = live(records, [base()], clock)
    assert index().answers == {}
    records.is_broken, clock.seconds = False, 5.0
    assert index().answers == {}
    assert records.suspended == [("a1", "section_changed")]


def test_an_answer_that_a_mentor_changes_meanwhile_is_not_taken_back(tmp_path: Path) -> None:
    """What is compared while a mentor binds the answer to the new section is suspended no more once that is saved."""
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    mentor = Mentors(database).add("a@b.kz", "A", "Office", Role.MENTOR, None).id
    answers, new = VerifiedAnswers(database), "The exchange asks for a GPA of 2.67. Ask the dean."
    made = answers.make([bound_to(TEXT)], mentor)

    class Racing(RecordsPublisher):
        def suspend(self, answer: str, because: Doubt, seen: datetime | None) -> None:
            assert answers.change(answer, [bound_to(new)], mentor) is None  # in the moment before
            super().suspend(answer, because, seen)

    index = live(Racing(database), [base(new)])
    assert {answer.id for answer in index().answers.values()} == {made}
    assert answers.suspended() == ()
    database.close()


def bound_to(text: str) -> WrittenVersion:
    """Return a mentor's answer that quotes the only section, which reads so."""
    digest = section_digest({"en": text})
    quote = CheckedCitation(mark=1, section="rules#s0", language="en", quote=TEXT, digest=digest, passage=text)
    return WrittenVersion(language="en", question="Which marks?", text="2.67 [1]", citations=(quote,))


def test_one_answer_that_breaks_a_later_rule_keeps_no_other_from_students(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is left out and named by its id alone; what else mentors published is served."""
    database = open_database(sqlite_url(tmp_path / "records.sqlite"))
    mentor, answers = Mentors(database).add("a@b.kz", "A", "Office", Role.MENTOR, None).id, VerifiedAnswers(database)
    broken, whole = (answers.make([bound_to(TEXT)], mentor) for _ in range(2))
    with database.writing() as connection:
        own = update(schema.verified_version).where(schema.verified_version.c.answer == broken)
        connection.execute(own.values(text="A secret without a mark."))
    assert {answer.id for answer in live(RecordsPublisher(database), [base()])().answers.values()} == {whole}
    assert broken in caplog.text
    assert "secret" not in caplog.text
    assert [each.answer.id for each in answers.entries()] == [whole]
    database.close()


def test_the_day_is_the_one_by_which_answers_were_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer confirmed a moment ago is not due again because the day has ended where the program runs."""
    monkeypatch.setenv("TZ", "<+24>-24")  # where it is always tomorrow
    time.tzset()
    try:
        now = datetime.now(UTC).date()
        due = in_memory([replace(document("rules", TEXT), source=Source(review_by=now))])
        records = Records(replace(answer(), checked_on=now))
        assert LiveIndex(lambda: due, records)().answers
        assert records.suspended == []
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_answer_that_cannot_be_suspended_does_not_hold_up_anybody() -> None:
    """Records that go on publishing what was taken back are looked at a few times only."""

    class Stubborn(Records):
        def suspend(self, answer: str, because: Doubt, seen: datetime | None) -> None:
            self.publish(*self.now.answers)

    assert live(Stubborn(answer("Another text.")), [base()])().answers == {}


def test_many_threads_see_one_index() -> None:
    """Threads that ask at once get the index before or the new one, never an error."""
    records = Records(answer())
    index, seen = live(records, [base()]), []
    threads = [threading.Thread(target=lambda: seen.append(len(index().answers))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) <= {0, 1}
    assert index().answers


def test_an_embedder_that_was_away_is_asked_again_for_vectors() -> None:
    """An answer published meanwhile is served at once, and has its vectors half a minute later, not at every look."""
    records, clock, embedder = Records(), Clock(), FakeEmbedder()
    index = live(records, [in_memory([document("rules", TEXT)], embedder)], clock)
    rows = len(index().matrix)
    embedder.is_down = True
    records.publish(answer())
    clock.seconds = 1.0
    assert index().answers
    reads = records.reads
    embedder.is_down, clock.seconds = False, 2.0
    assert not index().matrix[rows:].any()
    assert records.reads == reads
    clock.seconds = 1.0 + RETRY_SECONDS
    assert index().matrix[rows:].any(axis=1).all()
    reads = records.reads
    clock.seconds = 1000.0
    index()
    assert records.reads == reads
