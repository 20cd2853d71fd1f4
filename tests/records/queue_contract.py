"""What the queue must do, on any database: inherit ``QueueContract`` and give the fixture ``url``."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
from conversations_contract import ONE_DATABASE
from hypothesis import given, settings
from hypothesis import strategies as st
from queue_made import ABSTAINED, AIDA, ANSWERED, DANA, Clock, add_mentors, count, everything, recorded, turn
from records_children import claim_all
from submissions_contract import feedback, question

from assistant.errors import ClaimError, RecordError
from assistant.records.audit import DatabaseAudit
from assistant.records.database import Database
from assistant.records.items import (
    Decision,
    Done,
    Item,
    ItemRow,
    ItemState,
    Refusal,
    ReviewReason,
    Stage,
    Verdict,
    Wanted,
    Why,
)
from assistant.records.queue import CLAIM, Queue
from assistant.records.submissions import SubmissionKind
from assistant.records.submitted import DatabaseSubmissions

RESOLVED = Verdict(decision=Decision.APPROVED)


def close(database: Database, queue: Queue, id: int, mentor: str, **more: Any) -> Done:
    """Resolve an item in a transaction of its own."""
    with database.writing() as connection:
        return queue.close(connection, id, mentor, ItemState.RESOLVED, RESOLVED, **more)


def item(queue: Queue, id: int) -> Item:
    """Return an item that is there."""
    found = queue.item(id)
    assert found is not None
    return found


def ids(rows: tuple[ItemRow, ...]) -> list[int]:
    """Return the items' numbers."""
    return [row.id for row in rows]


class QueueContract:
    """The contract; a subclass gives the address of an empty database."""

    @pytest.fixture(autouse=True)
    def unsampled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No turn is read by chance."""
        monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)

    @pytest.fixture
    def clock(self) -> Clock:
        """Give a clock that stands."""
        return Clock()

    @pytest.fixture
    def queue(self, database: Database, clock: Clock) -> Queue:
        """Give the queue, with two mentors."""
        add_mentors(database)
        return Queue(database, clock)

    def test_pages_follow_one_another(self, queue: Queue, database: Database) -> None:
        """Oldest first or newest first, page by page, every item comes once, also when one goes in between."""
        recorded(database, *[turn(str(number)) for number in range(7)])
        for newest in (False, True):
            found, after = [], None
            for _ in range(3):
                page = queue.page(Wanted(newest=newest), after, limit=3)
                found, after = found + ids(page.rows), page.next
            assert found == sorted(found, reverse=newest)
            assert (len(found), after) == (7, None)
        first = queue.page(Wanted(), limit=3)
        queue.claim(first.rows[-1].id, DANA)
        close(database, queue, first.rows[-1].id, DANA)
        assert ids(queue.page(Wanted(), first.next, limit=3).rows) == [4, 5, 6]

    @settings(max_examples=25, suppress_health_check=list(ONE_DATABASE))
    @given(limit=st.integers(-1, 9), newest=st.booleans(), why=st.sampled_from([None, *Why]))
    def test_pages_hold_what_one_long_page_holds(self, queue: Queue, database: Database, limit: int, newest: bool,
                                                 why: Why | None) -> None:  # fmt: skip
        """Whatever the length of pages and the filter, no item is left out and none comes twice."""
        if not everything(queue):
            recorded(
                database,
                *[turn(str(each), doubtful=True, reply=ABSTAINED if each % 3 else ANSWERED) for each in range(11)],
            )
        wanted, found, after = Wanted(stage=None, newest=newest, why=why), [], None
        for _ in range(12):
            page = queue.page(wanted, after, limit)
            found, after = found + ids(page.rows), page.next
            if after is None:
                break
        assert found == ids(everything(queue, newest=newest, why=why))

    def test_filters_say_what_they_show(self, queue: Queue, database: Database) -> None:
        """Each filter leaves what fits and nothing else; together they leave what fits all."""
        recorded(database, turn("Виза керек пе?", country="PL", language="kk"),
                 turn("Нужна ли ВИЗА?", country="TR"), turn("GPA?", ANSWERED, doubtful=True, language="en"))  # fmt: skip
        assert ids(everything(queue, language="kk")) == [1]
        assert ids(everything(queue, country="TR")) == [2]
        assert ids(everything(queue, topic="regulation")) == [3]
        assert ids(everything(queue, why=Why.LOW_SUPPORT)) == [3]
        assert ids(everything(queue, words="виза")) == [1, 2]
        assert ids(everything(queue, words="KEREK")) == [1]
        assert ids(everything(queue, words="виза", country="TR")) == [2]
        assert ids(everything(queue, words=" ")) == [1, 2, 3]
        assert [ids(everything(queue, words=each)) for each in ("签证", "%", "вз", "\x00", "ab" * 50_000)] == [[]] * 5

    def test_states_part_the_queue(self, queue: Queue, database: Database) -> None:
        """Free, held, resolved and declined items are told apart; open ones include those that are held."""
        recorded(database, *[turn(str(number)) for number in range(4)])
        for number, mentor in ((2, DANA), (3, AIDA), (4, AIDA)):
            assert isinstance(queue.claim(number, mentor), Done)
        close(database, queue, 3, AIDA)
        queue.decline(4, AIDA, [ReviewReason.OUT_OF_SCOPE])
        stages = {stage: ids(everything(queue, stage=stage)) for stage in Stage}
        assert stages == {Stage.OPEN: [1, 2], Stage.IN_REVIEW: [2], Stage.RESOLVED: [3], Stage.DECLINED: [4]}
        assert [row.stage for row in everything(queue)] == [
            Stage.OPEN, Stage.IN_REVIEW, Stage.RESOLVED, Stage.DECLINED,
        ]  # fmt: skip
        assert queue.counts().stages == {Stage.OPEN: 2, Stage.IN_REVIEW: 1, Stage.RESOLVED: 1, Stage.DECLINED: 1}
        assert ids(everything(queue, mine=DANA)) == [2]
        assert everything(queue, mine=AIDA) == ()

    def test_counts_are_those_of_the_lists(self, queue: Queue, database: Database) -> None:
        """By reason and by country the counts say how many rows the open list would have, also after closing and opening again."""
        recorded(
            database, turn(country="PL"), turn(country="PL", reply=ANSWERED, doubtful=True), turn(country="TR"), turn()
        )
        DatabaseSubmissions(database).add(question(), masked=False)
        queue.claim(3, DANA)
        close(database, queue, 3, DANA)
        for countries in ({"PL": 2}, {"PL": 2, "TR": 1}):
            counts = queue.counts()
            listed = {why: len(everything(queue, stage=Stage.OPEN, why=why)) for why in Why}
            assert counts.whys == {why: count for why, count in listed.items() if count}
            assert counts.countries == countries
            queue.reopen(3, AIDA)

    def test_questions_of_all_languages_meet(self, queue: Queue, database: Database) -> None:
        """The nearest section and the country make a group; without a section the same question does."""
        recorded(database, turn("Виза?", country="PL"), turn("Visa?", country="PL", language="en"), turn("Виза?", country="TR"),
                 turn("Бос?", {"status": "abstained", "reason": "no_source"}), turn("бос", {"status": "abstained"}))  # fmt: skip
        assert [row.alike for row in everything(queue)] == [2, 2, 1, 2, 2]
        assert ids(everything(queue, alike=1)) == [1, 2]
        assert ids(item(queue, 4).others) == [5]

    def test_a_group_can_stand_as_its_first(self, queue: Queue, database: Database) -> None:
        """Folded, each group of open items shows its first in the order of the list, and pages hold every group once."""
        for country in ("PL", "DE", "PL", "LT", "DE", "PL"):
            recorded(database, turn(f"Visa {country}?", country=country))
        assert ids(queue.page(Wanted(folded=True)).rows) == [1, 2, 4]
        assert ids(queue.page(Wanted(folded=True, newest=True)).rows) == [6, 5, 4]
        assert [row.alike for row in queue.page(Wanted(folded=True)).rows] == [3, 2, 1]
        first = queue.page(Wanted(folded=True), limit=2)
        assert ids(queue.page(Wanted(folded=True), first.next).rows) == [4]
        queue.claim(1, DANA)
        close(database, queue, 1, DANA)
        assert ids(queue.page(Wanted(folded=True)).rows) == [2, 3, 4]
        assert ids(queue.page(Wanted(folded=True, country="PL")).rows) == [3, 6]  # the first need not fit a filter

    def test_an_item_shows_everything(self, queue: Queue, database: Database) -> None:
        """The conversation around it, the reply as recorded, what was sent, the history, and others alike."""
        said = [turn(str(number), ANSWERED) for number in range(9)]
        keys = recorded(database, *said[:8], turn("Виза?", doubtful=True), *said)
        recorded(database, turn("Other"))
        mail = DatabaseSubmissions(database)
        for number, each in enumerate((feedback("one"), question("two"), feedback("other turn"))):
            mail.add(each, masked=False, about=keys[8 if number < 2 else 0])
        found = item(queue, 1)
        assert found.turn is not None
        assert (found.turn.question, found.turn.reply, found.turns) == ("Виза?", ABSTAINED, 18)
        assert [each.number for each in found.around] == list(range(4, 15))
        assert [getattr(each.submission, "comment", "") or each.submission.question for each in found.sent] == [
            "one",
            "two",
        ]
        assert [(event.number, event.actor, event.action) for event in found.history] == [
            (1, "program", "opened"), (2, "student", "joined"), (3, "student", "joined"),
        ]  # fmt: skip
        assert ids(found.others) == [2]
        assert queue.item(77) is None

    def test_only_one_mentor_holds_an_item(self, queue: Queue, database: Database, clock: Clock) -> None:
        """Who claims first holds it until they release it or half an hour is over; renewing begins it anew."""
        recorded(database)
        assert queue.claim(1, DANA) == Done((1,), clock.now + CLAIM)
        assert queue.claim(1, AIDA) == Refusal.HELD
        assert queue.release(1, AIDA) == Refusal.HELD
        clock.turn(minutes=29)
        assert queue.claim(1, DANA) == Done((1,), clock.now + CLAIM)
        clock.turn(minutes=29)
        assert queue.claim(1, AIDA) == Refusal.HELD
        clock.turn(minutes=1)
        assert everything(queue)[0].holder is None
        assert isinstance(queue.claim(1, AIDA), Done)
        assert queue.release(1, DANA) == Refusal.HELD
        assert queue.release(1, AIDA) == Done((1,))
        assert queue.release(1, AIDA) == Refusal.NOT_HELD
        holder = [queue.claim(1, DANA), everything(queue)[0].holder][1]
        assert holder is not None
        assert (holder.mentor, holder.name, holder.until) == (DANA, "Дана", clock.now + timedelta(minutes=30))
        actions = [(event.name, event.action) for event in item(queue, 1).history[1:]]
        assert actions == [("Дана", "claimed"), ("Aida", "claimed"), ("Aida", "released"), ("Дана", "claimed")]

    @pytest.mark.parametrize("deed", ["claim", "release", "reopen"])
    def test_what_is_not_there_cannot_be_held(self, queue: Queue, deed: str) -> None:
        """A deed with an unknown item is refused."""
        assert getattr(queue, deed)(5, DANA) == Refusal.GONE

    def test_threads_never_hold_the_same(self, queue: Queue, database: Database) -> None:
        """Eight threads of two mentors claim everything at once: each item is held by one, the one who was told so."""
        recorded(database, *[turn(str(number)) for number in range(12)])
        tries = [(number, mentor) for number in range(1, 13) for mentor in (DANA, AIDA) for _ in range(2)]
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda each: queue.claim(*each), tries))
        winners = {each for each, done in zip(tries, told, strict=True) if isinstance(done, Done)}
        assert Counter(number for number, _ in winners) == Counter(range(1, 13))
        assert {(row.id, row.holder.mentor) for row in everything(queue) if row.holder} == winners

    def test_processes_never_hold_the_same(self, queue: Queue, database: Database, children: ForkServerContext) -> None:
        """Two processes, one per mentor, claim everything at once: what both were told adds up to every item once."""
        recorded(database, *[turn(str(number)) for number in range(40)])
        address = database.url.render_as_string(hide_password=False)
        told = []
        for mentor in (DANA, AIDA):
            heard, said = children.Pipe(duplex=False)
            child = children.Process(target=claim_all, args=(address, mentor, said))
            child.start()
            said.close()
            told.append((child, heard))
        held = [heard.recv() for _, heard in told]
        for child, _ in told:
            child.join()
        assert sorted([*held[0], *held[1]]) == list(range(1, 41))
        for mentor, mine in zip((DANA, AIDA), held, strict=True):
            assert ids(everything(queue, mine=mentor)) == sorted(mine)

    def test_only_who_holds_it_closes_it(self, queue: Queue, database: Database, clock: Clock) -> None:
        """Without a claim, with somebody else's and with a lapsed one nothing is closed and nothing is written."""
        recorded(database)
        for mentor in (AIDA, DANA):
            with pytest.raises(ClaimError):
                close(database, queue, 1, mentor)
            queue.claim(1, DANA)
            if mentor == AIDA:
                with pytest.raises(ClaimError):
                    close(database, queue, 1, AIDA)
                queue.release(1, DANA)
        clock.turn(minutes=31)
        with pytest.raises(ClaimError):
            close(database, queue, 1, DANA)
        assert (count(database, "review"), everything(queue)[0].state) == (0, ItemState.OPEN)
        queue.claim(1, DANA)
        assert close(database, queue, 1, DANA) == Done((1,))
        assert queue.claim(1, AIDA) == Refusal.CLOSED
        with pytest.raises(ClaimError):
            close(database, queue, 1, DANA)

    def test_a_review_can_leave_an_item_open(self, queue: Queue, database: Database) -> None:
        """What is written about an open item stays beside it, and its holder goes on holding it."""
        recorded(database)
        queue.claim(1, DANA)
        said = Verdict(decision=Decision.MISSING, reasons=(ReviewReason.SOURCE_MISSING,), note="Визалық баға жоқ")
        with database.writing() as connection:
            queue.close(connection, 1, DANA, ItemState.OPEN, said)
        found = item(queue, 1)
        (review,) = found.reviews
        assert (review.decision, review.reasons, review.note, review.name) == (
            Decision.MISSING, (ReviewReason.SOURCE_MISSING,), "Визалық баға жоқ", "Дана",
        )  # fmt: skip
        assert found.row.stage is Stage.IN_REVIEW
        assert "Визалық" not in str(found.history) + str(DatabaseAudit(database).entries())

    def test_declining_needs_a_reason(self, queue: Queue, database: Database) -> None:
        """Without a reason nothing is declined; with reasons they stand in review, history and audit."""
        recorded(database)
        queue.claim(1, DANA)
        with pytest.raises(ValueError, match="at least one reason"):
            queue.decline(1, DANA, [])
        queue.decline(1, DANA, [ReviewReason.OUT_OF_SCOPE, ReviewReason.MISUNDERSTOOD], "жоқ")
        found = item(queue, 1)
        assert (found.row.state, found.reviews[0].decision) == (ItemState.DECLINED, Decision.DECLINED)
        told = {"decision": "declined", "reasons": "out_of_scope, misunderstood"}
        assert found.history[-1].details == told
        newest = DatabaseAudit(database).entries()[-1]
        assert (newest.actor, newest.action, newest.subject, newest.details) == (DANA, "decline", "item 1", told)

    def test_how_to_reach_a_student_is_erased_with_the_answer(self, queue: Queue, database: Database) -> None:
        """A contact is kept until the question is closed; of other questions it stays."""
        mail = DatabaseSubmissions(database)
        for text in ("Бірінші?", "Екінші?"):
            mail.add(question(text), masked=False)
        queue.claim(1, DANA)
        close(database, queue, 1, DANA)
        kept = {each.submission.question: each.submission.contact for each in mail.waiting(SubmissionKind.QUESTION)}  # type: ignore[union-attr]
        assert kept == {"Бірінші?": "", "Екінші?": "a@b.kz"}

    def test_alike_items_are_answered_together(self, queue: Queue, database: Database) -> None:
        """A group is claimed and closed at once; what somebody else holds, and what is about another thing, is not."""
        recorded(database, *[turn(str(number)) for number in range(4)], turn("GPA?", ANSWERED, doubtful=True))
        queue.claim(3, AIDA)
        assert queue.claim(2, DANA, alike=True).items == (2, 1, 4)  # type: ignore[union-attr]
        assert close(database, queue, 1, DANA, alike=True).items == (1, 2, 4)
        assert ids(everything(queue, stage=Stage.OPEN)) == [3, 5]
        assert [len(item(queue, number).reviews) for number in (1, 2, 3, 4, 5)] == [1, 1, 0, 1, 0]
        assert queue.release(3, AIDA, alike=True) == Done((3,))

    def test_what_was_closed_can_be_opened_again(self, queue: Queue, database: Database, clock: Clock) -> None:
        """A reopened item is free and begins to age anew; an open one cannot be reopened."""
        recorded(database)
        assert queue.reopen(1, DANA) == Refusal.STILL_OPEN
        queue.claim(1, DANA)
        close(database, queue, 1, DANA)
        clock.turn(days=3)
        assert queue.reopen(1, AIDA) == Done((1,))
        row = everything(queue)[0]
        assert (row.state, row.opened, row.closed, row.holder) == (ItemState.OPEN, clock.now, None, None)

    def test_history_only_grows(self, queue: Queue, database: Database, clock: Clock) -> None:
        """Whatever is done, each line that once stood in the history stands there unchanged ever after."""
        recorded(database)
        before: tuple[Any, ...] = ()
        deeds = [lambda: queue.claim(1, DANA), lambda: queue.release(1, DANA), lambda: queue.claim(1, AIDA),
                 lambda: close(database, queue, 1, AIDA), lambda: queue.reopen(1, DANA)]  # fmt: skip
        for deed in deeds:
            clock.turn(minutes=1)
            deed()
            history = item(queue, 1).history
            assert history[: len(before)] == before
            assert len(history) == len(before) + 1 if before else len(history) == 2
            before = history
        assert DatabaseAudit(database).verify().broken is None

    def test_a_deed_that_breaks_off_leaves_nothing(self, queue: Queue, database: Database) -> None:
        """When the caller's transaction fails after closing, the item is open and held as before."""
        recorded(database)
        queue.claim(1, DANA)
        before = queue.item(1)
        with pytest.raises(RecordError), database.writing() as connection:  # noqa: PT012
            queue.close(connection, 1, DANA, ItemState.RESOLVED, RESOLVED)
            raise RecordError("on purpose")
        assert queue.item(1) == before
