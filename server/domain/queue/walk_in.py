"""May a visitor without a reservation take a ticket now? (rule 18)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.domain.office.hours import WeekHours
from server.domain.queue.check_in import Admit, Refuse
from wire.vocabulary import Refusal


@dataclass(frozen=True, slots=True)
class WalkInOffer:
    """What a service offers to visitors without a reservation.

    People are served in `opening_hours`, None is around the clock; tickets are given in `hours`, None is
    whenever it is open; a day has `daily_limit` walk-in tickets, None is without limit.
    """

    zone: ZoneInfo
    offered: bool
    opening_hours: WeekHours | None = None
    hours: WeekHours | None = None
    daily_limit: int | None = None
    day_starts_at: time = time.min


def decide(
    offer: WalkInOffer, now: datetime, issued_today: int, expected_wait: timedelta | None
) -> Admit | Refuse:
    """Decide on a walk-in ticket; of several refusals the first is told (api.md, POST /tickets).

    `issued_today` counts the walk-in tickets that this day saw so far. `expected_wait` is the time until the
    call; None, while nobody can tell it because no counter is open, refuses nobody.
    """
    now = now.astimezone(UTC)
    if not offer.offered:
        return Refuse(Refusal.NOT_OFFERED)
    for hours in (offer.hours, offer.opening_hours):
        if hours is not None and not hours.is_open(now, offer.zone):
            opens_at = hours.next_opening(now, offer.zone)
            return Refuse(Refusal.CLOSED, {"opens_at": opens_at} if opens_at else {})
    if offer.daily_limit is not None and issued_today >= offer.daily_limit:
        return Refuse(Refusal.LIMIT_REACHED)
    if expected_wait is not None and offer.opening_hours is not None:
        closes_at = offer.opening_hours.last_closing(now, offer.zone, offer.day_starts_at)
        if closes_at is not None and now + expected_wait >= closes_at:
            return Refuse(Refusal.UNLIKELY_TODAY, {"closes_at": closes_at})
    return Admit()
