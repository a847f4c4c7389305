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
    whose pages belong to it. A way with others `within` leads to the first of them that its reader may go;
    where `is_on` says no, the branch has no such way.
    """

    endpoint: str
    text: object
    permission: Permission
    count: Callable[[Session, Context, int], int] | None = None
    also: tuple[str, ...] = ()
    within: tuple[Way, ...] = ()
    is_on: Callable[[BranchView], bool] = lambda branch: True

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the ways that it stands for."""
        return self.within or (self,)

    @property
    def is_current(self) -> bool:
        """Say whether the page of this request belongs to it."""
        here = (request.endpoint or "").partition(".")[0]
        return any(here in (each.endpoint.partition(".")[0], *each.also) for each in self.ways)


_OF_THE_BRANCH = ("parts_of_branch", "guide", "slip", "wording", "template_choice")
_SETTINGS: tuple[Way, ...] = (
    Way("set_up.show", _l("Set-up of the branch"), Permission.SET_UP, also=_OF_THE_BRANCH),
    Way("rules.show", _l("Calling rules"), Permission.SEE_RULES),
    Way("calendar.show", _l("Calendar"), Permission.SET_UP),
    Way("users.show", _l("People"), Permission.MANAGE_USERS),
    Way("devices.show", _l("Devices"), Permission.SET_UP),
    Way("records.show", _l("Changes"), Permission.SEE_RECORDS),
)
# In the order in which they stand; a page of a subject appears when its blueprint is registered.
WAYS: tuple[Way, ...] = (
    Way("hall.show", _l("Hall"), Permission.SEE_HALL, also=("steering", "accuracy", "offline")),
    Way("desk.show", _l("Reservations"), Permission.SEE_RESERVATIONS),
    Way("verification.show", _l("Verification"), Permission.VERIFY, verifying.count),
    Way("counter.show", _l("Counter"), Permission.SERVE, also=("counter_steps", "counter_entry")),
    Way("statistics.show", _l("Statistics"), Permission.SEE_STATISTICS, also=("treatment", "cosignatures")),
    Way("what_if.show", _l("What if?"), Permission.TRY_WHAT_IF, also=("what_if_kept", "what_if_plan")),
    Way(
        "feedback.show",
        _l("Marks"),
        Permission.SEE_FEEDBACK,
        is_on=lambda branch: branch.policy.feedback,
    ),
    Way("set_up.show", _l("Settings"), Permission.SET_UP, within=_SETTINGS),
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
    branch = branches.named()
    if branch is None:
        return []
    found = [(way, _permitted(way.ways, branch)) for way in WAYS]
    return [
        _item(way if len(open_ways) > 1 else open_ways[0], open_ways[0], branch)
        for way, open_ways in found
        if open_ways
    ]


def ways_within() -> list[Item]:
    """List the ways within the one that the page belongs to; none where there is no choice."""
    branch = branches.named()
    current = next((way for way in WAYS if way.is_current), None)
    if branch is None or current is None:
        return []
    found = [_item(way, way, branch) for way in _permitted(current.ways, branch)]
    return found if len(found) > 1 else []


def first_way(branch: BranchView) -> str | None:
    """Return where somebody begins at a branch; None where they may go nowhere."""
    found = [each for way in WAYS for each in _permitted(way.ways, branch)]
    return url_for(found[0].endpoint, branch=branch.code) if found else None


def _permitted(ways: tuple[Way, ...], branch: BranchView) -> list[Way]:
    colleague = staff_session.colleague()
    if colleague is None:
        return []
    return [
        way
        for way in ways
        if _is_there(way.endpoint) and way.is_on(branch) and colleague.may(way.permission, branch.id)
    ]


def _item(way: Way, to: Way, branch: BranchView) -> Item:
    href = url_for(to.endpoint, branch=branch.code)
    return Item(str(way.text), href, way.is_current, _count(way, branch.id))


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
        "ways_within": ways_within,
        "zone": zone,
    }
