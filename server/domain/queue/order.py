"""Who is next: the order of the people who wait (rules.md, Who is next). All instants are aware and in UTC.

People wait in four lanes of a service. Inside a lane the order never changes with time, so an index can hold
it, and the next visitor is always at a lane's head: `choose` ranks a handful of tickets, however many wait.
While the priority share is used up, the priority lane has two heads: its first booked visitor by the hour and
its first walk-in by arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum

from server.domain.queue.tickets import TicketId


class Lane(StrEnum):
    URGENT = "urgent"
    PRIORITY = "priority"
    BOOKED = "booked"
    WALK_IN = "walk_in"


class Class(IntEnum):
    """The classes of the table in rules.md; the smaller is called first."""

    URGENT = 0
    PRIORITY = 1
    BOOKED_OVERDUE = 2
    WALK_IN_OVERDUE = 3
    BOOKED_DUE = 4
    WALK_IN = 5
    BOOKED_EARLY = 6


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How the lanes of a service merge: the figures in brackets in rules.md, Who is next.

    lead: how long before their hour booked visitors are due. overdue: how long past it they come first.
    maximum_wait: how long walk-ins wait before they come first; without `long_wait_first` it is told to staff
    and changes no place but that of a strict order. priority_every: of so many calls at most one is a priority
    visitor's by right.
    """

    lead: timedelta = timedelta(minutes=2)
    overdue: timedelta = timedelta(minutes=10)
    maximum_wait: timedelta = timedelta(minutes=45)
    priority_every: int = 2
    long_wait_first: bool = True


@dataclass(frozen=True, slots=True)
class CounterRules:
    """How a counter chooses among the lines of its services.

    `policy` is the branch's, `services` those of services that rule something of their own. `in_order` names the
    services whose order is strict, the first one first; without any they are one line. To a clerk who speaks some
    `languages`, who speaks one of them counts as so much earlier (`head_start`).
    """

    policy: CallPolicy = field(default_factory=CallPolicy)
    services: Mapping[int, CallPolicy] = field(default_factory=dict)
    in_order: tuple[int, ...] = ()
    languages: frozenset[str] = frozenset()
    head_start: timedelta = timedelta(0)

    def of(self, service_id: int) -> CallPolicy:
        """Return the rules of a service's line."""
        return self.services.get(service_id, self.policy)

    @property
    def prefers_languages(self) -> bool:
        """Say whether the clerk's languages give anybody a head start."""
        return bool(self.languages and self.head_start)

    def plain(self, service_ids: Iterable[int]) -> CallPolicy | None:
        """Return the one policy by which all these lines are one; None where there is no such."""
        is_one = (
            not self.in_order
            and not self.prefers_languages
            and all(self.of(each) == self.policy for each in service_ids)
        )
        return self.policy if is_one and self.policy.long_wait_first else None


@dataclass(frozen=True, slots=True)
class LineTicket:
    """A waiting ticket as the order sees it; `id` is the issue order too, `service` the service's id."""

    id: TicketId
    service_id: int
    queued_at: datetime
    appointment_at: datetime | None = None
    priority: bool = False
    urgent_since: datetime | None = None
    language: str = ""


Rank = tuple[Class, datetime, TicketId]
"""A place in the line of one service."""
_ORDINARY = (Class.BOOKED_DUE, Class.WALK_IN)
Turn = tuple[int, int, Rank]
"""A place among all whom a counter may call; the smallest is called first."""


def priority_allowed(calls_since_priority: int | None, policy: CallPolicy) -> bool:
    """Tell whether the hall's next call may be a priority visitor's by right (class 1).

    `calls_since_priority` counts the hall's calls after the last one of a priority visitor; None: none yet.
    """
    return calls_since_priority is None or calls_since_priority >= policy.priority_every - 1


def rank(ticket: LineTicket, now: datetime, policy: CallPolicy, priority_allowed: bool) -> Rank:
    """Give the ticket's place at `now`; the smallest is called first, ties by issue order.

    A priority visitor whose share is used up ranks as the booked visitor or walk-in that they also are.
    """
    if ticket.urgent_since is not None:
        return Class.URGENT, ticket.urgent_since, ticket.id
    if ticket.priority and priority_allowed:
        return Class.PRIORITY, ticket.queued_at, ticket.id
    if ticket.appointment_at is None:
        overdue = policy.long_wait_first and now - ticket.queued_at >= policy.maximum_wait
        return (Class.WALK_IN_OVERDUE if overdue else Class.WALK_IN), ticket.queued_at, ticket.id
    if now - ticket.appointment_at >= policy.overdue:
        return Class.BOOKED_OVERDUE, ticket.appointment_at, ticket.id
    due = now >= ticket.appointment_at - policy.lead
    return (Class.BOOKED_DUE if due else Class.BOOKED_EARLY), ticket.appointment_at, ticket.id


def turn(ticket: LineTicket, now: datetime, rules: CounterRules, priority_allowed: bool) -> Turn:
    """Give the ticket's place at a counter.

    A strict order ranks those who wait in the ordinary way: booked visitors who are due and walk-ins. Whoever is
    urgent, has priority by right, or has waited too long comes before it, so that no service is left waiting for
    ever; who is early comes behind it. A head start for a language counts among the same ordinary ones: nobody is
    overtaken by it by whoever came, or is booked, more than that later.
    """
    policy = rules.of(ticket.service_id)
    own = rank(ticket, now, policy, priority_allowed)
    if own[0] in _ORDINARY and not ticket.priority and ticket.language in rules.languages:
        own = own[0], own[1] - rules.head_start, own[2]
    if own[0] < Class.BOOKED_DUE or not rules.in_order:
        return own[0], 0, own
    if own[0] is Class.BOOKED_EARLY:
        return own[0], _position(ticket, rules), own
    # Where a long wait is told to staff only, it still frees from the order of services.
    waited_too_long = own[0] is Class.WALK_IN and now - ticket.queued_at >= policy.maximum_wait
    return Class.BOOKED_DUE, 0 if waited_too_long else _position(ticket, rules), own


def _position(ticket: LineTicket, rules: CounterRules) -> int:
    """Return the place of the ticket's service; who was sent to this very counter stands with its first one."""
    order = rules.in_order
    return order.index(ticket.service_id) if ticket.service_id in order else 0


def choose(
    candidates: Iterable[LineTicket], now: datetime, rules: CounterRules, calls_since_priority: int | None
) -> LineTicket | None:
    """Pick whom to call next among the heads of the lanes that a counter serves; None when nobody waits."""
    allowed = priority_allowed(calls_since_priority, rules.policy)
    return min(candidates, key=lambda ticket: turn(ticket, now, rules, allowed), default=None)


def lane_of(ticket: LineTicket) -> Lane:
    """Tell where the ticket waits; being urgent or having priority goes before being booked."""
    if ticket.urgent_since is not None:
        return Lane.URGENT
    if ticket.priority:
        return Lane.PRIORITY
    return Lane.WALK_IN if ticket.appointment_at is None else Lane.BOOKED


def lane_at(ticket: LineTicket) -> datetime:
    """Give the instant that orders the ticket inside its lane: urgent since, hour of the visit, or queued."""
    if ticket.urgent_since is not None:
        return ticket.urgent_since
    if ticket.priority or ticket.appointment_at is None:
        return ticket.queued_at
    return ticket.appointment_at


@dataclass(frozen=True, slots=True)
class Before:
    """The part of a lane whose (lane_at, id) is smaller than (at, id): one range of an index."""

    at: datetime
    id: TicketId


LAST = TicketId(2**63 - 1)
_EVERYBODY = Before(datetime.max.replace(tzinfo=UTC), LAST)


def judged_at(ticket: LineTicket, now: datetime, policy: CallPolicy) -> datetime:
    """Tell when to count who is ahead: now, but for a booked visitor not before they are due.

    Until then nearly everybody is ahead of them, which says nothing about their wait.
    """
    if lane_of(ticket) is not Lane.BOOKED or ticket.appointment_at is None:
        return now
    return max(now, ticket.appointment_at - policy.lead)


def ahead(ticket: LineTicket, now: datetime, policy: CallPolicy) -> Mapping[Lane, Before | None]:
    """Tell which part of each lane is called before this ticket, as of `judged_at`; None is nobody.

    Counting the rows inside these ranges equals counting smaller ranks, with the priority share left out:
    as if every priority visitor came by right.
    """
    return _before(ticket, judged_at(ticket, now, policy), policy)


def ahead_now(ticket: LineTicket, now: datetime, policy: CallPolicy) -> Mapping[Lane, Before | None]:
    """Tell which part of each lane stands before this ticket as the line is at `now`: the order of a board."""
    return _before(ticket, now, policy)


def _before(ticket: LineTicket, at: datetime, policy: CallPolicy) -> Mapping[Lane, Before | None]:
    own = Before(lane_at(ticket), ticket.id)
    place, _, _ = rank(ticket, at, policy, priority_allowed=True)
    booked_overdue = Before(at - policy.overdue, LAST)
    booked_due = Before(at + policy.lead, LAST)
    walk_in_overdue = Before(at - policy.maximum_wait, LAST) if policy.long_wait_first else None
    urgent, priority, booked, walk_in = {
        Class.URGENT: (own, None, None, None),
        Class.PRIORITY: (_EVERYBODY, own, None, None),
        Class.BOOKED_OVERDUE: (_EVERYBODY, _EVERYBODY, own, None),
        Class.WALK_IN_OVERDUE: (_EVERYBODY, _EVERYBODY, booked_overdue, own),
        Class.BOOKED_DUE: (_EVERYBODY, _EVERYBODY, own, walk_in_overdue),
        Class.WALK_IN: (_EVERYBODY, _EVERYBODY, booked_due, own),
        Class.BOOKED_EARLY: (_EVERYBODY, _EVERYBODY, own, _EVERYBODY),
    }[place]
    return {Lane.URGENT: urgent, Lane.PRIORITY: priority, Lane.BOOKED: booked, Lane.WALK_IN: walk_in}
