"""What boards and counters show of tickets: hot statements that read a few columns and make no ORM objects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from sqlalchemy import BigInteger, bindparam, case, func, select, type_coerce
from sqlalchemy.orm import Session

from server.store.prepared import Prepared
from server.store.queries.tickets import CLOSED_BY_PEOPLE, IS_ASIDE, IS_IN_HAND
from server.store.tables import Call, Counter, Device, Steering, Ticket, User, fixed
from wire.vocabulary import SteeringKind, TicketStatus

_MOST_LISTED = 100
_MICROSECOND = timedelta(microseconds=1)
_TICKET = tuple(Ticket.__table__.columns)


class Listed(NamedTuple):
    """A ticket as a line of a list, with what decides about the steps that may be taken."""

    id: int
    number: str
    service_id: int
    status: str
    priority: str | None
    appointment_at: datetime | None
    queued_at: datetime
    called_at: datetime | None
    came_back_at: datetime | None
    paused_until: datetime | None
    announced_at: datetime | None
    urgent_since: datetime | None
    not_handed_over_at: datetime | None
    call_count: int
    note: str | None


class Called(NamedTuple):
    """A calling with its ticket as it is now."""

    id: int
    called_at: datetime
    counter: int
    ticket_id: int
    number: str
    language: str
    status: str


class CounterNow(NamedTuple):
    """A counter as it is now, and who is signed in there."""

    id: int
    number: int
    state: str
    clerk_id: int | None
    login: str | None
    name: str | None


class Ended(NamedTuple):
    """Tickets of a counter that ended in one way: how many; how long `timed` ones of them were served in all; how
    many were called, and how many of these in time.
    """

    status: str
    outcome: str | None
    tickets: int
    timed: int
    service: timedelta
    called: int
    in_time: int


class Part(NamedTuple):
    """A device of a hall with the states of its parts."""

    name: str
    role: str
    status: dict[str, Any]
    status_since: datetime


class Beside(NamedTuple):
    """A call for help or a message that goes on; `helper` is the name of who comes."""

    id: int
    kind: str
    counter_id: int | None
    value: dict[str, Any] | None
    begins_at: datetime
    helper: str | None


_LISTED = tuple(getattr(Ticket, name) for name in Listed._fields)


_NUMBERED = ("id", "number", "not_handed_over_at")


@lru_cache(maxsize=64)
def _by_id(fields: tuple[str, ...], count: int) -> Prepared:
    ids: list[Any] = [bindparam(f"id_{place}") for place in range(count)]
    return Prepared(select(*(getattr(Ticket, field) for field in fields)).where(Ticket.id.in_(ids)))


def _some(session: Session, fields: tuple[str, ...], ids: Collection[int]) -> list[tuple[Any, ...]]:
    """Read some tickets; there is a statement for 1, 2, 4, 8 … of them, the last one is named until it fits."""
    if not ids:
        return []
    wanted = list(ids)
    count = 1 << (len(wanted) - 1).bit_length()
    values = {f"id_{place}": wanted[min(place, len(wanted) - 1)] for place in range(count)}
    return _by_id(fields, count).all(session, values)


def listed(session: Session, ids: Collection[int]) -> dict[int, Listed]:
    """Read the lines of some tickets."""
    return {row[0]: Listed(*row) for row in _some(session, Listed._fields, ids)}


def numbers(session: Session, ids: Collection[int], *, handed_over: bool) -> dict[int, str]:
    """Read the numbers of several tickets at once; `handed_over`: of those only that their visitors have."""
    rows = _some(session, _NUMBERED, ids)
    return {row[0]: row[1] for row in rows if row[2] is None or not handed_over}


_ASIDE = Prepared(
    select(*_LISTED)
    .where(IS_ASIDE, Ticket.branch_id == bindparam("branch"), Ticket.status == bindparam("status"))
    .where(Ticket.day == bindparam("day"))
    .order_by(Ticket.called_at, Ticket.id)
    .limit(_MOST_LISTED)
)


def aside(session: Session, branch_id: int, status: TicketStatus, day: date) -> list[Listed]:
    """List the day's tickets that are parked or did not come, oldest first."""
    rows = _ASIDE.all(session, {"branch": branch_id, "status": str(status), "day": day})
    return [Listed(*row) for row in rows]


@lru_cache(maxsize=32)
def _finished(services: int) -> Prepared:
    ids: list[Any] = [bindparam(f"service_{place}") for place in range(services)]
    return Prepared(
        select(*_LISTED)
        .where(Ticket.service_id.in_(ids), Ticket.finished_at >= bindparam("since"))
        .where(Ticket.status == fixed(TicketStatus.FINISHED), Ticket.day == bindparam("day"))
        .order_by(Ticket.finished_at.desc())
        .limit(_MOST_LISTED)
    )


def finished(session: Session, service_ids: Sequence[int], day: date, since: datetime) -> list[Listed]:
    """List a day's finished tickets of some services, the latest first."""
    if not service_ids:
        return []
    values: dict[str, Any] = {f"service_{place}": each for place, each in enumerate(service_ids)}
    rows = _finished(len(service_ids)).all(session, values | {"since": since, "day": day})
    return [Listed(*row) for row in rows]


_CURRENT = Prepared(select(*_TICKET).where(IS_IN_HAND, Ticket.counter_id == bindparam("counter")))


def in_hand(session: Session, counter_id: int) -> Ticket | None:
    """Read what the row holds of the ticket that a counter has called or serves, to be looked at only."""
    row = _CURRENT.first(session, {"counter": counter_id})
    names = (column.key for column in _TICKET)
    return None if row is None else cast(Ticket, SimpleNamespace(**dict(zip(names, row, strict=True))))


_CALLS = Prepared(
    select(Call.id, Call.called_at, Counter.number, Ticket.id, Ticket.number, Ticket.language, Ticket.status)
    .join(Ticket, Ticket.id == Call.ticket_id)
    .join(Counter, Counter.id == Call.counter_id)
    .where(Call.hall_id == bindparam("hall"), Call.called_at >= bindparam("since"))
    .order_by(Call.called_at.desc(), Call.id.desc())
    .limit(bindparam("most"))
)


def recent_calls(session: Session, hall_id: int, since: datetime, most: int) -> list[Called]:
    """List the hall's latest callings, newest first."""
    rows = _CALLS.all(session, {"hall": hall_id, "since": since, "most": most})
    return [Called(*row) for row in rows]


_COUNTERS = Prepared(
    select(Counter.id, Counter.number, Counter.state, User.id, User.login, User.name)
    .outerjoin(User, User.id == Counter.clerk_id)
    .where(Counter.branch_id == bindparam("branch"))
    .order_by(Counter.number)
)


def counters(session: Session, branch_id: int) -> dict[int, CounterNow]:
    """Read the counters of a branch by id, in the order of their numbers."""
    return {row[0]: CounterNow(*row) for row in _COUNTERS.all(session, {"branch": branch_id})}


def _instant(column: Any) -> Any:
    return type_coerce(column, BigInteger)


_SERVED = _instant(Ticket.finished_at) - _instant(Ticket.started_at)
_WAITED = _instant(Ticket.called_at) - _instant(Ticket.queued_at)
_DAY = Prepared(
    select(
        *(Ticket.status, Ticket.outcome, func.count(), func.count(_SERVED), func.sum(_SERVED)),
        *(func.count(_WAITED), func.count(case((bindparam("target", type_=BigInteger()) >= _WAITED, 1)))),
    )
    .where(Ticket.counter_id == bindparam("counter"), Ticket.day == bindparam("day"), CLOSED_BY_PEOPLE)
    .where(Ticket.status.in_([fixed(each) for each in (TicketStatus.FINISHED, TicketStatus.NO_SHOW)]))
    .group_by(Ticket.status, Ticket.outcome)
)


def counter_day(session: Session, counter_id: int, day: date, target: timedelta) -> list[Ended]:
    """Sum up a counter's ended tickets of a day; in time is who waited no longer than `target` for the call."""
    values = {"counter": counter_id, "day": day, "target": target // _MICROSECOND}
    rows = _DAY.all(session, values)
    return [
        Ended(status, outcome, tickets, timed, int(service or 0) * _MICROSECOND, called, in_time)
        for status, outcome, tickets, timed, service, called, in_time in rows
    ]


_PARTS = Prepared(
    select(Device.name, Device.role, Device.status, Device.status_since)
    .where(Device.branch_id == bindparam("branch"), Device.hall_id == bindparam("hall"))
    .where(Device.revoked_at.is_(None), Device.token_hash.is_not(None), Device.status_since.is_not(None))
    .order_by(Device.id)
)


def parts(session: Session, branch_id: int, hall_id: int) -> list[Part]:
    """List the enrolled devices of a hall that ever told how they are."""
    return [Part(*row) for row in _PARTS.all(session, {"branch": branch_id, "hall": hall_id})]


_BESIDE = Prepared(
    select(
        *(Steering.id, Steering.kind, Steering.counter_id, Steering.value, Steering.begins_at, User.name),
    )
    .outerjoin(User, User.id == Steering.answered_by_id)
    .where(Steering.branch_id == bindparam("branch"), Steering.ended_at.is_(None))
    .where(Steering.kind.in_([fixed(each) for each in (SteeringKind.HELP, SteeringKind.MESSAGE)]))
    .order_by(Steering.id)
)


def beside(session: Session, branch_id: int) -> list[Beside]:
    """List the calls for help and the unread messages of a branch in the order of their beginning."""
    return [Beside(*row) for row in _BESIDE.all(session, {"branch": branch_id})]
