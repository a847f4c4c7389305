"""The choice of an hour at the desk: the days that have a free place, and the free hours of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms.fields import HiddenField
from wtforms.fields.choices import SelectChoice

from server.domain.office.hours import day_of
from server.services.booking.slots import availability
from server.services.booking.slots.availability import Hour
from server.services.office.settings import ServiceView
from server.staff import branches
from server.staff.booking import wording
from server.staff.booking.desk_blueprint import read_day
from server.web import times
from server.web.forms import Form, SelectField, needed
from server.web.pages import read

_MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be booked: days with a free place, and of the chosen day its hours."""

    days: tuple[date, ...]
    day: date | None
    hours: tuple[Hour, ...]


class HourForm(Form):
    """An hour, and why the visit is moved there."""

    hour = SelectField(_l("Hour"), [needed(_l("Choose an hour"))])
    reason = SelectField(_l("Reason"), [needed(_l("Choose a reason"))])
    day = HiddenField()

    def offer(self, offer: Offer, zone: ZoneInfo) -> None:
        """Offer the free hours of a day."""
        self.hour.choices = hour_choices(offer, zone)
        self.reason.choices = [
            SelectChoice("", _l("Choose a reason")),
            *(SelectChoice(word, said) for word, said in wording.REASONS.items()),
        ]
        self.day.data = offer.day.isoformat() if offer.day else ""


def hour_choices(offer: Offer, zone: ZoneInfo) -> list[SelectChoice]:
    """List the hours of a day with how many places are free."""
    return [
        SelectChoice(times.write_hour(each.starts_at), f"{times.hour(each.starts_at, zone)} ({each.free})")
        for each in offer.hours
    ]


def offer_of(service: ServiceView, wanted: str | None, near: datetime | None = None) -> Offer:
    """Read what can be booked of a service: of the wanted day, else of the free one nearest to an instant."""
    zone = branches.here().policy.zone
    found = read(lambda session, context: availability.days(session, context, service))
    free = [each.day for each in found if each.free > 0][:_MOST_DAYS]
    around = day_of(near, zone) if near else None
    nearest = min(free, key=lambda day: abs(day - around) if around else day - free[0], default=None)
    day = read_day(wanted, nearest) if nearest else None
    if day is None:
        return Offer((), None, ())
    return Offer(
        tuple(free), day, read(lambda session, context: availability.hours(session, context, service, day))
    )
