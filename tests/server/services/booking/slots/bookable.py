"""The sample office with services that can be booked: templates in words, the planner and places by letters."""

from __future__ import annotations

import itertools
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import true, update

from server.services.booking.slots import availability, places, planning
from server.services.booking.slots.places import Taken
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.store.tables import DayLimit, Draw, Reservation, Slot
from tests.server.movable_clock import WARSAW
from tests.server.sample_office import SampleOffice

WEEK = ["mon", "tue", "wed", "thu", "fri"]


def template(hours: str = "08:00-15:00", every: int = 60, capacity: int = 2, **more: Any) -> dict[str, Any]:
    """Write a table of `slots` as the office's file would."""
    return {"days": WEEK, "hours": hours, "every_minutes": every, "capacity": capacity} | more


def at(day: str, hour: str) -> datetime:
    """Return an hour of the branch's clock on a day of November or December 2026: `at("11-24", "08:00")`."""
    return datetime.fromisoformat(f"2026-{day}T{hour}").replace(tzinfo=WARSAW)


class Booking:
    """The office as its booking sees it, at the clock's present hour."""

    def __init__(self, office: SampleOffice) -> None:
        self.office = office
        self._draws = itertools.count(1)

    def open(self, letter: str = "P", branch: str = "wroclaw", **booking: Any) -> None:
        """Let a service be booked by these settings, Monday to Friday from 8 to 15 where none are given."""
        booking = {"slots": [template()], "horizon_days": 7} | booking
        self.office.set_policy(letter, branch, booking=booking)

    @property
    def context(self) -> Context:
        """Return the circumstances as they are now."""
        return self.office.runtime.context()

    def branch(self, code: str = "wroclaw") -> BranchView:
        """Return a branch as it is now."""
        found = self.context.office.branch_named(code)
        assert found is not None
        return found

    def service(self, letter: str = "P", branch: str = "wroclaw") -> ServiceView:
        """Return a service as it is now."""
        return self.branch(branch).services[letter]

    def plan(self, letter: str = "P", branch: str = "wroclaw") -> tuple[int, int, int]:
        """Plan a service; return how many slots were added, changed, removed."""
        found = planning.plan_service(self.office.store, self.context, self.service(letter, branch))
        return found.added, found.changed, found.removed

    def take(self, starts_at: datetime, letter: str = "P", *, trusted: bool = False) -> str:
        """Take a place; return `taken`, or why not."""
        context, service = self.context, self.service(letter)
        work = places.take_now if trusted else places.take
        found = self.office.store.write(lambda session: work(session, context, service, starts_at))
        return "taken" if isinstance(found, Taken) else found.reason

    def days(self, letter: str = "P") -> dict[date, availability.DayPlaces]:
        """Give the calendar by days."""
        context, service = self.context, self.service(letter)
        found = self.office.store.read(lambda session: availability.days(session, context, service))
        return {each.day: each for each in found}

    def free(self, letter: str = "P") -> dict[str, int]:
        """Give the days that are open with their free places: `{"11-24": 14}`."""
        return {f"{each.day:%m-%d}": each.free for each in self.days(letter).values() if each.is_open}

    def first_free(self, letters: str) -> dict[str, str]:
        """Give the first free days of services by their letters: `{"P": "11-24"}`."""
        context, services = self.context, {each: self.service(each) for each in letters}
        found = self.office.store.read(
            lambda session: availability.first_free_days(session, context, services.values())
        )
        letter_of = {service.id: letter for letter, service in services.items()}
        return {letter_of[service_id]: f"{day:%m-%d}" for service_id, day in found.items()}

    def hours(self, day: str, letter: str = "P") -> dict[str, int]:
        """Give the free hours of a day with their places: `{"08:00": 2}`."""
        context, service = self.context, self.service(letter)
        on = date.fromisoformat(f"2026-{day}")
        found = self.office.store.read(lambda session: availability.hours(session, context, service, on))
        return {f"{hour.starts_at.astimezone(WARSAW):%H:%M}": hour.free for hour in found}

    def nearest(self, around: datetime, most: int = 5, letter: str = "P") -> list[str]:
        """Give the hours nearest to an instant: `11-24 08:00`."""
        context, service = self.context, self.service(letter)
        found = self.office.store.read(
            lambda session: availability.nearest(session, context, service, around, most)
        )
        return [f"{hour.starts_at.astimezone(WARSAW):%m-%d %H:%M}" for hour in found]

    def slot(self, starts_at: datetime, letter: str = "P", branch: str = "wroclaw") -> Any:
        """Read a slot's row."""
        service_id = self.office.service_id(letter, branch)
        return self.office.one(Slot, Slot.service_id == service_id, Slot.starts_at == starts_at)

    def slots(self, letter: str = "P", branch: str = "wroclaw") -> list[Any]:
        """Read all slots of a service."""
        return self.office.rows(Slot, Slot.service_id == self.office.service_id(letter, branch))

    def limits(self, letter: str = "P") -> dict[str, tuple[int, int]]:
        """Give the limits of days: `{"11-24": (taken, capacity)}`."""
        rows = self.office.rows(DayLimit, DayLimit.service_id == self.office.service_id(letter))
        return {f"{row.day:%m-%d}": (row.taken, row.capacity) for row in rows}

    def reserve(self, starts_at: datetime, letter: str = "P") -> int:
        """Book a visit through the integrator's door; return the reservation's id."""
        answer = self.office.integrator.post("/reservations", self.office.wish(letter, starts_at))
        assert answer.status_code == 201, answer.text
        found: int = answer.get_json()["id"]
        return found

    def cancel(self, reservation_id: int) -> None:
        """Cancel a visit through the integrator's door."""
        assert self.office.integrator.delete(f"/reservations/{reservation_id}").status_code == 200

    def give_back(self, reservation_id: int) -> None:
        """Have the place of a reservation come back later."""
        row = self.office.one(Reservation, Reservation.id == reservation_id)
        context, service = self.context, self.context.office.services[row.service_id]
        self.office.store.write(
            lambda session: places.give_back_later(
                session, context, row.id, row.slot_id, service.policy.booking.return_minutes
            )
        )

    def return_places(self, **more: Any) -> int:
        """Give back what is due."""
        return places.return_places(self.office.store, self.context, **more)

    def draw(self, *hours: datetime, drawn_at: datetime | None) -> int:
        """Have a draw give the places of these hours (of all without any); return its id."""
        now = self.context.now
        row = Draw(
            service_id=self.office.service_id("P"),
            public_id=secrets.token_hex(8),
            opens_at=now - timedelta(days=next(self._draws)),
            closes_at=now,
            first_day=now.date(),
            last_day=now.date(),
            sealed_secret=b"sealed",
            secret_hash=b"hash",
            drawn_at=drawn_at,
        )
        self.office.store.write(lambda session: session.add(row))
        which = update(Slot).where(Slot.starts_at.in_(hours) if hours else true()).values(draw_id=row.id)
        self.office.store.write(lambda session: session.execute(which) and None)
        return int(row.id)

    def advance(self, **length: float) -> None:
        """Move the clock."""
        self.office.clock.advance(**length)
