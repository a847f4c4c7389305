"""For programs of others: reservations of booking systems that hand their visitors over, and the queue."""

from __future__ import annotations

from server.api import responses
from server.api.authentication import Visit
from server.api.routes import INTEGRATOR, Answer, route
from server.domain.access.scopes import IntegratorScope
from server.domain.booking.people import identity_of
from server.services.access.integrators import check_branch
from server.services.booking import integrators
from server.services.booking.slots.places import NoPlace
from server.services.context import not_found
from server.services.queue.views.public_queue import queue_of
from server.services.store_types import IntegratorRow, Session
from wire import messages as wire

_READ, _WRITE = IntegratorScope.RESERVATIONS_READ, IntegratorScope.RESERVATIONS_WRITE


def _integrator(visit: Visit) -> IntegratorRow:
    row = visit.caller.integrator
    if row is None:
        raise RuntimeError("no program of others behind this call")
    return row


@route(
    "POST /reservations",
    INTEGRATOR,
    {201: wire.ReservationAnswer, 409: wire.Problem},
    wire.ReservationRequest,
    scope=_WRITE,
)
def book_reservation(visit: Visit, session: Session, body: wire.ReservationRequest) -> Answer:
    """Book a visit; the answer holds the code and the QR's text."""
    row, applicant = _integrator(visit), body.applicant
    if (branch := visit.context.office.branch_named(body.branch)) is not None:
        check_branch(row, branch.id)
    person = applicant.model_dump(mode="json", exclude_none=True)
    person["children"] = [child.model_dump() for child in body.children]
    booked = integrators.book(
        session,
        visit.context,
        integrators.Visit(
            branch=body.branch,
            service=body.service,
            appointment_at=body.appointment_at,
            language=applicant.language,
            person=person,
            identity=identity_of(applicant.name, applicant.birth_date, applicant.document),
            integrator_id=row.id,
        ),
    )
    if isinstance(booked, NoPlace):
        return 409, responses.problem(409, booked.reason, booked.facts)
    return 201, responses.reservation(booked)


@route("GET /reservations/<int:reservation_id>", INTEGRATOR, {200: wire.ReservationAnswer}, scope=_READ)
def show_reservation(visit: Visit, session: Session, reservation_id: int) -> Answer:
    """Show a reservation to the integrator who made it."""
    return 200, responses.reservation(
        integrators.show(session, visit.context, reservation_id, _integrator(visit).id)
    )


@route(
    "DELETE /reservations/<int:reservation_id>",
    INTEGRATOR,
    {200: wire.ReservationAnswer, 409: wire.Problem},
    scope=_WRITE,
)
def cancel_reservation(visit: Visit, session: Session, reservation_id: int) -> Answer:
    """Cancel a reservation."""
    return 200, responses.reservation(
        integrators.cancel(session, visit.context, reservation_id, _integrator(visit).id)
    )


@route("GET /branches/<branch>/queue", INTEGRATOR, {200: wire.PublicQueue}, scope=IntegratorScope.QUEUE_READ)
def show_queue(visit: Visit, session: Session, branch: str) -> Answer:
    """Show the queue of a branch in figures, as everybody may see it where the office lets them."""
    found = visit.context.office.branch_named(branch)
    if found is None:
        raise not_found("branch")
    check_branch(_integrator(visit), found.id)
    shown = queue_of(session, visit.context, visit.runtime.views, found)
    return 200, responses.like(wire.PublicQueue, shown)
