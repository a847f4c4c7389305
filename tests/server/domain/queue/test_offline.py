"""What a kiosk alone may use: how long its list is good, which hours are in it, whose letter, whose time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.domain.queue.check_in import CheckInPolicy, check_in_from
from server.domain.queue.offline import (
    LETTERS,
    OLDEST,
    conflict_of,
    counted_at,
    last_hour,
    next_letter,
    valid_until,
)
from wire.vocabulary import Conflict, Refusal

NOW = datetime(2026, 11, 23, 9, 7, 30, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")


def test_a_list_is_good_for_its_hours_up_to_the_next_quarter() -> None:
    assert valid_until(NOW, 8) == datetime(2026, 11, 23, 17, 15, tzinfo=UTC)
    full = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
    assert valid_until(full, 8) == full + timedelta(hours=8)
    assert valid_until(full + timedelta(microseconds=1), 8) == full + timedelta(hours=8, minutes=15)


@pytest.mark.parametrize("earliest", [None, timedelta(hours=2)])
def test_whoever_may_check_in_before_its_end_is_in_the_list(earliest: timedelta | None) -> None:
    """The bound is sharp: the hour behind it is admitted from its end on, not before."""
    policy = CheckInPolicy(WARSAW, earliest=earliest)
    last = last_hour(NOW, policy)
    assert check_in_from(last - timedelta(seconds=1), policy) <= NOW
    assert check_in_from(last + timedelta(seconds=1), policy) > NOW


def test_letters_are_those_that_are_not_read_as_digits() -> None:
    assert len(set(LETTERS)) == len(LETTERS) == 24
    assert not set(LETTERS) & {"I", "O"}
    assert next_letter(set()) == "X"
    assert next_letter({"X", "Y"}) == "Z"
    assert next_letter(set(LETTERS), ["R"]) == "R"
    assert next_letter(set(LETTERS)) is None


def test_the_time_that_counts_is_never_ahead_and_never_absurd() -> None:
    before = NOW - timedelta(hours=3)
    assert counted_at(before.astimezone(WARSAW), NOW) == before
    assert counted_at(NOW - OLDEST, NOW) == NOW - OLDEST
    for wrong in (NOW + timedelta(seconds=1), NOW - OLDEST - timedelta(seconds=1)):
        assert counted_at(wrong, NOW) == NOW


def test_every_refusal_is_a_conflict_of_some_kind() -> None:
    assert conflict_of(Refusal.CANCELLED) is conflict_of(Refusal.REJECTED) is Conflict.CANCELLED
    assert conflict_of(Refusal.TOO_LATE) is Conflict.NOT_ADMITTED
