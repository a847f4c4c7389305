"""The blueprint of the pages of releases, and what several of them need."""

from __future__ import annotations

from flask import Blueprint

from server.portal import visitor_session
from server.services.office.settings import BranchView, ServiceView
from server.web.request_context import request_context

pages = Blueprint("release", __name__)


def account_id() -> int | None:
    """Return the visitor's account; None for visitors who are not logged in."""
    account = visitor_session.account()
    return None if account is None else account.id


def office_of(service_id: int) -> tuple[BranchView, ServiceView]:
    """Return a service that a draw points at, with its branch."""
    service = request_context().office.services[service_id]
    return request_context().branch(service.branch_id), service
