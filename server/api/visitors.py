"""Visitors: the kiosk's menu, check-ins, walk-in tickets, and their phones."""

from __future__ import annotations

from hashlib import sha256

from server.api import responses
from server.api.authentication import Visit
from server.api.routes import ANYONE, API, DEVICES, KIOSK, Answer, route
from server.domain.queue.paperless import MINUTE
from server.services.context import Context, RuleBroken
from server.services.queue import check_in, handing_over, paperless, walk_in
from server.services.queue.views import offers
from server.services.queue.views.phone import phone
from server.services.store_types import Session
from wire import messages as wire
from wire.codes import MalformedCode, parse_scan
from wire.vocabulary import Refusal


@route("GET /services", DEVICES - {"board"}, {200: wire.ServicesAnswer})
def list_services(visit: Visit, session: Session) -> Answer:
    """List the branch's services, whether each gives walk-in tickets now, and the wait; kiosks share it."""
    return 200, offered(visit, session)


def offered(visit: Visit, session: Session) -> wire.ServicesAnswer:
    """Return what a branch offers now, made once for all its kiosks."""
    branch_id = visit.caller.place.branch_id
    views = visit.runtime.views
    return views.get(
        session, visit.context, ("services", branch_id), lambda: _services(session, visit.context, branch_id)
    )


def _services(session: Session, context: Context, branch_id: int) -> wire.ServicesAnswer:
    services = [
        wire.ServiceOffer(
            code=offer.service,
            names=dict(offer.names),
            walk_in=offer.refusal is not Refusal.NOT_OFFERED,
            refusal=offer.refusal,
            opens_at=offer.opens_at,
            waiting=offer.waiting,
            wait_minutes=offer.wait_minutes,
        )
        for offer in offers.offers(session, context, branch_id)
    ]
    return wire.ServicesAnswer(services=services, now=context.now)


@route("GET /paperless-codes", frozenset({"kiosk", "board"}), {200: wire.PaperlessAnswer})
def list_paperless_codes(visit: Visit, session: Session) -> Answer:
    """Give a screen the address of this minute and of the next, for phones that take a ticket without paper."""
    codes = [
        wire.PaperlessCode(address=address, shown_from=begin, shown_until=begin + MINUTE)
        for address, begin in paperless.addresses(visit.context, visit.caller.place)
    ]
    return 200, wire.PaperlessAnswer(codes=codes, now=visit.context.now)


@route(
    "POST /check-ins",
    KIOSK,
    {201: wire.IssueAnswer, 200: wire.IssueAnswer, 409: wire.Problem, 429: wire.Problem},
    wire.CheckInRequest,
)
def check_in_visitor(visit: Visit, session: Session, body: wire.CheckInRequest) -> Answer:
    """Turn a typed or scanned code into a ticket."""
    try:
        code = parse_scan(body.code)
    except MalformedCode as malformed:
        raise RuleBroken(422, "malformed_code", problem=str(malformed)) from None
    showing = check_in.Showing(code, body.service, body.language)
    outcome = check_in.check_in(session, visit.context, visit.caller.place, showing)
    return responses.issued(visit.context, outcome)


@route(
    "POST /tickets",
    KIOSK | {"clerk"},
    {201: wire.IssueAnswer, 409: wire.Problem},
    wire.IssueRequest,
)
def issue_ticket(visit: Visit, session: Session, body: wire.IssueRequest) -> Answer:
    """Give a walk-in ticket."""
    clerk = visit.caller.clerk
    clerk_id = clerk.clerk_id if clerk is not None else None
    asking = walk_in.Asking(body.service, body.language, body.priority, clerk_id)
    return responses.issued(
        visit.context, walk_in.issue_ticket(session, visit.context, visit.caller.place, asking)
    )


@route("POST /not-handed-over", KIOSK, {204: None, 503: wire.Problem}, wire.NotHandedOverRequest)
def report_not_handed_over(visit: Visit, session: Session, body: wire.NotHandedOverRequest) -> Answer:
    """Mark the ticket of a command whose answer nobody saw; one not carried out yet is called off."""
    command = visit.command(f"POST {API}/{body.command}", body.key)
    handing_over.not_handed_over(session, visit.context, visit.caller.place, command)
    return 204, None


@route("GET /track/<token>", ANYONE, {200: wire.TrackAnswer, 304: None})
def track_ticket(visit: Visit, session: Session, token: str) -> Answer:
    """Tell a visitor's phone where their ticket stands."""
    view, _ = phone(session, visit.context, token)
    answer = wire.TrackAnswer(
        number=view.number,
        status=view.status,
        people_ahead=view.place.people_ahead if view.place else None,
        expected_from=view.place.expected_from if view.place else None,
        expected_until=view.place.expected_until if view.place else None,
        not_today=view.place is not None and view.place.not_today,
        counter=view.counter,
        as_of=visit.context.now.replace(microsecond=0),
    )
    # The same but for the instant is the same: a phone that asks again gets 304.
    visit.asked.etag = sha256(answer.model_dump_json(exclude={"as_of"}).encode()).hexdigest()[:16]
    return 200, answer
