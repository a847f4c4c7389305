"""The visitor's phone follows a ticket: a plain page that renews itself, without JavaScript."""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template

from server.api import authentication
from server.portal.queue.track_texts import texts
from server.services.context import RuleBroken
from server.services.queue.views.phone import phone
from wire.vocabulary import TicketStatus

RENEW_SECONDS = 10
_ENDED = frozenset({TicketStatus.FINISHED, TicketStatus.NO_SHOW, TicketStatus.WITHDRAWN})

pages = Blueprint("track", __name__)


@pages.get("/t/<token>")
def show(token: str) -> Response:
    """Show a ticket's place in line in the visitor's language; 404 as a page for any other address."""
    runtime = authentication.runtime()
    context = runtime.context()
    try:
        ticket, hall = runtime.store.read(lambda session: phone(session, context, token))
    except RuleBroken:
        return _page("pl", 404, ticket=None, hall="", hours={}, renew=0)
    zone = context.branch(hall.branch_id).policy.zone
    place = ticket.place
    hours = {
        "from": _hour(place.expected_from if place else None, zone),
        "until": _hour(place.expected_until if place else None, zone),
        "visit": _hour(ticket.appointment_at, zone),
        "now": _hour(context.now, zone),
    }
    renew = 0 if ticket.status in _ENDED else RENEW_SECONDS
    return _page(ticket.language, 200, ticket=ticket, hall=hall.name, hours=hours, renew=renew)


def _page(language: str, status: int, **values: object) -> Response:
    nonce = secrets.token_urlsafe(16)
    said, spoken = texts(language)
    html = render_template("queue/track.html", say=said, language=spoken, nonce=nonce, **values)
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'; base-uri 'none'"
    )
    return response


def _hour(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else at.astimezone(zone).strftime("%H:%M")
