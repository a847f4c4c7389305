"""People who read the statistics in English."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.services.access import users
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role


@pytest.fixture
def signed_in(office: SampleOffice, people: People) -> Callable[..., Colleague]:
    """Sign somebody in who reads English."""

    def sign_in(role: Role) -> Colleague:
        found = people.signed_in(role)
        office.store.write(lambda session: users.speak(session, found.user_id, "en"))
        return found

    return sign_in
