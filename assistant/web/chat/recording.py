"""Recording what was asked and replied, so that mentors see it and students can take it back.

What the page knows of its record lies in its session on the server, and nowhere in the browser. Questions that are
asked again after a reload were recorded when they were first asked; the next new question begins a record of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

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

PATIENCE_SECONDS = 3.0
"""How long a reply waits to be recorded before it is shown whole; it takes milliseconds."""

Made = TypeVar("Made")

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


class Recorder:
    """Records conversations, one after the other: the database has one writer, and what is erased was written before.

    Attributes:
        conversations: What keeps them.
    """

    def __init__(self, conversations: Conversations, settings: str, version: str) -> None:
        """Record in ``conversations``.

        Args:
            conversations: What keeps them.
            settings: Digest of the settings with which replies are made.
            version: Version of the program.
        """
        self.conversations = conversations
        self._settings, self._version = settings, version
        self._writer = ThreadPoolExecutor(1, "recording")  # one that hangs must not take the threads that answer

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
            record: Where the turns before are recorded.
            about: What the student has said about themselves.
            language: Language of the page.
            generation: Gives the name of the index that answered.

        Returns:
            The record with the turn; without it if recording failed or took longer than ``PATIENCE_SECONDS``, which is
            logged without content.
        """
        turn, begun = number_of(talk), record
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                name = await asyncio.to_thread(generation)
                said = new_turn(talk, about, generation=name, settings=self._settings, version=self._version)
                number = await self._write(self._record, record.key, said) if record.key else None
                if number is None:  # the first turn, or those before were erased by their code
                    key = await self._write(self.conversations.begin, language, PAGE)
                    begun = Record(key)
                    number = await self._write(self._record, key, said)
                return begun.with_turn(turn, number) if number else Record()
        except (asyncio.CancelledError, GeneratorExit):  # the reply was stopped, and nobody will know the code
            if begun.key and begun.key != record.key:
                self._writer.submit(self.conversations.erase, begun.key.code)
            raise
        except Exception as error:
            _log.error("a turn was not recorded: %s", _reason(error))
        return begun

    async def erase(self, record: Record) -> bool:
        """Erase a record for good and return whether it is gone; a failure is logged without content."""
        try:
            if record.key:
                await self._write(self.conversations.erase, record.key.code)
        except RecordError as error:
            _log.error("a conversation was not erased: %s", error)
            return False
        return True

    def _record(self, key: ConversationKey, said: NewTurn) -> int | None:
        return self.conversations.record(key.id, said)

    def _write(self, work: Callable[..., Made], *given: Any) -> asyncio.Future[Made]:
        """Return what work will have made, once all work before it is done."""
        return asyncio.get_running_loop().run_in_executor(self._writer, work, *given)


def _reason(error: Exception) -> str:
    """Return why something failed, without what anybody wrote: only our own messages are known to repeat nothing."""
    return str(error) if isinstance(error, RecordError) else type(error).__name__


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
