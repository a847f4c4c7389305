"""Plays a branch's day on to its closing: who waits, who is booked, and who may come without a reservation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.queue import arrivals
from server.domain.queue.hall_curve import curves
from server.services.office.settings import BranchView, Office, ServiceView
from server.services.queue.day_forecasts import DayForecast, WillWait
from server.services.queue.played_line import Experience, read_line
from server.services.queue.views.hall_rows import services_of
from server.store.queries import forecast as rows

_WEEKS = timedelta(weeks=8)
_STEP = timedelta(minutes=10)
_TOLD_IN = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_LONGEST = timedelta(hours=24)
_SOME = 0.5
_BREAK_SECONDS = 15 * 60.0


def learn_arrivals(session: Session, branch: BranchView, now: datetime) -> arrivals.Learned:
    """Learn from the sums of the last weeks how many come without a reservation on such a weekday."""
    today = branch.policy.business_day(now)
    found = rows.walk_ins(session, branch.id, today - _WEEKS, today - timedelta(days=1))
    days = [arrivals.PastDay(day.weekday(), counts) for day, counts in sorted(found.items())]
    return arrivals.learned(days, today.weekday())


def make(
    session: Session,
    office: Office,
    branch: BranchView,
    experience: Experience,
    learned: arrivals.Learned,
    now: datetime,
) -> DayForecast:
    """Play a branch's day from what the tables say now, and count in each hall who waits every ten minutes."""
    closes_at = _ends_at(branch, learned, now)
    told = DayForecast(now, learned.days, arrivals.FEWEST_DAYS, closes_at <= now)
    if told.is_over or learned.days < arrivals.FEWEST_DAYS:
        return told
    line = read_line(session, office, branch, experience, now, break_seconds=_BREAK_SECONDS)
    if not line.hall.counters:
        return told
    index = {service.id: n for n, service in enumerate(branch.services.values())}
    instants = list(_instants(now, closes_at))
    halls = list(branch.halls.values())
    found = curves(
        line.hall,
        line.times,
        _coming(session, branch, learned, index, now, closes_at),
        [(at - now).total_seconds() for at in instants],
        [[index[each.id] for each in services_of(branch, hall)] for hall in halls],
        (closes_at - now).total_seconds() if branch.policy.hours is not None else None,
    )
    by_hall = {
        hall.id: tuple(
            WillWait(at, each.low, each.middle, each.high) for at, each in zip(instants, bands, strict=True)
        )
        for hall, bands in zip(halls, found.bands, strict=True)
    }
    ids = [service.id for service in branch.services.values()]
    too_late = {ids[n]: _rounded(now + timedelta(seconds=at)) for n, at in found.too_late_from.items()}
    return replace(told, halls=by_hall, too_late_from=too_late)


def _ends_at(branch: BranchView, learned: arrivals.Learned, now: datetime) -> datetime:
    """Return until when the day is played: to its closing, else to the end of the last hour with some people."""
    policy = branch.policy
    if policy.hours is not None:
        return min(policy.closes_at(now) or now, now + _LONGEST)
    by_hour = [0.0] * 24
    for (_service, hour), expected in learned.expected.items():
        by_hour[hour] += expected
    last = max((hour for hour, expected in enumerate(by_hour) if expected >= _SOME), default=0)
    clock = now.astimezone(policy.zone).replace(minute=0, second=0, microsecond=0)
    return max(now + _HOUR, clock + (last + 1 - clock.hour) * _HOUR)


def _instants(now: datetime, closes_at: datetime) -> Iterator[datetime]:
    """Yield the ten minutes of the clock that are to come, and the closing."""
    past = timedelta(seconds=now.timestamp() % _STEP.total_seconds())
    at = now - past + _STEP
    while at < closes_at:
        yield at
        at += _STEP
    yield closes_at


def _rounded(at: datetime) -> datetime:
    """Round an instant down to the minutes in which such things are told."""
    return at - timedelta(seconds=at.timestamp() % _TOLD_IN.total_seconds())


def _coming(
    session: Session,
    branch: BranchView,
    learned: arrivals.Learned,
    index: Mapping[int, int],
    now: datetime,
    closes_at: datetime,
) -> arrivals.Coming:
    """Say how many may still come and how many were to come until now; a stopped service gives no tickets."""
    begun = branch.policy.business_day_began_at(now)
    came = rows.walk_ins_of_day(session, branch.id, branch.policy.business_day(now))
    spans: list[arrivals.Span] = []
    expected_so_far, came_so_far = 0.0, 0
    for service in branch.services.values():
        if not service.policy.walk_in or service.is_closed or service.walk_ins_stopped:
            continue
        came_so_far += came.get(service.id, 0)
        own: list[arrivals.Span] = []
        for begins, ends, expected in _hours(branch, service, learned, begun, closes_at):
            share = min(max((now - begins) / (ends - begins), 0.0), 1.0)
            expected_so_far += expected * share
            if share < 1:
                first = (max(begins, now) - now).total_seconds()
                last = (ends - now).total_seconds()
                own.append(arrivals.Span(index[service.id], first, last, expected * (1 - share)))
        limit = service.policy.walk_in_daily_limit
        spans += own if limit is None else arrivals.limited(own, limit - came.get(service.id, 0))
    return arrivals.Coming(spans, expected_so_far, came_so_far, learned.spread)


def _hours(
    branch: BranchView, service: ServiceView, learned: arrivals.Learned, begun: datetime, closes_at: datetime
) -> Iterator[tuple[datetime, datetime, float]]:
    """Yield the parts of hours in which the service gives tickets, with how many are expected in each."""
    policy = branch.policy
    offer = service.policy.walk_in_offer(policy)
    hours = offer.hours or offer.opening_hours
    day = policy.business_day(begun)
    windows = [each.on(day, policy.zone) for each in hours.windows_of(day)] if hours else [(begun, closes_at)]
    clock = begun.astimezone(policy.zone)
    at = begun - timedelta(minutes=clock.minute, seconds=clock.second)
    while at < closes_at:
        expected = learned.expected.get((service.id, at.astimezone(policy.zone).hour), 0.0)
        parts = [(max(at, opens), min(at + _HOUR, closes, closes_at)) for opens, closes in windows]
        parts = [(first, last) for first, last in parts if first < last]
        whole = sum(((last - first) for first, last in parts), timedelta())
        for first, last in parts if expected else ():
            yield first, last, expected * ((last - first) / whole)
        at += _HOUR
