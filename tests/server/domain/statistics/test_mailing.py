"""When the report of a month goes by mail, by the branch's clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from server.domain.statistics.mailing import code_of, month_to_mail, read_month
from server.domain.statistics.periods import month_of


@pytest.mark.parametrize(
    ("wall", "day", "month"),
    [
        ("2026-11-01T05:59", 1, None),
        ("2026-11-01T06:00", 1, "2026-10"),
        ("2026-11-08T05:59", 1, "2026-10"),
        ("2026-11-08T06:00", 1, None),
        ("2026-11-30T23:59", 1, None),
        ("2026-11-14T12:00", 15, None),
        ("2026-11-15T12:00", 15, "2026-10"),
        ("2027-01-01T06:00", 1, "2026-12"),
        ("2026-02-28T06:00", 28, "2026-01"),
        ("2026-03-07T05:59", 28, "2026-01"),
        ("2026-03-07T06:00", 28, None),
        ("2027-01-02T00:00", 28, "2026-11"),
    ],
)
def test_it_goes_on_its_day_at_six_and_is_caught_up_for_a_week(
    wall: str, day: int, month: str | None
) -> None:
    found = month_to_mail(datetime.fromisoformat(wall), day)
    assert (code_of(found) if found else None) == month


@pytest.mark.parametrize("day", [1, 15, 28])
def test_hour_by_hour_each_month_of_a_leap_year_has_its_turn_once(day: int) -> None:
    at, turns = datetime.fromisoformat("2027-12-01"), []
    while at < datetime.fromisoformat("2029-01-01"):
        found = month_to_mail(at, day)
        if found is not None and (not turns or turns[-1] != found.first):
            turns.append(found.first)
        at += timedelta(hours=1)
    assert turns[-12:] == [date(2027, 12, 1), *(date(2028, month, 1) for month in range(1, 12))]
    assert len(set(turns)) == len(turns)


def test_a_month_is_named_and_read() -> None:
    assert code_of(month_of(date(2026, 10, 17))) == "2026-10"
    assert read_month("2026-10") == month_of(date(2026, 10, 1))
    for wrong in ("", "2026-13", "2026-1", "2026-10-01", "x", "0000-01", "２026-10", "9999-12"):
        assert read_month(wrong) is None, wrong
