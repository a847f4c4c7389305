"""What to book: the branch, then the service, each with what it needs and whether it has places."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.portal import languages
from server.portal.booking.blueprint import pages
from server.portal.pages import page, read
from server.portal.request_context import request_context
from server.services.booking.slots.availability import free_total
from server.services.office.settings import BranchView, ServiceView
from wire.vocabulary import ReleaseMode


@dataclass(frozen=True, slots=True)
class Offer:
    """A service in the list: `places` says whether there are some now, None where a draw gives them."""

    service: ServiceView
    name: str
    summary: str
    places: bool | None


@pages.get("/book")
def branches() -> ResponseReturnValue:
    """List the branches that can be booked; the only one is gone through."""
    offered = [branch for branch in request_context().office.branches.values() if online(branch)]
    if len(offered) == 1:
        return redirect(url_for("book.services", branch=offered[0].code), 303)
    language = languages.current()
    addresses = {branch.code: branch.policy.address.get(language, "") for branch in offered}
    return page(
        "booking/branches.html", _("Where do you want to come?"), branches=offered, addresses=addresses
    )


@pages.get("/book/<branch>")
def services(branch: str) -> Response:
    """List the services of a branch that can be booked on the web."""
    found = request_context().office.branch_named(branch)
    if found is None:
        abort(404)
    several = sum(1 for each in request_context().office.branches.values() if online(each)) > 1
    return page(
        "booking/services.html",
        _("What do you want to come for?"),
        branch=found,
        offers=[_offer(service) for service in online(found)],
        several=several,
    )


def online(branch: BranchView) -> list[ServiceView]:
    """List the services of a branch that can be booked on the web."""
    return [service for service in branch.services.values() if service.policy.booking.is_online]


def _offer(service: ServiceView) -> Offer:
    language = languages.current()
    summary = service.policy.information.summary
    draws = service.policy.booking.release == ReleaseMode.DRAW
    places = None if draws else read(lambda session, context: free_total(session, context, service)) > 0
    return Offer(service, service.name(language), summary.get(language) or summary.get("pl", ""), places)
