"""What a clerk does with a ticket: one route an action, all through the transition table."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from server.api import say
from server.api.door import Visit
from server.api.routes import CLERK, Answer, route
from server.services import calling, handling
from server.services.clerk import ticket_for
from server.services.moment import RuleBroken
from server.services.shown.ticket import TicketView
from server.store.tables import Ticket
from wire import messages as wire
from wire.codes import MalformedCode, parse_scan
from wire.vocabulary import TicketAction

_ANSWERS: dict[int, type[wire.Message] | None] = {200: wire.TicketAnswer, 409: wire.Problem}
Step = Callable[[Session, Visit, Ticket], TicketView]


def _act(visit: Visit, session: Session, ticket_id: int, step: Step) -> Answer:
    row = ticket_for(session, visit.clerk, ticket_id)
    return 200, wire.TicketAnswer(ticket=say.ticket(step(session, visit, row)))


@route("POST /tickets/<int:ticket_id>/call", CLERK, _ANSWERS, wire.CallRequest)
def call_ticket(visit: Visit, session: Session, ticket_id: int, body: wire.CallRequest) -> Answer:
    """Call a parked ticket, or one out of its order, with a reason."""
    return _act(
        visit,
        session,
        ticket_id,
        lambda session, visit, row: calling.call(session, visit.moment, visit.clerk, row, body.reason),
    )


@route("POST /tickets/<int:ticket_id>/finish", CLERK, _ANSWERS, wire.FinishRequest)
def finish_ticket(visit: Visit, session: Session, ticket_id: int, body: wire.FinishRequest) -> Answer:
    """Finish serving, with an outcome."""
    return _act(
        visit,
        session,
        ticket_id,
        lambda session, visit, row: handling.finish(session, visit.moment, visit.clerk, row, body.outcome),
    )


@route("POST /tickets/<int:ticket_id>/park", CLERK, _ANSWERS, wire.ParkRequest)
def park_ticket(visit: Visit, session: Session, ticket_id: int, body: wire.ParkRequest) -> Answer:
    """Set a ticket aside."""
    return _act(
        visit,
        session,
        ticket_id,
        lambda session, visit, row: handling.park(session, visit.moment, visit.clerk, row, body.note),
    )


@route("POST /tickets/<int:ticket_id>/transfer", CLERK, _ANSWERS, wire.TransferRequest)
def transfer_ticket(visit: Visit, session: Session, ticket_id: int, body: wire.TransferRequest) -> Answer:
    """Send a ticket to another service or counter."""
    return _act(
        visit,
        session,
        ticket_id,
        lambda session, visit, row: handling.transfer(
            session, visit.moment, visit.clerk, row, (body.service, body.counter), body.note
        ),
    )


@route(
    "POST /tickets/<int:ticket_id>/verify-confirmation",
    CLERK,
    {200: wire.VerifyAnswer, 409: wire.Problem},
    wire.VerifyRequest,
)
def verify_confirmation(visit: Visit, session: Session, ticket_id: int, body: wire.VerifyRequest) -> Answer:
    """Compare the confirmation that a visitor shows with the ticket's reservation."""
    try:
        code = parse_scan(body.code)
    except MalformedCode as malformed:
        raise RuleBroken(422, "malformed_code", problem=str(malformed)) from None
    if handling.verify_confirmation(session, visit.moment, visit.clerk, ticket_id, code):
        return 200, wire.VerifyAnswer()
    return 409, say.problem(409, "mismatch", {})


_PLAIN: dict[TicketAction, Callable[..., TicketView]] = {
    TicketAction.RECALL: calling.recall,
    TicketAction.START: handling.start,
    TicketAction.NO_SHOW: handling.no_show,
    TicketAction.PUT_BACK: handling.put_back,
    TicketAction.REINSTATE: handling.reinstate,
    TicketAction.WITHDRAW: handling.withdraw,
}


def _plain(action: TicketAction, use_case: Callable[..., TicketView]) -> None:
    """Register an action whose body is empty."""

    def act(visit: Visit, session: Session, ticket_id: int, body: wire.NothingMore) -> Answer:
        return _act(
            visit,
            session,
            ticket_id,
            lambda session, visit, row: use_case(session, visit.moment, visit.clerk, row),
        )

    act.__name__ = f"{action.replace('-', '_')}_ticket"
    act.__doc__ = (use_case.__doc__ or "").partition("\n")[0]
    route(f"POST /tickets/<int:ticket_id>/{action}", CLERK, _ANSWERS, wire.NothingMore)(act)


for _action, _use_case in _PLAIN.items():
    _plain(_action, _use_case)
