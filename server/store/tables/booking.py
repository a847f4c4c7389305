"""Slots, drafts, reservations and their verification, wishes, and places on their way back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.domain.booking.phone_calls import CallResult
from server.store.tables.root import Table, by_personal_key, one_of
from wire.vocabulary import ReservationStatus


class Slot(Table):
    """An hour with a capacity; the constraint, not the code, forbids the sale of one place too many.

    `planned` is the capacity that the service's templates want, None for a slot opened by hand. Where it is less
    than `taken`, visits stand that the templates no longer have room for: a conflict for staff.
    `bookable_from` is when it is released (None: at once); a slot with a `draw_id` is given by that draw alone.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("service_id", "starts_at"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),
    )
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    starts_at: Mapped[datetime]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    planned: Mapped[int | None]
    bookable_from: Mapped[datetime | None]
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draw.id"))


class DayLimit(Table):
    """How many visits of a service a day may have, whatever its slots hold; the constraint forbids one more."""

    __tablename__ = "day_limit"
    __table_args__ = (
        UniqueConstraint("service_id", "day"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),
    )
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    day: Mapped[date] = mapped_column(Date)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


_STANDS = "status IN ('held','pending','booked')"


def _one_active(name: str, column: str) -> Index:
    """Forbid a second standing reservation of a service with the same hash, in the schema itself."""
    only = text(f"{_STANDS} AND {column} IS NOT NULL")
    return Index(name, "service_id", column, unique=True, sqlite_where=only, postgresql_where=only)


class Reservation(Table):
    """A booked visit; what is personal lies sealed in two columns that can be erased without a trace.

    `person_hash` is of the normalised name and date of birth, `document_hash` of the document's number, the
    others of the address and the phone where the service allows one visit each (rule 5). A held reservation has
    the hash of its activation code, and lapses when the time to type it is over (rule 6).
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint(one_of("status", ReservationStatus), name="status"),
        _one_active("ix_reservation_active_person", "person_hash"),
        _one_active("ix_reservation_active_document", "document_hash"),
        _one_active("ix_reservation_active_email", "email_hash"),
        _one_active("ix_reservation_active_phone", "phone_hash"),
        Index(
            "ix_reservation_lapsing",
            "lapses_at",
            sqlite_where=text(_STANDS),
            postgresql_where=text(_STANDS),
        ),
        Index("ix_reservation_branch_day", "branch_id", "appointment_at"),
        Index("ix_reservation_account", "account_id", "appointment_at"),
        Index("ix_reservation_slot", "slot_id"),
        by_personal_key("reservation"),
        Index(
            "ix_reservation_not_erased",
            "branch_id",
            "ended_at",
            sqlite_where=text("erased_at IS NULL"),
            postgresql_where=text("erased_at IS NULL"),
        ),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    integrator_id: Mapped[int | None] = mapped_column(ForeignKey("integrator.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    personal_key_id: Mapped[int | None] = mapped_column(ForeignKey("personal_key.id"))
    status: Mapped[str] = mapped_column(String(10))
    appointment_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    reinstated_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(3))
    code_hash: Mapped[bytes | None] = mapped_column(unique=True)
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    sealed_codes: Mapped[bytes | None]
    person_hash: Mapped[bytes | None]
    document_hash: Mapped[bytes | None]
    email_hash: Mapped[bytes | None]
    phone_hash: Mapped[bytes | None]
    sealed_person: Mapped[bytes | None]
    activation_hash: Mapped[bytes | None]
    activation_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    activation_sends: Mapped[int] = mapped_column(default=0, server_default="0")
    contact_corrections: Mapped[int] = mapped_column(default=0, server_default="0")
    moves: Mapped[int] = mapped_column(default=0, server_default="0")
    moves_by_staff: Mapped[int] = mapped_column(default=0, server_default="0")
    booked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))


class PlaceReturn(Table):
    """A place that comes back to its slot after a random while, so that nobody can hand it over (rule 11)."""

    __tablename__ = "place_return"
    __table_args__ = (UniqueConstraint("reservation_id", "slot_id"),)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    due_at: Mapped[datetime] = mapped_column(index=True)


class Verification(Table):
    """The questions of a visit that is verified before it stands (rule 12), and the answers, sealed."""

    __tablename__ = "verification"
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), unique=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    sealed_answers: Mapped[bytes | None]
    asked_at: Mapped[datetime]
    answer_until: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]


class PhoneCall(Table):
    """A colleague phoned about a reservation: who, when, with what result; never what was said."""

    __tablename__ = "phone_call"
    __table_args__ = (CheckConstraint(one_of("result", CallResult), name="result"),)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    called_at: Mapped[datetime]
    result: Mapped[str] = mapped_column(String(10))
    call_back_at: Mapped[datetime | None]


class Draft(Table):
    """A booking on its way through the pages, sealed: found by a secret in its address, one a tab.

    It belongs to an account, or (⚙ booking without one) to the browser whose session holds `browser_hash`.
    """

    __tablename__ = "draft"
    __table_args__ = (by_personal_key("draft"),)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    browser_hash: Mapped[bytes | None]
    personal_key_id: Mapped[int] = mapped_column(ForeignKey("personal_key.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    starts_at: Mapped[datetime | None]
    sealed_details: Mapped[bytes | None]
    sealed_traces: Mapped[bytes | None]
    made_at: Mapped[datetime] = mapped_column(index=True)
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))


class PlaceWish(Table):
    """Somebody wants to hear when a service has places again; one a person."""

    __tablename__ = "place_wish"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    language: Mapped[str] = mapped_column(String(3))
    wished_at: Mapped[datetime]
