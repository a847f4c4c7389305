"""The office behind the desks, with a service that is booked on the web."""

from __future__ import annotations

import pytest
from flask import Flask

from server.store.tables import User
from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import Scene
from tests.server.staff.people import People
from wire.vocabulary import Role


@pytest.fixture
def scene(office: SampleOffice) -> Scene:
    """Give the scene of the desks."""
    made = Scene(office)
    made.rule()
    return made


class EnglishPeople(People):
    """People of the staff who read English."""

    def add(self, *roles: Role, branch: str | None = "wroclaw", login: str | None = None) -> int:
        """Add a person with these roles at a branch."""
        user_id = super().add(*roles, branch=branch, login=login)
        self.office.store.write(lambda session: setattr(session.get(User, user_id), "language", "en"))
        return user_id


@pytest.fixture
def people(office: SampleOffice, staff: Flask) -> People:
    """Give people of the staff who read English."""
    return EnglishPeople(office)
