"""What hangs on the key file, row by row: read in order, and written anew where it is still what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from server.store.tables import (
    AccountSession,
    Answer,
    Enrolment,
    Fact,
    PersonalKey,
    RecoveryCode,
    Reservation,
    StaffSession,
    Ticket,
    Verification,
)
from server.store.tables.root import Table
from wire.vocabulary import FactType, ReservationStatus, TicketStatus

_LIVING = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.PARKED)
_FOLLOWED = timedelta(days=2)


def rows_after(
    session: Session,
    table: type[Table],
    columns: Sequence[str],
    after: int,
    most: int,
    present: str | None = None,
) -> list[Mapping[str, Any]]:
    """Read columns of the next rows of a table, in the order of their ids, each as a mapping by name.

    Of those that have something in the column `present`, if one is named. A row that
    has a person's key has it with it, sealed, as `sealed_key` (None: it was erased).
    """
    query: Select[Any] = select(table.id, *(getattr(table, each) for each in columns))
    key_id = getattr(table, "personal_key_id", None)
    if key_id is not None:
        query = query.add_columns(key_id, PersonalKey.sealed_key)
        query = query.outerjoin(PersonalKey, PersonalKey.id == key_id)
    query = query.where(table.id > after)
    if present is not None:
        query = query.where(getattr(table, present).is_not(None))
    return [dict(row) for row in session.execute(query.order_by(table.id).limit(most)).mappings()]


def put(
    session: Session, table: type[Table], row_id: int, old: Mapping[str, Any], new: Mapping[str, Any]
) -> bool:
    """Write columns of a row anew if they are still the old ones; say whether they were."""
    same = (getattr(table, name) == value for name, value in old.items())
    done = update(table).where(table.id == row_id, *same).values(**new)
    found = session.execute(done.returning(table.id).execution_options(synchronize_session=False))
    return found.first() is not None


def count_answers(session: Session, until: datetime) -> int:
    """Count the answers of commands that were kept until an instant, and are kept still."""
    return _count(session, Answer, Answer.answered_at < until)


def count_enrolments(session: Session, until: datetime, now: datetime, length: timedelta) -> int:
    """Count the codes of devices that were drawn until an instant and may be used still."""
    drawn = Enrolment.expires_at < until + length
    return _count(session, Enrolment, drawn, Enrolment.used_at.is_(None), Enrolment.expires_at > now)


def count_activations(session: Session, until: datetime) -> int:
    """Count the reservations that are held and wait for the code that was sent."""
    held = Reservation.status == ReservationStatus.HELD
    waits = Reservation.activation_hash.is_not(None)
    return _count(session, Reservation, held, waits, Reservation.booked_at < until)


def count_questions(session: Session, until: datetime, now: datetime) -> int:
    """Count the links to questions that wait for answers."""
    waits = (Verification.answered_at.is_(None), Verification.decided_at.is_(None))
    return _count(
        session, Verification, *waits, Verification.asked_at < until, Verification.answer_until > now
    )


def count_followed_tickets(session: Session, until: datetime, now: datetime) -> int:
    """Count the tickets that a phone may follow: they live, or were issued within two days."""
    lately = or_(Ticket.status.in_(_LIVING), Ticket.issued_at > now - _FOLLOWED)
    return _count(session, Ticket, Ticket.issued_at < until, lately)


def count_visits(session: Session, until: datetime) -> int:
    """Count the reservations whose visitor may have the link to it: until they are erased."""
    return _count(session, Reservation, Reservation.erased_at.is_(None), Reservation.booked_at < until)


def count_sessions(session: Session, until: datetime, now: datetime) -> int:
    """Count the sessions of visitors and of staff that began until an instant and go on."""
    return sum(
        _count(session, each, each.started_at < until, each.ended_at.is_(None), each.expires_at > now)
        for each in (AccountSession, StaffSession)
    )


def count_recovery_codes(session: Session, until: datetime) -> int:
    """Count the recovery codes that were drawn until an instant and not used; the log has when they were."""
    left = select(RecoveryCode.user_id, func.count()).where(RecoveryCode.used_at.is_(None))
    unused: dict[int, int] = {row[0]: row[1] for row in session.execute(left.group_by(RecoveryCode.user_id))}
    if not unused:
        return 0
    facts = select(Fact.data).where(Fact.type == FactType.USER_CHANGED, Fact.at >= until)
    anew = {data["user"] for data in session.execute(facts).scalars() if _draws_codes(data)}
    return sum(count for user, count in unused.items() if user not in anew)


def _draws_codes(data: Mapping[str, Any]) -> bool:
    return bool(data.get("change") == "recovery_codes_made")


def _count(session: Session, table: type[Table], *where: ColumnElement[bool]) -> int:
    return session.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
