"""The business day: when numbers begin anew, also over midnight and both changes of the clock (rule 17a)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from server.domain.office.hours import business_day

WARSAW = ZoneInfo("Europe/Warsaw")


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "starts", "day"),
    [
        ("2026-11-23T23:59:59", "00:00", "2026-11-23"),
        ("2026-11-24T00:00:00", "00:00", "2026-11-24"),
        ("2026-11-24T03:59:59", "04:00", "2026-11-23"),
        ("2026-11-24T04:00:00", "04:00", "2026-11-24"),
        # The clock skips 02:30 in spring: the day begins as long after the jump.
        ("2026-03-29T01:59:59", "02:30", "2026-03-28"),
        ("2026-03-29T03:29:59", "02:30", "2026-03-28"),
        ("2026-03-29T03:30:00", "02:30", "2026-03-29"),
        # It shows 02:30 twice in autumn: the first one counts.
        ("2026-10-25T02:29:59", "02:30", "2026-10-24"),
        ("2026-10-25T02:30:00", "02:30", "2026-10-25"),
    ],
)
def test_the_day_begins_at_its_hour(at: str, starts: str, day: str) -> None:
    assert business_day(warsaw(at), WARSAW, time.fromisoformat(starts)) == date.fromisoformat(day)


def test_the_hour_that_comes_twice_belongs_to_one_day() -> None:
    second = datetime(2026, 10, 25, 2, 10, tzinfo=WARSAW, fold=1).astimezone(UTC)
    assert business_day(second, WARSAW, time(2, 30)) == date(2026, 10, 25)
