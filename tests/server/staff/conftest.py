"""The staff's pages of the sample office, and people of the staff in front of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People


@pytest.fixture
def staff(office: SampleOffice) -> Flask:
    """Give the application of the staff's pages, with the sample office behind it."""
    made: Flask = office.app.extensions["staff"]()
    return made


@pytest.fixture
def people(office: SampleOffice, staff: Flask) -> People:
    """Give the people of the staff, to be added as a test needs them."""
    return People(office)


@pytest.fixture
def signed_in(people: People) -> Callable[..., Colleague]:
    """Sign somebody in with a role: `signed_in(Role.MANAGER)`, at Wrocław unless another branch is named."""
    return people.signed_in
