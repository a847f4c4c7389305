"""The booked office for the tests of this folder, on each database."""

from __future__ import annotations

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.services.booking.booked_office import NOON, BookedOffice


@pytest.fixture
def booked(office: SampleOffice) -> BookedOffice:
    """Give an office whose service L can be booked tomorrow at noon, ten people at once."""
    made = BookedOffice(office)
    made.rule()
    office.open_slot("L", NOON)
    return made
