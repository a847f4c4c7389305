"""Facts of special treatment: found by an index of their own, however long the log is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from server.store.tables import Fact, Reservation, Ticket
from server.store.tables.records import SPECIAL
from server.store.types import Key
from wire.vocabulary import FactType


@dataclass(frozen=True, slots=True)
class Where:
    """Which facts are meant: of a branch, from an instant until another, perhaps of one kind or person.

    `type` may be joined by `out_of_order`, which tells calls by hand from those of tickets that were set aside.
    """

    branch_id: int
    begins_at: datetime
    ends_at: datetime
    type: FactType | None = None
    out_of_order: bool | None = None
    who: int | None = None


# Which kind of priority a ticket has is with the ticket: the log, which nobody can erase, does not tell it.
_REASON = case((Fact.type == FactType.TICKET_ISSUED, Ticket.priority), else_=Fact.data["reason"].as_string())
_BY_HAND = Fact.data["out_of_order"].as_boolean()
_TICKET = Fact.data["ticket"].as_integer().cast(Key)
_RESERVATION = Fact.data["reservation"].as_integer().cast(Key)
_LANE = Fact.data["lane"].as_string()
_CLERK = Fact.data["clerk"].as_integer()
_WHO = func.coalesce(_CLERK, Fact.data["user"].as_integer())


def facts(session: Session, where: Where, *, skip: int = 0, most: int | None = None) -> Iterator[Row[Any]]:
    """Read facts, the latest first: at, type, data, reason, and the service that it is for now."""
    service = func.coalesce(Ticket.service_id, Reservation.service_id)
    query = (
        select(Fact.at, Fact.type, Fact.data, _REASON, service)
        .outerjoin(Ticket, Ticket.id == _TICKET)
        .outerjoin(Reservation, Reservation.id == _RESERVATION)
        .where(*_conditions(session, where))
        .order_by(Fact.at.desc(), Fact.id.desc())
        .offset(skip)
        .limit(most)
        .execution_options(yield_per=1_000)
    )
    yield from session.execute(query)


def counts(session: Session, where: Where) -> list[tuple[str, dict[str, Any], str | None, int | None, int]]:
    """Count facts by type, what else tells their kind (of their data), reason and who did it."""
    columns = (
        *(Fact.type, _BY_HAND.label("by_hand"), _LANE.label("lane"), _CLERK.label("clerk")),
        *(_REASON.label("reason"), _WHO.label("who")),
    )
    some = select(*columns).outerjoin(Ticket, Ticket.id == _TICKET)
    found = some.where(*_conditions(session, where)).subquery()
    query = select(*found.c, func.count()).group_by(*found.c)
    return [
        (row[0], {"out_of_order": row[1], "lane": row[2], "clerk": row[3]}, row[4], row[5], row[6])
        for row in session.execute(query)
    ]


def _conditions(session: Session, where: Where) -> list[Any]:
    found = [
        SPECIAL[session.get_bind().dialect.name],
        Fact.branch_id == where.branch_id,
        Fact.at >= where.begins_at,
        Fact.at < where.ends_at,
    ]
    if where.type is not None:
        found.append(Fact.type == where.type)
    if where.out_of_order is not None:
        found.append(_BY_HAND.is_(where.out_of_order))
    if where.who is not None:
        found.append(_WHO.in_([where.who]))
    return found
