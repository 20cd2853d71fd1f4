"""What every keeper of submissions must do: inherit ``SubmissionsContract`` and say how one is opened."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from assistant.records.store import Submissions
from assistant.records.submissions import (
    Experience,
    Feedback,
    MentorQuestion,
    SubmissionKind,
    read_experience,
    read_feedback,
    read_question,
)

Opener = Callable[[Path], Submissions]
KILLS = 30
STORY = {
    "country": "PL",
    "host_institution": "University of Wrocław",
    "year": 2025,
    "months": 5,
    "level": "bachelor",
    "language_hard": "Дәрістер өте жылдам болды.\nАлғашқы айда түсінбедім.",
    "advice": "Ask early.",
    "language": "kk",
    "consent": True,
    "consent_version": "2026-11",
}


def experience(**changed: object) -> Experience:
    """Return a story with some fields changed."""
    story, refused = read_experience(STORY | changed, today=date(2026, 11, 22))
    assert story, refused
    return story


def feedback(comment: str = "") -> Feedback:
    """Return a verdict on a reply."""
    given = {"question": "Which GPA?", "language": "ru", "rating": "bad", "reasons": ["wrong"], "comment": comment}
    verdict, refused = read_feedback(given)
    assert verdict, refused
    return verdict


def question(text: str = "Виза қанша тұрады?") -> MentorQuestion:
    """Return a question with a contact that may be kept."""
    asked, refused = read_question({"question": text, "language": "kk", "contact": "a@b.kz", "consent": True})
    assert asked, refused
    return asked


def add_some(opened: Opener, folder: Path, process: int, count: int) -> None:
    """Add in a child process."""
    keeper = opened(folder)
    for number in range(count):
        keeper.add(feedback(f"{process}/{number}"), masked=False)


def add_and_tell(opened: Opener, folder: Path, said: Connection) -> None:
    """Add in a child process until it is killed, telling each code as soon as it is known."""
    keeper = opened(folder)
    while True:
        said.send(keeper.add(feedback("told " * 100), masked=True))


@pytest.fixture(scope="session")
def children() -> ForkServerContext:
    """Return a context whose children start at once, because what they need is imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["assistant.records.backup", "assistant.records.submitted", "psycopg", "pytest"])
    return context


class SubmissionsContract:
    """The contract; a subclass names the implementation."""

    opened: Opener
    """A staticmethod at module level that opens what lies in a folder, so that child processes can call it."""

    def test_what_is_added_waits_until_it_is_withdrawn(self, tmp_path: Path) -> None:
        """A submission comes back equal, with its mark, and its code erases it once."""
        keeper = self.opened(tmp_path)
        code = keeper.add(experience(), masked=True)
        (stored,) = keeper.waiting(SubmissionKind.EXPERIENCE)
        assert (stored.submission, stored.masked) == (experience(), True)
        assert keeper.withdraw(code) is True
        assert keeper.waiting(SubmissionKind.EXPERIENCE) == ()
        assert keeper.withdraw(code) is False

    def test_kinds_are_kept_apart(self, tmp_path: Path) -> None:
        """Each kind is asked for by itself and comes back with all its fields."""
        keeper = self.opened(tmp_path)
        sent = {SubmissionKind.EXPERIENCE: experience(), SubmissionKind.FEEDBACK: feedback("hm"),
                SubmissionKind.QUESTION: question()}  # fmt: skip
        for each in sent.values():
            keeper.add(each, masked=False)
        for kind in SubmissionKind:
            assert [stored.submission for stored in keeper.waiting(kind)] == [sent[kind]]

    def test_oldest_come_first(self, tmp_path: Path) -> None:
        """The order is that of arrival, also after the keeper was opened anew."""
        keeper = self.opened(tmp_path)
        for number in range(20):
            keeper.add(feedback(str(number)), masked=False)
        again = self.opened(tmp_path).waiting(SubmissionKind.FEEDBACK)
        assert [stored.submission.comment for stored in again] == [str(number) for number in range(20)]
        assert [stored.received for stored in again] == sorted(stored.received for stored in again)

    @pytest.mark.parametrize(
        "typed",
        [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " – "),
         lambda code: f"  {code}\n", lambda code: code.translate(str.maketrans("ABEKMHPCTYX", "АВЕКМНРСТУХ")).lower()],
    )  # fmt: skip
    def test_a_code_may_be_typed_carelessly(self, tmp_path: Path, typed: Callable[[str], str]) -> None:
        """Capitals, spaces, dashes and a Cyrillic keyboard do not matter."""
        keeper = self.opened(tmp_path)
        for _ in range(5):
            assert keeper.withdraw(typed(keeper.add(feedback(), masked=False)))

    @pytest.mark.parametrize("code", ["", "-", "ABCDE-FGHJK-MNPQR-STUV2", "../" * 7, "\ud800", "Ж" * 20, "A" * 100_000])
    def test_a_wrong_code_withdraws_nothing(self, tmp_path: Path, code: str) -> None:
        """Anything that is no code of a submission is answered with no."""
        keeper = self.opened(tmp_path)
        keeper.add(feedback(), masked=False)
        assert keeper.withdraw(code) is False
        assert len(keeper.waiting(SubmissionKind.FEEDBACK)) == 1

    def test_neither_code_nor_erased_text_stays_on_the_disk(self, tmp_path: Path) -> None:
        """No file holds the code, and after withdrawing none holds the text."""
        keeper = self.opened(tmp_path)
        code = keeper.add(feedback("unmistakable"), masked=False)
        files = [path.read_bytes() + path.name.encode() for path in tmp_path.rglob("*") if path.is_file()]
        assert any(b"unmistakable" in each for each in files)
        assert not any(signs in each for each in files for signs in (code.encode(), code.replace("-", "").encode()))
        keeper.withdraw(code)
        assert not any(b"unmistakable" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    def test_threads_lose_nothing(self, tmp_path: Path) -> None:
        """Eight threads add while one reads: every submission is there once and nothing is unreadable."""
        keeper = self.opened(tmp_path)
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                keeper.waiting(SubmissionKind.FEEDBACK)

        with ThreadPoolExecutor(9) as pool:
            reader = pool.submit(read)
            sent = [pool.submit(keeper.add, feedback(str(number)), masked=False) for number in range(80)]
            codes = {each.result() for each in sent}
            done.set()
            reader.result()
        stored = keeper.waiting(SubmissionKind.FEEDBACK)
        assert len(codes) == 80
        assert {each.submission.comment for each in stored} == {str(number) for number in range(80)}

    def test_processes_lose_nothing(self, tmp_path: Path, children: ForkServerContext) -> None:
        """Four processes add to one place: every submission is there once."""
        workers = [children.Process(target=add_some, args=(self.opened, tmp_path, number, 15)) for number in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
            assert worker.exitcode == 0
        found = [stored.submission.comment for stored in self.opened(tmp_path).waiting(SubmissionKind.FEEDBACK)]
        assert sorted(found) == sorted(f"{process}/{number}" for process in range(4) for number in range(15))

    def test_a_code_withdraws_once_for_all_threads(self, tmp_path: Path) -> None:
        """Of many who withdraw the same submission at once, exactly one is told that it was there."""
        keeper = self.opened(tmp_path)
        code = keeper.add(feedback(), masked=False)
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(keeper.withdraw, [code] * 8)) == 1

    @pytest.mark.slow
    def test_a_killed_process_loses_nothing_acknowledged(
        self, tmp_path: Path, children: ForkServerContext, caplog: pytest.LogCaptureFixture
    ) -> None:
        """After 30 kills at any moment, every code that was told withdraws a readable submission."""
        codes = [code for kill in range(KILLS) for code in self._told_before_the_kill(tmp_path, children, kill)]
        keeper = self.opened(tmp_path)
        # A submission may be on the disk whose code the dying process could not tell any more.
        assert len(codes) > KILLS
        assert len(codes) <= len(keeper.waiting(SubmissionKind.FEEDBACK)) <= len(codes) + KILLS
        assert not caplog.records
        assert all(keeper.withdraw(code) for code in codes)

    def _told_before_the_kill(self, folder: Path, children: ForkServerContext, kill: int) -> list[str]:
        heard, said = children.Pipe(duplex=False)
        child = children.Process(target=add_and_tell, args=(self.opened, folder, said))
        child.start()
        said.close()
        codes = [heard.recv()]
        # Kills fall at different moments of an addition: the wait differs by less than one takes.
        threading.Event().wait(0.0007 * kill)
        child.kill()
        child.join()
        while True:
            try:
                codes.append(heard.recv())
            except (EOFError, OSError):
                return codes
