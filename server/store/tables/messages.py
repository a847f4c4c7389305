"""The outbox: messages written in the transaction that they report, sent afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table, by_personal_key, one_of
from wire.vocabulary import Channel, MessageKind, MessageStatus

_IS_REPORT = text("kind = 'monthly_report'")


class Message(Table):
    """A message on its way; `key` makes the same message twice impossible.

    It points at what it tells of, and is written out when it is sent. `sealed_to` and `sealed_values` open with
    the personal key; `facts` hold ids and codes only.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(one_of("status", MessageStatus), name="status"),
        CheckConstraint(one_of("kind", MessageKind), name="kind"),
        CheckConstraint(one_of("channel", Channel), name="channel"),
        Index(
            "ix_message_due",
            "due_at",
            "id",
            sqlite_where=text("status = 'queued'"),
            postgresql_where=text("status = 'queued'"),
        ),
        by_personal_key("message"),
        Index("ix_message_report", "id", sqlite_where=_IS_REPORT, postgresql_where=_IS_REPORT),
        Index("ix_message_reservation", "reservation_id"),
        Index("ix_message_account", "account_id"),
    )
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    channel: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(3))
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    personal_key_id: Mapped[int | None] = mapped_column(ForeignKey("personal_key.id"))
    sealed_to: Mapped[bytes | None]
    sealed_values: Mapped[bytes | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(200))
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
