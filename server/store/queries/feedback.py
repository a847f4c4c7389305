"""What visitors think of their visits: one answer a ticket, and its figures by service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.store.tables import Feedback, PersonalKey, Ticket


def is_given(session: Session, ticket_id: int) -> bool:
    """Say whether a ticket's visitor has answered."""
    query = select(Feedback.id).where(Feedback.ticket_id == ticket_id)
    return session.execute(query).first() is not None


def counts(session: Session, branch_id: int, first: date, last: date) -> list[tuple[int, int, int]]:
    """Count the answers of some days: service, mark, how many."""
    query = (
        select(Feedback.service_id, Feedback.mark, func.count())
        .where(Feedback.branch_id == branch_id, Feedback.day.between(first, last))
        .group_by(Feedback.service_id, Feedback.mark)
        .order_by(Feedback.service_id, Feedback.mark)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def with_words(
    session: Session, branch_id: int, first: date, last: date, most: int
) -> Sequence[tuple[Feedback, str]]:
    """List the latest answers of some days that have words still, each with its ticket's number.

    Their keys are read along, so that opening them asks nothing more.
    """
    query = (
        select(Feedback, Ticket.number, PersonalKey)
        .join(Ticket, Ticket.id == Feedback.ticket_id)
        .join(PersonalKey, PersonalKey.id == Feedback.personal_key_id)
        .where(Feedback.branch_id == branch_id, Feedback.day.between(first, last))
        .where(Feedback.sealed_words.is_not(None))
        .order_by(Feedback.id.desc())
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def of_reservation(session: Session, reservation_id: int) -> Feedback | None:
    """Return the answer of a booked visitor."""
    query = select(Feedback).join(Ticket, Ticket.id == Feedback.ticket_id)
    return session.execute(query.where(Ticket.reservation_id == reservation_id)).scalars().first()
