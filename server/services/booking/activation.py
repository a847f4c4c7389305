"""The code of the activation: typed in time it makes a held reservation stand, or go on to questions (rule 6)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.domain.queue.check_in import lapses_at
from server.services.booking import ending, letters, verification
from server.services.booking.activation_codes import code_hashes, read_code, send_code
from server.services.booking.owners import Owner, own
from server.services.booking.unsealed import give_codes, person_of
from server.services.context import Context
from server.store.facts import NewFact, note
from server.store.keyring import Keyring
from server.store.queries.booking import drafts as rows
from server.store.queries.privacy import personal_keys
from server.store.tables import Reservation
from wire.vocabulary import FactType, ReservationAction, ReservationStatus

TRIES = 5
SENDS = 3
_ACTIVE = (ReservationStatus.PENDING, ReservationStatus.BOOKED, ReservationStatus.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class Activated:
    """The reservation is `booked`, or `pending` until it is verified; `repeat`: it was so before."""

    reservation_id: int
    status: ReservationStatus
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class WrongCode:
    """It was not this code; `is_code` is False for what cannot be one, which costs no try."""

    tries_left: int
    is_code: bool = True


@dataclass(frozen=True, slots=True)
class Expired:
    """The reservation is held no more: `too_late`, `too_many_tries`, or the status that it has (`cancelled`)."""

    reason: str


@dataclass(frozen=True, slots=True)
class SentAgain:
    """A new code is on its way, and the one before is void."""

    sends_left: int


@dataclass(frozen=True, slots=True)
class NoMoreSends:
    """The code was sent as often as it is."""


def activate(
    session: Session, context: Context, owner: Owner, reservation_id: int, typed: str
) -> Activated | WrongCode | Expired:
    """Take the typed code; after five wrong ones the reservation lapses and its place goes back.

    What can be no code is told as wrong without being counted. Raises RuleBroken 404 for another's reservation.
    """
    row = own(session, context, owner, reservation_id, locked=True)
    if row.status in _ACTIVE:
        return Activated(row.id, ReservationStatus(row.status), repeat=True)
    if (over := expired(session, context, row)) is not None:
        return over
    code = read_code(typed)
    if code is None:
        return WrongCode(TRIES - row.activation_tries, is_code=False)
    if row.activation_hash is not None and Keyring.same_any(
        row.activation_hash, code_hashes(context, row.id, code)
    ):
        return _activate(session, context, row)
    row.activation_tries += 1
    data = {"reservation": row.id, "reason": "wrong_code", "tries": row.activation_tries}
    note(session, NewFact(FactType.BOOKING_REFUSED, context.now, row.branch_id, data))
    if row.activation_tries >= TRIES:
        ending.lapse_now(session, context, row)
        return Expired("too_many_tries")
    return WrongCode(TRIES - row.activation_tries)


def send_again(
    session: Session, context: Context, owner: Owner, reservation_id: int
) -> SentAgain | NoMoreSends | Expired | Activated:
    """Send a new code the same way; three are sent at most, and wrong tries stay counted.

    Raises RuleBroken 404 for another's reservation.
    """
    return send_again_for(session, context, own(session, context, owner, reservation_id, locked=True))


def send_again_for(
    session: Session, context: Context, row: Reservation
) -> SentAgain | NoMoreSends | Expired | Activated:
    """Send a new code of a reservation the same way, whoever asks for it; three are sent at most."""
    if row.status in _ACTIVE:
        return Activated(row.id, ReservationStatus(row.status), repeat=True)
    if (over := expired(session, context, row)) is not None:
        return over
    if row.activation_sends - row.contact_corrections >= SENDS:
        return NoMoreSends()
    send_code(session, context, row, person_of(session, context, row).get("activation", "email"))
    return SentAgain(SENDS + row.contact_corrections - row.activation_sends)


def expired(session: Session, context: Context, row: Reservation) -> Expired | None:
    """Say that nothing is held any more; whose time is over lapses here, if nobody swept yet."""
    if row.status == ReservationStatus.LAPSED:
        return Expired("too_many_tries" if row.activation_tries >= TRIES else "too_late")
    if row.status != ReservationStatus.HELD:
        return Expired(row.status)
    if rows.is_over(row, context.now):
        ending.lapse_now(session, context, row)
        return Expired("too_late")
    return None


def _activate(session: Session, context: Context, row: Reservation) -> Activated:
    service = context.office.services[row.service_id]
    asks = service.policy.verification_required
    row.status = ending.step(row, ReservationAction.ASK if asks else ReservationAction.ACTIVATE)
    # Once: the code opens nothing more.
    row.activation_hash = None
    row.lapses_at = lapses_at(row.appointment_at, context.check_in(row.service_id))
    data = {"reservation": row.id, "status": row.status}
    note(session, NewFact(FactType.RESERVATION_ACTIVATED, context.now, row.branch_id, data))
    if asks:
        verification.ask(session, context, row)
    else:
        stand(session, context, row)
    return Activated(row.id, ReservationStatus(row.status))


def stand(session: Session, context: Context, row: Reservation) -> None:
    """Give a reservation that is booked now its codes, and its owner the confirmation."""
    box = personal_keys.opener(session, context.keys, row.personal_key_id)
    if row.code_hash is None and box is not None:
        give_codes(session, context, row, box)
    session.flush()
    letters.confirm(session, context, row)
