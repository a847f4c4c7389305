"""Where the branches are, when they are open, and how they can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel import dates
from flask import Blueprint
from flask_babel import gettext as _

from server.domain.office.hours import WeekHours, day_of
from server.domain.office.policies import OpeningPeriod
from server.portal import languages
from server.portal.office.page_actions import Content, add_page
from server.services.office.settings import BranchView
from server.web.request_context import request_context

pages = Blueprint("contact", __name__)


@dataclass(frozen=True, slots=True)
class Place:
    """A branch with its hours, a line for each weekday; none where it has no hours of its own.

    `periods` are those with other hours that are not over, with their lines.
    """

    branch: BranchView
    hours: tuple[tuple[str, str], ...]
    periods: tuple[tuple[OpeningPeriod, tuple[tuple[str, str], ...]], ...]


def contact_page() -> Content:
    """List the branches."""
    context = request_context()
    places = [_place(branch, context.now) for branch in context.office.branches.values()]
    return Content(_("Contact"), "office/contact.html", {"places": places})


def _place(branch: BranchView, now: datetime) -> Place:
    policy = branch.policy
    today = day_of(now, policy.zone)
    ahead = sorted(
        (each for each in policy.opening_periods if each.last >= today), key=lambda each: each.first
    )
    periods = tuple((each, _hours(each.hours)) for each in ahead)
    return Place(branch, _hours(policy.opening_hours), periods)


def _hours(week: WeekHours | None) -> tuple[tuple[str, str], ...]:
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
