"""The queue: tickets, their numbers and calls."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table, by_personal_key, one_of
from server.store.types import Json
from wire.vocabulary import Conflict, SteeringKind, TicketStatus

_WAITING = text("status = 'waiting' AND for_counter_id IS NULL")
_SENT = text("status = 'waiting' AND for_counter_id IS NOT NULL")


_IN_HAND = text("status IN ('called', 'serving')")


_OPEN_CONFLICT = text("conflict IS NOT NULL AND resolved_at IS NULL")


_GOES_ON = text("ended_at IS NULL")


_ASIDE = text("status IN ('parked', 'no_show')")


class Ticket(Table):
    """A place in line. `lane` and `lane_at` mirror the calling order, so that its heads are index look-ups.

    `undo` is what the row was before the last step that can be taken back (services.queue.undoing). `checked` are
    the words of the service's checklist that clerks have ticked, `missing` those that a visitor came without.
    `promised_from` and `promised_until` are when its slip said that it would be called. `paused_at` and
    `paused_until` are the one pause that its visitor took, `announced_at` when they said that they are here.
    `paperless_by` is the keyed hash of the phone that has it instead of a slip.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("branch_id", "day", "series", "ordinal"),
        CheckConstraint(one_of("status", TicketStatus), name="status"),
        CheckConstraint("ordinal >= 1", name="ordinal"),
        Index(
            "ix_ticket_waiting",
            "service_id",
            "lane",
            "lane_at",
            "id",
            # The last two only make it cover the counting of tickets ahead.
            "for_counter_id",
            "status",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_ticket_sent", "for_counter_id", sqlite_where=_SENT, postgresql_where=_SENT),
        Index(
            "ix_ticket_in_hand",
            "counter_id",
            unique=True,
            sqlite_where=_IN_HAND,
            postgresql_where=_IN_HAND,
        ),
        Index("ix_ticket_aside", "branch_id", "status", sqlite_where=_ASIDE, postgresql_where=_ASIDE),
        # Of those that are over alone: SQLite would look for who waits in it too, and walk through the past.
        Index(
            "ix_ticket_finished",
            "service_id",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
        Index("ix_ticket_counter_day", "counter_id", "day"),
        Index(
            "ix_ticket_not_closed",
            "counter_id",
            "finished_at",
            sqlite_where=text("outcome = 'not_closed'"),
            postgresql_where=text("outcome = 'not_closed'"),
        ),
        Index(
            "ix_ticket_noted",
            "branch_id",
            "day",
            sqlite_where=text("note IS NOT NULL"),
            postgresql_where=text("note IS NOT NULL"),
        ),
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
    promised_from: Mapped[datetime | None]
    promised_until: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    came_back_at: Mapped[datetime | None]
    not_handed_over_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]
    paperless_by: Mapped[bytes | None]
    outcome: Mapped[str | None] = mapped_column(String(40))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    for_counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    call_count: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None] = mapped_column(String(200))
    verified_at: Mapped[datetime | None]
    checked: Mapped[list[str] | None] = mapped_column(Json)
    missing: Mapped[list[str] | None] = mapped_column(Json)
    undo: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Feedback(Table):
    """What a visitor thinks of the visit, once a ticket; `sealed_words` open with the personal key."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("mark BETWEEN 1 AND 5", name="mark"),
        Index("ix_feedback_day", "branch_id", "day"),
        by_personal_key("feedback"),
    )
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    day: Mapped[date] = mapped_column(Date)
    given_at: Mapped[datetime]
    mark: Mapped[int]
    personal_key_id: Mapped[int | None] = mapped_column(ForeignKey("personal_key.id"))
    sealed_words: Mapped[bytes | None]


class Series(Table):
    """The last ordinal given out in a branch, day and series: numbers without gaps."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("branch_id", "day", "series"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date] = mapped_column(Date)
    series: Mapped[str] = mapped_column(String(4))
    last_ordinal: Mapped[int]


class OfflineEntry(Table):
    """A ticket that a kiosk gave while it was alone, as it said; rows stay (ADR 0026).

    `said_at` is the kiosk's time of it, `at` the one that counts, `called_at` when it was called at the kiosk's
    own line. `ticket_id` is what it became,
    `other_ticket_id` what its visitor has instead, or had before. `resolution` is how a supervisor ended a
    conflict.
    """

    __tablename__ = "offline_entry"
    __table_args__ = (
        CheckConstraint(one_of("conflict", Conflict), name="conflict"),
        CheckConstraint("ordinal >= 1", name="ordinal"),
        Index("ix_offline_entry_number", "branch_id", "day", "series", "ordinal"),
        Index(
            "ix_offline_entry_open",
            "branch_id",
            sqlite_where=_OPEN_CONFLICT,
            postgresql_where=_OPEN_CONFLICT,
        ),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), index=True)
    letter: Mapped[str] = mapped_column(String(1))
    day: Mapped[date] = mapped_column(Date)
    series: Mapped[str] = mapped_column(String(4))
    ordinal: Mapped[int]
    number: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(3))
    priority: Mapped[str | None] = mapped_column(String(20))
    said_at: Mapped[datetime]
    at: Mapped[datetime]
    taken_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    other_ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    conflict: Mapped[str | None] = mapped_column(String(24))
    resolution: Mapped[str | None] = mapped_column(String(20))
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))


class Call(Table):
    """One calling of a number to a counter; a recall is a call of its own."""

    __tablename__ = "call"
    __table_args__ = (Index("ix_call_hall", "hall_id", "called_at", "id"),)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    clerk_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    called_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(200))


class Steering(Table):
    """What a supervisor rules for a while, or a counter's call for help; it goes on until `ended_at`.

    `value` holds a counter's services, a notice by language, or a message. `answered_at`: a notice is on the
    boards, a message was read, somebody comes to help.
    """

    __tablename__ = "steering"
    __table_args__ = (
        CheckConstraint(one_of("kind", SteeringKind), name="kind"),
        Index("ix_steering_going_on", "branch_id", sqlite_where=_GOES_ON, postgresql_where=_GOES_ON),
    )
    kind: Mapped[str] = mapped_column(String(20))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    value: Mapped[dict[str, Any] | None] = mapped_column(Json)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    ended_at: Mapped[datetime | None]


class WhatIfTrial(Table):
    """A day played again with changes, kept under a name: what was asked, and the figures that came of it."""

    __tablename__ = "what_if_trial"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    made_at: Mapped[datetime]
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    found: Mapped[dict[str, Any]] = mapped_column(Json)
