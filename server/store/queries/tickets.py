"""Tickets: numbered, written, locked for a change, and read for those who show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Date, and_, bindparam, case, exists, func, insert, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.domain.statistics.visits import NOT_CLOSED
from server.store.hot_rows import HotRows
from server.store.prepared import Prepared
from server.store.tables import Call, Counter, Hall, Reservation, Series, Ticket, fixed
from wire.vocabulary import TicketStatus

CLOSED_BY_PEOPLE = or_(Ticket.outcome.is_(None), Ticket.outcome != NOT_CLOSED)
IN_HAND = (TicketStatus.CALLED, TicketStatus.SERVING)
IS_IN_HAND = Ticket.status.in_([fixed(each) for each in IN_HAND])
IS_ASIDE = Ticket.status.in_([fixed(each) for each in (TicketStatus.PARKED, TicketStatus.NO_SHOW)])


# For so many days back a ticket may still live: what waits longer was withdrawn by the sweeper.
_DAYS_BACK = (1, 2, 3)
_LIVING = (
    exists()
    .where(Ticket.branch_id == bindparam("branch"), Ticket.series == bindparam("series"))
    # As text: in what an INSERT returns, SQLite's dialect leaves away whose column it is.
    .where(Ticket.ordinal == literal_column("series.last_ordinal"))
    .where(Ticket.day.in_([bindparam(f"day{back}", type_=Date()) for back in _DAYS_BACK]))
    .where(Ticket.status.in_([fixed(each) for each in (*IN_HAND, TicketStatus.WAITING, TicketStatus.PARKED)]))
)


def _next_ordinal(insert_into: Any) -> Any:
    first = insert_into(Series).values(
        branch_id=bindparam("branch"), day=bindparam("day"), series=bindparam("series"), last_ordinal=1
    )
    return first.on_conflict_do_update(
        index_elements=["branch_id", "day", "series"], set_={"last_ordinal": Series.last_ordinal + 1}
    ).returning(Series.last_ordinal, _LIVING)


_NEXT_ORDINAL = Prepared(
    {"sqlite": _next_ordinal(sqlite.insert), "postgresql": _next_ordinal(postgresql.insert)}
)
_NEW = (
    *("branch_id", "hall_id", "service_id", "reservation_id", "day", "series", "ordinal", "number", "status"),
    *("lane", "lane_at", "priority", "language", "appointment_at", "issued_at", "queued_at", "call_count"),
    *("promised_from", "promised_until", "paperless_by"),
)
_NOT_YET = dict.fromkeys(set(Ticket.__table__.columns.keys()) - {"id", *_NEW})
_INSERT_TICKET = Prepared(insert(Ticket).returning(Ticket.id), _NEW)


def next_ordinal(session: Session, branch_id: int, day: date, series: str) -> int:
    """Take the next ordinal of the series: from 1, without gaps, since it stands or falls with the ticket.

    One whose ticket of the days before still waits, is parked or in hand is left out (rule 17a).
    """
    values: dict[str, Any] = {"branch": branch_id, "day": day, "series": series}
    values |= {f"day{back}": day - timedelta(days=back) for back in _DAYS_BACK}
    is_living = True
    while is_living:
        row = _NEXT_ORDINAL.first(session, values)
        assert row is not None
        ordinal, is_living = int(row[0]), bool(row[1])
    return ordinal


def add_ticket(session: Session, values: dict[str, Any]) -> Ticket:
    """Write a new ticket and return what its row holds, as a plain value: its changes are not kept."""
    ticket_id = int(_INSERT_TICKET.value(session, values))
    return cast(Ticket, SimpleNamespace(**_NOT_YET, **values, id=ticket_id))


_TICKET = select(Ticket).where(Ticket.id == bindparam("ticket"))
_TO_LOOK_AT, _TO_CHANGE = HotRows(_TICKET), HotRows(_TICKET.with_for_update())
_CURRENT = select(Ticket).where(IS_IN_HAND, Ticket.counter_id == bindparam("counter"))
_CURRENT_TO_LOOK_AT, _CURRENT_TO_CHANGE = HotRows(_CURRENT), HotRows(_CURRENT.with_for_update())


def ticket(session: Session, ticket_id: int, *, locked: bool = False) -> Ticket | None:
    """Read a ticket, for a change with its row locked."""
    return (_TO_CHANGE if locked else _TO_LOOK_AT).first(session, {"ticket": ticket_id})


def in_hand(session: Session, counter_id: int, *, locked: bool = False) -> Ticket | None:
    """Read the ticket that a counter has called or serves, for a change with its row locked.

    At most one, by the schema.
    """
    return (_CURRENT_TO_CHANGE if locked else _CURRENT_TO_LOOK_AT).first(session, {"counter": counter_id})


def _pauses_over(branch_ids: Sequence[int], now: datetime) -> Any:
    parked = and_(IS_ASIDE, Ticket.status == fixed(TicketStatus.PARKED), Ticket.called_at.is_(None))
    return and_(parked, Ticket.branch_id.in_(branch_ids), Ticket.paused_until <= now)


def pauses_over(session: Session, branch_ids: Sequence[int], now: datetime) -> list[Ticket]:
    """List the tickets whose visitors' pause is over, locked for a change."""
    found = select(Ticket).where(_pauses_over(branch_ids, now)).order_by(Ticket.id)
    return list(session.execute(found.with_for_update(skip_locked=True)).scalars())


def has_pause_over(session: Session, branch_ids: Sequence[int], now: datetime) -> bool:
    """Say whether there is such a ticket, without a lock."""
    found = select(Ticket.id).where(_pauses_over(branch_ids, now)).limit(1)
    return session.execute(found).first() is not None


def left_in_hand(session: Session, counter_ids: Sequence[int], today: date) -> list[Ticket]:
    """List tickets of earlier business days that are still called or served, locked for a change."""
    found = select(Ticket).where(
        Ticket.counter_id.in_(counter_ids),
        Ticket.status.in_([fixed(each) for each in IN_HAND]),
        Ticket.day < today,
    )
    return list(session.execute(found.with_for_update(skip_locked=True)).scalars())


def left_parked(session: Session, branch_id: int, today: date) -> list[Ticket]:
    """List parked tickets of earlier business days, locked for a change."""
    found = select(Ticket).where(_parked_before(branch_id, today))
    return list(session.execute(found.with_for_update(skip_locked=True)).scalars())


def has_left(session: Session, branch_id: int, counter_ids: Sequence[int], today: date) -> bool:
    """Say whether a ticket of an earlier business day is in hand or parked, without a lock."""
    in_hand = select(Ticket.id).where(Ticket.counter_id.in_(counter_ids), IS_IN_HAND, Ticket.day < today)
    parked = select(Ticket.id).where(_parked_before(branch_id, today))
    return any(session.execute(found.limit(1)).first() is not None for found in (in_hand, parked))


def _parked_before(branch_id: int, today: date) -> Any:
    parked = Ticket.status == fixed(TicketStatus.PARKED)
    return and_(IS_ASIDE, Ticket.branch_id == branch_id, parked, Ticket.day < today)


def not_closed_at(session: Session, counter_id: int, since: datetime) -> list[str]:
    """List the numbers that the day's end closed at a counter since an instant."""
    found = select(Ticket.number).where(
        Ticket.counter_id == counter_id, Ticket.outcome == fixed(NOT_CLOSED), Ticket.finished_at >= since
    )
    return list(session.execute(found.order_by(Ticket.id)).scalars())


def count_walk_ins(session: Session, service_id: int, branch_id: int, day: date) -> int:
    """Count the walk-in tickets that a service gave out on a day."""
    return session.execute(
        select(func.count()).where(
            Ticket.branch_id == branch_id,
            Ticket.day == day,
            Ticket.service_id == service_id,
            Ticket.reservation_id.is_(None),
        )
    ).scalar_one()


def paperless(
    session: Session, service_id: int, branch_id: int, day: date, phones: Collection[bytes], since: datetime
) -> Ticket | None:
    """Read the latest ticket of a day that a phone has from a service, if it lives or was issued since then."""
    ended = [fixed(each) for each in (TicketStatus.FINISHED, TicketStatus.NO_SHOW, TicketStatus.WITHDRAWN)]
    found = select(Ticket).where(
        Ticket.branch_id == branch_id,
        Ticket.day == day,
        Ticket.service_id == service_id,
        Ticket.paperless_by.in_(phones),
        or_(Ticket.status.not_in(ended), Ticket.issued_at >= since),
    )
    return session.execute(found.order_by(Ticket.id.desc()).limit(1)).scalar_one_or_none()


def count_paperless(session: Session, branch_id: int, day: date, since: datetime) -> int:
    """Count the tickets without paper that a branch gave on a day since an instant."""
    return session.execute(
        select(func.count()).where(
            Ticket.branch_id == branch_id,
            Ticket.day == day,
            Ticket.paperless_by.is_not(None),
            Ticket.issued_at >= since,
        )
    ).scalar_one()


def booked_calls(
    session: Session, branch_id: int, series: str, service_id: int, day: date, since: datetime, most: int
) -> list[tuple[datetime, datetime, datetime]]:
    """List the latest calls of a service's booked visitors of a day: hour of the visit, queued, called."""
    found = select(Ticket.appointment_at, Ticket.queued_at, Ticket.called_at).where(
        Ticket.branch_id == branch_id,
        Ticket.day == day,
        Ticket.series == series,
        Ticket.service_id == service_id,
        Ticket.appointment_at.is_not(None),
        Ticket.called_at >= since,
    )
    rows: Any = session.execute(found.order_by(Ticket.called_at.desc(), Ticket.id.desc()).limit(most))
    return [(row[0], row[1], row[2]) for row in rows]


_INSERT_CALL = Prepared(
    insert(Call).returning(Call.id),
    ("ticket_id", "hall_id", "counter_id", "clerk_id", "called_at", "reason"),
)


def add_call(session: Session, values: Mapping[str, Any]) -> int:
    """Write a calling and return its own id, by which boards announce it once."""
    return int(_INSERT_CALL.value(session, values))


_HALL = Hall.id == bindparam("hall")
_COUNT_CALL = Prepared(
    update(Hall).where(_HALL).values(calls_since_priority=func.coalesce(Hall.calls_since_priority + 1, None))
)
_COUNT_PRIORITY = Prepared(update(Hall).where(_HALL).values(calls_since_priority=literal_column("0")))


def count_call(session: Session, hall_id: int, *, priority: bool) -> None:
    """Keep how many calls of the hall came after its last priority call (rules.md, Who is next, class 1)."""
    (_COUNT_PRIORITY if priority else _COUNT_CALL).run(session, {"hall": hall_id})


_SINCE_PRIORITY = Prepared(select(Hall.calls_since_priority).where(_HALL))


def calls_since_priority(session: Session, hall_id: int) -> int | None:
    """Read the hall's count, to be looked at only."""
    since: int | None = _SINCE_PRIORITY.value(session, {"hall": hall_id})
    return since


_READY = Prepared(
    select(Counter.state, Hall.calls_since_priority)
    .join(Hall, Hall.id == Counter.hall_id)
    .where(Counter.id == bindparam("counter"))
    .with_for_update(of=Hall)
)


def counter_and_share(session: Session, counter_id: int) -> tuple[str, int | None]:
    """Read a counter's state and the count of its hall's calls since a priority call.

    On PostgreSQL the hall is locked, so that two clerks cannot both use the share.
    """
    row = _READY.first(session, {"counter": counter_id})
    assert row is not None
    return row[0], row[1]


def priorities_held(session: Session, branch_id: int, codes: Collection[str]) -> set[str]:
    """Tell which of these kinds of priority a ticket of the branch has."""
    query = select(Ticket.priority).where(Ticket.branch_id == branch_id, Ticket.priority.in_(codes))
    return {code for code in session.execute(query.distinct()).scalars() if code}


_BUSY = Prepared(
    select(Ticket.called_at, Ticket.finished_at)
    .where(Ticket.service_id == bindparam("service"), Ticket.finished_at >= bindparam("since"))
    .where(Ticket.called_at.is_not(None), Ticket.status != fixed(TicketStatus.WITHDRAWN), CLOSED_BY_PEOPLE)
    .order_by(Ticket.finished_at.desc())
    .limit(bindparam("most"))
)


def finished_without(
    session: Session, branch_id: int, first: date, last: date, outcomes: Collection[str]
) -> Sequence[tuple[int, int, int]]:
    """Count by service the tickets that were served on some days, and those with one of these outcomes."""
    without = func.count(case((Ticket.outcome.in_(outcomes), 1)))
    query = select(Ticket.service_id, func.count(), without).where(*_finished(branch_id, first, last))
    return [(row[0], row[1], row[2]) for row in session.execute(query.group_by(Ticket.service_id))]


def missing_words(
    session: Session, branch_id: int, first: date, last: date, outcomes: Collection[str]
) -> list[tuple[int, list[str]]]:
    """List by service what the visitors of some days came without, as far as a clerk said it."""
    query = select(Ticket.service_id, Ticket.missing).where(
        *_finished(branch_id, first, last), Ticket.outcome.in_(outcomes)
    )
    return [(row[0], row[1] or []) for row in session.execute(query)]


def _finished(branch_id: int, first: date, last: date) -> tuple[Any, ...]:
    is_over = Ticket.status == TicketStatus.FINISHED
    return Ticket.branch_id == branch_id, Ticket.day >= first, Ticket.day <= last, is_over


def busy_seconds(session: Session, service_id: int, since: datetime, most: int) -> list[float]:
    """Read how long counters were busy with the latest ended tickets of a service: called to finished.

    A withdrawn ticket says nothing: it may have been parked for hours before. Nor does one that the day's end
    closed: nobody knows when its visitor left.
    """
    rows = _BUSY.all(session, {"service": service_id, "since": since, "most": most})
    return [(finished - called).total_seconds() for called, finished in rows]


_RESERVATION = HotRows(select(Reservation).where(Reservation.id == bindparam("reservation")))


def reservation_of(session: Session, ticket_row: Ticket) -> Reservation | None:
    """Read the reservation that a ticket came from."""
    if ticket_row.reservation_id is None:
        return None
    return _RESERVATION.first(session, {"reservation": ticket_row.reservation_id})
