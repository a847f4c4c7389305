"""One visit each: a person, and where the service says so an e-mail and a phone, has one that stands (rule 5)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.booking.details import plain_email
from server.domain.booking.people import Identity
from server.domain.booking.policy import BookingPolicy
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.store.keyring import Keyring
from server.store.prepared import Place
from server.store.queries.booking import reservations as rows
from server.store.queries.booking.reservations import Marks, StandingVisit
from server.store.tables import Reservation

_WHY = {"email_hash": "email_used", "phone_hash": "phone_used"}


def marks_of(
    keys: Keyring, rules: BookingPolicy, identity: Identity, email: str | None, phone: str | None
) -> Marks:
    """Return the keyed hashes under which a second visit is found; what the service does not limit has none."""
    by_email, by_phone = rules.one_per_email and email, rules.one_per_phone and phone
    return Marks(
        keys.lookup("person", identity.person) if identity.person else None,
        keys.lookup("document", identity.document) if identity.document else None,
        keys.lookup("visit email", plain_email(by_email)) if by_email else None,
        keys.lookup("visit phone", "".join(filter(str.isdigit, by_phone))) if by_phone else None,
    )


def clash_of_contact(session: Session, row: Reservation, marks: Marks) -> str | None:
    """Say whether a corrected address or phone is that of another visit: `email_used` or `phone_used`."""
    changed = Marks(
        email=marks.email if marks.email != row.email_hash else None,
        phone=marks.phone if marks.phone != row.phone_hash else None,
    )
    column = rows.standing(session, row.service_id, changed)
    return None if column is None else _WHY[column]


def visits_of(
    place: Place,
    context: Context,
    service: ServiceView,
    account_id: int,
    identity: Identity | None = None,
) -> list[StandingVisit]:
    """List an account's visits that stand in the way of another for the service; those of one person, if known.

    Empty where a person may have several.
    """
    if not service.policy.booking.one_per_person:
        return []
    found = [
        row for row in rows.standing_visits(place, account_id, service.id) if row.lapses_at >= context.now
    ]
    if identity is None:
        return found
    marks = marks_of(context.keys, service.policy.booking, identity, None, None)
    known = {marks.person, marks.document} - {None}
    return [row for row in found if known & {row.person_hash, row.document_hash}]


def clash(session: Session, service_id: int, marks: Marks) -> str | None:
    """Say why another visit is in the way: `already_booked`, `email_used`, `phone_used`; None: none is."""
    column = rows.standing(session, service_id, marks)
    return None if column is None else _WHY.get(column, "already_booked")
