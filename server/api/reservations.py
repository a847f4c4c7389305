"""Reservations for integrators: other booking systems that hand their visitors to this queue."""

from __future__ import annotations

from server.api import responses
from server.api.authentication import Visit
from server.api.routes import INTEGRATOR, Answer, route
from server.domain.booking.people import identity_of
from server.services.booking import integrators
from server.services.booking.slots.places import NoPlace
from server.services.context import RuleBroken
from server.services.store_types import Session
from wire import messages as wire

_SCOPE = "reservations"


def _integrator_id(visit: Visit) -> int:
    row = visit.caller.integrator
    if row is None or _SCOPE not in row.scopes:
        raise RuleBroken(403, "scope_missing", scope=_SCOPE)
    return row.id


@route(
    "POST /reservations",
    INTEGRATOR,
    {201: wire.ReservationAnswer, 409: wire.Problem},
    wire.ReservationRequest,
)
def book_reservation(visit: Visit, session: Session, body: wire.ReservationRequest) -> Answer:
    """Book a visit; the answer holds the code and the QR's text."""
    applicant = body.applicant
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
            integrator_id=_integrator_id(visit),
        ),
    )
    if isinstance(booked, NoPlace):
        return 409, responses.problem(409, booked.reason, booked.facts)
    return 201, responses.reservation(booked)


@route("GET /reservations/<int:reservation_id>", INTEGRATOR, {200: wire.ReservationAnswer})
def show_reservation(visit: Visit, session: Session, reservation_id: int) -> Answer:
    """Show a reservation to the integrator who made it."""
    return 200, responses.reservation(
        integrators.show(session, visit.context, reservation_id, _integrator_id(visit))
    )


@route(
    "DELETE /reservations/<int:reservation_id>",
    INTEGRATOR,
    {200: wire.ReservationAnswer, 409: wire.Problem},
)
def cancel_reservation(visit: Visit, session: Session, reservation_id: int) -> Answer:
    """Cancel a reservation."""
    return 200, responses.reservation(
        integrators.cancel(session, visit.context, reservation_id, _integrator_id(visit))
    )
