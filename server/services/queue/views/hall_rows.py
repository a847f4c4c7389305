"""What the tables say of some halls: each table is looked at once, however many halls there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.office.settings import BranchView, CounterView, HallView, ServiceView
from server.store.queries import hall as rows
from server.store.queries import offline, steering
from server.store.queries.access import principals
from server.store.queries.access.principals import DeviceRow
from server.store.tables import Steering, Ticket
from wire.vocabulary import CounterState


@dataclass(frozen=True, slots=True)
class HallRows:
    """Who waits, who is to come, what counters do, what supervisors ruled, and the devices."""

    waiting: Sequence[rows.Waiting]
    to_come: Mapping[int, rows.ToCome]
    places: Mapping[int, rows.Place]
    in_hand: Mapping[int, Ticket]
    ended: Mapping[int, datetime]
    steered: Sequence[Steering]
    devices: Sequence[DeviceRow]
    conflicts: Sequence[tuple[int, str, int, datetime]]


def look(session: Session, context: Context, halls: Sequence[HallView]) -> HallRows:
    """Read what the overviews of these halls are made of."""
    branches = list({hall.branch_id: context.branch(hall.branch_id) for hall in halls}.values())
    services = [each for hall in halls for each in services_of(context.branch(hall.branch_id), hall)]
    counters = [each for hall in halls for each in counters_of(context.branch(hall.branch_id), hall)]
    places = rows.places(session, [each.id for each in counters])
    in_hand = rows.in_hand(session, [each.id for each in counters])
    free = {each.id for each in places.values() if each.state == CounterState.OPEN} - set(in_hand)
    to_come: dict[int, rows.ToCome] = {}
    ended: dict[int, datetime] = {}
    for (day, day_ends), ids in _days(branches, context.now).items():
        own = [each.id for each in services if each.branch_id in ids]
        to_come |= rows.to_come(session, own, context.now, day_ends)
        if at := [each.id for each in counters if each.id in free and each.branch_id in ids]:
            ended |= rows.last_ended(session, at, day)
    # Who was sent to a counter of another hall waits in the line of the service all the same.
    sent_to = [each for branch in branches for each in branch.counters.values()]
    return HallRows(
        waiting=rows.waiting(session, [each.id for each in services], [each.id for each in sent_to]),
        to_come=to_come,
        places=places,
        in_hand=in_hand,
        ended=ended,
        steered=steering.of_branches(session, [branch.id for branch in branches]),
        devices=principals.devices_of(session, *(branch.id for branch in branches)),
        conflicts=offline.open_conflicts(session, [branch.id for branch in branches]),
    )


def counters_of(branch: BranchView, hall: HallView) -> list[CounterView]:
    """List the counters that stand in a hall."""
    return [counter for counter in branch.counters.values() if counter.hall_id == hall.id]


def services_of(branch: BranchView, hall: HallView) -> list[ServiceView]:
    """List the services that a hall's counters serve, in the branch's order."""
    ids = {each for counter in counters_of(branch, hall) for each in counter.service_ids}
    return [service for service in branch.services.values() if service.id in ids]


def _days(branches: Sequence[BranchView], now: datetime) -> dict[tuple[date, datetime], set[int]]:
    """Put branches together whose business day is the same, with the instant at which it ends."""
    found: dict[tuple[date, datetime], set[int]] = {}
    for branch in branches:
        policy = branch.policy
        ends = policy.business_day_ends_at(now)
        found.setdefault((policy.business_day(now), ends), set()).add(branch.id)
    return found
