"""Boards: the snapshot of a hall."""

from __future__ import annotations

from server.api import responses
from server.api.authentication import Runtime, Visit
from server.api.routes import Answer, route
from server.services.context import Context, not_found
from server.services.office.settings import HallView
from server.services.queue.views.board import board
from server.services.store_types import Session
from wire import messages as wire


@route("GET /boards/<hall>", frozenset({"board"}), {200: wire.BoardSnapshot})
def show_board(visit: Visit, session: Session, hall: str) -> Answer:
    """Show the latest calls of a hall of the board's branch, and who waits; all boards of a hall share it."""
    branch = visit.context.branch(visit.caller.place.branch_id)
    place = branch.halls.get(hall)
    if place is None:
        raise not_found("hall")
    return 200, shared_snapshot(visit.runtime, session, visit.context, place)


def shared_snapshot(
    runtime: Runtime, session: Session, context: Context, place: HallView
) -> wire.BoardSnapshot:
    """Return the snapshot of a hall, made once for all its boards."""
    return runtime.views.get(
        session, context, ("board", place.id), lambda: _snapshot(session, context, place)
    )


def _snapshot(session: Session, context: Context, place: HallView) -> wire.BoardSnapshot:
    branch = context.branch(place.branch_id)
    shown = board(session, context, place)
    return wire.BoardSnapshot(
        branch=responses.branch_name(branch),
        hall=responses.hall_name(place),
        called=[responses.like(wire.BoardCall, call) for call in shown.called],
        waiting=[responses.like(wire.BoardLine, line) for line in shown.waiting],
        notices=dict(branch.notices_at(context.now)),
        checkpoint=responses.like(wire.BoardCheckpoint, shown.checkpoint) if shown.checkpoint else None,
        as_of=shown.as_of,
        now=context.now,
    )
