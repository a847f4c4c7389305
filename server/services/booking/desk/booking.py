"""Booking at the desk or by phone, for one person or several: under the rules that hold on the web."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking import details as rules
from server.domain.booking.details import Days, Details, Incomplete
from server.domain.office.hours import day_of
from server.services.booking import integrators, one_per_person, verification
from server.services.booking.activation import stand
from server.services.booking.integrators import Visit
from server.services.booking.letters import ways_to
from server.services.booking.slots import places
from server.services.booking.slots.places import NoPlace
from server.services.context import Context
from server.services.office.settings import ServiceView
from wire.vocabulary import ReservationStatus

MOST = 6
"""How many people are booked at once."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody was booked.

    For the person at `place` (from 0): `incomplete` with problems by field (domain.booking.details),
    `already_booked`, `email_used`, `phone_used`; or for lack of a place what NoPlace says.
    """

    reason: str
    place: int = 0
    problems: Mapping[str, str] | None = None


def book(
    session: Session,
    context: Context,
    service: ServiceView,
    starts_at: datetime,
    people: Sequence[Mapping[str, Any]],
    by: int,
) -> tuple[int, ...]:
    """Book one hour for each of these people, all or nobody; return their reservations in the same order.

    `people` are as domain.booking.details reads them; they may have no contact. Raises NotBooked, so that the
    transaction takes back what was done for the others.
    """
    zone = context.branch(service.branch_id).policy.zone
    days = Days(day_of(context.now, zone), day_of(starts_at, zone))
    told = [rules.check(said, service.policy.booking, days, at_desk=True) for said in people]
    for place, each in enumerate(told):
        if isinstance(each, Incomplete):
            raise NotBooked(Refused("incomplete", place, each.problems))
    known = [each for each in told if isinstance(each, Details)]
    return tuple(
        _one(session, context, service, starts_at, (place, each), by) for place, each in enumerate(known)
    )


class NotBooked(Exception):
    """Nobody was booked, for what `refused` says."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refused = refused


def _one(
    session: Session,
    context: Context,
    service: ServiceView,
    starts_at: datetime,
    who: tuple[int, Details],
    by: int,
) -> int:
    place, told = who
    booking = service.policy.booking
    marks = one_per_person.marks_of(context.keys, booking, told.identity, told.email, told.phone)
    if not booking.one_per_person:
        marks = replace(marks, person=None, document=None)
    if (reason := one_per_person.clash(session, service.id, marks)) is not None:
        raise NotBooked(Refused(reason, place))
    taken = places.take(session, context, service, starts_at)
    if isinstance(taken, NoPlace):
        raise NotBooked(Refused(taken.reason, place))
    branch = context.branch(service.branch_id)
    person = told.as_json()
    visit = Visit(branch.code, service.letter, starts_at, told.language, person, told.identity)
    row = integrators.write(session, context, service, visit, taken.slot_id, marks, by)
    if row.status == ReservationStatus.BOOKED:
        stand(session, context, row)
    elif ways_to(person):
        verification.ask(session, context, row)
    return row.id
