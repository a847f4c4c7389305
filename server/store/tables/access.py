"""Staff, their devices and sessions, and other programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table, one_of
from server.store.types import Json
from wire.vocabulary import DeviceRole


class Clerk(Table):
    __tablename__ = "clerk"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_supervisor: Mapped[bool] = mapped_column(default=False, server_default=false())
    disabled_at: Mapped[datetime | None]


class Device(Table):
    __tablename__ = "device"
    __table_args__ = (CheckConstraint(one_of("role", DeviceRole), name="role"),)
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
