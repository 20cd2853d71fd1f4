"""How stories become lessons, on any database: inherit ``LessonsContract`` and give the fixture ``url``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from queue_made import AIDA, DANA, Clock, add_mentors, count, recorded, turn
from sqlalchemy import select, update
from submissions_contract import experience, feedback

from assistant.errors import ClaimError
from assistant.records import schema
from assistant.records.anonymity import FEWEST, Place
from assistant.records.audit import DatabaseAudit
from assistant.records.conversations import DatabaseConversations
from assistant.records.database import Database
from assistant.records.items import ItemState, ReviewReason, Why
from assistant.records.lessons import Lessons
from assistant.records.mentors import Mentor, Role
from assistant.records.messages import MOST_ANSWERS, MOST_MESSAGES, Messages
from assistant.records.publishing import number
from assistant.records.queue import Queue
from assistant.records.store import code_digest
from assistant.records.stories import Against, Objection, Story, StoryReason, StoryState, Wish
from assistant.records.submissions import SubmissionKind
from assistant.records.submitted import DatabaseSubmissions

MENTOR = Mentor(DANA, "Дана", "Дана", "", Role.MENTOR, None)
OTHER = Mentor(AIDA, "Aida", "Aida", "", Role.MENTOR, None)
COORDINATOR = Mentor(AIDA, "Aida", "Aida", "", Role.COORDINATOR, None)
TEXT = "Дәрістер өте жылдам болды, бірақ жазбалар көмектесті."


def against(found: tuple[Objection, ...]) -> list[Against]:
    """Return what speaks against a deed."""
    return [each.against for each in found]


class LessonsContract:
    """The contract; a subclass gives the address of an empty database."""

    @pytest.fixture
    def clock(self) -> Clock:
        """Give a clock that stands."""
        return Clock()

    @pytest.fixture
    def lessons(self, database: Database, clock: Clock) -> Lessons:
        """Give the lessons, with two mentors."""
        add_mentors(database)
        return Lessons(database, clock)

    @pytest.fixture
    def messages(self, database: Database, clock: Clock) -> Messages:
        """Give the messages."""
        return Messages(database, clock)

    @pytest.fixture
    def mail(self, database: Database) -> DatabaseSubmissions:
        """Give the keeper of what students send."""
        return DatabaseSubmissions(database)

    def send(self, mail: DatabaseSubmissions, **changed: Any) -> tuple[str, str]:
        """Send a story and return its code and its digest."""
        code = mail.add(experience(**{"language_hard": TEXT, **changed}), masked=True)
        return code, code_digest(code) or ""

    def story(self, lessons: Lessons, digest: str) -> Story:
        """Return a story that is there."""
        found = lessons.read(digest)
        assert found is not None
        return found

    def wish(self, lessons: Lessons, digest: str, place: Place = Place.NONE, **more: Any) -> Wish:
        """Return the wish to publish a story as it stands."""
        return Wish(**{"texts": self.story(lessons, digest).texts, "place": place, "seen": True, **more})

    def test_a_story_is_not_closed_away_in_the_queue(
        self, lessons: Lessons, mail: DatabaseSubmissions, database: Database, clock: Clock
    ) -> None:
        """Its item cannot be declined by itself: it would be erased one day, and its author never told why."""
        _, digest = self.send(mail)
        queue, number = Queue(database, clock), self.story(lessons, digest).item
        assert number is not None
        queue.claim(number, DANA)
        with pytest.raises(ClaimError, match="on the page of that"):
            queue.decline(number, DANA, [ReviewReason.OUT_OF_SCOPE])
        assert self.story(lessons, digest).state is StoryState.WAITING

    def test_stories_wait_oldest_first_until_somebody_decides(
        self, lessons: Lessons, mail: DatabaseSubmissions
    ) -> None:
        """What is published or rejected waits no more; verdicts and questions are no stories."""
        first, second, third = (self.send(mail, year=year)[1] for year in (2021, 2022, 2023))
        mail.add(feedback(), masked=False)
        assert [(row.id, row.year) for row in lessons.waiting()] == [(first, 2021), (second, 2022), (third, 2023)]
        assert lessons.approve(first, MENTOR, self.wish(lessons, first)) == ()
        assert lessons.reject(second, MENTOR, [StoryReason.TOO_LITTLE], "Please tell more.") == ()
        assert [row.id for row in lessons.waiting()] == [third]
        states = [StoryState.PUBLISHED, StoryState.REJECTED, StoryState.WAITING]
        assert [row.state for row in lessons.stories()] == states
        assert lessons.read(code_digest(mail.add(feedback(), masked=False)) or "") is None

    def test_a_lesson_tells_the_place_no_closer_than_allowed(
        self, lessons: Lessons, mail: DatabaseSubmissions, database: Database
    ) -> None:
        """Five share the country, one the year: the country may be told, the year and university are nowhere."""
        sent = [self.send(mail, year=2018 + index, programme="Erasmus+")[1] for index in range(FEWEST)]
        found = self.story(lessons, sent[0])
        assert [found.shared.people[place] for place in Place] == [1, 1, 5, 5]
        assert found.shared.finest is Place.COUNTRY
        assert lessons.approve(sent[0], MENTOR, self.wish(lessons, sent[0], Place.COUNTRY)) == ()
        (told,) = lessons.published()
        assert (told.country, told.year, told.programme) == ("PL", None, "Erasmus+")
        assert "Wroc" not in str(told)
        assert told.title == "Польша: алмасу бойынша оқу туралы әңгіме"
        assert told.parts == (("language-hard", "Алмасу кезінде тіл жағынан не қиын болды?", TEXT),)
        with database.reading() as connection:
            content = connection.scalar(select(schema.lesson.c.content))
        assert content == {"country": "PL", "programme": "Erasmus+", "language_hard": TEXT}

    def test_a_place_that_few_share_needs_a_coordinator_with_a_reason(
        self, lessons: Lessons, mail: DatabaseSubmissions, database: Database
    ) -> None:
        """A mentor is refused, with a reason or without; a coordinator gives one, and it stands in the audit trail."""
        _, digest = self.send(mail)
        exact = self.wish(lessons, digest, Place.FULL)
        reasoned = self.wish(lessons, digest, Place.FULL, reason="The author wants to be named.")
        assert against(lessons.approve(digest, MENTOR, exact)) == [Against.TOO_EXACT]
        assert against(lessons.approve(digest, MENTOR, reasoned)) == [Against.COORDINATOR]
        assert lessons.published() == ()
        Queue(database).release(1, DANA)
        assert against(lessons.approve(digest, COORDINATOR, exact)) == [Against.NO_REASON]
        assert lessons.approve(digest, COORDINATOR, reasoned) == ()
        (told,) = lessons.published()
        assert told.title == "University of Wrocław (Польша), 2025: алмасу бойынша оқу туралы әңгіме"
        (entry,) = (each for each in DatabaseAudit(database).entries() if each.action == "publish")
        assert entry.details["reason"] == "The author wants to be named."
        assert (entry.actor, entry.details["place"], entry.details["alike"]) == (AIDA, "full", 1)

    def test_mentors_delete_and_replace_but_do_not_write(self, lessons: Lessons, mail: DatabaseSubmissions) -> None:
        """General words may stand in place of others; what is written on top is refused, and the author's text stays."""
        _, digest = self.send(mail, advice="In Wrocław ask Dr Kowalski early about the exam.")
        texts = self.story(lessons, digest).texts
        written = {**texts, "advice": f"{texts['advice']} The university is the best of all."}
        refused = lessons.approve(digest, MENTOR, Wish(texts=written, place=Place.NONE, seen=True))
        assert refused == (Objection(Against.ADDED, "advice", "The university is the best of all."),)
        general = {**texts, "advice": "In a big city ask a lecturer early about the exam.", "language_hard": ""}
        assert lessons.approve(digest, MENTOR, Wish(texts=general, place=Place.NONE)) == ()
        (told,) = lessons.published()
        assert [part[2] for part in told.parts] == ["In a big city ask a lecturer early about the exam."]
        assert self.story(lessons, digest).texts == texts

    def test_what_is_suspected_must_have_been_seen(self, lessons: Lessons, mail: DatabaseSubmissions) -> None:
        """A text that tells what the place hides is published only after the mentor has said that it may be."""
        _, digest = self.send(mail, advice="Go to Wrocław in 2025, it is worth it.")
        wish = self.wish(lessons, digest, seen=False)
        assert lessons.approve(digest, MENTOR, wish) == (Objection(Against.SUSPECTS, "seen"),)
        hidden = lessons.mask_more(self.story(lessons, digest).told, wish.texts, Place.NONE)
        assert hidden["advice"] == "Go to [университет] in [жыл], it is worth it."
        assert lessons.approve(digest, MENTOR, Wish(texts=hidden, place=Place.NONE)) == ()

    def test_nothing_is_no_lesson(self, lessons: Lessons, mail: DatabaseSubmissions) -> None:
        """A story of which nothing is left is not published; neither is one that there is not."""
        _, digest = self.send(mail)
        empty = Wish(texts={}, place=Place.NONE)
        assert against(lessons.approve(digest, MENTOR, empty)) == [Against.NOTHING_LEFT]
        assert against(lessons.approve("f" * 64, MENTOR, empty)) == [Against.GONE]
        assert against(lessons.reject("f" * 64, MENTOR, [StoryReason.UNFIT])) == [Against.GONE]
        assert against(lessons.unpublish("f" * 12, MENTOR, "why")) == [Against.NOT_PUBLISHED]

    def test_the_item_is_closed_with_the_story(
        self, lessons: Lessons, mail: DatabaseSubmissions, database: Database
    ) -> None:
        """Publishing resolves the story's item, rejecting declines it, and taking a lesson back opens it again."""
        queue = Queue(database)
        _, digest = self.send(mail)

        def state() -> ItemState:
            found = queue.item(self.story(lessons, digest).item or 0)
            assert found is not None
            assert found.row.whys == (Why.EXPERIENCE,)
            return found.row.state

        assert lessons.reject(digest, MENTOR, [StoryReason.IDENTIFIES]) == ()
        assert state() is ItemState.DECLINED
        assert lessons.approve(digest, OTHER, self.wish(lessons, digest)) == ()
        assert state() is ItemState.RESOLVED
        assert self.story(lessons, digest).rejection is None
        (told,) = lessons.published()
        assert lessons.unpublish(told.id, MENTOR, "A neighbour was told.") == ()
        assert (state(), lessons.published()) == (ItemState.OPEN, ())
        assert self.story(lessons, digest).state is StoryState.WAITING

    def test_what_another_mentor_holds_is_not_decided(
        self, lessons: Lessons, mail: DatabaseSubmissions, database: Database, clock: Clock
    ) -> None:
        """While somebody reads a story nobody else publishes or rejects it; a lapsed claim is free."""
        _, digest = self.send(mail)
        item = self.story(lessons, digest).item or 0
        Queue(database, clock).claim(item, AIDA)
        holder = self.story(lessons, digest).holder
        assert holder is not None
        assert holder.name == "Aida"
        assert against(lessons.approve(digest, MENTOR, self.wish(lessons, digest))) == [Against.HELD]
        assert against(lessons.reject(digest, MENTOR, [StoryReason.UNFIT])) == [Against.HELD]
        clock.turn(minutes=31)
        assert lessons.approve(digest, MENTOR, self.wish(lessons, digest)) == ()

    def test_a_lesson_can_be_masked_more(self, lessons: Lessons, mail: DatabaseSubmissions) -> None:
        """Publishing again changes the lesson there is, under its own digest."""
        _, digest = self.send(mail, advice="Ask the dean early, he helps everybody.")
        lessons.approve(digest, MENTOR, self.wish(lessons, digest))
        (before,) = lessons.published()
        texts = {**self.story(lessons, digest).texts, "advice": "Ask early."}
        assert lessons.approve(digest, MENTOR, Wish(texts=texts, place=Place.NONE)) == ()
        (after,) = lessons.published()
        assert (after.id, len(before.parts), len(after.parts)) == (before.id, 2, 1)
        assert against(lessons.reject(digest, MENTOR, [StoryReason.UNFIT])) == [Against.PUBLISHED]

    def test_what_is_refused_leaves_the_item_as_it_was(
        self, lessons: Lessons, mail: DatabaseSubmissions, database: Database, clock: Clock
    ) -> None:
        """A change that is refused neither opens the closed item of a lesson again nor holds an open one."""
        _, digest = self.send(mail)
        number, queue = self.story(lessons, digest).item or 0, Queue(database, clock)
        too_exact, empty = self.wish(lessons, digest, Place.FULL), Wish(texts={}, place=Place.NONE)
        assert against(lessons.approve(digest, MENTOR, too_exact)) == [Against.TOO_EXACT]
        before = queue.item(number)
        assert before is not None
        assert before.row.holder is None
        lessons.approve(digest, MENTOR, self.wish(lessons, digest))
        before = queue.item(number)
        assert against(lessons.approve(digest, OTHER, too_exact)) == [Against.TOO_EXACT]
        assert against(lessons.approve(digest, OTHER, empty)) == [Against.NOTHING_LEFT]
        assert against(lessons.reject(digest, OTHER, [StoryReason.UNFIT])) == [Against.PUBLISHED]
        assert queue.item(number) == before

    def test_every_change_of_the_index_is_counted(
        self, lessons: Lessons, mail: DatabaseSubmissions, database: Database
    ) -> None:
        """Publishing, changing, taking back and withdrawing count once each; all else counts nothing."""

        def grown() -> int:
            with database.reading() as connection:
                return number(connection)

        code, digest = self.send(mail)
        other, _ = self.send(mail)
        lessons.approve(digest, MENTOR, Wish(texts={}, place=Place.NONE))
        assert grown() == 0
        lessons.approve(digest, MENTOR, self.wish(lessons, digest))
        lessons.approve(digest, MENTOR, self.wish(lessons, digest))
        assert grown() == 2
        lessons.unpublish(lessons.published()[0].id, MENTOR, "why")
        assert grown() == 3
        mail.withdraw(other)
        assert grown() == 3
        lessons.approve(digest, MENTOR, self.wish(lessons, digest))
        assert mail.withdraw(code)
        assert (grown(), lessons.published(), lessons.stories()) == (5, (), ())

    def test_withdrawing_takes_everything_along(
        self, lessons: Lessons, messages: Messages, mail: DatabaseSubmissions, database: Database
    ) -> None:
        """With a story go its lesson, messages, rejection and item; the audit trail holds no word of it."""
        code, digest = self.send(mail, advice="unmistakable advice of mine")
        refused, declined = self.send(mail)
        messages.ask(digest, MENTOR, "unmistakable question")
        messages.answer(code, "unmistakable reply")
        lessons.approve(digest, MENTOR, self.wish(lessons, digest))
        lessons.reject(declined, MENTOR, [StoryReason.MISTAKEN], "unmistakable note")
        assert all(mail.withdraw(each) for each in (code, refused))
        tables = ("submission", "lesson", "message", "rejection", "item", "item_event", "review")
        assert [count(database, name) for name in tables] == [0] * len(tables)
        assert "unmistakable" not in str(DatabaseAudit(database).entries())
        assert DatabaseAudit(database).verify().broken is None

    @pytest.mark.parametrize("deed", ["withdraw", "unpublish"])
    def test_nobodys_conversation_keeps_what_a_lesson_told(
        self, lessons: Lessons, mail: DatabaseSubmissions, database: Database, deed: str
    ) -> None:
        """Replies that quoted it, or came near, and ratings of them no longer hold a word of it; others stay whole."""
        code, digest = self.send(mail)
        lessons.approve(digest, MENTOR, self.wish(lessons, digest))
        made = self.story(lessons, digest).lesson
        assert made is not None
        near = {"document": f"told/{made.id}", "section": f"told/{made.id}#advice", "language": "kk", "text": TEXT}
        visa = {"document": "host_guides/visa", "section": "host_guides/visa#a", "language": "kk", "text": "Виза"}
        quoting = {"status": "answered", "text": f"Бірі былай деді: {TEXT} [1]", "nearest": [near, visa],
                   "citations": [{**near, "mark": 1, "quote": TEXT}]}  # fmt: skip
        passing = {"status": "answered", "text": "Виза [1]", "nearest": [visa, near], "citations": [visa]}
        key, *_ = recorded(database, turn(reply=quoting), turn(reply=passing))
        rated = feedback().model_copy(update={"reply": quoting["text"], "sections": (near["section"], visa["section"])})
        mail.add(rated, masked=False, about=key)
        assert mail.withdraw(code) if deed == "withdraw" else lessons.unpublish(made.id, MENTOR, "too exact") == ()
        with database.reading() as connection:
            replies = connection.scalars(select(schema.turn.c.reply).order_by(schema.turn.c.number)).all()
            sent = connection.scalars(select(schema.submission.c.content).where(schema.submission.c.kind == "feedback"))
            assert [(each["reply"], each["sections"]) for each in sent] == [("", [visa["section"]])]
        assert TEXT not in str(replies)
        assert replies == [
            {**quoting, "text": "", "nearest": [visa], "citations": []},
            {**passing, "nearest": [visa]},
        ]

    def test_withdrawals_make_people_fewer(self, lessons: Lessons, mail: DatabaseSubmissions) -> None:
        """A lesson that told a country of five is shown as exposed once only four are left."""
        sent = [self.send(mail) for _ in range(FEWEST)]
        lessons.approve(sent[0][1], MENTOR, self.wish(lessons, sent[0][1], Place.FULL))
        assert [row.exposed for row in lessons.stories()] == [None] * FEWEST
        mail.withdraw(sent[-1][0])
        assert [row.exposed for row in lessons.stories()] == [4, None, None, None]
        found = self.story(lessons, sent[0][1])
        assert (found.shared.people[Place.FULL], found.shared.finest) == (4, Place.NONE)

    def test_the_author_reads_and_answers_by_code(
        self, lessons: Lessons, messages: Messages, mail: DatabaseSubmissions, clock: Clock
    ) -> None:
        """Who has the code sees the state and the questions; an answer brings the story back to the mentors."""
        code, digest = self.send(mail)
        found = messages.own(code.lower().replace("-", " "))
        assert found is not None
        assert (found.state, found.messages, found.may_answer) == (StoryState.WAITING, (), False)
        assert against(messages.answer(code, "Nobody asked me.")) == [Against.TOO_MANY]
        lessons.approve(digest, MENTOR, self.wish(lessons, digest))
        assert messages.ask(digest, MENTOR, " Қай айда болды?\x00 ") == ()
        assert [(row.asked, row.answered) for row in lessons.stories()] == [(True, False)]
        clock.turn(minutes=40)
        assert messages.answer(code, "Қыркүйекте.") == ()
        assert [(row.asked, row.answered) for row in lessons.stories()] == [(False, True)]
        found = messages.own(code)
        assert found is not None
        assert (found.state, found.since) == (StoryState.PUBLISHED, clock.now - timedelta(minutes=40))
        assert [(each.mentor, each.text) for each in found.messages] == [
            ("Дана", "Қай айда болды?"),
            ("", "Қыркүйекте."),
        ]
        assert self.story(lessons, digest).messages == found.messages

    def test_an_answer_opens_the_item_again(
        self, lessons: Lessons, messages: Messages, mail: DatabaseSubmissions, database: Database, clock: Clock
    ) -> None:
        """What an author writes after the decision is not overlooked; the item's age begins anew."""
        code, digest = self.send(mail)
        messages.ask(digest, MENTOR, "Which month?")
        lessons.reject(digest, MENTOR, [StoryReason.TOO_LITTLE])
        clock.turn(days=20)
        messages.answer(code, "In September.")
        found = Queue(database).item(self.story(lessons, digest).item or 0)
        assert found is not None
        assert (found.row.state, found.row.opened) == (ItemState.OPEN, clock())
        assert found.history[-1].at == clock()
        assert self.story(lessons, digest).state is StoryState.REJECTED

    def test_messages_are_limited(self, messages: Messages, lessons: Lessons, mail: DatabaseSubmissions) -> None:
        """Empty, long and too many messages are refused, and so are those about nothing."""
        code, digest = self.send(mail)
        assert against(messages.ask(digest, MENTOR, " \u200b ")) == [Against.EMPTY]
        assert against(messages.ask(digest, MENTOR, "x" * 2_001)) == [Against.TOO_LONG]
        assert against(messages.ask("f" * 64, MENTOR, "?")) == [Against.GONE]
        assert against(messages.answer("no code", "!")) == [Against.GONE]
        messages.ask(digest, MENTOR, "?")
        told = [against(messages.answer(code, "!")) for _ in range(MOST_ANSWERS + 1)]
        assert told == [*[[]] * MOST_ANSWERS, [Against.TOO_MANY]]
        told = [against(messages.ask(digest, MENTOR, "?")) for _ in range(MOST_MESSAGES - MOST_ANSWERS)]
        assert told == [*[[]] * (MOST_MESSAGES - MOST_ANSWERS - 1), [Against.TOO_MANY]]

    def test_the_author_reads_why_not(
        self, lessons: Lessons, messages: Messages, mail: DatabaseSubmissions, clock: Clock
    ) -> None:
        """A rejection tells its reasons, the mentor's words, and until when the story is kept."""
        code, digest = self.send(mail)
        assert against(lessons.reject(digest, MENTOR, [])) == [Against.NO_REASON]
        assert against(lessons.reject(digest, MENTOR, [StoryReason.UNFIT], "x" * 1_001)) == [Against.TOO_LONG]
        lessons.reject(digest, MENTOR, [StoryReason.IDENTIFIES, StoryReason.IDENTIFIES], " Бір адам ғана барған. ")
        found = messages.own(code)
        assert found is not None
        assert found.rejection is not None
        assert found.rejection.reasons == (StoryReason.IDENTIFIES,)
        assert found.rejection.note == "Бір адам ғана барған."
        assert found.rejection.kept_until == clock.now + timedelta(days=180)

    def test_codes_of_other_things_tell_only_what_they_are(
        self, messages: Messages, mail: DatabaseSubmissions, database: Database
    ) -> None:
        """A verdict's code tells its date; a conversation's, a wrong and a withdrawn one tell nothing."""
        code = mail.add(feedback(), masked=False)
        found = messages.own(code)
        assert found is not None
        assert (found.kind, found.may_answer) == (SubmissionKind.FEEDBACK, False)
        assert against(messages.answer(code, "!")) == [Against.GONE]
        mail.withdraw(code)
        talk = DatabaseConversations(database).begin("kk", "chat").code
        assert [messages.own(each) for each in (code, talk, "", "ABCDE" * 4)] == [None] * 4

    def test_a_damaged_story_is_left_out(self, lessons: Lessons, mail: DatabaseSubmissions, database: Database) -> None:
        """A row that cannot be read is not shown and stops nothing."""
        _, digest = self.send(mail)
        self.send(mail)
        with database.writing() as connection:
            damaged = update(schema.submission).where(schema.submission.c.code == digest)
            connection.execute(damaged.values(content={"country": "PL", "host_institution": "?"}))
        assert len(lessons.stories()) == 1
        assert lessons.read(digest) is None
