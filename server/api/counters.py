"""Counters: their snapshot, their state, and the call of the next visitor."""

from __future__ import annotations

from dataclasses import asdict

from server.api import say
from server.api.door import Visit
from server.api.routes import CLERK, Answer, route
from server.services import calling, counters
from server.services.moment import not_found
from server.services.office import CounterView
from server.services.shown.counter import CounterShown, counter
from server.services.work import Session
from wire import messages as wire


def _own_counter(visit: Visit, number: int) -> CounterView:
    """Return the caller's counter; any other looks as if there were none."""
    place = visit.caller.place
    found = visit.moment.branch(place.branch_id).counters.get(number)
    if found is None or found.id != place.counter_id:
        raise not_found("counter")
    return found


@route("GET /counters/<int:number>", CLERK | {"counter"}, {200: wire.CounterSnapshot})
def show_counter(visit: Visit, session: Session, number: int) -> Answer:
    """Show a counter to its clerk; a device on which nobody is signed in sees no visitor's name."""
    place = _own_counter(visit, number)
    snapshot = _snapshot(visit, place, counter(session, visit.moment, place))
    if visit.caller.clerk is None and snapshot.current is not None:
        hidden = snapshot.current.model_copy(update={"reservation": None})
        snapshot = snapshot.model_copy(update={"current": hidden})
    return 200, snapshot


@route("POST /counters/<int:number>/state", CLERK, {200: wire.CounterSnapshot}, wire.CounterStateRequest)
def set_counter_state(visit: Visit, session: Session, number: int, body: wire.CounterStateRequest) -> Answer:
    """Open, pause or close the counter."""
    place = _own_counter(visit, number)
    counters.set_state(session, visit.moment, visit.clerk, body.state)
    visit.house.paces.forget()
    return 200, _snapshot(visit, place, counter(session, visit.moment, place))


@route(
    "POST /counters/<int:number>/call-next",
    CLERK,
    {200: wire.TicketAnswer, 204: None, 409: wire.Problem},
    wire.CallNextRequest,
)
def call_next(visit: Visit, session: Session, number: int, body: wire.CallNextRequest) -> Answer:
    """Call whoever is next for this counter; 204 when nobody waits."""
    _own_counter(visit, number)
    called = calling.call_next(session, visit.moment, visit.clerk, body.finish_current)
    return (204, None) if called is None else (200, wire.TicketAnswer(ticket=say.ticket(called)))


def _snapshot(visit: Visit, place: CounterView, shown: CounterShown) -> wire.CounterSnapshot:
    office, branch = visit.moment.office, visit.moment.branch(place.branch_id)
    language = branch.policy.languages[0]
    return wire.CounterSnapshot(
        number=place.number,
        state=shown.state,
        clerk=say.like(wire.Clerk, shown.clerk) if shown.clerk else None,
        hall=say.hall_name(office.halls[place.hall_id]),
        services=[say.service_name(office.services[each], language) for each in place.service_ids],
        current=say.ticket(shown.current) if shown.current else None,
        waiting=say.listed(shown.waiting),
        waiting_total=shown.waiting_total,
        parked=say.listed(shown.parked),
        no_shows=say.listed(shown.no_shows),
        figures=wire.Figures(**asdict(shown.figures), target_wait_minutes=branch.policy.target_wait_minutes),
        outcomes=list(branch.policy.outcomes),
        transfer_services=[say.service_name(each, language) for each in branch.services.values()],
        transfer_counters=[wire.CounterName(number=n, state=state) for n, state in shown.counter_states],
        troubles=[say.like(wire.Trouble, each) for each in shown.troubles],
        as_of=shown.as_of,
        now=visit.moment.now,
    )
