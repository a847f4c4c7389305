"""People who book: their accounts and sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table, by_personal_key


class Account(Table):
    """Who may book; the e-mail is found by its keyed hash and read from its seal.

    `version` grows with the password and the e-mail: links that were made for an earlier one are spent.
    """

    __tablename__ = "account"
    __table_args__ = (by_personal_key("account"),)
    personal_key_id: Mapped[int | None] = mapped_column(ForeignKey("personal_key.id"))
    email_hash: Mapped[bytes | None] = mapped_column(unique=True)
    sealed_email: Mapped[bytes | None]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(3))
    terms_version: Mapped[str] = mapped_column(String(20))
    terms_accepted_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class AccountSession(Table):
    """A log-in of an account in one browser: ends at log-out, when idle, and in any case some time."""

    __tablename__ = "account_session"
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    sealed_agent: Mapped[bytes | None]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
