"""All that a counter's window shows: the ticket in hand, who waits, who is set aside, the day's figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.policies import BranchPolicy
from server.services.access.devices import FINE, NO_STATES
from server.services.context import Context
from server.services.office.settings import CounterView
from server.services.queue.views import ticket as shown
from server.services.queue.views.attention import HelpShown, MessageShown, calls_for_help, messages
from server.services.queue.views.board import in_order
from server.store.facts import tip
from server.store.queries import office as office_rows
from server.store.queries import offline, tickets
from server.store.queries import queue as line_rows
from server.store.queries.access import principals
from server.store.tables import Ticket, User
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
    waiting: tuple[shown.TicketView, ...]
    waiting_total: int
    parked: tuple[shown.TicketView, ...]
    no_shows: tuple[shown.TicketView, ...]
    finished: tuple[shown.TicketView, ...] | None
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
    row = office_rows.counter(session, place.id)
    clerk = session.get(User, row.clerk_id) if row.clerk_id else None
    current = tickets.in_hand(session, place.id)
    rules = branch.rules_at(place)
    waiting = in_order(session, context, rules, place.service_ids, place.id, _SHOWN)[:_SHOWN]
    rows = tickets.tickets_by_id(session, [ticket.id for ticket in waiting])
    totals = line_rows.waiting_by_service(session, place.service_ids)
    day = branch.policy.business_day(context.now)
    may_call = may_call_out_of_order(branch.policy, is_supervisor=supervised)
    return CounterShown(
        state=CounterState(row.state),
        clerk=ClerkView(clerk.id, clerk.login, clerk.name) if clerk else None,
        current=shown.for_clerk(session, context, current) if current else None,
        waiting=tuple(
            _in_line(session, context, rows[each.id], may_call=may_call)
            for each in waiting
            if each.id in rows
        ),
        waiting_total=max(sum(totals.values()), len(waiting)),
        parked=_aside(session, context, place, TicketStatus.PARKED),
        no_shows=_aside(session, context, place, TicketStatus.NO_SHOW),
        finished=_finished(session, context, place) if supervised else None,
        figures=_figures(session, place.id, day, branch.policy),
        counter_states=tuple(
            (each.number, CounterState(each.state))
            for each in office_rows.counters(session)
            if each.branch_id == branch.id and each.id != place.id
        ),
        troubles=tuple(_troubles(session, place)),
        messages=messages(session, place),
        help=calls_for_help(session, context, place.hall_id),
        as_of=seen,
    )


def may_call_out_of_order(policy: BranchPolicy, *, is_supervisor: bool) -> bool:
    """Say whether a clerk may call one who waits before the others (⚙ out_of_order)."""
    return is_supervisor or policy.out_of_order == "clerks"


def _in_line(session: Session, context: Context, row: Ticket, *, may_call: bool) -> shown.TicketView:
    """Show who waits; who may not call out of order is not offered it."""
    listed = _listed(session, context, row)
    if may_call:
        return listed
    return replace(listed, actions=tuple(each for each in listed.actions if each is not TicketAction.CALL))


def _listed(session: Session, context: Context, row: Ticket) -> shown.TicketView:
    return shown.view(session, context, row, in_line=False)


def _aside(
    session: Session, context: Context, place: CounterView, status: TicketStatus
) -> tuple[shown.TicketView, ...]:
    day = context.branch(place.branch_id).policy.business_day(context.now)
    rows = tickets.aside(session, place.branch_id, status, day)
    return tuple(_listed(session, context, row) for row in rows if row.service_id in place.service_ids)


def _finished(session: Session, context: Context, place: CounterView) -> tuple[shown.TicketView, ...]:
    policy = context.branch(place.branch_id).policy
    day, began_at = policy.business_day(context.now), policy.business_day_began_at(context.now)
    rows = tickets.finished(session, place.service_ids, day, began_at)
    return tuple(_listed(session, context, row) for row in rows)


def _figures(session: Session, counter_id: int, day: date, policy: BranchPolicy) -> FiguresView:
    rows = tickets.counter_day(session, counter_id, day)
    finished = [row for row in rows if row.status == TicketStatus.FINISHED]
    not_served = {each.code for each in policy.outcomes if not each.served}
    service = [
        (row.finished_at - row.started_at).total_seconds()
        for row in finished
        if row.finished_at and row.started_at
    ]
    waits = [row.called_at - row.queued_at for row in finished if row.called_at]
    within = sum(wait <= timedelta(minutes=policy.target_wait_minutes) for wait in waits)
    return FiguresView(
        served=sum(row.outcome not in not_served for row in finished),
        no_show=len(rows) - len(finished),
        mean_service_seconds=round(sum(service) / len(service)) if service else None,
        within_target_share=within / len(waits) if waits else None,
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
        for device in principals.devices_of(session, place.branch_id)
        if device.hall_id == place.hall_id and device.status_since is not None
        for part, state in sorted(device.status.items())
        if part not in NO_STATES and state not in FINE and not _is_said_twice(part, device.status)
    ]
