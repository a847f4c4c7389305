"""A day on which the branch is closed after all: its visits are cancelled, and everybody concerned is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.office.differences import digest, part
from server.domain.office.hours import start_of_day
from server.services.booking import ending
from server.services.booking.letters import ways_to
from server.services.booking.slots import availability
from server.services.booking.unsealed import person_of
from server.services.context import Context
from server.services.office import editing, things
from server.services.office.editing import Author
from server.services.office.settings import BranchView, ServiceView
from server.store.queries.booking import desk as rows
from server.store.queries.booking.reservations import stands

REASON = "office_closed"
STOPPED = "service_stopped"
_MOST = 10_000
_OFFERED = 3
_LOOKED_AT = 30
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who is concerned: how many visits stand by service, how many cannot be told of it, and if it is closed."""

    by_service: Mapping[str, int]
    unreached: int
    is_closed: bool

    @property
    def all(self) -> int:
        """Return how many visits stand."""
        return sum(self.by_service.values())


def concerned(
    session: Session, context: Context, branch: BranchView, day: date, service: ServiceView | None = None
) -> Concerned:
    """Count the visits of a day (and a service) that stand, and those whose owners cannot be told from here."""
    by_service, unreached = Counter[str](), 0
    for row, _, _ in _standing(session, context, branch, day, service):
        by_service[context.office.services[row.service_id].letter] += 1
        unreached += row.integrator_id is not None or not ways_to(person_of(session, context, row))
    is_closed = any(each.first <= day <= each.last for each in branch.policy.closures)
    return Concerned(dict(sorted(by_service.items())), unreached, is_closed)


def close(session: Session, context: Context, branch: BranchView, day: date, by: int) -> None:
    """Have nothing booked on a day any more: one of the branch's closed days, on record like any setting."""
    if any(each.first <= day <= each.last for each in branch.policy.closures):
        return
    thing = things.branch(branch.code)
    old = part(things.stated(session, thing), ["closures"])
    said = {"closures": [*old.get("closures", ()), {"first": day.isoformat(), "last": day.isoformat()}]}
    editing.edit(session, Author(context.now, by), thing, said, names=["closures"], seen=digest(old))


def cancel_some(
    session: Session,
    context: Context,
    branch: BranchView,
    day: date,
    by: int,
    service: ServiceView | None = None,
    most: int = 50,
) -> int:
    """Cancel visits of a closed day, or of a service stopped for it, and tell their owners; return how many.

    Some at once, so that the desks and kiosks are not kept waiting; asked again it goes on, and 0 ends it.
    """
    offered: dict[int, str] = {}
    some = _standing(session, context, branch, day, service)[:most]
    reason = REASON if service is None else STOPPED
    for row, _, _ in some:
        of = context.office.services[row.service_id]
        if row.service_id not in offered:
            hours = _next_hours(session, context, of, day)
            offered[row.service_id] = " ".join(at.isoformat() for at in hours)
        told = {
            "reason": reason,
            "places": offered[row.service_id],
            "service": f"{branch.code}/{of.letter}",
        }
        ending.cancel(session, context, row, reason, by, told)
    return len(some)


def _standing(
    session: Session, context: Context, branch: BranchView, day: date, service: ServiceView | None
) -> list[rows.Found]:
    zone = branch.policy.zone
    span = (start_of_day(day, zone), start_of_day(day + _DAY, zone))
    found = rows.between(session, branch.id, span, _MOST, service.id if service is not None else None)
    return [each for each in found if stands(each[0], context.now)]


def _next_hours(session: Session, context: Context, service: ServiceView, day: date) -> list[datetime]:
    """List the first free hours on the days after."""
    free = [each.day for each in availability.days(session, context, service) if each.free and each.day > day]
    found: list[datetime] = []
    for other in free[:_LOOKED_AT]:
        found += [hour.starts_at for hour in availability.hours(session, context, service, other)]
        if len(found) >= _OFFERED:
            break
    return found[:_OFFERED]
