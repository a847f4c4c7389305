"""The blueprint of the pages of releases, and what several of them need."""

from __future__ import annotations

from flask import Blueprint

from server.portal import who
from server.portal.now import this_moment
from server.services.office import BranchView, ServiceView

pages = Blueprint("release", __name__)


def account_id() -> int | None:
    """Return the account of who asks; None for who is not logged in."""
    account = who.account()
    return None if account is None else account.id


def office_of(service_id: int) -> tuple[BranchView, ServiceView]:
    """Return a service that a draw points at, with its branch."""
    service = this_moment().office.services[service_id]
    return this_moment().branch(service.branch_id), service
