"""When places are released, and who is let in when: waiting rooms and the windows of draws (rule 10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.domain.booking.policy import DrawPolicy
from server.domain.office.hours import day_of, instant
from server.domain.office.reading import WEEKDAYS

ROOM_OPENS_BEFORE = timedelta(minutes=30)
"""So long before a daily release its waiting room opens; when one comes in that time does not matter."""

ADMITTED_FOR = timedelta(minutes=15)
"""So long somebody who was let in may book before the turn is over."""

_DAY = timedelta(days=1)
_LONGEST_WINDOW_DAYS = 15


@dataclass(frozen=True, slots=True)
class Open:
    """The service can be booked now; `until` is the end of one's turn while others still wait."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotYet:
    """The places are released at `opens_at`; its waiting room opens at `room_opens_at`."""

    opens_at: datetime
    room_opens_at: datetime
    is_in_room: bool = False


@dataclass(frozen=True, slots=True)
class Waits:
    """Others come first. `place` None: not in the waiting room, or the order is being drawn this second.

    `ahead` of one are people who are not let in yet; `admitted_from` is about when one is.
    """

    opens_at: datetime
    is_in_room: bool
    place: int | None = None
    ahead: int | None = None
    admitted_from: datetime | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class DrawOnly:
    """The places are drawn; `draw` is the public id of the one that takes applications or comes last, if any."""

    draw: str | None
    opens_at: datetime | None = None


Gate = Open | NotYet | Waits | DrawOnly


@dataclass(frozen=True, slots=True)
class Rush:
    """A daily release and how many its waiting room has let in or will."""

    opens_at: datetime
    per_minute: int
    people: int

    def admitted_from(self, place: int) -> datetime:
        """Tell when the one at a place (from 1) is let in."""
        return self.opens_at + (place - 1) * timedelta(minutes=1) / self.per_minute

    def is_over(self, now: datetime) -> bool:
        """Say whether everybody was let in, so that nobody has to wait any more."""
        return self.people == 0 or self.admitted_from(self.people) <= now

    def ahead_of(self, place: int, now: datetime) -> int:
        """Tell how many before a place are not let in yet."""
        passed = (now - self.opens_at) / timedelta(minutes=1)
        let_in = int(passed * self.per_minute) + 1 if passed >= 0 else 0
        return max(0, place - 1 - let_in)

    def gate(self, place: int, now: datetime) -> Open | Waits:
        """Say whether the one at a place is let in now, waits, or had a turn that is over."""
        admitted_from = self.admitted_from(place)
        if self.is_over(now):
            return Open()
        if now < admitted_from:
            return Waits(self.opens_at, True, place, self.ahead_of(place, now), admitted_from)
        if now < admitted_from + ADMITTED_FOR:
            return Open(admitted_from + ADMITTED_FOR)
        return Waits(self.opens_at, True, place, None, None, is_over=True)


@dataclass(frozen=True, slots=True)
class DrawWindow:
    """When people can apply to a draw, and the first and last day whose places it gives."""

    opens_at: datetime
    closes_at: datetime
    first_day: date
    last_day: date


def draw_windows(policy: DrawPolicy, now: datetime, zone: ZoneInfo) -> list[DrawWindow]:
    """List the windows that are open now, oldest first."""
    today = day_of(now, zone)
    windows = _windows(policy, zone, today - _LONGEST_WINDOW_DAYS * _DAY, _LONGEST_WINDOW_DAYS + 1)
    return [each for each in windows if each.opens_at <= now < each.closes_at]


def next_draw_window(policy: DrawPolicy, now: datetime, zone: ZoneInfo) -> DrawWindow:
    """Tell the next window that is not open yet."""
    windows = _windows(policy, zone, day_of(now, zone), 9)
    return next(each for each in windows if each.opens_at > now)


def _windows(policy: DrawPolicy, zone: ZoneInfo, first: date, days: int) -> Iterator[DrawWindow]:
    weekday = WEEKDAYS.index(policy.weekday)
    for day in (first + ahead * _DAY for ahead in range(days)):
        if day.weekday() == weekday:
            opens_at = instant(day, policy.opens, zone)
            closes_at = opens_at + timedelta(hours=policy.window_hours)
            first_day = day_of(closes_at, zone) + timedelta(days=policy.ahead_days)
            yield DrawWindow(opens_at, closes_at, first_day, first_day + (policy.covers_days - 1) * _DAY)
