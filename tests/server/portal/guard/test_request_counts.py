"""Counting requests in memory: windows that begin with their first request and are forgotten after their end."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from server.portal.guard import request_counts
from server.portal.guard.request_counts import Counts, Tally, common_store
from tests.server.at_once import at_once


class Time:
    """Seconds since 1970 that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(request_counts, "time", made)
    return made


def test_a_window_begins_with_its_first_request_and_ends_whole(time: Time) -> None:
    kept = Counts()
    assert [kept.incr("a", 60), kept.incr("a", 60, 2), kept.incr("b", 60)] == [1, 3, 1]
    assert kept.get_expiry("a") == 1_060
    time.now = 1_059.9
    assert (kept.get("a"), kept.incr("a", 60)) == (3, 4)
    time.now = 1_060
    assert (kept.get("a"), kept.get_expiry("a"), kept.incr("a", 60)) == (0, 1_060, 1)


def test_what_was_never_counted_is_nothing(time: Time) -> None:
    kept = Counts()
    assert (kept.get("a"), kept.get_expiry("a"), kept.check()) == (0, 1_000, True)


def test_counts_are_forgotten_when_asked_to(time: Time) -> None:
    kept = Counts()
    for key in "abc":
        kept.incr(key, 60)
    kept.clear("a")
    kept.clear("nothing")
    assert (kept.get("a"), kept.get("b"), kept.reset(), kept.get("b")) == (0, 1, 2, 0)


def test_windows_that_are_over_do_not_fill_the_memory(time: Time) -> None:
    kept = Counts()
    for number in range(1_000):
        kept.incr(f"address {number}", 60)
    kept.incr("long", 3_600)
    time.now += 61
    kept.incr("new", 60)
    assert (kept.get("long"), kept.reset()) == (1, 2)


def test_no_count_is_lost_and_no_thread_is_started() -> None:
    kept, threads = Counts(), threading.active_count()
    seen = at_once(16, lambda _: [kept.incr("a", 60) for _ in range(500)])
    assert sorted(count for each in seen for count in each) == list(range(1, 8_001))
    assert threading.active_count() == threads


def test_memory_is_bounded_and_what_ends_last_is_kept(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_counts, "MOST_KEPT", 100)
    kept = Counts()
    kept.incr("pause", 600)
    kept.incr("first", 60)
    for number in range(1_000):
        time.now += 0.001
        kept.incr(f"session {number}", 60)
    assert (kept.get("pause"), kept.get("first"), kept.get("session 0"), kept.get("session 999")) == (
        1,
        0,
        0,
        1,
    )
    assert 90 <= (kept.reset() or 0) <= 100


class Away(Counts):
    """A common store that can be away."""

    is_away, asked = True, 0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, or say that nobody is there."""
        self.asked += 1
        if self.is_away:
            raise ValueError
        return super().incr(key, expiry, amount)


def test_a_common_store_that_is_away_is_asked_again_in_ten_seconds(
    time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = Away()
    monkeypatch.setattr(request_counts, "common_store", lambda _: common)
    tally = Tally("redis://limits")
    assert [tally.count("a", 60) for _ in range(3)] == [1, 2, 3]
    assert common.asked == 1
    common.is_away = False
    time.now += 9.9
    assert (tally.count("a", 60), common.asked) == (4, 1)
    time.now += 0.1
    assert (tally.count("a", 60), tally.wait("a"), tally.counted("a")) == (1, 60, 1)
    assert Tally().count("a", 60) == 1


def test_while_one_asks_whether_the_common_store_is_back_the_others_count_in_memory(
    time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = Away()
    monkeypatch.setattr(request_counts, "common_store", lambda _: common)
    tally = Tally("redis://limits")
    tally.count("a", 60)
    time.now += 10
    beside: list[int] = []

    def hangs(key: str, _expiry: float) -> int:
        if not beside:
            beside.append(tally.count(key, 60))
        raise ValueError

    monkeypatch.setattr(common, "incr", hangs)
    assert tally.count("a", 60) == 3
    assert beside == [2]


@pytest.mark.parametrize(
    "address", ["redis://127.0.0.1:1", "rediss://:word@10.0.0.1:1", "redis+unix:///nowhere"]
)
def test_a_common_store_that_hangs_is_waited_for_a_second(address: str) -> None:
    options: Any = common_store(address)
    told = options.storage.connection_pool.connection_kwargs
    # The library's own patience is five seconds, in each of a server's few threads.
    assert (told["socket_timeout"], told["socket_connect_timeout"]) == (1.0, 1.0)
