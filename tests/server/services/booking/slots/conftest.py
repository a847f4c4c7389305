"""Gives the tests of slots the sample office as its booking sees it."""

from __future__ import annotations

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.services.booking.slots.bookable import Booking


@pytest.fixture
def booking(office: SampleOffice) -> Booking:
    """Give the booking of the sample office, at ten on Monday the 23rd of November 2026."""
    return Booking(office)
