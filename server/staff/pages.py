"""What every page of the staff stands in: the ways that its reader may go, and what templates are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.services.booking.desk import verifying
from server.services.context import Context
from server.services.office.settings import BranchView
from server.services.store_types import Session
from server.staff import branches, languages, staff_session
from server.web import headers
from server.web.pages import read
from server.web.request_context import request_context


@dataclass(frozen=True, slots=True)
class Way:
    """A way in the frame: its page, its name, and what its reader must be permitted at the branch.

    `count` tells how many things wait there, for a small number beside the name; `also` are further blueprints
    whose pages belong to it.
    """

    endpoint: str
    text: object
    permission: Permission
    count: Callable[[Session, Context, int], int] | None = None
    also: tuple[str, ...] = ()


_OF_SETTINGS = ("parts_of_branch", "guide", "calendar", "slip", "records", "template_choice")
# In the order in which they stand; a page of a subject appears when its blueprint is registered.
WAYS: tuple[Way, ...] = (
    Way("hall.show", _l("Hall"), Permission.SEE_HALL, also=("steering",)),
    Way("desk.show", _l("Reservations"), Permission.SEE_RESERVATIONS),
    Way("verification.show", _l("Verification"), Permission.VERIFY, verifying.count),
    Way("counter.show", _l("Counter"), Permission.SERVE, also=("counter_steps", "counter_entry")),
    Way("rules.show", _l("Calling rules"), Permission.SEE_RULES),
    Way("users.show", _l("People"), Permission.MANAGE_USERS),
    Way("devices.show", _l("Devices"), Permission.SET_UP),
    Way("set_up.show", _l("Settings"), Permission.SET_UP, also=_OF_SETTINGS),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A way as it is drawn."""

    text: str
    href: str
    current: bool
    count: int = 0


def join(app: Flask) -> None:
    """Give every template what the frame of a page needs."""
    app.context_processor(_frame)


def own_branches() -> list[BranchView]:
    """List the branches where the reader is somebody, by their names."""
    return branches_with(Permission.OWN)


def branches_with(permission: Permission) -> list[BranchView]:
    """List the branches where the reader is somebody and may do something, by their names."""
    colleague = staff_session.colleague()
    if colleague is None:
        return []
    office = request_context().office
    found = [
        branch
        for branch in office.branches.values()
        if any(held.counts_at(branch.id) for held in colleague.held) and colleague.may(permission, branch.id)
    ]
    return sorted(found, key=lambda branch: branch.name)


def zone() -> ZoneInfo:
    """Return the zone in which a page writes hours: the branch's, else the first one's."""
    first = next(iter(request_context().office.branches.values()), None)
    branch = branches.named() or first
    return branch.policy.zone if branch else ZoneInfo("Europe/Warsaw")


def ways() -> list[Item]:
    """List the ways of the branch that the page is about, as far as its reader may go them."""
    branch, colleague = branches.named(), staff_session.colleague()
    if branch is None or colleague is None:
        return []
    here = (request.endpoint or "").partition(".")[0]
    return [
        Item(
            str(way.text),
            url_for(way.endpoint, branch=branch.code),
            here in (way.endpoint.partition(".")[0], *way.also),
            _count(way, branch.id),
        )
        for way in WAYS
        if _is_there(way.endpoint) and colleague.may(way.permission, branch.id)
    ]


def first_way(branch: BranchView) -> str | None:
    """Return where somebody begins at a branch; None where they may go nowhere."""
    colleague = staff_session.me()
    return next(
        (
            url_for(way.endpoint, branch=branch.code)
            for way in WAYS
            if _is_there(way.endpoint) and colleague.may(way.permission, branch.id)
        ),
        None,
    )


def _count(way: Way, branch_id: int) -> int:
    count = way.count
    return 0 if count is None else read(lambda session, context: count(session, context, branch_id))


def _is_there(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _frame() -> dict[str, object]:
    """Return what the frame shows around each page."""
    return {
        "language": languages.current(),
        "languages": languages.own_names(),
        "nonce": headers.nonce,
        "colleague": staff_session.colleague(),
        "branch": branches.named(),
        "own_branches": own_branches,
        "branches_with": branches_with,
        "ways": ways,
        "zone": zone,
    }
