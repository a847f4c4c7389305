"""Reservations as the staff of a branch look for them: by day, by a keyed hash, and the facts about one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.store.facts import first_since
from server.store.tables import Fact, PersonalKey, Reservation, Ticket, User
from wire.vocabulary import FactType

Found = tuple[Reservation, PersonalKey | None, str | None]
"""A reservation, its key (read ahead: who opens many asks for each), and the number of its ticket."""

MARKS = (Reservation.email_hash, Reservation.phone_hash, Reservation.code_hash, Reservation.token_hash)


def at_branch(
    session: Session, branch_id: int, reservation_id: int, *, locked: bool = False
) -> Reservation | None:
    """Read a reservation of a branch as it is now; None for another branch's."""
    row = session.get(Reservation, reservation_id, with_for_update=locked or None, populate_existing=True)
    return row if row is not None and row.branch_id == branch_id else None


def between(
    session: Session,
    branch_id: int,
    span: tuple[datetime, datetime],
    most: int,
    service_id: int | None = None,
) -> list[Found]:
    """List a branch's reservations from an instant until before another, in the order of their hours."""
    found = _found().where(
        Reservation.branch_id == branch_id,
        Reservation.appointment_at >= span[0],
        Reservation.appointment_at < span[1],
    )
    if service_id is not None:
        found = found.where(Reservation.service_id == service_id)
    found = found.order_by(Reservation.appointment_at, Reservation.service_id, Reservation.id).limit(most)
    return [(row[0], row[1], row[2]) for row in session.execute(found)]


def by_ids(session: Session, branch_id: int, reservation_ids: Sequence[int]) -> list[Found]:
    """Read some reservations of a branch."""
    found = _found().where(Reservation.branch_id == branch_id, Reservation.id.in_(reservation_ids))
    return [(row[0], row[1], row[2]) for row in session.execute(found)]


def marked(session: Session, branch_id: int, hashes: Iterable[bytes], most: int) -> list[Found]:
    """List a branch's reservations that have one of these keyed hashes, the latest visit first."""
    wanted = list(hashes)
    by_id: dict[int, Found] = {}
    for column in MARKS:
        query = _found().where(column.in_(wanted), Reservation.branch_id == branch_id).limit(most)
        by_id |= {row[0].id: (row[0], row[1], row[2]) for row in session.execute(query)}
    return sorted(by_id.values(), key=lambda each: each[0].appointment_at, reverse=True)


def ticket_of(session: Session, reservation_id: int) -> Ticket | None:
    """Read the ticket that came of a reservation."""
    return session.execute(select(Ticket).where(Ticket.reservation_id == reservation_id)).scalar_one_or_none()


def facts_of(session: Session, branch_id: int, reservation_id: int, since: datetime, most: int) -> list[Fact]:
    """List the facts about a reservation, oldest first; none is older than its making."""
    about = Fact.data["reservation"].as_integer() == reservation_id
    query = select(Fact).where(Fact.id >= first_since(session, since), Fact.branch_id == branch_id, about)
    return list(session.execute(query.order_by(Fact.id).limit(most)).scalars())


def looks_at(session: Session, branch_id: int, reservation_id: int, since: datetime, most: int) -> list[Fact]:
    """List when colleagues saw a reservation, the latest first."""
    query = select(Fact).where(
        Fact.id >= first_since(session, since),
        Fact.branch_id == branch_id,
        Fact.type == FactType.RESERVATION_LOOKED_AT,
    )
    found = session.execute(query.order_by(Fact.id.desc())).scalars()
    return list(islice((fact for fact in found if reservation_id in fact.data["reservations"]), most))


def names_of(session: Session, user_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of colleagues."""
    query = select(User.id, User.name).where(User.id.in_(sorted(set(user_ids))))
    return {row.id: row.name for row in session.execute(query)}


def _found() -> Select[Reservation, PersonalKey, str]:
    return (
        select(Reservation, PersonalKey, Ticket.number)
        .outerjoin(PersonalKey, PersonalKey.id == Reservation.personal_key_id)
        .outerjoin(Ticket, Ticket.reservation_id == Reservation.id)
    )
