"""Keeps the slots as the templates want them: ahead of time, and again whenever the office changed (rule 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import TypeVar

from sqlalchemy.orm import Session

from server.domain.booking.slots import (
    KnownSlot,
    OfficeDays,
    Repair,
    WantedSlot,
    days_ahead,
    released_at,
    repair,
    wanted_slots,
)
from server.domain.office.hours import day_of, start_of_day
from server.domain.office.policies import BranchPolicy
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.queries.booking import slot_plans as rows
from server.store.store import Store
from wire.vocabulary import FactType

T = TypeVar("T")
_AT_ONCE = 500
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """How many slots were added, changed, and removed or closed."""

    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """An hour for which more visits stand than the templates have room for now: a matter for staff.

    A place that was cancelled counts until it is back.
    """

    service: str
    starts_at: datetime
    taken: int
    planned: int


def plan_slots(store: Store, context: Context, _outside: Outside | None = None) -> None:
    """Plan the slots of all services when the office changed since the last time, and once an hour.

    What is noted for that stands in the database, so that of several servers one does the work.
    """
    mark = f"{context.office.version} {context.now:%Y-%m-%dT%H}"
    if store.read(rows.mark) == mark:
        return
    for service in context.office.services.values():
        # What cannot be read says nothing about slots: those that are there stay until it is mended.
        if service.problem is None:
            plan_service(store, context, service)
    store.write(lambda session: rows.keep_mark(session, mark))


def plan_service(store: Store, context: Context, service: ServiceView) -> Planned:
    """Bring the slots and the limits of days of one service to what its settings want; again it changes nothing.

    Limits come before slots, so that no place is sold outside a limit. A bounded number of rows a transaction;
    each stands alone, so that a planner that died is taken up by the next.
    """
    policy = context.branch(service.branch_id).policy
    # One day more than can be booked, so that it is there when midnight opens it.
    last = day_of(context.now, policy.zone) + timedelta(days=days_ahead(service.policy.booking) + 1)
    _plan_limits(store, context, service, last)
    there = store.read(lambda session: rows.slots_after(session, service.id, context.now))
    todo = _todo(context, service, there, last)
    added = changed = removed = 0
    for new in _some(todo.added):
        added += store.write(partial(_add, context=context, service=service, slots=new))
    for known in _some(todo.changed):
        changed += store.write(partial(_change, context=context, service=service, slots=known))
    for ids in _some(todo.unwanted):
        removed += store.write(partial(_drop, context=context, service=service, slot_ids=ids))
    return Planned(added, changed, removed)


def conflicts(session: Session, context: Context, branch: BranchView) -> tuple[Conflict, ...]:
    """List the hours to come of a branch for which more visits stand than are planned, in order."""
    letters = {service.id: service.letter for service in branch.services.values()}
    found = rows.over_planned(session, list(letters), context.now)
    return tuple(Conflict(letters[each[0]], *each[1:]) for each in found)


def _todo(context: Context, service: ServiceView, there: list[KnownSlot], last: date) -> Repair:
    zone = context.branch(service.branch_id).policy.zone
    # Beyond a horizon that became shorter there may be slots from before: they are repaired too, not added.
    known = (day_of(slot.starts_at, zone) for slot in there if slot.planned is not None)
    wanted = _wanted(context, service, max(last, max(known, default=last)))
    return repair(wanted, there, start_of_day(last + _DAY, zone))


def _wanted(context: Context, service: ServiceView, last: date) -> dict[datetime, WantedSlot]:
    policy, booking = context.branch(service.branch_id).policy, service.policy.booking
    if not booking.is_online:
        return {}
    today = day_of(context.now, policy.zone)
    found = wanted_slots(booking.slots, office_days(policy, today, last), today, last)
    return {
        at: WantedSlot(capacity, released_at(booking, day_of(at, policy.zone), policy.zone))
        for at, capacity in found.items()
        if at > context.now
    }


def _plan_limits(store: Store, context: Context, service: ServiceView, last: date) -> None:
    zone, limit = context.branch(service.branch_id).policy.zone, service.policy.booking.daily_limit
    today = day_of(context.now, zone)
    there = store.read(lambda session: rows.limited_days(session, service.id, today))
    if limit is None:
        if there:
            store.write(lambda session: rows.drop_limits(session, service.id, today))
        return
    if there:
        store.write(lambda session: rows.change_limits(session, service.id, today, limit))
    for ahead in range((last - today).days + 1):
        day = today + timedelta(days=ahead)
        if day not in there:
            span = (start_of_day(day, zone), start_of_day(day + _DAY, zone))
            add = partial(rows.add_limit, service_id=service.id, day=day, span=span, limit=limit)
            store.write(add)


def office_days(policy: BranchPolicy, first: date, last: date) -> OfficeDays:
    """Give the days and hours at which a branch can be visited, from the first to the last of these years."""
    years = range(first.year, last.year + 1)
    free = {day for year in years for day in public_holidays_of(policy.public_holidays, year)}
    return OfficeDays(policy.zone, policy.hours, policy.closures, free)


@lru_cache(maxsize=32)
def public_holidays_of(country: str, year: int) -> frozenset[date]:
    """Give the public holidays of a country in a year; `none` has none."""
    if country == "none":
        return frozenset()
    # It takes a tenth of a second to load, and many a server plans nothing.
    import holidays

    return frozenset(holidays.country_holidays(country, years=year))


def _add(
    session: Session, context: Context, service: ServiceView, slots: Sequence[tuple[datetime, WantedSlot]]
) -> int:
    return _noted(session, context, service, "added", rows.add(session, service.id, slots))


def _change(
    session: Session, context: Context, service: ServiceView, slots: Sequence[tuple[int, WantedSlot]]
) -> int:
    return _noted(session, context, service, "changed", rows.change(session, slots))


def _drop(session: Session, context: Context, service: ServiceView, slot_ids: Sequence[int]) -> int:
    return _noted(session, context, service, "removed", rows.drop(session, slot_ids))


def _noted(session: Session, context: Context, service: ServiceView, what: str, count: int) -> int:
    if count:
        data = {"service": service.letter, what: count}
        note(session, NewFact(FactType.SLOTS_PLANNED, context.now, service.branch_id, data))
    return count


def _some(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(things), _AT_ONCE):
        yield things[first : first + _AT_ONCE]
