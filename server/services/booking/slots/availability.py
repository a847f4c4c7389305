"""What can be booked now: by days, by hours, and near an hour that is gone (rule 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from server.domain.booking.slots import bookable_span, clock_runs
from server.domain.office.hours import day_of, start_of_day
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.store.queries.booking import slots as rows
from wire.vocabulary import ReleaseMode

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
# A day and its neighbours may be an hour nearer to each other on the nights when clocks change.
_CLOCK_CHANGE = timedelta(hours=2)


class DayPlaces(NamedTuple):
    """A day of the calendar.

    `free` of `places` (dark when there are some); `is_open`: it has hours that can be booked, so without a free
    place its limit is used up; `opens_at`: when the next of its hours are released, None when none wait for that.
    """

    day: date
    free: int
    places: int
    is_open: bool
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour with free places, and of how many; the instant is in UTC."""

    starts_at: datetime
    free: int
    places: int


def days(session: Session, context: Context, service: ServiceView) -> tuple[DayPlaces, ...]:
    """Give each day from today to the horizon, in order."""
    offer, zone = _offer(context, service)
    first, last = day_of(context.now, zone), day_of(offer.end - _MICROSECOND, zone)
    left = rows.days_left(session, service.id, first, last)
    counted: dict[date, DayPlaces] = {}
    for run in clock_runs(first, last, zone):
        part = replace(offer, first=max(offer.first, run.begins), end=min(offer.end, run.ends))
        for count in rows.count_days(session, part, run.offset // _MICROSECOND):
            # The hour that a long day has more than others still belongs to it.
            day = min(date(1970, 1, 1) + count.number * _DAY, run.last)
            own = DayPlaces(day, count.free, count.places, count.hours > 0, count.opens_at)
            counted[day] = _together(counted[day], own) if day in counted else own
    found = (counted.get(day) or DayPlaces(day, 0, 0, False) for day in _days(first, last))
    return tuple(_limited(each, left.get(each.day)) for each in found)


def _together(one: DayPlaces, other: DayPlaces) -> DayPlaces:
    """Return two parts of a day as one."""
    opens = min(filter(None, (one.opens_at, other.opens_at)), default=None)
    free, places = one.free + other.free, one.places + other.places
    return DayPlaces(one.day, free, places, one.is_open or other.is_open, opens)


def _limited(day: DayPlaces, left: tuple[int, int] | None) -> DayPlaces:
    """Return a day as its limit (what is left of how many) leaves it."""
    if left is None:
        return day
    return day._replace(free=min(day.free, left[0]), places=min(day.places, left[1]))


def hours(session: Session, context: Context, service: ServiceView, day: date) -> tuple[Hour, ...]:
    """Give the hours of a day that have a free place, in order; none when the day's limit is used up."""
    offer, zone = _offer(context, service)
    opens, closes = start_of_day(day, zone), start_of_day(day + _DAY, zone)
    offer = replace(offer, first=max(offer.first, opens), end=min(offer.end, closes))
    if offer.first >= offer.end:
        return ()
    left = rows.days_left(session, service.id, day, day).get(day)
    found = (
        Hour(at, free if left is None else min(free, left[0]), places)
        for at, free, places in rows.free_hours(session, offer)
    )
    return tuple(hour for hour in found if hour.free > 0)


def nearest(
    session: Session, context: Context, service: ServiceView, around: datetime, most: int = 5
) -> tuple[Hour, ...]:
    """Give the free hours nearest to an instant, before or after it, in the order of the clock."""
    wished = day_of(around, _offer(context, service)[1])
    free_days = [each.day for each in days(session, context, service) if each.free > 0]
    found: list[Hour] = []
    for day in sorted(free_days, key=lambda day: abs(day - wished)):
        # No hour of a day so far away can be nearer than what was found.
        farthest = abs(found[-1].starts_at - around) if len(found) == most else None
        if farthest is not None and abs(day - wished) - _DAY - _CLOCK_CHANGE > farthest:
            break
        found += hours(session, context, service, day)
        found = sorted(found, key=lambda hour: (abs(hour.starts_at - around), hour.starts_at))[:most]
    return tuple(sorted(found, key=lambda hour: hour.starts_at))


def free_total(session: Session, context: Context, service: ServiceView) -> int:
    """Tell how many places of a service can be booked now, on all days together."""
    return sum(each.free for each in days(session, context, service))


def first_free_days(session: Session, context: Context, services: Iterable[ServiceView]) -> dict[int, date]:
    """Give the first day with a free place of each service, by its id; services without one are left out."""
    offers = {service.id: _offer(context, service) for service in services}
    if not offers:
        return {}
    first = min(day_of(offer.first, zone) for offer, zone in offers.values())
    last = max(day_of(offer.end, zone) for offer, zone in offers.values())
    full: dict[int, list[tuple[datetime, datetime]]] = {service_id: [] for service_id in offers}
    for service_id, day in rows.full_days(session, offers, first, last):
        zone = offers[service_id][1]
        full[service_id].append((start_of_day(day, zone), start_of_day(day + _DAY, zone)))
    found = rows.first_free(session, [(offer, full[service_id]) for service_id, (offer, _) in offers.items()])
    return {service_id: day_of(at, offers[service_id][1]) for service_id, at in found.items()}


def _offer(context: Context, service: ServiceView) -> tuple[rows.Offer, ZoneInfo]:
    policy = context.branch(service.branch_id).policy
    booking = service.policy.booking
    lead = context.check_in(service.id).lead
    first, end = bookable_span(booking, context.now, policy.zone, lead)
    draws = booking.release == ReleaseMode.DRAW
    return rows.Offer(service.id, draws, context.now, first, end), policy.zone


def _days(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + ahead * _DAY
