"""Every test of accounts gets the people of a sample office."""

from __future__ import annotations

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.services.accounts.people import People


@pytest.fixture
def people(office: SampleOffice) -> People:
    """Give the people of the office."""
    return People(office)
