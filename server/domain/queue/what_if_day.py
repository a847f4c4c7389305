"""A day of a hall as it can be played again, and what may be changed of it.

Times are seconds from the beginning of the business day. A service, a counter and a rule are known by their
place in the day's lists, a counter to people also by its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from server.domain.queue.order import CallPolicy

QUEUED_AT_THE_DOOR = 600.0
"""Who takes a ticket so soon after the first one could be had has queued at the door."""
END_OF_DAY = 30 * 3600.0
"""Later than any visit of a business day: as an end it is none."""
_WORKED_TO_THE_END = 600.0
"""A counter that closes so shortly before the office is one that stays for those who are left."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who came: when, what orders them, and what is known of their visit.

    lasts: how long they kept a counter, None where nobody knows. leaves: when they went without being called.
    waited: how long they did wait on the day, None where no clock can tell. `desk` is the only counter for them.
    """

    service: int
    came: float
    hour: float | None = None
    priority: bool = False
    urgent_since: float | None = None
    language: str = ""
    desk: int | None = None
    lasts: float | None = None
    leaves: float | None = None
    waited: float | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Some hours of a counter, and what it calls for in them; the rest is as in `order.CounterRules`."""

    begins: float
    ends: float
    services: frozenset[int]
    in_order: tuple[int, ...] = ()
    languages: frozenset[str] = frozenset()
    head_start: float = 0.0

    def over(self, begins: float, ends: float) -> bool:
        """Say whether it has anything of these hours."""
        return self.begins < ends and begins < self.ends


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter with its hours of the day; `usual` is what it calls for by its set-up."""

    number: int
    shifts: tuple[Shift, ...]
    usual: Shift


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a hall.

    opens: by service, when its tickets without a reservation are given out (None: nobody knows). closes: the
    office's end. stays: for how long after it counters go on with those who are left. gaps: how long counters
    took between two visits while somebody waited. expected: by service, the seconds of a visit by its setting.
    """

    name: str
    visitors: tuple[Visitor, ...]
    desks: tuple[Desk, ...]
    rules: tuple[CallPolicy, ...]
    expected: tuple[float, ...]
    targets: tuple[float, ...]
    opens: tuple[float | None, ...]
    closes: float
    stays: float = END_OF_DAY
    priority_every: int = 2
    gaps: tuple[float, ...] = ()
    desks_by_tickets: int = 0

    def until_all_are_served(self) -> tuple[Desk, ...]:
        """Return the counters as they stay for those who are left when the office closes."""
        until = min(self.closes + self.stays, END_OF_DAY)
        return tuple(replace(desk, shifts=tuple(self._longer(desk, until))) for desk in self.desks)

    def _longer(self, desk: Desk, until: float) -> Sequence[Shift]:
        last = max((shift.ends for shift in desk.shifts), default=0.0)
        return [
            replace(shift, ends=max(until, shift.ends))
            if shift.ends == last and last >= self.closes - _WORKED_TO_THE_END
            else shift
            for shift in desk.shifts
        ]


class DeskChange(StrEnum):
    """What else a counter does in some hours."""

    ALSO = "also"
    ONLY = "only"
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Another use of a counter between two hours of the day."""

    number: int
    what: DeskChange
    services: frozenset[int] = frozenset()
    begins: float = 0.0
    ends: float = END_OF_DAY


@dataclass(frozen=True, slots=True)
class Changes:
    """What is tried on a day.

    opens: by service, when tickets are given out instead. rules, priority_every: None where they stay. arrivals:
    by service, how many hundredths more or fewer come.
    """

    at_desks: tuple[AtDesk, ...] = ()
    opens: Mapping[int, float] = field(default_factory=dict)
    rules: tuple[CallPolicy, ...] | None = None
    priority_every: int | None = None
    arrivals: Mapping[int, float] = field(default_factory=dict)


def changed(day: Day, changes: Changes) -> Day:
    """Return the day with its counters, tickets and rules changed; how many come is drawn when it is played."""
    desks = {desk.number: desk for desk in day.desks}
    for each in changes.at_desks:
        if each.number in desks:
            desks[each.number] = _changed_desk(desks[each.number], each, day.closes)
    visitors = tuple(_given_out(day, changes, visitor) for visitor in day.visitors)
    return replace(
        day,
        desks=tuple(desks[desk.number] for desk in day.desks),
        visitors=visitors,
        rules=changes.rules or day.rules,
        priority_every=changes.priority_every or day.priority_every,
    )


def _given_out(day: Day, changes: Changes, visitor: Visitor) -> Visitor:
    """Say when a visitor takes their ticket if it is given out at another hour.

    Later: who would come before it comes with it. Earlier: who queued at the door comes as much earlier, all
    others come as they came. Who left still waits as long before they leave; booked visitors change nothing.
    """
    new, old = changes.opens.get(visitor.service), day.opens[visitor.service]
    if new is None or old is None or visitor.hour is not None:
        return visitor
    came = visitor.came
    if came < new:
        # Those who wait at the door keep their order.
        came = new + came * 1e-6
    elif new < old <= came <= old + QUEUED_AT_THE_DOOR:
        came = came - (old - new)
    leaves = None if visitor.leaves is None else visitor.leaves + came - visitor.came
    return replace(visitor, came=came, leaves=leaves)


def _changed_desk(desk: Desk, change: AtDesk, closes: float) -> Desk:
    begins, ends = change.begins, change.ends
    inside = [_cut(shift, begins, ends) for shift in desk.shifts if shift.over(begins, ends)]
    outside = [part for shift in desk.shifts for part in _without(shift, begins, ends)]
    if change.what is DeskChange.CLOSED:
        inside = []
    elif change.what is DeskChange.ALSO:
        inside = [replace(shift, services=shift.services | change.services) for shift in inside]
    elif change.what is DeskChange.ONLY:
        inside = [replace(shift, services=change.services, in_order=()) for shift in inside]
    else:
        services = change.services or desk.usual.services
        until = closes if ends >= END_OF_DAY else ends
        whole = replace(desk.usual, begins=begins, ends=until, services=services)
        inside += [part for part in _gaps_in(whole, inside) if part.ends > part.begins]
    return replace(desk, shifts=tuple(sorted([*inside, *outside], key=lambda shift: shift.begins)))


def _cut(shift: Shift, begins: float, ends: float) -> Shift:
    return replace(shift, begins=max(shift.begins, begins), ends=min(shift.ends, ends))


def _without(shift: Shift, begins: float, ends: float) -> list[Shift]:
    parts = [
        replace(shift, ends=min(shift.ends, begins)),
        replace(shift, begins=max(shift.begins, ends)),
    ]
    return [part for part in parts if part.ends > part.begins]


def _gaps_in(whole: Shift, shifts: Sequence[Shift]) -> list[Shift]:
    """Return what of some hours no shift has."""
    found = [whole]
    for shift in shifts:
        found = [part for each in found for part in _without(each, shift.begins, shift.ends)]
    return found
