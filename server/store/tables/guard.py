"""What guards against guessing and automation: counted attempts, and evidence of how reservations were made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table, by_personal_key


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


class Evidence(Table):
    """How a reservation was made, sealed: to find automation (rule 9). `block_hash` groups an address block.

    Its key is its own, so that it can outlive the rest of a removed reservation, and be erased from backups too.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_block", "block_hash", "made_at"), by_personal_key("evidence"))
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    personal_key_id: Mapped[int | None] = mapped_column(ForeignKey("personal_key.id"))
    block_hash: Mapped[bytes]
    agent_hash: Mapped[bytes]
    fill_ms: Mapped[int]
    challenge_ms: Mapped[int | None]
    sealed_details: Mapped[bytes | None]
    made_at: Mapped[datetime] = mapped_column(index=True)
    held_until: Mapped[datetime | None]
