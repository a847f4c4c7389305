"""The pause after wrong codes: five tries, then 30 s that double up to five minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.wrong_codes import WrongCodePolicy, WrongCodes, after_wrong, paused_until

POLICY = WrongCodePolicy()
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def wrong(times: int) -> WrongCodes:
    state = WrongCodes()
    for _ in range(times):
        state = after_wrong(state, NOW, POLICY)
    return state


def test_four_wrong_tries_are_free():
    assert paused_until(wrong(4), NOW) is None


def test_the_fifth_starts_a_pause_that_ends():
    until = NOW + timedelta(seconds=30)
    assert paused_until(wrong(5), NOW) == until
    assert paused_until(wrong(5), until - timedelta(microseconds=1)) == until
    assert paused_until(wrong(5), until) is None


def test_each_further_try_doubles_the_pause_to_five_minutes():
    pauses = [paused_until(wrong(times), NOW) for times in range(5, 12)]
    assert [(until - NOW).total_seconds() for until in pauses if until] == [30, 60, 120, 240, 300, 300, 300]


@given(st.integers(0, 10**9))
def test_no_number_of_tries_breaks_the_pause(tries: int):
    state = after_wrong(WrongCodes(tries), NOW, POLICY)
    until = paused_until(state, NOW)
    assert (until is None) == (tries + 1 < POLICY.tries)
    assert until is None or until <= NOW + POLICY.longest_pause


def test_a_pause_doubles_up_to_the_thirty_second_time():
    patient = WrongCodePolicy(1, timedelta(seconds=1), longest_pause=timedelta(days=200_000))
    pauses = [after_wrong(WrongCodes(count), NOW, patient).pauses_until for count in (31, 32, 33, 10**9)]
    assert pauses == [NOW + timedelta(seconds=2**power) for power in (31, 32, 32, 32)]
