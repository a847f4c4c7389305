"""Days that never were, for trials: visitors who come, wait and are served at the counters of a branch."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from deploy.demo.lived import lives_by_rules, write_tickets
from server.domain.office.hours import instant
from server.domain.statistics.open_times import Presence
from server.domain.statistics.sums import Booking, DeskSums, Rules, Sums, sums_of
from server.domain.statistics.visits import Visit, in_order
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.services.statistics.keeping import rules_of
from server.store.queries.statistics.sums import write_sums
from server.store.store import Store
from server.store.tables import SummedDay

DAYS = 60
TICKETS = 170
DAYS_AS_ROWS = 16
"""Of so many days the tickets are there too, so that they can be played again."""
_OPENS, _HOURS = time(8), 7.5
_BUSY = 0.86
_WEEKEND = 5
# By weekday: Mondays are full, Fridays are not.
_FULL = (1.18, 1.04, 0.98, 1.0, 0.84)
_SPREAD = 0.55
_EVERY = timedelta(minutes=10)
_DUE = timedelta(minutes=2)
_LANGUAGES = ("pl", "pl", "pl", "uk", "en", "ru")


@dataclass(frozen=True, slots=True)
class MadeDay:
    """What a day is summed up from; `hours` are those of booked visitors, by the visits' ids."""

    visits: tuple[Visit, ...]
    bookings: tuple[Booking, ...]
    presences: tuple[Presence, ...]
    hours: Mapping[int, datetime]

    def sums(self, rules: Rules) -> tuple[Sums, DeskSums]:
        """Sum it up."""
        return sums_of(in_order(self.visits), self.bookings, self.presences, rules)


@dataclass(slots=True)
class _Desk:
    """A counter on its way through a day."""

    id: int
    service_ids: tuple[int, ...]
    free_at: datetime


def write_history(store: Store, context: Context, branch: BranchView, days: int = DAYS) -> None:
    """Write the sums of made days before today, marked as made; of the last ones the tickets too."""
    made = list(_history(context, branch, days))

    def write(session: Session) -> None:
        for day, sums, desks, as_rows in made:
            write_sums(session, branch.id, day, sums, desks)
            if as_rows is not None:
                write_tickets(session, branch, day, as_rows.visits, as_rows.hours)
        rows = [
            {
                "branch_id": branch.id,
                "day": day,
                "made_at": context.now,
                "is_due": False,
                "is_sample": True,
            }
            for day, *_figures in made
        ]
        session.execute(insert(SummedDay), rows)

    store.write(write)


def _history(
    context: Context, branch: BranchView, days: int
) -> Iterator[tuple[date, Sums, DeskSums, MadeDay | None]]:
    today = branch.policy.business_day(context.now)
    chance, rules = random.Random(today.toordinal()), rules_of(branch)
    for ago in range(1, days + 1):
        day = today - timedelta(days=ago)
        if day.weekday() < _WEEKEND:
            tickets = round(TICKETS * _FULL[day.weekday()] * chance.uniform(0.9, 1.1))
            as_rows = ago <= DAYS_AS_ROWS
            made = made_day(chance, branch, day, tickets, by_rules=as_rows)
            yield day, *made.sums(rules), made if as_rows else None


def made_day(
    chance: random.Random, branch: BranchView, day: date, tickets: int, *, by_rules: bool = False
) -> MadeDay:
    """Make a day with about so many tickets; the counters are busy for most of it, however many come.

    Visitors are called as they came, or with `by_rules` by the calling rules of the branch.
    """
    opens_at = instant(day, _OPENS, branch.policy.zone)
    desks = [
        _Desk(each.id, each.service_ids, opens_at)
        for each in branch.counters.values()
        if not each.archived and each.service_ids
    ]
    served = [
        each
        for each in branch.services.values()
        if not each.policy.archived and any(each.id in desk.service_ids for desk in desks)
    ]
    # Each service gets as many as its counters have time for.
    shares = [
        sum(1 / len(desk.service_ids) for desk in desks if each.id in desk.service_ids)
        / each.policy.expected_service_minutes
        for each in served
    ]
    waiting, bookings = _who_comes(chance, served, shares, tickets, opens_at)
    work = sum(
        next(each.policy.expected_service_minutes for each in served if each.id == visit.service_id)
        for _ready, visit in waiting
    )
    pace = len(desks) * _HOURS * 60 * _BUSY / max(work, 1)
    minutes = {each.id: pace * each.policy.expected_service_minutes for each in served}
    ends_at = opens_at + timedelta(hours=_HOURS + 0.5)
    if by_rules:
        visits = tuple(lives_by_rules(chance, branch, waiting, (opens_at, ends_at), minutes))
    else:
        visits = tuple(_lives(chance, waiting, desks, minutes))
    presences = tuple(
        Presence(desk.id, None, opens_at + timedelta(minutes=chance.randint(0, 20)), ends_at)
        for desk in desks
    )
    booked_at = {visit.id: ready + _DUE for ready, visit in waiting if visit.is_booked}
    return MadeDay(visits, tuple(bookings), presences, booked_at)


def _who_comes(
    chance: random.Random,
    served: Sequence[ServiceView],
    shares: Sequence[float],
    tickets: int,
    opens_at: datetime,
) -> tuple[list[tuple[datetime, Visit]], list[Booking]]:
    """Draw who comes and when; each with the instant from which they may be called."""
    coming: list[tuple[datetime, Visit]] = []
    bookings = []
    if not served:
        return [], []
    for number, service in enumerate(chance.choices(served, shares, k=tickets)):
        is_booked = not service.policy.walk_in or chance.random() < 0.35
        if is_booked:
            hour = opens_at + _EVERY * chance.randint(2, int(_HOURS * 6) - 2)
            lead = timedelta(days=min(chance.expovariate(1 / 9), 45))
            is_lapsed = chance.random() < 0.07
            bookings.append(Booking(service.id, hour, hour - lead, is_lapsed=is_lapsed))
            if is_lapsed:
                continue
            came = hour - timedelta(minutes=15 + abs(chance.gauss(0, 6)))
            ready = max(came, hour - _DUE)
        else:
            came = ready = opens_at + timedelta(hours=_HOURS * 0.95 * chance.betavariate(1.7, 2.6))
        visit = Visit(number, service.id, "waiting", is_booked, chance.choice(_LANGUAGES), came, came)
        coming.append((ready, visit))
    return sorted(coming, key=lambda each: each[0]), bookings


def _lives(
    chance: random.Random,
    waiting: Sequence[tuple[datetime, Visit]],
    desks: Sequence[_Desk],
    minutes: dict[int, float],
) -> Iterator[Visit]:
    """Let visitors be called one after the other, each at the counter for them that is free first."""
    for ready, visit in waiting:
        desk = min(
            (each for each in desks if visit.service_id in each.service_ids), key=lambda each: each.free_at
        )
        called = max(ready, desk.free_at)
        patience = (called - visit.queued_at) / timedelta(minutes=1)
        if chance.random() < 0.012:
            yield replace(visit, status="withdrawn", outcome="ticket_twice")
        elif patience > 25 and chance.random() < 0.06:
            yield replace(visit, status="withdrawn", outcome="visitor_left")
        elif chance.random() < 0.03:
            desk.free_at = called + timedelta(minutes=2)
            gone = {"called_at": called, "calls": (called,), "finished_at": desk.free_at}
            yield replace(visit, status="no_show", counter_id=desk.id, **gone)  # type: ignore[arg-type]
        else:
            started = called + timedelta(seconds=chance.randint(15, 70))
            mean = minutes[visit.service_id]
            long = mean * math.exp(chance.gauss(-(_SPREAD**2) / 2, _SPREAD))
            desk.free_at = started + timedelta(minutes=long)
            told = called.replace(second=0, microsecond=0) + timedelta(minutes=round(chance.gauss(-0.5, 4.5)))
            yield replace(
                visit,
                promised_from=told - timedelta(minutes=4),
                promised_until=told + timedelta(minutes=4),
                status="finished",
                outcome="without_documents" if chance.random() < 0.04 else "served",
                called_at=called,
                calls=(called,),
                started_at=started,
                finished_at=desk.free_at,
                counter_id=desk.id,
            )
