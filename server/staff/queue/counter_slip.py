"""The slip of a ticket that was issued at a counter in the browser, for the printer of its desk."""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from printers.layout import PAPER_80_MM
from printers.ticket import SlipLayout, Ticket, languages
from server.domain.access.roles import Permission
from server.services.queue.views.ticket import TicketView, waiting
from server.staff import branches
from server.staff.permissions import before_proof, needs, signs_in_at
from server.staff.queue import counter_desk
from server.staff.slip_picture import SlipPicture, draw
from server.web.pages import page, read
from server.web.request_context import request_context

pages = Blueprint("counter_slip", __name__)


@pages.get(branches.AT + "/counter/slip/<int:ticket_id>")
@needs(Permission.SERVE)
@before_proof
@signs_in_at("counter_entry.sign_in")
def show(ticket_id: int) -> ResponseReturnValue:
    """Show the slip of a ticket that waits as it prints, and open the browser's own window for printing."""
    who, branch = counter_desk.clerk(), branches.here()
    if who is None:
        return counter_desk.leave_page()
    ticket = read(lambda session, context: waiting(session, context, branch.id, ticket_id))
    if ticket is None:
        abort(404)
    title = _("Ticket %(number)s", number=ticket.number)
    hall = request_context().office.halls[who.device.hall_id].name
    return page("queue/counter_slip.html", title, picture=_picture(ticket, hall))


def _picture(ticket: TicketView, hall: str) -> SlipPicture:
    branch = branches.here()
    place = ticket.place
    told = Ticket(
        number=ticket.number,
        office=branch.name,
        hall=hall,
        service=ticket.service_name,
        prepare=ticket.prepare or "",
        issued_at=ticket.issued_at,
        appointment_at=ticket.appointment_at,
        people_ahead=place.people_ahead if place else None,
        expected_from=place.expected_from if place else None,
        expected_until=place.expected_until if place else None,
        not_today=place is not None and place.not_today,
        track_url=ticket.track_url,
    )
    spoken = next(each for each in (ticket.language, *branch.policy.languages, "pl") if each in languages())
    layout = SlipLayout(**branch.policy.slip.layout())
    return draw(told, layout, spoken, branch.policy.zone, PAPER_80_MM)
