"""What students ask and do not get, counted on a thread of its own and kept for a minute."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from threading import Lock

from assistant.records import coverage_rows as rows
from assistant.records.agreement import agreement, judged_twice
from assistant.records.audit import note
from assistant.records.covered import Asked, Period, Snapshot
from assistant.records.database import Database
from assistant.records.ports import Details

KEPT = timedelta(minutes=1)
"""How long figures are given again without counting anew."""

RECENT = timedelta(minutes=10)
"""Up to which age older figures are given at once while newer ones are counted."""

PATIENCE_SECONDS = 1.0
"""How long a reader waits for newer figures where there are only older ones than that."""


class Coverage:
    """The figures of a database."""

    def __init__(
        self,
        database: Database,
        sections: Callable[[], Collection[str]] = tuple,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Count in ``database``.

        Args:
            database: Holds the records.
            sections: Gives the ids of all sections of the knowledge base, to know which are never used.
            clock: Tells the time, with its zone.
        """
        self._database, self._sections, self._clock = database, sections, clock
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="coverage")
        self._lock = Lock()
        self._kept: dict[Period, Snapshot] = {}
        self._counting: dict[Period, Future[Snapshot]] = {}

    def snapshot(self, period: Period) -> Snapshot:
        """Return the figures of a period; those older than ``KEPT`` serve while newer ones are counted.

        Only who asks first waits until they are counted; after a pause one waits for newer ones, but not for long.

        Raises:
            RecordError: If they cannot be counted.
        """
        now = self._clock()
        with self._lock:
            kept = self._kept.get(period)
            if kept and now - kept.at < KEPT:
                return kept
            if period not in self._counting:
                self._counting[period] = self._worker.submit(self._renew, period)
            counting = self._counting[period]
        if kept is None:
            return counting.result()
        patience = 0 if now - kept.at < RECENT else PATIENCE_SECONDS
        return counting.result() if wait([counting], patience).done else kept

    def count(self, period: Period) -> Snapshot:
        """Return the figures of a period, counted now."""
        now = self._clock()
        since = period.since(now)
        known = self._sections()
        with self._database.reading() as connection:
            used = rows.sections(connection, since)
            groups, in_all = rows.groups(connection, since)
            return Snapshot(
                period=period,
                at=now,
                weeks=rows.weeks(connection, since),
                fields=rows.fields(connection, since),
                groups=groups,
                groups_in_all=in_all,
                sections=used,
                unused=tuple(sorted(set(known) - {each.section for each in used})),
                work=rows.work(connection, since),
                agreement=agreement(judged_twice(connection, since)),
            )

    def asked(self, item: int, most: int) -> Asked | None:
        """Return what was ever asked in the group of an item, at most so many questions; None if it is in none."""
        with self._database.reading() as connection:
            return rows.asked(connection, Period.ALL.since(self._clock()), item, most)

    def exported(self, mentor: str, what: str, details: Details) -> None:
        """Write into the audit trail that a mentor took figures out."""
        with self._database.writing() as connection:
            note(connection, mentor, "export", what, details)

    def _renew(self, period: Period) -> Snapshot:
        try:
            made = self.count(period)
            with self._lock:
                self._kept[period] = made
            return made
        finally:
            with self._lock:
                del self._counting[period]
