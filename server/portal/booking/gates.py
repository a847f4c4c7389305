"""Who may go on to the calendar: not from everywhere, not before others, and only while the service is online."""

from __future__ import annotations

from flask import redirect
from flask.typing import ResponseReturnValue

from server.portal import languages, visitor_session
from server.portal.guard import address
from server.portal.pages import page, read
from server.services.office.settings import BranchView, ServiceView
from server.services.release.gate import Gate, gate


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


def waiting_room(branch: BranchView, service: ServiceView) -> str:
    """Return where one waits for a daily release."""
    return f"/{languages.current()}/book/{branch.code}/{service.letter}/waiting-room"


def draw_page(public_id: str) -> str:
    """Return where a draw tells of itself."""
    return f"/{languages.current()}/draws/{public_id}"
