"""Staff, their devices and sessions, and other programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.domain.access.links import StaffLinkKind
from server.store.tables.root import Table, one_of
from server.store.types import Json, Key
from wire.vocabulary import CounterProgram, DeviceRole, Role


class User(Table):
    """A person of the staff; who was invited has no password yet. `speaks` are the codes of languages."""

    __tablename__ = "staff_user"
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="pl")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    sealed_totp: Mapped[bytes | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    disabled_at: Mapped[datetime | None]
    speaks: Mapped[list[str] | None] = mapped_column(Json)


class UserService(Table):
    """A service that a person may serve; who is named with none of a branch may serve all of it."""

    __tablename__ = "user_service"
    __table_args__ = (UniqueConstraint("user_id", "service_id"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)


class UserRole(Table):
    """What a person of the staff is at a branch; without a branch, at all of them."""

    __tablename__ = "user_role"
    __table_args__ = (
        UniqueConstraint("user_id", "branch_id", "role"),
        CheckConstraint(one_of("role", Role), name="role"),
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    role: Mapped[str] = mapped_column(String(20))


class StaffSession(Table):
    """A person of the staff in a browser; `proof` is the second factor by which they came in."""

    __tablename__ = "staff_session"
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    proof: Mapped[str | None] = mapped_column(String(10))
    agent: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StaffLink(Table):
    """A one-time address: for the first administrator, for a new colleague, for a lost password."""

    __tablename__ = "staff_link"
    __table_args__ = (CheckConstraint(one_of("kind", StaffLinkKind), name="kind"),)
    kind: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Table):
    """A key in a device of a person of the staff (WebAuthn)."""

    __tablename__ = "passkey"
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    credential: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Table):
    """A code on paper that stands for a lost second factor, once."""

    __tablename__ = "recovery_code"
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    used_at: Mapped[datetime | None]


class Device(Table):
    """A place for a program; `offline_letter` is a kiosk's own in the numbers that it gives alone (`PX01`)."""

    __tablename__ = "device"
    __table_args__ = (
        UniqueConstraint("branch_id", "offline_letter"),
        CheckConstraint(one_of("role", DeviceRole), name="role"),
    )
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
    seen_at: Mapped[datetime | None]
    restarts_asked: Mapped[int] = mapped_column(default=0)
    # {"printers": what each has left, "new_rolls": how many rolls staff told of, for each}
    supplies: Mapped[dict[str, Any]] = mapped_column(default=dict)
    offline_letter: Mapped[str | None] = mapped_column(String(1))


class Enrolment(Table):
    """A one-time code that turns a program into a device."""

    __tablename__ = "enrolment"
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def _open(column: str) -> Index:
    """Make the index of the sessions that have not ended by a column: all before them are the past."""
    only = text("ended_at IS NULL")
    return Index(f"ix_clerk_session_open_{column}", column, sqlite_where=only, postgresql_where=only)


class ClerkSession(Table):
    __tablename__ = "clerk_session"
    __table_args__ = (
        _open("clerk_id"),
        _open("counter_id"),
        Index("ix_clerk_session_counter", "counter_id", "started_at"),
    )
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    clerk_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    program: Mapped[str] = mapped_column(
        String(10), default=CounterProgram.WINDOW, server_default=CounterProgram.WINDOW.value
    )
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Integrator(Table):
    """A program of others; without a branch it comes in everywhere. `scopes` are words of IntegratorScope."""

    __tablename__ = "integrator"
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Webhook(Table):
    """Where a program of others hears of facts of a branch.

    `after` is the feed number up to which it was told all; `taken_until` is there while a worker has a message in
    hand; `gave_up` says that it was switched off since it failed for long.
    """

    __tablename__ = "webhook"
    integrator_id: Mapped[int] = mapped_column(ForeignKey("integrator.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    url: Mapped[str] = mapped_column(String(500))
    types: Mapped[list[str]] = mapped_column(Json)
    sealed_secret: Mapped[bytes]
    made_at: Mapped[datetime]
    after: Mapped[int] = mapped_column(Key)
    due_at: Mapped[datetime]
    taken_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(60))
    failing_since: Mapped[datetime | None]
    off_at: Mapped[datetime | None]
    gave_up: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[datetime | None]


class WebhookDelivery(Table):
    """A line of a webhook's log: a try to tell a fact. `again_at`: it was asked to be sent once more."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("ix_webhook_delivery_webhook", "webhook_id", "id"),)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    feed_number: Mapped[int] = mapped_column(Key)
    type: Mapped[str] = mapped_column(String(40))
    attempt: Mapped[int]
    at: Mapped[datetime]
    took_ms: Mapped[int]
    status: Mapped[int | None]
    problem: Mapped[str | None] = mapped_column(String(60))
    again_at: Mapped[datetime | None]
