"""What the server keeps for itself: settings, the fact log, and the answers to commands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table
from server.store.types import Key

_OF_PEOPLE = text("type IN ('user.changed', 'staff.signed_in', 'sign_in.refused')")
_OF_COUNTERS = text("type IN ('counter.opened', 'counter.paused', 'counter.closed')")
_DECIDED = (
    "(type IN ('ticket.made_urgent', 'ticket.made_ordinary', 'ticket.reopened', 'ticket.reinstated', "
    "'ticket.put_back', 'ticket.transferred', 'ticket.recalled', 'ticket.undone', 'ticket.came_back', "
    "'reservation.reinstated')"
)
SPECIAL = {
    "sqlite": text(
        f"{_DECIDED} OR instr(data, '\"out_of_order\"') > 0 "
        "OR type = 'ticket.withdrawn' AND instr(data, '\"clerk\":') > 0 "
        "OR type = 'ticket.issued' AND instr(data, '\"lane\": \"priority\"') > 0)"
    ),
    "postgresql": text(
        f"{_DECIDED} OR (data ->> 'out_of_order') IS NOT NULL "
        "OR type = 'ticket.withdrawn' AND (data ->> 'clerk') IS NOT NULL "
        "OR type = 'ticket.issued' AND (data ->> 'lane') = 'priority')"
    ),
}
"""Which facts are special treatment (server.domain.audit.treatment), as each database writes it in its index."""


class Setting(Table):
    """A value of the whole installation: the office's version, the key check."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(40), unique=True)
    value: Mapped[str] = mapped_column(String(400))


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
        # What became of people is a few rows among all that happened at kiosks and counters.
        Index("ix_fact_people", "id", sqlite_where=_OF_PEOPLE, postgresql_where=_OF_PEOPLE),
        Index(
            "ix_fact_counters",
            "branch_id",
            "at",
            sqlite_where=_OF_COUNTERS,
            postgresql_where=_OF_COUNTERS,
        ),
        Index(
            "ix_fact_special",
            *("branch_id", "at"),
            sqlite_where=SPECIAL["sqlite"],
            postgresql_where=SPECIAL["postgresql"],
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
