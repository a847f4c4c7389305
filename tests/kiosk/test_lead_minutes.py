"""How long before the visit a ticket had to be taken: a refusal says what counts for that visit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.screens.outcome import lead_minutes
from kiosk.visit.screens import Facts, Refused
from kiosk.visit.surroundings import Office, Surroundings

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "minutes"),
    [
        (Facts(appointment_at=NOON, check_in_until=NOON - timedelta(minutes=30)), 30),
        (Facts(appointment_at=NOON, check_in_until=NOON - timedelta(minutes=1)), 1),
        # While the office is late itself a ticket can be had after the hour: the usual time is told.
        (Facts(appointment_at=NOON, check_in_until=NOON + timedelta(minutes=5)), 15),
        (Facts(appointment_at=NOON, check_in_until=NOON), 15),
        (Facts(appointment_at=NOON), 15),
        (Facts(), 15),
    ],
)
def test_a_refusal_tells_the_lead_of_the_visit_or_the_branchs(facts: Facts, minutes: int):
    around = Surroundings(Office(check_in_lead_minutes=15))
    assert lead_minutes(Refused(around, "too_late", facts)) == minutes
