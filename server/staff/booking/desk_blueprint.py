"""The blueprint of the reservations desk, and what its pages share."""

from __future__ import annotations

from datetime import date

from flask import Blueprint

from server.domain.office.hours import day_of
from server.services.office.settings import BranchView, ServiceView
from server.staff import branches
from server.web import times
from server.web.request_context import request_context

pages = Blueprint("desk", __name__)
AT = branches.AT + "/reservations"
ONE = AT + "/<int:number>"


def today() -> date:
    """Return the day it is at the branch."""
    return day_of(request_context().now, branches.here().policy.zone)


def read_day(text: str | None, default: date) -> date:
    """Read a day of an address or of a form; anything else is the default."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return default
    return day if times.is_near(day) else default


def service_named(branch: BranchView, letter: str | None) -> ServiceView | None:
    """Return a service of the branch by its letter."""
    return branch.services.get(letter or "")


def services_of(branch: BranchView) -> list[ServiceView]:
    """List the services of the branch by their letters."""
    return [branch.services[letter] for letter in sorted(branch.services)]
