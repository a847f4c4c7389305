"""When the legal stay ends before the visit, and when it is over already (rule 13)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from server.domain.booking.legal_stay import StayWarning, warning_of

TODAY, VISIT = date(2026, 11, 23), date(2026, 11, 30)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (None, None),
        (VISIT + DAY, None),
        (VISIT, None),
        (VISIT - DAY, StayWarning.ENDS_BEFORE_VISIT),
        (TODAY, StayWarning.ENDS_BEFORE_VISIT),
        (TODAY - DAY, StayWarning.OVER),
    ],
)
def test_the_last_day_itself_is_legal(until: date | None, told: StayWarning | None) -> None:
    assert warning_of(until, TODAY, VISIT) is told


def test_a_visit_today_is_warned_of_only_when_the_stay_is_over() -> None:
    assert warning_of(TODAY, TODAY, TODAY) is None
    assert warning_of(TODAY - DAY, TODAY, TODAY) is StayWarning.OVER
