"""Where the branches are, when they are open, and how they can be asked."""

from __future__ import annotations

from dataclasses import dataclass

from babel import dates
from flask import Blueprint
from flask_babel import gettext as _

from server.portal import languages
from server.portal.office.page_actions import Content, add_page
from server.services.office.settings import BranchView
from server.web.request_context import request_context

pages = Blueprint("contact", __name__)


@dataclass(frozen=True, slots=True)
class Place:
    """A branch with its hours, a line for each weekday; none where it has no hours of its own."""

    branch: BranchView
    hours: tuple[tuple[str, str], ...]


def contact_page() -> Content:
    """List the branches."""
    places = [Place(branch, _hours(branch)) for branch in request_context().office.branches.values()]
    return Content(_("Contact"), "office/contact.html", {"places": places})


def _hours(branch: BranchView) -> tuple[tuple[str, str], ...]:
    week = branch.policy.opening_hours
    if week is None:
        return ()
    names = dates.get_day_names("wide", "stand-alone", locale=languages.locale())
    closed = _("closed")
    return tuple(
        (
            names[day],
            ", ".join(f"{each.opens:%H:%M}–{each.closes:%H:%M}" for each in week.windows.get(day, ()))
            or closed,
        )
        for day in range(7)
    )


add_page(pages, "/contact", contact_page)
