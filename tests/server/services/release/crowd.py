"""People with accounts who want more than there is: they apply to draws and wait for daily releases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from server.domain.booking.details import Details
from server.domain.release.modes import Gate
from server.services.release import allocation, applications, draws, gate, publication, waiting_room
from server.services.release.applications import Applied, Wish
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, Application, Draw, Reservation
from tests.server.sample_office import SampleOffice
from tests.server.services.booking.slots.bookable import Booking, template

DRAW = {"weekday": "mon", "opens": "08:00", "window_hours": 72, "ahead_days": 7, "covers_days": 7}
PLACES = 35  # five days of seven hours


class Crowd(Booking):
    """The sample office with many accounts before it."""

    def __init__(self, office: SampleOffice) -> None:
        super().__init__(office)
        self.accounts: list[int] = []

    def open_draw(self, capacity: int = 1, number: dict[str, str] | None = None, **booking: Any) -> Any:
        """Let the service P draw its places, one an hour from 8 to 15; return the open draw."""
        slots = [template(capacity=capacity)]
        self.open(slots=slots, release="draw", draw=DRAW | {"public_number": number or {}}, **booking)
        self.plan()
        draws.open_draws(self.office.store, self.context)
        return self.draw_row

    def open_daily(self, per_minute: int = 60) -> None:
        """Let the service P open a day at noon each day, with one place an hour."""
        slots = [template(capacity=1, days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"])]
        self.open(
            slots=slots,
            release="daily",
            release_at="12:00",
            release_days_ahead=3,
            admit_per_minute=per_minute,
        )
        self.plan()

    @property
    def draw_row(self) -> Any:
        """Read the draw that there is."""
        return self.office.one(Draw)

    def people(self, count: int) -> list[int]:
        """Make accounts; return their ids."""
        now = self.context.now

        def work(session: Any) -> None:
            key_id, box = personal_keys.new_key(session, self.context.keys, now)
            rows = [
                {
                    "personal_key_id": key_id,
                    "email_hash": f"account {len(self.accounts) + number}".encode(),
                    "sealed_email": box.seal(b"anna@example.org", b"email"),
                    "language": "en",
                    "terms_version": "1",
                    "terms_accepted_at": now,
                    "version": 1,
                    "made_at": now,
                    "confirmed_at": now,
                }
                for number in range(count)
            ]
            session.execute(insert(Account), rows)

        self.office.store.write(work)
        ids = self.office.store.read(
            lambda session: list(session.scalars(select(Account.id).order_by(Account.id)))
        )
        new = sorted(set(ids) - set(self.accounts))
        self.accounts += new
        return new

    def details(self, number: int, **other: Any) -> Details:
        """Write what one of many types in the form."""
        told: dict[str, Any] = {
            "name": f"Ivan Number{number}",
            "birth_date": date(1990, 5, 1),
            "document": f"FE{number:07}",
            "email": f"ivan{number}@example.org",
            "phone": None,
            "language": "en",
            "activation": "email",
        }
        return Details(**(told | other))

    def apply(self, account_id: int, *wishes: str, **other: Any) -> str:
        """Apply to the draw, for any hour without wishes; return the line, or why not."""
        wish = Wish(account_id, wishes or ("any",), self.details(account_id, **other))
        context, row = self.context, self.draw_row
        found = self.office.store.write(
            lambda session: applications.apply(session, context, row.public_id, wish)
        )
        return found.line if isinstance(found, Applied) else found.reason

    def change(self, account_id: int, *wishes: str, **other: Any) -> str:
        """Change an application; return the entry number, or why not."""
        wish = Wish(account_id, wishes or ("any",), self.details(account_id, **other))
        context, row = self.context, self.draw_row
        found = self.office.store.write(
            lambda session: applications.change(session, context, row.public_id, wish)
        )
        return found.line if isinstance(found, Applied) else found.reason

    def withdraw(self, account_id: int) -> bool:
        """Take an application back."""
        context, row = self.context, self.draw_row
        return self.office.store.write(
            lambda session: applications.withdraw(session, context, row.public_id, account_id)
        )

    def close(self) -> int:
        """Move to the end of the window and close the list."""
        self.office.clock.set(self.draw_row.closes_at)
        return draws.close_draws(self.office.store, self.context)

    def give(self) -> int:
        """Give the places of what is decided."""
        return allocation.give_all(self.office.store, self.context)

    def number(self, text: str) -> None:
        """Enter the public number."""
        context, row = self.context, self.draw_row
        self.office.store.write(lambda session: draws.set_number(session, context, row.public_id, text))

    def document(self) -> dict[str, Any]:
        """Return what is published of the draw."""
        context, row = self.context, self.draw_row
        return self.office.store.read(lambda session: publication.document(session, context, row.public_id))

    def application(self, line: str) -> Any:
        """Read an application's row."""
        return self.office.one(Application, Application.public_id == line)

    def visit_of(self, line: str) -> Any | None:
        """Read the visit that a line was given."""
        row = self.application(line)
        if row.reservation_id is None:
            return None
        return self.office.one(Reservation, Reservation.id == row.reservation_id)

    def enter(self, account_id: int) -> Gate:
        """Enter the waiting room."""
        context, service = self.context, self.service()
        return self.office.store.write(
            lambda session: waiting_room.enter(session, context, service, account_id)
        )

    def gate(self, account_id: int | None) -> Gate:
        """Ask whether somebody may book now."""
        context, service = self.context, self.service()
        return self.office.store.read(lambda session: gate.gate(session, context, service, account_id))

    def look(self, account_id: int | None) -> Gate:
        """Look at the waiting room."""
        context, service = self.context, self.service()
        return self.office.store.read(
            lambda session: waiting_room.look(session, context, service, account_id)
        )

    def commit(self) -> int:
        """Draw the secrets of the coming releases."""
        return waiting_room.commit_rooms(self.office.store, self.context)

    def shuffle(self) -> int:
        """Do the job of the waiting rooms."""
        return waiting_room.shuffle_rooms(self.office.store, self.context)

    def hour(self, text: str) -> datetime:
        """Return an hour of today at the branch."""
        self.office.clock.set(text)
        return self.context.now
