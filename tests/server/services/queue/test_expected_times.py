"""No expected time lies after closing: over a night, a weekend, the changes of the clock, and past midnight."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.server.movable_clock import WARSAW
from tests.server.sample_office import SampleOffice

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = {"mon": ["08:00-16:00"], "tue": ["08:00-16:00"], "fri": ["08:00-16:00"]}
NIGHTS = {day: ["00:00-03:00", "20:00-00:00"] for day in WEEKDAYS}


def tell(office: SampleOffice, ticket: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Ask as the visitor's phone does: for the facts, and for the page."""
    token = ticket["track_url"].rsplit("/", 1)[1]
    return office.door().get(f"/track/{token}").get_json(), office.door().get(f"//t/{token}").text


@pytest.mark.parametrize(
    ("hours", "now", "ahead", "not_today"),
    [
        (DAYS, "2026-11-23T10:00", 2, False),
        (DAYS, "2026-11-23T15:50", 6, True),  # a night follows
        (DAYS, "2026-11-27T15:50", 6, True),  # a weekend
        (NIGHTS, "2026-11-23T23:50", 2, False),
        (NIGHTS, "2026-11-24T02:50", 6, True),
        (NIGHTS, "2026-11-23T23:50", 23, False),
        (NIGHTS, "2026-03-28T23:50", 23, True),  # this night is an hour shorter
        (NIGHTS, "2026-11-23T23:50", 32, True),
        (NIGHTS, "2026-10-24T23:50", 32, False),  # and this one an hour longer
        (None, "2026-11-23T15:50", 2, False),
    ],
)
def test_no_time_after_closing_is_told(
    office: SampleOffice, hours: dict[str, Any] | None, now: str, ahead: int, not_today: bool
) -> None:
    office.set_policy(opening_hours=None, day_starts_at="06:00")
    office.set_policy("N", expected_service_minutes=20)
    office.clock.set(datetime.fromisoformat(now).replace(tzinfo=WARSAW))
    tickets = [office.walk_in("N") for _ in range(ahead + 1)]
    office.set_policy(opening_hours=hours)
    facts, page = tell(office, tickets[-1])
    assert facts["people_ahead"] == ahead
    assert facts["not_today"] is not_today
    assert (facts.get("expected_from") is None) is not_today
    assert ("już nie dziś" in page) is not_today
    assert office.kiosk.get("/services").status_code == 200


def test_after_closing_no_time_is_told_and_open_counters_may_go_on(office: SampleOffice) -> None:
    ticket = office.walk_in("N")
    office.set_policy(opening_hours={"mon": ["08:00-10:00"]})
    facts, _ = tell(office, ticket)
    assert (facts.get("expected_from"), facts["not_today"]) == (None, False)
    for number in (1, 2, 7):
        office.clerk(number).post(f"/counters/{number}/state", {"state": "closed"})
    facts, _ = tell(office, ticket)
    assert facts["not_today"] is True
