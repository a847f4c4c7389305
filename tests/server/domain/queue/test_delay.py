"""How late the office is: by its last calls and by who waits; nobody's own lateness makes it so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.delay import Awaited, present_delay

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NONE = timedelta(0)


def booked(hour: int, called: int | None = None, *, queued: int = -60) -> Awaited:
    """Make a visitor booked, queued and called so many minutes after ten."""
    return Awaited(
        TEN + hour * MINUTE, TEN + queued * MINUTE, None if called is None else TEN + called * MINUTE
    )


def test_an_office_that_called_nobody_and_has_nobody_waiting_is_not_late() -> None:
    assert present_delay([], None, TEN) == NONE
    assert present_delay([], booked(5), TEN) == NONE
    assert present_delay([booked(0, -2)], None, TEN) == NONE, (
        "called before the hour is not less than on time"
    )


def test_it_is_the_middle_of_the_last_five_calls() -> None:
    calls = [booked(-40, -29), booked(-25, -20), booked(-25, -10), booked(-25, -5), booked(-20, 0)]
    assert present_delay(calls, None, TEN) == 15 * MINUTE
    odd = [booked(-200, -1), booked(0, 0), booked(0, 0)]
    assert present_delay(odd, None, TEN) == NONE, "one forgotten visitor makes no delay"
    older = [booked(-90, -28), booked(-90, -27), booked(-90, -26)]
    assert present_delay(older + [booked(n, n) for n in range(-5, 0)], None, TEN) == NONE


def test_calls_of_more_than_half_an_hour_ago_count_no_more() -> None:
    assert present_delay([booked(-60, -30)], None, TEN) == 30 * MINUTE
    assert present_delay([booked(-60, -31)], None, TEN) == NONE


def test_who_still_waits_counts_from_their_hour() -> None:
    assert present_delay([], booked(-20), TEN) == 20 * MINUTE
    assert present_delay([booked(-25, 0)], booked(-20), TEN) == 25 * MINUTE


def test_a_visitors_own_lateness_is_none_of_the_offices() -> None:
    assert present_delay([], booked(-20, queued=-5), TEN) == 5 * MINUTE
    assert present_delay([booked(-20, 0, queued=-1)], None, TEN) == MINUTE


awaited = st.builds(
    booked, st.integers(-120, 60), st.none() | st.integers(-60, 0), queued=st.integers(-180, 0)
)


@given(st.lists(awaited, max_size=8), st.none() | awaited)
def test_it_is_never_negative_and_never_more_than_the_longest_wait(
    called: list[Awaited], first: Awaited | None
) -> None:
    found = present_delay(called, first, TEN)
    each = [*called, *([first] if first else [])]
    assert NONE <= found <= max((one.kept_waiting(TEN) for one in each), default=NONE)
