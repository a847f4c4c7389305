"""A fresh server: a migrated database without a row, and its first administrator's way in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from server.app import build_runtime
from server.domain.access.links import StaffLinkKind
from server.services.access import users
from server.store.store import Store
from tests.server import sample_office
from tests.server.kept_statements import keep_statements
from tests.server.movable_clock import MovableClock
from tests.server.sample_office import KEYS, Door, application_for


class EmptyOffice:
    """A server that nobody has set up, with what `People` wants of an office."""

    def __init__(self, url: str, clock: MovableClock, public_url: str = "https://numerek.test") -> None:
        self.clock = clock
        self.store = Store(url, answer_seconds=sample_office.ANSWER_SECONDS)
        keep_statements(self.store)
        self.runtime = build_runtime(self.store, clock, KEYS, public_url)
        self.app = application_for(self.runtime)

    def first_address(self) -> str:
        """Make the one-time address of the first administrator."""
        context = self.runtime.context()
        token = self.store.write(lambda session: users.make_link(session, context, StaffLinkKind.FIRST))
        return f"/staff/first/{token}"

    def enrol(self, code: str) -> Door:
        """Let a device in by its code, as its program does."""
        response = Door(self.app).post("/devices/enrol", {"enrolment_code": code})
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.get_json()
        return Door(self.app, answer["token"])


@contextmanager
def empty_office(
    url: str, clock: MovableClock, public_url: str = "https://numerek.test"
) -> Iterator[EmptyOffice]:
    """Open a fresh server, and close it afterwards."""
    made = EmptyOffice(url, clock, public_url)
    try:
        yield made
    finally:
        made.store.close()
