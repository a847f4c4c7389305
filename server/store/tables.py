"""The rows of the office as SQLAlchemy typed classes, with the rules that the schema itself can hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from server.store.types import Instant, Json, Key
from wire.vocabulary import CounterState, DeviceRole, ReservationStatus, TicketStatus


def fixed(word: str) -> ColumnElement[str]:
    """Return a word of the vocabulary as part of the statement itself.

    A partial index serves only statements whose text says the same as the index; a bound value does not.
    """
    return literal_column(f"'{word}'", String())


def _one_of(column: str, words: type[TicketStatus | ReservationStatus | CounterState | DeviceRole]) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


class Table(DeclarativeBase):
    """The declarative root; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, dict[str, Any]: Json, list[str]: Json, bytes: LargeBinary}

    id: Mapped[int] = mapped_column(Key, primary_key=True)


class Setting(Table):
    """A value of the whole installation: the office's version, the key check."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(40), unique=True)
    value: Mapped[str] = mapped_column(String(400))


class Branch(Table):
    __tablename__ = "branch"
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Hall(Table):
    __tablename__ = "hall"
    __table_args__ = (UniqueConstraint("branch_id", "code"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    code: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(100))
    calls_since_priority: Mapped[int | None]


class Service(Table):
    __tablename__ = "service"
    __table_args__ = (
        UniqueConstraint("branch_id", "letter"),
        CheckConstraint("length(letter) = 1", name="letter"),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    letter: Mapped[str] = mapped_column(String(1))
    position: Mapped[int] = mapped_column(default=0)
    names: Mapped[dict[str, Any]]
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Clerk(Table):
    __tablename__ = "clerk"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    disabled_at: Mapped[datetime | None]


class Counter(Table):
    __tablename__ = "counter"
    __table_args__ = (
        UniqueConstraint("branch_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 999", name="number"),
        CheckConstraint(_one_of("state", CounterState), name="state"),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=CounterState.CLOSED)
    clerk_id: Mapped[int | None] = mapped_column(ForeignKey("clerk.id"))


class CounterService(Table):
    """A counter serves a service."""

    __tablename__ = "counter_service"
    __table_args__ = (UniqueConstraint("counter_id", "service_id"),)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))


class Device(Table):
    __tablename__ = "device"
    __table_args__ = (CheckConstraint(_one_of("role", DeviceRole), name="role"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    role: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    enrolled_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None]
    status: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status_since: Mapped[datetime | None]


class Enrolment(Table):
    """A one-time code that turns a program into a device."""

    __tablename__ = "enrolment"
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ClerkSession(Table):
    __tablename__ = "clerk_session"
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    clerk_id: Mapped[int] = mapped_column(ForeignKey("clerk.id"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Integrator(Table):
    __tablename__ = "integrator"
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    revoked_at: Mapped[datetime | None]


class Slot(Table):
    """An hour with a capacity; the constraint, not the code, forbids the sale of one place too many."""

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


class Reservation(Table):
    """A booked visit; what is personal lies sealed in two columns that can be erased without a trace."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint(_one_of("status", ReservationStatus), name="status"),
        Index(
            "ix_reservation_active_person",
            "service_id",
            "person_hash",
            unique=True,
            sqlite_where=text("status IN ('held','pending','booked') AND person_hash IS NOT NULL"),
            postgresql_where=text("status IN ('held','pending','booked') AND person_hash IS NOT NULL"),
        ),
        Index(
            "ix_reservation_lapsing",
            "lapses_at",
            sqlite_where=text("status IN ('held','pending','booked')"),
            postgresql_where=text("status IN ('held','pending','booked')"),
        ),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    integrator_id: Mapped[int | None] = mapped_column(ForeignKey("integrator.id"))
    status: Mapped[str] = mapped_column(String(10))
    appointment_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    reinstated_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(3))
    code_hash: Mapped[bytes | None] = mapped_column(unique=True)
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    sealed_codes: Mapped[bytes | None]
    person_hash: Mapped[bytes | None]
    sealed_person: Mapped[bytes | None]
    booked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))


_WAITING = text("status = 'waiting' AND for_counter_id IS NULL")
_IN_HAND = text("status IN ('called', 'serving')")
_ASIDE = text("status IN ('parked', 'no_show')")


class Ticket(Table):
    """A place in line. `lane` and `lane_at` mirror the calling order, so that its heads are index look-ups."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("branch_id", "day", "series", "ordinal"),
        CheckConstraint(_one_of("status", TicketStatus), name="status"),
        CheckConstraint("ordinal >= 1", name="ordinal"),
        Index(
            "ix_ticket_waiting",
            "service_id",
            "lane",
            "lane_at",
            "id",
            # The last two only make it cover the counting of who is ahead.
            "for_counter_id",
            "status",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "ix_ticket_in_hand",
            "counter_id",
            unique=True,
            sqlite_where=_IN_HAND,
            postgresql_where=_IN_HAND,
        ),
        Index("ix_ticket_aside", "branch_id", "status", sqlite_where=_ASIDE, postgresql_where=_ASIDE),
        Index("ix_ticket_finished", "service_id", "finished_at"),
        Index("ix_ticket_counter_day", "counter_id", "day"),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), unique=True)
    day: Mapped[date] = mapped_column(Date)
    series: Mapped[str] = mapped_column(String(4))
    ordinal: Mapped[int]
    number: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(10))
    lane: Mapped[str] = mapped_column(String(8))
    lane_at: Mapped[datetime]
    priority: Mapped[str | None] = mapped_column(String(20))
    urgent_since: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(3))
    appointment_at: Mapped[datetime | None]
    issued_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(40))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    for_counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"), index=True)
    call_count: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None] = mapped_column(String(200))
    verified_at: Mapped[datetime | None]


class Series(Table):
    """The last ordinal given out in a branch, day and series: numbers without gaps."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("branch_id", "day", "series"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date] = mapped_column(Date)
    series: Mapped[str] = mapped_column(String(4))
    last_ordinal: Mapped[int]


class Call(Table):
    """One calling of a number to a counter; a recall is a call of its own."""

    __tablename__ = "call"
    __table_args__ = (Index("ix_call_hall", "hall_id", "id"),)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    clerk_id: Mapped[int | None] = mapped_column(ForeignKey("clerk.id"))
    called_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(200))


class Fact(Table):
    """A row of the append-only log; `feed_number` and `chain_hash` are the sealer's (architecture.md 5)."""

    __tablename__ = "fact"
    __table_args__ = (
        Index(
            "ix_fact_unsealed",
            "id",
            sqlite_where=text("feed_number IS NULL"),
            postgresql_where=text("feed_number IS NULL"),
        ),
    )
    feed_number: Mapped[int | None] = mapped_column(Key, unique=True)
    chain_hash: Mapped[bytes | None]
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(40))
    branch_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]


class Answer(Table):
    """The answer that a command got, sealed, under its idempotency key (architecture.md 4)."""

    __tablename__ = "answer"
    scope_hash: Mapped[bytes] = mapped_column(unique=True)
    fingerprint: Mapped[bytes]
    sealed_answer: Mapped[bytes]
    answered_at: Mapped[datetime] = mapped_column(index=True)
