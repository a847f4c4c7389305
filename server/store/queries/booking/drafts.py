"""Bookings on their way: drafts, what limits an account, and the reservations that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, exists, func, select, update
from sqlalchemy.orm import Session

from server.store.prepared import Place, Prepared, any_of, each_of
from server.store.queries.booking.reservations import STANDS
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, Draft, Reservation, Slot
from wire.vocabulary import ReservationStatus


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as its row is."""

    id: int
    account_id: int | None
    browser_hash: bytes | None
    personal_key_id: int
    service_id: int
    starts_at: datetime | None
    sealed_details: bytes | None
    sealed_traces: bytes | None
    made_at: datetime
    reservation_id: int | None


_DRAFT = select(
    Draft.id,
    Draft.account_id,
    Draft.browser_hash,
    Draft.personal_key_id,
    Draft.service_id,
    Draft.starts_at,
    Draft.sealed_details,
    Draft.sealed_traces,
    Draft.made_at,
    Draft.reservation_id,
)
_FOUND = _DRAFT.where(Draft.token_hash == bindparam("hash"))
_READ = Prepared(_FOUND)
_LOCKED = Prepared(_FOUND.with_for_update())
_SLOT_IS_FULL = exists().where(
    Slot.service_id == Draft.service_id, Slot.starts_at == Draft.starts_at, Slot.taken >= Slot.capacity
)
_AND_SLOT = _FOUND.add_columns(case((_SLOT_IS_FULL, 1), else_=0))
# Looks that take no lock: in a rush most attempts end here.
_FULL = Prepared(_DRAFT.add_columns(Draft.token_hash).where(any_of(Draft.token_hash), _SLOT_IS_FULL))
_WITH_SLOT = Prepared(_AND_SLOT)
_WITH_SLOT_LOCKED = Prepared(_AND_SLOT.with_for_update(of=Draft))
_END = Prepared(
    update(Draft)
    .where(Draft.id == bindparam("draft"))
    .values(
        reservation_id=bindparam("reservation"),
        made_at=bindparam("now"),
        sealed_details=None,
        sealed_traces=None,
    )
)
_HOLD_ACCOUNT = Prepared(
    select(Account.id)
    .where(Account.id == bindparam("account"), Account.deleted_at.is_(None))
    .with_for_update()
)
_STANDING = Prepared(
    select(func.count())
    .select_from(Reservation)
    .where(
        Reservation.account_id == bindparam("account"),
        Reservation.service_id == bindparam("service"),
        Reservation.appointment_at > bindparam("now"),
        STANDS,
    )
)

_RESERVATION = Prepared(select(Reservation.__table__).where(Reservation.id == bindparam("reservation")))
_MADE_BY = Prepared(
    select(Draft.id).where(
        Draft.reservation_id == bindparam("reservation"), Draft.browser_hash == bindparam("browser")
    )
)


# --- drafts ---------------------------------------------------------------------------------------------


def add_draft(session: Session, **values: Any) -> None:
    """Write a new draft."""
    session.add(Draft(**values))
    session.flush()


def draft(place: Place, token_hash: bytes, *, locked: bool = False) -> DraftRow | None:
    """Find a draft by the hash of its token, and lock it to the end of the transaction (PostgreSQL)."""
    row = (_LOCKED if locked else _READ).first(place, {"hash": token_hash})
    return None if row is None else DraftRow(*row)


def draft_and_slot(place: Place, token_hash: bytes, *, locked: bool = False) -> tuple[DraftRow, bool] | None:
    """Find a draft by the hash of its token, and say whether its hour is full; one that is not there is not."""
    row = (_WITH_SLOT_LOCKED if locked else _WITH_SLOT).first(place, {"hash": token_hash})
    return None if row is None else (DraftRow(*row[:-1]), bool(row[-1]))


def full_drafts(place: Place, token_hashes: Sequence[bytes]) -> dict[bytes, DraftRow]:
    """Find those of many drafts whose hour is full, by the hashes of their tokens."""
    found = (row for some in each_of(token_hashes) for row in _FULL.all(place, some))
    return {row[-1]: DraftRow(*row[:-1]) for row in found}


def change_draft(session: Session, draft_id: int, **values: Any) -> None:
    """Give a draft other values."""
    session.execute(
        update(Draft)
        .where(Draft.id == draft_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def end_draft(session: Session, draft_id: int, reservation_id: int, now: datetime) -> None:
    """Keep of a draft only the reservation that came of it, and when."""
    _END.run(session, {"draft": draft_id, "reservation": reservation_id, "now": now})


def old_drafts(session: Session, before: datetime, most: int) -> list[int]:
    """List drafts that were begun at an instant or before, oldest first."""
    found = select(Draft.id).where(Draft.made_at <= before).order_by(Draft.made_at).limit(most)
    return list(session.execute(found).scalars())


def drafts_of_account(session: Session, account_id: int, service_id: int) -> list[int]:
    """List the drafts of an account for a service that nothing came of yet."""
    mine = (Draft.account_id == account_id, Draft.service_id == service_id, Draft.reservation_id.is_(None))
    return list(session.execute(select(Draft.id).where(*mine)).scalars())


def forget_drafts(session: Session, draft_ids: Sequence[int]) -> int:
    """Drop drafts, and the keys of those that nothing came of; return how many there were."""
    gone = session.execute(
        delete(Draft)
        .where(Draft.id.in_(draft_ids))
        .returning(Draft.personal_key_id)
        .execution_options(synchronize_session=False)
    )
    key_ids = set(gone.scalars())
    # A reservation has the key of its draft from then on.
    kept = select(Reservation.personal_key_id).where(Reservation.personal_key_id.in_(key_ids))
    personal_keys.shred(session, key_ids - set(session.execute(kept).scalars()))
    return len(key_ids)


def was_made_by(place: Place, reservation_id: int, browser_hash: bytes) -> bool:
    """Say whether a reservation came of a draft of this browser."""
    return _MADE_BY.first(place, {"reservation": reservation_id, "browser": browser_hash}) is not None


# --- what is in the way ---------------------------------------------------------------------------------


def hold_account(session: Session, account_id: int) -> bool:
    """Lock an account to the end of the transaction (PostgreSQL); say whether it is still there."""
    return _HOLD_ACCOUNT.first(session, {"account": account_id}) is not None


def count_standing(session: Session, account_id: int, service_id: int, now: datetime) -> int:
    """Count the reservations of an account for a service that stand and are still to come."""
    values = {"account": account_id, "service": service_id, "now": now}
    return int(_STANDING.value(session, values))


# --- reservations ---------------------------------------------------------------------------------------


def reservation(session: Session, reservation_id: int, *, locked: bool = False) -> Reservation | None:
    """Read a reservation as it is now, and lock it to the end of the transaction (PostgreSQL)."""
    return session.get(Reservation, reservation_id, with_for_update=locked or None, populate_existing=True)


def look_at(place: Place, reservation_id: int) -> Reservation | None:
    """Read a reservation as it is now by a hot statement; what is returned belongs to no session."""
    row = _RESERVATION.first(place, {"reservation": reservation_id})
    names = Reservation.__table__.columns.keys()
    return None if row is None else Reservation(**dict(zip(names, row, strict=True)))


def of_account(session: Session, account_id: int, most: int) -> list[Reservation]:
    """List the reservations of an account, those made last first."""
    found = (
        select(Reservation)
        .where(Reservation.account_id == account_id)
        .order_by(Reservation.id.desc())
        .limit(most)
    )
    return list(session.execute(found).scalars())


def is_over(row: Reservation, now: datetime) -> bool:
    """Say whether a reservation that looks as if it stood has lapsed, though nobody swept yet."""
    stands = (ReservationStatus.HELD, ReservationStatus.PENDING, ReservationStatus.BOOKED)
    return row.status in stands and row.lapses_at < now
