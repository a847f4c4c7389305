"""How far a reservation is on its way: what its owner has to do next, and until when (rules 6 and 12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.services.booking.activation import SENDS, TRIES
from server.services.booking.owners import Owner, own
from server.services.booking.unsealed import person_of
from server.services.booking.verification import path_of
from server.services.booking.visits import status_of
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.store.prepared import Place
from server.store.queries.booking import verifications as rows
from server.store.tables import Reservation
from wire.vocabulary import ReservationStatus


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a reservation is.

    `until` is the end of the activation, or of the time to answer the questions, whose path behind the language
    is `questions`; `to` is where the code went, by `channel`.
    """

    reservation_id: int
    status: ReservationStatus
    reason: str | None
    service: ServiceView
    branch: BranchView
    appointment_at: datetime
    until: datetime
    channel: str
    to: str | None
    sends_left: int
    tries_left: int
    corrections_left: int
    questions: str | None = None
    answered_at: datetime | None = None


def progress(session: Session, context: Context, owner: Owner, reservation_id: int) -> Progress:
    """Tell the owner how far a reservation is. Raises RuleBroken 404 for another's."""
    row = own(session, context, owner, reservation_id)
    return progress_of(session, context, row, person_of(session, context, row))


def progress_of(place: Place, context: Context, row: Reservation, person: Mapping[str, Any]) -> Progress:
    """Tell how far a reservation is, by its row and who comes."""
    asked = rows.times_of(place, row.id)
    channel = person.get("activation", "email")
    service = context.office.services[row.service_id]
    return Progress(
        row.id,
        status_of(context, row),
        row.reason,
        service,
        context.branch(row.branch_id),
        row.appointment_at,
        row.lapses_at if asked is None or asked.answered_at else asked.answer_until,
        channel,
        person.get("phone" if channel == "sms" else "email"),
        max(0, SENDS + row.contact_corrections - row.activation_sends),
        max(0, TRIES - row.activation_tries),
        max(0, service.policy.booking.contact_corrections - row.contact_corrections),
        None if asked is None else path_of(context, row.id, asked.token_hash),
        None if asked is None else asked.answered_at,
    )
