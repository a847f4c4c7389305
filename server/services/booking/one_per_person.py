"""One visit each: a person, and where the service says so an e-mail and a phone, has one that stands (rule 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking.details import plain_email
from server.domain.booking.people import Identity, identity_of
from server.domain.booking.policy import BookingPolicy
from server.services.booking.unsealed import person_of
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.store.keyring import Keyring, SecretKey
from server.store.prepared import Place
from server.store.queries.booking import reservations as rows
from server.store.queries.booking.reservations import MARKED, Marks, StandingVisit
from server.store.tables import Reservation

Texts = Mapping[str, tuple[str, str]]
"""By a column, of which kind and of which text its keyed hash is."""
_WHY = {"email_hash": "email_used", "phone_hash": "phone_used"}


def marks_of(
    keys: Keyring, rules: BookingPolicy, identity: Identity, email: str | None, phone: str | None
) -> Marks:
    """Return the keyed hashes under which a second visit is found; what the service does not limit has none."""
    texts = _texts(identity, email if rules.one_per_email else None, phone if rules.one_per_phone else None)
    first, *others = (_marks_by(key, texts) for key in keys.in_order)
    return replace(first, others=tuple(others))


def kept_marks(session: Session, context: Context, row: Reservation) -> Marks:
    """Return the marks that a reservation has, and the same by the other keys as far as its person is known."""
    kept = Marks(row.person_hash, row.document_hash, row.email_hash, row.phone_hash)
    if len(context.keys.keys) == 1:
        return kept
    texts = texts_of(person_of(session, context, row))
    known = {column: text for column, text in texts.items() if getattr(row, column) is not None}
    return replace(kept, others=tuple(_marks_by(key, known) for key in context.keys.keys))


def texts_of(person: Mapping[str, Any]) -> Texts:
    """Return of what the marks of a person are made whose data was sealed: by columns, each its kind and text."""
    return _texts(identity_in(person), person.get("email"), person.get("phone"))


def identity_in(person: Mapping[str, Any]) -> Identity:
    """Return the keys of a person whose data was sealed; without a name or a document there is none."""
    born = person.get("birth_date")
    birth_date = date.fromisoformat(born) if born else None
    return identity_of(person.get("name", ""), birth_date, person.get("document"))


def _texts(identity: Identity, email: str | None, phone: str | None) -> Texts:
    told = {
        "person_hash": ("person", identity.person),
        "document_hash": ("document", identity.document),
        "email_hash": ("visit email", plain_email(email) if email else None),
        "phone_hash": ("visit phone", "".join(filter(str.isdigit, phone)) if phone else None),
    }
    return {column: (kind, text) for column, (kind, text) in told.items() if text is not None}


def _marks_by(key: SecretKey, texts: Texts) -> Marks:
    made = {column: key.lookup(*text) for column, text in texts.items()}
    person, document, email, phone = (made.get(column) for column in MARKED)
    return Marks(person, document, email, phone)


def clash_of_contact(session: Session, row: Reservation, marks: Marks) -> str | None:
    """Say whether a corrected address or phone is that of another visit: `email_used` or `phone_used`."""
    is_same_email = row.email_hash in {each.email for each in marks.by_all_keys}
    is_same_phone = row.phone_hash in {each.phone for each in marks.by_all_keys}
    first, *others = (
        Marks(email=None if is_same_email else each.email, phone=None if is_same_phone else each.phone)
        for each in marks.by_all_keys
    )
    column = rows.standing(session, row.service_id, replace(first, others=tuple(others)))
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
    known = {mark for each in marks.by_all_keys for mark in (each.person, each.document)} - {None}
    return [row for row in found if known & {row.person_hash, row.document_hash}]


def clash(session: Session, service_id: int, marks: Marks) -> str | None:
    """Say why another visit is in the way: `already_booked`, `email_used`, `phone_used`; None: none is."""
    column = rows.standing(session, service_id, marks)
    return None if column is None else _WHY.get(column, "already_booked")
