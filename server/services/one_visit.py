"""One visit each: a person, and where the service says so an e-mail and a phone, has one that stands (rule 5)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.booking import BookingPolicy
from server.domain.details import plain_email
from server.domain.people import Identity
from server.store.queries import reservations as rows
from server.store.queries.reservations import Marks
from server.store.seal import Keyring

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


def clash(session: Session, service_id: int, marks: Marks) -> str | None:
    """Say why another visit is in the way: `already_booked`, `email_used`, `phone_used`; None: none is."""
    column = rows.standing(session, service_id, marks)
    return None if column is None else _WHY.get(column, "already_booked")
