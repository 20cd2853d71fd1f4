"""What mentors, sessions and the lock-out promise, whatever the database."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from assistant.errors import RecordError
from assistant.records import schema
from assistant.records.audit import DatabaseAudit
from assistant.records.database import Database
from assistant.records.mentors import Mentor, Mentors, Role
from assistant.records.passwords import Passwords, Weakness
from assistant.records.sessions import IDLE, KNOWN, WHOLE, Refused, SignedIn, SignIn

PASSWORD, OTHER = "seven plain words", "quite another phrase"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


class Watch:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **of: float) -> None:
        """Let time pass."""
        self.now += timedelta(**of)


class Counting(Passwords):
    """Cheap hashes that are counted."""

    def __init__(self) -> None:
        super().__init__(memory_kib=64, passes=1)
        self.looked_at = 0

    def matches(self, hashed: str | None, password: str) -> bool:
        self.looked_at += 1
        return super().matches(hashed, password)


class SignInContract:
    """Mentors and their sessions."""

    @pytest.fixture
    def watch(self) -> Watch:
        return Watch()

    @pytest.fixture
    def passwords(self) -> Counting:
        return Counting()

    @pytest.fixture
    def mentors(self, database: Database, passwords: Counting) -> Mentors:
        return Mentors(database, passwords)

    @pytest.fixture
    def mentor(self, mentors: Mentors) -> Mentor:
        return mentors.add("Aigul@Example.org ", "Aigul  Serik", "International office", Role.MENTOR, PASSWORD)

    @pytest.fixture
    def sign_in(self, database: Database, passwords: Counting, watch: Watch, mentor: Mentor) -> SignIn:
        return SignIn(database, passwords, clock=watch)

    def test_a_mentor_is_kept_as_told(self, mentors: Mentors, mentor: Mentor) -> None:
        """Login in small letters, names without stray spaces; the password comes back from nowhere."""
        assert mentors.all() == (mentor,)
        assert mentors.get(mentor.id) == mentor == mentors.known("AIGUL@example.org")
        assert (mentor.login, mentor.name, mentor.role, mentor.disabled) == (
            "aigul@example.org", "Aigul Serik", Role.MENTOR, None,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("login", "name", "password", "said"),
        [
            ("aigul@example.org", "A", PASSWORD, "is taken"),
            ("a b", "A", PASSWORD, "is no login"),
            ("x", "A", PASSWORD, "is no login"),
            ("new", " ", PASSWORD, "is no name"),
            ("new", "A\u202eB", PASSWORD, "is no name"),
            ("new", "A", "tiny words", "shorter than 12"),
            ("new", "A", "password1234", "guessed first"),
            ("newcomer", "A", "newcomer1234", "like the login"),
        ],
    )
    def test_what_cannot_be_a_mentor_is_refused(
        self, mentors: Mentors, mentor: Mentor, login: str, name: str, password: str, said: str
    ) -> None:
        """A taken or odd login, an empty name, a weak password: nothing is stored, and the password is not repeated."""
        with pytest.raises(RecordError, match=said) as raised:
            mentors.add(login, name, "Office", Role.MENTOR, password)
        assert password not in str(raised.value)
        assert mentors.all() == (mentor,)

    def test_every_deed_stands_in_the_trail(self, database: Database, mentors: Mentors, mentor: Mentor) -> None:
        """Adding, resetting, disabling and enabling are noted with who did it, and never a password."""
        mentors.reset(mentor.login, OTHER)
        mentors.disable(mentor.login, actor="c" * 32)
        mentors.enable(mentor.login)
        rows = DatabaseAudit(database).entries()
        assert [(row.actor, row.action) for row in rows] == [
            ("operator", "add"), ("operator", "reset"), ("c" * 32, "disable"), ("operator", "enable"),
        ]  # fmt: skip
        assert {row.subject for row in rows} == {f"mentor {mentor.id}"}
        assert OTHER not in str(rows)

    def test_nobody_can_be_changed_who_is_not_there(self, mentors: Mentors) -> None:
        """A login that nobody has is named in the error."""
        for change in (lambda: mentors.disable("nobody"), lambda: mentors.reset("nobody", PASSWORD)):
            with pytest.raises(RecordError, match="'nobody' is no mentor's login"):
                change()

    def test_a_right_password_begins_a_session(self, sign_in: SignIn, mentor: Mentor) -> None:
        """The token resumes it, however the login is written; another token does not."""
        signed = enter(sign_in, login=" AIGUL@example.ORG")
        assert isinstance(signed, SignedIn)
        assert sign_in.resume(signed.token) == mentor == signed.mentor
        assert sign_in.resume(signed.token[:-1] + "!") is None
        assert sign_in.resume(signed.device) is None
        assert sign_in.resume("") is None

    def test_only_hashes_of_tokens_are_stored(self, sign_in: SignIn, database: Database) -> None:
        """Whoever reads the database finds neither token nor password."""
        signed = enter(sign_in)
        with database.reading() as connection:
            written = "".join(str(connection.execute(select(each)).all()) for each in schema.metadata.sorted_tables)
        assert not any(secret in written for secret in (signed.token, signed.device, PASSWORD))
        assert "argon2id" in written

    def test_each_sign_in_has_a_token_of_its_own(self, sign_in: SignIn, mentor: Mentor) -> None:
        """Two browsers have two sessions, and ending one leaves the other."""
        first, second = enter(sign_in), enter(sign_in)
        assert first.token != second.token
        sign_in.leave(first.token)
        assert sign_in.resume(first.token) is None
        assert sign_in.resume(second.token) == mentor
        assert [each.own for each in sign_in.sessions(mentor.id, second.token)] == [True]

    def test_a_session_ends_when_it_is_idle(self, sign_in: SignIn, watch: Watch) -> None:
        """Half an hour without a request ends it; each request begins the half hour anew."""
        signed = enter(sign_in)
        for _ in range(3):
            watch.wait(minutes=29)
            assert sign_in.resume(signed.token)
        watch.wait(minutes=IDLE.total_seconds() / 60)
        assert sign_in.resume(signed.token) is None

    def test_a_session_ends_after_twelve_hours(self, sign_in: SignIn, watch: Watch) -> None:
        """However busy the mentor is."""
        signed, end = enter(sign_in), watch.now + WHOLE
        while watch.now + timedelta(minutes=20) < end:
            watch.wait(minutes=20)
            assert sign_in.resume(signed.token)
        watch.now = end
        assert sign_in.resume(signed.token) is None

    @pytest.mark.parametrize("deed", ["disable", "reset", "everywhere"])
    def test_sessions_end_at_once(self, sign_in: SignIn, mentors: Mentors, mentor: Mentor, deed: str) -> None:
        """Disabling, a new password and signing out everywhere end all sessions of that mentor, and of no other."""
        dana = mentors.add("dana", "Dana", "Office", Role.COORDINATOR, PASSWORD)
        mine, other = [enter(sign_in), enter(sign_in)], enter(sign_in, login="dana")
        if deed == "disable":
            mentors.disable(mentor.login)
        elif deed == "reset":
            mentors.reset(mentor.login, OTHER)
        else:
            assert sign_in.leave_everywhere(mentor.id, actor=dana.id) == 2
        assert [sign_in.resume(each.token) for each in mine] == [None, None]
        assert sign_in.resume(other.token) == dana

    def test_a_disabled_mentor_cannot_sign_in(self, sign_in: SignIn, mentors: Mentors, mentor: Mentor) -> None:
        """The right password is refused as a wrong one is, and right again once they are enabled."""
        mentors.disable(mentor.login)
        assert enter(sign_in) == Refused()
        mentors.enable(mentor.login)
        assert isinstance(enter(sign_in), SignedIn)

    def test_unknown_logins_cost_as_much_and_say_as_much(self, sign_in: SignIn, passwords: Counting) -> None:
        """A login that nobody has is hashed for, refused and slowed down just like a wrong password."""
        known = [enter(sign_in, password="wrong") for _ in range(7)]
        looked_at = passwords.looked_at
        unknown = [enter(sign_in, login="nobody", address=ELSEWHERE) for _ in range(7)]
        assert known == unknown
        assert passwords.looked_at == 2 * looked_at == 10

    def test_guesses_are_slowed_down_and_never_for_good(
        self, sign_in: SignIn, watch: Watch, passwords: Counting
    ) -> None:
        """After five failures each further one doubles the wait up to a quarter of an hour; blocked tries cost no hash."""
        waits = []
        for number in range(14):
            refused = enter(sign_in, password="wrong", address=f"192.0.2.{number}")
            waits.append(refused.wait_seconds)
            looked_at = passwords.looked_at
            if refused.wait_seconds:
                again = enter(sign_in, address="203.0.113.9")
                assert again == Refused(refused.wait_seconds)
                assert passwords.looked_at == looked_at
                watch.wait(seconds=refused.wait_seconds)
        assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900, 900]
        assert isinstance(enter(sign_in), SignedIn)

    def test_success_takes_the_failures_back(self, sign_in: SignIn) -> None:
        """Four failures, a success, and four failures again make nobody wait."""
        for _ in range(3):
            assert [enter(sign_in, password="wrong") for _ in range(4)] == [Refused()] * 4
            assert isinstance(enter(sign_in), SignedIn)

    def test_an_address_has_twenty_failures_an_hour(self, sign_in: SignIn, watch: Watch) -> None:
        """Whichever logins it tries; other addresses go on."""
        results = [enter(sign_in, login=f"guess{number}", address=ELSEWHERE) for number in range(21)]
        assert [each.wait_seconds for each in results] == [0] * 19 + [3600] * 2
        assert isinstance(enter(sign_in), SignedIn)
        watch.wait(minutes=59)
        assert enter(sign_in, address=ELSEWHERE) == Refused(60)
        watch.wait(minutes=1)
        assert isinstance(enter(sign_in, address=ELSEWHERE), SignedIn)

    def test_an_account_of_ones_own_does_not_reset_the_address(self, sign_in: SignIn, mentors: Mentors) -> None:
        """Signing in between takes back only that try, so nobody guesses at others for ever."""
        mentors.add("mallory", "M", "Office", Role.MENTOR, PASSWORD)
        guessed = 0
        for number in range(60):
            if enter(sign_in, login=f"guess{number}", address=ELSEWHERE).wait_seconds == 0:
                guessed += 1
            enter(sign_in, login="mallory", address=ELSEWHERE)
        assert guessed == 19

    def test_strangers_do_not_lock_a_known_browser_out(self, sign_in: SignIn, mentor: Mentor) -> None:
        """While strangers wait, even at the mentor's own address, the browser used before signs in."""
        known = enter(sign_in)
        for number in range(30):
            enter(sign_in, password="wrong", address=HOME if number % 2 else ELSEWHERE)
        assert isinstance(enter(sign_in), Refused)
        again = enter(sign_in, device=known.device)
        assert isinstance(again, SignedIn)
        assert again.device == known.device
        assert again.mentor == mentor

    def test_a_known_browser_is_slowed_down_by_itself(self, sign_in: SignIn, watch: Watch) -> None:
        """Its own failures count, and only there."""
        known = enter(sign_in)
        refused = [enter(sign_in, password="wrong", device=known.device) for _ in range(6)]
        assert [each.wait_seconds for each in refused] == [0, 0, 0, 0, 30, 30]
        assert isinstance(enter(sign_in), SignedIn)
        watch.wait(seconds=30)
        assert isinstance(enter(sign_in, device=known.device), SignedIn)

    def test_a_known_browser_is_known_for_its_mentor_alone(
        self, sign_in: SignIn, mentors: Mentors, watch: Watch
    ) -> None:
        """Nor does a forged token help, nor one that was not used for a year."""
        mentors.add("dana", "Dana", "Office", Role.COORDINATOR, PASSWORD)
        known = enter(sign_in)
        for number in range(6):
            enter(sign_in, login="dana", password="wrong", device=known.device, address=f"192.0.2.{number}")
        assert enter(sign_in, login="dana", device=known.device).wait_seconds == 30
        assert enter(sign_in, login="dana", device="forged").wait_seconds == 30
        watch.wait(days=KNOWN.days)
        for number in range(6):
            enter(sign_in, password="wrong", address=f"192.0.2.{number}")
        assert enter(sign_in, device=known.device).wait_seconds == 30

    def test_a_new_password_ends_the_wait(self, sign_in: SignIn, mentors: Mentors, mentor: Mentor) -> None:
        """An operator who resets a mentor lets them in at once, from anywhere."""
        for number in range(9):
            enter(sign_in, password="wrong", address=f"192.0.2.{number}")
        mentors.reset(mentor.login, OTHER)
        assert isinstance(enter(sign_in, password=OTHER), SignedIn)

    def test_many_guesses_at_once_win_nothing(self, sign_in: SignIn, passwords: Counting) -> None:
        """Forty tries at the same time are looked at no oftener than five in a row."""
        barrier = threading.Barrier(40)

        def guess(number: int) -> None:
            barrier.wait()
            enter(sign_in, password="wrong", address=f"192.0.2.{number}")

        threads = [threading.Thread(target=guess, args=(number,)) for number in range(40)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert passwords.looked_at <= 5

    def test_counters_outlive_the_program(
        self, database: Database, passwords: Counting, watch: Watch, sign_in: SignIn
    ) -> None:
        """Another process finds the wait that this one began."""
        for number in range(5):
            enter(sign_in, password="wrong", address=f"192.0.2.{number}")
        assert enter(SignIn(database, passwords, clock=watch)) == Refused(30)

    def test_what_is_over_is_swept(self, database: Database, sign_in: SignIn, watch: Watch) -> None:
        """Ended sessions and old counters leave the database; known browsers stay."""
        enter(sign_in)
        for number in range(8):
            enter(sign_in, login=f"nobody{number}", address=f"192.0.2.{number}")
        watch.wait(days=2)
        enter(sign_in)
        with database.reading() as connection:
            left = [len(connection.execute(select(each)).all()) for each in (schema.session, schema.attempt)]
            known = len(connection.execute(select(schema.device)).all())
        assert left[0] == 1
        assert left[1] <= 1  # the address of the sign-in itself, with no failure left
        assert known == 2

    def test_a_hash_of_yesterdays_costs_is_renewed(self, database: Database, mentor: Mentor, watch: Watch) -> None:
        """At the next sign-in the password is hashed with today's costs."""
        dearer = Passwords(memory_kib=128, passes=1)
        signed = enter(SignIn(database, dearer, clock=watch))
        assert isinstance(signed, SignedIn)
        with database.reading() as connection:
            hashed = connection.scalar(select(schema.mentor.c.password).where(schema.mentor.c.id == mentor.id))
        assert hashed is not None
        assert "m=128" in hashed
        assert isinstance(enter(SignIn(database, dearer, clock=watch)), SignedIn)

    def test_a_mentor_changes_their_password(self, sign_in: SignIn, mentor: Mentor) -> None:
        """The old one is asked for; all sessions end but the new one that begins."""
        first, second = enter(sign_in), enter(sign_in)
        assert sign_in.change_password(mentor, "wrong", OTHER) == Refused()
        assert sign_in.change_password(mentor, PASSWORD, "short") is Weakness.SHORT
        assert sign_in.resume(first.token) == mentor
        changed = sign_in.change_password(mentor, PASSWORD, OTHER)
        assert isinstance(changed, SignedIn)
        assert [sign_in.resume(each.token) for each in (first, second, changed)] == [None, None, mentor]
        assert enter(sign_in) == Refused()
        assert isinstance(enter(sign_in, password=OTHER), SignedIn)

    @pytest.mark.parametrize("deed", ["reset", "disable"])
    def test_what_an_operator_does_meanwhile_stands(
        self, sign_in: SignIn, mentors: Mentors, mentor: Mentor, passwords: Counting, monkeypatch: pytest.MonkeyPatch,
        deed: str,
    ) -> None:  # fmt: skip
        """A password that is reset, or a mentor who is disabled, while the old password is hashed is not overruled."""
        matches = passwords.matches

        def slowly(hashed: str | None, password: str) -> bool:
            monkeypatch.setattr(passwords, "matches", matches)
            mentors.reset(mentor.login, "the operator's own") if deed == "reset" else mentors.disable(mentor.login)
            return matches(hashed, password)

        monkeypatch.setattr(passwords, "matches", slowly)
        assert sign_in.change_password(mentor, PASSWORD, OTHER) == Refused()
        assert enter(sign_in, password=OTHER) == Refused()
        assert isinstance(enter(sign_in, password="the operator's own"), SignedIn) is (deed == "reset")

    def test_an_open_session_does_not_serve_to_guess(self, sign_in: SignIn, mentor: Mentor) -> None:
        """The old password can be tried five times, then slower and slower; signing in is not affected."""
        results = [sign_in.change_password(mentor, f"wrong {n}", OTHER) for n in range(6)]
        assert [each.wait_seconds for each in results if isinstance(each, Refused)] == [0, 0, 0, 0, 30, 30]
        assert isinstance(enter(sign_in), SignedIn)

    def test_a_provider_vouches_for_mentors_that_exist(self, sign_in: SignIn, mentors: Mentors, mentor: Mentor) -> None:
        """First by a verified address, which binds the subject, then by the subject alone; it adds nobody."""
        assert sign_in.enter_as("https://id.example 1", None) is None
        assert sign_in.enter_as("https://id.example 1", "stranger@example.org") is None
        signed = sign_in.enter_as("https://id.example 1", "Aigul@example.org")
        assert signed is not None
        assert sign_in.resume(signed.token) == mentor
        again = sign_in.enter_as("https://id.example 1", "renamed@example.org")
        assert again is not None
        assert again.mentor == mentor
        assert sign_in.enter_as("https://id.example 2", "aigul@example.org") is None
        mentors.disable(mentor.login)
        assert sign_in.enter_as("https://id.example 1", None) is None
        assert len(mentors.all()) == 1

    def test_who_has_no_password_cannot_use_one(self, sign_in: SignIn, mentors: Mentors) -> None:
        """A mentor of the provider alone is refused with any password, the empty one included."""
        mentors.add("sso@example.org", "S", "Office", Role.MENTOR, None)
        assert [enter(sign_in, login="sso@example.org", password=each) for each in ("", "None", PASSWORD)] == (
            [Refused()] * 3
        )
        assert sign_in.enter_as("https://id.example 9", "sso@example.org") is not None


def enter(
    sign_in: SignIn,
    *,
    login: str = "aigul@example.org",
    password: str = PASSWORD,
    device: str | None = None,
    address: str = HOME,
) -> SignedIn | Refused:
    """Try to sign in."""
    return sign_in.enter(login, password, device=device, address=address)
