"""All that a counter's window shows: the ticket in hand, who waits, who is set aside, the day's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.policies import BranchPolicy
from server.services.access.devices import FINE, NO_STATES
from server.services.context import Context
from server.services.office.settings import CounterView
from server.services.queue.views import ticket as shown
from server.services.queue.views.attention import HelpShown, MessageShown, beside
from server.services.queue.views.board import in_order
from server.store.facts import tip
from server.store.queries import offline
from server.store.queries import queue as line_rows
from server.store.queries import shown as rows
from wire.vocabulary import CounterState, DeviceRole, TicketAction, TicketStatus

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class FiguresView:
    """The counter's day so far."""

    served: int
    no_show: int
    mean_service_seconds: int | None
    within_target_share: float | None


@dataclass(frozen=True, slots=True)
class ClerkView:
    """Who is signed in at the counter."""

    id: int
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class TroubleView:
    """A part of a device of the hall that is not fine."""

    device: str
    role: str
    part: str
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class CounterShown:
    """A counter as of a place in the feed."""

    state: CounterState
    clerk: ClerkView | None
    current: shown.TicketView | None
    waiting: tuple[shown.ListedTicket, ...]
    waiting_total: int
    parked: tuple[shown.ListedTicket, ...]
    no_shows: tuple[shown.ListedTicket, ...]
    finished: tuple[shown.ListedTicket, ...] | None
    figures: FiguresView
    counter_states: tuple[tuple[int, CounterState], ...]
    troubles: tuple[TroubleView, ...]
    messages: tuple[MessageShown, ...]
    help: tuple[HelpShown, ...]
    as_of: int


def as_of(session: Session) -> int:
    """Tell how far the feed is, so that who saw the counter as of then need not look again."""
    return tip(session.connection())[0]


def counter(
    session: Session, context: Context, place: CounterView, *, supervised: bool = False
) -> CounterShown:
    """Show a counter to its clerk (the feed is read first, so that no fact is missed).

    `supervised` adds the day's finished tickets, which a supervisor can reopen.
    """
    seen, _ = tip(session.connection())
    branch = context.branch(place.branch_id)
    counters = rows.counters(session, branch.id)
    own = counters[place.id]
    current = rows.in_hand(session, place.id)
    waiting = in_order(session, context, branch.rules_at(place), place.service_ids, place.id, _SHOWN)[:_SHOWN]
    totals = line_rows.waiting_by_service(session, place.service_ids)
    may_call = may_call_out_of_order(branch.policy, is_supervisor=supervised)
    unread, calls = beside(context, place, rows.beside(session, branch.id))
    return CounterShown(
        state=CounterState(own.state),
        clerk=ClerkView(own.clerk_id, own.login or "", own.name or "") if own.clerk_id else None,
        current=shown.for_clerk(session, context, current) if current else None,
        waiting=_in_line(session, context, place, [each.id for each in waiting], may_call=may_call),
        waiting_total=max(sum(totals.values()), len(waiting)),
        parked=_aside(session, context, place, TicketStatus.PARKED),
        no_shows=_aside(session, context, place, TicketStatus.NO_SHOW),
        finished=_finished(session, context, place) if supervised else None,
        figures=_figures(session, context, place),
        counter_states=tuple(
            (each.number, CounterState(each.state)) for each in counters.values() if each.id != place.id
        ),
        troubles=tuple(_troubles(session, place)),
        messages=unread,
        help=calls,
        as_of=seen,
    )


def may_call_out_of_order(policy: BranchPolicy, *, is_supervisor: bool) -> bool:
    """Say whether a clerk may call one who waits before the others (⚙ out_of_order)."""
    return is_supervisor or policy.out_of_order == "clerks"


def _in_line(
    session: Session, context: Context, place: CounterView, ids: Sequence[int], *, may_call: bool
) -> tuple[shown.ListedTicket, ...]:
    """Show who waits, in this order; who may not call out of order is not offered it."""
    found = rows.listed(session, ids)
    listed = tuple(shown.listed(context, place.branch_id, found[each]) for each in ids if each in found)
    return listed if may_call else tuple(_not_called(each) for each in listed)


def _not_called(listed: shown.ListedTicket) -> shown.ListedTicket:
    return listed._replace(actions=tuple(each for each in listed.actions if each is not TicketAction.CALL))


def _aside(
    session: Session, context: Context, place: CounterView, status: TicketStatus
) -> tuple[shown.ListedTicket, ...]:
    day = context.branch(place.branch_id).policy.business_day(context.now)
    found = rows.aside(session, place.branch_id, status, day)
    return tuple(
        shown.listed(context, place.branch_id, row) for row in found if row.service_id in place.service_ids
    )


def _finished(session: Session, context: Context, place: CounterView) -> tuple[shown.ListedTicket, ...]:
    policy = context.branch(place.branch_id).policy
    day, began_at = policy.business_day(context.now), policy.business_day_began_at(context.now)
    found = rows.finished(session, place.service_ids, day, began_at)
    return tuple(shown.listed(context, place.branch_id, row) for row in found)


def _figures(session: Session, context: Context, place: CounterView) -> FiguresView:
    policy = context.branch(place.branch_id).policy
    target = timedelta(minutes=policy.target_wait_minutes)
    ended = rows.counter_day(session, place.id, policy.business_day(context.now), target)
    finished = [each for each in ended if each.status == TicketStatus.FINISHED]
    not_served = {each.code for each in policy.outcomes if not each.served}
    timed, called = sum(each.timed for each in finished), sum(each.called for each in finished)
    service = sum((each.service for each in finished), timedelta())
    return FiguresView(
        served=sum(each.tickets for each in finished if each.outcome not in not_served),
        no_show=sum(each.tickets for each in ended if each.status == TicketStatus.NO_SHOW),
        mean_service_seconds=round(service.total_seconds() / timed) if timed else None,
        within_target_share=sum(each.in_time for each in finished) / called if called else None,
    )


def _is_said_twice(part: str, said: dict[str, Any]) -> bool:
    """Tell whether it is the paper of a printer that tells of it itself, or the reckoning of such paper."""
    if part == "roll":
        return said.get("paper") in ("low", "out")
    return part == "paper" and said.get("printer", "ready") not in FINE


def _troubles(session: Session, place: CounterView) -> list[TroubleView]:
    """List the parts of the hall's devices that are not fine, behind kiosks whose numbers need a decision."""
    conflicts = [
        TroubleView(name, DeviceRole.KIOSK, "offline", "conflict", since)
        for hall_id, name, _, since in offline.open_conflicts(session, [place.branch_id])
        if hall_id == place.hall_id
    ]
    return conflicts + [
        TroubleView(device.name, device.role, part, state, device.status_since)
        for device in rows.parts(session, place.branch_id, place.hall_id)
        for part, state in sorted(device.status.items())
        if part not in NO_STATES and state not in FINE and not _is_said_twice(part, device.status)
    ]
