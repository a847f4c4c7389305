"""Counters: their snapshot, their state, and the call of the next visitor."""

from __future__ import annotations

from dataclasses import asdict

from server.api import responses
from server.api.authentication import Visit
from server.api.routes import CLERK, Answer, route
from server.services.context import not_found
from server.services.office.settings import CounterView
from server.services.queue import attention, calling, counters
from server.services.queue.views.counter import counter, may_call_out_of_order
from server.services.store_types import Session
from wire import messages as wire


def _own_counter(visit: Visit, number: int) -> CounterView:
    """Return the caller's counter; any other looks as if there were none."""
    place = visit.caller.place
    found = visit.context.branch(place.branch_id).counters.get(number)
    if found is None or found.id != place.counter_id:
        raise not_found("counter")
    return visit.clerk.counter if visit.caller.clerk is not None else found


@route("GET /counters/<int:number>", CLERK | {"counter"}, {200: wire.CounterSnapshot})
def show_counter(visit: Visit, session: Session, number: int) -> Answer:
    """Show a counter to its clerk; a device on which nobody is signed in sees no visitor's name."""
    place = _own_counter(visit, number)
    snapshot = _snapshot(visit, session, place)
    if visit.caller.clerk is None:
        snapshot = snapshot.model_copy(update={"messages": []})
    if visit.caller.clerk is None and snapshot.current is not None:
        hidden = snapshot.current.model_copy(update={"reservation": None})
        snapshot = snapshot.model_copy(update={"current": hidden})
    return 200, snapshot


@route("POST /counters/<int:number>/state", CLERK, {200: wire.CounterSnapshot}, wire.CounterStateRequest)
def set_counter_state(visit: Visit, session: Session, number: int, body: wire.CounterStateRequest) -> Answer:
    """Open, pause or close the counter."""
    place = _own_counter(visit, number)
    counters.set_state(session, visit.context, visit.clerk, body.state)
    return 200, _snapshot(visit, session, place)


@route(
    "POST /counters/<int:number>/call-next",
    CLERK,
    {200: wire.TicketAnswer, 204: None, 409: wire.Problem},
    wire.CallNextRequest,
)
def call_next(visit: Visit, session: Session, number: int, body: wire.CallNextRequest) -> Answer:
    """Call whoever is next for this counter; 204 when nobody waits."""
    _own_counter(visit, number)
    called = calling.call_next(session, visit.context, visit.clerk, body.finish_current)
    return (204, None) if called is None else (200, wire.TicketAnswer(ticket=responses.ticket(called)))


@route("POST /counters/<int:number>/help", CLERK, {200: wire.CounterSnapshot}, wire.NothingMore)
def call_help(visit: Visit, session: Session, number: int, body: wire.NothingMore) -> Answer:
    """Call colleagues to this counter."""
    place = _own_counter(visit, number)
    attention.call_help(session, visit.context, visit.clerk)
    return 200, _snapshot(visit, session, place)


@route(
    "POST /counters/<int:number>/help/accept",
    CLERK,
    {200: wire.CounterSnapshot, 409: wire.Problem},
    wire.NothingMore,
)
def accept_help(visit: Visit, session: Session, number: int, body: wire.NothingMore) -> Answer:
    """Tell another counter of the branch that one is coming; the answer shows one's own."""
    clerk, branch = visit.clerk, visit.context.branch(visit.clerk.branch_id)
    attention.accept_help(session, visit.context, clerk.id, branch, number)
    return 200, _snapshot(visit, session, clerk.counter)


@route("POST /counters/<int:number>/help/end", CLERK, {200: wire.CounterSnapshot}, wire.NothingMore)
def end_help(visit: Visit, session: Session, number: int, body: wire.NothingMore) -> Answer:
    """End this counter's call for help."""
    place, branch = _own_counter(visit, number), visit.context.branch(visit.clerk.branch_id)
    attention.end_help(session, visit.context, visit.clerk.id, branch, number)
    return 200, _snapshot(visit, session, place)


@route(
    "POST /counters/<int:number>/messages/<int:message_id>/read",
    CLERK,
    {200: wire.CounterSnapshot},
    wire.NothingMore,
)
def read_message(
    visit: Visit, session: Session, number: int, message_id: int, body: wire.NothingMore
) -> Answer:
    """Keep that the clerk has read a supervisor's message."""
    place = _own_counter(visit, number)
    attention.read_message(session, visit.context, visit.clerk, message_id)
    return 200, _snapshot(visit, session, place)


def _snapshot(visit: Visit, session: Session, place: CounterView) -> wire.CounterSnapshot:
    shown = counter(session, visit.context, place, supervised="supervisor" in visit.caller.roles)
    office, branch = visit.context.office, visit.context.branch(place.branch_id)
    language, rules = branch.policy.languages[0], branch.rules_at(place)
    is_supervisor = "supervisor" in visit.caller.roles
    may_call = may_call_out_of_order(branch.policy, is_supervisor=is_supervisor)
    # A counter that may not call a newcomer out of order is to ask what may be done with them.
    order = rules.plain(place.service_ids) if may_call else None
    return wire.CounterSnapshot(
        number=place.number,
        state=shown.state,
        clerk=responses.like(wire.Clerk, shown.clerk) if shown.clerk else None,
        hall=responses.hall_name(office.halls[place.hall_id]),
        services=[responses.service_name(office.services[each], language) for each in place.service_ids],
        current=responses.ticket(shown.current) if shown.current else None,
        waiting=responses.listed(shown.waiting),
        waiting_total=shown.waiting_total,
        parked=responses.listed(shown.parked),
        no_shows=responses.listed(shown.no_shows),
        finished=None if shown.finished is None else responses.listed(shown.finished),
        figures=wire.Figures(**asdict(shown.figures), target_wait_minutes=branch.policy.target_wait_minutes),
        outcomes=list(branch.policy.outcome_codes),
        outcome_kinds=[responses.like(wire.OutcomeKind, each) for each in branch.policy.outcomes],
        transfer_services=[responses.service_name(each, language) for each in branch.services.values()],
        transfer_counters=[wire.CounterName(number=n, state=state) for n, state in shown.counter_states],
        troubles=[responses.like(wire.Trouble, each) for each in shown.troubles],
        messages=[responses.like(wire.CounterMessage, each) for each in shown.messages],
        help=[responses.like(wire.HelpCall, each) for each in shown.help],
        order=None
        if order is None
        else wire.CallingOrder(
            lead_seconds=round(order.lead.total_seconds()),
            overdue_seconds=round(order.overdue.total_seconds()),
            maximum_wait_seconds=round(order.maximum_wait.total_seconds()),
        ),
        as_of=shown.as_of,
        now=visit.context.now,
    )
