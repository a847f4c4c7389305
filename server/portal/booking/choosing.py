"""What to book: the branch, then the service, each with what it needs and whether it has places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.portal import languages
from server.portal.booking.blueprint import pages
from server.portal.booking.gates import first_free_days
from server.portal.pages import kept
from server.portal.sentences import whole
from server.services.office.settings import BranchView, ServiceView
from server.web.pages import page
from server.web.request_context import request_context
from wire.vocabulary import ReleaseMode


@dataclass(frozen=True, slots=True)
class Offer:
    """A service in the list: whether it has places now or a draw gives them, and the first day with some."""

    service: ServiceView
    name: str
    summary: str
    is_drawn: bool
    has_places: bool
    first_free: date | None


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
    offered = online(found)
    days = first_free_days(offered)
    return kept(lambda: _services(found, offered, days), *days.items())


def _services(
    branch: BranchView, offered: Sequence[ServiceView], days: Mapping[int, date | None]
) -> Response:
    several = sum(1 for each in request_context().office.branches.values() if online(each)) > 1
    return page(
        "booking/services.html",
        _("What do you want to come for?"),
        branch=branch,
        offers=[_offer(service, days) for service in offered],
        several=several,
    )


def online(branch: BranchView) -> list[ServiceView]:
    """List the services of a branch that can be booked on the web."""
    return [service for service in branch.services.values() if service.policy.booking.is_online]


def _offer(service: ServiceView, days: Mapping[int, date | None]) -> Offer:
    language = languages.current()
    summary = service.policy.information.summary
    return Offer(
        service,
        service.name(language),
        whole(summary.get(language) or summary.get("pl", "")),
        is_drawn=service.policy.booking.release == ReleaseMode.DRAW,
        has_places=service.id in days,
        first_free=days.get(service.id),
    )
