"""Recording what was asked and replied, so that mentors see it and students can take it back.

What the page knows of its record lies in its session on the server, and nowhere in the browser. Questions that are
asked again after a reload were recorded when they were first asked; the next new question begins a record of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from assistant.answering.follow_ups import earlier_question, leans
from assistant.answering.names import HOME, names_in
from assistant.contract import reply_json
from assistant.errors import RecordError
from assistant.records.ports import ConversationKey, Conversations, NewTurn, TurnKey
from assistant.types import Answer, Circumstances, Conversation, Language, Reason, Reply

DOUBTFUL_SUPPORT = 0.45
"""An answer with less support is put before a mentor. Of the answers to our 568 questions this is one in five, and 40 %
of these are wrong or incomplete, of the others 17 %."""

PAGE = "chat"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """Where the conversation of a page is recorded.

    Attributes:
        key: Its id and code; None before the first turn is recorded, and after all were erased.
        numbers: Number of each recorded turn, by the number that the page gives it.
    """

    key: ConversationKey | None = field(default=None, repr=False)
    numbers: Mapping[int, int] = field(default_factory=dict)

    def about(self, turn: int) -> TurnKey | None:
        """Return which recorded turn a turn of the page is; None if it was not recorded."""
        number = self.numbers.get(turn)
        return TurnKey(self.key.id, number) if self.key and number else None

    def before(self, turn: int) -> Record:
        """Return the record without what was recorded of this turn of the page and the later ones."""
        return replace(self, numbers={page: number for page, number in self.numbers.items() if page < turn})

    def with_turn(self, turn: int, number: int) -> Record:
        """Return the record in which a turn of the page has this number."""
        return replace(self, numbers={**self.numbers, turn: number})


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records conversations; safe for threads.

    Attributes:
        conversations: What keeps them.
        settings: Digest of the settings with which replies are made.
        version: Version of the program.
    """

    conversations: Conversations
    settings: str
    version: str

    async def record(
        self,
        talk: Conversation,
        record: Record,
        *,
        about: Circumstances,
        language: Language,
        generation: Callable[[], str],
    ) -> Record:
        """Record the last turn of a conversation, whose reply is whole, and return where it is.

        Args:
            talk: The conversation on the page.
            record: Where it was recorded so far.
            about: What the student has said about themselves.
            language: Language of the page.
            generation: Gives the name of the index that answered.

        Returns:
            The record with the turn; as it was before if recording failed, which is logged without content.
        """

        def work() -> Record:
            said = new_turn(talk, about, generation=generation(), settings=self.settings, version=self.version)
            return self._added(record.before(number_of(talk)), said, number_of(talk), language)

        try:
            return await asyncio.to_thread(work)
        except RecordError as error:
            _log.error("a turn was not recorded: %s", error)
        except Exception as error:  # not the message, which may repeat the question
            _log.error("a turn was not recorded: %s", type(error).__name__)
        return record.before(number_of(talk))

    async def erase(self, record: Record) -> bool:
        """Erase a record for good and return whether it is gone; a failure is logged without content."""
        try:
            if record.key:
                await asyncio.to_thread(self.conversations.erase, record.key.code)
        except RecordError as error:
            _log.error("a conversation was not erased: %s", error)
            return False
        return True

    def _added(self, record: Record, said: NewTurn, turn: int, language: Language) -> Record:
        """Record a turn where the others are, or in a conversation of its own if there is none any more."""
        number = self.conversations.record(record.key.id, said) if record.key else None
        if number:
            return record.with_turn(turn, number)
        key = self.conversations.begin(language, PAGE)
        number = self.conversations.record(key.id, said)
        return Record(key).with_turn(turn, number) if number else Record()


def number_of(talk: Conversation) -> int:
    """Return the number that the page gives the last turn of a conversation, from 1."""
    return talk.dropped + len(talk.turns)


def new_turn(talk: Conversation, about: Circumstances, *, generation: str, settings: str, version: str) -> NewTurn:
    """Return the last turn of a conversation as it is recorded.

    Raises:
        ValueError: If it has no reply.
    """
    turn = talk.turns[-1]
    if turn.reply is None:
        raise ValueError("a turn is recorded when its reply is whole")
    return NewTurn(
        question=turn.question,
        reply=reply_json(turn.reply),
        generation=generation,
        settings=settings,
        version=version,
        language=turn.reply.language,
        country=country(talk, about),
        doubtful=is_doubtful(turn.reply),
    )


def country(talk: Conversation, about: Circumstances) -> str:
    """Return the code of the foreign country that the last question of a conversation is about; empty if unknown.

    It is the one that the question names, or the question that it continues, or else where the student is going.
    """
    *before, question = talk.questions
    continued = earlier_question(question, before) if leans(question) else ""
    named = (*names_in(question), *names_in(continued))
    abroad = (each.key for each in named if each.reason is Reason.OTHER_COUNTRY and each.key != HOME)
    return next(abroad, about.country)


def is_doubtful(reply: Reply) -> bool:
    """Return whether a mentor should look at an answer because little supports it; one of theirs is settled."""
    return isinstance(reply, Answer) and reply.composer != "verified" and reply.support < DOUBTFUL_SUPPORT
