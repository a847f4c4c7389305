"""Boards: the snapshot of a hall."""

from __future__ import annotations

from server.api import say
from server.api.door import Visit
from server.api.routes import Answer, route
from server.services.moment import not_found
from server.services.shown.board import board
from server.services.work import Session
from wire import messages as wire


@route("GET /boards/<hall>", frozenset({"board"}), {200: wire.BoardSnapshot})
def show_board(visit: Visit, session: Session, hall: str) -> Answer:
    """Show the latest calls of a hall of the board's branch, and who waits."""
    branch = visit.moment.branch(visit.caller.place.branch_id)
    place = branch.halls.get(hall)
    if place is None:
        raise not_found("hall")
    shown = board(session, visit.moment, place)
    return 200, wire.BoardSnapshot(
        branch=say.branch_name(branch),
        hall=say.hall_name(place),
        called=[say.like(wire.BoardCall, call) for call in shown.called],
        waiting=[say.like(wire.BoardLine, line) for line in shown.waiting],
        notices=dict(branch.policy.notices),
        as_of=shown.as_of,
        now=visit.moment.now,
    )
