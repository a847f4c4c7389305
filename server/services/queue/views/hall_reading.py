"""Reads a hall at a glance, for those who steer it; one reading is shared by all who look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.office.policies import BranchPolicy
from server.domain.queue import order
from server.domain.queue.check_in import Refuse
from server.domain.queue.hall import day_curve, takes_long, whole_minutes
from server.services.context import Context
from server.services.office.settings import BranchView, CounterView, HallView, ServiceView
from server.services.queue.views import ticket as shown
from server.services.queue.views.alarms import alarms, conflict_alarms
from server.services.queue.views.attention import help_among
from server.services.queue.views.hall import (
    Ahead,
    AheadShown,
    CounterInHall,
    DayShown,
    Doing,
    HallOverview,
    InLine,
    NoticeShown,
    ServiceShown,
    TooLate,
)
from server.services.queue.views.hall_rows import HallRows, counters_of, look, services_of
from server.services.queue.walk_in import decide, newcomer
from server.store.facts import tip
from server.store.queries import hall as rows
from server.store.tables import Steering, Ticket
from wire.vocabulary import CounterState, SteeringKind, TicketStatus

_IN_WORDS_AFTER = timedelta(minutes=30)


def overview(session: Session, context: Context, hall: HallView) -> HallOverview:
    """Show a hall."""
    (found,) = overviews(session, context, [hall])
    return found


def overviews(session: Session, context: Context, halls: Sequence[HallView]) -> list[HallOverview]:
    """Show some halls (the feed is read first, so that no fact is missed)."""
    as_of, _ = tip(session.connection())
    seen = look(session, context, halls)
    return [_overview(session, context, hall, seen, as_of) for hall in halls]


def _overview(session: Session, context: Context, hall: HallView, seen: HallRows, as_of: int) -> HallOverview:
    branch = context.branch(hall.branch_id)
    services = _services(session, context, branch, services_of(branch, hall), seen)
    counters = _counters(context, counters_of(branch, hall), seen)
    steered = [row for row in seen.steered if row.branch_id == branch.id]
    calls = help_among(session, context, hall.id, steered)
    return HallOverview(
        code=hall.code,
        name=hall.name,
        services=services,
        counters=counters,
        alarms=(
            *conflict_alarms(hall, seen.conflicts),
            *alarms(hall, context.now, services, counters, calls, seen.devices),
        ),
        notices=_notices(steered, branch, context.now),
        as_of=as_of,
        now=context.now,
    )


def day(session: Session, context: Context, hall: HallView) -> DayShown:
    """Show how many waited at each step of the business day, from its opening to its closing."""
    branch = context.branch(hall.branch_id)
    policy = branch.policy
    ids = [service.id for service in services_of(branch, hall)]
    waits = rows.waits_of_day(session, branch.id, ids, policy.business_day(context.now))
    begun = policy.business_day_began_at(context.now)
    hours = policy.hours
    opens_at = hours.next_opening(begun - timedelta(seconds=1), policy.zone) if hours else None
    first = min([since for since, _ in waits], default=context.now)
    begins_at = min(first, opens_at or first, context.now).astimezone(policy.zone)
    begins_at = max(begins_at.replace(minute=0, second=0, microsecond=0), begun)
    ends_at = max(policy.closes_at(context.now) or context.now, context.now + timedelta(hours=1))
    return DayShown(day_curve(waits, begins_at, context.now), begins_at, ends_at)


def ahead(session: Session, context: Context, hall: HallView) -> AheadShown:
    """Show how many will be waiting in a hall; it is worked out beside the server."""
    forecasts, now = context.forecasts, context.now
    found = forecasts.days.look(session, context.office, hall.branch_id, now, beside=forecasts.beside)
    if found is None:
        return AheadShown(Ahead.BEING_MADE)
    points = tuple(each for each in found.halls.get(hall.id, ()) if each.at > now)
    if points:
        branch = context.branch(hall.branch_id)
        zone = branch.policy.zone
        ends = (
            TooLate(each.letter, found.too_late_from[each.id])
            for each in services_of(branch, hall)
            if each.id in found.too_late_from
        )
        too_late = tuple(sorted(ends, key=lambda each: each.at))
        later = [each for each in points if each.at - now >= _IN_WORDS_AFTER]
        full = [each for each in later if each.at.astimezone(zone).minute == 0]
        in_words = next(iter(full), points[-1])
        return AheadShown(Ahead.TOLD, found.days, found.fewest_days, points, in_words, too_late)
    state = Ahead.OVER
    if not found.is_over:
        state = Ahead.FEW_DAYS if found.days < found.fewest_days else Ahead.NOBODY_WORKS
    return AheadShown(state, found.days, found.fewest_days)


def line(session: Session, service: ServiceView, context: Context) -> tuple[InLine, ...]:
    """List who waits for a service, as they would be called now; those sent to one counter too."""
    calling = context.office.calling(service.id)
    found = sorted(
        rows.in_line(session, service.id),
        key=lambda row: order.rank(shown.line_ticket(row), context.now, calling, priority_allowed=True),
    )
    counters = context.office.counters
    return tuple(
        InLine(
            row.id,
            row.number,
            row.queued_at,
            row.appointment_at,
            row.lane,
            counters[row.for_counter_id].number if row.for_counter_id else None,
        )
        for row in found
    )


def _notices(steered: Sequence[Steering], branch: BranchView, now: datetime) -> tuple[NoticeShown, ...]:
    policy, wall = branch.policy, branch.policy.wall(now)
    of_the_settings = tuple(
        NoticeShown(None, each.text, _at(policy, each.begins), _at(policy, each.ends), each.is_on(wall))
        for each in policy.timed_notices
        if each.board and not each.is_over(wall)
    )
    return of_the_settings + tuple(
        NoticeShown(row.id, row.value or {}, row.begins_at, row.ends_at, row.answered_at is not None)
        for row in steered
        if row.kind == SteeringKind.NOTICE and row.ends_at is not None
    )


def _at(policy: BranchPolicy, wall: datetime | None) -> datetime | None:
    return None if wall is None else wall.replace(tzinfo=policy.zone)


def _services(
    session: Session, context: Context, branch: BranchView, served: list[ServiceView], seen: HallRows
) -> tuple[ServiceShown, ...]:
    is_open = served_at(context, seen.places.values())
    found = []
    for service in served:
        own = [each for each in seen.waiting if each.service_id == service.id]
        since = min((each.since for each in own), default=None)
        counts = {lane: sum(each.tickets for each in own if each.lane == lane) for lane in order.Lane}
        decision = decide(session, context, service)
        counters = context.office.counters_serving(service.id)
        coming = seen.to_come.get(service.id)
        found.append(
            ServiceShown(
                letter=service.letter,
                names=service.names,
                booked=counts[order.Lane.BOOKED],
                walk_in=counts[order.Lane.WALK_IN],
                # Who is urgent was made so by a supervisor: both come before the order.
                priority=counts[order.Lane.PRIORITY] + counts[order.Lane.URGENT],
                longest_minutes=None if since is None else whole_minutes(context.now - since),
                target_minutes=branch.policy.target_wait_minutes,
                alarm_minutes=service.policy.long_wait_alarm(branch.policy),
                newcomer_minutes=newcomer_minutes(session, context, service),
                refusal=decision.reason if isinstance(decision, Refuse) else None,
                open_counters=tuple(
                    each.number for each in counters if service.id in is_open.get(each.id, ())
                ),
                counters=tuple(each.number for each in counters),
                to_come=coming.visitors if coming else 0,
                first_to_come_at=coming.first_at if coming else None,
                is_closed=service.is_closed,
                walk_ins_stopped=service.walk_ins_stopped,
                gives_walk_ins=service.policy.walk_in,
            )
        )
    return tuple(found)


def served_at(context: Context, places: Iterable[rows.Place]) -> dict[int, tuple[int, ...]]:
    """List the ids of the services that each open counter serves with who sits there now."""
    return {
        each.id: context.office.staffed(each.id, each.clerk_id).service_ids
        for each in places
        if each.state == CounterState.OPEN
    }


def newcomer_minutes(session: Session, context: Context, service: ServiceView) -> tuple[int, int] | None:
    """Say in how many minutes a walk-in of now would be called; None while no counter is open for the service."""
    expected = newcomer(session, context, service)
    if expected is None:
        return None
    earliest, latest = (whole_minutes(at - context.now) for at in expected)
    return earliest, max(latest, earliest)


def _counters(context: Context, counters: list[CounterView], seen: HallRows) -> tuple[CounterInHall, ...]:
    told = [row.counter_id for row in seen.steered if row.kind == SteeringKind.MESSAGE]
    return tuple(
        _counter(
            context,
            counter,
            seen.places[counter.id],
            seen.in_hand.get(counter.id),
            seen.ended.get(counter.id),
            told.count(counter.id),
        )
        for counter in counters
        if counter.id in seen.places
    )


def _counter(
    context: Context,
    counter: CounterView,
    place: rows.Place,
    row: Ticket | None,
    ended_at: datetime | None,
    unread: int,
) -> CounterInHall:
    if row is None:
        doing = Doing.FREE if place.state == CounterState.OPEN else Doing(place.state)
        since = max((at for at in (place.state_since, ended_at) if at is not None), default=None)
    else:
        serves = row.status == TicketStatus.SERVING
        doing = Doing.SERVING if serves else Doing.CALLED
        since = row.started_at if serves else row.called_at
    return CounterInHall(
        number=counter.number,
        doing=doing,
        since=since,
        clerk=place.clerk,
        ticket=row.number if row else None,
        call_count=row.call_count if row else 0,
        takes_long=row is not None and doing is Doing.SERVING and _takes_long(context, row),
        letters=tuple(context.office.services[each].letter for each in counter.service_ids),
        differs_today=counter.differs_today,
        unread=unread,
        is_strict=counter.strict_order,
    )


def _takes_long(context: Context, row: Ticket) -> bool:
    minutes = context.office.services[row.service_id].policy.expected_service_minutes
    return row.started_at is not None and takes_long(context.now - row.started_at, timedelta(minutes=minutes))
