"""Which hours a service's templates want, and what of the slots that are there has to change for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from server.domain.booking.policy import BookingPolicy, Closure, SlotTemplate
from server.domain.office.hours import WeekHours, Window, day_of, instant, start_of_day
from wire.vocabulary import ReleaseMode

_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class OfficeDays:
    """The days and hours at which a branch can be visited; `holidays` are the days off of its country.

    `opening` None is around the clock. An hour outside it is never a slot: the kiosk would refuse the visitor.
    """

    zone: ZoneInfo
    opening: WeekHours | None = None
    closures: tuple[Closure, ...] = ()
    holidays: Collection[date] = frozenset()

    def is_closed(self, day: date) -> bool:
        """Say whether nothing can be booked on a day."""
        return day in self.holidays or any(each.first <= day <= each.last for each in self.closures)

    def open_spans(self, day: date) -> list[Span]:
        """Give the instants between which the branch is open on a day, in UTC."""
        if self.opening is None:
            return [(start_of_day(day, self.zone), start_of_day(day + _DAY, self.zone))]
        return [_span(window, day, self.zone) for window in self.opening.windows_of(day)]


@dataclass(frozen=True, slots=True)
class WantedSlot:
    """What a slot shall be: for how many visits, and from when it can be booked (None: at once)."""

    capacity: int
    bookable_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownSlot:
    """A slot that is there; `planned` None is one that was opened by hand."""

    id: int
    starts_at: datetime
    capacity: int
    taken: int
    planned: int | None
    bookable_from: datetime | None

    def fits(self, wanted: WantedSlot) -> bool:
        """Say whether the slot is as it shall be; visits that stand keep their places."""
        capacity = max(wanted.capacity, self.taken)
        return (self.planned, self.capacity, self.bookable_from) == (
            wanted.capacity,
            capacity,
            wanted.bookable_from,
        )


@dataclass(frozen=True, slots=True)
class Repair:
    """What has to be done: slots to add, ids with what they become, ids of slots that nobody wants any more."""

    added: tuple[tuple[datetime, WantedSlot], ...]
    changed: tuple[tuple[int, WantedSlot], ...]
    unwanted: tuple[int, ...]


def days_ahead(booking: BookingPolicy) -> int:
    """Tell how many days after today can have hours to book, in any mode of release (rule 10).

    A daily release opens the day so far ahead by itself, and a draw the days that it covers.
    """
    if booking.release == ReleaseMode.DAILY:
        return max(booking.horizon_days, booking.release_days_ahead)
    if booking.release == ReleaseMode.DRAW:
        draw = booking.draw
        return max(booking.horizon_days, -(-draw.window_hours // 24) + draw.ahead_days + draw.covers_days)
    return booking.horizon_days


def bookable_span(booking: BookingPolicy, now: datetime, zone: ZoneInfo, check_in_lead: timedelta) -> Span:
    """Give the first instant for which a place can be taken now, and the first that is too far ahead.

    Never so late that nobody could check in for it in time (rule 16).
    """
    first = now + max(timedelta(minutes=booking.lead_minutes), check_in_lead)
    end = start_of_day(day_of(now, zone) + timedelta(days=days_ahead(booking) + 1), zone)
    return first, end


def released_at(booking: BookingPolicy, day: date, zone: ZoneInfo) -> datetime | None:
    """Tell when the places of a day are released by a daily release, in UTC; None: they need none (rule 10)."""
    if booking.release != ReleaseMode.DAILY:
        return None
    return instant(day - timedelta(days=booking.release_days_ahead), booking.release_at, zone)


def wanted_slots(
    templates: Sequence[SlotTemplate], open_days: OfficeDays, first: date, last: date
) -> dict[datetime, int]:
    """Give the instants in UTC that the templates want from the first day to the last, with their capacities.

    Steps inside a window are elapsed minutes, so that no night of a clock change doubles or skips one. Where
    templates meet at the same instant their capacities add up: each is a team of its own.
    """
    found: Counter[datetime] = Counter()
    for day in _days(first, last):
        if open_days.is_closed(day):
            continue
        opened = open_days.open_spans(day)
        for template in templates:
            if not _holds_on(template, day):
                continue
            for at in _steps(_span(template.hours, day, open_days.zone), template.every_minutes):
                if any(opens <= at < closes for opens, closes in opened):
                    found[at] += template.capacity
    return dict(found)


@dataclass(frozen=True, slots=True)
class ClockRun:
    """Days that begin at the same distance to UTC, from the first instant of the first to the end of `last`."""

    last: date
    begins: datetime
    ends: datetime
    offset: timedelta


@lru_cache(maxsize=256)
def clock_runs(first: date, last: date, zone: ZoneInfo) -> tuple[ClockRun, ...]:
    """Cut days into runs between the nights when clocks change, so that days can be told apart by arithmetic.

    The change lies on the last day of a run, which is an hour longer or shorter than its distance says.
    """
    found: list[ClockRun] = []
    for day in _days(first, last):
        begins, ends = start_of_day(day, zone), start_of_day(day + _DAY, zone)
        offset = begins.astimezone(zone).utcoffset() or timedelta()
        if found and found[-1].offset == offset:
            found[-1] = replace(found[-1], last=day, ends=ends)
        else:
            found.append(ClockRun(day, begins, ends, offset))
    return tuple(found)


def repair(wanted: Mapping[datetime, WantedSlot], there: Iterable[KnownSlot], add_before: datetime) -> Repair:
    """Compare what is wanted with what is there; nothing is added from `add_before` on.

    Slots opened by hand stay as they are, also at an hour that a template wants. What was used and is not
    wanted any more stays with no free place, and is named once.
    """
    changed, unwanted, known = [], [], set()
    for slot in there:
        known.add(slot.starts_at)
        if slot.planned is None:
            continue
        shall = wanted.get(slot.starts_at)
        if shall is None:
            unwanted.append(slot.id)
        elif not slot.fits(shall):
            changed.append((slot.id, shall))
    added = [(at, shall) for at, shall in sorted(wanted.items()) if at < add_before and at not in known]
    return Repair(tuple(added), tuple(changed), tuple(unwanted))


def _days(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)


def _holds_on(template: SlotTemplate, day: date) -> bool:
    begins, ends = template.first or day, template.last or day
    return day.weekday() in template.days and begins <= day <= ends


def _steps(span: Span, every_minutes: int) -> Iterator[datetime]:
    at, closes = span
    while at < closes:
        yield at
        at += timedelta(minutes=every_minutes)


def _span(window: Window, day: date, zone: ZoneInfo) -> Span:
    last_day = day if window.closes != time.min else day + _DAY
    return _edge(day, window.opens, zone), _edge(last_day, window.closes, zone)


def _edge(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Turn an edge of a window into UTC; a reading that the clock skips is the jump itself.

    Only so do windows that do not overlap on the wall clock not overlap that night either.
    """
    after = instant(day, wall, zone)
    if after.astimezone(zone).time() == wall:
        return after
    before = datetime.combine(day, wall, tzinfo=zone).replace(fold=1).astimezone(UTC)
    jumped = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == jumped:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)
