"""People who book: their accounts and sessions, what they typed so far, and how often somebody tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table, by_personal_key


class PersonalKey(Table):
    """The key under which one person's values are sealed; without its row they are noise, in backups too."""

    __tablename__ = "personal_key"
    sealed_key: Mapped[bytes]
    made_at: Mapped[datetime]


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


class Attempt(Table):
    """Somebody tried something that is limited: `key_hash` is a keyed hash of who (person, account, address).

    What may be used once (kind `spent`: a puzzle's solution) is kept here too, and the index forbids the second.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_key", "kind", "key_hash", "at"),
        Index(
            "ix_attempt_spent",
            "key_hash",
            unique=True,
            sqlite_where=text("kind = 'spent'"),
            postgresql_where=text("kind = 'spent'"),
        ),
    )
    kind: Mapped[str] = mapped_column(String(30))
    key_hash: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(index=True)


class PlaceWish(Table):
    """Somebody wants to hear when a service has places again; one a person."""

    __tablename__ = "place_wish"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    language: Mapped[str] = mapped_column(String(3))
    wished_at: Mapped[datetime]


class PageVisits(Table):
    """How often an information page was opened, as its foot says."""

    __tablename__ = "page_visits"
    __table_args__ = (UniqueConstraint("page"),)
    page: Mapped[str] = mapped_column(String(200))
    visits: Mapped[int] = mapped_column(default=0)
