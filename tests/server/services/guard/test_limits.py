"""Limits are rows: they hold on every server, also for many at once, and are forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.services.guard import limits
from server.services.guard.limits import Limit
from server.store.queries import guard as rows
from server.store.store import Store
from server.store.tables import Attempt
from tests.server.at_once import at_once
from tests.server.sample_office import KEYS, SampleOffice

HOUR = timedelta(hours=1)
THREE = Limit("send_page", 3, HOUR)


def admitted(office: SampleOffice, who: str = "ala", limit: Limit = THREE) -> int | None:
    context = office.runtime.context()
    return office.store.write(lambda session: limits.admit(session, context, limit, who))


def test_who_has_used_up_a_limit_hears_how_long_to_wait(office: SampleOffice) -> None:
    assert admitted(office) is None
    office.clock.advance(minutes=10)
    assert [admitted(office), admitted(office)] == [None, None]
    assert admitted(office) == 50 * 60
    assert admitted(office, "ola") is None
    assert admitted(office, limit=Limit("other", 3, HOUR)) is None
    office.clock.advance(minutes=50, seconds=1)
    assert admitted(office) is None


def test_of_many_at_once_no_more_come_through_than_the_limit_says(office: SampleOffice) -> None:
    answers = at_once(16, lambda _: admitted(office))
    assert answers.count(None) == 3


def test_control_without_the_lock_more_come_through(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    if office.store.sqlite:
        pytest.skip("SQLite has one writer: there is nothing to leave out")
    monkeypatch.setattr(rows, "one_at_a_time", lambda *_: None)

    def let_in(who: str) -> int:
        return at_once(16, lambda _: admitted(office, who)).count(None)

    assert max(let_in(f"{turn}") for turn in range(20)) > 3


def test_what_counts_once_is_spent_once_whoever_asks_at_once(office: SampleOffice) -> None:
    other = Store(office.url)
    try:
        spenders = [limits.spender(store, KEYS) for store in (office.store, other)]
        now = office.clock.now()
        answers = at_once(12, lambda place: spenders[place % 2]("a solution", now))
        assert answers.count(True) == 1
        assert spenders[0]("another", now)
    finally:
        other.close()


def test_who_tried_is_kept_as_a_hash_and_forgotten_after_two_days(office: SampleOffice) -> None:
    admitted(office, "ala@example.org")
    (row,) = office.rows(Attempt)
    assert b"ala" not in row.key_hash
    office.clock.advance(hours=47)
    admitted(office, "ola@example.org")
    office.clock.advance(hours=2)
    assert limits.forget_attempts(office.store, office.runtime.context()) == 1
    assert len(office.rows(Attempt)) == 1
    assert limits.forget_attempts(office.store, office.runtime.context()) == 0
