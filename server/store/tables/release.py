"""How places are released: the waiting room of a daily release, and draws (rule 10)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table, by_personal_key
from server.store.types import Json


class WaitingRoomEntry(Table):
    """Somebody waits for a daily release; `place` is drawn at the hour, later ones follow behind.

    `line` is the entry number by which those who came before the hour find themselves in the published order.
    """

    __tablename__ = "waiting_room_entry"
    __table_args__ = (
        UniqueConstraint("service_id", "opens_at", "account_id"),
        UniqueConstraint("service_id", "opens_at", "place"),
    )
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    opens_at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    arrived_at: Mapped[datetime]
    place: Mapped[int | None]
    line: Mapped[str | None] = mapped_column(String(32))


class Shuffle(Table):
    """The order of a waiting room: its secret's hash is told before the hour, the list and the order after it.

    `lines` are the entry numbers of those who were in the room at the hour; who each was is forgotten with the
    room. The seed is SHA-256(secret ‖ list_hash), as that of a draw without a public number. Where the line in
    front of the pages is held for the hour, the secret draws its order too: of the numbers after `line_first` up
    to `line_last`, which is bound at the hour.
    """

    __tablename__ = "shuffle"
    __table_args__ = (UniqueConstraint("service_id", "opens_at"),)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    opens_at: Mapped[datetime]
    public_id: Mapped[str] = mapped_column(String(60), unique=True)
    sealed_secret: Mapped[bytes]
    secret_hash: Mapped[bytes]
    committed_at: Mapped[datetime]
    lines: Mapped[list[Any] | None] = mapped_column(Json)
    list_hash: Mapped[bytes | None]
    seed: Mapped[bytes | None]
    shuffled_at: Mapped[datetime | None]
    line_first: Mapped[int | None] = mapped_column(BigInteger)
    line_last: Mapped[int | None] = mapped_column(BigInteger)


class ArrivalCount(Table):
    """A count of the line in front of the pages: how many numbers were given, how many people were let in.

    `first HOUR` and `last HOUR` bound the numbers whose order is drawn at an hour of release; they are set once.
    """

    __tablename__ = "arrival_count"
    __table_args__ = (UniqueConstraint("name"),)
    name: Mapped[str] = mapped_column(String(60))
    count: Mapped[int] = mapped_column(BigInteger)


class Draw(Table):
    """A draw of the places of some days: who applied within the window, and by what numbers it was decided.

    `secret_hash` is told when the window opens, `list_hash` when it closes; then comes `public_number`, and the
    seed is SHA-256(secret ‖ list_hash ‖ public_number). `terms` are what else the list's hash binds: the places
    that are drawn, and in words which number decides.
    """

    __tablename__ = "draw"
    __table_args__ = (
        UniqueConstraint("service_id", "opens_at"),
        CheckConstraint("opens_at < closes_at", name="window"),
    )
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    sealed_secret: Mapped[bytes]
    secret_hash: Mapped[bytes]
    list_hash: Mapped[bytes | None]
    list_closed_at: Mapped[datetime | None]
    terms: Mapped[dict[str, Any] | None] = mapped_column(Json)
    public_number: Mapped[str | None] = mapped_column(String(100))
    seed: Mapped[bytes | None]
    drawn_at: Mapped[datetime | None]


def _once(name: str, column: str) -> Index:
    """Forbid a second application of the same person to a draw, in the schema itself."""
    only = text(f"withdrawn_at IS NULL AND {column} IS NOT NULL")
    return Index(name, "draw_id", column, unique=True, sqlite_where=only, postgresql_where=only)


class Application(Table):
    """Somebody takes part in a draw; `public_id` is the line by which they find themselves in its list.

    `preferences` lists the days and hours that suit, as codes in the order of liking.
    """

    __tablename__ = "application"
    __table_args__ = (
        _once("ix_application_account", "account_id"),
        _once("ix_application_person", "person_hash"),
        _once("ix_application_document", "document_hash"),
        Index("ix_application_order", "draw_id", "place"),
        by_personal_key("application"),
    )
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"))
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    personal_key_id: Mapped[int | None] = mapped_column(ForeignKey("personal_key.id"))
    person_hash: Mapped[bytes | None]
    document_hash: Mapped[bytes | None]
    sealed_details: Mapped[bytes | None]
    preferences: Mapped[list[Any]] = mapped_column(Json)
    language: Mapped[str] = mapped_column(String(3))
    applied_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    place: Mapped[int | None]
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), index=True)
