"""Who is let in when by a waiting room, and when draws take applications: each instant by its value (rule 10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.domain.booking.policy import DrawPolicy
from server.domain.release.modes import (
    ADMITTED_FOR,
    ROOM_OPENS_BEFORE,
    DrawWindow,
    NotYet,
    Open,
    Rush,
    Waits,
    draw_windows,
    next_draw_window,
)

WARSAW = ZoneInfo("Europe/Warsaw")
EIGHT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RUSH = Rush(EIGHT, per_minute=2, people=200)


def test_the_room_opens_half_an_hour_before_and_a_turn_takes_a_quarter() -> None:
    assert timedelta(minutes=30) == ROOM_OPENS_BEFORE
    assert timedelta(minutes=15) == ADMITTED_FOR


def test_nobody_is_in_a_room_and_no_turn_is_over_unless_it_is_said() -> None:
    assert NotYet(EIGHT, EIGHT).is_in_room is False
    assert Waits(EIGHT, True).is_over is False


@pytest.mark.parametrize(("place", "seconds"), [(1, 0), (2, 30), (3, 60), (200, 5_970)])
def test_so_many_a_minute_are_let_in(place: int, seconds: int) -> None:
    assert RUSH.admitted_from(place) == EIGHT + timedelta(seconds=seconds)


def test_a_rush_is_over_when_the_last_one_is_let_in() -> None:
    last = RUSH.admitted_from(200)
    assert RUSH.is_over(last)
    assert not RUSH.is_over(last - SECOND)
    assert Rush(EIGHT, 2, people=0).is_over(EIGHT - ROOM_OPENS_BEFORE)
    assert not Rush(EIGHT, 2, people=1).is_over(EIGHT - SECOND)
    assert Rush(EIGHT, 2, people=1).is_over(EIGHT)


@pytest.mark.parametrize(
    ("place", "seconds", "ahead"),
    [
        *((10, -1, 9), (1, -1, 0), (2, -1, 1)),
        *((10, 0, 8), (2, 0, 0), (10, 29, 8), (10, 30, 7), (10, 60, 6)),
        *((10, 239, 1), (10, 240, 0), (10, 600, 0)),
    ],
)
def test_who_was_let_in_is_not_ahead_any_more(place: int, seconds: int, ahead: int) -> None:
    assert RUSH.ahead_of(place, EIGHT + seconds * SECOND) == ahead


def test_one_waits_has_a_turn_and_comes_too_late() -> None:
    turn = RUSH.admitted_from(10)
    assert RUSH.gate(10, turn - SECOND) == Waits(EIGHT, True, 10, 0, turn)
    assert RUSH.gate(10, turn) == Open(turn + ADMITTED_FOR)
    assert RUSH.gate(10, turn + ADMITTED_FOR - SECOND) == Open(turn + ADMITTED_FOR)
    assert RUSH.gate(10, turn + ADMITTED_FOR) == Waits(EIGHT, True, 10, None, None, is_over=True)
    assert RUSH.gate(10, RUSH.admitted_from(200)) == Open()


POLICY = DrawPolicy(weekday="wed", opens=time(8), window_hours=72, ahead_days=7, covers_days=7)
FIRST = DrawWindow(
    datetime(2026, 11, 25, 7, tzinfo=UTC),
    datetime(2026, 11, 28, 7, tzinfo=UTC),
    date(2026, 12, 5),
    date(2026, 12, 11),
)


def test_a_window_is_open_from_its_first_instant_until_before_its_last() -> None:
    assert draw_windows(POLICY, FIRST.opens_at - SECOND, WARSAW) == []
    assert draw_windows(POLICY, FIRST.opens_at, WARSAW) == [FIRST]
    assert draw_windows(POLICY, FIRST.closes_at - SECOND, WARSAW) == [FIRST]
    assert draw_windows(POLICY, FIRST.closes_at, WARSAW) == []


def test_the_longest_windows_overlap_and_the_oldest_comes_first() -> None:
    longest = DrawPolicy(weekday="wed", opens=time(23, 59), window_hours=24 * 14)
    opens = datetime(2026, 11, 25, 22, 59, tzinfo=UTC)
    week = timedelta(days=7)
    assert [each.opens_at for each in draw_windows(longest, opens - SECOND, WARSAW)] == [
        opens - 2 * week,
        opens - week,
    ]
    assert [each.opens_at for each in draw_windows(longest, opens, WARSAW)] == [opens - week, opens]


def test_a_window_over_the_night_that_is_an_hour_shorter_ends_on_its_sixteenth_day() -> None:
    longest = DrawPolicy(weekday="wed", opens=time(23, 30), window_hours=24 * 14)
    opens = datetime(2027, 3, 17, 22, 30, tzinfo=UTC)
    now = datetime(2027, 4, 1, 0, 10, tzinfo=WARSAW).astimezone(UTC)
    assert draw_windows(longest, now, WARSAW)[0].opens_at == opens


def test_the_next_window_is_the_one_that_is_not_open_yet() -> None:
    assert next_draw_window(POLICY, FIRST.opens_at - SECOND, WARSAW) == FIRST
    after = next_draw_window(POLICY, FIRST.opens_at, WARSAW)
    assert after.opens_at == FIRST.opens_at + timedelta(days=7)
    monday = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert next_draw_window(POLICY, monday, WARSAW) == FIRST
