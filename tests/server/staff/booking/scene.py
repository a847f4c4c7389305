"""Reservations for the tests of the desks: open hours, people who booked, and what the log says of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from server.services.booking.desk import booking
from server.store.queries.privacy import personal_keys
from server.store.tables import Message, Reservation, Slot, User
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People

TOMORROW_TEN = at("10:00") + timedelta(days=1)
DAY = "2026-11-24"
DESK = "/staff/at/wroclaw/reservations"
VERIFICATION = "/staff/at/wroclaw/verification"
PERSON = {
    "name": "Оксана Шевченко-Kowalska",
    "birth_date": "1990-05-01",
    "document": "FA 123456",
    "email": "oksana@example.org",
    "phone": "+48601234567",
    "language": "pl",
    "children": [],
}
TEMPLATE = {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": "08:00-16:00", "every_minutes": 30}
HOSTILE = "<script>alert(1)</script> {{7*7}} ‮'\"; DROP TABLE"

__all__ = ["DAY", "DESK", "HOSTILE", "PERSON", "TOMORROW_TEN", "VERIFICATION", "Scene"]


class Scene:
    """What stands in the office before a colleague opens the desk."""

    def __init__(self, office: SampleOffice) -> None:
        self.office = office

    def rule(self, letter: str = "L", branch: str = "wroclaw", **booking_rules: Any) -> None:
        """Have a service booked on the web."""
        more = {name: booking_rules.pop(name) for name in ("verification_required",) if name in booking_rules}
        self.office.set_policy(letter, branch, booking={"slots": [TEMPLATE]} | booking_rules, **more)

    def book(
        self, letter: str = "L", hour: datetime = TOMORROW_TEN, branch: str = "wroclaw", **person: Any
    ) -> int:
        """Book a visit as a colleague does, opening the hour where there is none."""
        context = self.office.runtime.context()
        found = context.office.branch_named(branch)
        assert found is not None
        service = found.services[letter]
        if not self.slots(letter, hour, branch):
            self.office.open_slot(letter, hour, 5, branch)
        said = [PERSON | person]
        numbers = self.office.store.write(
            lambda session: booking.book(session, context, service, hour, said, by=self.user_id)
        )
        return numbers[0]

    @property
    def user_id(self) -> int:
        """Return somebody of the staff."""
        found: int = self.office.rows(User)[0].id
        return found

    def slots(self, letter: str, hour: datetime, branch: str = "wroclaw") -> list[Any]:
        """List the slots of an hour."""
        return self.office.rows(
            Slot, Slot.service_id == self.office.service_id(letter, branch), Slot.starts_at == hour
        )

    def reservations(self) -> list[Any]:
        """List all reservations."""
        return self.office.rows(Reservation)

    def again(self, colleague: Colleague) -> Colleague:
        """Sign a colleague in again, whose session ended meanwhile."""
        return People(self.office).sign_in(colleague.user_id)

    def row(self, number: int) -> Any:
        """Read a reservation."""
        return self.office.one(Reservation, Reservation.id == number)

    def letters(self, kind: str, number: int) -> list[Any]:
        """List messages of a kind about a reservation that wait to be sent."""
        return self.office.rows(
            Message, Message.kind == kind, Message.reservation_id == number, Message.status == "queued"
        )

    def address_of(self, message: Any) -> str:
        """Open to whom a message goes."""

        def look(session: Any) -> str:
            box = personal_keys.box(session, self.office.runtime.keys, message.personal_key_id)
            return str(personal_keys.open_json(box, message.sealed_to, b"to"))

        return self.office.store.read(look)

    def fact(self, kind: str) -> dict[str, Any]:
        """Return what the last fact of a type says."""
        found: dict[str, Any] = self.office.facts(kind)[-1].data
        return found
