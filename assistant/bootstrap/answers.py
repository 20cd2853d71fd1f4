"""What answers: the index that serves, with what the records publish laid over it."""

from __future__ import annotations

from datetime import date, datetime

from assistant.answering.assistant import Assistant
from assistant.answering.support import Calibration
from assistant.bootstrap.fluency import open_fluency
from assistant.bootstrap.opened import ServingIndex
from assistant.knowledge.published import CheckedAnswer, CheckedQuote, Doubt, Published
from assistant.offline import switch_off_calls_home
from assistant.records.database import Database
from assistant.records.lessons import Lessons
from assistant.records.publishing import CheckedVersion
from assistant.records.verified import VerifiedAnswers
from assistant.records.verified_rows import Entry
from assistant.serving import LiveIndex
from assistant.settings import Settings


class RecordsPublisher:
    """What the records publish: answers that mentors have checked, stories that participants told."""

    def __init__(self, records: Database) -> None:
        """Read from and suspend in ``records``."""
        self._answers, self._lessons = VerifiedAnswers(records), Lessons(records)

    def number(self) -> int:
        """Return a number that grows with every change of what is published."""
        return self._answers.number()

    def published(self) -> Published:
        """Return what is published now; the number is read first, so that a change meanwhile is seen later."""
        number = self.number()
        answers = (_checked(entry, each) for entry in self._answers.serving() for each in entry.answer.versions)
        return Published(number, tuple(answers), self._lessons.published())

    def suspend(self, answer: str, because: Doubt, seen: datetime | None) -> None:
        """Take an answer back until a mentor has looked at it, unless it was changed after ``seen``."""
        self._answers.suspend(answer, because, seen=seen)


def _checked(entry: Entry, version: CheckedVersion) -> CheckedAnswer:
    """Return one version of a mentor's answer as the index takes it."""
    quotes = (
        CheckedQuote(mark=c.mark, section=c.section, language=c.language, quote=c.quote, digest=c.digest)
        for c in version.citations
    )
    return CheckedAnswer(
        id=entry.answer.id, language=version.language, question=version.question, text=version.text,
        checked_on=version.checked_on, wordings=version.wordings, quotes=tuple(quotes),
        office=version.office, office_date=version.office_date, changed=entry.changed,
    )  # fmt: skip


def open_assistant(settings: Settings, records: Database | None = None) -> Assistant:
    """Return the assistant over the index that serves.

    Args:
        settings: Where everything is.
        records: What mentors and participants have published in them is answered, too; only the documents if None.

    Raises:
        IndexMissing: If nothing was built yet.
        AssistantError: If the index or the model cannot be opened.
    """
    switch_off_calls_home()
    calibration = Calibration.shipped()
    if settings.threshold is not None:
        calibration = calibration.with_threshold(settings.threshold)
    base = ServingIndex(settings)
    index = LiveIndex(base, RecordsPublisher(records)) if records else base
    return Assistant(index, calibration=calibration, today=date.today, fluency=open_fluency(settings))
