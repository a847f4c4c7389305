"""Logging in: no hint whose account there is, stuffing is slow, and the owner gets in from elsewhere."""

from __future__ import annotations

import statistics
import time

import pytest

from server.domain.guard.agents import Agent, agent_of
from server.services.access import passwords
from server.services.accounts import entry, sessions
from server.services.accounts.entry import LoggedIn, NotConfirmed, Wrong
from server.services.accounts.tries import SlowDown
from server.store.queries import accounts as rows
from server.store.queries import guard
from server.store.tables import AccountSession, Attempt
from tests.server.at_once import at_once
from tests.server.services.accounts.people import ANNA, LASTING, PASSWORD, People

ELSEWHERE = "198.51.100.0/24"


def test_the_owner_gets_a_session_whose_token_is_kept_as_a_hash(people: People) -> None:
    people.made()
    done = people.log_in()
    assert isinstance(done, LoggedIn)
    assert done.terms_version == "2026-12"
    row = people.office.one(AccountSession)
    assert done.token.startswith("na_")
    assert done.token.encode() not in row.token_hash
    me = people.me(done.token)
    assert (me.id, me.session_id, me.language) == (row.account_id, row.id, "pl")
    assert people.office.facts("account.logged_in")[0].data == {"account": me.id, "session": row.id}


@pytest.mark.parametrize(
    "typed", [("nobody@example.com", PASSWORD), (ANNA, "wrong password"), ("no address", "x")]
)
def test_wrong_ones_look_the_same(people: People, typed: tuple[str, str]) -> None:
    people.made()
    assert people.log_in(*typed) == Wrong()
    (fact,) = people.office.facts("log_in.refused")
    assert fact.data == {"reason": "wrong_email_or_password"}


def test_a_wrong_address_costs_as_many_hashes_as_a_wrong_password(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.made()
    verified: list[str] = []
    really = passwords._matches
    monkeypatch.setattr(
        passwords, "_matches", lambda hashed, given: verified.append(given) or really(hashed, given)
    )
    counts = []
    for typed in ((ANNA, "wrong password"), ("nobody@example.com", "wrong password"), ("no address", "x")):
        verified.clear()
        people.log_in(*typed)
        counts.append(len(verified))
    assert counts == [1, 1, 1]


def test_a_wrong_address_takes_as_long_as_a_wrong_password(people: People) -> None:
    people.made()
    took: dict[str, list[float]] = {ANNA: [], "nobody@example.com": []}
    for place in range(12):
        for email, times in took.items():
            began = time.perf_counter()
            assert people.log_in(email, "wrong password", f"10.0.{place}.0/24") == Wrong()
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert max(known, unknown) / min(known, unknown) < 1.6


def test_an_unconfirmed_owner_gets_the_link_again_and_a_stranger_no_word(people: People) -> None:
    people.register()
    assert people.log_in(password="wrong password") == Wrong()
    assert people.log_in() == NotConfirmed()
    assert [letter.kind for letter in people.letters()] == ["confirm_email"] * 2
    people.confirm()
    people.inside()


def test_logging_in_gives_a_new_token_and_ends_the_session_before(people: People) -> None:
    people.made()
    first = people.inside()
    second = people.inside(previous=first)
    assert first != second
    assert people.who(first) is None
    assert people.who(second) is not None


def test_wrong_passwords_slow_down_whoever_types_them(people: People) -> None:
    people.made()
    for _ in range(5):
        assert people.log_in(password="wrong password") == Wrong()
    waits = []
    for _ in range(8):
        slowed = people.log_in()
        assert isinstance(slowed, SlowDown)
        waits.append(slowed.seconds)
        people.office.clock.advance(seconds=slowed.seconds)
        assert people.log_in(password="wrong password") == Wrong()
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    people.inside(block=ELSEWHERE)
    people.office.clock.advance(minutes=15)
    people.inside()


def test_the_right_password_forgives_the_wrong_ones_before_it(people: People) -> None:
    people.made()
    for _ in range(3):
        for _ in range(4):
            assert people.log_in(password="wrong password") == Wrong()
        people.inside()
    assert people.office.rows(Attempt, Attempt.kind == "log_in") == []


def test_many_blocks_that_try_one_account_do_not_lock_its_owner_out(people: People) -> None:
    people.made()
    for place in range(60):
        people.log_in(password="wrong password", block=f"10.0.{place}.0/24")
    assert isinstance(people.log_in(password="wrong password", block="10.0.59.0/24"), SlowDown)
    people.inside(block=ELSEWHERE)


def test_one_block_that_tries_many_accounts_is_slowed_down(people: People) -> None:
    people.made()
    answers = [people.log_in(f"person{place}@example.com", "wrong password") for place in range(101)]
    assert answers == [Wrong()] * 100 + [SlowDown(1)]
    people.inside(block=ELSEWHERE)


def test_right_ones_from_a_busy_block_do_not_count(people: People) -> None:
    people.made()
    for _ in range(40):
        people.inside()


def _wrong_at_once(people: People) -> int:
    people.made()
    answers = at_once(12, lambda _: people.log_in(password="wrong password"))
    return answers.count(Wrong())


def test_tries_at_once_are_as_few_as_one_by_one(people: People) -> None:
    assert _wrong_at_once(people) == 5


def test_without_the_lock_tries_at_once_would_be_more(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    if people.store.sqlite:
        pytest.skip("SQLite has one writer: there is no lock to take away")
    monkeypatch.setattr(guard, "one_at_a_time", lambda *_: None)
    really = guard.attempts_and_last
    monkeypatch.setattr(guard, "attempts_and_last", lambda *given: (really(*given), time.sleep(0.05))[0])
    assert _wrong_at_once(people) > 5


def test_a_password_changed_while_it_was_verified_opens_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.made()
    really = entry.check_password

    def slow(*given: object) -> object:
        known = really(*given)  # type: ignore[arg-type]
        people.do(lambda session, _: setattr(rows.locked(session, known.id), "version", 7))
        return known

    monkeypatch.setattr(entry, "check_password", slow)
    assert people.log_in() == Wrong()
    assert people.office.rows(AccountSession) == []


# --- sessions ----------------------------------------------------------------------------------------


def test_a_session_ends_when_nobody_uses_it(people: People) -> None:
    people.made()
    token = people.inside()
    for _ in range(3):
        people.office.clock.advance(minutes=29)
        assert people.who(token) is not None
    people.office.clock.advance(minutes=30)
    assert people.who(token) is None


def test_a_session_ends_after_half_a_day_however_it_is_used(people: People) -> None:
    people.made()
    token = people.inside()
    for _ in range(71):
        people.office.clock.advance(minutes=10)
        assert people.who(token) is not None
    people.office.clock.advance(minutes=10)
    assert people.who(token) is None


def test_looking_writes_nothing_and_the_job_writes_when_it_was(people: People) -> None:
    people.made()
    token = people.inside()
    people.office.clock.advance(minutes=20)
    assert people.who(token) is not None
    began = people.office.one(AccountSession).started_at
    assert people.office.one(AccountSession).seen_at == began
    sessions.write_seen(people.store, people.context)
    assert people.office.one(AccountSession).seen_at == people.context.now
    people.office.clock.advance(minutes=29)
    assert people.who(token) is not None


def test_an_earlier_sight_never_undoes_a_later_one(people: People) -> None:
    people.made()
    people.inside()
    row = people.office.one(AccountSession)
    people.do(lambda session, context: rows.note_seen(session, {row.token_hash: row.started_at}))
    people.office.clock.advance(minutes=-5)
    people.do(lambda session, context: rows.note_seen(session, {row.token_hash: context.now}))
    assert people.office.one(AccountSession).seen_at == row.seen_at


def test_logging_out_ends_the_session_at_once(people: People) -> None:
    people.made()
    token = people.inside()
    people.do(sessions.log_out, token)
    assert people.who(token) is None
    people.do(sessions.log_out, token)
    people.do(sessions.log_out, "na_nonsense")
    assert len(people.office.facts("account.logged_out")) == 1


def test_the_owner_sees_the_sessions_and_ends_others(people: People) -> None:
    people.made()
    phone = people.inside(agent="Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0")
    people.office.clock.advance(minutes=3)
    laptop = people.inside(agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36")
    me = people.me(laptop)
    shown = people.do(sessions.sessions, me, LASTING)
    assert [(each.agent, each.is_this) for each in shown] == [
        (Agent("Chrome", "Linux"), True),
        (Agent("Firefox", "Android"), False),
    ]
    assert "Firefox" not in str(people.office.rows(AccountSession)[0].sealed_agent)
    assert people.do(sessions.end_session, me, shown[1].id)
    assert people.who(phone) is None
    assert people.who(laptop) is not None
    assert not people.do(sessions.end_session, me, shown[1].id)


def test_nobody_ends_anothers_session(people: People) -> None:
    people.made()
    people.made("ola@example.com")
    annas, olas = people.inside(), people.inside("ola@example.com")
    assert not people.do(sessions.end_session, people.me(olas), people.me(annas).session_id)
    assert people.who(annas) is not None


def test_all_others_end_at_once(people: People) -> None:
    people.made()
    tokens = [people.inside() for _ in range(3)]
    assert people.do(sessions.end_others, people.me(tokens[1])) == 2
    assert [people.who(token) is not None for token in tokens] == [False, True, False]


@pytest.mark.parametrize("token", ["", "na_x", "x" * 10_000, "na_\0", "é"])
def test_a_token_that_is_none_is_nobodys(people: People, token: str) -> None:
    assert people.who(token) is None


@pytest.mark.parametrize(
    ("line", "agent"),
    [
        (None, Agent()),
        ("curl/8.5", Agent()),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/140.0 Safari/537.36 Edg/140.0",
            Agent("Edge", "Windows"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            Agent("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1) Firefox/140.0", Agent("Firefox", "macOS")),
        (
            "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/26.0 Chrome/122.0",
            Agent("Samsung Internet", "Android"),
        ),
        ("x" * 100_000 + "Firefox/1", Agent()),
    ],
)
def test_browser_and_system_are_told_in_two_words(line: str | None, agent: Agent) -> None:
    assert agent_of(line) == agent
