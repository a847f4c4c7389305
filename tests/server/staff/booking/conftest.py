"""The office behind the desks, with a service that is booked on the web."""

from __future__ import annotations

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import Scene


@pytest.fixture
def scene(office: SampleOffice) -> Scene:
    """Give the scene of the desks."""
    made = Scene(office)
    made.rule()
    return made
