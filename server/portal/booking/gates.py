"""Who may go on to the calendar: not from everywhere, not before others, and only while the service is online."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import redirect
from flask.typing import ResponseReturnValue

from server.api import authentication
from server.portal import languages, visitor_session
from server.portal.guard import address
from server.services.booking.slots import availability
from server.services.booking.slots.availability import DayPlaces
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.services.release.gate import Gate, Open, gate
from server.services.store_types import Session
from server.web.pages import page, read, read_recent
from wire.vocabulary import ReleaseMode


def not_here(branch: BranchView, service: ServiceView) -> ResponseReturnValue | None:
    """Refuse visitors who cannot book this: it is not online, or the address is not from here (rule 8)."""
    if not service.policy.booking.is_online:
        return page(
            "booking/not_online.html",
            service.name(languages.current()),
            status=404,
            branch=branch,
            is_shut_off=service.problem is not None,
        )
    if not address.may_book(branch):
        return redirect(f"/{languages.current()}/country?branch={branch.code}", 303)
    return None


def release_gate(service: ServiceView) -> Gate:
    """Ask whether this visitor may book the service now, as its release rules (rule 10)."""
    account = visitor_session.account()
    account_id = None if account is None else account.id
    return read(lambda session, context: gate(session, context, service, account_id))


def days_shown(service: ServiceView) -> tuple[DayPlaces, ...]:
    """Give each day from today to the horizon, read once for all who look until something happens.

    A place that went or came is a fact, which every look asks for (on PostgreSQL it is told some milliseconds
    later); the release of an hour is none. Whether a place is there is asked again when it is booked.
    """

    def look(session: Session, context: Context) -> tuple[DayPlaces, ...]:
        def make() -> tuple[DayPlaces, ...]:
            return availability.days(session, context, service)

        shown = authentication.runtime().views.get(session, context, ("days", service.id), make)
        is_released = any(each.opens_at is not None and each.opens_at <= context.now for each in shown)
        return make() if is_released else shown

    return read_recent(look)


def first_free_days(services: Iterable[ServiceView]) -> dict[int, date | None]:
    """Give the first day with places of each service, by its id; those without places are left out.

    None stands for one whose places are given in turn now; one that draws them has no first day. Read once for
    all who look until something happens, and anew each minute: hours are released on the minute.
    """
    asked = {
        service.id: service
        for service in services
        if service.policy.booking.is_online and service.policy.booking.release != ReleaseMode.DRAW
    }

    def look(session: Session, context: Context) -> dict[int, date]:
        return authentication.runtime().views.get(
            session,
            context,
            ("first free days", *asked, context.now.minute),
            lambda: availability.first_free_days(session, context, asked.values()),
        )

    found = read_recent(look)
    return {
        service_id: day if isinstance(release_gate(asked[service_id]), Open) else None
        for service_id, day in found.items()
    }


def waiting_room(branch: BranchView, service: ServiceView) -> str:
    """Return where one waits for a daily release."""
    return f"/{languages.current()}/book/{branch.code}/{service.letter}/waiting-room"


def draw_page(public_id: str) -> str:
    """Return where a draw tells of itself."""
    return f"/{languages.current()}/draws/{public_id}"
