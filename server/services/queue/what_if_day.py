"""Reads a past day from tickets and facts so that it can be played again."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from server.domain.queue.what_if_day import END_OF_DAY, Day, Desk, Shift, Visitor
from server.domain.statistics.visits import Visit, duplicates, times_of
from server.services.context import Context
from server.services.office.as_of import as_of
from server.services.office.settings import BranchView, CounterView, Office
from server.services.statistics.keeping import bounds
from server.store.queries import what_if as rows
from server.store.queries.statistics import rows as ticket_rows
from wire.vocabulary import FactType, TicketStatus, Withdrawal

_LONGEST_GAP = 600.0
"""Whoever leaves those who wait for longer than this has gone for a break."""
_FORGOTTEN = 8
_LAST_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class _Stay:
    """A visit at a counter: who was called, when, and until when it kept the counter (None: nobody knows)."""

    counter_id: int
    visit: Visit
    called: float
    until: float | None
    due: float


def read_day(session: Session, context: Context, branch: BranchView, day: date) -> Day:
    """Read a day: who came, which counters were open, and by which rules they called then."""
    begins_at, ends_at = bounds(branch, day)
    then = as_of(session, branch, ends_at)
    return _Reader(session, context.office, then, day, begins_at, ends_at).read()


class _Reader:
    def __init__(
        self,
        session: Session,
        office: Office,
        branch: BranchView,
        day: date,
        begins_at: datetime,
        ends_at: datetime,
    ) -> None:
        self.session, self.office, self.branch, self.day = session, office, branch, day
        self.begins_at, self.ends_at = begins_at, ends_at
        self.services = list(branch.services.values())
        self.index = {service.id: n for n, service in enumerate(self.services)}
        self.counters = sorted(branch.counters.values(), key=lambda each: each.number)
        self.lead = branch.policy.calling.lead
        self.place = {counter.id: n for n, counter in enumerate(self.counters)}

    def read(self) -> Day:
        visits = list(ticket_rows.visits(self.session, self.branch.id, self.day))
        twice = duplicates(visits)
        places = rows.places(self.session, self.branch.id, self.day)
        came = [each for each in visits if each.id not in twice and each.service_id in self.index]
        came.sort(key=lambda each: (each.queued_at, each.id))
        stays = self._stays(came, places)
        closes_at = self.branch.policy.closes_at(self.begins_at)
        by_counter = {counter.id: self._of(stays.values(), counter.id) for counter in self.counters}
        shifts, by_tickets = self._shifts(by_counter, closes_at)
        last = max((shift.ends for each in shifts for shift in each), default=END_OF_DAY)
        closes = self._at(closes_at) if closes_at else last
        gaps: list[float] = []
        desks = []
        for counter, own in zip(self.counters, shifts, strict=True):
            found, breaks = _between(by_counter[counter.id])
            gaps += found
            worked = [part for shift in own for part in _without(shift, breaks)]
            desks.append(Desk(counter.number, tuple(worked), self._usual(counter)))
        policy = self.branch.policy
        until = timedelta(minutes=policy.left_at_closing_minutes)
        return Day(
            self.day.isoformat(),
            tuple(self._visitor(each, places[each.id], stays.get(each.id)) for each in came),
            tuple(desks),
            tuple(each.policy.calling(policy) for each in self.services),
            tuple(each.policy.expected_service_minutes * 60.0 for each in self.services),
            tuple(each.policy.target_minutes(policy) * 60.0 for each in self.services),
            self._opens(came),
            closes,
            END_OF_DAY if policy.left_at_closing == "serve" else until.total_seconds(),
            policy.calling.priority_every,
            tuple(gaps),
            by_tickets,
        )

    def _at(self, at: datetime) -> float:
        return (at - self.begins_at).total_seconds()

    @staticmethod
    def _of(stays: Iterable[_Stay], counter_id: int) -> list[_Stay]:
        return sorted((each for each in stays if each.counter_id == counter_id), key=lambda each: each.called)

    def _stay(self, visit: Visit, place: rows.Place) -> _Stay | None:
        if visit.called_at is None or visit.counter_id not in self.place:
            return None
        called = self._at(min([each for each in visit.calls if each >= visit.queued_at] or [visit.called_at]))
        busy = times_of(visit).busy
        until = None if busy is None else self._at(visit.called_at) + busy
        lead = self.lead
        due = self._at(visit.queued_at)
        if place.appointment_at is not None:
            due = max(due, self._at(place.appointment_at - lead))
        return _Stay(visit.counter_id, visit, called, until, due)

    def _stays(self, came: Sequence[Visit], places: Mapping[int, rows.Place]) -> dict[int, _Stay]:
        """Return the visits at counters by ticket; how long one took that somebody forgot, nobody knows."""
        found = {each.id: stay for each in came if (stay := self._stay(each, places[each.id])) is not None}
        lengths: dict[int, list[float]] = {}
        for stay in found.values():
            if stay.until is not None:
                lengths.setdefault(stay.visit.service_id, []).append(stay.until - stay.called)
        most = {service: _FORGOTTEN * statistics.median(own) for service, own in lengths.items()}
        return {
            ticket: replace(stay, until=None)
            if stay.until is not None and stay.until - stay.called > most[stay.visit.service_id] > 0
            else stay
            for ticket, stay in found.items()
        }

    def _visitor(self, visit: Visit, place: rows.Place, stay: _Stay | None) -> Visitor:
        times = times_of(visit)
        came = min(max(self._at(visit.queued_at), 0.0), END_OF_DAY)
        lasts = None if stay is None or stay.until is None else max(stay.until - stay.called, 0.0)
        return Visitor(
            self.index[visit.service_id],
            came,
            None if place.appointment_at is None else self._at(place.appointment_at),
            place.priority,
            None if place.urgent_since is None else self._at(place.urgent_since),
            visit.language,
            self.place.get(place.for_counter_id or 0),
            lasts,
            self._left(visit),
            None if times.wait is None else float(times.wait),
        )

    def _left(self, visit: Visit) -> float | None:
        """Tell when somebody left who was not called; who was sent home at the end of the day did not."""
        gone = visit.status == TicketStatus.WITHDRAWN and visit.outcome != Withdrawal.DAY_OVER
        if not gone or visit.called_at is not None or visit.finished_at is None:
            return None
        return max(self._at(visit.finished_at), self._at(visit.queued_at), 0.0)

    def _opens(self, came: Sequence[Visit]) -> tuple[float | None, ...]:
        """Tell when each service's first ticket without a reservation could be had: by its hours, or was."""
        found: list[float | None] = []
        for service in self.services:
            offer = service.policy.walk_in_offer(self.branch.policy)
            hours = offer.hours or offer.opening_hours
            windows = hours.windows_of(self.day) if hours is not None else ()
            own = [
                self._at(each.queued_at)
                for each in came
                if each.service_id == service.id and not each.is_booked
            ]
            if windows:
                opens_at = min(each.on(self.day, self.branch.policy.zone)[0] for each in windows)
                found.append(max(self._at(opens_at), 0.0))
            else:
                found.append(min(own, default=None))
        return tuple(found)

    def _usual(self, counter: CounterView, clerk_id: int | None = None) -> Shift:
        office = replace(self.office, counters={each.id: each for each in self.counters})
        staffed = office.staffed(counter.id, clerk_id)
        rules = self.branch.rules_at(staffed)
        return Shift(
            0.0,
            0.0,
            frozenset(self.index[each] for each in staffed.service_ids if each in self.index),
            tuple(self.index[each] for each in rules.in_order if each in self.index),
            rules.languages,
            rules.head_start.total_seconds(),
        )

    def _shifts(
        self, stays: Mapping[int, Sequence[_Stay]], closes_at: datetime | None
    ) -> tuple[list[list[Shift]], int]:
        """Tell the hours of each counter by its facts, else from its first call to its last visit's end."""
        facts: dict[int, list[rows.CounterFact]] = {}
        for fact in rows.counter_facts(self.session, self.branch.id, self.begins_at, self.ends_at):
            facts.setdefault(fact.counter, []).append(fact)
        assigned = rows.assigned(self.session, self.branch.id, self.begins_at, self.ends_at)
        closes = None if closes_at is None else self._at(closes_at)
        found, by_tickets = [], 0
        for counter in self.counters:
            own = stays[counter.id]
            hours = self._hours(facts.get(counter.number, ()), own, closes)
            by_tickets += bool(own) and counter.number not in facts
            usual = [
                replace(self._usual(counter, clerk), begins=begins, ends=ends)
                for begins, ends, clerk in hours
            ]
            served = frozenset(self.index[each.visit.service_id] for each in own)
            usual = [each if each.services else replace(each, services=served) for each in usual]
            if counter.number not in facts:
                usual = [self._until_nobody_comes(each, stays) for each in usual]
            found.append(self._steered(usual, [each for each in assigned if each.counter_id == counter.id]))
        return found, by_tickets

    def _until_nobody_comes(self, shift: Shift, stays: Mapping[int, Sequence[_Stay]]) -> Shift:
        """Let a counter stay open that had nobody left to call, as long as any other one works."""
        all_stays = [each for own in stays.values() for each in own]
        last = max((each.until or each.called for each in all_stays), default=0.0)
        is_left = any(
            each.due <= shift.ends < each.called and self.index[each.visit.service_id] in shift.services
            for each in all_stays
        )
        return shift if is_left else replace(shift, ends=max(shift.ends, last))

    def _hours(
        self, facts: Sequence[rows.CounterFact], stays: Sequence[_Stay], closes: float | None
    ) -> list[tuple[float, float, int | None]]:
        first = min((each.called for each in stays), default=None)
        last = max((each.called if each.until is None else each.until for each in stays), default=None)
        stayed = closes is not None and last is not None and last >= closes - _LAST_HOUR
        end = max(last or 0.0, closes or 0.0) if stayed or last is None else last
        opened, clerk = first, None
        found: list[tuple[float, float, int | None]] = []
        for fact in facts:
            at = self._at(fact.at)
            if fact.type == FactType.COUNTER_OPENED:
                opened = at if opened is None or found or first is None else min(opened, at)
                clerk = fact.clerk_id
            elif opened is not None:
                found.append((opened, at, clerk))
                opened = None
        if opened is not None and (facts or stays):
            found.append((opened, end, clerk))
        return [each for each in found if each[1] > each[0]]

    def _steered(self, shifts: list[Shift], assigned: Sequence[rows.Assigned]) -> list[Shift]:
        for each in assigned:
            begins = self._at(each.begins_at)
            ends = END_OF_DAY if each.ended_at is None else self._at(each.ended_at)
            services = frozenset(self.index[one] for one in each.service_ids if one in self.index)
            parts = []
            for shift in shifts:
                parts += _without(shift, [(begins, ends)])
                if shift.over(begins, ends):
                    inside = max(shift.begins, begins), min(shift.ends, ends)
                    parts.append(replace(shift, begins=inside[0], ends=inside[1], services=services))
            shifts = sorted(parts, key=lambda shift: shift.begins)
        return shifts


def _without(shift: Shift, breaks: Iterable[tuple[float, float]]) -> list[Shift]:
    parts = [shift]
    for begins, ends in breaks:
        parts = [
            part
            for each in parts
            for part in (
                replace(each, ends=min(each.ends, begins)),
                replace(each, begins=max(each.begins, ends)),
            )
            if part.ends > part.begins
        ]
    return parts


def _between(stays: Sequence[_Stay]) -> tuple[list[float], list[tuple[float, float]]]:
    """Tell how long a counter took from one visitor to the next who waited, and which of these were breaks."""
    gaps, breaks = [], []
    for before, after in pairwise(stays):
        if before.until is None or after.due > before.until:
            continue
        gap = after.called - before.until
        if gap > _LONGEST_GAP:
            breaks.append((before.until, after.called))
        elif gap >= 0:
            gaps.append(gap)
    return gaps, breaks
