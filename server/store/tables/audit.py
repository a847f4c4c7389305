"""What makes the log provable: the tree of each branch in tiles, its signed checkpoints, the keys that sign."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table
from server.store.types import Key


class AuditTree(Table):
    """How far a branch's tree has grown; `origin` names it for ever, whatever the branch is called later."""

    __tablename__ = "audit_tree"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), unique=True)
    origin: Mapped[str] = mapped_column(String(300))
    size: Mapped[int] = mapped_column(Key)


class AuditTile(Table):
    """Up to 256 hashes of a tree beside each other (server.domain.audit.tiles)."""

    __tablename__ = "audit_tile"
    __table_args__ = (UniqueConstraint("branch_id", "level", "number"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    level: Mapped[int]
    number: Mapped[int] = mapped_column(Key)
    hashes: Mapped[bytes]


class AuditCheckpoint(Table):
    """The signed head of a branch's tree at the end of a business day; `feed_number` is its last fact's."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = (UniqueConstraint("branch_id", "day"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date] = mapped_column(Date)
    size: Mapped[int] = mapped_column(Key)
    feed_number: Mapped[int] = mapped_column(Key)
    root: Mapped[bytes]
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class AuditKey(Table):
    """A key that signs checkpoints (Ed25519): its seed is sealed under the key file; one is not retired."""

    __tablename__ = "audit_key"
    generation: Mapped[int] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sealed_seed: Mapped[bytes]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class AuditCosignature(Table):
    """A witness saw a checkpoint and signed that it did; `witness` is its public key, `line` what it signed."""

    __tablename__ = "audit_cosignature"
    __table_args__ = (UniqueConstraint("branch_id", "day", "witness"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date] = mapped_column(Date)
    witness: Mapped[str] = mapped_column(String(400))
    line: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime]
    kept_at: Mapped[datetime]


class AuditTelling(Table):
    """How far a witness was told: the last day that it took, and when it is told again."""

    __tablename__ = "audit_telling"
    __table_args__ = (UniqueConstraint("branch_id", "witness"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    witness: Mapped[str] = mapped_column(String(400))
    day: Mapped[date | None] = mapped_column(Date)
    tries: Mapped[int]
    due_at: Mapped[datetime]
