"""Gives the tests of releases the sample office with accounts, a service that draws and one that opens daily."""

from __future__ import annotations

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.services.release.crowd import Crowd


@pytest.fixture
def crowd(office: SampleOffice) -> Crowd:
    """Give people with accounts before the sample office, at ten on Monday the 23rd of November 2026."""
    return Crowd(office)
