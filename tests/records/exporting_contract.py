"""What the export of reviewed questions must be on any database: inherit ``ExportingContract`` and give ``url``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from queue_made import ABSTAINED, AIDA, ANSWERED, DANA, add_mentors, recorded, turn
from sqlalchemy import select
from verified_made import GPA, QUOTES, vouched, written

from assistant.records import schema
from assistant.records.audit import DatabaseAudit
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.exporting import Gold, ReviewedQuestion, export, lines, pseudonym, split_of
from assistant.records.items import Done, ReviewReason
from assistant.records.ports import NewTurn
from assistant.records.publishing import WrittenVersion
from assistant.records.queue import Queue
from assistant.records.reviewing import Reviews, Ruling
from assistant.records.verified import VerifiedAnswers

WEAK: dict[str, Any] = {"reply": ANSWERED, "doubtful": True}
OUT = ReviewReason.OUT_OF_SCOPE


class ExportingContract:
    """The contract; a subclass gives the address of an empty database."""

    @pytest.fixture(autouse=True)
    def mentors(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """Add two mentors; no turn is read by chance."""
        monkeypatch.setattr("assistant.records.filing.SAMPLE", 0.0)
        add_mentors(database)

    @pytest.fixture
    def queue(self, database: Database) -> Queue:
        """Give the queue."""
        return Queue(database)

    @pytest.fixture
    def reviews(self, database: Database) -> Reviews:
        """Give the decisions."""
        return Reviews(database)

    def held(self, database: Database, *said: NewTurn, mentor: str = DANA) -> int:
        """Record turns of one conversation, let a mentor hold the item of the last one, and return its id."""
        recorded(database, *said)
        with database.reading() as connection:
            newest = connection.scalar(select(schema.item.c.id).order_by(schema.item.c.id.desc()).limit(1))
        assert newest is not None
        assert isinstance(Queue(database).claim(newest, mentor), Done)
        return newest

    def test_an_answer_is_told_with_its_quotes(self, database: Database, reviews: Reviews) -> None:
        """Quotes of the answer's version in the question's language, else of the first one there is."""
        for language in ("ru", "kk"):
            number = self.held(database, turn("Какой GPA?", language=language, country="IT", **WEAK))
            versions: list[WrittenVersion] = [written("en"), written("ru")]
            reviews.replace(number, DANA, versions)
        first, second = export(database, AIDA)
        assert (first.question, first.lang, first.unanswerable) == ("Какой GPA?", "ru", False)
        assert first.quotes == (Gold("regulations/smu", QUOTES["ru"]),)
        assert second.quotes == (Gold("regulations/smu", QUOTES["en"]),)
        assert first.tags == ("regulation", "IT", "replaced")
        assert first.mentor == pseudonym(DANA) != pseudonym(AIDA)
        assert DANA not in lines((first, second))

    def test_silence_is_told_where_a_mentor_says_so(self, database: Database, queue: Queue, reviews: Reviews) -> None:
        """Out of scope, or missing in the base: unanswerable. Declined for another reason: nothing is told."""
        queue.decline(self.held(database, turn("Пицца?")), DANA, [OUT, ReviewReason.MISUNDERSTOOD])
        reviews.missing(self.held(database, turn("Виза?")), DANA, Ruling(note="Нет раздела."), closes=True)
        queue.decline(self.held(database, turn("Ой?")), DANA, [ReviewReason.MISUNDERSTOOD])
        reviews.missing(self.held(database, turn("Ещё?")), DANA, Ruling(note="Нет раздела."), closes=False)
        found = export(database, DANA)
        assert [(each.question, each.quotes, each.unanswerable) for each in found] == [
            ("Пицца?", (), True), ("Виза?", (), True),
        ]  # fmt: skip

    def test_what_no_section_says_is_no_gold(self, database: Database, reviews: Reviews) -> None:
        """An answer on an office's word alone is left out: the base neither answers nor should the assistant be silent."""
        reviews.replace(self.held(database, turn("Who signs?", language="en", **WEAK)), DANA, [vouched()])
        assert export(database, DANA) == ()

    def test_an_answer_that_is_not_served_is_no_gold(self, database: Database, reviews: Reviews) -> None:
        """Once an answer is retired, what it quoted may not stand any more."""
        decided = reviews.replace(self.held(database, turn("GPA?", **WEAK)), DANA, [written("ru")])
        assert len(export(database, DANA)) == 1
        VerifiedAnswers(database).retire(decided.answer, DANA)
        assert export(database, DANA) == ()

    def test_the_newest_review_counts(self, database: Database, queue: Queue) -> None:
        """An item that was opened and closed again is told once, as it was judged last, and not while it is open."""
        number = self.held(database, turn("Кот?"))
        queue.decline(number, DANA, [ReviewReason.MISUNDERSTOOD])
        queue.reopen(number, AIDA)
        assert export(database, DANA) == ()
        queue.claim(number, AIDA)
        queue.decline(number, AIDA, [OUT])
        (found,) = export(database, DANA)
        assert found.mentor == pseudonym(AIDA)

    def test_personal_data_is_masked(self, database: Database, queue: Queue) -> None:
        """Names, numbers and addresses stand neither in the question nor in what was asked before."""
        who = "Я Айгүл Сериковна, +7 701 123 45 67."
        number = self.held(database, turn(who, language="ru"), turn("Виза?"), turn(f"{who} GPA?", language="ru"),
                           turn("После?"))  # fmt: skip
        queue.claim(number - 1, DANA)
        queue.decline(number - 1, DANA, [OUT])
        (found,) = export(database, DANA)
        assert (found.history, found.question) == (("Я [имя], [телефон].", "Виза?"), "Я [имя], [телефон]. GPA?")

    def test_erased_conversations_are_not_told(self, database: Database, queue: Queue) -> None:
        """Nothing of a conversation that its student erased stands in an export."""
        kept = DatabaseConversations(database)
        key = kept.begin("ru", "chat")
        kept.record(key.id, turn("Секрет?"))
        queue.claim(1, DANA)
        queue.decline(1, DANA, [OUT])
        assert len(export(database, DANA)) == 1
        kept.erase(key.code)
        assert export(database, DANA) == ()

    def test_alike_questions_stand_in_one_part(self, database: Database, queue: Queue) -> None:
        """Questions near one section share cluster and part, whatever their language and country; the parts are recorded."""
        near = ABSTAINED["nearest"][0]
        for section in range(12):
            reply = {**ABSTAINED, "nearest": [near | {"section": f"host_guides/a{section}#visa"}]}
            for language, country in (("ru", "PL"), ("kk", ""), ("en", "TR")):
                said = turn(f"{language} {country} {section}", reply, language=language, country=country)
                queue.decline(self.held(database, said), DANA, [OUT])
        found = export(database, DANA)
        assert len(found) == 36
        assert len({each.cluster for each in found}) == 12
        assert len({(each.cluster, each.split) for each in found}) == 12
        assert {each.split for each in found} == {"development", "test"}
        assert all(each.split == split_of(each.cluster) for each in found)

    def test_exports_repeat_and_are_noted(self, database: Database, queue: Queue) -> None:
        """The same records give the same lines; each export is a row of the audit trail, without a question in it."""
        queue.decline(self.held(database, turn("Пицца?")), DANA, [OUT])
        first, second = export(database, AIDA), export(database, "program")
        assert lines(first) == lines(second)
        told: dict[str, Any] = json.loads(lines(first))
        assert set(told) == set(ReviewedQuestion.__dataclass_fields__)
        trail = [each for each in DatabaseAudit(database).entries(limit=1000) if each.action == "export"]
        assert [(each.actor, each.subject) for each in trail] == [
            (AIDA, "reviewed questions"), ("program", "reviewed questions"),
        ]  # fmt: skip
        assert trail[0].details["questions"] == 1
        assert "Пицца" not in str(trail)

    def test_the_section_is_told_as_its_document(self, database: Database, reviews: Reviews) -> None:
        """Gold names a document of the knowledge base, because anchors may move."""
        reviews.replace(self.held(database, turn("GPA?", **WEAK)), DANA, [written("ru")])
        (found,) = export(database, DANA)
        assert found.quotes[0].document == GPA.partition("#")[0]
