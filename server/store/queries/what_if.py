"""What a past day is played again from, and the trials that were kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from server.store.tables import Fact, OfficeChange, Steering, SummedDay, Ticket, User, WhatIfTrial, fixed
from wire.vocabulary import FactType, SteeringKind

MOST_TRIALS = 100
_COUNTER_FACTS = (FactType.COUNTER_OPENED, FactType.COUNTER_PAUSED, FactType.COUNTER_CLOSED)


class Place(NamedTuple):
    """What orders a ticket in its line."""

    ticket_id: int
    appointment_at: datetime | None
    priority: bool
    urgent_since: datetime | None
    for_counter_id: int | None


class CounterFact(NamedTuple):
    """A counter was opened, paused or closed; by whom."""

    at: datetime
    type: str
    counter: int
    clerk_id: int | None


class Assigned(NamedTuple):
    """What a counter served for a while, by a supervisor's word."""

    counter_id: int
    service_ids: tuple[int, ...]
    begins_at: datetime
    ended_at: datetime | None


def places(session: Session, branch_id: int, day: date) -> dict[int, Place]:
    """Read what orders the tickets of a day."""
    found = select(
        Ticket.id,
        Ticket.appointment_at,
        Ticket.priority.is_not(None),
        Ticket.urgent_since,
        Ticket.for_counter_id,
    ).where(Ticket.branch_id == branch_id, Ticket.day == day)
    return {row[0]: Place(*row) for row in session.execute(found)}


def tickets_by_day(session: Session, branch_id: int, first: date, last: date) -> dict[date, int]:
    """Count the tickets of each day of a period that has any."""
    found = (
        select(Ticket.day, func.count())
        .where(Ticket.branch_id == branch_id, Ticket.day >= first, Ticket.day <= last)
        .group_by(Ticket.day)
    )
    return {row[0]: row[1] for row in session.execute(found)}


def made_up(session: Session, branch_id: int, days: Collection[date]) -> set[date]:
    """Tell which of some days were made up for a trial."""
    found = select(SummedDay.day).where(
        SummedDay.branch_id == branch_id, SummedDay.day.in_(days), SummedDay.is_sample
    )
    return set(session.execute(found).scalars())


def counter_facts(
    session: Session, branch_id: int, begins_at: datetime, ends_at: datetime
) -> list[CounterFact]:
    """Read when the counters of a branch were opened, paused and closed, in the order of the log."""
    found = (
        select(Fact.at, Fact.type, Fact.data)
        .where(Fact.type.in_([fixed(each) for each in _COUNTER_FACTS]))
        .where(Fact.branch_id == branch_id, Fact.at >= begins_at, Fact.at < ends_at)
        .order_by(Fact.id)
    )
    return [
        CounterFact(row.at, row.type, row.data["counter"], row.data.get("clerk"))
        for row in session.execute(found)
    ]


def assigned(session: Session, branch_id: int, begins_at: datetime, ends_at: datetime) -> list[Assigned]:
    """Read what counters served by a supervisor's word in some hours."""
    found: Any = session.execute(
        select(Steering)
        .where(Steering.branch_id == branch_id, Steering.kind == SteeringKind.COUNTER_SERVES)
        .where(Steering.begins_at < ends_at)
        .where(or_(Steering.ended_at.is_(None), Steering.ended_at > begins_at))
        .order_by(Steering.id)
    ).scalars()
    return [
        Assigned(row.counter_id, tuple((row.value or {}).get("services", ())), row.begins_at, row.ended_at)
        for row in found
        if row.counter_id is not None
    ]


def changes_since(session: Session, branch_id: int, at: datetime) -> Sequence[OfficeChange]:
    """Read what was changed of a branch since an instant, the oldest first."""
    found = select(OfficeChange).where(OfficeChange.branch_id == branch_id, OfficeChange.at >= at)
    return session.execute(found.order_by(OfficeChange.id)).scalars().all()


def trials(session: Session, branch_id: int) -> list[tuple[WhatIfTrial, str]]:
    """List the trials of a branch with who kept them, the latest first."""
    found = (
        select(WhatIfTrial, User.name)
        .join(User, User.id == WhatIfTrial.user_id)
        .where(WhatIfTrial.branch_id == branch_id)
        .order_by(WhatIfTrial.id.desc())
        .limit(MOST_TRIALS)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def trial(session: Session, branch_id: int, trial_id: int) -> WhatIfTrial | None:
    """Read a trial of a branch."""
    row = session.get(WhatIfTrial, trial_id)
    return row if row is not None and row.branch_id == branch_id else None
