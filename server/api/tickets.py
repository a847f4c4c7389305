"""What a clerk does with a ticket: one route an action, all through the transition table."""

from __future__ import annotations

from collections.abc import Callable

from server.api import responses
from server.api.authentication import Visit
from server.api.routes import CLERK, SUPERVISOR, Answer, route
from server.services.context import RuleBroken
from server.services.queue import calling, handling, reopening, undoing
from server.services.queue.clerk import ticket_for
from server.services.queue.views.ticket import TicketView
from server.services.store_types import Session
from wire import messages as wire
from wire.codes import MalformedCode, parse_scan
from wire.vocabulary import TicketAction

# A use case takes the fields of its body by their names. Beside the actions of the table, two steps lead back,
# and one ticks the checklist.
_STEPS: dict[str, tuple[type[wire.Message], Callable[..., TicketView]]] = {
    TicketAction.CALL: (wire.CallRequest, calling.call),
    TicketAction.RECALL: (wire.NothingMore, calling.recall),
    TicketAction.START: (wire.NothingMore, handling.start),
    TicketAction.FINISH: (wire.FinishRequest, handling.finish),
    TicketAction.NO_SHOW: (wire.NothingMore, handling.no_show),
    TicketAction.PARK: (wire.ParkRequest, handling.park),
    TicketAction.PUT_BACK: (wire.NothingMore, handling.put_back),
    TicketAction.TRANSFER: (wire.TransferRequest, handling.transfer),
    TicketAction.REINSTATE: (wire.NothingMore, handling.reinstate),
    TicketAction.WITHDRAW: (wire.WithdrawRequest, handling.withdraw),
    "check": (wire.CheckRequest, handling.check),
    "undo": (wire.NothingMore, undoing.undo),
    "reopen": (wire.ReopenRequest, reopening.reopen),
}
_OF_SUPERVISORS = ("reopen",)


def _register(step: str, model: type[wire.Message], use_case: Callable[..., TicketView]) -> None:
    def act(visit: Visit, session: Session, ticket_id: int, body: wire.Message) -> Answer:
        row = ticket_for(session, visit.clerk, ticket_id)
        shown = use_case(session, visit.context, visit.clerk, row, **dict(body))
        return 200, wire.TicketAnswer(ticket=responses.ticket(shown))

    act.__name__ = f"{step.replace('-', '_')}_ticket"
    act.__doc__ = (use_case.__doc__ or "").partition("\n")[0]
    answers: dict[int, type[wire.Message] | None] = {200: wire.TicketAnswer, 409: wire.Problem}
    may = SUPERVISOR if step in _OF_SUPERVISORS else CLERK
    route(f"POST /tickets/<int:ticket_id>/{step}", may, answers, model)(act)


for _step, (_model, _use_case) in _STEPS.items():
    _register(_step, _model, _use_case)


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
    if handling.verify_confirmation(session, visit.context, visit.clerk, ticket_id, code):
        return 200, wire.VerifyAnswer()
    return 409, responses.problem(409, "mismatch", {})
