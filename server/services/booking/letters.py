"""The messages of a visit: written in the transaction of what they tell, to whom it concerns (rule 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.services import messages
from server.services.booking.unsealed import person_of
from server.services.context import Context
from server.services.messages import NewMessage
from server.store.keyring import Box
from server.store.tables import Reservation
from wire.vocabulary import Channel, MessageKind


@dataclass(frozen=True, slots=True)
class Letter:
    """A message before it is addressed; `again` tells one from another of its kind for the same visit.

    `values` are for its reader alone, `facts` are words of ours; it is of no use after `until`.
    """

    kind: MessageKind
    again: str = ""
    values: Mapping[str, str] | None = None
    facts: Mapping[str, str] | None = None
    due_at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What is sealed of who comes, and the box of their key."""

    person: Mapping[str, Any]
    box: Box


def tell(
    session: Session,
    context: Context,
    row: Reservation,
    letter: Letter,
    only: str | None = None,
    opened: Opened | None = None,
) -> None:
    """Put a message into the outbox for every way to reach the applicant, or for one channel only.

    Visits that another program booked are that program's to write about. `opened` is who comes, where the caller
    knows already.
    """
    if row.integrator_id is not None:
        return
    person = person_of(session, context, row) if opened is None else opened.person
    for channel, to in ways_to(person).items():
        if only in (None, channel):
            _post(session, context, row, letter, channel, to, None if opened is None else opened.box)


def confirm(session: Session, context: Context, row: Reservation, again: str = "") -> None:
    """Send the confirmation of a visit that stands or was moved, and its reminders ⚙ when their time comes.

    `again` tells those to another address from those before.
    """
    moved = (f"moved{row.moves}" if row.moves else "") + again
    tell(session, context, row, Letter(MessageKind.CONFIRMATION, again=moved, until=row.appointment_at))
    rules = context.office.services[row.service_id].policy.booking
    for minutes in rules.reminders:
        due_at = row.appointment_at - timedelta(minutes=minutes)
        if due_at > context.now:
            reminder = Letter(
                MessageKind.REMINDER,
                again=f"{minutes}{moved}",
                facts={"minutes": str(minutes)},
                due_at=due_at,
                until=row.appointment_at,
            )
            tell(session, context, row, reminder)


def drop(session: Session, context: Context, reservation_id: int) -> None:
    """Have nothing sent of what still waits: it would tell of a visit that is no more."""
    messages.drop(session, context, reservation_id=reservation_id)


def ways_to(person: Mapping[str, Any]) -> dict[Channel, str]:
    """Return where messages reach somebody: the address, the telephone, or both."""
    known = {Channel.EMAIL: person.get("email"), Channel.SMS: person.get("phone")}
    return {channel: to for channel, to in known.items() if to}


def _post(
    session: Session,
    context: Context,
    row: Reservation,
    letter: Letter,
    channel: Channel,
    to: str,
    box: Box | None,
) -> None:
    messages.post(
        session,
        context,
        NewMessage(
            kind=letter.kind,
            channel=channel,
            language=row.language,
            to=to,
            key=":".join(filter(None, ("visit", str(row.id), letter.kind, channel, letter.again))),
            reservation_id=row.id,
            account_id=row.account_id,
            personal_key_id=row.personal_key_id,
            values=dict(letter.values or {}),
            facts=dict(letter.facts or {}),
            due_at=letter.due_at,
            expires_at=letter.until,
        ),
        box,
    )
