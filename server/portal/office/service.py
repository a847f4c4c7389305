"""What a service needs, before and after booking (rule 3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from server.portal import languages
from server.portal.booking.gates import first_free_days
from server.portal.office.page_actions import Content, add_page
from server.portal.pages import find_service
from server.services.office.settings import ServiceView
from server.web.times import short_day
from wire.vocabulary import ReleaseMode

pages = Blueprint("service", __name__)


def service_page(branch: str, letter: str) -> Content:
    """Tell what a service needs, before and after booking."""
    found, service = find_service(branch, letter)
    booking = service.policy.booking
    values = {
        "branch": found,
        "service": service,
        "told": service.policy.information,
        "state": status(service, first_free_days([service])),
        "release_note": _release_note(service),
        "is_drawn": booking.release == ReleaseMode.DRAW,
        "lead_minutes": found.lead_minutes(service),
        "is_online": booking.is_online,
    }
    return Content(
        service.name(languages.current()),
        "office/service.html",
        values,
        url_for("services.listed"),
        found.name,
    )


def status(service: ServiceView, days: Mapping[int, date | None]) -> str | None:
    """Say in a line what a visitor should know before they begin; None when there is nothing to say.

    `days` are the first ones with places, as `first_free_days` gives them.
    """
    booking = service.policy.booking
    if not booking.is_online:
        if service.policy.walk_in:
            return _("Without a reservation: take a ticket in the hall")
        return _("Not booked on the web")
    if booking.release == ReleaseMode.DRAW:
        return _("Places are drawn")
    if service.id not in days:
        return _("No free places now")
    day = days[service.id]
    return None if day is None else _("First free: %(day)s", day=short_day(day))


def _release_note(service: ServiceView) -> str | None:
    booking = service.policy.booking
    if booking.release == ReleaseMode.DAILY:
        opens = ngettext(
            "New places open every day at %(hour)s, for the day after.",
            "New places open every day at %(hour)s, for the day %(num)s days ahead.",
            booking.release_days_ahead,
            hour=booking.release_at.strftime("%H:%M"),
        )
        fair = _(
            "Everybody who is on the page before that gets a random place in the queue; "
            "it does not help to be the fastest."
        )
        return f"{opens} {fair}"
    if booking.release == ReleaseMode.DRAW:
        return _(
            "Places are drawn: you apply once within a time, for the days and hours that suit you, and the draw "
            "decides. It does not matter when in that time you apply. Anybody can recompute the draw."
        )
    return None


add_page(pages, "/services/<branch>/<letter>", service_page)
