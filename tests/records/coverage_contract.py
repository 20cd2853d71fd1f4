"""What the coverage figures must be on any database: inherit ``CoverageContract`` and give the fixture ``url``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Event

import pytest
from queue_made import ABSTAINED, AIDA, ANSWERED, CITATION, DANA, SECTION, STALE, Clock, add_mentors, recorded, turn
from sqlalchemy import insert, select, update
from submissions_contract import feedback
from verified_made import written

from assistant.errors import RecordError
from assistant.records import coverage, schema
from assistant.records.conversations import DatabaseConversations
from assistant.records.coverage import Coverage
from assistant.records.covered import EXAMPLES, MOST_GROUPS, Group, Period, Tally
from assistant.records.database import Database
from assistant.records.items import Decision, Done, ItemState, ReviewReason, Wanted
from assistant.records.ports import NewTurn, TurnKey
from assistant.records.publishing import AnswerState
from assistant.records.queue import Queue
from assistant.records.reviewing import Judged, Reviews, Ruling
from assistant.records.submitted import DatabaseSubmissions
from assistant.records.verified import VerifiedAnswers

NEAREST = "host_guides/poland#visa"
CHECKED = ANSWERED | {"composer": "verified"}
LOST = {**ABSTAINED, "nearest": []}
OUT = {**ABSTAINED, "reason": "out_of_scope"}


def asked(database: Database, said: NewTurn, *, days: int = 0) -> TurnKey:
    """Record a turn as if it had been asked so many days ago."""
    (key,) = recorded(database, said)
    then = datetime.now(UTC) - timedelta(days=days)
    turns, uses, items, whys = schema.turn, schema.turn_section, schema.item, schema.item_why
    with database.writing() as connection:
        connection.execute(update(turns).where(turns.c.conversation == key.conversation).values(created=then))
        connection.execute(update(uses).where(uses.c.conversation == key.conversation).values(at=then))
        ids = connection.scalars(select(items.c.id).where(items.c.conversation == key.conversation)).all()
        connection.execute(update(items).where(items.c.id.in_(ids)).values(opened=then))
        connection.execute(update(whys).where(whys.c.item.in_(ids)).values(at=then))
    return key


def total(figures: Coverage, period: Period = Period.ALL) -> Tally:
    """Return all questions of a period."""
    return figures.count(period).total


def groups(figures: Coverage, period: Period = Period.ALL) -> tuple[Group, ...]:
    """Return the groups of a period."""
    return figures.count(period).groups


class CoverageContract:
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
    def figures(self, database: Database, clock: Clock) -> Coverage:
        """Give the figures of a database with two mentors."""
        add_mentors(database)
        clock.turn(minutes=5)
        return Coverage(database, lambda: {SECTION, NEAREST, "adaptation/food#shops"}, clock)

    @pytest.fixture
    def close(self, database: Database) -> Callable[..., None]:
        """Give what lets Dana decline an item after so many hours."""

        def decline(id: int, *reasons: ReviewReason, hours: int = 1) -> None:
            clock = Clock()
            clock.turn(hours=hours)
            queue = Queue(database, clock)
            assert isinstance(queue.claim(id, DANA), Done)
            queue.decline(id, DANA, reasons or [ReviewReason.OUT_OF_SCOPE])

        return decline

    def test_an_empty_database_has_empty_figures(self, figures: Coverage) -> None:
        """Nothing was asked, no section used, nothing judged; no section has been used."""
        found = figures.count(Period.ALL)
        assert (found.weeks, found.fields, found.groups, found.sections, found.groups_in_all) == ((), (), (), (), 0)
        assert found.total == Tally()
        assert found.work.hours is None
        assert (found.work.opened, found.agreement.items, found.agreement.kappa) == (0, 0, None)
        assert found.unused == ("adaptation/food#shops", NEAREST, SECTION)

    def test_questions_are_counted_by_what_became_of_them(self, figures: Coverage, database: Database) -> None:
        """Answered, abstained, low support, checked, thumbs down; a reply that failed is asked and no more."""
        asked(database, turn("1", ANSWERED))
        asked(database, turn("2", CHECKED))
        disliked = asked(database, turn("3", ANSWERED, doubtful=True))
        asked(database, turn("4", ABSTAINED))
        asked(database, turn("5", OUT))
        asked(database, turn("6", None))
        DatabaseSubmissions(database).add(feedback(), masked=False, about=disliked)
        assert total(figures) == Tally(asked=6, answered=3, abstained=2, checked=1, low=1, disliked=1)

    def test_weeks_begin_on_monday_and_part_the_languages(self, figures: Coverage, database: Database) -> None:
        """Each week and language with a question has a row, in order; the rows add up."""
        for days, language in ((0, "ru"), (0, "kk"), (7, "ru"), (14, "en"), (14, "en")):
            asked(database, turn(reply=None, language=language), days=days)
        found = figures.count(Period.ALL).weeks
        assert [(week.language, week.tally.asked) for week in found] == [("en", 2), ("ru", 1), ("kk", 1), ("ru", 1)]
        assert {week.monday.weekday() for week in found} == {0}
        mondays = sorted({week.monday for week in found})
        assert [(later - earlier).days for earlier, later in pairwise(mondays)] == [7, 7]

    def test_a_period_ends_where_it_says(self, figures: Coverage, database: Database) -> None:
        """What is older than the period is in none of its figures."""
        for days in (1, 29, 31, 91, 364, 366):
            asked(database, turn("Виза?", STALE, doubtful=True), days=days)
        for period, count in ((Period.MONTH, 2), (Period.QUARTER, 3), (Period.YEAR, 5), (Period.ALL, 6)):
            found = figures.count(period)
            assert found.total == Tally(asked=count, answered=count, low=count)
            assert [group.count for group in found.groups] == [count]
            assert [(each.used, each.stale) for each in found.sections] == [(count, count)]
            assert [field.tally.low for field in found.fields] == [count]
            assert found.work.opened == count

    def test_topics_and_countries(self, figures: Coverage, database: Database) -> None:
        """Each pair of topic and country has its own figures; what is not known is empty."""
        asked(database, turn(country="PL"))
        asked(database, turn(reply=ANSWERED, country="PL", doubtful=True))
        asked(database, turn(reply=LOST))
        found = {(field.topic, field.country): field.tally for field in figures.count(Period.ALL).fields}
        assert found == {
            ("host_guide", "PL"): Tally(asked=1, abstained=1),
            ("regulation", "PL"): Tally(asked=1, answered=1, low=1),
            ("", ""): Tally(asked=1, abstained=1),
        }

    def test_groups_meet_in_all_languages(
        self, figures: Coverage, database: Database, close: Callable[..., None]
    ) -> None:
        """Abstentions and weak answers near one section for one country are a group, largest first, with its figures."""
        asked(database, turn("Visa?", country="PL", language="en"), days=9)
        asked(database, turn("Виза?", country="PL", language="ru"), days=3)
        asked(database, turn("Visa?", language="en"))
        asked(database, turn("GPA?", ANSWERED, doubtful=True), days=1)
        asked(database, turn("GPA?", ANSWERED))
        asked(database, turn("Pizza?", OUT))
        close(1)
        first, *others = groups(figures)
        assert (first.section, first.topic, first.country) == (NEAREST, "host_guide", "PL")
        assert (first.count, first.abstained, first.low, first.open) == (2, 2, 0, 1)
        assert first.languages == {"en": 1, "ru": 1}
        assert (first.last - first.first).days in {5, 6}
        assert [(each.item, each.text) for each in first.examples] == [(2, "Виза?"), (1, "Visa?")]
        assert {(each.section, each.country, each.count, each.low) for each in others} == {
            (NEAREST, "", 1, 0), (SECTION, "", 1, 1),
        }  # fmt: skip
        assert figures.count(Period.ALL).groups_in_all == 3

    def test_a_group_is_what_the_queue_calls_alike(self, figures: Coverage, database: Database) -> None:
        """The link to the queue by the group's item shows as many items as the group counts."""
        for country in ("PL", "PL", "TR", ""):
            asked(database, turn("Виза?", country=country))
        queue = Queue(database)
        for group in groups(figures):
            assert len(queue.page(Wanted(stage=None, alike=group.item)).rows) == group.count

    def test_what_came_near_nothing_is_a_group_by_country(self, figures: Coverage, database: Database) -> None:
        """Different questions without a nearest section are one group for each country."""
        for question, country in (("Кот?", ""), ("Dog?", ""), ("Кот?", "TR")):
            asked(database, turn(question, LOST, country=country))
        assert [(each.section, each.topic, each.country, each.count) for each in groups(figures)] == [
            ("", "", "", 2), ("", "", "TR", 1),
        ]  # fmt: skip

    def test_examples_are_masked_and_differ(self, figures: Coverage, database: Database) -> None:
        """No name or number stands in an example, and no two have the same words, whatever their capitals."""
        for question in ("Виза?", "ВИЗА?", "Я Айгүл Сериковна, +7 701 123 45 67, виза\n нужна?", "а?", "б?", "Виза"):
            asked(database, turn(question, language="ru"))
        (group,) = groups(figures)
        assert group.count == 6
        assert [each.text for each in group.examples] == ["Виза", "б?", "а?"]
        found = figures.asked(1, 10)
        assert found is not None
        assert [each.text for each in found.questions] == ["Виза", "б?", "а?", "Я [имя], [телефон], виза нужна?"]
        assert len(groups(figures)[0].examples) == EXAMPLES

    def test_the_largest_groups_are_told(self, figures: Coverage, database: Database) -> None:
        """There are never more groups than can be read, and it is said how many there are."""
        kept = DatabaseConversations(database)
        key = kept.begin("kk", "chat")
        near = ABSTAINED["nearest"][0]
        for number in range(MOST_GROUPS + 2):
            reply = {**ABSTAINED, "nearest": [near | {"section": f"host_guides/a{number}#visa"}]}
            for _ in range(2 if number == MOST_GROUPS else 1):
                kept.record(key.id, turn(str(number), reply))
        found = figures.count(Period.ALL)
        assert (len(found.groups), found.groups_in_all) == (MOST_GROUPS, MOST_GROUPS + 2)
        assert found.groups[0].section == f"host_guides/a{MOST_GROUPS}#visa"

    def test_sections_used_disputed_stale_and_never(self, figures: Coverage, database: Database) -> None:
        """How often each was quoted, how often when overdue, how often in a reply that somebody disliked."""
        other = STALE | {"citations": [CITATION | {"section": NEAREST, "stale": True}, CITATION]}
        asked(database, turn("1", ANSWERED))
        disliked = asked(database, turn("2", other))
        mail = DatabaseSubmissions(database)
        for _ in range(2):
            mail.add(feedback(), masked=False, about=disliked)
        mail.add(feedback(), masked=False)
        found = figures.count(Period.ALL)
        assert [(each.section, each.used, each.stale, each.disputed) for each in found.sections] == [
            (SECTION, 2, 0, 1), (NEAREST, 1, 1, 1),
        ]  # fmt: skip
        assert found.unused == ("adaptation/food#shops",)

    def test_what_mentors_did(self, figures: Coverage, database: Database, close: Callable[..., None]) -> None:
        """Items opened and closed with the median hours, decisions, reasons, reviews by mentor, answers by state."""
        for number in range(4):
            asked(database, turn(str(number)))
        close(1, ReviewReason.OUT_OF_SCOPE, ReviewReason.MISUNDERSTOOD, hours=1)
        close(2, ReviewReason.OUT_OF_SCOPE, hours=2)
        close(3, ReviewReason.SOURCE_MISSING, hours=9)
        VerifiedAnswers(database).make([written()], AIDA)
        work = figures.count(Period.ALL).work
        assert (work.opened, work.closed) == (4, {ItemState.DECLINED: 3})
        assert work.hours is not None
        assert 1.9 < work.hours < 2.1
        assert work.decisions == {Decision.DECLINED: 3}
        assert work.reasons == {
            ReviewReason.SOURCE_MISSING: 1, ReviewReason.MISUNDERSTOOD: 1, ReviewReason.OUT_OF_SCOPE: 2,
        }  # fmt: skip
        assert work.mentors == (("Дана (Дана)", 3),)
        assert work.answers == {AnswerState.ACTIVE: 1}

    def test_the_first_two_judgements_count(self, figures: Coverage, database: Database) -> None:
        """Of each reply that two judged, the two earliest verdicts are compared; one that one judged is left out."""
        for number in range(12):
            asked(database, turn(str(number)))
        with database.writing() as connection:
            extra = {"id": "b" * 32, "login": "b", "name": "b", "office": "", "role": "mentor", "created": Clock().now}
            connection.execute(insert(schema.mentor).values(**extra))
            moment = Clock().now - timedelta(hours=1)
            rows = [(number, DANA, "right", 1) for number in range(1, 12)]
            rows += [(number, AIDA, "right" if number % 2 else "wrong", 2) for number in range(1, 11)]
            rows += [(number, "b" * 32, "incomplete", 3) for number in range(1, 11)]
            names = ("item", "mentor", "verdict", "at")
            connection.execute(insert(schema.judgement), [
                dict(zip(names, (*row[:3], moment + timedelta(minutes=row[3])), strict=True)) for row in rows
            ])  # fmt: skip
        found = figures.count(Period.ALL).agreement
        assert (found.items, found.observed, found.kappa) == (10, 0.5, 0.0)

    def test_what_is_erased_is_counted_no_more(self, figures: Coverage, database: Database) -> None:
        """Erasing a conversation takes its questions out of every figure and example."""
        kept = DatabaseConversations(database)
        key = kept.begin("ru", "chat")
        kept.record(key.id, turn("Секрет?", STALE, doubtful=True))
        assert groups(figures)[0].examples[0].text == "Секрет?"
        kept.erase(key.code)
        found = figures.count(Period.ALL)
        assert (found.total, found.groups, found.sections) == (Tally(), (), ())
        assert figures.asked(1, 5) is None

    def test_figures_are_kept_for_a_minute(self, figures: Coverage, database: Database, clock: Clock,
                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
        """Within a minute the same snapshot is given again, for each period its own; after a pause a new one."""
        monkeypatch.setattr(coverage, "PATIENCE_SECONDS", 30)
        first = figures.snapshot(Period.ALL)
        asked(database, turn())
        clock.turn(seconds=59)
        assert figures.snapshot(Period.ALL) is first
        assert figures.snapshot(Period.MONTH).total.asked == 1
        clock.turn(minutes=10)
        assert figures.snapshot(Period.ALL).total.asked == 1

    @pytest.mark.parametrize(("minutes", "patience"), [(2, 30), (20, 0.01)])
    def test_nobody_waits_twice(self, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, minutes: int,
                                patience: float) -> None:  # fmt: skip
        """While new figures are counted, who asks gets recent ones at once and old ones soon; they are counted once."""
        monkeypatch.setattr(coverage, "PATIENCE_SECONDS", patience)
        released, calls = Event(), []

        def sections() -> tuple[str, ...]:
            calls.append(1)
            if len(calls) > 1:
                assert released.wait(30)
            return ()

        figures = Coverage(database, sections, clock)
        first = figures.snapshot(Period.ALL)
        clock.turn(minutes=minutes)
        assert [figures.snapshot(Period.ALL) for _ in range(3)] == [first] * 3
        released.set()
        clock.turn(minutes=20)
        monkeypatch.setattr(coverage, "PATIENCE_SECONDS", 30)
        assert figures.snapshot(Period.ALL).at > first.at

    def test_a_failure_is_told_and_forgotten(self, database: Database, clock: Clock) -> None:
        """If counting fails, who waits for it learns so, and the next one to ask lets count again."""
        broken = [RecordError("the disk is full")]

        def sections() -> tuple[str, ...]:
            if broken:
                raise broken.pop()
            return ()

        figures = Coverage(database, sections, clock)
        with pytest.raises(RecordError, match="disk"):
            figures.snapshot(Period.ALL)
        assert figures.snapshot(Period.ALL).total == Tally()

    def test_reviews_of_answers_count_by_decision(self, figures: Coverage, database: Database, clock: Clock) -> None:
        """A replaced reply is a decision of its own kind, and its judgement one of one mentor."""
        asked(database, turn("GPA?", ANSWERED, doubtful=True))
        queue = Queue(database)
        queue.claim(1, DANA)
        Reviews(database).replace(1, DANA, [written("ru")], Ruling(judged=Judged.WRONG))
        found = figures.count(Period.ALL)
        assert found.work.decisions == {Decision.REPLACED: 1}
        assert found.agreement.items == 0
