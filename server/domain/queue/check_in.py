"""May this reservation become a ticket, here and now? The 15 minutes are decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.domain.office.hours import day_of, start_of_day
from server.domain.queue.tickets import TicketId
from wire.vocabulary import Refusal
from wire.vocabulary import ReservationStatus as Status


@dataclass(frozen=True, slots=True)
class CheckInPolicy:
    """How a service of a branch takes its booked visitors in (rule 14).

    `earliest` is the time before the hour from which the kiosk admits; None admits from the start of the day.
    `is_stopped`: a supervisor closed the service for today. `grace` is how much later one may be now, because the
    office is late itself.
    """

    zone: ZoneInfo
    lead: timedelta = timedelta(minutes=15)
    earliest: timedelta | None = None
    is_open: bool = True
    is_stopped: bool = False
    grace: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ReservationFacts:
    """What the decision needs to know of a reservation; `ticket_id` is there once it is checked in.

    `kept_until` is a later end than the usual one, promised while the office was late. `lapsed_by_time`: it
    stood, and nobody came.
    """

    branch: str
    service: str
    status: Status
    appointment_at: datetime
    ticket_id: TicketId | None = None
    reinstated: bool = False
    kept_until: datetime | None = None
    lapsed_by_time: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A valid code shown at a branch; `service` is set when the visitor came through a service's button."""

    branch: str
    now: datetime
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Admit:
    """The visitor gets a ticket."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The visitor has a ticket already: show it again (rule 17)."""

    ticket_id: TicketId


@dataclass(frozen=True, slots=True)
class Refuse:
    """The visitor gets no ticket, for a reason and with what may be told about it."""

    reason: Refusal
    facts: Mapping[str, datetime | date | str] = field(default_factory=dict)


def check_in_until(appointment_at: datetime, policy: CheckInPolicy) -> datetime:
    """Tell the last instant in time, in UTC: elapsed minutes, not minutes of the wall clock (rule 14)."""
    return appointment_at.astimezone(UTC) - policy.lead


def check_in_from(appointment_at: datetime, policy: CheckInPolicy) -> datetime:
    """Tell the first instant in time, in UTC (rule 14).

    The day that counts is that of `check_in_until`, so that a visit just after midnight has one too.
    """
    if policy.earliest is not None:
        return appointment_at.astimezone(UTC) - policy.earliest
    return start_of_day(day_of(check_in_until(appointment_at, policy), policy.zone), policy.zone)


def lapses_at(appointment_at: datetime, policy: CheckInPolicy, *, reinstated: bool = False) -> datetime:
    """Tell the last instant at which the reservation still stands; a moment later it has lapsed (rule 16).

    What a manager reinstated stands until its day at the branch is over.
    """
    if reinstated:
        next_day = day_of(appointment_at, policy.zone) + timedelta(days=1)
        return start_of_day(next_day, policy.zone)
    return check_in_until(appointment_at, policy)


@dataclass(frozen=True, slots=True)
class _Case:
    """The three sides of a decision, with the instants worked out."""

    reservation: ReservationFacts
    arrival: Arrival
    policy: CheckInPolicy

    now: datetime
    opens_at: datetime
    until: datetime
    days_past: int

    @classmethod
    def of(cls, reservation: ReservationFacts, arrival: Arrival, policy: CheckInPolicy) -> _Case:
        at, now, zone = reservation.appointment_at, arrival.now.astimezone(UTC), policy.zone
        opens_at, until = check_in_from(at, policy), check_in_until(at, policy) + policy.grace
        if reservation.kept_until is not None:
            until = max(until, reservation.kept_until.astimezone(UTC))
        days_past = (day_of(now, zone) - day_of(at, zone)).days
        return cls(reservation, arrival, policy, now, opens_at, until, days_past)

    @property
    def has_lapsed(self) -> bool:
        """Say whether it is over; by time it is not while the office is late itself."""
        if self.days_past > 0:
            return True
        in_grace = self.reservation.lapsed_by_time and bool(self.policy.grace) and self.now <= self.until
        return self.reservation.status is Status.LAPSED and not in_grace


_REFUSALS: tuple[tuple[Refusal, Callable[[_Case], bool]], ...] = (
    (Refusal.CANCELLED, lambda case: case.reservation.status is Status.CANCELLED),
    (Refusal.REJECTED, lambda case: case.reservation.status is Status.REJECTED),
    (Refusal.NOT_VERIFIED, lambda case: case.reservation.status in (Status.HELD, Status.PENDING)),
    (Refusal.OTHER_BRANCH, lambda case: case.arrival.branch != case.reservation.branch),
    (Refusal.OTHER_DAY, lambda case: case.days_past < 0 and case.now < case.opens_at),
    (Refusal.TOO_EARLY, lambda case: case.days_past == 0 and case.now < case.opens_at),
    (
        Refusal.TOO_LATE,
        lambda case: case.days_past <= 0 and case.now > case.until and not case.reservation.reinstated,
    ),
    (Refusal.LAPSED, lambda case: case.has_lapsed),
    (Refusal.OTHER_SERVICE, lambda case: case.arrival.service not in (None, case.reservation.service)),
    (Refusal.SERVICE_STOPPED, lambda case: case.policy.is_stopped),
    (Refusal.CLOSED, lambda case: not case.policy.is_open),
)
"""The order in which reasons are told (api.md, Check-in refusals); `unknown_code` is the caller's."""

_EVEN_WITH_A_TICKET = frozenset({Refusal.OTHER_BRANCH})
"""Numbers are a branch's own; at that branch the ticket's state decides, on later days too."""


def decide(reservation: ReservationFacts, arrival: Arrival, policy: CheckInPolicy) -> Admit | Repeat | Refuse:
    """Decide on a check-in; of several refusals the first of api.md's order is told (rules 14 to 17)."""
    case = _Case.of(reservation, arrival, policy)
    checked_in = reservation.status is Status.CHECKED_IN
    for reason, holds in _REFUSALS:
        if (not checked_in or reason in _EVEN_WITH_A_TICKET) and holds(case):
            return Refuse(reason, _facts(reason, case))
    if not checked_in:
        return Admit()
    assert reservation.ticket_id is not None, "a reservation that is checked in has a ticket"
    return Repeat(reservation.ticket_id)


def _facts(reason: Refusal, case: _Case) -> Mapping[str, datetime | date | str]:
    """Tell the holder of a valid code about their visit; at another branch only where and on which day."""
    reservation = case.reservation
    if reason is Refusal.OTHER_BRANCH:
        return {"branch": reservation.branch, "date": day_of(reservation.appointment_at, case.policy.zone)}
    return {
        "appointment_at": reservation.appointment_at.astimezone(UTC),
        "check_in_from": case.opens_at,
        "check_in_until": case.until,
        "now": case.now,
        "branch": reservation.branch,
        "service": reservation.service,
    }
